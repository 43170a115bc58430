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
#[cfg(unix)]
use super::export_copy::{Copying, Primary};
use super::export_hssys::{self, DELETE_IT, Database, Place, Sealed};
use super::keys::{self, Keys, Output, Sealing};
use super::local::Local;
use super::manifest;
use super::terminal;
use crate::bundle::{self, Content, Manifest, Seal, SectionCount, Who};
use crate::error::{Error, Kind, Result, quoted};
use crate::key::{Identities, Recipient};
use crate::model::{Configuration, Digest, Extent};
use crate::operand::{INSTANCE, Ready, Side};
use crate::report::visible;
use crate::source::Options;

/// Gather the files of one side and seal them as a bundle
///
/// SOURCE is a folder of files, or one such file, as `hsmirror compare` takes it, or instance:NAME, a
/// running instance of this host, which is asked itself. The bundle can be
/// carried by hand: whoever finds it learns nothing, and only the recipients can open it. With --hssys
/// the copy of the HSSYS database becomes a bundle of its own beside it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files of the side, or instance:NAME
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
    /// Seal this copy of the HSSYS database too, as a bundle of its own beside BUNDLE: COPY_IRIS.DAT or
    /// IRIS.DAT with its volumes, or the folder that holds them
    #[arg(long, value_name = "FILE-OR-FOLDER", help_heading = "HSSYS")]
    hssys: Option<PathBuf>,
    /// Seal the database for this recipient instead of those of BUNDLE; may be given several times
    #[arg(long, value_name = "RECIPIENT", help_heading = "HSSYS")]
    hssys_recipient: Vec<String>,
    /// Let more than one recipient open the database, which holds credentials and keys
    #[arg(long, help_heading = "HSSYS")]
    share_secrets: bool,
    #[cfg(unix)]
    #[command(flatten)]
    copying: Copying,
    #[command(flatten)]
    sealing: Sealing,
    #[command(flatten)]
    local: Local,
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
        #[cfg(unix)]
        let primary = self.primary()?;
        // What an earlier run left is told first, and put right whatever becomes of this one.
        #[cfg(unix)]
        let away = primary.as_ref().map(|primary| self.copying.begin(primary, complaint));
        #[cfg(unix)]
        let away = away.transpose()?;
        let mut ask = Keys { identity: Vec::new(), passphrase_fd: self.passphrase_fd }.prompt()?;
        let recipients = self.sealing.recipients(&self.output, &mut ask)?;
        let signing = self.sealing.signing_key(&mut ask)?;
        // Before the long work: an output that cannot be made is told at once.
        let output = self.sealing.output(&self.output)?;
        let place = self.place(&recipients)?;
        let (mut database, place) = match (&self.hssys, place) {
            (Some(copy), Some(place)) => (Some(Database::open(copy, place)?), None),
            (_, place) => (None, place),
        };
        #[cfg(unix)]
        if let Some(away) = &away {
            self.copying.agree(away, complaint)?;
            if self.copying.dry_run {
                return Ok(());
            }
        }
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
        tell_gaps(&configuration, complaint);
        let mut mirrored = match (&database, &place) {
            (None, None) => None,
            _ => export_hssys::mirrored(&configuration)?,
        };
        let mut manifest = manifest::of_side(&configuration, &options, now)?;
        manifest.intended_member.clone_from(&self.intended);
        let mut copies = None;
        #[cfg(unix)]
        if let (Some(primary), Some(away), Some(place)) = (&primary, &away, place) {
            let copied = self.copying.copy(primary, away, self.quiet)?;
            // It was looked at right before the copy.
            mirrored = Some(true);
            database = Some(Database::open_ours(&copied.path(), copied.copied_at, place)?);
            copies = Some(copied);
        }
        #[cfg(not(unix))]
        let _ = (place, &mut database, &mut mirrored, &mut copies);
        database.as_ref().map_or(Ok(()), |database| database.is_whole(&configuration))?;
        let seal =
            Seal { recipients: &recipients, signing: signing.as_ref(), armor: self.sealing.armor };
        let sealed =
            self.seal(&configuration, &manifest, database, mirrored, output, seal, complaint);
        let mut told: Option<Result<String>> = None;
        #[cfg(unix)]
        if let Some(copies) = copies {
            // A copy that could not be sealed goes too: it is as secret as a password file.
            told = Some(self.copying.end(copies));
        }
        #[cfg(not(unix))]
        let _: Option<()> = copies;
        let (digest, sealed) = sealed?;
        let told = told.transpose()?;
        if self.quiet || self.output == std::path::Path::new(crate::operand::STREAM) {
            return Ok(());
        }
        self.tell(&manifest, digest, sealed.as_ref(), seal, told.as_deref())
    }

    /// Seals the configuration and the database, and gives both their names.
    #[allow(clippy::too_many_arguments, reason = "each of them is looked at before the long work")]
    fn seal(
        &self,
        configuration: &Configuration,
        manifest: &Manifest,
        database: Option<Database>,
        mirrored: Option<bool>,
        output: Output,
        seal: Seal<'_>,
        complaint: &Complaint,
    ) -> Result<(Digest, Option<Sealed>)> {
        let write = |to: &mut dyn Write| bundle::write_configuration(configuration, to);
        let content = Content { manifest: manifest.clone(), document: &write };
        let (digest, unnamed) = output.fill(|to| bundle::seal(content, seal, to))?;
        let database = match database {
            Some(database) => {
                let manifest = export_hssys::manifest(manifest, mirrored, digest);
                Some(database.seal(manifest, seal, self.quiet, complaint)?)
            }
            None => None,
        };
        // Both or none: the bundles get their names when both are whole.
        let sealed = match database {
            Some(sealed) => Some(sealed.name_with(unnamed)?),
            None => unnamed.name().map(|()| None)?,
        };
        Ok((digest, sealed))
    }

    /// Tells what was sealed and what to do next; `copied` is what became of a copy that was made.
    fn tell(
        &self,
        manifest: &Manifest,
        digest: Digest,
        sealed: Option<&Sealed>,
        seal: Seal<'_>,
        copied: Option<&str>,
    ) -> Result<()> {
        let who = manifest.member.as_ref().and_then(Who::name).unwrap_or("a side without a name");
        let objects: usize = manifest.sections.iter().map(|row| row.count).sum();
        let signed = match seal.signing {
            Some(key) => format!("signed with {}", key.fingerprint()),
            None => "unsigned".to_owned(),
        };
        let for_whom = counted(seal.recipients.len());
        let path = visible(&self.output.display().to_string()).into_owned();
        let typed = visible(&quoted(&self.output.display().to_string())).into_owned();
        terminal::print(|to| {
            writeln!(
                to,
                "Sealed {path} of {}: {objects} objects, for {for_whom}, {signed}.",
                visible(who)
            )?;
            writeln!(to, "configuration.json has the SHA-256 {digest}.")?;
            let Some(sealed) = sealed else {
                writeln!(to, "Next: carry it to the member and type there")?;
                return writeln!(to, "  hsmirror compare {typed} MEMBER-FOLDER -i IDENTITY");
            };
            sealed.write(&signed, copied.unwrap_or(DELETE_IT), to)?;
            writeln!(to, "Next: carry both to the member and type there")?;
            writeln!(to, "  hsmirror apply {typed} MEMBER-FOLDER -i IDENTITY \\")?;
            writeln!(
                to,
                "    --hssys {} --hssys-dir FOLDER-OF-HSSYS --dry-run",
                visible(&quoted(&sealed.path.display().to_string()))
            )
        })
    }

    /// Whether a database is to be sealed too.
    fn wants_database(&self) -> bool {
        #[cfg(unix)]
        let copies = self.copying.copy_hssys;
        #[cfg(not(unix))]
        let copies = false;
        self.hssys.is_some() || copies
    }

    /// The instance whose HSSYS is to be copied.
    #[cfg(unix)]
    fn primary(&self) -> Result<Option<Primary>> {
        if !self.copying.copy_hssys {
            return Ok(None);
        }
        let name = self.source.to_str().and_then(|text| text.strip_prefix(INSTANCE));
        let Some(name) = name else {
            let message = "Only HSSYS of an instance of this host can be copied.";
            let hint =
                "Give instance:NAME as SOURCE, or copy HSSYS by hand and give it with --hssys.";
            return Err(Error::new(Kind::Usage, message, hint));
        };
        self.copying.primary(name, &self.local.product).map(Some)
    }

    /// Where the bundle of the database goes, and whom it is for; looked at before the long work.
    fn place(&self, recipients: &[Recipient]) -> Result<Option<Place>> {
        if !self.wants_database() {
            let lost = !self.hssys_recipient.is_empty() || self.share_secrets;
            let message = "The command line says whom the database is for, and names no database.";
            let hint = "Give --hssys FILE-OR-FOLDER or --copy-hssys too, or leave that out.";
            return if lost { Err(Error::new(Kind::Usage, message, hint)) } else { Ok(None) };
        }
        if self.output == std::path::Path::new(crate::operand::STREAM) {
            let message = "Two bundles cannot both go to standard output.";
            return Err(Error::new(Kind::Usage, message, "Give the name of a file after -o."));
        }
        let own = &self.hssys_recipient;
        let own = keys::parsed(own, &[], "Recipient after --hssys-recipient")?;
        let count = if own.is_empty() { recipients.len() } else { own.len() };
        if count > 1 && !self.share_secrets {
            let message = format!(
                "The HSSYS database holds credentials and keys, and {count} recipients could open it."
            );
            let hint =
                "Name the one at the member with --hssys-recipient, or give --share-secrets.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        let path = export_hssys::beside(&self.output);
        let output = self.sealing.output(&path)?;
        Ok(Some(Place { recipients: own, path, output }))
    }

    fn gather(&self, options: &Options) -> Result<Side> {
        let mut nobody = super::prompt::Prompt::Terminal;
        let ready = match Ready::new(&self.source, &self.local, &Identities::default(), &mut nobody)
        {
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
}

/// Tells which required sections are not there as a whole.
fn tell_gaps(configuration: &Configuration, complaint: &Complaint) {
    for row in SectionCount::of(configuration) {
        if row.section.required() && row.extent != Extent::Complete {
            let word = if row.extent == Extent::Partial { "in part only" } else { "not there" };
            let reason = if row.reason.is_empty() { row.section.made_by() } else { &row.reason };
            complaint.note(&format!("section {} is {word}: {reason}", row.section));
        }
    }
}

/// How many recipients, in words.
pub(super) fn counted(recipients: usize) -> String {
    match recipients {
        1 => "one recipient".to_owned(),
        count => format!("{count} recipients"),
    }
}
