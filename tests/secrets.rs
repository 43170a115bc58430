//! A secret never comes out: not in a result, not in an error, not in a note.
//!
//! Plants a marked secret wherever an input can hold one: in every element that an object declares
//! as never read (a new declaration is tested by itself), in the handbook's list (H4.2, 4.6, 4.8),
//! in elements and properties nobody knows yet, in task settings, in the CPF, and where a file is
//! malformed right beside it. Then runs the binary in every format and searches standard output and
//! standard error for the mark as it is, in base64, in hex and in UTF-16. Personal data and task
//! settings are marked too: they may come out only when asked for, and then have to, which shows
//! that the search finds what is there.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hsmirror::model::{
    Application, Declared, Never, Resource, Role, Rule, Service, Task, TlsConfiguration, User,
};
use hsmirror::source::{Options, gather};
use serde_json::{Value, json};
use tempfile::TempDir;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// Each mark is its word over and over, so that a piece of it shows too.
const SECRET: &str = "zQx7";
const PERSONAL: &str = "yWv3";
const SETTING: &str = "kJf9";
/// Said here once more, so that a declaration that forgets it is found out (H4.2, H5.2).
const OF_USERS: [&str; 3] = ["EmailAddress", "PhoneNumber", "PhoneProvider"];
const OF_TASKS: [&str; 3] = ["EmailOnCompletion", "EmailOnError", "EmailOnExpiration"];

fn mark(word: &str) -> String {
    word.repeat(9)
}

/// In which form an output holds a word.
fn found(output: &[u8], word: &str) -> Option<&'static str> {
    let text = String::from_utf8_lossy(output).into_owned();
    // UTF-16 is the word with a NUL beside each letter, however the NUL is shown.
    let nuls = ["\0", "\\u0000", "\\u{0}", "\\0"];
    let text = nuls.iter().fold(text, |text, nul| text.replace(nul, ""));
    let lower = text.to_lowercase();
    let plain = mark(word).into_bytes();
    let wide: Vec<u8> = mark(word).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // Base64 depends on where in the mark three bytes begin.
    let base64 =
        |bytes: &[u8]| (0..8).any(|at| text.contains(&STANDARD.encode(&bytes[at..at + 6])));
    if lower.contains(&word.to_lowercase()) {
        Some("as it is")
    } else if base64(&plain) || base64(&wide) {
        Some("in base64")
    } else if lower.contains(&hex(&plain[..4])) || lower.contains(&hex(&wide[..8])) {
        Some("in hex")
    } else {
        // As a list of bytes, the way a debugger prints it.
        text.contains(format!("{:?}", &plain[..4]).trim_matches(['[', ']'])).then_some("in bytes")
    }
}

fn compare(primary: &Path, member: &Path, flags: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
    program.arg("compare").args([primary, member]).args(flags).output().unwrap()
}

/// Names of the elements that an object declares as never read.
fn never<T: Declared>() -> Vec<&'static str> {
    T::NEVER.iter().flat_map(|(_, names)| names.iter().copied()).collect()
}

/// One record with a secret in each of these elements, in unknown ones and beside them.
fn record(kind: &str, name: &str, secrets: &[&str], more: &str, secret: &str) -> String {
    let elements: String =
        secrets.iter().map(|name| format!("<{name}>{secret}</{name}>\n")).collect();
    format!(
        "<{kind} hint='{secret}'><!-- {secret} --><?hint {secret}?>{elements}\
         <Tomorrow of='{secret}'>{secret}<Key>{secret}</Key><![CDATA[{secret}]]></Tomorrow>\
         <Today of='{secret}'/><Name of='{secret}'>{name}</Name>{more}</{kind}>\n"
    )
}

/// The handbook's secrets of records that are not compared, and of some that newer versions have.
const FOREIGN: [(&str, &[&str]); 6] = [
    ("LDAPConfigs", &["LDAPSearchPassword"]),
    ("System", &["SMTPPassword", "PrivateJWKS", "DBEncStartPassphrase", "TwoFactorPWIssuer"]),
    ("PhoneProviders", &["SMSGateway"]),
    ("X509Credentials", &["PrivateKey", "PrivateKeyPassword"]),
    ("KMIPServer", &["Password"]),
    ("SQLPrivileges", &["Grantor"]),
];

