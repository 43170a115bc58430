//! The result as a table for the terminal.
//!
//! Owns the layout a tired person reads: the verdict first, what was compared and what was not, one
//! table of findings by section with changed properties side by side, and for each kind of finding
//! what it means and what to do. Rows come folded from `fold`.
//! Invariant: it fits the width it is given, every text from an input goes through `visible`, and
//! colour never says anything that words do not.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::excerpt::shown;
use super::fold::{self, Many, Row};
use super::verdict::{counts, gaps, sentence, signed};
use super::visible::visible;
use super::{Look, View};
use crate::compare::{SectionCoverage, Side, State};
use crate::finding::{Finding, Judgement, Verdict, drift, rule};
use crate::model::{Attested, Between, Facts, Section, Shown};

/// Writes a judgement as a table.
pub(super) fn write(judgement: &Judgement, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let look = &view.look;
    wrapped_heading(judgement, look, to)?;
    let mut about = frame(look.width);
    for finding in judgement.blocking() {
        let words = format!("{} -> {}", finding.sentence, finding.advice());
        about.add_row(["Do first".to_owned(), show(&words)]);
    }
    if !judgement.findings.is_empty() {
        about.add_row(["Findings in".to_owned(), counts(judgement)]);
    }
    let clean = compared_without_findings(judgement);
    if !clean.is_empty() {
        about.add_row(["No findings in".to_owned(), clean]);
    }
    for gap in gaps(judgement) {
        about.add_row(["Not compared".to_owned(), show(&gap)]);
    }
    for attested in attested(judgement, view.verbose) {
        about.add_row(["Attested".to_owned(), show(&attested)]);
    }
    let (excluded, looked_at): (Vec<&SectionCoverage>, Vec<&SectionCoverage>) =
        judgement.coverage.iter().partition(|row| row.state == State::Excluded);
    if !excluded.is_empty() {
        let names = |rows: &[&SectionCoverage]| {
            rows.iter().map(|row| row.section.name()).collect::<Vec<_>>().join(", ")
        };
        let words = if excluded.len() > looked_at.len() {
            format!("all but {}", names(&looked_at))
        } else {
            names(&excluded)
        };
        about.add_row(["Excluded by name".to_owned(), words]);
    }
    constrain(&mut about, look);
    print(&about, to)?;
    if !judgement.findings.is_empty() {
        let rows = fold::rows(judgement, view.verbose);
        print(&findings(judgement, &rows, look), to)?;
        writeln!(to, "\nWhat it means and what to do:")?;
        print(&meanings(&rows, look), to)?;
    }
    if view.verbose && !judgement.messages.is_empty() {
        let mut messages = frame(look.width);
        for message in &judgement.messages {
            messages.add_row([visible(message)]);
        }
        if let Some(column) = messages.column_mut(0) {
            column.set_padding((0, 0));
        }
        writeln!(to)?;
        print(&messages, to)?;
    }
    let mut who = frame(look.width);
    who.add_row(["Signed".to_owned(), show(&signed(judgement))]);
    constrain(&mut who, look);
    print(&who, to)?;
    if !judgement.findings.is_empty() {
        // By now the first line has left the screen.
        writeln!(to)?;
        wrapped_heading(judgement, look, to)?;
    }
    Ok(())
}

/// What people attest, with who and when: what the verdict rests on, or all of it.
fn attested(judgement: &Judgement, all: bool) -> Vec<String> {
    let between = judgement.between;
    let sides = [(Side::Primary, &judgement.primary), (Side::Member, &judgement.member)];
    let facts = sides.into_iter().flat_map(|(side, configuration)| {
        let counts =
            move |name: &str| all || (side == Side::Member && name == Facts::FHIR_SQL_DATA);
        let facts = configuration.facts.attested().filter(move |(name, _)| counts(name));
        facts.map(move |(name, fact)| {
            let Attested { value, by, at } = fact;
            let side = side.word_between(between);
            format!("{side}: {name} {value}, by {by} on {at}")
        })
    });
    facts.collect()
}

/// The verdict, alone on its line.
pub(super) fn heading(judgement: &Judgement, look: &Look) -> String {
    let sentence = sentence(judgement);
    coloured(&visible(&sentence), judgement, look)
}

/// The verdict on as many lines as the width takes.
fn wrapped_heading(judgement: &Judgement, look: &Look, to: &mut dyn Write) -> io::Result<()> {
    let mut line = frame(look.width);
    line.add_row([show(&sentence(judgement))]);
    if let Some(column) = line.column_mut(0) {
        column.set_padding((0, 0));
    }
    for line in line.lines() {
        writeln!(to, "{}", coloured(line.trim_end(), judgement, look))?;
    }
    Ok(())
}

