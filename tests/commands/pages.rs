//! The commands of a page in Markdown.
//!
//! Takes them from the code between fences, where a backslash at the end of a line joins it with the
//! next one, and from the code between backticks in the text, which may go on in the next line.

/// Code of a page.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Whether it stood between fences.
    pub fenced: bool,
    /// One line of it.
    pub text: String,
}

/// All code of a page, line by line.
pub fn code(page: &str) -> Vec<Code> {
    let (mut found, mut paragraph) = (Vec::new(), String::new());
    let (mut inside, mut joined) = (false, String::new());
    for line in page.lines().chain([""]) {
        let line = line.trim();
        if line.starts_with("```") {
            inside = !inside;
            paragraph.clear();
        } else if inside {
            joined.push_str(line.trim_end_matches('\\'));
            if !line.ends_with('\\') {
                found.push(Code { fenced: true, text: std::mem::take(&mut joined) });
            }
        } else if line.is_empty() || line.starts_with('|') {
            for part in [std::mem::take(&mut paragraph).as_str(), line] {
                let spans = part.split('`').skip(1).step_by(2);
                found.extend(spans.map(|span| Code { fenced: false, text: span.to_owned() }));
            }
        } else {
            paragraph.push_str(line);
            paragraph.push(' ');
        }
    }
    assert!(!inside && joined.is_empty(), "code that does not end");
    found
}

/// Whether it is ObjectScript.
pub fn is_objectscript(text: &str) -> bool {
    const BEGINNINGS: [&str; 11] = [
        "write ##", "write $", "write p", "do ##", "do $", "do ^", "set ", "kill ", "zn ",
        "zwrite ", "if ",
    ];
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// A command line of this program as somebody would type it: without what is said about it further
/// right and what takes its output, with operands where dots stand for them, and without the dots that
/// stand for the rest of a key.
pub fn command_line(text: &str) -> Option<String> {
    let text = text.strip_prefix("hsmirror ")?.trim();
    let end = ["   ", " | ", " > ", " || "].into_iter().filter_map(|end| text.find(end)).min();
    let text = text[..end.unwrap_or(text.len())].replace(" ... ", " PRIMARY MEMBER ");
    Some(format!("hsmirror {}", text.replace("...", "")))
}
