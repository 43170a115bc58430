//! What a rollout does, act by act.
//!
//! Owns [`Act`]: the groups of a plan and the acts on the HSSYS database, forth and back, with the words
//! for each. The journal writes them down, `standing` tells them.
//! Invariant: acts stand in the order in which they are done; those of the way back come after all
//! others, so that a way back that began is told from the journal alone.

use serde::{Deserialize, Serialize};

use crate::plan::Means;

macro_rules! acts {
    ($($(#[doc = $about:literal])+ $Name:ident $doing:literal;)+) => {
        /// One act of a rollout.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Act {
            $($(#[doc = $about])+ $Name,)+
        }

        impl Act {
            /// Every act, in order.
            pub const ALL: &'static [Self] = &[$(Self::$Name),+];

            /// What it does, after "while ..."
            pub const fn doing(self) -> &'static str {
                match self { $(Self::$Name => $doing,)+ }
            }
        }
    };
}

acts! {
    /// It is proved that nothing moved.
    Before "looking whether the member is as the plan found it";
    /// The merge file.
    Merge "merging the plan's merge file";
    /// The script.
    Script "running the plan's script";
    /// HSSYS is dismounted.
    Dismount "dismounting HSSYS";
    /// The new database replaces the old one.
    Restore "restoring HSSYS";
    /// HSSYS is mounted.
    Mount "mounting HSSYS";
    /// HSSYS is activated in the mirror.
    Activate "activating HSSYS";
    /// HSSYS catches up.
    CatchUp "catching HSSYS up";
    /// The merge file that undoes.
    UndoMerge "merging the file that undoes";
    /// The script that undoes.
    UndoScript "running the script that undoes";
    /// HSSYS leaves the mirror on this member.
    TakeOut "taking HSSYS out of the mirror on this member";
    /// HSSYS is dismounted, on the way back.
    DismountAgain "dismounting HSSYS again";
    /// The old database gets its names again.
    PutBack "putting the old HSSYS back";
    /// The old HSSYS is mounted.
    MountAgain "mounting the old HSSYS";
}

impl Act {
    /// Whether it belongs to the way back.
    pub fn is_back(self) -> bool {
        self >= Self::UndoMerge
    }

    /// The act that does a step of these means; none does what a person does.
    pub const fn of(means: Means) -> Option<Self> {
        match means {
            Means::Merge => Some(Self::Merge),
            Means::Script => Some(Self::Script),
            Means::Hand => None,
        }
    }
}