fn security(who: &str) -> String {
    let secret = mark(SECRET) + who;
    let personal: String =
        OF_USERS.iter().map(|name| format!("<{name}>{}{who}</{name}>", mark(PERSONAL))).collect();
    let bytes = STANDARD.encode(&mark(SECRET).repeat(2).as_bytes()[..64]);
    // A predefined account with a hash that can be tried.
    let hash = format!("<Password>{bytes}</Password><Salt>{bytes}</Salt>")
        + "<PasswordHashAlgorithm>SHA512</PasswordHashAlgorithm>"
        + "<PasswordHashWorkFactor>2</PasswordHashWorkFactor>";
    let users = [("anna", &personal), (who, &personal), ("_SYSTEM", &hash)]
        .map(|(name, more)| record("Users", name, &never::<User>(), more, &secret));
    let one = |kind, names: &[&str]| {
        let inside = record(kind, "Odd", names, "", &secret);
        format!("<{kind}Export to='{secret}'>{inside}</{kind}Export>\n")
    };
    let others = [
        one("Services", &never::<Service>()),
        one("Resources", &never::<Resource>()),
        one("Roles", &never::<Role>()),
        one("Applications", &never::<Application>()),
        one("SSLConfigs", &never::<TlsConfiguration>()),
    ];
    let foreign = FOREIGN.map(|(kind, names)| one(kind, names)).concat();
    let users = format!("<UsersExport>{}</UsersExport>", users.concat());
    format!("<SecurityExport>\n{}{users}{foreign}</SecurityExport>", others.concat())
}

/// Base64 of a `$LIST` of texts, eight-bit and, each second one, UTF-16.
fn list(items: &[&str]) -> String {
    let element = |(at, item): (usize, &&str)| {
        let wide: Vec<u8> = item.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (kind, data) = if at % 2 == 0 { (1, item.as_bytes()) } else { (2, &*wide) };
        [&[u8::try_from(data.len()).unwrap() + 2, kind][..], data].concat()
    };
    STANDARD.encode(items.iter().enumerate().map(element).collect::<Vec<_>>().concat())
}

fn tasks(who: &str) -> String {
    let (secret, setting) = (mark(SECRET) + who, mark(SETTING) + who);
    let personal: String = OF_TASKS
        .iter()
        .map(|name| format!("<{name}><{name}Item>{}{who}</{name}Item></{name}>", mark(PERSONAL)))
        .collect();
    let settings = list(&["KeepDays", "30", "SMTPPassword", &setting, "Url", &setting]);
    let classes = ["%SYS.Task.DiagnosticReport", "Site.Own", "%SYS.Task.PurgeTaskHistory"];
    let task = |class| {
        let more = format!(
            "<TaskClass>{class}</TaskClass><NameSpace>%SYS</NameSpace><TimePeriod>4</TimePeriod>\
             <Settings>{settings}</Settings>{personal}"
        );
        record("Task", "Odd", &never::<Task>(), &more, &secret)
    };
    format!("<Tasks>{}</Tasks>", classes.map(task).concat())
}

fn cpf(side: &str, who: &str) -> String {
    let secret = mark(SECRET) + who;
    let sample = fs::read_to_string(Path::new(SAMPLES).join(side).join("iris.cpf")).unwrap();
    let lines = format!("PasswordHash={secret},{secret}\nLicenseID={secret}\n{secret}={secret}\n");
    let text = sample
        .replacen("[Startup]\n", &format!("[Startup]\n{lines}"), 1)
        .replacen("AgentAddress=", &format!("AgentAddress={secret}"), 1)
        .replacen("[Databases]\n", &format!("[Databases]\nODD=/x/,,0,{secret},{secret}\n"), 1);
    format!("# {secret}\n{text}\n; {secret}\n/* {secret}\n*/\n[Gateways]\n{lines}{secret}\n")
}

fn document(who: &str) -> Value {
    let (secret, personal) = (mark(SECRET) + who, mark(PERSONAL) + who);
    json!({
        "formatVersion": "1.99",
        "vault": { "password": secret, "list": [secret, { "key": secret }] },
        "facts": { "hssysMirrored": { "value": true, "by": "x", "at": "2026-11-20", "pin": secret },
                   "token": secret },
        "coverage": [ { "section": "tls", "extent": "partial", "key": secret } ],
        "member": { "instance": "IRIS", "licenseKey": secret },
        "users": [ { "name": "berta", "password": secret, "salt": [secret],
                     "emailAddress": personal, "phoneNumber": personal } ],
        "tasks": [ { "name": "Odd", "namespace": "USER", "taskClass": "Site.Json",
                     "settings": { "Password": mark(SETTING) + who }, "emailOnError": [personal] } ]
    })
}

