//! Target `plan`: bytes are a plan, or a merge file.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("plan"), |bytes: &[u8]| bodies::plan(bytes));
