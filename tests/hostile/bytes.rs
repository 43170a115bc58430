//! Every byte of a small bundle, as bytes and as text: turned, missing, or with all that follows it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::place::Place;

/// Opens a spoiled bundle; says what is wrong if it is not refused with one of these codes. `same` is
/// what a bundle may give that is not refused even so.
fn wrong(place: &Place, file: &[u8], codes: &[i32], same: Option<&[u8]>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| place.open(file))) {
        Ok(Err(code)) if codes.contains(&code) => None,
        Ok(Err(code)) => Some(format!("refused with {code}")),
        Ok(Ok(content)) if same == Some(&content) => None,
        Ok(Ok(_)) => Some("accepted".to_owned()),
        Err(_) => Some("a panic".to_owned()),
    }
}

/// Turns every byte of a file in two ways, and says where that is not refused.
/// The version stands before `version` and nowhere else.
fn turned(place: &Place, file: &[u8], version: usize) -> Vec<String> {
    place.open(file).unwrap();
    let mut found = Vec::new();
    for (at, mask) in (0..file.len()).flat_map(|at| [(at, 0x01), (at, 0x80)]) {
        let mut other = file.to_vec();
        other[at] ^= mask;
        // Only what says a version can say that it is newer.
        let codes = if at < version { &[11, 12, 13, 14][..] } else { &[10, 11, 12, 14] };
        found.extend(wrong(place, &other, codes, None).map(|what| {
            format!("byte {at} of {}, {:?}, xor {mask:#x}: {what}", file.len(), file[at] as char)
        }));
    }
    found
}

/// Cuts a file at every length, and says where that is not refused as cut short.
fn cut(place: &Place, file: &[u8], nothing_lost: impl Fn(usize) -> bool) -> Vec<String> {
    let content = place.open(file).unwrap();
    let mut found = Vec::new();
    for at in 0..file.len() {
        let same = nothing_lost(at).then_some(&content[..]);
        found.extend(
            wrong(place, &file[..at], &[11], same).map(|what| format!("cut at {at}: {what}")),
        );
    }
    found
}

/// Fails with some of what was found; the rest is mostly alike.
fn none(found: &[String]) {
    assert!(
        found.is_empty(),
        "{} found, among them {:#?}",
        found.len(),
        &found[..found.len().min(9)]
    );
}

#[test]
fn a_bundle_with_a_byte_turned_is_refused() {
    let place = Place::new();
    let file = place.export(&[]);
    none(&turned(&place, &file, "age-encryption.org/v1\n".len()));
}

#[test]
fn a_bundle_in_armor_with_a_byte_turned_is_refused() {
    let place = Place::new();
    let file = place.export(&["--armor"]);
    // The first line of the armor, and as much of the second as the version takes.
    none(&turned(&place, &file, 36 + 32));
}

#[test]
fn a_bundle_cut_anywhere_is_refused() {
    let place = Place::new();
    let file = place.export(&[]);
    none(&cut(&place, &file, |_| false));
    let file = place.export(&["--armor"]);
    // Of the text the last line end may be missing, as where it was pasted: nothing is lost with it.
    none(&cut(&place, &file, |at| at + 1 == file.len()));
}

#[test]
fn a_database_with_a_byte_turned_or_cut_anywhere_is_refused() {
    let place = Place::new();
    let file = place.export_database([b"the database", b"its volume"]);
    assert_eq!(place.open(&file).unwrap(), b"the databaseits volume");
    none(&turned(&place, &file, "age-encryption.org/v1\n".len()));
    none(&cut(&place, &file, |_| false));
}

/// Here every layer has more than one part, and runs ahead of the one above it.
#[test]
fn a_large_database_with_a_byte_turned_or_cut_is_refused() {
    let place = Place::new();
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let first: Vec<u8> = (0..3_000_000).map(|_| random()).collect();
    let file = place.export_database([&first, b"its volume"]);
    assert_eq!(place.open(&file).unwrap().len(), first.len() + 10);
    for at in (0..file.len()).step_by(99_991).chain([file.len() - 1]) {
        let mut other = file.clone();
        other[at] ^= 1;
        assert_eq!(wrong(&place, &other, &[10, 11, 12], None), None, "byte {at}");
        assert_eq!(wrong(&place, &file[..at], &[11], None), None, "cut at {at}");
    }
}

/// What mail makes of text around and between its lines changes nothing.
#[test]
fn white_space_of_the_mail_around_an_armor_is_no_alteration() {
    let place = Place::new();
    let file = place.export(&["--armor"]);
    let text = str::from_utf8(&file).unwrap();
    for same in [text.replace('\n', "\r\n"), format!("{text}\n \t\r\n{}", " ".repeat(9000))] {
        assert_eq!(place.open(same.as_bytes()), place.open(&file));
    }
}
