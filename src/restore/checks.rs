//! What is looked at before anything is written.
//!
//! Owns the facts that a restore rests on: of the copy against the two sides that were compared, and of
//! the folder as it is now; of the mirror in `in_mirror`, of the number of files in `whole`. Takes the
//! manifest, both configurations and the opened folder; gives every refusal that stands, and what nobody
//! could check from files.
//! Invariant: it looks and changes nothing; what no source states is never taken as good.

use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Journal, Owner, Placed};
use super::part_of;
use super::refusal::{
    A_LINK, ALREADY_RESTORED, COPY_OLD, IN_USE, LEFTOVER, MIRRORING_UNKNOWN, NO_DATABASE, NO_SPACE,
    NOT_MIRRORED, NOT_OWNER, NOT_WHOLE, NOT_WRITABLE, OLD_EXISTS, OLDER_BUNDLE, OPEN_TO_STRANGERS,
    OTHER_EXPORT, OTHER_FOLDER, OTHER_MEMBER, Refusal, UNKNOWN_DATABASE,
};
use crate::bundle::Manifest;
use crate::durable::{Entry, Folder, may_give};
use crate::hssys;
use crate::model::{Configuration, DAY, Database, Digest, Extent, Moment, Name};

/// Days for which a primary keeps journals for an async member, by default (H6.6).
const JOURNALS_KEPT: i64 = 14;
/// Days after which a copy is told to be old.
const JOURNALS_SOON_GONE: i64 = 10;
/// Seconds that two clocks may be apart.
const CLOCKS_APART: i64 = 3600;
/// Bytes that are left free for the journal.
const ROOM: u64 = 1 << 20;

/// What a copy is held against.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// The primary.
    pub primary: &'a Configuration,
    /// The export that it came in, where it came in a bundle.
    pub primary_export: Option<&'a str>,
    /// The digest of its configuration, as far as it is known.
    pub primary_sha256: Option<Digest>,
    /// The member.
    pub member: &'a Configuration,
    /// What the clock says.
    pub now: Moment,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Findings {
    /// Why it is refused, in the order of the rules.
    pub refusals: Vec<Refusal>,
    /// What could not be looked at, or should be known: completes "Note: ...".
    pub notes: Vec<String>,
}

impl Findings {
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }
}

