//! What fuzzing found, and what each fuzz target does.
//!
//! Runs the bodies of the fuzz targets (`fuzzed/bodies.rs`, which the crate in `fuzz/` uses too) over a
//! table of named inputs: those that once brought the program down, and the most interesting ones of
//! the corpora. A body panics where the program does or where something does not hold that must; the
//! table tells which input did. Seals of every layer are opened first, for a body that refused
//! everything would find nothing. `docs/fuzzing.md` says how a crash becomes a row.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "fuzzed/bodies.rs"]
#[allow(dead_code, unreachable_pub, reason = "the fuzz targets use what this test does not")]
mod bodies;

use std::panic;

use bodies::Layer;

/// An input: its name, the body it is for, and its bytes.
type Row = (&'static str, fn(&[u8]), &'static [u8]);

const ROWS: &[Row] = &[("nothing", bodies::cpf, b"")];

#[test]
fn no_input_brings_a_reader_down() {
    let fell: Vec<&str> = ROWS
        .iter()
        .filter(|(_, body, bytes)| panic::catch_unwind(|| body(bytes)).is_err())
        .map(|(name, ..)| *name)
        .collect();
    assert!(fell.is_empty(), "{fell:?}");
}

#[test]
fn what_is_sound_is_opened() {
    for signed in [false, true] {
        let manifest = bodies::sound_manifest(signed);
        let archive = bodies::archive(&manifest);
        for (layer, bytes) in [
            (Layer::Manifest, &manifest),
            (Layer::Tar, &archive),
            (Layer::SummedTar, &archive),
            (Layer::Zstd, &bodies::compress(&archive)),
            (Layer::Configuration, &bodies::DOCUMENT.to_owned()),
        ] {
            let opened = bodies::open(&bodies::sealed(layer, bytes));
            assert!(opened.is_some(), "{layer:?}, signed: {signed}");
        }
    }
    assert!(bodies::open(b"age-encryption.org/v1\n").is_none());
}
