//! Target `cpf`: bytes are a configuration parameter file.

#![no_main]

use hsmirror_fuzz::{bodies, seeds};

libfuzzer_sys::fuzz_target!(init: seeds::plant("cpf"), |bytes: &[u8]| bodies::cpf(bytes));
