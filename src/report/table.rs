//! The result as a table for the terminal.
//!
//! Owns the layout a tired person reads: the verdict first, what was compared and what was not, one
//! table of findings by section with changed properties side by side, and for each kind of finding
//! what it means and what to do. Rows come folded from `fold`.
//! Invariant: it fits the width it is given, every text from an input goes through `visible`, and
//! colour never says anything that words do not.

use std::io::{self, Write};

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::excerpt::excerpts;
use super::fold::{self, Many, Row};
use super::verdict::{gaps, sentence};
use super::visible::visible;
use super::{Look, View};
use crate::compare::State;
use crate::finding::{Finding, Judgement, Verdict, rule};
use crate::model::Section;

/// Writes a judgement as a table.
pub(super) fn write(judgement: &Judgement, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let look = &view.look;
    writeln!(to, "{}", heading(judgement, look))?;
    let mut about = frame(look.width);
    let clean = compared_without_findings(judgement);
    if !clean.is_empty() {
        about.add_row([Cell::new("No findings in"), Cell::new(clean)]);
    }
    for gap in gaps(judgement) {
        about.add_row([Cell::new("Not compared"), Cell::new(visible(&gap))]);
    }
    let excluded: Vec<&str> = judgement
        .coverage
        .iter()
        .filter(|row| row.state == State::Excluded)
        .map(|row| row.section.name())
        .collect();
    if !excluded.is_empty() {
        about.add_row([Cell::new("Excluded by name"), Cell::new(excluded.join(", "))]);
    }
    constrain(&mut about, &[ColumnConstraint::Absolute(Width::Fixed(CODE))]);
    print(&about, to)?;
    if !judgement.findings.is_empty() {
        let rows = fold::rows(judgement, view.verbose);
        print(&findings(judgement, &rows, look), to)?;
        writeln!(to, "\nWhat it means and what to do:")?;
        print(&meanings(&rows, look), to)?;
    }
    if view.verbose {
        let mut messages = frame(look.width);
        for message in &judgement.messages {
            messages.add_row([visible(message)]);
        }
        constrain(&mut messages, &[ColumnConstraint::UpperBoundary(Width::Percentage(100))]);
        writeln!(to)?;
        print(&messages, to)?;
    }
    if !judgement.findings.is_empty() {
        // By now the first line has left the screen.
        writeln!(to, "\n{}", heading(judgement, look))?;
    }
    Ok(())
}

/// The verdict, alone on its line.
pub(super) fn heading(judgement: &Judgement, look: &Look) -> String {
    let sentence = sentence(judgement);
    let sentence = visible(&sentence);
    let colour = match judgement.verdict {
        Verdict::Ready => "32",
        Verdict::Differences => "33",
        Verdict::Blocked | Verdict::Incomplete => "31",
    };
    match sentence.split_once(':') {
        Some((word, rest)) if look.colour => format!("\u{1b}[1;{colour}m{word}\u{1b}[0m:{rest}"),
        _ => sentence.into_owned(),
    }
}

fn compared_without_findings(judgement: &Judgement) -> String {
    let clean: Vec<String> = judgement
        .coverage
        .iter()
        .filter(|row| row.state == State::Compared)
        .filter(|row| judgement.findings.iter().all(|finding| finding.rule.section != row.section))
        .map(|row| match (row.section, row.primary == row.member) {
            (Section::Member, _) => row.section.to_string(),
            (_, true) => format!("{} ({})", row.section, row.primary),
            (_, false) => format!("{} ({} and {})", row.section, row.primary, row.member),
        })
        .collect();
    clean.join(", ")
}

fn frame(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

/// Prints a table without the blanks that fill its lines.
fn print(table: &Table, to: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        writeln!(to, "{}", line.trim_end())?;
    }
    Ok(())
}

