//! What the instances tell of HSSYS, in a restore.
//!
//! Owns the proofs that an instance's word wins over a person's, that the finding which the restore cures
//! does not stop it, and that what the instances tell is not called unknown.

use serde_json::json;

use super::place::{Place, run};

const NEW: &[&[u8]] = &[b"the new database"];

/// Both instances were asked: everything of HSSYS on the primary is known, and the member's is plain.
fn asked() -> Place {
    let place = Place::new();
    place.attests("member", None);
    let hssys = json!({ "inMirror": true, "mirrorName": "HSSYS", "mirrorStatus": "Normal",
        "blockSize": 8192, "encrypted": true, "encryptionKey": "KEY-ELM", "volumes": 0 });
    place.instance_says("primary", hssys, json!({ "bigEndian": false }));
    let plain = json!({ "inMirror": false, "blockSize": 8192 });
    place.instance_says("member", plain, json!({ "bigEndian": false }));
    place
}

#[test]
fn hssys_that_is_not_in_the_mirror_yet_does_not_stop_its_own_restore() {
    let place = asked();
    place.seals(NEW);
    let ran = run(&mut place.apply(&["--yes"])).must(21);
    assert!(!ran.stderr.contains("since no file tells"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("in the mirror already"), "{}", ran.stderr);
    assert!((ran.stdout + &ran.stderr).contains("key KEY-ELM"));
}

/// A volume that the instance names and the copy has not is missed where the copy can still be made again.
#[test]
fn a_copy_with_another_number_of_volumes_is_not_sealed() {
    let place = Place::new();
    place.instance_says("primary", json!({ "inMirror": true, "volumes": 2 }), json!({}));
    std::fs::create_dir_all(place.path("copy")).unwrap();
    for (name, code) in [("IRIS.DAT", 15), ("IRIS-0001.VOL", 15), ("IRIS-0002.VOL", 0)] {
        std::fs::write(place.path("copy").join(format!("COPY_{name}")), NEW[0]).unwrap();
        let ran = run(&mut place.export(&["-q"])).must(code);
        if code != 0 {
            ran.complains("beside its first file, and the instance says 2.");
        }
    }
}

#[test]
fn an_instance_is_believed_rather_than_a_person() {
    let place = asked();
    // The sample attests that it is.
    place.instance_says("primary", json!({ "inMirror": false }), json!({}));
    std::fs::create_dir_all(place.path("copy")).unwrap();
    std::fs::write(place.path("copy/COPY_IRIS.DAT"), NEW[0]).unwrap();
    run(&mut place.export(&["-q"])).must(15).complains("as the instance says");
    place.attests("primary", Some(false));
    place.instance_says("primary", json!({ "inMirror": true }), json!({}));
    place.seals(NEW);
}

#[test]
fn another_byte_order_and_a_block_size_that_is_not_enabled_block() {
    for (hssys, primary) in [
        (json!({ "inMirror": true, "blockSize": 8192 }), json!({ "bigEndian": true })),
        (json!({ "inMirror": true, "blockSize": 65536 }), json!({ "bigEndian": false })),
    ] {
        let place = asked();
        place.instance_says("primary", hssys, primary);
        place.seals(NEW);
        let before = place.all();
        let ran = run(&mut place.apply(&["--yes", "--ignore-nonblocking"])).must(2);
        ran.complains("Blocking findings stand");
        assert!(place.all() == before);
    }
}
