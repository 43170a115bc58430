//! Archives that are laid out wrong: names, types, sizes, order and ends.

use super::Row;
use super::pack::{BLOCK, Block, DOCUMENT, MANIFEST, SIGNATURE, Sound, entry_of, header, sum, tar};

/// A file by its name.
type Entry<'a> = (&'a str, &'a [u8]);

/// What is done to a header.
type Damage = fn(&mut Block);

/// The wrong archives.
pub fn rows(sound: &Sound) -> Vec<Row> {
    let mut rows = Vec::new();
    names(sound, &mut rows);
    types(sound, &mut rows);
    sizes(sound, &mut rows);
    order(sound, &mut rows);
    headers(sound, &mut rows);
    ends(sound, &mut rows);
    rows
}

fn names(sound: &Sound, rows: &mut Vec<Row>) {
    for (at, right) in [(0, MANIFEST), (1, DOCUMENT)] {
        let other = [
            format!("../{right}"),
            format!("../../../../tmp/{right}"),
            format!("/{right}"),
            format!("./{right}"),
            format!(".//{right}"),
            format!("a/{right}"),
            format!("a/../{right}"),
            format!("{right}/"),
            format!("{right} "),
            format!("C:\\{right}"),
            right.to_uppercase(),
            right[1..].to_owned(),
            "\u{202e}nosj".to_owned(),
            String::new(),
        ];
        for name in other {
            let named = sound.header_changed(at, |block| {
                block[..100].fill(0);
                block[..name.len()].copy_from_slice(name.as_bytes());
            });
            rows.push((format!("the name {name:?}"), 14, named));
        }
        let prefixed = |prefix: &[u8]| {
            sound.header_changed(at, |block| {
                block[345..345 + prefix.len()].copy_from_slice(prefix);
            })
        };
        for prefix in ["..", "/etc", "a"] {
            rows.push((format!("{right} below {prefix}"), 14, prefixed(prefix.as_bytes())));
        }
    }
}

fn types(sound: &Sound, rows: &mut Vec<Row>) {
    let kinds: [(u8, &str); 18] = [
        (b'1', "a hard link"),
        (b'2', "a symbolic link"),
        (b'3', "a character device"),
        (b'4', "a block device"),
        (b'5', "a folder"),
        (b'6', "a fifo"),
        (b'7', "a contiguous file"),
        (b'8', "type 8"),
        (b'S', "a sparse file"),
        (b'L', "GNU's long name"),
        (b'K', "GNU's long link"),
        (b'M', "GNU's next volume"),
        (b'D', "GNU's folder"),
        (b'V', "GNU's label"),
        (b'x', "a PAX header"),
        (b'g', "a global PAX header"),
        (b'X', "Sun's PAX header"),
        (0xff, "no type"),
    ];
    for (kind, what) in kinds {
        for (at, name) in [MANIFEST, DOCUMENT].into_iter().enumerate() {
            let typed = sound.header_changed(at, |block| {
                block[156] = kind;
                block[157..168].copy_from_slice(b"/etc/passwd");
            });
            rows.push((format!("{name} is {what}"), 14, typed));
        }
        let gnu = sound.header_changed(1, |block| {
            block[156] = kind;
            block[257..265].copy_from_slice(b"ustar  \0");
        });
        rows.push((format!("{DOCUMENT} is {what} in GNU's spelling"), 14, gnu));
    }
    // What tells the next entry another name, size or place, and the bare thing as an entry more.
    let before = [
        ("GNU's long name", entry_of(b'L', "././@LongLink", b"configuration.json\0")),
        ("GNU's long name that leads away", entry_of(b'L', "././@LongLink", b"../../x\0")),
        ("GNU's long link", entry_of(b'K', "././@LongLink", b"/etc/passwd\0")),
        ("a PAX path", entry_of(b'x', "PaxHeaders/c", b"27 path=configuration.json\n")),
        ("a PAX size", entry_of(b'x', "PaxHeaders/c", b"17 size=99999999\n")),
        ("a global PAX comment", entry_of(b'g', "pax_global_header", b"16 comment=hello\n")),
        ("a symbolic link", header(DOCUMENT, b'2', 0).to_vec()),
        ("a hard link", header(DOCUMENT, b'1', 0).to_vec()),
        ("a folder", header("a/", b'5', 0).to_vec()),
        ("a fifo", header("fifo", b'6', 0).to_vec()),
        ("a label", header("backup", b'V', 0).to_vec()),
    ];
    for (what, entry) in before {
        for at in [0, 1, 3] {
            rows.push((format!("{what} before entry {at}"), 14, sound.inserted(at, &entry)));
        }
    }
}

