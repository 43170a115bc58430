//! An account that is not root.
//!
//! Owns the running of the program as another account, by `setpriv`, which takes root; where that cannot
//! be done here, [`Account::missing`] prints why. An account that owns its database needs no root, and
//! one that does not is refused before anything is written.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;

use super::place::{PROGRAM, Place, has, run};

/// Who that is: an account that owns nothing here but what it is given.
pub const NOBODY: u32 = 64_321;

/// Whether there can be such an account.
pub struct Account;

impl Account {
    /// Whether the program cannot be run as another account; prints why.
    pub fn missing() -> bool {
        let why = if !has("setpriv") {
            "no setpriv"
        } else if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
            "not root"
        } else if run(&mut as_nobody(Command::new(PROGRAM).arg("--version"))).code != Some(0) {
            "another account cannot reach the program"
        } else {
            return false;
        };
        println!("skipped: {why}");
        true
    }
}

/// A command, run by another account.
pub fn as_nobody(command: &Command) -> Command {
    let mut setpriv = Command::new("setpriv");
    let id = NOBODY.to_string();
    setpriv.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
    setpriv.arg(command.get_program()).args(command.get_args());
    setpriv
}

pub fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
}

/// Lets that account read all that it needs and write to both folders; the old database is still another
/// account's.
pub fn may_use(place: &Place) {
    for name in ["identity", "p.tar.zst.age", "p.hssys.tar.zst.age"] {
        give(&place.path(name));
    }
    give(&place.db);
    give(place.path("identity").parent().unwrap());
}
