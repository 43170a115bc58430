//! Target `qlist`: bytes are the output of `iris qlist`.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("qlist"), |bytes: &[u8]| bodies::qlist(bytes));
