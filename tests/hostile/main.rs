//! Whatever somebody makes of a bundle, the program says what it is and gives nothing of it out.
//!
//! A sound bundle is sealed by the program itself; the hostile ones are packed here by hand, block by
//! block: `pack` writes tar, zstd and age, `archives`, `contents` and `layers` are tables of what can
//! be wrong in each of them, with the exit code each row must end with. `bytes` flips and cuts every
//! byte, `bombs` measures time and memory, `outputs` looks for what is left behind.
//! Every row is run as a person runs it and with `--format json`: the right code, nothing on standard
//! output, and two sentences of which the first names the file.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod archives;
mod bombs;
mod bytes;
mod contents;
mod layers;
mod outputs;
mod pack;
mod place;

use pack::{Sound, seal, squeeze};
use place::Place;

/// What a hostile bundle is called, the exit code it must give, and its bytes in some layer.
pub type Row = (String, i32, Vec<u8>);

/// Runs a table, and says everything that is not as it should be.
fn all_refused(place: &Place, rows: Vec<Row>) {
    assert!(rows.len() > 5);
    let refused = |(name, code, file): Row| {
        let wrong = place.refused(&file, code)?;
        Some(format!("{name}: {wrong}"))
    };
    let wrong: Vec<String> = rows.into_iter().filter_map(refused).collect();
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_archive_that_is_laid_out_wrong_is_refused() {
    let place = Place::new();
    let sealed = |(name, code, tar): Row| (name, code, place.seal(&squeeze(&tar)));
    all_refused(&place, archives::rows(&place.sound()).into_iter().map(sealed).collect());
}

#[test]
fn entries_that_do_not_say_what_they_should_are_refused() {
    let place = Place::new();
    let sealed = |(name, code, tar): Row| (name, code, place.seal(&squeeze(&tar)));
    all_refused(&place, contents::rows(&place.sound()).into_iter().map(sealed).collect());
}

#[test]
fn a_frame_that_is_not_one_sound_frame_is_refused() {
    let place = Place::new();
    let sealed = |(name, code, frame): Row| (name, code, place.seal(&frame));
    all_refused(&place, layers::frames(&place.sound()).into_iter().map(sealed).collect());
}

#[test]
fn a_file_that_is_not_one_sound_age_file_is_refused() {
    let place = Place::new();
    all_refused(&place, layers::files(&place));
}

#[cfg(unix)]
#[test]
fn work_without_end_for_a_passphrase_is_refused_at_once() {
    let place = Place::new();
    let mut easy = age::scrypt::Recipient::new("x".to_owned().into());
    easy.set_work_factor(2);
    let file = seal(&[&easy], &squeeze(&place.sound().tar()));
    let accepted = place.write(&file);
    assert_eq!(place.open_with_passphrase(&accepted, "x").status.code(), Some(3));
    for (work, code) in [("21", 14), ("22", 14), ("63", 14), ("64", 14), ("022", 12), ("-1", 12)] {
        let hard = layers::with_work_factor(&file, work);
        let start = std::time::Instant::now();
        let ran = place.open_with_passphrase(&place.write(&hard), "x");
        assert_eq!(ran.status.code(), Some(code), "{work}: {ran:?}");
        assert!(start.elapsed().as_secs() < 1, "{work} took {:?}", start.elapsed());
    }
}

/// What stock tar and other honest packers make of the same entries is read as well.
#[test]
fn an_archive_of_another_packer_is_accepted() {
    let place = Place::new();
    let sound = place.sound();
    let whole = sound.tar();
    let filled = |mut tar: Vec<u8>| {
        tar.resize(tar.len().next_multiple_of(10 << 10), 0);
        tar
    };
    let each = |change: fn(&mut pack::Block)| {
        (0..3).fold(whole.clone(), |tar, at| sound.with_header_of(tar, at, change))
    };
    let gnu = |block: &mut pack::Block| block[257..265].copy_from_slice(b"ustar  \0");
    for (name, tar) in [
        ("as it is", whole.clone()),
        ("a record filled with zeros", filled(whole.clone())),
        ("GNU's magic", each(gnu)),
        ("both", filled(each(gnu))),
        ("the old type of a file", each(|block| block[156] = 0)),
        ("a mode", each(|block| block[100..108].copy_from_slice(b"0000777\0"))),
        ("an owner", each(|block| block[265..269].copy_from_slice(b"root"))),
        ("a time", each(|block| block[136..148].copy_from_slice(b"14700000000\0"))),
        ("what fills a record exactly", Sound::filling(&sound, 20).tar()),
    ] {
        let file = place.seal(&squeeze(&tar));
        assert_eq!(place.open(&file).map(|content| content.len()), Ok(sound_size(&tar)), "{name}");
        // Nothing but the identity of the member is in it, so nothing can be compared.
        assert_eq!(place.compare(&place.write(&file), &["-q"]).status.code(), Some(3), "{name}");
    }
}

/// Control characters that an exporter put into names reach neither terminal nor pipe.
#[test]
fn what_a_bundle_says_moves_no_cursor() {
    let place = Place::new();
    let sound = place.sound();
    let mut manifest = sound.manifest();
    let evil = "\u{1b}[2J\u{7}\u{9b}31m\r\u{202e}\u{8}evil";
    manifest[evil] = 1.into();
    manifest["member"] = serde_json::json!({ "systemName": evil, evil: evil });
    manifest["intendedMember"] = evil.into();
    manifest["unread"] = serde_json::json!([evil]);
    let member = serde_json::json!({ "systemName": evil, evil: evil });
    let roles = serde_json::json!([{ "name": evil, "description": evil, evil: evil }]);
    let document = serde_json::json!({
        "formatVersion": "1.0", "member": member, "roles": roles, evil: evil
    });
    let document = serde_json::to_vec(&document).unwrap();
    let file = place.seal(&squeeze(&Sound::with(manifest, &document, |sums| sums).tar()));
    for flags in [&["-q"][..], &["-v"], &["--format", "text"], &["--format", "json"]] {
        let ran = place.compare(&place.write(&file), flags);
        assert!(matches!(ran.status.code(), Some(1..=3)), "{ran:?}");
        for text in [&ran.stdout, &ran.stderr].map(|bytes| str::from_utf8(bytes).unwrap()) {
            assert!(flags[0] == "-q" || !text.is_empty());
            let moves =
                |letter: &char| letter.is_control() && *letter != '\n' || *letter == '\u{202e}';
            assert_eq!(text.chars().find(moves), None, "{flags:?}: {text:?}");
        }
    }
}

/// Bytes of the document in an archive of the program.
fn sound_size(tar: &[u8]) -> usize {
    let documents = pack::entries(tar);
    documents[1].1.len()
}
