//! Target `bundle`: the first byte says which layer of a bundle the others are.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("bundle"), |bytes: &[u8]| bodies::bundle(bytes));
