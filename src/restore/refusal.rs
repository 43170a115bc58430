//! Why a restore is refused.
//!
//! Owns every reason in one table: its name, the fact it rests on, the cure, and the flag that overrules
//! it, where one does. `checks` raises them, the command line prints them, and `docs/restore.md` lists
//! them.
//! Invariant: a refusal comes before anything is written; what is not known is a refusal of its own or
//! told as not checked, never taken as good.

use crate::error::{Error, Kind};

/// A reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub code: &'static str,
    /// What kind of failure it is.
    pub kind: Kind,
    /// The fact it rests on.
    pub fact: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// The flag that overrules it.
    pub overrule: Option<&'static str>,
}

/// The flag for a copy of which nobody knows whether it was in the mirror.
pub const ACCEPT_UNKNOWN_MIRRORING: &str = "--accept-unknown-mirroring";
/// The flag for a copy older than the journals are kept.
pub const ACCEPT_OLD_COPY: &str = "--accept-old-copy";

macro_rules! rules {
    ($($name:ident $code:literal $kind:ident $overrule:expr, $fact:literal, $cure:literal;)+) => {
        $(
            #[doc = $fact]
            pub(super) static $name: Rule = Rule {
                code: $code,
                kind: Kind::$kind,
                fact: $fact,
                cure: $cure,
                overrule: $overrule,
            };
        )+
        /// Every reason, in the order in which they are told.
        pub const RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    OTHER_EXPORT "other-export" Refused None,
        "The bundle of the database names its export, and the digest of the configuration exported with it.",
        "Give the configuration bundle that `hsmirror export --hssys` wrote beside it.";
    OTHER_MEMBER "other-member" Refused None,
        "The bundle names the member that it was made for.",
        "Have it exported again with this member's name after --for.";
    NOT_MIRRORED "not-mirrored" Refused None,
        "The vendor's order is to add, then to copy: an earlier copy is most likely a plain database.",
        "Add HSSYS to the mirror on the primary, copy it after that, attest hssysMirrored true, export again.";
    MIRRORING_UNKNOWN "mirroring-unknown" Refused Some(ACCEPT_UNKNOWN_MIRRORING),
        "No export tells whether HSSYS was in the mirror when it was copied; the instance can, or a person.",
        "Look at the primary (System Operation > Mirror Monitor), attest hssysMirrored, export again.";
    COPY_OLD "copy-old" Refused Some(ACCEPT_OLD_COPY),
        "Catching up needs the journals since the copy; for an async member they are kept 14 days by default.",
        "Copy HSSYS again (`cp` without `-p`, which keeps old times) and export it, or look on the primary how far its journals reach.";
    ALREADY_MIRRORED "already-mirrored" Refused None,
        "The member's instance says it, or somebody attests hssysMirrored: its HSSYS is in the mirror already.",
        "Nothing needs to be restored while Mirror Monitor shows it as Dejournaling; if it must be, take it out of the mirror on this member first.";
    MIRRORED_INACTIVE "mirrored-inactive" Refused None,
        "The member's instance says it: its HSSYS is in the mirror, and is followed once it is activated.",
        "System Operation > Mirror Monitor > HSSYS > Activate, then Catchup.";
    MIRRORED_BEHIND "mirrored-behind" Refused None,
        "The member's instance says it: its HSSYS is in the mirror, and may follow without a restore.",
        "System Operation > Mirror Monitor > HSSYS > Catchup; mount it first, and wait while a catch-up runs. If it stays so, take it out of the mirror on this member, and restore again.";
    MIRRORED_OBSOLETE "mirrored-obsolete" Refused None,
        "The member's instance says it: its HSSYS is in the mirror, which has no use for this copy any more.",
        "Take it out of the mirror on this member, then restore again.";
    UNKNOWN_DATABASE "unknown-database" Refused None,
        "The folder of HSSYS stands in the member's CPF.",
        "Give the member's iris.cpf among its files; HSSYS must be one of its databases.";
    OTHER_FOLDER "other-folder" Refused None,
        "The folder of HSSYS stands in the member's CPF.",
        "Give that folder after --hssys-dir, on the member itself.";
    A_LINK "a-link" Refused None,
        "The folder of a database must be a real path, and a link may lead elsewhere tomorrow.",
        "Give the real path; let a database file be a regular file.";
    OPEN_TO_STRANGERS "open-to-strangers" Refused None,
        "Every account may write to the folder, so nothing in it stays what it was.",
        "Take that right away: chmod o-w on the folder.";
    NO_DATABASE "no-database" Refused None,
        "There is no old database in the folder that the new one would replace.",
        "Create the HSSYS database on the member first, with the same name and resource.";
    NOT_WHOLE "not-whole" Refused None,
        "The volumes of a database are one set, numbered without a hole.",
        "Look what became of the missing one before anything is replaced.";
    COPY_NOT_WHOLE "copy-not-whole" Refused None,
        "The primary's instance says how many volumes its HSSYS has; a database without one of them is none.",
        "Copy the whole set, IRIS.DAT and every volume, and export it again with the configuration of now.";
    IN_USE "in-use" Locked None,
        "iris.lck is in the folder: the database is mounted, or was not dismounted cleanly.",
        "Dismount HSSYS: System Operation > Databases > HSSYS > Dismount, or stop the instance.";
    OLD_EXISTS "old-exists" Refused None,
        "A database kept from an earlier restore is never replaced.",
        "If it is not needed any more, remove it or move it to another folder.";
    LEFTOVER "leftover" Refused None,
        "A file of an earlier run is there without its journal.",
        "Remove it; no database ever has that name.";
    NO_SPACE "no-space" Refused None,
        "Until the end both databases are on the disk.",
        "Make room on the disk of the folder, or have it enlarged.";
    NOT_WRITABLE "not-writable" Denied None,
        "The new files come in beside the old ones, and the journal goes to the state folder at the end.",
        "Run it as root, or as an account that may write to that folder; --state-dir names another one.";
    NOT_OWNER "not-owner" Denied None,
        "The new files get the owner, group and permissions of the old ones.",
        "Run it as root, or as the account that owns the database.";
    OLDER_BUNDLE "older-bundle" Refused None,
        "The state folder says what was restored here last.",
        "Export HSSYS again on the primary. If its clock was ahead then, move the journal that says so away.";
    ALREADY_RESTORED "already-restored" Refused None,
        "The state folder says what was restored here last.",
        "Nothing is to be done again: --status tells the steps that are left; --revert goes back.";
}

/// A reason that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub rule: &'static Rule,
    /// What stands against it: a sentence.
    pub what: String,
    /// What to type for the cure, where that names something of this member: a sentence.
    pub typed: Option<String>,
}

impl Refusal {
    pub(super) fn new(rule: &'static Rule, what: impl Into<String>) -> Self {
        Self { rule, what: what.into(), typed: None }
    }

    /// Whether it can be overruled.
    pub fn overruling(&self) -> String {
        match self.rule.overrule {
            Some(flag) => format!("Overruled by {flag}."),
            None => "Nothing overrules it.".to_owned(),
        }
    }

    /// It as an error.
    pub fn error(&self) -> Error {
        let Self { rule, what, typed } = self;
        let typed = typed.as_deref().unwrap_or_default();
        let space = if typed.is_empty() { "" } else { " " };
        let hint = format!("{} {}{space}{typed} {}", rule.fact, rule.cure, self.overruling());
        Error::new(rule.kind, what.clone(), hint)
    }
}
