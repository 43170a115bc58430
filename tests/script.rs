//! Scripts are what a session can read, whatever the names are.
//!
//! Holds scripts about every section and verb, with benign and hostile texts in every place, to the
//! grammar of ObjectScript, to the class reference and to the shape of the benign script; and two small
//! scripts to their exact text. Without `../shared/iris-api.json` the signatures are skipped, and the
//! tests say so.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test fails by panicking, and shared files hold more than it needs"
)]

#[path = "script/acts.rs"]
mod acts;
#[path = "commands/api.rs"]
mod api;
#[path = "script/check.rs"]
mod check;
#[path = "script/example.rs"]
mod example;
#[path = "commands/line.rs"]
mod line;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use acts::{Owned, act, all, mapping, named, scripts};
use check::{Called, check};
use hsmirror::model::{MappingKind, Section, properties_of};
use hsmirror::operation::Verb;
use proptest::prelude::*;

fn say_whether_skipped() {
    if api::api().is_none() {
        println!("skipped: no ../shared");
    }
}

const HOSTILE: &[&str] = &[
    " ",
    "\"",
    "\"\"",
    "a\"b",
    "x\"\"",
    "\"x",
    "\"_$zf(-1)_\"",
    "\"_$zf(-1,\"rm\")_\"",
    "\") do $zf(-1,\"rm\") //",
    "\",.p) kill ^X write (\"",
    "n\u{e4}me",
    "\u{65e5}\u{672c}",
    "\u{1f600}",
    "a\nb",
    "\n",
    "a\r\nb",
    "\r\n halt\r\n",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    ";//#",
    "//",
    "/*",
    "##class(X).Y()",
    "&sql(delete)",
    "{",
    "}",
    "}}",
    "'",
    "^X",
    "^^/tmp/",
    "%ALL",
    "a,b",
    "*",
    "?",
    "@x",
    "$CHAR(10)",
    "\"_$CHAR(10)_\"",
    "\\",
    "(",
    ")",
    "(1)",
    "(\"a\")",
    "):(",
    "a_b",
    "%",
    ".",
    "1",
    "-1",
];

/// Everything one line says: its shape. Lines that only lengthen a text are left out, after a look that
/// they do nothing else.
fn shapes(script: &str) -> Vec<String> {
    let mut shapes = Vec::new();
    for text in script.lines() {
        let own = shape(text);
        let target =
            text.strip_prefix("set ").and_then(|rest| rest.split_once('=')).map(|(to, _)| to);
        let longer = target.is_some_and(|to| text.starts_with(&format!("set {to}={to}_(")));
        let constant = |inner: &str| {
            let inner = inner.strip_suffix(')').unwrap();
            shape(&format!("set n={inner}")) == shape("set n=\"\"")
        };
        match target {
            Some(to) if longer => {
                assert!(constant(&text[format!("set {to}={to}_(").len()..]), "{text}");
            }
            _ => shapes.push(own),
        }
    }
    shapes
}

/// The shape of one line; most lines of two scripts are the same.
fn shape(text: &str) -> String {
    static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    if let Some(shape) = KNOWN.lock().unwrap().get(text) {
        return shape.clone();
    }
    let line = line::Line::parse(&check::whole(text)).unwrap_or_else(|f| panic!("{text}: {f}"));
    let (shape, _) = line.shape();
    KNOWN.lock().unwrap().insert(text.to_owned(), shape.clone());
    shape
}

/// The lines of each act's script: what keeps one from being checked in the instance differs by name.
fn one_by_one(acts: &[Owned]) -> Vec<[String; 2]> {
    acts.iter().map(|act| scripts(std::slice::from_ref(act), None)).collect()
}

fn faults(acts: &[Owned], called: &mut Called) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for act in acts {
        for script in scripts(std::slice::from_ref(act), Some(&act.id)) {
            for text in script.lines() {
                if !seen.insert((text.to_owned(), act.operation.class())) {
                    continue;
                }
                if let Err(fault) = check(text, act.operation.class(), called) {
                    faults.push(format!("{text}: {fault}"));
                }
            }
        }
    }
    faults
}

fn passes(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults[..faults.len().min(8)].join("\n")
    );
}

#[test]
fn every_line_can_be_read_and_every_method_is_there() {
    say_whether_skipped();
    let mut called = Called::new();
    passes(&faults(&all("Elm.Lab"), &mut called));
    for method in [
        "Security.Resources.Create",
        "Security.Roles.Modify",
        "Security.Users.Create",
        "Security.Applications.Delete",
        "Security.Services.Modify",
        "Security.SSLConfigs.Delete",
        "Config.Namespaces.Create",
        "Config.MapGlobals.Create",
        "Config.MapRoutines.Delete",
        "Config.MapPackages.Exists",
        "%SYS.Namespace.GetPackageDest",
        "%SYSTEM.Mirror.IsPrimary",
        "%SYSTEM.Process.Terminate",
        "Config.MirrorMember.Get",
        "%SYS.Task.%New",
        "%SQL.Statement.%ExecDirect",
        "%Library.File.NormalizeDirectory",
    ] {
        assert!(called.contains(method), "{method} not in {called:?}");
    }
}

#[test]
fn no_name_breaks_out_of_a_script() {
    say_whether_skipped();
    let long = ["x".repeat(300), "x,".repeat(9000), "\"".repeat(3000), "\n\u{e4}".repeat(900)];
    let mut called = Called::new();
    for text in HOSTILE.iter().copied().chain(long.iter().map(String::as_str)) {
        passes(&faults(&all(text), &mut called));
    }
    assert!(!called.iter().any(|method| method.contains("zf")));
}

