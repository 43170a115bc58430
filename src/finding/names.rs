//! How the two sides are called.
//!
//! Owns [`Names`]: what findings and verdict call the primary and the member, or the two times of one
//! member. Taken from the member objects of both configurations.
//! Invariant: by system name, else by instance, else `primary` and `member`; never by a file name, and
//! never both alike.

use crate::compare::Side;
use crate::model::{Between, Configuration, Name};

/// How the two sides are called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The primary.
    pub primary: String,
    /// The member.
    pub member: String,
}

impl Names {
    /// Of two configurations.
    pub(crate) fn of(primary: &Configuration, member: &Configuration, between: Between) -> Self {
        let name = |side: &Configuration, word: Side| {
            let known = side.member.as_ref().and_then(|known| {
                let system = known.system_name.as_ref().filter(|name| !name.is_empty());
                system.or(known.instance.as_ref()).filter(|name| !name.is_empty())
            });
            known.map_or_else(|| word.word().to_owned(), ToString::to_string)
        };
        let (a, b) = (name(primary, Side::Primary), name(member, Side::Member));
        if between == Between::Times {
            let (a, b) = if a == Side::Primary.word() && b == Side::Member.word() {
                ("the member".to_owned(), "the member".to_owned())
            } else {
                (a, b)
            };
            return Self { primary: format!("{a} then"), member: format!("{b} now") };
        }
        if Name::from(a.as_str()).is(&b) {
            // One name for two sides would tell nothing.
            return Self { primary: format!("{a} (primary)"), member: format!("{b} (member)") };
        }
        Self { primary: a, member: b }
    }

    /// The name of a side.
    pub fn side(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary,
            Side::Member => &self.member,
        }
    }

    /// The name of a side, or of both.
    pub(super) fn plain(&self, about: Option<Side>) -> String {
        match about {
            Some(side) => self.side(side).to_owned(),
            None => format!("{} and {}", self.primary, self.member),
        }
    }

    /// The name of a side in quotes, or of both.
    pub(super) fn quoted(&self, about: Option<Side>) -> String {
        match about {
            Some(side) => format!("'{}'", self.side(side)),
            None => format!("'{}' and '{}'", self.primary, self.member),
        }
    }
}
