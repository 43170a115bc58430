//! Target `json`: bytes are a configuration document.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("json"), |bytes: &[u8]| bodies::json(bytes));
