//! What is left to a person after a plan was rolled out.
//!
//! Owns the list with boxes to tick: what a step that was done leaves to do, the steps that are a person's,
//! that need approval or wait for one of those, and the findings that no step puts right. Many steps that
//! wait for the same one are one line, as in the plan itself.
//! Invariant: it says of every step of the plan that is not done why, and it fits the width it is given.

use std::io::{self, Write};

use super::Look;
use super::plan::folded;
use super::table::{constrain, frame, print, show};
use crate::plan::{Plan, Standing, Step};

/// Columns of a box and a blank.
const BOX: u16 = 5;

/// What is left of a plan whose ready steps were done, a line and a paragraph for each; empty where nothing
/// is.
pub fn left(plan: &Plan) -> Vec<(String, String)> {
    let said = |step: &Step, otherwise: &str| {
        step.notes.first().map_or_else(|| otherwise.to_owned(), Clone::clone)
    };
    let mut left: Vec<(String, String)> = Vec::new();
    for finding in plan.left.iter().filter(|left| left.blocking) {
        left.push((finding.finding.clone(), finding.text.clone()));
    }
    for step in plan.ready() {
        left.extend(step.notes.iter().map(|note| (step.id.clone(), note.clone())));
    }
    for step in plan.standing(Standing::ByHand) {
        left.push((step.id.clone(), said(step, "by hand")));
    }
    for step in plan.standing(Standing::Approval) {
        left.push((step.id.clone(), "needs --approve with its name".to_owned()));
    }
    let (alone, together) = folded(plan.standing(Standing::Waits).collect(), true);
    for ((need, section), count) in together {
        left.push((need.to_owned(), format!("{count} {section} wait for it")));
    }
    for step in alone {
        left.push((step.id.clone(), format!("waits for {}", step.needs.join(", "))));
    }
    for finding in plan.left.iter().filter(|left| !left.blocking) {
        left.push((finding.finding.clone(), finding.text.clone()));
    }
    left
}

/// Rows with a box to tick under a line; nothing where there are none.
///
/// # Errors
/// Whatever the writer says.
pub fn boxes<'a>(
    line: &str,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
    look: &Look,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut table = frame(look.width);
    for (name, words) in rows {
        table.add_row(["[ ]".to_owned(), show(name)]);
        table.add_row([String::new(), show(words)]);
    }
    if table.row_count() == 0 {
        return Ok(());
    }
    writeln!(to, "{line}")?;
    constrain(&mut table, look, BOX);
    print(&table, to)
}
