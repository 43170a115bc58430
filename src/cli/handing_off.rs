//! `--save-plan` and `--handoff`: what becomes of a plan on disk.
//!
//! Owns the sealing of a plan, and the folder of a hand-off, for this account alone: the member's
//! configuration sealed as the restore point, the plan itself, and the files that `handoff` makes of it.
//! Invariant: no file replaces another one; a hand-off is there with its restore point and all its files,
//! or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::keys::{self, Output, Sealing};
use super::manifest;
use super::save;
use crate::bundle::{self, Content, Kind as BundleKind, Manifest, Seal, Who};
use crate::durable::{Draft, NewFolder};
use crate::error::{Error, Kind, Result, quoted};
use crate::finding::Judgement;
use crate::handoff::{self, PLAN, Place, RESTORE_POINT};
use crate::model::Configuration;
use crate::operand::STREAM;
use crate::plan::Plan;
use crate::source::Options;

/// Where a plan is saved.
pub(super) struct SavingPlan {
    output: Output,
    path: PathBuf,
}

impl SavingPlan {
    /// Begins the file, before the long work.
    pub(super) fn prepare(path: &Path, sealing: &Sealing) -> Result<Self> {
        Ok(Self { output: sealing.output(path)?, path: path.to_owned() })
    }

    /// Seals the plan; gives what a person is told.
    pub(super) fn save(
        self,
        plan: &Plan,
        judgement: &Judgement,
        manifests: &[Option<Manifest>; 2],
        seal: Seal<'_>,
        options: &Options,
        more: &str,
    ) -> Result<Vec<String>> {
        let mut manifest = manifest::begin(BundleKind::Plan, options, keys::now())?;
        manifest.member = Who::of(&judgement.member);
        manifest.sides = save::sides(judgement, manifests);
        let write = |to: &mut dyn Write| plan.write(to);
        let content = Content { manifest, document: &write };
        let digest = self.output.write(|to| bundle::seal(content, seal, to))?;
        if self.path.as_path() == Path::new(STREAM) {
            return Ok(Vec::new());
        }
        let path = self.path.display().to_string();
        let by = match seal.signing {
            Some(key) => format!("signed with {}", key.fingerprint()),
            None => "unsigned, so it approves nothing".to_owned(),
        };
        Ok(vec![
            format!("sealed {path}, {by}; plan.json has the SHA-256 {digest}"),
            format!(
                "next: hsmirror apply --plan {} PRIMARY MEMBER --handoff FOLDER -r RECIPIENT \
                 -i IDENTITY --allowed-signers FILE{more}",
                quoted(&path)
            ),
        ])
    }
}

/// The folder of a hand-off.
pub(super) struct HandingOff {
    folder: NewFolder,
}

impl HandingOff {
    /// Begins the folder, before the long work; without `write` it is only looked whether it could be.
    pub(super) fn prepare(path: &Path, write: bool) -> Result<Option<Self>> {
        if path == Path::new(STREAM) {
            let message = "A hand-off is a folder, and standard output is none.";
            return Err(Error::new(Kind::Usage, message, "Give the name of a folder."));
        }
        if !write {
            return NewFolder::look(path).map(|_| None);
        }
        NewFolder::begin(path).map(|folder| Some(Self { folder }))
    }

    /// Writes all files; gives what a person is told.
    pub(super) fn write(
        self,
        plan: &Plan,
        member: &Configuration,
        seal: Seal<'_>,
        options: &Options,
    ) -> Result<Vec<String>> {
        let folder = self.folder.target().to_owned();
        let within = self.folder.path().to_owned();
        let draft = |name: &str| Draft::begin(&within.join(name), false);
        let manifest = manifest::of_side(member, options, keys::now())?;
        let write = |to: &mut dyn Write| bundle::write_configuration(member, to);
        let content = Content { manifest, document: &write };
        let point = Output::File(Box::new(draft(RESTORE_POINT)?));
        point.write(|to| bundle::seal(content, seal, to))?;

        let about = member.member.as_ref();
        let known = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(str::to_owned);
        let place = Place {
            folder: folder.display().to_string(),
            instance: known(about.and_then(|about| about.instance.as_deref())),
            configuration_file: known(about.and_then(|about| about.configuration_file.as_deref())),
            without_restore_point: false,
        };
        let mut names = Vec::new();
        let put = |name: &str, text: &dyn Fn(&mut dyn Write) -> std::io::Result<()>| {
            Output::File(Box::new(draft(name)?)).write(|to| text(to))
        };
        put(PLAN, &|to| plan.write(to))?;
        for file in handoff::files(plan, &place) {
            put(file.name, &|to| to.write_all(file.text.as_bytes()))?;
            names.push(file.name);
        }
        self.folder.commit()?;
        let path = folder.join(handoff::CHECKLIST).display().to_string();
        let mut told = vec![
            format!("written: {}, {PLAN}, {RESTORE_POINT}", names.join(", ")),
            format!("next: read {} and do what it says, in order", quoted(&path)),
        ];
        if options.task_settings {
            told.push("the files hold values of task settings, which may be secrets".to_owned());
        }
        Ok(told)
    }
}
