//! Target `xml`: bytes are a security or task export; without a root element they get one.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("xml"), |bytes: &[u8]| bodies::xml(bytes));