fn findings(judgement: &Judgement, rows: &[Row<'_>], look: &Look) -> Table {
    let mut table = frame(look.width);
    table.set_header(["Finding", "Object", "Primary", "Member"]);
    let mut section = None;
    for row in rows {
        let first = row.first();
        if section != Some(first.rule.section) {
            section = Some(first.rule.section);
            let total = judgement
                .findings
                .iter()
                .filter(|finding| finding.rule.section == first.rule.section);
            let count = total.count();
            table.add_row([format!("{}:", first.rule.section), format!("{count} in all")]);
        }
        match row {
            Row::One(finding) => one(finding, look, &mut table),
            Row::Many(many) => {
                let what = format!("{} {}", many.count, many.what);
                table.add_row([run(many), visible(&what).into_owned()]);
            }
        }
    }
    let widths = [
        ColumnConstraint::Absolute(Width::Fixed(CODE)),
        ColumnConstraint::Boundaries {
            lower: Width::Fixed(PROPERTY),
            upper: Width::Percentage(46),
        },
        ColumnConstraint::UpperBoundary(Width::Percentage(40)),
        ColumnConstraint::UpperBoundary(Width::Percentage(40)),
    ];
    constrain(&mut table, &widths);
    table
}

/// Columns of the first column, padding included: the longest code is `not-a-mirror-member`.
const CODE: u16 = 22;
/// Least columns of the second column, so that no name of a property is broken.
const PROPERTY: u16 = 25;

fn constrain(table: &mut Table, widths: &[ColumnConstraint]) {
    for (at, width) in widths.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(*width);
            column.set_padding((0, 2));
        }
    }
}

fn code(finding: &Finding) -> String {
    let mark = if finding.rule.blocking { "BLOCKING " } else { "" };
    format!(" {mark}{}", finding.rule.code)
}

/// The code of a row of many; mappings of all kinds have one name together.
fn run(many: &Many<'_>) -> String {
    if many.mixed { " *MapMissing".to_owned() } else { code(many.first) }
}

fn one(finding: &Finding, look: &Look, table: &mut Table) {
    let object = object(finding);
    let there = finding.subject.database.as_deref().unwrap_or("yes");
    let (primary, member) = match finding.absent_from {
        Some(crate::compare::Side::Member) => (there, "-"),
        Some(crate::compare::Side::Primary) => ("-", there),
        None => ("", ""),
    };
    table.add_row([
        code(finding),
        object,
        visible(primary).into_owned(),
        visible(member).into_owned(),
    ]);
    for change in &finding.changes {
        let spelled = |shown: &Option<crate::model::Shown>| {
            shown.as_ref().map_or_else(String::new, |shown| shown.spelled.clone())
        };
        let (a, b) = (spelled(&change.primary), spelled(&change.member));
        let (a, b) = if look.whole_values { (a, b) } else { excerpts(&a, &b) };
        let cell = |text: &str| match text {
            "" => "(empty)".to_owned(),
            text => visible(text).into_owned(),
        };
        table.add_row([String::new(), format!("  {}", change.property.name()), cell(&a), cell(&b)]);
    }
}

/// The object as a row names it.
fn object(finding: &Finding) -> String {
    let subject = &finding.subject;
    let mut name = subject.name.clone();
    if let Some(routine_type) = subject.routine_type.as_deref().filter(|text| !text.is_empty()) {
        name = format!("{name} ({routine_type})");
    }
    let name = match (&subject.namespace, subject.kind) {
        (Some(namespace), Some(kind)) => match finding.rule.code {
            rule::DIFFERENCE | rule::EXTRA => format!("{namespace}: {} {name}", kind.word()),
            _ => format!("{namespace}: {name}"),
        },
        (Some(namespace), None) => format!("{name} in {namespace}"),
        (None, _) => name,
    };
    visible(&name).into_owned()
}

/// For each kind of finding, in order: how many, what it means, what to do.
fn meanings(rows: &[Row<'_>], look: &Look) -> Table {
    let mut kinds: Vec<(String, &Finding, bool, usize)> = Vec::new();
    for row in rows {
        let (code, follows) = match row {
            Row::One(finding) => (finding.rule.code.to_owned(), false),
            Row::Many(many) if many.follows => (run(many), true),
            Row::Many(many) => (many.first.rule.code.to_owned(), false),
        };
        let first = row.first();
        let same = |(known, other, of_many, _): &&mut (String, &Finding, bool, usize)| {
            *known == code && other.rule.section == first.rule.section && *of_many == follows
        };
        match kinds.iter_mut().find(same) {
            Some((.., count)) => *count += row.count(),
            None => kinds.push((code, first, follows, row.count())),
        }
    }
    let mut table = frame(look.width);
    for (code, first, follows, count) in kinds {
        let more = if count > 1 { format!(" ({count})") } else { String::new() };
        let (impact, advice) = if follows {
            (
                "They belong to a namespace that is itself missing or extra.".to_owned(),
                "Repair the namespace first, then compare again.".to_owned(),
            )
        } else {
            (first.impact(), first.advice())
        };
        let words = format!("{}\n-> {}", visible(&impact), visible(&advice));
        table.add_row([format!("{}:\n{code}{more}", first.rule.section), words]);
    }
    constrain(&mut table, &[ColumnConstraint::Absolute(Width::Fixed(CODE + 4))]);
    table
}