impl Circumstances<'_> {
    /// Looks at the copy.
    pub fn of_the_copy(&self, manifest: &Manifest) -> Findings {
        let mut found = Findings::default();
        let copy = manifest.hssys.as_ref();
        let other = self.primary_export.is_some_and(|export| export != manifest.export_id);
        let digest = copy.map(|copy| copy.configuration_sha256);
        if other || digest.is_none() || digest != self.primary_sha256 {
            found.refuse(Refusal::new(
                &OTHER_EXPORT,
                "The database and the primary's configuration are not of one export.",
            ));
        }
        let name = self.member.member.as_ref().and_then(|member| member.system_name.as_deref());
        if let Some(intended) = &manifest.intended_member {
            match name {
                Some(name) if name.eq_ignore_ascii_case(intended) => {}
                Some(name) => {
                    let what = format!("The database was exported for {intended}, not for {name}.");
                    found.refuse(Refusal::new(&OTHER_MEMBER, what));
                }
                None => found.notes.push(format!(
                    "not checked: whether this member is {intended}, for which the database was exported"
                )),
            }
        }
        match copy.and_then(|copy| copy.mirrored) {
            Some(true) => {}
            Some(false) => {
                let what = "HSSYS was not in the mirror when it was copied.";
                found.refuse(Refusal::new(&NOT_MIRRORED, what));
            }
            None => {
                let what = "Nobody attests that HSSYS was in the mirror when it was copied.";
                found.refuse(Refusal::new(&MIRRORING_UNKNOWN, what));
            }
        }
        self.age(manifest, &mut found);
        self.in_the_mirror(&mut found);
        self.copied_whole(manifest, &mut found);
        self.resource(&mut found);
        self.machine(&mut found);
        found
    }

    /// What else the database needs there (H6.5). What the sides tell was compared: a block size that is
    /// not enabled and another byte order block. Which keys are active, nothing tells.
    fn machine(&self, found: &mut Findings) {
        let copied = self.primary.databases.named(hssys::NAME);
        let [ours, theirs] = [self.primary, self.member].map(|side| side.member.as_ref());
        let block_size = copied.is_some_and(|copied| copied.block_size.is_some())
            && theirs.is_some_and(|member| member.block_sizes.is_some());
        let byte_order =
            [ours, theirs].iter().all(|side| side.is_some_and(|it| it.big_endian.is_some()));
        let encrypted = copied.and_then(|copied| copied.encrypted);
        let key = copied.and_then(|copied| copied.encryption_key.as_ref());
        // A key that another database there is encrypted with is known there.
        let in_use = |one: &Database| one.encryption_key.as_ref() == key;
        if let Some(key) = key.filter(|key| encrypted == Some(true) && !key.is_empty())
            && !self.member.databases.objects.iter().any(in_use)
        {
            let note = "not checked: whether the encryption key of HSSYS is active on the member";
            found.notes.push(format!("{note}, key {key}"));
        }
        let mut unknown = Vec::new();
        let mut unless = |known: bool, what| unknown.extend((!known).then_some(what));
        unless(block_size, "block size");
        unless(byte_order, "byte order");
        unless(encrypted.is_some(), "encryption key of the database");
        let volumes = copied.and_then(|copied| copied.volumes);
        let mut what = match unknown.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        if volumes.is_none() {
            let comma = if what.is_empty() { "" } else { ", and " };
            what.push_str(&format!("{comma}volumes in other folders"));
        }
        if !what.is_empty() {
            found.notes.push(format!("not checked, since no file tells: {what}"));
        }
    }

    /// Catching up needs the journals since the copy (H6.5, H6.6). The primary purges one after its own
    /// days, once every member has received it, so that a member that is connected does not keep it.
    fn age(&self, manifest: &Manifest, found: &mut Findings) {
        let copied = manifest.hssys.as_ref().and_then(|copy| copy.copied_at);
        let Some(copied) = copied else {
            let what = "Nothing tells when HSSYS was copied.";
            return found.refuse(Refusal::new(&COPY_OLD, what));
        };
        let age = self.now.since(copied);
        if age < -CLOCKS_APART {
            let what =
                format!("HSSYS was last written to at {copied}, which is in the future here.");
            return found.refuse(Refusal::new(&COPY_OLD, what));
        }
        let days = age / DAY;
        if days >= JOURNALS_KEPT {
            let what = format!("HSSYS was last written to at {copied}, {days} days ago.");
            return found.refuse(Refusal::new(&COPY_OLD, what));
        }
        let kept = self.primary.member.as_ref().and_then(|primary| primary.journal_days);
        if let Some(kept) =
            kept.filter(|kept| *kept > 0 && i64::try_from(*kept).is_ok_and(|kept| days >= kept))
        {
            found.notes.push(format!(
                "HSSYS was last written to {days} days ago, and the primary purges journals after {kept} days \
                 once all members have received them; look how far they reach"
            ));
        }
        if days >= JOURNALS_SOON_GONE {
            found.notes.push(format!(
                "HSSYS was last written to {days} days ago; catching up needs all journals since then, and \
                 for an async member they are kept {JOURNALS_KEPT} days by default"
            ));
        }
    }

    /// The resource that guards a database must exist before it is mounted (H4.4). Where both sides tell,
    /// its absence is a finding that blocks.
    fn resource(&self, found: &mut Findings) {
        let resources = &self.member.resources;
        let guard = Name::from(self.primary.hssys_resource());
        let has = resources.objects.iter().any(|resource| resource.name.is(&guard));
        let told = [self.primary, self.member]
            .iter()
            .all(|side| side.resources.extent == Extent::Complete);
        if !told && !has {
            let note = "not checked: whether the resource that guards HSSYS exists on the member";
            found.notes.push(note.to_owned());
        }
    }

    /// Whether a folder is that of HSSYS in the member's CPF.
    pub fn of_the_path(&self, folder: &Path) -> Findings {
        let mut found = Findings::default();
        let databases = &self.member.databases.objects;
        let known = databases.iter().find(|database| database.name.is(hssys::NAME));
        let known = known.and_then(|database| database.directory.as_deref());
        match known.filter(|directory| !directory.is_empty()) {
            None => {
                let what = "The member's files do not tell the folder of its HSSYS.";
                found.refuse(Refusal::new(&UNKNOWN_DATABASE, what));
            }
            Some(known) => {
                let real = std::fs::canonicalize(known).unwrap_or_else(|_| PathBuf::from(known));
                if real.components().ne(folder.components()) {
                    let what = format!(
                        "HSSYS of the member is in {known}, and {} is another folder.",
                        folder.display()
                    );
                    found.refuse(Refusal::new(&OTHER_FOLDER, what));
                }
            }
        }
        found
    }
}

/// The database that is in a folder.
#[derive(Debug)]
pub(super) struct There {
    /// Its files, in order.
    pub(super) files: Vec<Placed>,
    /// Owner, group and permissions of its first file.
    pub(super) owner: Owner,
}

