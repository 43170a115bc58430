//! Target `keys`: bytes are a file of keys of every kind, and a signature.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("keys"), |bytes: &[u8]| bodies::keys(bytes));
