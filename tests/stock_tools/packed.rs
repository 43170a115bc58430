//! Bundles that stock tools packed, opened by the program.

use super::place::{Place, TOOLS, lacks};

/// The keys, and the entries of a bundle in the folder `in`.
const ENTRIES: &str = r#"
age-keygen -o reader.key 2> /dev/null
age-keygen -y reader.key > recipient
hsmirror export primary -q -o ours.age -R recipient
mkdir in && age -d -i reader.key ours.age | tar --zstd -x -C in
"#;

/// How an auditor packs without us; the document says the same.
const TAR: &str =
    "tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=0600 --mtime=@0 -c";

const NAMES: &str = "manifest.json configuration.json SHA256SUMS";

fn lacks_tools() -> bool {
    lacks(&TOOLS) || lacks(&["age-keygen", "jq"])
}

fn place() -> Place {
    let place = Place::new();
    place.does(ENTRIES);
    place
}

#[test]
fn what_tar_zstd_and_age_pack_is_opened() {
    if lacks_tools() {
        return;
    }
    let place = place();
    // The result names both sides by digest and signer, so it holds all that a reader can take.
    let folder = place.run("hsmirror compare primary backup --format json");
    let zstd = "zstd -q";
    for (what, tar, zstd, age) in [
        ("plain", TAR, zstd, "age -R recipient"),
        ("as text", TAR, zstd, "age -a -R recipient"),
        // 10 KiB of zeros and more at the end, GNU's magic, an owner, a mode and a time.
        ("as tar is", "tar -c", zstd, "age -R recipient"),
        ("GNU's own form", "tar --format=gnu -c", zstd, "age -R recipient"),
        ("quickly", TAR, "zstd -q -1", "age -R recipient"),
        ("small", TAR, "zstd -q -19", "age -R recipient"),
        ("by several threads", TAR, "zstd -q -T2", "age -R recipient"),
        ("without a sum", TAR, "zstd -q --no-check", "age -R recipient"),
        ("by tar alone", "tar --zstd -c", "cat", "age -R recipient"),
    ] {
        place.does(&format!("(cd in; {tar} {NAMES}) | {zstd} | {age} > B.age"));
        let said = place.does("hsmirror inspect B.age -i reader.key");
        assert!(said.contains("every digest matches"), "{what}: {said}");
        let compared = place.run("hsmirror compare B.age backup -i reader.key --format json");
        assert!(compared.stdout == folder.stdout, "{what}: {compared:?}");
        assert_eq!(compared.status.code(), Some(2), "{what}");
        assert!(
            place.does("hsmirror report B.age -i reader.key -q").contains("ELM-A/IRIS"),
            "{what}"
        );
        // Through a pipe, under no name.
        place.does("cat B.age | hsmirror report - -i reader.key -q");
    }
}

#[test]
fn what_the_format_does_not_have_is_refused() {
    if lacks_tools() {
        return;
    }
    let place = place();
    for (what, tar, zstd) in [
        ("extension headers", "tar --format=posix -c", "zstd -q"),
        ("no magic", "tar --format=v7 -c", "zstd -q"),
        ("another record", "tar -b 64 -c", "zstd -q"),
        ("no record", "tar -b 1 -c", "zstd -q | cat - <(head -c 512 /dev/zero | zstd -q)"),
        ("names below a folder", "tar -c --transform s,^,./,", "zstd -q"),
        ("a large window", TAR, "zstd -q --long=27"),
        ("another compression", TAR, "gzip"),
        ("none", TAR, "cat"),
        ("two frames", TAR, "(head -c 512 | zstd -q; zstd -q)"),
    ] {
        let pack = format!("(cd in; {tar} {NAMES}) | {zstd} | age -R recipient > B.age");
        place.does(&pack);
        let said = place.ends(14, "hsmirror report B.age -i reader.key");
        assert!(said.contains("B.age"), "{what}: {said}");
    }
    for (what, names) in [
        ("another order", "configuration.json manifest.json SHA256SUMS"),
        ("too few", "manifest.json configuration.json"),
        ("too many", "manifest.json configuration.json SHA256SUMS SHA256SUMS"),
    ] {
        place.does(&format!("(cd in; {TAR} {names}) | zstd -q | age -R recipient > B.age"));
        let said = place.ends(14, "hsmirror report B.age -i reader.key");
        assert!(said.contains("B.age"), "{what}: {said}");
    }
}

/// Nothing of it was ever made by the program: manifest, document, digests, layers.
#[test]
fn a_bundle_made_by_hand_is_as_good() {
    if lacks_tools() {
        return;
    }
    let place = place();
    place.does(
        r#"
        mkdir hand; cd hand
        echo '{ "formatVersion": "1.0", "member": { "systemName": "BY/HAND" },
                "coverage": [ { "section": "roles", "extent": "complete" } ],
                "roles": [ { "name": "Clerk", "description": "by hand" } ] }' > configuration.json
        jq -n --argjson size "$(wc -c < configuration.json)" '{
            formatVersion: "1.0", minimumReaderVersion: "1.0", kind: "configuration",
            tool: "a text editor", exportId: "00112233445566778899aabbccddeeff", serial: 1,
            sealedAt: "2026-11-24T10:00:00Z", recipients: [], holdsSecrets: false,
            entries: [ { name: "configuration.json", size: $size }, { name: "SHA256SUMS", size: 165 } ]
        }' > manifest.json
        sha256sum manifest.json configuration.json > SHA256SUMS
        tar -c manifest.json configuration.json SHA256SUMS | zstd -q | age -R ../recipient > ../B.age"#,
    );
    let said = place.does("hsmirror report B.age -i reader.key --format json");
    assert!(said.contains("by hand"), "{said}");
    let digest = place.does("sha256sum < hand/configuration.json | head -c 64");
    let stated =
        place.does("hsmirror inspect B.age -i reader.key --format json | jq -r .documentSha256");
    assert_eq!(stated.trim(), digest);
    place.does("hsmirror compare -q --only roles B.age hand/configuration.json -i reader.key");
}

#[test]
fn a_passphrase_or_an_ssh_key_seals_it_as_well() {
    if lacks_tools() || lacks(&["python3"]) {
        return;
    }
    let place = place();
    place.does(&format!("(cd in; {TAR} {NAMES}) | zstd -q > B.tar.zst"));
    place.types("two words", "age -p -o B.age B.tar.zst");
    place.does("hsmirror report -q B.age --passphrase-fd 3 3<<< 'two words'");
    let said = place.ends(10, "hsmirror report -q B.age --passphrase-fd 3 3<<< 'other words'");
    assert!(said.contains("passphrase does not open"), "{said}");
    for kind in ["ed25519", "rsa"] {
        let key = format!("-t {kind} -f {kind}");
        place
            .does(&format!("ssh-keygen -q -N '' {key}; age -R {kind}.pub -o {kind}.age B.tar.zst"));
        place.does(&format!("hsmirror report -q {kind}.age -i {kind}"));
        place.ends(10, &format!("hsmirror report -q {kind}.age -i reader.key"));
    }
}
