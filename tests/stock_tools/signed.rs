//! Signatures, ours in the eyes of `ssh-keygen` and its in ours.

use super::place::{Place, TOOLS, lacks};

/// A reader, and the entries of a bundle in the folder `in` whose manifest states a signature.
const ENTRIES: &str = r#"
age-keygen -o reader.key 2> /dev/null
age-keygen -y reader.key > recipient
ssh-keygen -q -t ed25519 -N '' -f first
hsmirror export primary -q --sign first -o first.age -R recipient
mkdir in && age -d -i reader.key first.age | tar --zstd -x -C in
"#;

/// Signs the list of digests anew with the key `$K` for the namespace `$N`, and packs.
const SIGN: &str = r#"
rm in/SHA256SUMS.sig
ssh-keygen -q -Y sign -n $N -f $K in/SHA256SUMS 2> /dev/null
(cd in; tar -c manifest.json configuration.json SHA256SUMS SHA256SUMS.sig) | zstd -q | age -R recipient > B.age
"#;

/// Takes `B.age` apart and lets ssh-keygen judge.
const JUDGE: &str = r#"
rm -rf out && mkdir out && age -d -i reader.key B.age | tar --zstd -x -C out
ssh-keygen -Y verify -f signers -I who@hospital -n hsmirror -s out/SHA256SUMS.sig < out/SHA256SUMS
"#;

/// Kinds of keys that sign.
const KINDS: [(&str, &str); 4] = [
    ("ed25519", "-t ed25519"),
    ("rsa", "-t rsa -b 2048"),
    ("p256", "-t ecdsa -b 256"),
    ("p384", "-t ecdsa -b 384"),
];

const INSPECT: &str = "hsmirror inspect B.age -i reader.key";

fn lacks_tools() -> bool {
    lacks(&TOOLS) || lacks(&["age-keygen"])
}

fn place() -> Place {
    let place = Place::new();
    place.does(ENTRIES);
    for (name, kind) in KINDS {
        place.does(&format!("ssh-keygen -q {kind} -N '' -C {name} -f {name}"));
    }
    place
}

