//! The two operands of a command, read.
//!
//! Owns the order in which two sides are read: keys first, then both operands are made ready one after
//! the other, since a passphrase may be asked for, then both are read at the same time.
//! Invariant: of two errors that of the first operand is told; standard input is read once at most.

use std::io::{self, Read};
use std::path::Path;
use std::thread;

use super::keys::{Keys, Signers};
use super::local::Local;
use crate::bundle::Trust;
use crate::error::{Error, Kind, Result};
use crate::key::{Ask, Identities};
use crate::model::Provenance;
use crate::operand::{Ready, STREAM, Side};
use crate::source::Options;

/// A side that was read, with its provenance where that was asked for.
pub(super) type WithOrigin = (Side, Option<Provenance>);

/// What `-` stands for.
pub(super) fn stream() -> Box<dyn Read + Send> {
    Box::new(io::stdin())
}

/// Reads two operands; `provenance` says whether the digests of both are needed.
pub(super) fn read_both(
    paths: [&Path; 2],
    keys: &Keys,
    signers: &Signers,
    local: &Local,
    options: &Options,
    provenance: bool,
) -> Result<[WithOrigin; 2]> {
    if paths.iter().all(|path| *path == Path::new(STREAM)) {
        let message = "Both operands are standard input, which can be read only once.";
        return Err(Error::new(Kind::Usage, message, "Give the name of a file for one of them."));
    }
    let mut ask = keys.prompt()?;
    let trust = signers.trust()?;
    let identities: Identities = keys.identities(&mut ask)?;
    let opening = Opening { identities: &identities, trust: &trust, local };
    opening.read_both(paths, &mut ask, options, provenance)
}

/// What opens bundles, what is asked of their signers, and how an instance is reached.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) identities: &'a Identities,
    pub(super) trust: &'a Trust,
    pub(super) local: &'a Local,
}

impl Opening<'_> {
    /// Reads two operands.
    pub(super) fn read_both(
        self,
        [first, second]: [&Path; 2],
        ask: &mut dyn Ask,
        options: &Options,
        provenance: bool,
    ) -> Result<[WithOrigin; 2]> {
        let Self { identities, trust, local } = self;
        let first_ready = Ready::new(first, local, identities, ask)?;
        let second_ready = Ready::new(second, local, identities, ask);
        let read = |ready: Ready| read(ready, options, trust, provenance);
        thread::scope(|scope| {
            let first_read = scope.spawn(|| read(first_ready));
            let second_read = second_ready.and_then(read);
            let first_read = first_read.join().unwrap_or_else(|_| {
                let message = format!("Reading {} ended unexpectedly.", first.display());
                let hint =
                    "This is a fault of hsmirror; please report it with the file, if you may.";
                Err(Error::new(Kind::Malformed, message, hint))
            });
            Ok([first_read?, second_read?])
        })
    }
}

fn read(ready: Ready, options: &Options, trust: &Trust, provenance: bool) -> Result<WithOrigin> {
    let side = ready.read(options, trust)?;
    let from = if provenance { Some(side.provenance()?) } else { None };
    Ok((side, from))
}
