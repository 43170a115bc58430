//! Whether a database is in the mirror, and who says so.
//!
//! Owns [`InMirror`], the one answer that rules, restore and export ask for. The instance says it of each
//! of its databases (`Mirrored`, H6.3), in a configuration document; where it was not asked, a person may
//! attest it of HSSYS and HSLIB (design 4).
//! Invariant: what the instance says wins over a person's word, and where nobody speaks nothing is known.

use super::configuration::Configuration;
use super::member::Attested;
use super::namespace::{HSLIB, HSSYS};

/// Who says of a database that it is in the mirror, or that it is not.
#[derive(Clone, Copy, Debug, Default)]
pub struct InMirror<'a> {
    /// What the instance says; none where it was not asked or does not have the database.
    pub instance: Option<bool>,
    /// What a person attests; none where nobody does.
    pub attested: Option<&'a Attested>,
}

impl<'a> InMirror<'a> {
    /// Whether it is; none where nobody says.
    pub fn known(self) -> Option<bool> {
        self.instance.or(self.attested.map(|fact| fact.value))
    }

    /// What a person attests, where the instance says otherwise.
    pub fn contradicted(self) -> Option<&'a Attested> {
        let says = self.instance?;
        self.attested.filter(|fact| fact.value != says)
    }
}

impl Configuration {
    /// Whether the database of that name is in the mirror, and who says so.
    pub fn in_mirror(&self, database: &str) -> InMirror<'_> {
        let facts = &self.facts;
        let attested = [(HSSYS, &facts.hssys_mirrored), (HSLIB, &facts.hslib_mirrored)]
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(database))
            .and_then(|(_, fact)| fact.as_ref());
        InMirror {
            instance: self.databases.named(database).and_then(|one| one.in_mirror),
            attested,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Database, Day, Name, Text};

    fn side(instance: Option<Option<bool>>, attested: Option<bool>) -> Configuration {
        let mut side = Configuration::default();
        if let Some(in_mirror) = instance {
            let database = serde_json::json!({ "name": "hssys" });
            let mut database: Database = serde_json::from_value(database)
                .unwrap_or_else(|_| unreachable!("a database needs its name alone"));
            (database.name, database.in_mirror) = (Name::from("hssys"), in_mirror);
            side.databases.objects.push(database);
        }
        let (by, at) = (Text::from("M. Okafor"), Day::default());
        side.facts.hssys_mirrored = attested.map(|value| Attested { value, by, at });
        side
    }

    #[test]
    fn the_instance_wins_and_a_contradiction_is_told() {
        for instance in [None, Some(None), Some(Some(true)), Some(Some(false))] {
            for attested in [None, Some(true), Some(false)] {
                let side = side(instance, attested);
                let answer = side.in_mirror(HSSYS);
                let says = instance.flatten();
                assert_eq!(answer.known(), says.or(attested));
                let contradicted = says.is_some() && attested.is_some() && says != attested;
                assert_eq!(answer.contradicted().is_some(), contradicted);
                assert_eq!(side.in_mirror(HSLIB).known(), None);
            }
        }
    }
}
