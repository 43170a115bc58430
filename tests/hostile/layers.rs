//! What is wrong below the archive: zstd frames, and age files.

use std::io::Write as _;

use super::Row;
use super::pack::{LARGEST_WINDOW, Part, Sound, WINDOW, frame, seal, squeeze};
use super::place::Place;

/// What age may hold and is not one sound zstd frame of 8 MiB of window at most.
pub fn frames(sound: &Sound) -> Vec<Row> {
    let tar = sound.tar();
    let right = squeeze(&tar);
    let and = |more: &[u8]| [&right[..], more].concat();
    let changed = |at: usize, byte: u8| {
        let mut frame = right.clone();
        frame[at] = byte;
        frame
    };
    let by_hand = |window: u8| frame(window, &[Part::Bytes(tar.clone())]);
    let far = {
        let mut zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
        zstd.long_distance_matching(true).unwrap();
        zstd.window_log(27).unwrap();
        zstd.write_all(&tar).unwrap();
        zstd.finish().unwrap()
    };
    let promised = |size: u64| {
        let mut zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
        zstd.set_pledged_src_size(Some(tar.len() as u64)).unwrap();
        zstd.write_all(&tar).unwrap();
        let mut frame = zstd.finish().unwrap();
        // A single segment with two bytes of content size, less 256.
        assert_eq!(frame[4] & 0b1110_0000, 0b0110_0000);
        frame[5..7].copy_from_slice(&u16::try_from(size - 256).unwrap().to_le_bytes());
        frame
    };
    let size = tar.len() as u64;
    let skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00hey!";
    let halves = |at: usize| [squeeze(&tar[..at]), squeeze(&tar[at..])].concat();
    let last = right.len() - 1;
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("text", b"just words\n".to_vec()),
        ("the archive itself", tar.clone()),
        ("an empty frame", squeeze(b"")),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
        ("a frame of an old version", changed(0, 0x27)),
        ("a bundle in a bundle", b"age-encryption.org/v1\n-> X25519 abc\n".to_vec()),
        ("a frame cut in its header", right[..4].to_vec()),
        ("a frame cut in the middle", right[..last / 2].to_vec()),
        ("a frame without its last byte", right[..last].to_vec()),
        ("a frame without its sum", right[..last - 3].to_vec()),
        ("a frame with a wrong sum", changed(last, !right[last])),
        ("a frame with a damaged block", changed(last / 2, !right[last / 2])),
        ("a frame with a reserved bit", changed(4, right[4] | 0b1000)),
        ("a frame that wants a dictionary", {
            let mut frame = changed(4, right[4] | 1);
            frame.insert(6, 7);
            frame
        }),
        ("a window of 128 MiB, as --long makes it", far),
        ("a window of 16 MiB", by_hand(14 << 3)),
        ("a window an eighth larger than 8 MiB", by_hand(13 << 3 | 1)),
        ("the largest window", by_hand(LARGEST_WINDOW)),
        ("a frame that promises less", promised(size - 1)),
        ("a frame that promises more", promised(size + 1)),
        ("a byte after the frame", and(b"x")),
        ("a zero after the frame", and(b"\0")),
        ("a second frame", and(&right)),
        ("an empty second frame", and(&squeeze(b""))),
        ("a skippable frame after the frame", and(skippable)),
        ("an empty skippable frame after it", and(&skippable[..4])),
        ("a skippable frame before the frame", [&skippable[..], &right].concat()),
        ("a skippable frame alone", skippable.to_vec()),
        ("half of the archive in each of two frames", halves(512)),
        ("the end of the archive in a second frame", halves(tar.len() - 512)),
        ("a gigabyte promised by a skippable frame", b"\x50\x2a\x4d\x18\0\0\0\x40".to_vec()),
    ];
    assert_eq!(promised(size).len(), promised(size + 1).len());
    assert!(zstd::decode_all(&by_hand(WINDOW)[..]).unwrap() == tar);
    rows.into_iter().map(|(what, frame)| (what.to_owned(), 14, frame)).collect()
}

