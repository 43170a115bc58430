//! The manifest of a bundle that is about to be sealed.
//!
//! Owns what every manifest begins with: its id from the system's random numbers, the clock's time, and
//! what was asked for beyond the ordinary; and the manifest of one side, as `export` and the restore point
//! of a hand-off have it. `bundle` owns its form and adds recipients and entries.
//! Invariant: what was not asked for was dropped where it was read, so a manifest says that it may hold
//! secrets only where the values of all task settings were asked for.

use std::time::SystemTime;

use crate::bundle::{Kind as BundleKind, Manifest, Parameters, SectionCount, Who};
use crate::error::{Error, Kind, Result};
use crate::model::{Configuration, Moment};
use crate::source::Options;

/// A manifest of its own.
pub(super) fn begin(kind: BundleKind, options: &Options, now: Moment) -> Result<Manifest> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|cause| {
        let message = format!("The system gives no random numbers: {cause}.");
        Error::new(Kind::Output, message, "Run the command on another machine.")
    })?;
    let milliseconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let milliseconds = milliseconds.map_or(0, |span| span.as_millis());
    let serial = u64::try_from(milliseconds).unwrap_or_default();
    let mut manifest = Manifest::new(kind, id, serial, now);
    let (personal_data, task_settings) = (options.personal_data, options.task_settings);
    manifest.parameters = Parameters { personal_data, task_settings };
    manifest.holds_secrets = task_settings;
    Ok(manifest)
}

/// The manifest of one side.
pub(super) fn of_side(side: &Configuration, options: &Options, now: Moment) -> Result<Manifest> {
    let mut manifest = begin(BundleKind::Configuration, options, now)?;
    manifest.member = Who::of(side);
    manifest.sources.clone_from(&side.sources);
    manifest.sections = SectionCount::of(side);
    manifest.unread.clone_from(&side.unread);
    Ok(manifest)
}
