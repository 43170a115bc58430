//! Progress of long work.
//!
//! Owns the bar that shows how much of a database has passed, how fast, and how long the rest takes. It
//! is on standard error, and only where that is a terminal.
//! Invariant: a bar changes nothing of what the work does, and nothing of it stays in a file or a pipe.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::bundle::{Manifest, Payload};
use crate::error::Result;

/// Bytes below which there is nothing to wait for.
const WORTH_IT: u64 = 64 << 20;

/// A bar over that many bytes, named for what is done.
pub(super) fn bar(what: &str, bytes: u64, quiet: bool) -> ProgressBar {
    let bar = ProgressBar::hidden();
    if !quiet {
        show(&bar, what, bytes);
    }
    bar
}

/// Shows a bar that was hidden, where there is a terminal and something to wait for.
pub(super) fn show(bar: &ProgressBar, what: &str, bytes: u64) {
    if bytes < WORTH_IT || !io::stderr().is_terminal() {
        return;
    }
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
    bar.set_length(bytes);
    let template = "{msg} {wide_bar} {percent:>3} % {bytes_per_sec:>12}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_secs(1));
}

/// Counts a database that is only checked.
pub(super) struct Counting {
    what: &'static str,
    bar: ProgressBar,
}

impl Counting {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, bar: ProgressBar::hidden() }
    }
}

impl Payload for Counting {
    fn begin(&mut self, manifest: &Manifest) -> Result<()> {
        let sizes = manifest.content().filter_map(|entry| entry.size);
        self.bar = bar(self.what, sizes.sum(), false);
        Ok(())
    }
    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.bar.inc(bytes.len() as u64);
        Ok(())
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
