//! What earlier versions sealed stays readable.
//!
//! `tests/old_bundles/v1` holds bundles of format 1 that are never edited, with the keys that open
//! them and a list of what each came to when it was made. Every one is opened with the program and
//! with the stock tools alone, and the folder holds what the list here names and nothing else.
//! A new version of the format gets a new folder beside it, made by
//! `HSMIRROR_MAKE_OLD_BUNDLES=1 cargo test --test old_bundles`, which never touches one that is there.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "stock_tools/place.rs"]
#[allow(dead_code, reason = "shared with the test of the stock tools")]
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use place::{Place, TOOLS, lacks};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A bundle, and how it is opened: our flags, and the identity that stock age takes.
struct Old {
    name: &'static str,
    flags: &'static str,
    identity: Option<&'static str>,
    document: &'static str,
    signed: bool,
    armored: bool,
}

const PLAIN: Old = Old {
    name: "plain.tar.zst.age",
    flags: "-i reader.key",
    identity: Some("reader.key"),
    document: "configuration",
    signed: false,
    armored: false,
};

/// The bundles: one state of a member in four forms, a later one of it, and a comparison.
const BUNDLES: [Old; 6] = [
    PLAIN,
    Old { name: "armored.tar.zst.age", armored: true, ..PLAIN },
    Old { name: "ssh.tar.zst.age", flags: "-i ssh.key", identity: Some("ssh.key"), ..PLAIN },
    Old {
        name: "passphrase.tar.zst.age",
        flags: "--passphrase-fd 3 3< passphrase.txt",
        identity: None,
        ..PLAIN
    },
    Old { name: "signed.tar.zst.age", signed: true, ..PLAIN },
    Old { name: "comparison.tar.zst.age", document: "comparison", signed: true, ..PLAIN },
];

/// What lies beside them.
const BESIDE: [&str; 5] = ["expected.txt", "passphrase.txt", "reader.key", "signers", "ssh.key"];

const WHO: &str = "okafor@hospital";

/// Makes the folder, with the samples as they are now.
const MAKE: &str = r#"
mkdir v1; cd v1
echo 'correct horse battery staple' > passphrase.txt
hsmirror keygen -o reader.key > ../recipient
ssh-keygen -q -t ed25519 -N '' -C 'test key' -f ssh.key; mv ssh.key.pub ..
# The key that signs is thrown away: nothing can be added in its name.
ssh-keygen -q -t ed25519 -N '' -C 'test key' -f ../signing
echo "okafor@hospital,member:ELM-* namespaces=\"hsmirror\" $(cat ../signing.pub)" > signers
cp -r "$SAMPLES/primary" ../later
sed -i '/^Package_Elm.Tools=/d' ../later/iris.cpf
sed -i 's/Interface team, laboratory/Interfaces of the laboratory/' ../later/SecurityExport.xml
export() { hsmirror export -q "$@"; }
export "$SAMPLES/primary" -o plain.tar.zst.age -R ../recipient
export "$SAMPLES/primary" -o armored.tar.zst.age -R ../recipient --armor
export "$SAMPLES/primary" -o ssh.tar.zst.age -R ../ssh.key.pub --for ELM-B/IRIS
export "$SAMPLES/primary" -o passphrase.tar.zst.age --passphrase --passphrase-fd 3 3< passphrase.txt
export ../later -o signed.tar.zst.age -R ../recipient --sign ../signing
hsmirror compare -q signed.tar.zst.age "$SAMPLES/backup" -i reader.key --allowed-signers signers \
    --save comparison.tar.zst.age -R ../recipient --sign ../signing > /dev/null || test $? -eq 2
"#;

const HEAD: &str =
    "# bundle, its SHA-256, SHA-256 of its document, exit code of `hsmirror report` on it\n";

const ABOUT: &str = "\
# Old bundles

Bundles as earlier versions sealed them, one folder for each version of the format. They are never
edited: every later version must open them, and `tests/old_bundles.rs` sees to it, with the program
and with the stock tools alone.

The keys in here are test keys. They open these bundles and nothing else, and the whole world has them:
`reader.key` is an age identity, `ssh.key` an OpenSSH private key without a passphrase,
`passphrase.txt` holds the passphrase of `passphrase.tar.zst.age` on its one line, and `signers` is
the list that allows the key that signed, which was not kept. The members are those of `samples/`,
an invented hospital.

`expected.txt` has a line for each bundle: its name, its SHA-256, the SHA-256 of the document in it,
and the exit code with which `hsmirror report` shows it.

`plain`, `armored`, `ssh` and `passphrase` hold one state of the member ELM-A/IRIS, `signed` a later
one; `comparison` is that one compared with ELM-B/IRIS.

A folder is made by `HSMIRROR_MAKE_OLD_BUNDLES=1 cargo test --test old_bundles`, where it is not
there yet; one that is there is left alone.
";

