//! Bundles of ours, taken apart with stock tools alone.

use std::fs;

use super::place::{Place, TOOLS, lacks};

/// A key for each kind of recipient, one that signs, and the list that allows it.
const KEYS: &str = r#"
hsmirror keygen -o ours.key > recipients
age-keygen -o stock.key 2> /dev/null
age-keygen -y stock.key >> recipients
ssh-keygen -q -t ed25519 -N '' -C reader -f ed.key
ssh-keygen -q -t rsa -b 2048 -N '' -C reader -f rsa.key
cat ed.key.pub rsa.key.pub >> recipients
ssh-keygen -q -t ed25519 -N '' -C signer -f signing
echo "okafor@hospital,member:ELM-A/IRIS namespaces=\"hsmirror\" $(cat signing.pub)" > signers
"#;

/// What README tells an auditor to type, with the bundle in `$B` and the identity in `$K`.
const OPEN: &str = r#"
rm -rf out && mkdir out
age -d -i "$K" "$B" | tar --zstd -x -C out
cd out
sha256sum -c SHA256SUMS
ssh-keygen -Y verify -f ../signers -I okafor@hospital -n hsmirror -s SHA256SUMS.sig < SHA256SUMS
ssh-keygen -Y verify -f ../signers -I member:ELM-A/IRIS -n hsmirror -s SHA256SUMS.sig < SHA256SUMS
"#;

const SOUND: &str = "manifest.json: OK\nconfiguration.json: OK\nGood \"hsmirror\" signature for ";

fn with(bundle: &str, key: &str, script: &str) -> String {
    format!("B={bundle}; K={key}\n{script}")
}

fn lacks_tools() -> bool {
    lacks(&TOOLS) || lacks(&["age-keygen"])
}

#[test]
fn every_kind_of_recipient_opens_it_alone_and_among_others() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEYS);
    let export = "hsmirror export primary -q --sign signing --for ELM-B/IRIS";
    place.does(&format!("{export} -o all.age -R recipients"));
    for (at, key) in ["ours.key", "stock.key", "ed.key", "rsa.key"].into_iter().enumerate() {
        let (line, alone) = (at + 1, format!("{key}.age"));
        place.does(&format!("{export} -o {alone} -r \"$(sed -n {line}p recipients)\""));
        for bundle in [&alone, "all.age"] {
            let said = place.does(&with(bundle, key, OPEN));
            assert!(said.starts_with(SOUND), "{key}, {bundle}: {said}");
            assert_eq!(said.lines().count(), 4, "{key}, {bundle}: {said}");
        }
        let other = if key == "ed.key" { "ours.key" } else { "ed.key" };
        let refused = place.run(&with(&alone, other, "age -d -i $K $B"));
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{key}: {refused:?}");
    }
}

#[test]
fn as_text_it_opens_too() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEYS);
    place.does("hsmirror export primary -q --sign signing --armor -o text.age -R recipients");
    let text = fs::read_to_string(place.path("text.age")).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
    assert!(text.ends_with("\n-----END AGE ENCRYPTED FILE-----\n"));
    assert!(text.lines().all(|line| line.len() <= 64));
    for key in ["ours.key", "ed.key"] {
        assert!(place.does(&with("text.age", key, OPEN)).starts_with(SOUND), "{key}");
        // As a mail may bring it.
        let mailed = "sed 's/$/\\r/' text.age > mailed.age; echo >> mailed.age";
        place.does(mailed);
        assert!(place.does(&with("mailed.age", key, OPEN)).starts_with(SOUND), "{key}");
        place.does(&format!("hsmirror inspect mailed.age -i {key} --allowed-signers signers"));
    }
}

