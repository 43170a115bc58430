//! What goes to standard error.
//!
//! Owns the printing of errors and notes: plain, or as JSON where JSON was asked for.
//! Invariant: nothing that came from an input reaches the terminal without being made visible, and
//! a standard error that is closed is no reason to fail.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::error::Error;
use crate::report::{visible, visible_json};

/// How complaints are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complaint {
    /// As JSON, one object a line.
    pub(super) json: bool,
}

impl Complaint {
    /// Tells a person something that is no failure.
    pub(super) fn note(&self, note: &str) {
        let line = if self.json {
            visible_json(&serde_json::json!({ "note": note }))
        } else {
            format!("Note: {}.", visible(note))
        };
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Tells why something was not done, where that is a result and no failure.
    pub(super) fn stop(&self, message: &str, hint: &str) {
        let _ = writeln!(io::stderr(), "hsmirror: {}\n{}", visible(message), visible(hint));
    }

    /// Tells of a failure and gives its exit code.
    pub(super) fn fail(&self, error: &Error) -> ExitCode {
        let code = error.kind.exit_code();
        let text = if self.json {
            let Error { kind, message, hint } = error;
            let kind = kind.name();
            visible_json(&serde_json::json!({
                "error": { "kind": kind, "exitCode": code, "message": message, "hint": hint }
            }))
        } else {
            format!("hsmirror: {}\n{}", visible(&error.message), visible(&error.hint))
        };
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(code)
    }
}
