//! JSON as this program reads and writes it.
//!
//! Owns three things that the usual reader and writer leave open: documents of any size read piece
//! by piece (`pieces`), values in which nothing is stated twice (`strict`), and the one spelling that
//! the same value always has (`canonical`, RFC 8785). `source` and `bundle` read and write through
//! them.
//! Invariant: what is read was said once, and what is written canonically has one spelling.

pub mod canonical;
pub mod pieces;
pub mod strict;
