//! `hsmirror apply --hssys`: the new HSSYS replaces the old one on this member.
//!
//! Owns the stories of a restore: compare afresh, stop where findings stand against it, restore, tell
//! what is left to do by hand; or tell where a restore stands, end it, or go back. `apply` owns the flags.
//! Invariant: nothing is written before both sides were compared, everything was looked at and somebody
//! agreed; blocking findings stop it whatever the flags say.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::agreement::{Agreement, told};
use super::apply::{Args, BY_HAND};
use super::apply_hssys::{Around, Came, CameIn, gave_up};
use super::complaint::Complaint;
use super::keys;
use super::operands::Opening;
use super::waivers;
use super::{progress, terminal};
use crate::bundle::{Manifest, Opened, Sealed, Trust, Unlocked};
use crate::compare::{Selection, Side};
use crate::error::{Error, Kind, Result, quoted};
use crate::finding::{self, Finding, Judgement, Verdict};
use crate::model::{HSSYS, Signer};
use crate::report::{self, Format, View, visible};
use crate::restore::{
    ACCEPT_OLD_COPY, ACCEPT_UNKNOWN_MIRRORING, Circumstances, Journal, Proposal, Receiving,
    Restore, Terms, WayBack, afterwards, before_removing,
};
use crate::source::Options;

/// Where the new database comes from.
struct From<'a> {
    unlocked: Unlocked,
    /// The operand of the primary, as it was given.
    primary: &'a Path,
}

impl Args {
    /// The folder of HSSYS, which the flags of a restore require.
    fn folder(&self) -> Result<&Path> {
        self.hssys_dir.as_deref().ok_or_else(|| {
            let message = "The command line does not say where HSSYS lies on this member.";
            Error::new(Kind::Usage, message, "Give --hssys-dir FOLDER, or --instance NAME.")
        })
    }

    pub(super) fn tell_status(&self) -> Result<u8> {
        let restore = Restore::look(self.folder()?, &self.state_dir, None)?;
        let standing = restore.standing()?;
        let labels = standing.rows.iter().map(|(label, _)| label.chars().count());
        let wide = labels.max().unwrap_or_default();
        terminal::print(|to| {
            standing.rows.iter().try_for_each(|(label, text)| {
                writeln!(to, "{:<wide$}  {}", visible(label), visible(text))
            })
        })?;
        if let Some(journal) = &standing.done {
            let lines = by_hand(&restore, journal)?;
            terminal::print(|to| {
                writeln!(to)?;
                lines.iter().try_for_each(|line| writeln!(to, "{}", visible(line)))
            })?;
        }
        Ok(if standing.interrupted { Kind::Unfinished.exit_code() } else { 0 })
    }

    pub(super) fn resume(&self) -> Result<u8> {
        let mut restore = Restore::open(self.folder()?, &self.state_dir, None)?;
        let journal = restore.unfinished().cloned();
        self.go_on(&mut restore)?;
        match journal {
            Some(journal) if journal.is_reverting() => back(restore.name(), WayBack::PutBack),
            Some(journal) => done(&restore, &journal),
            None => Ok(0),
        }
    }

