//! Target `list`: bytes are the `$LIST` of a task's settings.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("list"), |bytes: &[u8]| bodies::list(bytes));