fn sizes(sound: &Sound, rows: &mut Vec<Row>) {
    let right = sound.document.len() as u64;
    let octal = |size: u64| format!("{size:011o}\0").into_bytes();
    let base256 = |high: [u8; 4], low: u64| [&high[..], &low.to_be_bytes()].concat();
    let fields: Vec<(&str, Vec<u8>)> = vec![
        ("the largest in octal", b"77777777777\0".to_vec()),
        ("the largest in octal without an end", b"777777777777".to_vec()),
        ("one more than the limit", octal((512 << 20) + 1)),
        ("the largest in base 256", base256([0x80, 0, 0, 0], u64::MAX)),
        ("half of it", base256([0x80, 0, 0, 0], u64::MAX / 2)),
        ("almost the largest, to overflow when it is filled up", base256([0x80, 0, 0, 0], !1)),
        ("minus one", base256([0xff; 4], u64::MAX)),
        ("minus something with the right last bytes", base256([0xff; 4], right)),
        ("beyond 64 bits with the right last bytes", base256([0x80, 0, 0, 1], right)),
        ("beyond 64 bits in its first byte", base256([0x81, 0, 0, 0], right)),
        ("GNU's base 64", format!("+{right:010o}\0").into_bytes()),
        ("negative in octal", format!("-{right:010o}\0").into_bytes()),
        ("no digits", b"           \0".to_vec()),
        ("nothing", vec![0; 12]),
        ("no number", b"size       \0".to_vec()),
        ("no octal digit", b"00000000898\0".to_vec()),
        ("something after the digits", format!("{right:010o}x\0").into_bytes()),
        ("none", octal(0)),
        ("one less", octal(right - 1)),
        ("one more", octal(right + 1)),
        ("a block more", octal(right + BLOCK as u64)),
        ("more than there is", octal(1 << 20)),
    ];
    for (what, field) in fields {
        let sized = sound.header_changed(1, |block| block[124..136].copy_from_slice(&field));
        // The zero that is one byte more is read as the document's.
        let code = if what == "one more" { 12 } else { 14 };
        rows.push((format!("a size that is {what}"), code, sized));
    }
    for (at, most) in [(0, 1u64 << 20), (2, 4 << 10)] {
        for size in [most + 1, 1 << 32, u64::MAX] {
            let sized = sound.header_changed(at, |block| {
                block[124..136].copy_from_slice(&base256([0x80, 0, 0, 0], size));
            });
            rows.push((format!("entry {at} of {size} bytes"), 14, sized));
        }
    }
}

fn order(sound: &Sound, rows: &mut Vec<Row>) {
    let all = sound.entries();
    let [manifest, document, sums] = all;
    let signature: Entry = (SIGNATURE, b"-----BEGIN SSH SIGNATURE-----\n");
    let other: Entry = ("plan.json", b"{}");
    let orders: Vec<(&str, Vec<Entry>)> = vec![
        ("no manifest", vec![document, sums]),
        ("the manifest second", vec![document, manifest, sums]),
        ("the manifest last", vec![document, sums, manifest]),
        ("the manifest alone", vec![manifest]),
        ("no document", vec![manifest, sums]),
        ("no list of digests", vec![manifest, document]),
        ("the list of digests too early", vec![manifest, sums, document]),
        ("the manifest twice", vec![manifest, manifest, document, sums]),
        ("the document twice", vec![manifest, document, document, sums]),
        ("the list of digests twice", vec![manifest, document, sums, sums]),
        ("the document again after the list", vec![manifest, document, sums, document]),
        ("everything twice", [all, all].concat()),
        ("the signature before the list", vec![manifest, document, signature, sums]),
        ("the signature first", vec![signature, manifest, document, sums]),
        ("the signature alone", vec![signature]),
        ("something more at the start", vec![other, manifest, document, sums]),
        ("something more after the manifest", vec![manifest, other, document, sums]),
        ("something more before the list", vec![manifest, document, other, sums]),
        ("something more at the end", vec![manifest, document, sums, other]),
        ("something more after the signature", vec![manifest, document, sums, signature, other]),
        ("two signatures", vec![manifest, document, sums, signature, signature]),
        ("nothing at all", vec![]),
    ];
    for (what, entries) in orders {
        rows.push((what.to_owned(), 14, tar(entries)));
    }
}

