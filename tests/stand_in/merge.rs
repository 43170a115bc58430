//! `iris merge NAME FILE CPF` (H3.1).
//!
//! Owns the words of a merge, its status, and the lines that a failure leaves in `messages.log`.
//! Invariant: both files must be given by absolute path, since the product finds others as it likes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::behaviour::Merging;
use super::instance::disk::{Noted, note};
use super::{Stage, hang, login, print, scene};

impl Stage {
    pub(super) fn merge(&mut self, name: &str, file: &str, target: &str, count: usize) -> i32 {
        let manner = match count > self.behaviour.merge.after {
            true => self.behaviour.merge.clone(),
            false => Merging::default(),
        };
        let absolute = [file, target].iter().all(|path| Path::new(path).is_absolute());
        assert!(absolute, "a merge is given absolute paths, not {file} and {target}");
        if manner.login {
            return login();
        }
        if manner.hangs {
            hang();
        }
        thread::sleep(Duration::from_millis(manner.slow));
        print(format!("IRIS Merge of {file} into {target}\n").as_bytes());
        let own = scene::install(&self.folder).join("iris.cpf");
        let text = fs::read_to_string(file);
        let (Ok(text), true) = (text, own == Path::new(target)) else {
            print(b"IRIS Merge failed\n");
            return 1;
        };
        if !Self::is_named(name) || self.state().down {
            print(b"IRIS Merge failed\n");
            return 1;
        }
        note(
            &self.folder.join("log.jsonl"),
            &Noted::Merged { file: file.to_owned(), text: text.clone() },
        );
        if manner.claims {
            print(b"IRIS Merge completed successfully\n");
            return 0;
        }
        let (mut instance, generation) = self.instance();
        let done = manner.fails_after.unwrap_or(usize::MAX);
        let outcome = instance.merge_begun(&text, generation, done);
        self.keep(&mut instance, generation);
        match outcome {
            Ok(()) => {
                print(b"IRIS Merge completed successfully\n");
                manner.status.unwrap_or(0)
            }
            Err(fault) => {
                let told = format!(
                    "[Utility.Event] ERROR #503: Error executing [Actions] section in file {file}\n\
                     ERROR #507: Action failed at {fault}\n"
                );
                print(told.as_bytes());
                print(b"IRIS Merge failed\n");
                self.message(&told);
                1
            }
        }
    }

    /// Adds to the instance's own log.
    fn message(&self, text: &str) {
        let path = scene::install(&self.folder).join("mgr/messages.log");
        let mut log = OpenOptions::new().create(true).append(true).open(path).unwrap();
        for line in text.lines() {
            writeln!(log, "11/29/26-03:00:00:000 (4711) 2 {line}").unwrap();
        }
    }
}