/// Marks that come out of comparisons of two sides although they should not, and the other way
/// round, with a document of a later version beside the exports or without.
fn leaks(documents: bool) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let sides = [("primary", "A"), ("backup", "B")].map(|(side, who)| {
        let path = folder.path().join(side);
        let qlist = fs::read_to_string(Path::new(SAMPLES).join(side).join("qlist.txt")).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("iris.cpf"), cpf(side, who)).unwrap();
        fs::write(path.join("security.xml"), security(who)).unwrap();
        fs::write(path.join("tasks.xml"), tasks(who)).unwrap();
        if documents {
            fs::write(path.join("later.json"), document(who).to_string()).unwrap();
        }
        let qlist = format!("{}^{}{who}\n", qlist.trim_end(), mark(SECRET));
        fs::write(path.join("qlist.txt"), qlist).unwrap();
        path
    });
    let mut wrong = Vec::new();
    for format in ["table", "text", "json"] {
        for more in [&[][..], &["-v"], &["--personal-data"], &["--task-settings"], &["-q"]] {
            let flags = [&["--format", format], more].concat();
            let ran = compare(&sides[0], &sides[1], &flags);
            assert!(ran.status.code().unwrap() <= 3, "{flags:?}: {ran:?}");
            let words = [(SECRET, ""), (PERSONAL, "--personal-data"), (SETTING, "--task-settings")];
            for (word, asked) in words {
                let asked = more.contains(&asked);
                let (out, err) = (found(&ran.stdout, word), found(&ran.stderr, word));
                // JSON holds all that was asked for; the others show some of it.
                let silent = asked && format == "json" && out.is_none();
                if err.is_some() || out.is_some() && !asked || silent {
                    wrong.push(format!("{word} with {flags:?}: {out:?} and on stderr {err:?}"));
                }
            }
        }
    }
    wrong.extend(sealed(&folder, &sides[0]));
    wrong
}

/// Marks that a bundle sealed from a side holds although it should not: in its document, in its manifest,
/// or in what exporting says.
fn sealed(folder: &TempDir, side: &Path) -> Vec<String> {
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
        command.args(args).current_dir(folder.path()).output().unwrap()
    };
    let recipient = String::from_utf8(run(&["keygen", "-o", "id"]).stdout).unwrap();
    let mut wrong = Vec::new();
    for more in [&[][..], &["--personal-data"], &["--task-settings"]] {
        let side = side.to_str().unwrap();
        let args = ["export", side, "-o", "B.age", "--force", "-r", recipient.trim()];
        let exported = run(&[&args[..], more].concat());
        assert!(exported.status.success(), "{exported:?}");
        let document = run(&["report", "B.age", "-i", "id", "--format", "json", "-v"]).stdout;
        let manifest = run(&["inspect", "B.age", "-i", "id", "--format", "json"]).stdout;
        assert!(document.len() > 1000 && manifest.len() > 1000);
        let words = [(SECRET, ""), (PERSONAL, "--personal-data"), (SETTING, "--task-settings")];
        for (word, asked) in words {
            let asked = more.contains(&asked);
            let told =
                [exported.stdout.clone(), exported.stderr.clone(), manifest.clone()].concat();
            if found(&told, word).is_some() || found(&document, word).is_some() != asked {
                wrong.push(format!("{word} in a bundle exported with {more:?}"));
            }
        }
    }
    wrong
}

#[test]
fn no_secret_comes_out_of_exports() {
    assert_eq!(leaks(false), [""; 0]);
}

#[test]
fn no_secret_comes_out_of_documents() {
    assert_eq!(leaks(true), [""; 0]);
}

