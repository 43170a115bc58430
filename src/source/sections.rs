//! Everything that the files of one side gave so far.
//!
//! Owns [`Sections`]: one [`Collected`] for each section, the record of the side itself, the facts
//! and the notes. A reader fills a fresh one for its file; [`Sections::absorb`] adds it to the
//! rest, and [`Sections::configuration`] makes the configuration of it.
//! Invariant: a note names its file; the configuration itself holds no file name, path or time.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::collected::{Collected, disagree};
use crate::error::Result;
use crate::model::{
    Application, Attested, Configuration, Coverage, Database, Facts, Mapping, Member, Namespace,
    Resource, Role, Section, Service, Task, TlsConfiguration, User, for_each_section,
};

macro_rules! sections {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        /// What the files of one side give.
        #[derive(Debug, Default)]
        pub(super) struct Sections {
            $(pub(super) $field: Collected<$Object>,)+
            /// Who the side is, where a file tells.
            pub(super) member: Option<Member>,
            /// What people attest.
            pub(super) facts: Facts,
            /// Parts of a document in a newer form that this version does not know.
            pub(super) unread: Vec<String>,
            /// What a reader should tell a person, each with its file.
            pub(super) notes: Vec<String>,
        }

        impl Sections {
            /// Adds what `file` gave; `read` are the files before it.
            pub(super) fn absorb(
                &mut self, file: &Path, mut other: Sections, read: &[PathBuf],
            ) -> Result<()> {
                $(
                    other.$field.end_of_file();
                    self.$field.absorb(file, other.$field, read)?;
                )+
                self.notes.append(&mut other.notes);
                self.unread.append(&mut other.unread);
                self.absorb_member(file, other.member, read)?;
                self.absorb_facts(file, other.facts, read)
            }

            /// The configuration that the files give together.
            pub(super) fn configuration(self) -> (Configuration, Vec<String>) {
                let configuration = Configuration {
                    member: self.member,
                    facts: self.facts,
                    unread: self.unread,
                    $($field: self.$field.gathered(),)+
                };
                (configuration, self.notes)
            }

            /// Says how much of a section a document gives.
            pub(super) fn cover(&mut self, stated: &Coverage) {
                match stated.section {
                    Section::Member => {}
                    $(Section::$Section => self.$field.cover(stated),)+
                }
            }
        }
    };
}
for_each_section!(sections);

impl Sections {
    /// Keeps something a person should be told.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Who the side is comes from several files, each telling its part.
    fn absorb_member(
        &mut self,
        file: &Path,
        other: Option<Member>,
        read: &[PathBuf],
    ) -> Result<()> {
        let (Some(known), Some(other)) = (&self.member, &other) else {
            self.member = other.or_else(|| self.member.take());
            return Ok(());
        };
        let mut parts = properties(known);
        for (name, value) in properties(other) {
            if value == "" {
                continue;
            }
            match parts.get(&name).filter(|known| **known != "" && **known != value) {
                Some(_) => {
                    let what = format!("they give another {name}");
                    return Err(disagree(read, file, 1, Section::Member.name(), &what));
                }
                None => {
                    parts.insert(name, value);
                }
            }
        }
        // Both were members, and no property was mixed, so the parts make a member again.
        self.member =
            serde_json::from_value(Value::Object(parts)).ok().or_else(|| self.member.take());
        Ok(())
    }

    fn absorb_facts(&mut self, file: &Path, other: Facts, read: &[PathBuf]) -> Result<()> {
        let Facts { fhir_sql_data, hssys_mirrored } = other;
        let pairs = [
            (&mut self.facts.fhir_sql_data, fhir_sql_data, "fhirSqlData"),
            (&mut self.facts.hssys_mirrored, hssys_mirrored, "hssysMirrored"),
        ];
        for (known, fact, name) in pairs {
            let differs = |a: &Attested, b: &Attested| a.value != b.value;
            if let (Some(a), Some(b)) = (&*known, &fact)
                && differs(a, b)
            {
                let what = format!("they attest different values of {name}");
                return Err(disagree(read, file, 1, Section::Member.name(), &what));
            }
            if known.is_none() {
                *known = fact;
            }
        }
        Ok(())
    }
}

fn properties(member: &Member) -> Map<String, Value> {
    match serde_json::to_value(member) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
