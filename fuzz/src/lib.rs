//! What the fuzz targets share.
//!
//! [`bodies`] says what each target does with its bytes and what must hold then; it lies with the tests
//! of the program, for `tests/fuzzed.rs` runs the same bodies. [`seeds`] makes the inputs to begin with
//! that no sample file is.

#[path = "../../tests/fuzzed/bodies.rs"]
pub mod bodies;
pub mod seeds;