#[test]
fn no_secret_comes_out_of_an_error() {
    let m = &mark(SECRET);
    let user = |inside: &str| {
        format!("<UsersExport><Users><Name>anna</Name>{inside}</Users>\n</UsersExport>")
            .into_bytes()
    };
    let task = |settings: &str| {
        format!("<Tasks><Task><Name>T</Name><Settings>{settings}</Settings></Task></Tasks>")
            .into_bytes()
    };
    let cpf = |after: &str, more: &str| {
        let sample = fs::read_to_string(Path::new(SAMPLES).join("primary/iris.cpf")).unwrap();
        assert!(sample.contains(after));
        sample.replacen(after, &format!("{after}{more}"), 1).into_bytes()
    };
    let doc = |inside: &str| format!("{{\"formatVersion\": \"1.0\",\n {inside} }}").into_bytes();
    let raw = |mut bytes: Vec<u8>| {
        // A byte that is no UTF-8, in the middle of the last mark.
        let at = bytes.windows(4).rposition(|four| four == SECRET.as_bytes()).unwrap();
        bytes[at + 1] = 0xff;
        bytes
    };
    let cut = |bytes: Vec<u8>| {
        let at = bytes.windows(4).rposition(|four| four == SECRET.as_bytes()).unwrap();
        bytes[..at].to_vec()
    };
    let password = format!("<Password>{m}</Password>");
    let hidden = format!("\"users\": [ {{ \"name\": \"anna\", \"password\": \"{m}\" }} ]");
    let odd = list(&["Password", m, m]);
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("a.xml", raw(user(&password))),
        ("a.xml", cut(user(&password))),
        ("a.xml", raw(user(&format!("<Comment>{m}</Comment>")))),
        ("a.xml", user(&format!("<Password>{m}&{m};</Password>"))),
        ("a.xml", user(&format!("<Password>{m}<{m}</Password>"))),
        ("a.xml", user(&format!("<Password>{m}</Passwort>"))),
        ("a.xml", user(&format!("<Password>{m}<!DOCTYPE {m}></Password>"))),
        ("a.xml", user(&format!("<Password of='{m}"))),
        ("a.xml", user(&format!("{password}<Enabled>{m}</Enabled>"))),
        ("a.xml", user(&format!("</Users>{m}<Users>"))),
        ("a.xml", task(m)),
        ("a.xml", task(&format!("{m}*"))),
        ("a.xml", task(&STANDARD.encode(m))),
        ("a.xml", task(&odd)),
        ("a.xml", task(&odd[..odd.len() - 8])),
        ("a.xml", cut(task(m))),
        ("iris.cpf", cpf("[Databases]\n", &format!("{m}\n"))),
        ("iris.cpf", cpf("[Databases]\n", &format!("X=/x/{m}\nX=/y/{m}\n"))),
        ("iris.cpf", cpf("[Databases]\n", &format!("X=/x/,,{m}\n"))),
        ("iris.cpf", cpf("[Map.USER]\n", &format!("{m}\n"))),
        ("iris.cpf", cpf("[Map.USER]\n", &format!("Klass_A={m}\n"))),
        ("iris.cpf", cpf("[Map.USER]\n", &format!("Package_A={m}\nPackage_A=B{m}\n"))),
        ("iris.cpf", cpf("JoinMirror=", m)),
        ("iris.cpf", raw(cpf("PasswordHash=", m))),
        ("iris.cpf", cut(cpf("[Namespaces]\n", m))),
        ("iris.cpf", format!("{m}\n[ConfigFile]\n").into_bytes()),
        ("iris.cpf", format!("[Startup]\nPasswordHash={m}\n").into_bytes()),
        ("qlist.txt", format!("IRIS^/m^2024.1^{m}^a^b^c^d\nIRIS^{m}\n").into_bytes()),
        ("qlist.txt", format!("IRIS^/m^{m}^{m}^a^b^c^d\n").into_bytes()),
        ("a.json", raw(doc(&hidden))),
        ("a.json", cut(doc(&hidden))),
        ("a.json", doc(&format!("{hidden},, \"{m}\""))),
        ("a.json", doc(&format!("\"users\": \"{m}\""))),
        ("a.json", doc(&format!("\"users\": [ \"{m}\" ]"))),
        ("a.json", doc(&format!("\"users\": [ {{ \"password\": \"{m}\" }} ]"))),
        ("a.json", doc(&format!("\"coverage\": [ {{ \"section\": \"{m}\" }} ]"))),
        ("a.json", doc(&format!("\"facts\": {{ \"hssysMirrored\": \"{m}\" }}"))),
        ("a.json", format!("{{\"formatVersion\": \"{m}\"}}").into_bytes()),
        ("a.json", format!("{{\"formatVersion\": \"2.0\", \"password\": \"{m}\"}}").into_bytes()),
        ("a.json", format!("{{\"password\": \"{m}\"}}").into_bytes()),
        ("a.txt", m.clone().into_bytes()),
    ];
    let folder = TempDir::new().unwrap();
    let healthy = Path::new(SAMPLES).join("backup/qlist.txt");
    let mut wrong = Vec::new();
    for (name, content) in rows {
        let bad = folder.path().join(name);
        fs::write(&bad, &content).unwrap();
        for format in ["table", "json"] {
            let ran = compare(&bad, &healthy, &["--format", format, "--task-settings"]);
            let form = found(&[ran.stdout, ran.stderr].concat(), SECRET);
            let refused = ran.status.code().is_some_and(|code| code > 3);
            if form.is_some() || !refused {
                let shown = String::from_utf8_lossy(&content[content.len().saturating_sub(200)..])
                    .into_owned();
                wrong
                    .push(format!("{form:?} as {format}, refused: {refused}: {name} with {shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Errors about a record in which every property of the kind, one after the other, is a secret.
fn errors<T: Declared>(folder: &Path) -> Vec<(String, String)> {
    let kind = T::CLASS.trim_start_matches("Security.").trim_start_matches("%SYS.");
    let root = if kind == "Task" { "Tasks".to_owned() } else { format!("{kind}Export") };
    let file = folder.join("a.xml");
    let mut errors = Vec::new();
    for property in T::PROPERTIES.iter().filter(|property| property.rule != Rule::Identity) {
        let (source, m) = (property.source, mark(SECRET));
        let inside = [m.clone(), format!("<A>{m}</A><B>{m}</B>"), format!("<AItem>{m}</AItem>")];
        let xml = inside.map(|inside| {
            format!("<{root}><{kind}><Name>x</Name><{source}>{inside}</{source}></{kind}></{root}>")
        });
        let values = [json!(m), json!([m]), json!({ "name": m }), json!([{ "resource": m }])];
        let json = values.map(|value| {
            let mut object = json!({ "name": "x", "namespace": "x", "taskClass": "x" });
            object[property.name()] = value;
            json!({ "formatVersion": "1.0", T::SECTION.name(): [object] }).to_string()
        });
        for text in xml.into_iter().chain(json) {
            fs::write(&file, &text).unwrap();
            if let Err(error) = gather(&file, &Options::default()) {
                errors.push((format!("{} {source}", T::CLASS), format!("{error} {error:?}")));
            }
        }
    }
    errors
}

#[test]
fn no_value_that_a_property_refuses_is_quoted() {
    let folder = TempDir::new().unwrap();
    let errors = [
        errors::<User>(folder.path()),
        errors::<Role>(folder.path()),
        errors::<Resource>(folder.path()),
        errors::<Application>(folder.path()),
        errors::<Service>(folder.path()),
        errors::<TlsConfiguration>(folder.path()),
        errors::<Task>(folder.path()),
    ]
    .concat();
    assert!(errors.len() > 300, "only {} were refused", errors.len());
    for (place, error) in errors {
        assert_eq!(found(error.as_bytes(), SECRET), None, "{place}: {error}");
    }
}

#[test]
fn the_secrets_of_the_handbook_are_declared_and_none_is_a_property() {
    fn of<T: Declared>(names: &str) {
        let secrets = T::NEVER.iter().filter(|(why, _)| *why == Never::Secret);
        let declared: Vec<&str> = secrets.flat_map(|(_, names)| names.iter().copied()).collect();
        for name in names.split_whitespace() {
            assert!(declared.contains(&name), "{} does not declare {name}", T::CLASS);
        }
        for (_, names) in FOREIGN.iter().chain(&[(T::CLASS, &*declared)]) {
            let read = T::PROPERTIES.iter().find(|property| names.contains(&property.source));
            assert!(read.is_none(), "{} reads {read:?}", T::CLASS);
        }
    }
    of::<User>(
        "Password Salt HOTPKey LegacyPassword PasswordExternal PasswordHash TOTPLastValidPasswords",
    );
    of::<TlsConfiguration>("PrivateKeyPassword");
    of::<Role>("");
    of::<Resource>("");
    of::<Application>("");
    of::<Service>("");
    of::<Task>("");
}
