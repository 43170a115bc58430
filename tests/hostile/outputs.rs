//! What is left where something failed: nothing, and what was there before as it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::pack::{DOCUMENT, Sound, squeeze};
use super::place::{PROGRAM, Place, SAMPLES};

/// Bundles that fail in one step each of being opened, with the exit codes.
fn failing(place: &Place) -> Vec<(&'static str, i32, Vec<u8>)> {
    let sound = place.sound();
    let right = place.seal(&squeeze(&sound.tar()));
    let document = Sound::with(sound.manifest(), br#"{"formatVersion":"2.0"}"#, |sums| sums);
    let digest = Sound::with(sound.manifest(), &sound.document, |sums| sums.replace("  ", " *"));
    let folder = sound.header_changed(1, |block| block[0] = b'/');
    let frame = squeeze(&sound.tar());
    vec![
        ("empty", 11, Vec::new()),
        ("for somebody else", 10, Place::new().seal(&frame)),
        ("cut short", 11, right[..right.len() - 1].to_vec()),
        ("altered", 12, {
            let mut file = right.clone();
            let mac = file.windows(5).position(|part| part == b"\n--- ").unwrap();
            file[mac + 10] ^= 1;
            file
        }),
        ("no frame", 14, place.seal(b"just words")),
        ("something after the frame", 14, place.seal(&[&frame[..], b"x"].concat())),
        ("a name in a folder", 14, place.seal(&squeeze(&folder))),
        ("a wrong digest", 12, place.seal(&squeeze(&digest.tar()))),
        ("a newer document", 13, place.seal(&squeeze(&document.tar()))),
    ]
}

/// A side of `samples/`, without hashes to try: so a run takes milliseconds in a debug build too.
fn side_without_hashes(place: &Place, name: &str) -> PathBuf {
    let side = place.path("side");
    fs::create_dir(&side).unwrap();
    for file in fs::read_dir(Path::new(SAMPLES).join(name)).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(file.path()).unwrap();
        let lines = text.split_inclusive('\n').filter(|line| !line.contains("<Password>"));
        fs::write(side.join(file.file_name()), lines.collect::<String>()).unwrap();
    }
    side
}

/// Compares and saves, with the bad bundle on either side.
fn save(place: &Place, sides: [&Path; 2], flags: &[&str]) -> Output {
    let mut run = Command::new(PROGRAM);
    run.arg("compare").args(sides).arg("-i").arg(place.path("identity")).arg("--save");
    run.arg(place.path("saved.age")).args(["-r", &place.recipient, "-q"]).args(flags);
    run.output().unwrap()
}

#[test]
fn a_comparison_that_fails_saves_nothing_and_replaces_nothing() {
    let place = Place::new();
    let bundle = place.path("hostile.tar.zst.age");
    let backup = side_without_hashes(&place, "backup");
    let backup = backup.as_path();
    let saved = place.path("saved.age");
    for (name, code, file) in failing(&place) {
        place.write(&file);
        let before = place.names();
        for sides in [[&bundle, backup], [backup, &bundle]] {
            let ran = save(&place, sides, &[]);
            assert_eq!(ran.status.code(), Some(code), "{name}: {ran:?}");
            assert_eq!(place.names(), before, "{name}");
        }
        fs::write(&saved, "before").unwrap();
        let ran = save(&place, [&bundle, backup], &["--force"]);
        assert_eq!(ran.status.code(), Some(code), "{name}: {ran:?}");
        assert_eq!(fs::read_to_string(&saved).unwrap(), "before", "{name}");
        fs::remove_file(&saved).unwrap();
        assert_eq!(place.names(), before, "{name}");
    }
    // The same command with a sound one does save.
    place.write(&place.export(&[]));
    let ran = save(&place, [&bundle, backup], &[]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(saved.exists());
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let place = Place::new();
    let side = side_without_hashes(&place, "primary");
    let sealed = place.path("sealed.age");
    let export = |flags: &[&str]| {
        let mut run = Command::new(PROGRAM);
        run.arg("export").arg(&side).arg("-o").arg(&sealed).args(["-r", &place.recipient, "-q"]);
        run.args(flags).output().unwrap()
    };
    for (name, text, code) in [
        ("iris.cpf", "[Databases]\n=/x/\n", 65),
        ("SecurityExport.xml", "<SecurityExport><UsersExport>", 65),
        ("TaskExport.xml", "<html></html>", 65),
        (DOCUMENT, r#"{"formatVersion":"2.0"}"#, 13),
        (DOCUMENT, r#"{"formatVersion":"1.0","roles":[{}]}"#, 14),
    ] {
        let path = side.join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, text).unwrap();
        let before = place.names();
        let ran = export(&[]);
        assert_eq!(ran.status.code(), Some(code), "{name}: {ran:?}");
        assert_eq!(place.names(), before, "{name}");
        fs::write(&sealed, "before").unwrap();
        let ran = export(&["--force"]);
        assert_eq!(ran.status.code(), Some(code), "{name}: {ran:?}");
        assert_eq!(fs::read_to_string(&sealed).unwrap(), "before", "{name}");
        fs::remove_file(&sealed).unwrap();
        fs::write(&path, whole).unwrap();
    }
    let ran = export(&[]);
    assert!(ran.status.success(), "{ran:?}");
}
