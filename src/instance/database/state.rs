//! The state of a database, and what it means for the mirror.
//!
//! Owns [`State`], what the instance says of one of its databases (H6.2, H6.3), and the judgement on it:
//! whether it follows the primary, what keeps it from ever doing so ([`Stuck`]), whether a set of files is
//! all of it. `database` fills it from a session; `rollout`, `hssys` and `cli` decide by it.
//! Invariant: what the instance does not say is none, and nothing that is none is taken as good.

/// The state of a database, as the instance says (H6.3). What it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether the instance is the primary now.
    pub on_primary: Option<bool>,
    /// Whether the database is mounted.
    pub mounted: Option<bool>,
    /// Whether it is mounted read-only.
    pub read_only: Option<bool>,
    /// Why it is mounted read-only, in the product's words.
    pub read_only_why: Option<String>,
    /// Whether it is in a mirror.
    pub mirrored: Option<bool>,
    /// Its name in the mirror.
    pub mirror_name: Option<String>,
    /// Its state in the mirror, as `MirroredDatabaseList` says: Normal, Dejournaling, Needs Catchup, ...
    /// The words may be those of another language.
    pub mirror_status: Option<String>,
    /// Whether it has to be activated before it is followed.
    pub needs_activation: Option<bool>,
    /// Whether it is active in the mirror (`InActiveMirror`).
    pub in_active_mirror: Option<bool>,
    /// Whether it has yet to catch up (`MirrorDBCatchup`).
    pub catches_up: Option<bool>,
    /// Whether the mirror has no use for it any more (`MirrorObsolete`).
    pub obsolete: Option<bool>,
    /// Whether somebody or something stopped its dejournaling (`MirrorDBPaused`).
    pub paused: Option<bool>,
    /// How many volumes it has beside its first file (`MultiVolume`).
    pub volumes: Option<u64>,
    /// The folders of its volumes, a line each, as `VolumeDirectoryList` says.
    pub volume_folders: Option<String>,
}

/// Why a database does not follow the primary and will not by waiting (H6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// This copy is of no use to the mirror.
    Obsolete,
    /// The mirror does not know it.
    Orphaned,
    /// Its dejournaling stopped.
    Stopped,
    /// Its dejournaling was paused.
    Paused,
}

/// The mirror status of a database that follows the primary (H6.2).
pub const FOLLOWED: &str = "Dejournaling";
/// That of one on the primary.
const ON_PRIMARY: &str = "Normal";
/// That of one that is catching up now.
const CATCHING_UP: &str = "Catchup Running";
/// The others. A word that is none of all these is of another language, or of a version to come.
const NOT_FOLLOWED: &[&str] = &[
    CATCHING_UP,
    "Needs Catchup",
    "Needs Activation",
    "Obsolete",
    "Orphaned",
    "Dejournaling Stopped",
    "Database Dismounted",
];

impl State {
    /// Whether its status in the mirror is that word.
    pub fn status_is(&self, word: &str) -> bool {
        self.mirror_status.as_deref().is_some_and(|said| said.trim().eq_ignore_ascii_case(word))
    }

    /// Its status in the mirror, to be told.
    pub fn status(&self) -> &str {
        match self.mirror_status.as_deref().map(str::trim) {
            Some(said) if !said.is_empty() => said,
            _ => "not known",
        }
    }

    /// Whether it follows the primary; on the primary, whether it is as it should be. A word that is known
    /// decides; beside any other the properties do, each of which must be known.
    pub fn follows(&self) -> bool {
        if self.stuck().is_some() || NOT_FOLLOWED.iter().any(|word| self.status_is(word)) {
            return false;
        }
        if self.status_is(FOLLOWED) {
            return true;
        }
        match self.on_primary {
            Some(true) => self.status_is(ON_PRIMARY),
            Some(false) => {
                self.in_active_mirror == Some(true)
                    && self.catches_up == Some(false)
                    && self.paused == Some(false)
                    && self.needs_activation == Some(false)
            }
            None => false,
        }
    }

    /// Whether a catch-up is at work, so that another one must not begin.
    pub fn is_catching_up(&self) -> bool {
        self.status_is(CATCHING_UP)
    }

    /// What keeps it from ever following the primary; none where waiting may help.
    pub fn stuck(&self) -> Option<Stuck> {
        let so = |word, flag: Option<bool>| self.status_is(word) || flag == Some(true);
        match () {
            () if so("Obsolete", self.obsolete) => Some(Stuck::Obsolete),
            () if so("Orphaned", None) => Some(Stuck::Orphaned),
            () if so("Dejournaling Stopped", None) => Some(Stuck::Stopped),
            () if self.paused == Some(true) => Some(Stuck::Paused),
            () => None,
        }
    }