    fn go_on(&self, restore: &mut Restore) -> Result<()> {
        let sizes = restore.unfinished().map(|journal| &journal.received);
        let bytes = sizes.into_iter().flatten().map(|received| received.file.size).sum();
        let bar = progress::bar("Verifying", bytes, false);
        let ended = restore.resume(&mut |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        ended
    }

    pub(super) fn revert(&self) -> Result<u8> {
        let mut restore = Restore::open(self.folder()?, &self.state_dir, None)?;
        let journal = restore.revertible()?;
        let way = restore.way_back(&journal)?;
        let agreement = Agreement { yes: self.yes, dry_run: false };
        terminal::print(|to| {
            if way == WayBack::Sweep {
                let name = visible(restore.name());
                return writeln!(
                    to,
                    "Nothing was put into its place in {name}; temporary files of the restore that was \
                     begun at {} will be removed.",
                    journal.intent.begun
                );
            }
            writeln!(to, "The old HSSYS in {} will be put back:", visible(restore.name()))?;
            told(journal.intent.old.iter().map(|file| (file.name.as_str(), file.size)), to)?;
            writeln!(to, "The database of the restore begun at {} goes.", journal.intent.begun)
        })?;
        agreement.asked()?;
        let way = restore.revert()?;
        back(restore.name(), way)
    }

    pub(super) fn restore(&self, complaint: &Complaint) -> Result<u8> {
        let (Some(primary), Some(member)) = (&self.primary, &self.member) else {
            let message = "The command line does not name both sides.";
            return Err(Error::new(Kind::Usage, message, "Give PRIMARY and MEMBER."));
        };
        match self.came(self.folder()?, [primary, member], None, complaint)? {
            Came::Stopped(code) => Ok(code),
            Came::In(came) => {
                let CameIn { restore, journal, .. } = *came;
                journal.map_or(Ok(BY_HAND), |journal| done(&restore, &journal))
            }
        }
    }

    /// Lets the new database come in and take its place, unless something stands against it; `around` are
    /// the acts on a running instance before and after it.
    pub(super) fn came(
        &self,
        folder: &Path,
        paths: [&Path; 2],
        mut around: Option<&mut Around<'_>>,
        complaint: &Complaint,
    ) -> Result<Came> {
        let Some(hssys) = &self.hssys else {
            let message = "The command line names no bundle of HSSYS.";
            let hint = "`hsmirror apply --help` tells the usage.";
            return Err(Error::new(Kind::Usage, message, hint));
        };
        let mut restore = Restore::open(folder, &self.state_dir, None)?;
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let file = File::open(hssys).map_err(|cause| Error::unreadable(hssys, &cause))?;
        let sealed = Sealed::read(hssys, Box::new(file))?;
        restore.is_of(sealed.header.sha256)?;
        if let Some(around) = around.as_deref_mut() {
            around.takes_up(sealed.header.sha256)?;
        }
        let unlocked = sealed.unlock(&identities, &mut ask)?;

        let now = keys::now();
        let options = Options { personal_data: false, task_settings: false, now: Some(now) };
        let opening = Opening { identities: &identities, trust: &trust, local: &self.local };
        let waivers = self.waiving.read()?;
        let [(primary, first), (member, _)] = opening.read_both(paths, &mut ask, &options, true)?;
        for note in primary.notes.iter().chain(&member.notes) {
            complaint.note(note);
        }
        let export = primary.manifest.map(|manifest| manifest.export_id);
        let mut judgement =
            finding::judge(primary.configuration, member.configuration, &Selection::default());
        waivers::waive(&mut judgement, waivers.as_ref());
        if let Some(around) = &around {
            around.is_a_member(&judgement.member)?;
        }
        if let Some(code) = self.stopped_by(&judgement, paths, complaint)? {
            return Ok(Came::Stopped(code));
        }
        let came_in = restore.unfinished().filter(|journal| !journal.received.is_empty()).cloned();
        if let Some(journal) = came_in {
            if journal.is_reverting() {
                let message = "The old database is being put back here, which was interrupted.";
                let hint = format!("End that first: {}", restore.command("--resume"));
                return Err(Error::new(Kind::Unfinished, message, hint));
            }
            if self.dry_run {
                let message = "A restore was interrupted here, so there is nothing to try out.";
                let hint = format!("`{}` tells where it stands.", restore.command("--status"));
                return Err(Error::new(Kind::Unfinished, message, hint));
            }
            if let Some(around) = around.as_deref_mut() {
                let agreed = around.agreed(paths[0], &judgement.member, unlocked.header_sha256());
                agreed.map_err(|error| around.gave_up(&restore, error))?;
            }
            let ended = self.go_on(&mut restore);
            ended.map_err(|error| gave_up(around, &restore, error))?;
            let (journal, primary) = (Some(journal), judgement.primary);
            return Ok(Came::In(Box::new(CameIn { restore, journal, primary })));
        }

        let circumstances = Circumstances {
            primary: &judgement.primary,
            primary_export: export.as_deref(),
            primary_sha256: first.map(|from| from.configuration_sha256),
            member: &judgement.member,
            now,
        };
        let from = From { unlocked, primary: paths[0] };
        let received = self.receive(
            &mut restore,
            from,
            &trust,
            &circumstances,
            around.as_deref_mut(),
            complaint,
        );
        let signer = match received {
            Ok(signer) => signer,
            Err(error) => return Err(gave_up(around, &restore, error)),
        };
        if self.dry_run {
            return terminal::print(|to| {
                writeln!(to, "The bundle is sound to its end, {}.", visible(&signer.to_string()))?;
                writeln!(to, "Nothing was written. Next: the same command without --dry-run.")
            })
            .map(|()| Came::Stopped(0));
        }
        let journal = restore.unfinished().cloned();
        let finished = restore.finish();
        finished.map_err(|error| gave_up(around, &restore, error))?;
        Ok(Came::In(Box::new(CameIn { restore, journal, primary: judgement.primary })))
    }

    /// Shows what will be done, asks, and lets the new database come in; or only checks all of it. Gives
    /// who answers for it.
    fn receive(
        &self,
        restore: &mut Restore,
        from: From<'_>,
        trust: &Trust,
        circumstances: &Circumstances<'_>,
        mut around: Option<&mut Around<'_>>,
        complaint: &Complaint,
    ) -> Result<Signer> {
        let From { unlocked, primary } = from;
        let agreement = Agreement { yes: self.yes, dry_run: self.dry_run };
        let (dismounts, header_sha256) = (around.is_some(), unlocked.header_sha256());
        let of_the_folder = restore.command("--status");
        let bar = progress::bar("", 0, true);
        let mut agree = |proposal: &Proposal<'_>| {
            if let Some(around) = &around {
                let notices = around.notices(circumstances.member);
                notices.iter().for_each(|notice| complaint.note(notice));
            }
            agreement.agree(proposal, complaint)?;
            if !self.dry_run {
                let mut status = None;
                if let Some(around) = around.as_deref_mut() {
                    around.agreed(primary, circumstances.member, header_sha256)?;
                    status = around.status();
                }
                let status = status.as_ref().unwrap_or(&of_the_folder);
                complaint.note(&format!("if this is interrupted: {status}"));
            }
            let what = if self.dry_run { "Checking" } else { "Restoring" };
            progress::show(&bar, what, proposal.new.iter().map(|(_, size)| size).sum());
            Ok(())
        };
        let mut passed = |bytes| bar.inc(bytes);
        let terms = Terms {
            header_sha256,
            circumstances,
            accept: &self.accept(),
            dry_run: self.dry_run,
            dismounts,
            agree: &mut agree,
            passed: &mut passed,
        };
        let mut receiving = Receiving::new(restore, terms);
        let name = unlocked.path().display().to_string();
        let not_it = |_: &Manifest, _: &mut dyn Read| -> Result<()> {
            let message = format!("{name} holds no HSSYS database.");
            let hint =
                "Give the bundle that `hsmirror export --hssys` wrote, NAME.hssys.tar.zst.age.";
            Err(Error::new(Kind::Usage, message, hint))
        };
        let opened = unlocked.open(trust, not_it, &mut receiving);
        let opened = opened.map_err(|error| receiving.gives_up(error));
        let completed = opened
            .and_then(|opened| receiving.complete(&opened.files, &opened.signer).map(|()| opened));
        bar.finish_and_clear();
        let Opened { signer, unknown, .. } = completed?;
        for name in unknown {
            complaint.note(&format!("the manifest has {name}, which this version does not know"));
        }
        Ok(signer)
    }