/// The script of a hostile act is that of a benign one, but where the look at what a mapping would hide
/// falls back, or where an act is not done at all.
#[test]
fn a_hostile_script_does_what_a_benign_one_does() {
    let benign = one_by_one(&all("Elm.Lab"));
    for text in HOSTILE.iter().copied().chain([&*"x".repeat(300), &*"\"".repeat(3000)]) {
        let acts = all(text);
        for ((act, hostile), benign) in acts.iter().zip(one_by_one(&acts)).zip(&benign) {
            for (hostile, benign) in hostile.iter().zip(benign) {
                let (own, wanted) = (shapes(hostile), shapes(benign));
                if own == wanted {
                    continue;
                }
                let falls_back = act.operation.section == Section::Mappings
                    || act.operation.section == Section::Tasks
                        && !act.settings[0].0.chars().all(|c| c.is_ascii_alphanumeric());
                assert!(falls_back, "{text:?}\n{hostile}\n{benign}");
                // Even then no line has a shape that no benign script has.
                for (shape, line) in own.iter().zip(hostile.lines()) {
                    assert!(fallbacks().contains(shape), "{text:?}: {line}\n{shape}\n{hostile}");
                }
            }
        }
    }
}

/// The shapes of scripts that fall back in every way that there is.
fn fallbacks() -> &'static BTreeSet<String> {
    static ALL: std::sync::OnceLock<BTreeSet<String>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        let names =
            ["Elm.Lab", "Elm-Lab", "Elm", "", "Elm(1)", "Elm(\"a\")", "Elm(1):(2)", "%ALL", "*"];
        let acts = names.iter().flat_map(|name| all(name));
        acts.flat_map(|act| scripts(&[act], None)).flat_map(|script| shapes(&script)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_at_all_breaks_out_of_a_script(
        text in prop_oneof![any::<String>(), "[\"_$()a.,;/#\n\r\0 ^%{}!]{0,24}"],
    ) {
        let faults = faults(&all(&text), &mut Called::new());
        prop_assert!(faults.is_empty(), "{faults:?}");
    }
}

/// No declared property is a secret by its name, so none can be sent.
#[test]
fn no_secret_is_ever_set() {
    for section in Section::ALL {
        for property in properties_of(*section) {
            let source = property.source.to_lowercase();
            let about =
                ["changepassword", "passwordneverexpires", "initialpassword", "changepasswordpage"];
            let secret =
                ["password", "salt", "hotp", "secret"].iter().any(|word| source.contains(word));
            assert!(!secret || about.contains(&source.as_str()), "{source}");
        }
    }
}

#[test]
fn a_new_user_is_disabled_whatever_the_values_say() {
    let of =
        [("Enabled", "1"), ("Flags", "2"), ("AccountNeverExpires", "1"), ("InitialPassword", "1")];
    let user = act("users/x", Verb::Create, Section::Users, named("x"), &of);
    let [apply, verify] = scripts(&[user], None);
    assert!(!apply.contains("p(\"Enabled\")") && !apply.contains("p(\"Flags\")"), "{apply}");
    assert!(!apply.contains("InitialPassword"), "{apply}");
    assert!(apply.contains(",0,$get(p(\"Comment\")),1)"), "{apply}");
    assert!(verify.contains("set p(\"Enabled\")=\"0\",p(\"Flags\")=\"1\""), "{verify}");
}

#[test]
fn an_application_that_would_be_open_is_not_made() {
    let of = [("Description", "x")];
    let open = act("applications//x", Verb::Create, Section::Applications, named("/x"), &of);
    let [apply, _] = scripts(&[open], None);
    assert!(
        apply.contains("set f=\"the ways to log in") && !apply.contains("Applications).Create")
    );
}

#[test]
fn what_no_script_does_is_a_failure_and_nothing_is_called() {
    for (verb, section, subject) in [
        (Verb::Create, Section::Databases, named("X")),
        (Verb::Create, Section::Services, named("X")),
        (Verb::Delete, Section::Services, named("X")),
        (Verb::Create, Section::Tls, named("X")),
        (Verb::Modify, Section::Roles, named("X")),
    ] {
        let [apply, _] = scripts(&[act("x", verb, section, subject, &[])], None);
        let f = apply.lines().filter(|line| line.starts_with("set f=\"")).count();
        assert!(f == 1 && !apply.contains("##class"), "{apply}");
    }
}

#[test]
fn only_a_strictly_read_name_becomes_code() {
    let of = |name: &str| {
        let subject = mapping(MappingKind::Global, "ELMHUB", name, "");
        let mut act = act("m", Verb::Create, Section::Mappings, subject, &[("Database", "ELMLAB")]);
        act.may_hide = true;
        scripts(&[act], None)[0].clone()
    };
    assert!(of("Elm.Lab(\"a\",1)").contains("$data(^|\"^\"_d|Elm.Lab(\"a\",1))"));
    for name in
        ["Elm", "Elm*", "Elm(1):(2)", "Elm(\"a\"\"b\")", "Elm($zf(-1))", "Elm(1)(2)", "E^m(1)"]
    {
        let script = of(name);
        assert!(script.contains("GLOBAL(\"^\"_b)") && !script.contains("_d|E"), "{name}: {script}");
    }
}