    /// Whether the mirror holds it on this member: then it is not dismounted (H6.3).
    pub fn is_held_by_the_mirror(&self) -> bool {
        self.mirrored == Some(true) && self.read_only == Some(true) && self.on_primary != Some(true)
    }

    /// Whether so many files are all of it, its first one counted; none where the instance does not say how
    /// many volumes there are. Of a database that is not mounted it does not (H6.3).
    pub fn is_whole(&self, files: usize) -> Option<bool> {
        let volumes = self.volumes.filter(|_| self.mounted == Some(true))?;
        Some(u64::try_from(files).ok()?.checked_sub(1) == Some(volumes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> impl Strategy<Value = Option<bool>> {
        prop_oneof![Just(None), Just(Some(false)), Just(Some(true))]
    }

    fn word() -> impl Strategy<Value = Option<String>> {
        let words =
            [NOT_FOLLOWED, &[FOLLOWED, ON_PRIMARY, "Nachf\u{fc}hrung l\u{e4}uft", ""]].concat();
        let word = prop::sample::select(words).prop_flat_map(|word| {
            let upper = word.to_uppercase();
            prop_oneof![Just(word.to_owned()), Just(upper), Just(format!(" {word} "))]
        });
        prop::option::of(word)
    }

    proptest! {
        #[test]
        fn what_is_not_known_never_makes_it_follow(
            mirror_status in word(),
            flags in prop::array::uniform6(known()),
            lost in 0..6_usize,
        ) {
            let of = |flags: [Option<bool>; 6], mirror_status: Option<String>| {
                let [on_primary, needs_activation, in_active_mirror, catches_up, obsolete, paused] = flags;
                State {
                    mirror_status, on_primary, needs_activation, in_active_mirror, catches_up, obsolete,
                    paused, ..State::default()
                }
            };
            let state = of(flags, mirror_status.clone());
            prop_assert!(!(state.follows() && state.stuck().is_some()));
            let mut less = flags;
            less[lost] = None;
            // Only that it is stuck can be lost with what is not known.
            let less = of(less, mirror_status.clone());
            prop_assert!(!less.follows() || state.follows() || state.stuck().is_some());
            let unknown = of([None; 6], None);
            prop_assert!(!unknown.follows() && unknown.stuck().is_none());
            // Without a word all four properties are needed, on a member.
            let wordless = of(flags, None);
            let four = [flags[0], flags[1], flags[2], flags[3], flags[5]];
            let good = [Some(false), Some(false), Some(true), Some(false), Some(false)];
            prop_assert_eq!(wordless.follows(), four == good && flags[4] != Some(true));
        }

        #[test]
        fn a_set_of_files_is_whole_by_its_number(volumes in 0..2000_u64, files in 0..2000_usize) {
            let state = State { volumes: Some(volumes), mounted: Some(true), ..State::default() };
            prop_assert_eq!(state.is_whole(files), Some(files as u64 == volumes + 1));
            prop_assert_eq!(State { mounted: Some(false), ..state.clone() }.is_whole(files), None);
            prop_assert_eq!(State { volumes: None, ..state }.is_whole(files), None);
        }
    }

    #[test]
    fn each_word_means_one_thing() {
        let of = |word: &str| State { mirror_status: Some(word.to_owned()), ..State::default() };
        assert!(of("Dejournaling").follows() && !of("Normal").follows());
        assert!(State { on_primary: Some(true), ..of("normal") }.follows());
        for (word, stuck) in [
            ("Obsolete", Some(Stuck::Obsolete)),
            ("Orphaned", Some(Stuck::Orphaned)),
            ("Dejournaling Stopped", Some(Stuck::Stopped)),
            ("Needs Catchup", None),
            ("Needs Activation", None),
            ("Catchup Running", None),
            ("Database Dismounted", None),
        ] {
            assert_eq!((of(word).follows(), of(word).stuck()), (false, stuck), "{word}");
        }
        // A known word is not overruled by properties.
        let good = State {
            on_primary: Some(false),
            in_active_mirror: Some(true),
            catches_up: Some(false),
            paused: Some(false),
            needs_activation: Some(false),
            ..State::default()
        };
        assert!(good.follows());
        assert!(!State { mirror_status: Some("Needs Catchup".to_owned()), ..good }.follows());
    }
}
