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
use super::fold::{self, Block, Of, Row};
use super::verdict::{NEVER, counts, gaps, open_sections, sentence, signed};
use super::visible::visible;
use super::{Look, View, meaning};
use crate::compare::{SectionCoverage, Side, State};
use crate::finding::{Finding, Judgement, Verdict};
use crate::model::{Attested, Between, Facts, Section, Shown};

/// Writes a judgement as a table.
pub(super) fn write(judgement: &Judgement, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let look = &view.look;
    wrapped_heading(judgement, look, to)?;
    if judgement.findings.is_empty() {
        return about(judgement, view, to);
    }
    let mut first = frame(look.width);
    for finding in judgement.blocking() {
        let words = format!("{} -> {}", finding.sentence, finding.advice());
        first.add_row(["Do first".to_owned(), show(&words)]);
    }
    let open = open_sections(judgement);
    if !open.is_empty() {
        first.add_row(["Not compared".to_owned(), format!("{open}; why stands below")]);
    }
    constrain(&mut first, look, FACT);
    print(&first, to)?;
    let rows = fold::rows(judgement, view.verbose);
    print(&findings(judgement, &rows, look), to)?;
    if judgement.open().next().is_some() {
        writeln!(to)?;
        let means = "What it means and what to do (`hsmirror explain RULE` tells more):";
        print(&whole(&[means], look), to)?;
        meaning::write(&rows, view, to)?;
    }
    writeln!(to)?;
    about(judgement, view, to)?;
    // By now the first line has left the screen.
    writeln!(to)?;
    wrapped_heading(judgement, look, to)
}

/// What was looked at and what was not, and what the verdict rests on.
fn about(judgement: &Judgement, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let look = &view.look;
    let mut about = frame(look.width);
    if judgement.open().next().is_some() {
        about.add_row(["Findings in".to_owned(), counts(judgement, false)]);
    }
    if judgement.waived().next().is_some() {
        about.add_row(["Waived in".to_owned(), counts(judgement, true)]);
    }
    let clean = compared_without_findings(judgement);
    if !clean.is_empty() {
        about.add_row(["No findings in".to_owned(), clean]);
    }
    for (label, gap) in gaps(judgement) {
        about.add_row([label.to_owned(), show(&gap)]);
    }
    about.add_row(["Never looked at", NEVER]);
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
    if view.verbose {
        for message in &judgement.messages {
            about.add_row(["Done".to_owned(), visible(message).into_owned()]);
        }
    }
    about.add_row(["Signed".to_owned(), show(&signed(judgement))]);
    constrain(&mut about, look, FACT);
    print(&about, to)
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
    let line = whole(&[&show(&sentence(judgement))], look);
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
        .filter(|row| judgement.findings.iter().all(|finding| finding.section != row.section))
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

/// Paragraphs over the whole width.
pub(super) fn whole(texts: &[&str], look: &Look) -> Table {
    let mut table = frame(look.width);
    for text in texts {
        table.add_row([text]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    table
}

/// Prints a table without the blanks that fill its lines.
pub(super) fn print(table: &Table, to: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        let line = line.trim_end();
        let text = line.trim_start_matches(INDENT);
        let set_in = (line.len() - text.len()) / INDENT.len_utf8();
        writeln!(to, "{:set_in$}{text}", "")?;
    }
    Ok(())
}

fn findings(judgement: &Judgement, rows: &[Row<'_>], look: &Look) -> Table {
    let mut table = frame(look.width);
    table.set_header(match judgement.between {
        Between::Members => ["Finding", "Primary", "Member"],
        Between::Times => ["Change", "Then", "Now"],
    });
    let mut block = None;
    for row in rows {
        if block != Some(row.block) {
            block = Some(row.block);
            let title = match judgement.between {
                Between::Times if row.block != Block::Waived => "",
                _ => row.block.title(),
            };
            if !title.is_empty() {
                table.add_row([title, "", ""]);
            }
        }
        let room = usize::from(first_column(look) - PADDING);
        let title = title_of(row.first, judgement.between);
        let depth = (2 * row.depth.min(DEEPEST)).min(room.saturating_sub(title.len()));
        let indent = INDENT.to_string().repeat(depth);
        match &row.of {
            Of::One => {
                one(row.first, judgement.between, &indent, look, &mut table);
                if let Some(waived) = row.first.waived.as_ref().filter(|_| row.depth == 0) {
                    table.add_row([
                        format!("{INDENT}{INDENT}until {}", waived.expires),
                        show(&format!("{}: {}", waived.owner, waived.reason)),
                        String::new(),
                    ]);
                }
            }
            Of::Many(_, what) => {
                let (a, b) = sides(row.first, what);
                table.add_row([title_of(row.first, judgement.between), a, b]);
            }
            Of::Consequences(counts) => {
                let words: Vec<String> =
                    counts.iter().map(|(section, count)| format!("{section} {count}")).collect();
                let total: usize = counts.values().sum();
                let follow = if total == 1 { "follows" } else { "follow" };
                // Of both columns, since what follows belongs to neither side.
                let (a, b) = words.split_at(words.len().div_ceil(2));
                let comma = if b.is_empty() { "" } else { "," };
                table.add_row([
                    format!("{indent}+ {total} {follow}"),
                    format!("{}{comma}", a.join(", ")),
                    b.join(", "),
                ]);
            }
        }
    }
    constrain(&mut table, look, first_column(look));
    table
}

/// Columns of the first column of findings, padding included.
fn first_column(look: &Look) -> u16 {
    FINDING.min(look.width * 2 / 5)
}

/// Columns between two columns.
const PADDING: u16 = 2;

/// Columns of the first column, padding included, so that no rule and no property is broken, on a
/// terminal that is wide enough.
pub(super) const FINDING: u16 = 32;
/// The same for a table of facts.
pub(super) const FACT: u16 = 18;
/// A blank that is kept where a line is broken; it becomes one when it is printed. Nothing else in the
/// first column holds it.
const INDENT: char = '\u{e000}';
/// How many steps a row is set in at most.
const DEEPEST: usize = 4;

pub(super) fn constrain(table: &mut Table, look: &Look, first: u16) {
    let first = ColumnConstraint::Absolute(Width::Fixed(first.min(look.width * 2 / 5)));
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, PADDING));
        if at == 0 {
            column.set_constraint(first);
        }
    }
}

