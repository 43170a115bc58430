//! `hsmirror export`: one side, gathered and sealed.
//!
//! Owns the flags of the command and its story: gather the files of one side, say what is not among
//! them, seal what they come to, say what to do next.
//! Invariant: nothing is written unless everything was read; what is written cannot be read back here
//! unless this account is one of the recipients.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::complaint::Complaint;
use super::keys::{self, Keys, Sealing};
use super::terminal;
use crate::bundle::{self, Content, Kind as BundleKind, Manifest, Parameters, SectionCount, Who};
use crate::error::{Error, Kind, Result};
use crate::key::Identities;
use crate::model::{Configuration, Extent};
use crate::operand::{Ready, Side};
use crate::report::visible;
use crate::source::Options;

/// Gather the files of one side and seal them as a bundle
///
/// SOURCE is a folder of files, or one such file, as `hsmirror compare` takes it. The bundle can be
/// carried by hand: whoever finds it learns nothing, and only the recipients can open it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files of the side
    source: PathBuf,
    /// The bundle to write; `-` is standard output
    #[arg(short, long, value_name = "BUNDLE")]
    output: PathBuf,
    /// The member that it is made for, by its name in the mirror; comparing with another one blocks
    #[arg(long = "for", value_name = "MEMBER")]
    intended: Option<String>,
    /// Carry e-mail addresses and telephone numbers too
    #[arg(long)]
    personal_data: bool,
    /// Carry the values of all task settings too, which may be secrets
    #[arg(long)]
    task_settings: bool,
    /// Say nothing where all went well
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    sealing: Sealing,
    /// Read passphrases from this file descriptor instead of the terminal: one a line, in the order in
    /// which they are needed; the last one goes on being used
    #[arg(long, value_name = "NUMBER", help_heading = "Sealing")]
    passphrase_fd: Option<u32>,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: false };
        match self.export(&complaint) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complaint.fail(&error),
        }
    }

    fn export(self, complaint: &Complaint) -> Result<()> {
        let mut ask = Keys { identity: Vec::new(), passphrase_fd: self.passphrase_fd }.prompt()?;
        let recipients = self.sealing.recipients(&self.output, &mut ask)?;
        let signing = self.sealing.signing_key(&mut ask)?;
        // Before the long work: an output that cannot be made is told at once.
        let output = self.sealing.output(&self.output)?;
        let now = keys::now();
        let options = Options {
            personal_data: self.personal_data,
            task_settings: self.task_settings,
            now: Some(now),
        };
        let side = self.gather(&options)?;
        for note in &side.notes {
            complaint.note(note);
        }
        let Side { configuration, .. } = side;
        for row in SectionCount::of(&configuration) {
            if row.section.required() && row.extent != Extent::Complete {
                let word = if row.extent == Extent::Partial { "in part only" } else { "not there" };
                let reason =
                    if row.reason.is_empty() { row.section.made_by() } else { &row.reason };
                complaint.note(&format!("section {} is {word}: {reason}", row.section));
            }
        }
        let manifest = self.manifest(&configuration, now)?;
        let who = manifest
            .member
            .as_ref()
            .and_then(Who::name)
            .unwrap_or("a side without a name")
            .to_owned();
        let objects: usize = manifest.sections.iter().map(|row| row.count).sum();
        let write = |to: &mut dyn Write| bundle::write_configuration(&configuration, to);
        let content = Content { manifest, document: &write };
        let armor = self.sealing.armor;
        let digest =
            output.write(|to| bundle::seal(content, &recipients, signing.as_ref(), armor, to))?;
        if self.quiet || self.output == std::path::Path::new(crate::operand::STREAM) {
            return Ok(());
        }
        let for_whom = match recipients.len() {
            1 => "one recipient".to_owned(),
            count => format!("{count} recipients"),
        };
        let signed = match &signing {
            Some(key) => format!("signed with {}", key.fingerprint()),
            None => "unsigned".to_owned(),
        };
        let path = self.output.display();
        terminal::print(|to| {
            writeln!(
                to,
                "Sealed {} of {}: {objects} objects, for {for_whom}, {signed}.",
                visible(&path.to_string()),
                visible(&who)
            )?;
            writeln!(to, "configuration.json has the SHA-256 {digest}.")?;
            writeln!(to, "Next: carry it to the member and type there")?;
            writeln!(
                to,
                "  hsmirror compare {} MEMBER-FOLDER -i IDENTITY",
                visible(&path.to_string())
            )
        })
    }

    fn gather(&self, options: &Options) -> Result<Side> {
        let mut nobody = super::prompt::Prompt::Terminal;
        let stream = || Box::new(std::io::stdin()) as Box<dyn std::io::Read + Send>;
        let ready = match Ready::new(&self.source, stream, &Identities::default(), &mut nobody) {
            Ok(Ready::Bundle(_)) => return Err(self.sealed_already()),
            Err(error) if (10..=14).contains(&error.kind.exit_code()) => {
                return Err(self.sealed_already());
            }
            ready => ready?,
        };
        let trust = bundle::Trust { allowed: None, accept_unsigned: true, now: keys::now() };
        ready.read(options, &trust)
    }

    fn sealed_already(&self) -> Error {
        let message = format!("{} is sealed already.", self.source.display());
        let hint = "Give the folder of files that it was made of; a bundle can be copied as it is.";
        Error::new(Kind::Usage, message, hint)
    }

    fn manifest(
        &self,
        configuration: &Configuration,
        now: crate::model::Moment,
    ) -> Result<Manifest> {
        let parameters =
            Parameters { personal_data: self.personal_data, task_settings: self.task_settings };
        let mut manifest = keys::new_manifest(BundleKind::Configuration, now)?;
        manifest.member = Who::of(configuration);
        manifest.intended_member.clone_from(&self.intended);
        manifest.sources.clone_from(&configuration.sources);
        manifest.sections = SectionCount::of(configuration);
        manifest.unread.clone_from(&configuration.unread);
        manifest.holds_secrets = self.task_settings;
        manifest.parameters = parameters;
        Ok(manifest)
    }
}