/// What all kinds of keys come to; says everything that is wrong.
fn for_each_kind(mut check: impl FnMut(&str) -> Result<(), String>) {
    let wrong: Vec<String> = KINDS
        .iter()
        .filter_map(|(name, _)| check(name).err().map(|what| format!("{name}: {what}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_ssh_keygen_signs_is_accepted() {
    if lacks_tools() {
        return;
    }
    let place = place();
    for_each_kind(|key| {
        place.does(&format!("K={key}; N=hsmirror{SIGN}"));
        place.does(&format!("echo \"who@hospital $(cat {key}.pub)\" > signers"));
        let fingerprint = place.does(&format!("ssh-keygen -lf {key}.pub | cut -d ' ' -f 2"));
        let ran = place.run(&format!("{INSPECT} --allowed-signers signers"));
        let said = String::from_utf8_lossy(&ran.stdout);
        if said.contains(&format!("who@hospital ({})", fingerprint.trim())) {
            Ok(())
        } else {
            Err(format!("{ran:?}"))
        }
    });
}

#[test]
fn what_we_sign_ssh_keygen_accepts() {
    if lacks_tools() {
        return;
    }
    let place = place();
    for_each_kind(|key| {
        let sign = format!("hsmirror export primary -q --force -o B.age -R recipient --sign {key}");
        let ran = place.run(&sign);
        if !ran.status.success() {
            return Err(format!("{ran:?}"));
        }
        place.does(&format!("echo \"who@hospital $(cat {key}.pub)\" > signers"));
        let said = place.does(JUDGE);
        let good = said.starts_with("Good \"hsmirror\" signature for who@hospital");
        if good { Ok(()) } else { Err(said) }
    });
}

/// Keys on P-521 are none of the format's. That such a signature cannot be checked is something else
/// than that somebody altered the bundle.
#[test]
fn a_signature_of_another_kind_is_not_called_an_alteration() {
    if lacks_tools() {
        return;
    }
    let place = place();
    place.does("ssh-keygen -q -t ecdsa -b 521 -N '' -f p521");
    place.does(&format!("K=p521; N=hsmirror{SIGN}"));
    let said = place.ends(12, INSPECT);
    assert!(!said.contains("altered"), "{said}");
}

#[test]
fn a_key_with_a_passphrase_signs() {
    if lacks_tools() {
        return;
    }
    let place = place();
    for (key, kind) in [("sealed-ed", "ed25519"), ("sealed-ec", "ecdsa")] {
        place.does(&format!("ssh-keygen -q -t {kind} -a 2 -N 'two words' -C x -f {key}"));
        place.does(&format!("echo \"who@hospital $(cat {key}.pub)\" > signers"));
        let sign = format!(
            "hsmirror export primary -q --force -o B.age -R recipient --sign {key} --passphrase-fd 3"
        );
        place.does(&format!("{sign} 3<<< 'two words'"));
        assert!(place.does(JUDGE).starts_with("Good \"hsmirror\""), "{key}");
        place.ends(10, &format!("{sign} 3<<< 'other words'"));
    }
}

#[test]
fn a_signature_for_something_else_is_none() {
    if lacks_tools() {
        return;
    }
    let place = place();
    place.does("echo \"who@hospital $(cat ed25519.pub)\" > signers");
    for namespace in ["file", "git", "HSMIRROR", "hsmirror2"] {
        place.does(&format!("K=ed25519; N={namespace}{SIGN}"));
        for flags in ["", "--allowed-signers signers"] {
            let said = place.ends(12, &format!("{INSPECT} {flags}"));
            assert!(said.contains("SHA256SUMS"), "{namespace}: {said}");
        }
    }
    // Nor one over other digests.
    place.does("K=ed25519; N=hsmirror; cp in/SHA256SUMS kept; echo >> in/SHA256SUMS");
    place.does(&format!(
        "K=ed25519; N=hsmirror{}",
        SIGN.replace("(cd", "cp kept in/SHA256SUMS; (cd")
    ));
    place.ends(12, INSPECT);
}

/// The lists on which ssh-keygen and we must be of one mind.
#[test]
fn the_list_of_allowed_signers_means_the_same() {
    if lacks_tools() {
        return;
    }
    let place = place();
    place.does(&format!("K=ed25519; N=hsmirror{SIGN}"));
    for (allowed, list) in [
        (true, "who@hospital KEY"),
        (true, "who@hospital,member:ELM-A/IRIS KEY a comment"),
        (true, "who@* namespaces=\"git,hs*\" KEY"),
        (true, "# the list of the hospital\n\nelse@hospital OTHER\nwho@hospital KEY\r"),
        (true, "who@hospital valid-after=\"20200101Z\",valid-before=\"20991231235959Z\" KEY"),
        (true, "who@hospital valid-before=\"20200101Z\" KEY\nwho@hospital KEY"),
        (true, "who@hospital valid-after=\"202001010000\" KEY"),
        (false, "who@hospital OTHER"),
        (false, "who@hospital namespaces=\"git\" KEY"),
        (false, "who@hospital namespaces=\"*,!hsmirror\" KEY"),
        (false, "who@hospital cert-authority KEY"),
        (false, "who@hospital valid-before=\"20200101Z\" KEY"),
        (false, "who@hospital valid-before=\"20200101\" KEY"),
        (false, "who@hospital valid-after=\"20990101Z\" KEY"),
    ] {
        place.does(&format!(
            "list='{list}'; list=${{list//KEY/$(cut -d ' ' -f 1-2 ed25519.pub)}}
             printf '%s\\n' \"${{list//OTHER/$(cut -d ' ' -f 1-2 rsa.pub)}}\" > signers"
        ));
        assert_eq!(place.run(JUDGE).status.success(), allowed, "ssh-keygen: {list}");
        let code = if allowed { 0 } else { 12 };
        place.ends(code, &format!("{INSPECT} --allowed-signers signers"));
    }
    // What only we ask: whether the key may speak for this member.
    place.does("echo \"who@hospital,member:ELM-B/* $(cat ed25519.pub)\" > signers");
    let said = place.ends(12, &format!("{INSPECT} --allowed-signers signers"));
    assert!(said.contains("may not speak for this member"), "{said}");
    // And whether there is a signature at all.
    place.does("hsmirror export primary -q --force -o B.age -R recipient");
    place.ends(12, &format!("{INSPECT} --allowed-signers signers"));
    place.ends(0, &format!("{INSPECT} --allowed-signers signers --accept-unsigned"));
}
