//! Damaged files never bring the readers down.
//!
//! Takes the samples, damages them at random (bytes flipped, pieces cut out, repeated, swapped between
//! files) and reads them: whatever comes, it is a configuration or an error that names the file, in
//! one sentence and one hint, and never a panic. `HSMIRROR_MUTATIONS=100000` makes it longer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use hsmirror::compare::Selection;
use hsmirror::source::{self, Options};

const FILES: &[&str] =
    &["iris.cpf", "SecurityExport.xml", "TaskExport.xml", "qlist.txt", "configuration.json"];

/// A source of random numbers; the same seed gives the same damage.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    /// A piece of a text.
    fn piece(&mut self, of: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(of.len());
        let scale = self.below(9);
        let length = self.below(1 << scale);
        from..(from + length).min(of.len())
    }
}

fn damaged(random: &mut Random, originals: &[Vec<u8>], which: usize) -> Vec<u8> {
    let mut bytes = originals[which].clone();
    for _ in 0..1 + random.below(4) {
        let piece = random.piece(&bytes);
        match random.below(6) {
            0 => bytes.truncate(piece.start),
            1 => {
                bytes.drain(piece);
            }
            2 => {
                let again = bytes[piece.clone()].to_vec();
                bytes.splice(piece.start..piece.start, again);
            }
            3 => {
                let other = &originals[random.below(originals.len())];
                let from = random.piece(other);
                bytes.splice(piece, other[from].to_vec());
            }
            4 => {
                let odd: &[&[u8]] = &[
                    b"\0",
                    b"\xff",
                    b"]]>",
                    b"<!--",
                    b"\"",
                    b"\xef\xbb\xbf",
                    b"&#0;",
                    b"[",
                    b"{",
                    b"^",
                ];
                let odd = odd[random.below(odd.len())].to_vec();
                bytes.splice(piece.start..piece.start, odd);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(piece.start) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    bytes
}

#[test]
fn whatever_comes_is_read_or_refused() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/primary");
    let originals: Vec<Vec<u8>> =
        FILES.iter().map(|name| fs::read(samples.join(name)).unwrap()).collect();
    let whole = source::gather(&samples, &Options::default()).unwrap().configuration;
    let rounds = std::env::var("HSMIRROR_MUTATIONS").ok().and_then(|text| text.parse().ok());
    let mut random = Random(42);
    let (mut read, mut refused) = (0, 0);
    let folder = tempfile::tempdir().unwrap();
    for round in 0..rounds.unwrap_or(250) {
        let which = random.below(FILES.len());
        let path = folder.path().join(format!("{round}-{}", FILES[which]));
        fs::write(&path, damaged(&mut random, &originals, which)).unwrap();
        match source::gather(&path, &Options::default()) {
            Ok(gathered) => {
                read += 1;
                let pair = (whole.clone(), gathered.configuration);
                hsmirror::finding::judge(pair.0, pair.1, &Selection::default());
            }
            Err(error) => {
                refused += 1;
                let name = path.file_name().unwrap().to_str().unwrap();
                assert!(error.message.contains(name), "{error}");
                assert!(!error.hint.is_empty() && !error.message.contains('\n'), "{error}");
            }
        }
        fs::remove_file(&path).unwrap();
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