fn headers(sound: &Sound, rows: &mut Vec<Row>) {
    let damaged: [(&str, Damage); 7] = [
        ("a wrong sum", |block| block[154] ^= 1),
        ("another sum", |block| block[148..156].copy_from_slice(b"000000\0 ")),
        ("no sum", |block| block[148..156].fill(0)),
        ("a sum that is no number", |block| block[148..156].copy_from_slice(b"sum\0    ")),
        ("a byte that the sum does not have", |block| block[500] = 1),
        ("no magic", |block| {
            block[257..265].fill(0);
            sum(block);
        }),
        ("half a magic", |block| {
            block[257..265].copy_from_slice(b"ustar \0\0");
            sum(block);
        }),
    ];
    for at in 0..3 {
        for (what, damage) in &damaged {
            let mut tar = sound.tar();
            let name = sound.entries()[at].0.as_bytes();
            let from = (0..tar.len()).step_by(BLOCK).find(|at| tar[*at..].starts_with(name));
            let from = from.unwrap();
            damage((&mut tar[from..from + BLOCK]).try_into().unwrap());
            rows.push((format!("{what} in entry {at}"), 14, tar));
        }
    }
}

fn ends(sound: &Sound, rows: &mut Vec<Row>) {
    let whole = sound.tar();
    let end = whole.len() - 2 * BLOCK;
    let upto = |size: usize| whole[..size].to_vec();
    let and = |more: &[u8]| [&whole[..], more].concat();
    let other = entry_of(b'0', "plan.json", b"{}");
    let mut row = |what: &str, tar: Vec<u8>| rows.push((what.to_owned(), 14, tar));
    row("no end", upto(end));
    row("half an end", upto(end + BLOCK));
    row("an end cut in its last block", upto(whole.len() - 1));
    row("an end with a byte in it", [upto(end), [0; BLOCK].into(), [1; BLOCK].into()].concat());
    row("garbage instead of an end", [upto(end), b"garbage".repeat(300)].concat());
    row("garbage alone", b"garbage".repeat(300));
    row("nothing", Vec::new());
    row("one block of zeros", vec![0; BLOCK]);
    row("three blocks of zeros", vec![0; 3 * BLOCK]);
    row("a record of zeros", vec![0; 10 << 10]);
    row("a byte after the end", and(b"x"));
    row("a zero after the end", and(b"\0"));
    row("a block after the end", and(&[b'x'; BLOCK]));
    row("a block of zeros after the end", and(&[0; BLOCK]));
    row("an entry after the end", and(&other));
    row("an archive after the end", and(&whole));
    row("bytes after the last entry", sound.inserted(3, b"x"));
    row("a block after the last entry", sound.inserted(3, &[b'x'; BLOCK]));
    row("a block of zeros between entries", sound.inserted(1, &[0; BLOCK]));
    row("an end between entries", sound.inserted(2, &[0; 2 * BLOCK]));
    let mut filled = whole.clone();
    filled.resize(whole.len().next_multiple_of(10 << 10), 0);
    row("one zero less than fills a record", filled[..filled.len() - 1].to_vec());
    row("one zero more than fills a record", [&filled[..], &[0]].concat());
    row("a record of zeros after a filled one", [&filled[..], &[0; 10 << 10]].concat());
    *filled.last_mut().unwrap() = 1;
    row("something in what fills a record", filled);
    let exact = sound.filling(20).tar();
    assert_eq!(exact.len(), 10 << 10);
    row("a record of zeros after an exact one", [&exact[..], &[0; 10 << 10]].concat());
    // What fills the last block of an entry is nothing.
    for at in 0..3 {
        let mut tar = sound.tar();
        let (_, bytes) = sound.entries()[at];
        let place = tar.windows(bytes.len()).position(|part| part == bytes).unwrap();
        tar[place + bytes.len()] = 1;
        row(&format!("something hidden after entry {at}"), tar);
    }
}