    /// Whether the findings stand against it, and with which exit code.
    fn stopped_by(
        &self,
        judgement: &Judgement,
        [primary, member]: [&Path; 2],
        complaint: &Complaint,
    ) -> Result<Option<u8>> {
        let look = terminal::look(terminal::Colour::Auto, false);
        let view = View { format: Format::Table, verbose: false, quiet: true, look };
        terminal::print(|to| report::render(judgement, &view, to))?;
        let incomplete = judgement.coverage.iter().any(|row| row.is_gap());
        let (message, overruling) = match judgement.verdict {
            Verdict::Blocked => ("Blocking findings stand", "Nothing overrules them."),
            _ if incomplete && !self.accept_incomplete => (
                "Something could not be compared, and may hide a finding that blocks",
                "Overruled by --accept-incomplete.",
            ),
            _ if judgement.open().any(|finding| !is_its_own(finding))
                && !self.ignore_nonblocking =>
            {
                ("Findings stand that do not block", "Overruled by --ignore-nonblocking.")
            }
            _ => return Ok(None),
        };
        let code = match judgement.verdict {
            Verdict::Incomplete if self.accept_incomplete => Verdict::Differences.exit_code(),
            verdict => verdict.exit_code(),
        };
        let mut command = String::from("hsmirror compare");
        for path in [primary, member] {
            command.push_str(&format!(" {}", quoted(&path.display().to_string())));
        }
        for path in &self.keys.identity {
            command.push_str(&format!(" -i {}", quoted(&path.display().to_string())));
        }
        if let Some(signers) = &self.signers.allowed_signers {
            let signers = quoted(&signers.display().to_string());
            command.push_str(&format!(" --allowed-signers {signers}"));
        }
        if let Some(waivers) = &self.waiving.waivers {
            command.push_str(&format!(" --waivers {}", quoted(&waivers.display().to_string())));
        }
        let mut hint = format!("`{command}` lists them with what to do. {overruling}");
        if judgement.findings.iter().any(|finding| finding.rule.id == "execute-on-backup") {
            hint.push_str(" Are PRIMARY and MEMBER swapped?");
        }
        complaint.stop(&format!("{message}, so HSSYS is not restored."), &hint);
        Ok(Some(code))
    }

