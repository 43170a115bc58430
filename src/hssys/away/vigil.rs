//! The watchdog: it mounts HSSYS again when nobody else does.
//!
//! Owns what a second process does while a run has HSSYS dismounted: it listens to the run, and where the
//! run ends without the word that HSSYS is mounted, or the limit passes, it mounts HSSYS by sessions of its
//! own, tries again with pauses, and writes down what came of it. The process and its pipe belong to `cli`.
//! Invariant: where the run has ended, this goes on until HSSYS was seen mounted, after a dismount that was
//! answered; where none was, until the limit has passed once more, or the tries are used up. Mounting what
//! is mounted changes nothing.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::Clock;
use super::back::bring_back;
use super::trace::Desk;
use crate::instance::database::Database;

/// What a run tells its watchdog, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// HSSYS will be dismounted now: the time runs.
    Going,
    /// The dismount was answered: none is on its way any more.
    Dismounted,
    /// HSSYS was seen mounted.
    Mounted,
}

impl Word {
    const ALL: [Self; 3] = [Self::Going, Self::Dismounted, Self::Mounted];

    /// As a line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Going => "going",
            Self::Dismounted => "dismounted",
            Self::Mounted => "mounted",
        }
    }

    /// The word of a line.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.text() == text.trim())
    }
}

/// How often it tries; with the pauses that is about half an hour, besides what the tries take.
const TRIES: usize = 64;
/// Seconds between the first tries; afterwards the last one counts.
const PAUSES: [u64; 6] = [1, 1, 2, 4, 8, 30];

/// What a watchdog knows.
#[derive(Debug)]
pub struct Vigil<'a> {
    /// HSSYS, in an instance with limits of its own.
    pub database: &'a Database<'a>,
    /// Where the run left its trace.
    pub desk: &'a Desk,
    /// The run.
    pub run: &'a str,
    /// How long HSSYS may be away.
    pub limit: Duration,
}

impl Vigil<'_> {
    /// Listens until HSSYS is mounted; false where it is not.
    pub fn keep(&self, words: &Receiver<Word>, clock: &Clock<'_>) -> bool {
        let mut going: Option<Duration> = None;
        let mut on_its_way = false;
        loop {
            let word = match going {
                None => words.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => {
                    let passed = (clock.elapsed)().saturating_sub(since);
                    words.recv_timeout(self.limit.saturating_sub(passed))
                }
            };
            match word {
                Ok(Word::Going) => (going, on_its_way) = (Some((clock.elapsed)()), true),
                Ok(Word::Dismounted) => on_its_way = false,
                Ok(Word::Mounted) => return true,
                // It ended before it asked for anything.
                Err(_) if going.is_none() => return true,
                Err(why) => {
                    let alone = why == RecvTimeoutError::Disconnected;
                    return self.mount(words, alone, on_its_way, clock);
                }
            }
        }
    }

    /// Mounts it; `alone` says that the run has ended.
    fn mount(
        &self,
        words: &Receiver<Word>,
        mut alone: bool,
        on_its_way: bool,
        clock: &Clock<'_>,
    ) -> bool {
        // A session outlives the run that began it, and its dismount may come late. For as long as HSSYS
        // may be away it is looked again: nobody else would see it.
        let late = (clock.elapsed)() + if on_its_way { self.limit } else { Duration::ZERO };
        let mut last = String::new();
        let mut seen = false;
        for number in 0..TRIES {
            let sure = (clock.elapsed)() >= late;
            match bring_back(self.database) {
                Ok(_) => {
                    if !seen {
                        seen = true;
                        self.tell(clock, alone, None);
                    }
                    if sure {
                        return true;
                    }
                }
                Err(error) => (seen, last) = (false, error.message),
            }
            let pause = PAUSES.get(number).or(PAUSES.last()).copied().unwrap_or(1);
            match words.recv_timeout(Duration::from_secs(pause)) {
                // The run, which was only slow, has done it.
                Ok(Word::Mounted) => return true,
                Err(RecvTimeoutError::Disconnected) => {
                    alone = true;
                    thread::sleep(Duration::from_secs(pause));
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
        }
        if !seen {
            self.tell(clock, alone, Some(last));
        }
        seen
    }

    /// Writes down what came of it, where the run's trace is still there; what a run that has ended left
    /// goes, since it is as secret as a password file.
    fn tell(&self, clock: &Clock<'_>, alone: bool, failed: Option<String>) {
        let Ok(Some(mut trace)) = self.desk.read() else { return };
        if trace.run != self.run {
            return;
        }
        let now = (clock.now)();
        match failed {
            None => trace.mounted = Some(now),
            Some(why) => trace.gave_up = Some((now, why)),
        }
        // HSSYS is mounted whether or not this can be written down; the next run asks for its state.
        let _ = self.desk.put(&trace);
        if alone {
            let _ = trace.tidy();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_line_are_one() {
        for word in Word::ALL {
            assert_eq!(Word::of(&format!("{}\n", word.text())), Some(word));
        }
        assert_eq!(Word::of("mount"), None);
    }
}
