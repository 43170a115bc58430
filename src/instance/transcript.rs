//! What a session is given, and what came back.
//!
//! Owns [`Frame`]: it puts a script between two marks that nobody can guess, and finds what the script
//! printed between them. In the source each mark is in two halves, so that a terminal or a stand-in that
//! repeats its input does not seem to answer. Banner, prompts and repeated input are left out (H7.2), and
//! a code page that is not UTF-8 is taken for Latin-1 or UTF-16, line by line.
//! Invariant: what stands before the first mark is never an answer, and every line that is given back is
//! safe to show.

use crate::error::{Error, Kind, Result};
use crate::model::visible;

/// Characters of a line that an error quotes.
const QUOTED: usize = 200;

/// The marks around a script.
pub(super) struct Frame {
    begin: [String; 2],
    end: [String; 2],
}

/// What was found between the marks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Transcript {
    /// The namespace in which the script began; none where it did not.
    pub(super) began_in: Option<String>,
    /// Whether its end was reached.
    pub(super) came_to_end: bool,
    /// What it printed.
    pub(super) lines: Vec<String>,
    /// What was printed before it began.
    pub(super) before: Vec<String>,
}

impl Frame {
    /// Marks for one session.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn new() -> Result<Self> {
        let half = || -> Result<String> {
            let mut bytes = [0; 12];
            getrandom::fill(&mut bytes).map_err(|cause| {
                let message = format!("The system gives no random numbers: {cause}.");
                Error::new(Kind::Missing, message, "Look at its log.")
            })?;
            Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        };
        Ok(Self { begin: [half()?, half()?], end: [half()?, half()?] })
    }

    /// One line that asks whether a session answers and in which namespace, and ends it.
    pub(super) fn question(&self) -> String {
        format!("set $namespace=\"%SYS\" {} halt\n", self.opening())
    }

    /// A script between its marks, with line ends of this system.
    pub(super) fn around(&self, script: &str) -> String {
        // `-U` does nothing for a login with a namespace of its own (H7.2); a margin out of range keeps long
        // lines whole (H8.2).
        let [one, other] = &self.end;
        let first = ["set $namespace=\"%SYS\"", "use $io:(0)"].map(str::to_owned);
        let last = [format!("write !,\"{one}\"_\"{other}\",!"), "halt".to_owned()];
        let lines = first.into_iter().chain([self.opening()]);
        let lines = lines.chain(script.lines().map(str::to_owned)).chain(last);
        let end = if cfg!(windows) { "\r\n" } else { "\n" };
        lines.fold(String::new(), |text, line| text + &line + end)
    }

    fn opening(&self) -> String {
        let [one, other] = &self.begin;
        format!("write !,\"{one}\"_\"{other}\"_\" \"_$namespace,!")
    }

    /// Reads what came back of what was put in.
    pub(super) fn read(&self, said: &[u8], put_in: &str) -> Transcript {
        let [begin, end] = [self.begin.concat(), self.end.concat()];
        let repeated = |line: &str| put_in.lines().any(|put_in| put_in.trim() == line);
        let mut found = Transcript::default();
        for line in decoded(said).lines() {
            if let Some((_, after)) = line.split_once(&begin) {
                found.began_in.get_or_insert_with(|| visible(after.trim()).into_owned());
                continue;
            }
            let (line, last) =
                line.split_once(&end).map_or((line, false), |(line, _)| (line, true));
            let line = without_prompts(line);
            if !line.is_empty() && !repeated(line) {
                let to =
                    if found.began_in.is_some() { &mut found.lines } else { &mut found.before };
                to.push(visible(line).into_owned());
            }
            if last && found.began_in.is_some() {
                found.came_to_end = true;
                break;
            }
        }
        found
    }
}

impl Transcript {
    /// Whether, instead of an answer, a name or password was asked for or nobody was let in.
    pub(super) fn asks_for_login(&self) -> bool {
        let asks = |line: &String| {
            let line = line.to_lowercase();
            ["username:", "password:", "access denied"].iter().any(|word| line.contains(word))
        };
        self.began_in.is_none() && self.before.iter().any(asks)
    }
}

/// Those of the lines that are errors of the product: `<PROTECT>`, `<SYNTAX>zRun+1^X.1` (H7.2).
pub(super) fn errors(lines: &[String]) -> Vec<String> {
    let is_error = |line: &&String| {
        let name = line.strip_prefix('<').and_then(|line| line.split_once('>'));
        let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " _/-".contains(c);
        name.is_some_and(|(name, _)| name.len() > 2 && name.chars().all(letters))
    };
    lines.iter().filter(is_error).cloned().collect()
}

/// The line without the prompts before it: `%SYS>`, `%SYS 2d1>`, `TL1:USER>`, `host:IRIS:%SYS>`.
fn without_prompts(line: &str) -> &str {
    let mut line = line.trim();
    while let Some((prompt, rest)) = line.split_once('>') {
        if !is_prompt(prompt) {
            break;
        }
        line = rest.trim_start();
    }
    line
}

