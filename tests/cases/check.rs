//! What must hold for every case.
//!
//! Owns the complaints about a case: what is found is what it lists, every finding has its words, the
//! order of a document means nothing, the table fits and leaves nothing out, and the record satisfies
//! its schema and is shown again as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use hsmirror::finding::{Finding, Judgement};
use hsmirror::record;
use hsmirror::report::{self, Format, Look, View};
use hsmirror::source::Options;
use jsonschema::Validator;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::case::{Base, Case};

const WIDTH: u16 = 80;

/// Everything that is wrong with a case.
pub(crate) fn complaints(case: &Case, base: &Base) -> Vec<String> {
    let judged = case.judged(base, false).and_then(|one| Ok((one, case.judged(base, true)?)));
    let (judgement, reversed) = match judged {
        Ok(judged) => judged,
        Err(complaint) => return vec![complaint],
    };
    let mut wrong = Vec::new();
    found(case, &judgement, &mut wrong);
    judgement.findings.iter().for_each(|finding| words(finding, &mut wrong));
    if render(&judgement, Format::Json) != render(&reversed, Format::Json) {
        wrong.push("the order of the documents changes the JSON".to_owned());
    }
    table(&judgement, &mut wrong);
    record(&judgement, &mut wrong);
    wrong
}

fn ids<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<String> {
    findings.map(|finding| finding.rule.id.to_owned()).collect()
}

fn found(case: &Case, judgement: &Judgement, wrong: &mut Vec<String>) {
    let found = ids(judgement.findings.iter());
    if found != case.raises {
        let lines: Vec<String> = judgement.findings.iter().map(Finding::line).collect();
        wrong.push(format!("found {found:?} instead of {:?}: {lines:#?}", case.raises));
    }
    let waived = ids(judgement.waived().map(|(finding, _)| finding));
    if waived != case.waived {
        wrong.push(format!("waived {waived:?} instead of {:?}", case.waived));
    }
    if case.verdict.is_some_and(|verdict| verdict != judgement.verdict) {
        wrong.push(format!("the verdict is {:?}", judgement.verdict));
    }
    for (id, cause) in &case.causes {
        let causes: BTreeSet<&str> = judgement
            .findings
            .iter()
            .filter(|finding| finding.rule.id == id)
            .map(|finding| finding.cause.map_or("", |at| judgement.findings[at].rule.id))
            .collect();
        if causes != BTreeSet::from([cause.as_str()]) {
            wrong.push(format!("{id} stands under {causes:?} instead of {cause:?}"));
        }
    }
}

/// Whether a placeholder such as `{name}` was left.
fn has_placeholder(text: &str) -> bool {
    text.split('{').skip(1).any(|rest| {
        let field = rest.split_once('}').map_or("", |(field, _)| field.trim_end_matches('!'));
        !field.is_empty() && field.chars().all(|letter| letter.is_ascii_lowercase())
    })
}

fn words(finding: &Finding, wrong: &mut Vec<String>) {
    let id = finding.rule.id;
    let mut texts = vec![
        ("impact", finding.impact()),
        ("advice", finding.advice()),
        ("sentence", finding.sentence.clone()),
        ("line", finding.line()),
    ];
    texts.extend(finding.commands().into_iter().map(|(_, text)| ("command", text)));
    for (what, text) in texts {
        if text.trim().is_empty() {
            wrong.push(format!("{id} has no {what}"));
        }
        if has_placeholder(&text) {
            wrong.push(format!("{id}: a placeholder is left in its {what}: {text}"));
        }
        // What nobody filled in leaves a gap.
        if text.contains("  ") || text.contains(" .") || text.contains("''") || text != text.trim()
        {
            let of_type = text.contains("of type '' to ");
            if !of_type {
                wrong.push(format!("{id}: there is a gap in its {what}: {text}"));
            }
        }
        let of_nothing =
            ["(\"\")", "(\"\",", ",\"\")"].iter().any(|nothing| text.contains(nothing));
        if what == "command" && (of_nothing || text.chars().any(char::is_control)) {
            wrong.push(format!("{id}: a command of nothing, or on two lines: {text}"));
        }
    }
}

fn render(judgement: &Judgement, format: Format) -> Vec<u8> {
    let look = Look { width: WIDTH, colour: false, whole_values: true };
    let view = View { format, verbose: true, quiet: false, look };
    let mut bytes = Vec::new();
    report::render(judgement, &view, &mut bytes).unwrap();
    bytes
}

fn table(judgement: &Judgement, wrong: &mut Vec<String>) {
    let text = String::from_utf8(render(judgement, Format::Table)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let is_command = |line: &str| line.starts_with("     ");
    for line in lines.iter().filter(|line| line.width() > WIDTH.into() && !is_command(line)) {
        wrong.push(format!("a line of {} columns: {line}", line.width()));
    }
    // The first column: alone, or with two blanks before the next one; set in below its cause.
    let is_row = |title: &str| {
        let mut rests = lines.iter().filter_map(|line| line.strip_prefix(title));
        rests.any(|rest| rest.is_empty() || rest.starts_with("  "))
    };
    let causes = |finding| {
        std::iter::successors(Some(finding), |one: &&Finding| {
            one.cause.map(|at| &judgement.findings[at])
        })
    };
    let mut typed: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
    for finding in &judgement.findings {
        let id = finding.rule.id;
        let title = match finding.rule.section {
            Some(_) => id.to_owned(),
            None => format!("{} {id}", finding.section),
        };
        // The column of the rules is 30 wide; there is no more room than that.
        let set_in = (2 * (causes(finding).count() - 1)).min(30 - title.len());
        let title = format!("{}{title}", " ".repeat(set_in));
        if !is_row(&title) {
            wrong.push(format!("no row of the table begins with '{title}'"));
        }
        if finding.waived.is_none() {
            let commands = finding.commands().into_iter().map(|(_, text)| format!("     {text}"));
            typed.entry(id).or_default().push(commands.collect());
        }
    }
    // Of several findings of one rule, one stands for all.
    for (id, findings) in typed {
        let stands = |command: &String| lines.contains(&command.as_str());
        if !findings.iter().any(|commands| commands.iter().all(stands)) {
            wrong.push(format!("the commands of {id} do not stand on lines of their own"));
        }
    }
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/comparison.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
});

fn record(judgement: &Judgement, wrong: &mut Vec<String>) {
    let bytes = render(judgement, Format::Json);
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    for error in SCHEMA.iter_errors(&json) {
        wrong.push(format!("{} does not satisfy the schema: {error}", error.instance_path()));
    }
    let mut ids = BTreeSet::new();
    for entry in json["errors"].as_array().unwrap() {
        if let Some(cause) = entry["cause"].as_str().filter(|cause| !ids.contains(*cause)) {
            wrong.push(format!("{cause} does not stand before what it explains"));
        }
        if !ids.insert(entry["id"].as_str().unwrap().to_owned()) {
            wrong.push(format!("two findings are called {}", entry["id"]));
        }
    }
    match record::read(Path::new("comparison.json"), &bytes[..], &Options::default()) {
        Err(cause) => wrong.push(format!("the record cannot be read: {cause:?}")),
        Ok((again, notes)) => {
            for note in notes {
                wrong.push(format!("the record is read with a note: {note}"));
            }
            for format in [Format::Json, Format::Text, Format::Table] {
                if render(&again, format) != render(judgement, format) {
                    wrong.push(format!("{format:?} is not the same from the record"));
                }
            }
        }
    }
}
