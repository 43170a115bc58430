//! Where it may end.
//!
//! Owns what somebody who comes later finds and does: what `standing` says (and whether it is true), what
//! it says to do next, done ([`Place::go_on`]), and the way back ([`Place::go_back`]); and what the
//! folders must hold after each, file by file.

use std::fs;

use hsmirror::error::{Error, Kind};
use hsmirror::hssys;
use hsmirror::restore::Restore;

use super::disk::{Held, Image, STATE};
use super::place::{Act, Place};
use super::truth::named;

/// What a journal is made as, before it counts. A process that is killed just then leaves it; nobody
/// takes it for anything, and the next run that writes a journal begins with removing it.
const DRAFT: &str = ".hsmirror-restore.part";

/// What `standing` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Nothing was begun, or all of it was taken back.
    Nothing,
    /// The new database is in its place.
    Done,
    /// The same command again ends it.
    Again,
    /// It can be resumed to its end.
    Forth,
    /// The way back can be resumed to its end.
    Back,
}

impl Place {
    /// What `standing` says, which must be true of every name.
    pub fn stands(&self) -> Result<Stands, String> {
        let [folder, state] = &self.disk.folders;
        let restore = Restore::look(folder, state, None).map_err(|error| untold(&error))?;
        let standing = restore.standing().map_err(|error| untold(&error))?;
        let row = |label: &str| {
            let found = standing.rows.iter().find(|(named, _)| named == label);
            found.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        let journal = restore.unfinished();
        let (said, next) = (row("Stands"), row("Next"));
        let stands = match journal {
            None if said.starts_with("done") => Stands::Done,
            None if said.starts_with("nothing was begun") || said == "reverted" => Stands::Nothing,
            Some(_) if next.starts_with("the same command again") => Stands::Again,
            Some(journal) if next.contains("--resume") && journal.is_reverting() => Stands::Back,
            Some(_) if next.contains("--resume") => Stands::Forth,
            _ => return Err(format!("standing says {said:?} and {next:?}")),
        };
        if standing.interrupted != journal.is_some() || next.is_empty() == journal.is_some() {
            return Err(format!("standing says nothing of what was interrupted: {standing:?}"));
        }
        for (names, text) in [
            (named("", &self.truth.old), "of the old database"),
            (named("", &self.truth.new), "of the new database, verified"),
            (named(hssys::OLD, &self.truth.old), "of the old database, kept"),
        ] {
            for (name, bytes) in names {
                let there = fs::read(folder.join(&name)).is_ok_and(|there| there == bytes);
                let told = row(&name);
                if stands != Stands::Nothing && there != (told == text) {
                    return Err(format!("standing says that {name} is {told:?}"));
                }
            }
        }
        Ok(stands)
    }

    /// Does what must end well.
    fn does(&self, act: Act) -> Result<(), String> {
        let well = self.run(act, None).well();
        well.map(drop).map_err(|wrong| format!("{act:?}: {wrong}"))
    }

    /// Goes on as `standing` says; then looks at what must be there.
    pub fn go_on(&self) -> Result<(), String> {
        match self.stands()? {
            Stands::Done => self.is_new(true),
            Stands::Nothing => self.is_old(true),
            Stands::Again => self.does(Act::Apply).and_then(|()| self.is_new(false)),
            Stands::Forth => self.does(Act::Resume).and_then(|()| self.is_new(false)),
            Stands::Back => self.does(Act::Resume).and_then(|()| self.is_old(false)),
        }?;
        // Whatever was taken back, the same bundle can be restored.
        match self.stands()? {
            Stands::Done => Ok(()),
            Stands::Nothing => self.does(Act::Apply).and_then(|()| self.is_new(false)),
            stands => Err(format!("it ended, and standing says {stands:?}")),
        }
    }

    /// Goes back; then looks at what must be there.
    pub fn go_back(&self) -> Result<(), String> {
        if self.stands()? != Stands::Nothing {
            self.does(Act::Revert)?;
            match self.stands()? {
                Stands::Nothing => {}
                stands => return Err(format!("it went back, and standing says {stands:?}")),
            }
            return self.is_old(false);
        }
        let before = self.disk.take();
        match self.run(Act::Revert, None).ended {
            Err(error) if error.kind == Kind::Refused => {}
            ended => return Err(format!("nothing to go back from, and {ended:?}")),
        }
        if self.disk.take() != before {
            return Err("nothing to go back from, and something changed".to_owned());
        }
        self.is_old(true)
    }

    /// From one instant both ways.
    pub fn both_ways(&self, image: &Image) -> Result<(), String> {
        self.disk.put(image);
        self.truth
            .holds()
            .and_then(|()| self.go_on())
            .map_err(|what| format!("going on: {what}"))?;
        self.disk.put(image);
        self.go_back().map_err(|what| format!("going back: {what}"))
    }

    /// The new database under its names, the old one under its second ones, one journal, nothing else;
    /// where nothing had to be done, there may be the draft of a journal.
    fn is_new(&self, draft: bool) -> Result<(), String> {
        let image = self.disk.take();
        let mut wanted = named("", &self.truth.new);
        wanted.append(&mut named(hssys::OLD, &self.truth.old));
        let mut is = image.database();
        is.retain(|name, _| !draft || *name != DRAFT);
        if !is.keys().eq(wanted.keys()) {
            return Err(format!("it is done, and the folder holds {:?}", is.keys()));
        }
        let home = self.home.database();
        let (_, first) = home["IRIS.DAT"];
        for (name, bytes) in wanted {
            let (inode, file) = is[name.as_str()];
            if let Some(plain) = name.strip_prefix(hssys::OLD) {
                if (inode, file) != home[plain] {
                    return Err(format!("{name} is not the old file"));
                }
            } else if file.bytes != bytes {
                return Err(format!("{name} has other bytes"));
            } else if (file.mode, file.owner) != (first.mode, first.owner) {
                return Err(format!("{name} has mode {:o}, owner {:?}", file.mode, file.owner));
            }
        }
        match self.history(&image)?.as_slice() {
            // What was reverted before stays told.
            [reverted @ .., begun] if begun != "revert" && all_reverted(reverted) => Ok(()),
            begun => Err(format!("it is done, and the state folder has journals of {begun:?}")),
        }
    }

    /// The old files as they were, and nothing else; where nothing had to be done, there may be the
    /// draft of a journal.
    fn is_old(&self, draft: bool) -> Result<(), String> {
        let image = self.disk.take();
        let mut is = image.database();
        is.retain(|name, _| !draft || *name != DRAFT);
        if is != self.home.database() {
            return Err(format!("it is back, and the folder holds {:?}", is.keys()));
        }
        match self.history(&image)?.as_slice() {
            // A restore that changed no name leaves none.
            [] => Ok(()),
            begun if all_reverted(begun) => Ok(()),
            begun => Err(format!("it is back, and the state folder has journals of {begun:?}")),
        }
    }

    /// The journals in the state folder, which holds nothing else that counts: of each, which step began
    /// last.
    fn history(&self, image: &Image) -> Result<Vec<String>, String> {
        let mut history = Vec::new();
        for (name, inode) in &image.names[STATE] {
            if name.starts_with("restore-") {
                let text = String::from_utf8(image.files[inode].bytes.clone()).unwrap();
                let begun = text.lines().rev().find_map(|line| line.strip_prefix("{\"begins\":"));
                history.push(begun.unwrap_or_default().trim_matches(['"', '}']).to_owned());
            } else if !name.starts_with(".hsmirror-") {
                return Err(format!("the state folder holds {name}"));
            }
        }
        Ok(history)
    }

    /// Whether an error is one that a person can do something with.
    pub fn told(error: &Error) -> Result<(), String> {
        let kinds = [Kind::Output, Kind::Denied, Kind::Exists, Kind::Refused, Kind::Unfinished];
        let sentences = [&error.message, &error.hint].iter().all(|text| text.ends_with('.'));
        match kinds.contains(&error.kind) && sentences {
            true => Ok(()),
            false => Err(format!("it is told as {:?}: {error}", error.kind)),
        }
    }

    /// Whether the database is as it was in an image: every name, byte, mode and time.
    pub fn is_as_in(&self, image: &Image) -> Result<(), String> {
        let now = self.disk.take();
        let (now, then) = (now.database(), image.database());
        if now == then {
            return Ok(());
        }
        let other = |one: &Held<'_>, other: &Held<'_>| -> Vec<String> {
            let only = one.iter().filter(|(name, file)| other.get(*name) != Some(file));
            only.map(|(name, _)| (*name).to_owned()).collect()
        };
        Err(format!(
            "the folder changed: new is {:?}, gone {:?}",
            other(&now, &then),
            other(&then, &now)
        ))
    }
}

fn untold(error: &Error) -> String {
    format!("standing fails: {error}")
}

fn all_reverted(journals: &[String]) -> bool {
    journals.iter().all(|begun| begun == "revert")
}
