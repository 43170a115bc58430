//! What the program seals, stock tools open, and what stock tools seal, the program opens.
//!
//! Runs `age`, `tar`, `zstd`, `sha256sum`, `ssh-keygen` and `jq` beside the binary itself, in both
//! directions: `sealed` takes our bundles apart without us, `packed` makes bundles without us,
//! `signed` exchanges signatures, `keys` exchanges identity files, `promises` tries to break what the
//! page promises. Nothing of the library is used, so what is proved is the format and not our reading
//! of it; `docs/bundle-format.md` is its text.
//! Where a tool is missing, the test says so and passes; passphrases are typed at a terminal that
//! `python3` makes, since stock age reads them from nowhere else.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod keys;
mod packed;
mod place;
mod promises;
mod sealed;
mod signed;
