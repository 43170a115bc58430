//! What speaks to an instance, tried on a stand-in (`tests/stand_in`).
//!
//! Owns the start: under the name `iris` the test is the stand-in, under its own it runs the tests of the
//! modules beside it. A test is a function and one line in its module's list; a panic is a failure.
//! Invariant: no test touches anything but its own scene.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

#[path = "../instance/mod.rs"]
mod instance;
#[path = "../stand_in/mod.rs"]
mod stand_in;

mod copying;
mod following;
mod gathering;
mod rollout;
mod sessions;
mod shown;
mod standing;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A list of tests: their functions, one a line.
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        pub(crate) fn tests() -> Vec<libtest_mimic::Trial> {
            vec![$($crate::trial(concat!(module_path!(), "::", stringify!($test)), $test)),*]
        }
    };
}
pub(crate) use tests;

/// A test that fails by panicking. Its name begins with that of its module.
pub(crate) fn trial(name: &str, test: fn()) -> Trial {
    let name = name.split_once("::").map_or(name, |(_, name)| name).to_owned();
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let name = arguments.first().and_then(|own| Path::new(own).file_name()?.to_str());
    if name == Some("iris") {
        return stand_in::act(&arguments);
    }
    let tests = [
        sessions::tests(),
        shown::tests(),
        copying::tests(),
        rollout::tests(),
        following::tests(),
        standing::tests(),
        gathering::tests(),
    ];
    let mut arguments = Arguments::from_args();
    // Most of them wait for a clock, so more can run at once than there are processors.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(2 * processors);
    libtest_mimic::run(&arguments, tests.into_iter().flatten().collect()).exit_code()
}