fn sha256(path: &Path) -> String {
    Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the folder if that was asked for and it is not there.
fn make(root: &Path) {
    let place = Place::new();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    place.does(&format!("SAMPLES='{samples}'\n{MAKE}"));
    let mut expected = String::from(HEAD);
    for Old { name, flags, .. } in &BUNDLES {
        let json = format!("cd v1; hsmirror inspect --verify --format json {name} {flags}");
        let found: Value = serde_json::from_str(&place.does(&json)).unwrap();
        let report = place.run(&format!("cd v1; hsmirror report {name} {flags}"));
        let file = sha256(&place.path("v1").join(name));
        let document = found["documentSha256"].as_str().unwrap();
        let code = report.status.code().unwrap();
        expected.push_str(&format!("{name} {file} {document} {code}\n"));
    }
    fs::write(place.path("v1/expected.txt"), expected).unwrap();
    fs::create_dir_all(root).unwrap();
    fs::write(root.join("README.md"), ABOUT).unwrap();
    // A line end more is an alteration.
    fs::write(root.join(".gitattributes"), "v*/** -text\n").unwrap();
    place.does(&format!("cp -R v1 '{}'", root.display()));
}

fn folder() -> PathBuf {
    static MADE: Once = Once::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/old_bundles");
    let folder = root.join("v1");
    MADE.call_once(|| {
        if !folder.exists() && std::env::var_os("HSMIRROR_MAKE_OLD_BUNDLES").is_some() {
            make(&root);
        }
    });
    assert!(folder.exists(), "make {} as the head of this file says", folder.display());
    folder
}

/// A copy of the folder, so that nothing can happen to it.
fn copy() -> Place {
    let place = Place::new();
    for file in fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), place.path(file.file_name().to_str().unwrap())).unwrap();
    }
    place
}

/// The line of a bundle in the list: digests of the file and of its document, and an exit code.
fn expected(name: &str) -> (String, String, i32) {
    let list = fs::read_to_string(folder().join("expected.txt")).unwrap();
    let row = list.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap();
    let words: Vec<&str> = row.split(' ').collect();
    let [file, document, code] = words.try_into().unwrap();
    (file.to_owned(), document.to_owned(), code.parse().unwrap())
}

#[test]
fn the_folder_holds_what_is_listed_as_it_was() {
    let there: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed = BUNDLES.iter().map(|bundle| bundle.name).chain(BESIDE);
    assert_eq!(there, listed.map(str::to_owned).collect());
    let list = fs::read_to_string(folder().join("expected.txt")).unwrap();
    assert_eq!(list.lines().count(), BUNDLES.len() + 1);
    for Old { name, armored, .. } in &BUNDLES {
        assert_eq!(sha256(&folder().join(name)), expected(name).0, "{name}");
        let start = fs::read(folder().join(name)).unwrap();
        assert_eq!(start.starts_with(b"-----BEGIN AGE"), *armored, "{name}");
    }
    let about = fs::read_to_string(folder().join("../README.md")).unwrap();
    assert!(about.contains("test keys"), "{about}");
}

#[test]
fn this_version_opens_every_one() {
    let place = copy();
    for Old { name, flags, document, signed, .. } in &BUNDLES {
        let (_, digest, code) = expected(name);
        let trust = if *signed { "--allowed-signers signers" } else { "" };
        let inspect = format!("hsmirror inspect --verify --format json {name} {trust} {flags}");
        let found: Value = serde_json::from_str(&place.does(&inspect)).unwrap();
        assert_eq!(found["documentSha256"], digest, "{name}");
        assert_eq!(found["manifest"]["kind"], *document, "{name}");
        assert_eq!(found["manifest"]["formatVersion"], "1.0", "{name}");
        let principal = found["signer"]["principal"].as_str();
        assert_eq!(principal, signed.then_some(WHO), "{name}");
        for format in ["table", "text", "json"] {
            let report = format!("hsmirror report --format {format} {name} {trust} {flags}");
            let ran = place.run(&report);
            assert_eq!(ran.status.code(), Some(code), "{name}: {ran:?}");
            assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{name}: {ran:?}");
            if flags.contains("passphrase") {
                break;
            }
        }
    }
}

#[test]
fn this_version_tells_what_changed_between_two_of_them() {
    let place = copy();
    let drift = "hsmirror compare --drift -i reader.key plain.tar.zst.age";
    place.ends(0, &format!("{drift} armored.tar.zst.age"));
    let changed = place.run(&format!("{drift} signed.tar.zst.age --format json"));
    assert_eq!(changed.status.code(), Some(1), "{changed:?}");
    let changed: Value = serde_json::from_slice(&changed.stdout).unwrap();
    let found = changed["errors"].as_array().unwrap().iter();
    let found: Vec<[&str; 3]> = found
        .map(|error| ["code", "section", "name"].map(|key| error[key].as_str().unwrap()))
        .collect();
    let gone = ["removed", "mappings", "Elm.Tools"];
    assert!(found.contains(&gone) && found.iter().any(|row| row[1] == "roles"), "{found:?}");
}

#[test]
fn stock_tools_open_every_one() {
    if lacks(&TOOLS) {
        return;
    }
    let place = copy();
    for Old { name, identity, document, signed, .. } in &BUNDLES {
        let take_apart = match identity {
            Some(identity) => {
                place.does(&format!("age -d -i {identity} {name} > {name}.zst"));
                true
            }
            None if lacks(&["python3"]) => false,
            None => {
                let passphrase = fs::read_to_string(place.path("passphrase.txt")).unwrap();
                place.types(passphrase.trim_end(), &format!("age -d {name} > {name}.zst"));
                true
            }
        };
        if !take_apart {
            continue;
        }
        place.does(&format!("rm -rf out; mkdir out; tar --zstd -xf {name}.zst -C out"));
        place.does("cd out; sha256sum -c SHA256SUMS");
        let digest = place.does(&format!("sha256sum < out/{document}.json | head -c 64"));
        assert_eq!(digest, expected(name).1, "{name}");
        assert_eq!(place.path("out/SHA256SUMS.sig").exists(), *signed, "{name}");
        if *signed {
            place.does(&format!(
                "ssh-keygen -Y verify -f signers -I {WHO} -n hsmirror -s out/SHA256SUMS.sig < out/SHA256SUMS"
            ));
        }
    }
}
