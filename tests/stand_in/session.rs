//! `iris session NAME -U %SYS < script` (H7.2).
//!
//! Owns the conversation: banner, a prompt for each line that is read, what the interpreter prints, and
//! what the behaviour makes of it. Lines are read one by one, so a script that ends in the middle was done
//! as far as it was read.
//! Invariant: the configuration that a line changed is kept before the next one is read.

use std::io::BufRead;
use std::thread;
use std::time::Duration;

use super::behaviour::Sessions;
use super::instance::BANNER;
use super::instance::disk::{Noted, note};
use super::{Stage, die, hang, login, print, scene};

impl Stage {
    pub(super) fn session(&mut self, name: &str, count: usize) -> i32 {
        let Sessions { after, sessions, .. } = self.behaviour.session;
        let manner = match count > after && sessions.is_none_or(|many| count <= after + many) {
            true => self.behaviour.session.clone(),
            false => Sessions::default(),
        };
        let say = |text: &str| {
            let text =
                if manner.windows_line_ends { text.replace('\n', "\r\n") } else { text.to_owned() };
            match manner.latin1 {
                true => print(&latin1(&text)),
                false => print(text.as_bytes()),
            }
        };
        say(&noise(manner.noise_before));
        // What the product says here is not documented (H11.15).
        if !Self::is_named(name) {
            say(&format!("\nInstance '{name}' not found\n"));
            return 1;
        }
        if self.state().down {
            say(&format!("\nInstance '{name}' is not running\n"));
            return 1;
        }
        if manner.login {
            return login();
        }
        if !manner.no_banner {
            say(BANNER);
        }
        if manner.latin1 {
            say("\nGr\u{fc}\u{df}e von f\u{fc}nf R\u{e4}umen\n");
        }
        let (mut instance, mut generation) = self.instance();
        let mut terminal = instance.terminal();
        terminal.without_limit();
        let mut input = std::io::stdin().lock();
        let mut number = 0;
        let begin = |number: usize| {
            if manner.hangs_at == Some(number) {
                hang();
            }
            if manner.dies_at == Some(number) {
                die();
            }
            manner.ends_at == Some(number)
        };
        if begin(0) {
            return manner.ends_with;
        }
        loop {
            say(&terminal.prompt());
            let mut bytes = Vec::new();
            if input.read_until(b'\n', &mut bytes).unwrap() == 0 {
                break;
            }
            number += 1;
            let text = String::from_utf8(bytes).unwrap();
            let text = text.trim_end_matches(['\n', '\r']);
            let log = self.folder.join("log.jsonl");
            note(&log, &Noted::Line { number, text: text.chars().take(200).collect() });
            thread::sleep(Duration::from_millis(manner.slow));
            if begin(number) {
                return manner.ends_with;
            }
            if manner.protects_at == Some(number) {
                terminal.fail("<PROTECT>".to_owned());
                say(&terminal.take());
                continue;
            }
            let now = self.state().generation;
            if now != generation {
                terminal.instance().become_as(&scene::configuration(&self.folder));
                generation = now;
            }
            let ended = terminal.line(text);
            generation = self.keep(terminal.instance(), generation);
            let said = terminal.take();
            if manner.silent_at != Some(number) {
                say(&said);
            }
            if let Some(status) = ended {
                say(&noise(manner.noise_after));
                return status;
            }
        }
        say(&noise(manner.noise_after));
        0
    }
}

/// So many bytes in lines.
fn noise(bytes: usize) -> String {
    let line = "0123456789 what a start-up routine of the site has to say, again and again\n";
    line.chars().cycle().take(bytes).collect()
}

/// A text as bytes of Latin-1; what it has no letter for is a question mark.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}