#[test]
fn a_passphrase_opens_it() {
    if lacks_tools() || lacks(&["python3"]) {
        return;
    }
    let place = Place::new();
    place.does(
        "hsmirror export primary -q -o P.age --passphrase --passphrase-fd 3 3<<< 'two words'",
    );
    let open = "age -d P.age > P.tar.zst; mkdir out; tar --zstd -xf P.tar.zst -C out";
    place.types("two words", open);
    let said = place.does("cd out; sha256sum -c SHA256SUMS");
    assert_eq!(said, "manifest.json: OK\nconfiguration.json: OK\n");
    // Typed, not piped, into our program too.
    let said = place.types("two words", "hsmirror inspect --verify P.age");
    assert!(said.contains("every part authenticates") && !said.contains("two words"), "{said}");
}

/// The layers as `docs/bundle-format.md` has them, in the eyes of the tools they are named after.
#[test]
fn the_layers_are_what_the_document_says() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEYS);
    place.does("hsmirror export primary -q --sign signing -o B.age -R recipients");
    place.does("age -d -i ours.key B.age > B.tar.zst; zstd -q -d B.tar.zst; mkdir out; tar -xf B.tar -C out");
    let frame = place.does("zstd -lv B.tar.zst 2>&1");
    let says = |what: &str, value: &str| {
        let line = frame.lines().find(|line| line.contains(what));
        assert!(line.is_some_and(|line| line.contains(value)), "{what} {value}: {frame}");
    };
    says("Zstandard Frames", ": 1");
    says("Check:", "XXH64");
    let size = |name: &str| fs::metadata(place.path(name)).unwrap().len();
    let names = ["manifest.json", "configuration.json", "SHA256SUMS", "SHA256SUMS.sig"];
    let listed = place.does("tar --utc --full-time --numeric-owner -tvf B.tar");
    let mut blocks = 2;
    for (name, line) in names.iter().zip(listed.lines()) {
        let size = size(&format!("out/{name}"));
        blocks += 1 + size.div_ceil(512);
        let words: Vec<&str> = line.split_whitespace().collect();
        let wanted = ["-rw-------", "0/0", &size.to_string(), "1970-01-01", "00:00:00", name];
        assert_eq!(words, wanted);
    }
    assert_eq!(listed.lines().count(), names.len());
    assert_eq!(size("B.tar"), 512 * blocks);
}

#[test]
fn the_manifest_states_the_sizes_and_the_document_has_one_spelling() {
    if lacks_tools() || lacks(&["jq"]) {
        return;
    }
    let place = Place::new();
    place.does(KEYS);
    let take_apart = "
        mkdir $B
        age -d -i ours.key $B.age | tar --zstd -x -C $B
        jq -r '.entries[] | select(.size) | \"\\(.name) \\(.size)\"' $B/manifest.json > stated
        while read -r name size; do test \"$(wc -c < $B/$name)\" -eq \"$size\"; done < stated
        test \"$(wc -l < stated)\" -eq 2
        # jq sorts keys and leaves out blanks; it ends with a line end, which the document has not.
        jq -cS . $B/$D.json | head -c -1 | cmp - $B/$D.json
        jq -cS . $B/manifest.json | head -c -1 | cmp - $B/manifest.json";
    for (bundle, side) in [("first", "primary"), ("second", "primary"), ("other", "backup")] {
        place.does(&format!("hsmirror export {side} -q -o {bundle}.age -R recipients"));
        place.does(&format!("B={bundle}; D=configuration{take_apart}"));
    }
    place.does("cmp first/configuration.json second/configuration.json");
    // What varies stands in the manifest.
    place.ends(1, "cmp -s first/manifest.json second/manifest.json");
    let compare = "hsmirror compare -q primary backup -R recipients --save compared.age";
    place.ends(2, compare);
    place.does(&format!("B=compared; D=comparison{take_apart}"));
    // The digest that a comparison has of a side is that of the document an export has of it.
    let digests =
        place.does("sha256sum < first/configuration.json; sha256sum < other/configuration.json");
    let stated = place.does("jq -r '.sides[].configurationSha256' compared/manifest.json");
    assert_eq!(digests.replace("  -", ""), stated);
}