    fn accept(&self) -> Vec<&'static str> {
        let flags = [
            (self.accept_unknown_mirroring, ACCEPT_UNKNOWN_MIRRORING),
            (self.accept_old_copy, ACCEPT_OLD_COPY),
        ];
        flags.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
    }
}

/// Tells that the old database is back.
fn back(folder: &str, way: WayBack) -> Result<u8> {
    let folder = visible(folder);
    if way == WayBack::Sweep {
        terminal::print(|to| writeln!(to, "The folder {folder} is as it was."))?;
        return Ok(0);
    }
    terminal::print(|to| {
        writeln!(to, "The old HSSYS is back in {folder}.")?;
        writeln!(to, "Mount it: System Operation > Databases > HSSYS > Mount.")
    })?;
    Ok(BY_HAND)
}

/// What is left to do by hand.
fn by_hand(restore: &Restore, journal: &Journal) -> Result<Vec<String>> {
    let kept = restore.kept(journal)?;
    let mut lines = afterwards(restore.name());
    lines.extend(before_removing(restore.name(), &kept, &restore.command("--revert")));
    Ok(lines)
}

/// Tells what was done and what is left to do.
fn done(restore: &Restore, journal: &Journal) -> Result<u8> {
    let lines = by_hand(restore, journal)?;
    let told = terminal::print(|to| {
        writeln!(to, "The new HSSYS is in its place in {}:", visible(restore.name()))?;
        for received in &journal.received {
            writeln!(to, "  {} has the SHA-256 {}", received.file.name, received.sha256)?;
        }
        writeln!(to, "The database is {}.", visible(&journal.signer.to_string()))?;
        writeln!(to)?;
        lines.iter().try_for_each(|line| writeln!(to, "{}", visible(line)))
    });
    told.map(|()| BY_HAND).map_err(|error| {
        let status = restore.command("--status");
        let hint =
            format!("The restore itself is done; `{status}` tells what is left to do by hand.");
        Error { hint, ..error }
    })
}

/// Whether it is about HSSYS of the member in the mirror: what the restore is for, or what it refuses by
/// itself with the next step.
fn is_its_own(finding: &Finding) -> bool {
    let id = finding.rule.id;
    let stands = id.starts_with("mirrored-database-") && finding.about == Some(Side::Member);
    (stands || id == "database-not-mirrored") && finding.subject.name.eq_ignore_ascii_case(HSSYS)
}