/// Looks at the folder; gives the database in it, where nothing stands against replacing it by one of
/// `size` bytes. Temporary files that a `journal` accounts for are none to be told of.
pub(super) fn of_the_folder(
    folder: &Folder,
    size: u64,
    journal: bool,
    found: &mut Findings,
) -> io::Result<Option<There>> {
    let about = folder.about()?;
    if about.mode & 0o002 != 0 {
        let what = format!("Every account may write to {}.", folder.path().display());
        found.refuse(Refusal::new(&OPEN_TO_STRANGERS, what));
    }
    if !folder.is_writable() {
        let what = format!("This account may not write to {}.", folder.path().display());
        found.refuse(Refusal::new(&NOT_WRITABLE, what));
    }
    let names = folder.names()?;
    let mut files: Vec<(usize, Entry)> = Vec::new();
    for (number, name) in names.iter().filter_map(|name| Some((hssys::number(name)?, name))) {
        let Some(entry) = folder.look(name)? else { continue };
        if !entry.is_file {
            let what = format!("{name} is no regular file.");
            found.refuse(Refusal::new(&A_LINK, what));
        }
        files.push((number, entry));
    }
    files.sort_unstable_by_key(|(number, _)| *number);
    if files.first().is_none_or(|(number, _)| *number != 0) {
        let what = format!("{} holds no {}.", folder.path().display(), hssys::file(0));
        found.refuse(Refusal::new(&NO_DATABASE, what));
    } else if let Some(hole) = (0..files.len()).find(|at| files.get(*at).is_none_or(|f| f.0 != *at))
    {
        let what = format!("{} is missing in {}.", hssys::file(hole), folder.path().display());
        found.refuse(Refusal::new(&NOT_WHOLE, what));
    }
    in_use(folder, found)?;
    for name in &names {
        let old = name.strip_prefix(hssys::OLD).and_then(hssys::number);
        if old.is_some() {
            let what = format!("{name} is there already.");
            found.refuse(Refusal::new(&OLD_EXISTS, what));
        }
        if part_of(name).is_some() && !journal {
            let what = format!("{name} is there, left by an earlier run.");
            found.refuse(Refusal::new(&LEFTOVER, what));
        }
    }
    let mut free = folder.space()?;
    for name in names.iter().filter(|name| journal && part_of(name).is_some()) {
        // It is taken away before the new one comes in.
        free = free.saturating_add(folder.look(name)?.map_or(0, |entry| entry.size));
    }
    if free < size.saturating_add(ROOM) {
        let what = format!("The new database has {size} bytes, and only {free} are free.");
        found.refuse(Refusal::new(&NO_SPACE, what));
    }
    let Some((_, first)) = files.first() else { return Ok(None) };
    let owner = Owner { uid: first.uid, gid: first.gid, mode: first.mode };
    if !may_give(owner.uid, owner.gid) {
        found.refuse(not_owner(owner));
    }
    let files = files.iter().map(|(number, entry)| Placed::of(&hssys::file(*number), entry));
    Ok(Some(There { files: files.collect(), owner }))
}

/// A database that is in use must not be touched (H6.5).
pub(super) fn in_use(folder: &Folder, found: &mut Findings) -> io::Result<()> {
    if folder.look(hssys::LOCK)?.is_some() {
        let what = format!("HSSYS is in use: {} is in the folder.", hssys::LOCK);
        found.refuse(Refusal::new(&IN_USE, what));
    }
    Ok(())
}

/// Whether something newer was restored here before.
pub(super) fn of_the_past(
    past: &[Journal],
    manifest: &Manifest,
    header_sha256: Digest,
    found: &mut Findings,
) {
    let stands = past.iter().rfind(|journal| !journal.is_reverting());
    if let Some(last) = stands.filter(|last| last.intent.header_sha256 == header_sha256) {
        let what = format!("This very bundle was restored here at {}.", last.intent.begun);
        found.refuse(Refusal::new(&ALREADY_RESTORED, what));
    } else if let Some(last) = stands.filter(|last| last.intent.serial > manifest.serial) {
        let what = format!(
            "The bundle was sealed at {}, and one of {} was restored here before.",
            manifest.sealed_at, last.intent.sealed_at
        );
        found.refuse(Refusal::new(&OLDER_BUNDLE, what));
    }
}

/// The refusal of an account that may not give files their owner.
pub(super) fn not_owner(owner: Owner) -> Refusal {
    let Owner { uid, gid, .. } = owner;
    let what = format!("This account may not give files to user {uid} and group {gid}.");
    Refusal::new(&NOT_OWNER, what)
}

/// Whether the state folder could be made, or written to.
pub(super) fn of_the_state(state: &Path, found: &mut Findings) {
    let there = state.ancestors().find(|folder| folder.exists());
    if there.is_some_and(|folder| !crate::durable::may_write(folder)) {
        let what = format!("This account may not write to the state folder {}.", state.display());
        found.refuse(Refusal::new(&NOT_WRITABLE, what));
    }
}

/// The refusal of a folder that is reached through a link.
pub(super) fn a_link(given: &Path, real: &Path) -> Refusal {
    let what = format!("{} is reached through a link; it is {}.", given.display(), real.display());
    Refusal::new(&A_LINK, what)
}
