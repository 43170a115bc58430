//! Target `waivers`: bytes are a file of waivers.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("waivers"), |bytes: &[u8]| bodies::waivers(bytes));
