//! `hsmirror compare`: the main job.
//!
//! Owns the flags of the command and its story: gather both sides at the same time, judge, render,
//! end with the verdict's exit code.
//! Invariant: the same operands and flags give the same result on standard output.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::complaint::Complaint;
use super::keys::{self, Keys, Sealing, Signers};
use super::local::Local;
use super::operands;
use super::save::Saving;
use super::terminal::{self, Colour};
use super::waivers::{self, Waiving};
use crate::compare::Selection;
use crate::error::{Error, Kind, Result};
use crate::finding;
use crate::model::{Between, Section};
use crate::report::{self, Format, View};
use crate::source::Options;

/// Compare the primary with the backup or DR member
///
/// Each operand is a bundle, a folder of files, or one such file: iris.cpf, a security export, a task
/// export, the output of `iris qlist`, a configuration document. What a file is, is told by its
/// content; `-` is standard input. instance:NAME is a running instance of this host, which is asked
/// itself; `hsmirror instances` lists them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bundle or files of the primary, or instance:NAME
    primary: PathBuf,
    /// Bundle or files of the backup or DR member, or instance:NAME
    member: PathBuf,
    /// Look at these sections only
    #[arg(long, value_name = "SECTION", value_delimiter = ',', value_parser = sections())]
    only: Vec<Section>,
    /// Leave these sections out
    #[arg(long, value_name = "SECTION", value_delimiter = ',', value_parser = sections())]
    skip: Vec<Section>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = As::Table)]
    format: As,
    /// The verdict line alone
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Every finding by itself, long values whole, and messages
    #[arg(short, long)]
    verbose: bool,
    /// Compare e-mail addresses and telephone numbers too
    #[arg(long)]
    personal_data: bool,
    /// Compare the values of all task settings too, which may be secrets
    #[arg(long)]
    task_settings: bool,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// Compare two states of one member instead: PRIMARY is the older one, MEMBER the newer one; exits
    /// with 0 where nothing changed and 1 where something did
    #[arg(long)]
    drift: bool,
    /// Seal the comparison as a bundle too, for the recipients given
    #[arg(long, value_name = "BUNDLE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    waiving: Waiving,
    /// Draft a file of waivers for what is found; who fills in owner and reason takes it on
    #[arg(long, value_name = "FILE")]
    write_waivers: Option<PathBuf>,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    signers: Signers,
    #[command(flatten)]
    sealing: Sealing,
    #[command(flatten)]
    local: Local,
}

/// The formats by the names they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum As {
    /// A table for the terminal
    Table,
    /// One line a finding, as the vendor's utility prints them
    Text,
    /// JSON, every finding by itself with both configurations
    Json,
}

impl From<As> for Format {
    fn from(format: As) -> Self {
        match format {
            As::Table => Format::Table,
            As::Text => Format::Text,
            As::Json => Format::Json,
        }
    }
}

fn sections() -> impl TypedValueParser<Value = Section> {
    let names = Section::ALL.iter().map(|section| PossibleValue::new(section.name()));
    PossibleValuesParser::new(names).map(|name| {
        let named = Section::ALL.iter().find(|section| section.name() == name);
        // The parser lets only names of the list through.
        named.copied().unwrap_or(Section::Member)
    })
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: self.format == As::Json };
        match self.compare(&complaint) {
            Ok(code) => ExitCode::from(code),
            Err(error) => complaint.fail(&error),
        }
    }

    fn compare(self, complaint: &Complaint) -> Result<u8> {
        let selection = Selection { only: self.only.clone(), skip: self.skip.clone() };
        if !Section::ALL.iter().any(|section| selection.includes(*section)) {
            let message = "The command line leaves no section to compare.";
            let hint = "Name sections in --only that --skip does not name.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        if self.write_waivers.as_deref() == Some(Path::new(crate::operand::STREAM)) {
            let message = "The result goes to standard output, so the draft cannot go there too.";
            let hint = "Give the name of a file after --write-waivers.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        let now = keys::now();
        let options = Options {
            personal_data: self.personal_data,
            task_settings: self.task_settings,
            now: Some(now),
        };
        let paths = [self.primary.as_path(), self.member.as_path()];
        let with_digests = self.format == As::Json || self.save.is_some();
        let saving = self.saving()?;
        let waivers = self.waiving.read()?;
        let draft = waivers::begin(self.write_waivers.as_deref())?;
        let [(primary, first), (member, second)] = operands::read_both(
            paths,
            &self.keys,
            &self.signers,
            &self.local,
            &options,
            with_digests,
        )?;
        for note in primary.notes.iter().chain(&member.notes) {
            complaint.note(note);
        }
        let signers = [primary.signer(), member.signer()];
        let manifests = [primary.manifest, member.manifest];
        let between = if self.drift { Between::Times } else { Between::Members };
        let mut judgement = finding::judge_between(
            primary.configuration,
            member.configuration,
            &selection,
            between,
        );
        waivers::waive(&mut judgement, waivers.as_ref());
        judgement.signers = signers;
        judgement.provenance = first.zip(second);
        if let Some(saving) = saving {
            saving.save(&judgement, self.verbose, &manifests, &options, now)?;
        }
        if let Some((draft, path)) = draft.zip(self.write_waivers.as_deref()) {
            waivers::write(&judgement, draft, path, complaint)?;
        }
        let view = View {
            format: self.format.into(),
            verbose: self.verbose,
            quiet: self.quiet,
            look: terminal::look(self.color, self.verbose),
        };
        let code = judgement.verdict.exit_code();
        terminal::print(|to| report::render(&judgement, &view, to))?;
        // Two configurations of a large site take a while to take apart, and the process ends here.
        std::mem::forget(judgement);
        Ok(code)
    }

    /// Where the comparison is to be saved, and for whom; asked before the long work.
    fn saving(&self) -> Result<Option<Saving>> {
        let Some(path) = &self.save else {
            if self.sealing.is_given() {
                let message = "The command line says how to seal the comparison, and not where to.";
                let hint = "Give --save BUNDLE too, or leave the flags for sealing out.";
                return Err(Error::new(Kind::Usage, message, hint));
            }
            return Ok(None);
        };
        if path.as_path() == Path::new(crate::operand::STREAM) {
            let message = "The result goes to standard output, so the bundle cannot go there too.";
            return Err(Error::new(Kind::Usage, message, "Give the name of a file after --save."));
        }
        let mut ask = self.keys.prompt()?;
        Saving::prepare(path, &self.sealing, &mut ask).map(Some)
    }
}
