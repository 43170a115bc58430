//! HSSYS is restored by the real program, with real files, and whatever is not as it should be changes
//! nothing.
//!
//! `place` makes a member with its HSSYS in a temporary folder, and the bundles of its primary; `packs`
//! makes bundles that the program would not make, `account` runs it as somebody else.
//! `refusals` has a row for every reason that stands against a restore; `links`, `disks`, `bundles` and
//! `runs` look at what else there is to be refused, and at what is promised around it. `unfinished` looks
//! at runs that were killed and at what people do to the folder before they go on, `races` at two who do
//! something at once. `exports` and `stock`
//! look at the primary's side: what is sealed, what is not, and what stock tools make of it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test fails by panicking"
)]

mod account;
mod bundles;
mod disks;
mod exports;
mod links;
#[path = "../hostile/pack.rs"]
mod pack;
mod packs;
mod place;
mod races;
mod refusals;
mod runs;
mod stock;
mod told;
mod unfinished;
