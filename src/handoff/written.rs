//! A step as the checklist writes it, and texts from an input within Markdown.
//!
//! Owns [`step`], the lines about one step: what, why, what changes, what it risks, what a person does;
//! and the two ways in which a text stands in Markdown, as code and as prose. `checklist` puts them in
//! order.
//! Invariant: whatever a name holds, it stays within its line and marks nothing up.

use crate::model::visible;
use crate::plan::{Standing, Step};

/// A text from an input within a line of Markdown, to the letter.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    // A fence longer than any run of backticks in the text keeps them inside (CommonMark 6.1).
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence within a line of Markdown: what would be markup there is not. It never begins a line, and
/// an underscore within a word marks nothing up.
pub(super) fn prose(text: &str) -> String {
    let mut escaped = String::new();
    let mut within_word = false;
    for letter in visible(text).chars() {
        let marks = match letter {
            '\\' | '`' | '*' | '[' | '<' | '&' | '~' => true,
            '_' => !within_word,
            _ => false,
        };
        if marks {
            escaped.push('\\');
        }
        escaped.push(letter);
        within_word = letter.is_alphanumeric();
    }
    escaped
}

/// Something that a person does about a step.
pub(super) fn note(step: &Step, text: &str) -> String {
    format!("- [ ] {}: {}", code(&step.id), prose(text))
}

/// The lines about a step; `boxed` says whether a person ticks it off by itself.
pub(super) fn step(step: &Step, boxed: bool) -> String {
    let mark = if boxed { "[ ] " } else { "" };
    let mut lines = vec![format!("- {mark}{} {}", step.verb.word(), code(&step.id))];
    let reasons: Vec<String> = step.reasons.iter().map(|reason| code(reason)).collect();
    lines.push(format!("  - why: {}", reasons.join(", ")));
    for change in &step.properties {
        let [before, after] = change.words(step.section).map(|side| {
            side.map(|text| if text.is_empty() { "(empty)".to_owned() } else { code(&text) })
        });
        let name = &change.property;
        lines.push(match (before, after) {
            (Some(before), Some(after)) => format!("  - {name}: {before} -> {after}"),
            (Some(before), None) => format!("  - {name} was {before}"),
            (None, after) => format!("  - {name}: {}", after.unwrap_or_default()),
        });
        if let Some(gist) = change.gist(step.section) {
            lines.push(format!("    - that is {}", code(&gist)));
        }
    }
    lines.extend(step.needs.iter().map(|need| format!("  - needs {}", code(need))));
    lines.extend(step.risks.iter().map(|risk| format!("  - **risk**: {}", prose(&risk.text))));
    if step.standing != Standing::Ready {
        lines.extend(step.notes.iter().map(|note| format!("  - {}", prose(note))));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