/// Files that are not one sound age file for the identity of the place.
pub fn files(place: &Place) -> Vec<Row> {
    let plain = squeeze(&place.sound().tar());
    let right = place.seal(&plain);
    let other = Place::new();
    let (text, payload) = split(&right);
    let head = str::from_utf8(text).unwrap();
    let with_head = |head: &str| [head.as_bytes(), payload].concat();
    let stanza = |stanza: &str| {
        let (version, rest) = head.split_once('\n').unwrap();
        with_head(&format!("{version}\n{stanza}\n{rest}"))
    };
    let ours: age::x25519::Recipient = place.recipient.parse().unwrap();
    let theirs: age::x25519::Recipient = other.recipient.parse().unwrap();
    let crowd = |count: usize| {
        let mut crowd: Vec<&dyn age::Recipient> = vec![&theirs; count - 1];
        crowd.push(&ours);
        seal(&crowd, &plain)
    };
    assert!(place.open(&crowd(64)).is_ok());
    let body = |lines: usize| {
        format!("{}\nAAAA", format!("{}\n", "A".repeat(64)).repeat(lines).trim_end())
    };
    let armored = |bytes: &[u8]| {
        let format = age::armor::Format::AsciiArmor;
        let mut armor = age::armor::ArmoredWriter::wrap_output(Vec::new(), format).unwrap();
        armor.write_all(bytes).unwrap();
        armor.finish().unwrap()
    };
    let armor = armored(&right);
    let armor_and = |more: &[u8]| [&armor[..], more].concat();
    let rows: Vec<(&str, i32, Vec<u8>)> = vec![
        ("nothing", 11, Vec::new()),
        ("words", 12, b"just words\n".to_vec()),
        ("zeros", 12, b"\0\0\0\0\n".repeat(100)),
        ("a file for somebody else", 10, other.seal(&plain)),
        ("a version to come", 13, with_head(&head.replace("/v1", "/v2"))),
        ("a version to come in armor", 13, armored(&with_head(&head.replace("/v1", "/v2")))),
        ("no version", 12, with_head(&head.replace("/v1", ""))),
        ("a carriage return", 12, with_head(&head.replace("/v1", "/v1\r"))),
        ("a stanza of an unknown kind for nobody", 12, stanza("-> later abc\nAAAA")),
        ("a passphrase beside a key", 12, stanza("-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\nAAAA")),
        (
            "no stanza at all",
            12,
            with_head(&format!("age-encryption.org/v1\n--- {}\n", "A".repeat(43))),
        ),
        ("a header that never ends", 14, b"age-encryption.org/v1\n-> x\n".repeat(5000)),
        (
            "a line that never ends",
            14,
            [&b"age-encryption.org/v1\n"[..], &[b'x'; 100 << 10]].concat(),
        ),
        (
            "a header of 100 KB in one line",
            14,
            stanza(&format!("-> X25519 {}\nAAAA", "A".repeat(100_000))),
        ),
        ("a header of 100 KB in one body", 14, stanza(&format!("-> later x\n{}", body(1540)))),
        ("70 recipients", 14, crowd(70)),
        ("a thousand recipients", 14, stanza("-> later x\nAAAA\n".repeat(1000).trim_end())),
        ("a byte after the file", 11, [&right[..], b"x"].concat()),
        ("a line end after the file", 11, [&right[..], b"\n"].concat()),
        ("a second file after the file", 11, [&right[..], &right].concat()),
        ("a large second file after the file", 12, [&right[..], &[b'x'; 100 << 10]].concat()),
        ("a byte before the file", 12, [b"\n", &right[..]].concat()),
        ("the header alone", 11, text.to_vec()),
        ("the payload alone", 12, payload.to_vec()),
        ("the header twice", 11, [text, &right[..]].concat()),
        (
            "the payload of another file",
            12,
            [text, split(&place.seal(&plain)).1, &[0; 65 << 10]].concat(),
        ),
        (
            "an empty armor",
            11,
            b"-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n".to_vec(),
        ),
        ("the start of an armor", 11, b"-----BEGIN AGE ENCRYPTED FILE-----\n".to_vec()),
        (
            "an armor of another kind",
            12,
            [&b"-----BEGIN PGP MESSAGE-----\n\n"[..], &[b'A'; 900]].concat(),
        ),
        ("an armor with something after it", 11, armor_and(b"x")),
        ("an armor with a line after it", 11, armor_and(b"hello\n")),
        ("two armors", 11, armor_and(&armor)),
        ("an armor with a file after it", 11, armor_and(&right)),
        ("an armor in an armor", 12, armored(&armor)),
        ("an armor without its end", 11, armor[..armor.len() - 35].to_vec()),
        (
            "an armor of lines of other lengths",
            12,
            str::from_utf8(&armor).unwrap().replacen("\n", "\nYQ==\n", 1).into(),
        ),
    ];
    rows.into_iter().map(|(what, code, file)| (what.to_owned(), code, file)).collect()
}

/// The header of an age file, and its payload.
fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let mac = file.windows(4).position(|part| part == b"\n---").unwrap() + 1;
    let end = file[mac..].iter().position(|byte| *byte == b'\n').unwrap();
    file.split_at(mac + end + 1)
}

/// An age file for a passphrase that says another work factor.
pub fn with_work_factor(file: &[u8], work: &str) -> Vec<u8> {
    let (text, payload) = split(file);
    let head = str::from_utf8(text).unwrap();
    let (before, after) = head.split_once(" 2\n").unwrap();
    assert!(before.contains("-> scrypt "));
    [format!("{before} {work}\n{after}").as_bytes(), payload].concat()
}