/// What the first column calls a finding: its rule, in a history with the section it is about.
fn title_of(finding: &Finding, between: Between) -> String {
    match between {
        Between::Members => finding.rule.id.to_owned(),
        Between::Times => format!("{} {}", finding.section, finding.rule.id),
    }
}

pub(super) fn show(text: &str) -> String {
    visible(text).into_owned()
}

/// What a row says about the primary and about the member: the object stands where it exists.
fn sides(finding: &Finding, object: &str) -> (String, String) {
    match (finding.absent_from, finding.about) {
        (Some(Side::Member), _) => (show(object), "-".to_owned()),
        (Some(Side::Primary), _) => ("-".to_owned(), show(object)),
        (None, Some(Side::Primary)) => (show(object), String::new()),
        (None, Some(Side::Member)) => (String::new(), show(object)),
        (None, None) if finding.is_difference() => (show(object), String::new()),
        (None, None) => (show(object), show(object)),
    }
}

fn one(finding: &Finding, between: Between, indent: &str, look: &Look, table: &mut Table) {
    let title = format!("{indent}{}", title_of(finding, between));
    let (a, b) = match (finding.section, finding.changes.is_empty(), &finding.access) {
        // What blocks is told in full above the table.
        (Section::Member, true, _) if finding.rule.blocking => match finding.about {
            Some(Side::Primary) => (show(&finding.subject.name), String::new()),
            _ => (String::new(), show(&finding.subject.name)),
        },
        (Section::Member, true, _) => {
            let name = format!("'{}' ", finding.subject.name);
            let sentence = &finding.sentence;
            match finding.about {
                Some(Side::Primary) => (show(sentence.trim_start_matches(&name)), String::new()),
                Some(Side::Member) => (String::new(), show(sentence.trim_start_matches(&name))),
                None => (show(sentence), String::new()),
            }
        }
        (Section::Member, false, _) => (String::new(), String::new()),
        (.., Some(access)) => {
            let what = match access.permissions.first() {
                Some(first) if access.count > 1 => {
                    let more = access.count - 1;
                    format!("{} {} and {more} more", first.permission.verbs(), first.resource)
                }
                Some(first) => format!("{} {}", first.permission.verbs(), first.resource),
                None => "everything (%All)".to_owned(),
            };
            sides(finding, &format!("{}: {what}", finding.subject.name))
        }
        // How both times were gathered stands in the sentence only.
        _ if finding.rule.section.is_none() && !finding.is_difference() => {
            (show(&finding.sentence), String::new())
        }
        _ => sides(finding, &object(finding)),
    };
    table.add_row([title, a, b]);
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
        let name = format!("{indent}{INDENT}{INDENT}{}", change.property.name());
        table.add_row([name, value(&a), value(&b)]);
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

/// The object as a row names it, with what it names where that is the matter.
fn object(finding: &Finding) -> String {
    let subject = &finding.subject;
    let mut name = subject.name.clone();
    if let Some(routine_type) = subject.routine_type.as_deref().filter(|text| !text.is_empty()) {
        name = format!("{name} ({routine_type})");
    }
    let named =
        |database: &String| finding.target.as_ref().is_none_or(|target| target.name == *database);
    let to = match &subject.database {
        Some(database) if finding.changes.is_empty() && named(database) => {
            format!(" -> {database}")
        }
        _ => String::new(),
    };
    let object = match (&subject.namespace, subject.kind) {
        // The rule of a missing mapping names its kind.
        (Some(namespace), Some(_)) if finding.rule.id.ends_with("-mapping-missing") => {
            format!("{namespace}: {name}{to}")
        }
        (Some(namespace), Some(kind)) => format!("{namespace}: {} {name}{to}", kind.word()),
        (Some(namespace), None) => format!("{name} in {namespace}"),
        (None, _) => name,
    };
    // What a side ought to have of the product is named under the side that lacks it.
    if matches!(finding.rule.id, "hssys-not-mapped" | "mirror-monitor-missing") {
        return format!("{object}: missing");
    }
    match &finding.target {
        Some(target) if to.ends_with(&format!(" {}", target.name)) => object,
        Some(target) => format!("{object}: {}", target.name),
        None => object,
    }
}
