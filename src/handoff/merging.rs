//! The text of a merge file.
//!
//! Owns what stands around the lines: the section, for each step a comment, and at the top what the file
//! is, for whom and how it is run. The lines themselves come with the steps, which `plan` had from
//! `merge`.
//! Invariant: a comment is one line of plain ASCII, whatever the names in it are; the section is
//! `[Actions]` to the letter, since another spelling does nothing and says success (H3.1).

use crate::plan::Step;

/// The merge file of these steps; `what` it does with them, `lines` those of a step, `command` how it is
/// run.
pub(super) fn text(
    what: &str,
    steps: &[&Step],
    lines: impl Fn(&Step) -> Vec<String>,
    command: &str,
    member: &str,
) -> String {
    let count = steps.len();
    let noun = if count == 1 { "step" } else { "steps" };
    let mut text = format!(
        "# hsmirror: this file {what} {count} {noun} on {}.\n# On the member: {}\n\
         # A merge that claims success may have done nothing: run verify.script afterwards.\n[Actions]\n",
        plain(member),
        plain(command),
    );
    for step in steps {
        text.push_str(&format!("\n# {} {}\n", step.verb.word(), plain(&step.id)));
        for line in lines(step) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// A text as a comment can hold it.
pub(super) fn plain(text: &str) -> String {
    // What begins or ends another comment would do so here too, for a reader that knows it.
    let text = text.replace("/*", "/ *").replace("*/", "* /").replace("//", "/ /");
    text.chars()
        .flat_map(|letter| {
            let plain = letter == ' ' || letter.is_ascii_graphic();
            let escaped: Vec<char> =
                if plain { vec![letter] } else { letter.escape_unicode().collect() };
            escaped
        })
        .collect()
}
