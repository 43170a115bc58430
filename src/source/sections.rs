//! Everything that the files of one side gave so far.
//!
//! Owns [`Sections`]: one [`Collected`] for each section, the record of the side itself, the facts
//! and the notes. A reader fills a fresh one for its file; [`Sections::absorb`] adds it to the
//! rest, and [`Sections::gathered`] makes the configuration of it.
//! Invariant: a note names its file; the configuration itself holds no file name, path or time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::collected::{Collected, disagree};
use super::{Gathered, Options};
use crate::error::{Error, Result};
use crate::model::{
    Application, Configuration, Coverage, Database, Declared, Facts, Mapping, Member, Namespace,
    Resource, Role, Section, Service, SourceFile, Task, TlsConfiguration, User, for_each_section,
};

/// Names of unknown parts that are told one by one; more of them are counted.
const TOLD: usize = 10;

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
            /// Parts of a document that this version does not know.
            pub(super) unread: Vec<String>,
            /// The files that were read.
            pub(super) sources: Vec<SourceFile>,
            /// Whether what was read is the export of one instance alone, such as no other has.
            pub(super) unmistakable: bool,
            /// Tasks by the ids that the instance gives them (formats 4).
            pub(super) task_ids: BTreeMap<String, String>,
            /// Tasks that run after another one, which is named by its id.
            pub(super) run_after: Vec<(String, String)>,
            /// What a reader should tell a person, each with its file.
            pub(super) notes: Vec<String>,
        }

        impl Sections {
            /// Adds what the last of `files` gave to what those before it gave.
            pub(super) fn absorb(&mut self, mut other: Sections, files: &[PathBuf]) -> Result<()> {
                $(
                    other.$field.end_of_file();
                    self.$field.absorb(other.$field, files)?;
                )+
                self.notes.append(&mut other.notes);
                self.unread.append(&mut other.unread);
                self.sources.append(&mut other.sources);
                self.task_ids.append(&mut other.task_ids);
                self.run_after.append(&mut other.run_after);
                self.absorb_member(other.member, files)?;
                self.absorb_facts(other.facts, files)
            }

            /// What the files give together.
            pub(super) fn gathered(mut self, options: &Options) -> Gathered {
                self.resolve();
                let configuration = Configuration {
                    member: self.member,
                    facts: self.facts,
                    unread: self.unread,
                    sources: self.sources,
                    intended: None,
                    read_at: options.now,
                    $($field: self.$field.gathered(),)+
                };
                Gathered { configuration, notes: self.notes }
            }

            /// Takes what a document says about how much of a section there is.
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
    /// Tells each task which one it runs after, whichever file that one came from.
    fn resolve(&mut self) {
        let ids = std::mem::take(&mut self.task_ids);
        let chained = std::mem::take(&mut self.run_after).into_iter();
        let known: BTreeMap<String, String> =
            chained.filter_map(|(task, id)| Some((task, ids.get(&id)?.clone()))).collect();
        self.tasks.each(|task| {
            if let Some(predecessor) = known.get(&task.own_reference()) {
                task.set_predecessor(predecessor);
            }
        });
    }

    /// Keeps something a person should be told.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Tells which parts of a file this version does not know.
    pub(super) fn note_unknown(
        &mut self,
        file: &Path,
        names: impl ExactSizeIterator<Item = String>,
    ) {
        let count = names.len();
        let mut told: Vec<String> = names.take(TOLD).collect();
        if count > TOLD {
            told.push(format!("and {} more", count - TOLD));
        }
        if count > 0 {
            let (file, told) = (file.display(), told.join(", "));
            self.note(format!("{file}: left out what this version does not know: {told}"));
        }
    }

    /// Who the side is comes from several files, each telling its part.
    fn absorb_member(&mut self, other: Option<Member>, files: &[PathBuf]) -> Result<()> {
        let Some(mut other) = other else { return Ok(()) };
        let Some(known) = &mut self.member else {
            self.member = Some(other);
            return Ok(());
        };
        if let Some(property) = known.conflict(&other) {
            return Err(disagree_on_member(files, &format!("another {}", property.name())));
        }
        known.overlay(&mut other);
        Ok(())
    }

    fn absorb_facts(&mut self, other: Facts, files: &[PathBuf]) -> Result<()> {
        let Facts { fhir_sql_data, hssys_mirrored, hslib_mirrored } = other;
        let pairs = [
            (&mut self.facts.fhir_sql_data, fhir_sql_data, "fhirSqlData"),
            (&mut self.facts.hssys_mirrored, hssys_mirrored, "hssysMirrored"),
            (&mut self.facts.hslib_mirrored, hslib_mirrored, "hslibMirrored"),
        ];
        for (known, fact, name) in pairs {
            let differs =
                known.as_ref().zip(fact.as_ref()).is_some_and(|(a, b)| a.value != b.value);
            if differs {
                return Err(disagree_on_member(files, &format!("another value of {name}")));
            }
            if known.is_none() {
                *known = fact;
            }
        }
        Ok(())
    }
}

/// Which of the earlier files told the other thing is not kept, so all of them are meant.
fn disagree_on_member(files: &[PathBuf], what: &str) -> Error {
    let last = (files.len().saturating_sub(1), 0);
    disagree(files, last, None, Section::Member.name(), what)
}
