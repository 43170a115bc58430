//! What a finding means, without one at hand.
//!
//! Owns the two forms of `hsmirror explain`: one rule with all its words, and the list of all rules.
//! Both come from the table of rules.
//! Invariant: it says what the reference says; placeholders stay as they are, since nothing is found.

use std::io::{self, Write};

use super::Look;
use super::table::{FACT, FINDING, constrain, frame, print};
use crate::finding::rule::{self, Rule};
use crate::model::Section;

/// Writes what a rule means.
///
/// # Errors
/// Whatever the writer says.
pub fn explanation(rule: &Rule, look: &Look, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{}: {}", rule.id, rule.title)?;
    let mut table = frame(look.width);
    table.add_row(["About", rule.section.map_or("every section of a history", Section::name)]);
    let blocks = if rule.blocking {
        "blocks: the mirroring must not go on, and it cannot be waived".to_owned()
    } else {
        format!("{}, does not block", rule.severity.word())
    };
    table.add_row(["Severity".to_owned(), blocks]);
    table.add_row(["Looks at", rule.looks_at]);
    table.add_row(["What it means", rule.impact]);
    table.add_row(["What to do", rule.advice]);
    for command in rule.commands {
        table.add_row([command.place.words(), command.text]);
    }
    table.add_row(["Source", rule.source]);
    constrain(&mut table, look, FACT);
    print(&table, to)
}

/// Writes all rules, one a line.
///
/// # Errors
/// Whatever the writer says.
pub fn rules(look: &Look, to: &mut dyn Write) -> io::Result<()> {
    let mut table = frame(look.width);
    for rule in rule::all() {
        let severity = if rule.blocking { "blocks" } else { rule.severity.word() };
        table.add_row([rule.id, &format!("{severity}: {}", rule.title)]);
    }
    constrain(&mut table, look, FINDING);
    print(&table, to)
}