fn is_prompt(text: &str) -> bool {
    let (text, level) =
        text.split_once(' ').map_or((text, None), |(text, level)| (text, Some(level)));
    let is_level = |level: &str| {
        // Depth, kind of frame, number: `2d1`, `3f2`, `4x3`.
        let mut parts = level.splitn(2, |c: char| c.is_ascii_lowercase());
        let number = |part: Option<&str>| {
            part.is_some_and(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        number(parts.next()) && number(parts.next())
    };
    let mut parts = text.rsplit(':');
    let namespace = parts.next().unwrap_or_default();
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "%_-".contains(c);
    let other = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    level.is_none_or(is_level)
        && namespace.starts_with(|c: char| c == '%' || c.is_ascii_uppercase())
        && namespace.chars().all(upper)
        && parts.all(|part| !part.is_empty() && part.chars().all(other))
}

/// A line that an error may quote, or its beginning.
pub(super) fn safe(line: &str) -> String {
    let start: String = line.trim().chars().take(QUOTED).collect();
    visible(&start).into_owned()
}

/// Text in whatever code page it came. The marks are ASCII and are found in all of them; of other letters
/// some may be wrong, and none is lost.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    if zeros > bytes.len() / 3 {
        let big_endian = bytes.starts_with(&[0xfe, 0xff]) || bytes.first() == Some(&0);
        let unit = |pair: &[u8]| match pair {
            [one, other] if big_endian => u16::from_be_bytes([*one, *other]),
            [one, other] => u16::from_le_bytes([*one, *other]),
            _ => u16::from(b'?'),
        };
        let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
        return String::from_utf16_lossy(&units).trim_start_matches('\u{feff}').to_owned();
    }
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
        std::str::from_utf8(line)
            .map_or_else(|_| line.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn frame() -> Frame {
        let [begin, end] = [["aa", "bb"], ["cc", "dd"]];
        Frame { begin: begin.map(str::to_owned), end: end.map(str::to_owned) }
    }

    /// Prompts as sessions have them.
    fn prompts() -> impl Strategy<Value = String> {
        let prompt = "(TL[0-9]:|[a-z]{1,5}:IRIS:)?(%SYS|USER|HS-LIB2)( [0-9]{1,2}[a-z][0-9])?>";
        vec(prompt, 0..4).prop_map(|prompts| prompts.concat())
    }

    proptest! {
        #[test]
        fn what_a_script_printed_is_found(
            printed in vec((prompts(), "[a-z0-9é{\"]([ -~é]{0,30}[!-~])?"), 0..6),
            banner in vec("[ -~\u{1b}]{0,30}", 0..5),
            end in any::<bool>(),
            crlf in any::<bool>(),
        ) {
            // A line that looks like a mark or a prompt is one.
            prop_assume!(!banner.iter().chain(printed.iter().map(|(_, line)| line))
                .any(|line| ["aabb", "ccdd"].iter().any(|mark| line.contains(mark))));
            let frame = frame();
            let put_in = frame.around("do something\n");
            let mut said = banner.clone();
            said.push("%SYS>".to_owned());
            said.push("aabb %SYS".to_owned());
            said.extend(printed.iter().map(|(prompts, line)| format!("{prompts}{line}")));
            said.push("%SYS>".to_owned());
            if end {
                said.extend(["ccdd".to_owned(), "%SYS>goodbye".to_owned()]);
            }
            let said = said.join(if crlf { "\r\n" } else { "\n" });
            let found = frame.read(said.as_bytes(), &put_in);
            let lines: Vec<&str> = printed.iter().map(|(_, line)| line.as_str()).collect();
            prop_assert_eq!(found.lines, lines);
            prop_assert_eq!(found.began_in.as_deref(), Some("%SYS"));
            prop_assert_eq!(found.came_to_end, end);
        }

        #[test]
        fn an_echo_is_no_answer(script in "[ -~\n]{0,60}", prompt in prompts()) {
            let frame = Frame::new().unwrap();
            for put_in in [frame.around(&script), frame.question()] {
                let echo: String = put_in.lines().map(|line| format!("{prompt}{line}\n")).collect();
                let found = frame.read(echo.as_bytes(), &put_in);
                prop_assert_eq!(found.began_in, None);
                prop_assert!(!found.came_to_end && found.lines.is_empty());
            }
        }

        #[test]
        fn no_bytes_panic_and_every_line_is_safe(said in vec(any::<u8>(), 0..200)) {
            let mut said = said;
            said.extend(b"\naabb %SYS\n\x1b[2Jx\xff\n");
            let found = frame().read(&said, "");
            for line in found.lines.iter().chain(&found.before) {
                prop_assert_eq!(&*visible(line), line.as_str());
            }
        }
    }

    #[test]
    fn any_code_page_will_do() {
        let text = "B\u{e4}nner\r\naabb %SYS\r\nM\u{fc}nster\r\nccdd\r\n";
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let utf_16: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for said in [text.as_bytes(), &latin, &little, &big] {
            let found = frame().read(said, "");
            assert_eq!(found.lines, ["M\u{fc}nster"]);
            assert!(found.came_to_end);
        }
    }

    #[test]
    fn errors_of_the_product_are_told_from_what_a_script_prints() {
        let lines =
            ["<PROTECT>", "<CLASS DOES NOT EXIST> *X.Y", "<b>no</b>", "x <SYNTAX>", "<>", "a"];
        let lines = lines.map(str::to_owned);
        assert_eq!(errors(&lines), lines[..2]);
    }

    #[test]
    fn a_login_is_told_only_where_nothing_answered() {
        for said in ["Username: ", "\r\nPassword:", "Access Denied\n"] {
            assert!(frame().read(said.as_bytes(), "").asks_for_login(), "{said}");
            let after = format!("aabb %SYS\n{said}");
            assert!(!frame().read(after.as_bytes(), "").asks_for_login());
        }
        assert!(!frame().read(b"Node: x, Instance: IRIS\n", "").asks_for_login());
    }
}