/// The word of the verdict in its colour, where a line begins with it.
fn coloured(line: &str, judgement: &Judgement, look: &Look) -> String {
    let colour = match judgement.verdict {
        Verdict::Ready | Verdict::Unchanged => "32",
        Verdict::Differences | Verdict::Changed => "33",
        Verdict::Blocked | Verdict::Incomplete => "31",
    };
    let word = judgement.verdict.word().to_uppercase();
    match line.strip_prefix(word.as_str()) {
        Some(rest) if look.colour => format!("\u{1b}[1;{colour}m{word}\u{1b}[0m{rest}"),
        _ => line.to_owned(),
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

pub(super) fn frame(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

/// Prints a table without the blanks that fill its lines.
pub(super) fn print(table: &Table, to: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        writeln!(to, "{}", line.trim_end())?;
    }
    Ok(())
}

fn findings(judgement: &Judgement, rows: &[Row<'_>], look: &Look) -> Table {
    let mut table = frame(look.width);
    table.set_header(match judgement.between {
        Between::Members => ["Finding", "Primary", "Member"],
        Between::Times => ["Change", "Then", "Now"],
    });
    let mut section = None;
    for row in rows {
        let first = row.first();
        if section != Some(first.rule.section) {
            section = Some(first.rule.section);
            let row = judgement.coverage.iter().find(|row| row.section == first.rule.section);
            let (a, b) = match row {
                Some(row) if row.section != Section::Member => {
                    let count = |count: usize| format!("{count} {}", row.section);
                    (count(row.primary), count(row.member))
                }
                _ => (judgement.names.primary.clone(), judgement.names.member.clone()),
            };
            table.add_row([format!("{}:", first.rule.section), show(&a), show(&b)]);
        }
        match row {
            Row::One(finding) => one(finding, look, &mut table),
            Row::Many(many) => {
                let (a, b) = sides(first, &format!("{} {}", many.count, many.what));
                table.add_row([format!(" {}", run(many)), a, b]);
            }
        }
    }
    constrain(&mut table, look);
    table
}

/// Columns of the first column, padding included, so that no code and no property is broken, on a
/// terminal that is wide enough.
const FIRST: u16 = 26;

pub(super) fn constrain(table: &mut Table, look: &Look) {
    let first = ColumnConstraint::Absolute(Width::Fixed(FIRST.min(look.width * 2 / 5)));
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if at == 0 {
            column.set_constraint(first);
        }
    }
}

/// The code of a row of many; what goes with its namespace has one name, whatever its kind.
fn run(many: &Many<'_>) -> &'static str {
    match many.first.absent_from {
        Some(Side::Member) if many.follows => rule::MISSING,
        _ => many.first.rule.code,
    }
}

pub(super) fn show(text: &str) -> String {
    visible(text).into_owned()
}

/// What a row says about the primary and about the member: the object stands where it exists.
fn sides(finding: &Finding, object: &str) -> (String, String) {
    match finding.absent_from {
        Some(Side::Member) => (show(object), "-".to_owned()),
        Some(Side::Primary) => ("-".to_owned(), show(object)),
        None => (show(object), String::new()),
    }
}

fn one(finding: &Finding, look: &Look, table: &mut Table) {
    let mark = if finding.rule.blocking { " BLOCKING\n" } else { "" };
    let code = format!("{mark} {}", finding.rule.code);
    let (a, b) = match (finding.rule.section, finding.changes.is_empty()) {
        // Who the sides are stands in the section's own row.
        (Section::Member, true) => {
            let name = format!("'{}' ", finding.subject.name);
            let sentence = &finding.sentence;
            match finding.about {
                Some(Side::Primary) => (show(sentence.trim_start_matches(&name)), String::new()),
                Some(Side::Member) => (String::new(), show(sentence.trim_start_matches(&name))),
                None => (show(sentence), String::new()),
            }
        }
        (Section::Member, false) => (String::new(), String::new()),
        _ => sides(finding, &object(finding)),
    };
    table.add_row([code, a, b]);
    for change in &finding.changes {
        let spelled = |shown: &Option<Shown>| match shown {
            Some(Shown { json: serde_json::Value::Bool(yes), .. }) => {
                if *yes { "yes" } else { "no" }.to_owned()
            }
            Some(shown) => shown.spelled.clone(),
            None => String::new(),
        };
        let (a, b) = (spelled(&change.primary), spelled(&change.member));
        let (a, b) = shown(&a, &b, look.whole_values);
        table.add_row([format!("  {}", change.property.name()), value(&a), value(&b)]);
    }
}

/// A value as a cell shows it: what cannot be seen is said.
fn value(text: &str) -> String {
    match text {
        "" => "(empty)".to_owned(),
        text if text.trim() != text => format!("\"{}\"", visible(text)),
        text => show(text),
    }
}

/// The object as a row names it.
fn object(finding: &Finding) -> String {
    let subject = &finding.subject;
    let mut name = subject.name.clone();
    if let Some(routine_type) = subject.routine_type.as_deref().filter(|text| !text.is_empty()) {
        name = format!("{name} ({routine_type})");
    }
    let to = match (&subject.database, finding.changes.is_empty()) {
        (Some(database), true) => format!(" -> {database}"),
        _ => String::new(),
    };
    match (&subject.namespace, subject.kind) {
        (Some(namespace), Some(kind)) => match finding.rule.code {
            rule::DIFFERENCE | rule::EXTRA | drift::ADDED | drift::REMOVED | drift::CHANGED => {
                format!("{namespace}: {} {name}{to}", kind.word())
            }
            _ => format!("{namespace}: {name}{to}"),
        },
        (Some(namespace), None) => format!("{name} in {namespace}"),
        (None, _) => name,
    }
}

/// For each kind of finding, in order: how many, what it means, what to do.
fn meanings(rows: &[Row<'_>], look: &Look) -> Table {
    let mut kinds: Vec<(&str, &Finding, bool, usize)> = Vec::new();
    for row in rows {
        let (code, follows) = match row {
            Row::One(finding) => (finding.rule.code, false),
            Row::Many(many) => (run(many), many.follows),
        };
        let first = row.first();
        let same = |(known, other, of_many, _): &&mut (&str, &Finding, bool, usize)| {
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
            (first.impact_of(count), first.advice())
        };
        let section = first.rule.section;
        table.add_row([format!("{section} {code}{more}: {}", show(&impact))]);
        table.add_row([format!("-> {}", show(&advice))]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    table
}
