//! The streams of a child.
//!
//! Owns what goes into a child and what comes out of it: a thread that gives it what it reads and then an
//! end, and one for each of its outputs. `child` starts it and looks at the clock.
//! Invariant: neither a child that does not read nor one that says nothing holds up anything but its own
//! thread.

use std::io::{ErrorKind, Read, Write};
use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;

use super::child::LOOK;

/// A piece of what a child says, with the number of its stream.
pub(super) type Piece = (usize, Vec<u8>);

/// Gives a child what it reads, then an end. One that is gone is told by its own end.
pub(super) fn put_in(mut to: ChildStdin, text: &str, closed: &AtomicBool) {
    // So that one that does not read can be given the end all the same.
    #[cfg(unix)]
    let _ = rustix::fs::fcntl_getfl(&to)
        .and_then(|flags| rustix::fs::fcntl_setfl(&to, flags | rustix::fs::OFlags::NONBLOCK));
    let mut rest = text.as_bytes();
    while !rest.is_empty() && !closed.load(Ordering::Relaxed) {
        match to.write(rest) {
            Ok(count) if count > 0 => rest = rest.get(count..).unwrap_or_default(),
            Err(cause) if cause.kind() == ErrorKind::WouldBlock => thread::sleep(LOOK),
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            _ => break,
        }
    }
}

/// Sends on what comes from a stream, and ends with it. When nobody takes it any more it is still read: a
/// child that is left alone must not die of its output.
pub(super) fn listen(stream: usize, mut from: impl Read + Send + 'static, to: SyncSender<Piece>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let piece = buffer.get(..count).unwrap_or_default().to_vec();
                    let _ = to.send((stream, piece));
                }
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
}
