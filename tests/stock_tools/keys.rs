//! Identity files: ours in the hands of stock age, and its in ours.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::place::{Place, TOOLS, lacks};

fn lacks_tools() -> bool {
    lacks(&TOOLS) || lacks(&["age-keygen"])
}

#[test]
fn age_keygen_understands_our_key() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    let recipient = place.does("hsmirror keygen -o our.key");
    assert_eq!(place.does("age-keygen -y our.key"), recipient);
    let ours = fs::read_to_string(place.path("our.key")).unwrap();
    let stock = place.does("age-keygen 2> /dev/null");
    let form = |text: &str| -> Vec<String> {
        let start =
            |line: &str| line.split_inclusive([':', '1']).next().unwrap_or_default().to_owned();
        text.lines().map(start).collect()
    };
    assert_eq!(form(&ours), form(&stock));
    let mode = fs::metadata(place.path("our.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // And nobody's key is replaced.
    place.ends(73, "hsmirror keygen -o our.key");
    assert_eq!(fs::read_to_string(place.path("our.key")).unwrap(), ours);
}

#[test]
fn an_identity_that_we_sealed_is_opened_by_both() {
    if lacks_tools() || lacks(&["python3"]) {
        return;
    }
    let place = Place::new();
    place.does(
        "hsmirror keygen -o our.key --passphrase --passphrase-fd 3 3<<< 'two words' > recipient
         hsmirror export primary -q -o B.age -R recipient",
    );
    place.does("hsmirror report -q B.age -i our.key --passphrase-fd 3 3<<< 'two words'");
    place.types("two words", "age -d -i our.key B.age > B.tar.zst; tar --zstd -xf B.tar.zst");
    place.does("sha256sum -c SHA256SUMS");
}

#[test]
fn an_identity_that_age_sealed_opens() {
    if lacks_tools() || lacks(&["python3"]) {
        return;
    }
    let place = Place::new();
    place.does("age-keygen -o plain.key 2> /dev/null; age-keygen -y plain.key > recipient");
    place.does("hsmirror export primary -q -o B.age -R recipient");
    place.types("two words", "age -p -a -o sealed.key plain.key");
    for key in ["plain.key", "sealed.key"] {
        place
            .does(&format!("hsmirror report -q B.age -i {key} --passphrase-fd 3 3<<< 'two words'"));
    }
}

#[test]
fn an_ssh_key_with_a_passphrase_opens() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    for kind in ["ed25519", "rsa"] {
        place.does(&format!(
            "ssh-keygen -q -t {kind} -a 2 -N 'two words' -C x -f {kind}
             hsmirror export primary -q -o {kind}.age -R {kind}.pub"
        ));
        let report = format!("hsmirror report -q {kind}.age -i {kind}");
        place.does(&format!("{report} --passphrase-fd 3 3<<< 'two words'"));
        let said = place.ends(10, &format!("{report} --passphrase-fd 3 3<<< 'two word'"));
        assert!(said.contains("passphrase does not open"), "{said}");
        // Nobody to ask, and no terminal: no wait, but a sentence.
        if !lacks(&["setsid"]) {
            let said = place.ends(64, &format!("setsid {report}"));
            assert!(said.contains("--passphrase-fd"), "{said}");
        }
    }
}
