//! What the findings of a table mean and what to do.
//!
//! Owns the part below the table of findings: for each kind, in the order of the rows, how many there are,
//! what it means after a failover, what to do with the place to click, and for what is bad what to type.
//! Takes the rows as `fold` gives them.
//! Invariant: a command stands on one line, however narrow the terminal is: it is there to be copied.

use std::io::{self, Write};

use super::View;
use super::fold::{Block, Of, Row};
use super::table::{print, show, whole};
use crate::finding::Finding;
use crate::finding::rule::Severity;

/// For each kind of finding, in order: how many, what it means, what to do, and for what is bad what to
/// type.
pub(super) fn write(rows: &[Row<'_>], view: &View, to: &mut dyn Write) -> io::Result<()> {
    let mut kinds: Vec<(&Finding, Block, usize)> = Vec::new();
    for row in rows {
        let count = match &row.of {
            Of::One => 1,
            Of::Many(count, _) => *count,
            Of::Consequences(_) => continue,
        };
        let same = |(first, ..): &&mut (&Finding, Block, usize)| {
            first.rule.id == row.first.rule.id
                && (first.rule.section.is_some() || first.section == row.first.section)
        };
        match kinds.iter_mut().find(same) {
            Some((.., total)) => *total += count,
            None if row.block == Block::Waived => {}
            None => kinds.push((row.first, row.block, count)),
        }
    }
    for (first, block, count) in kinds {
        let more = if count > 1 { format!(" ({count})") } else { String::new() };
        let id = first.rule.id;
        let impact = format!("{id}{more}: {}", show(&first.impact_of(count)));
        let advice = format!("-> {}", show(&first.advice()));
        print(&whole(&[&impact, &advice], &view.look), to)?;
        if view.verbose || block <= Block::Severity(Severity::High) {
            // A command is never broken: it is there to be copied.
            for (place, text) in first.commands() {
                writeln!(to, "   {}:\n     {}", place.words(), show(&text))?;
            }
        }
    }
    Ok(())
}
