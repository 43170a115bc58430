//! The reference of everything that is gathered and compared.
//!
//! Owns the making of `docs/configuration.md` from the declarations of the model and the table of
//! rules: every section, property, source and comparison rule, what is never read, and every
//! finding with its meaning.
//! Invariant: it states nothing of its own; a test holds the file to what this makes.

use std::fmt::Write as _;

use crate::finding::rule::{self, Command, Rule};
use crate::model::{
    Absence, Application, Database, Declared, Mapping, Member, Namespace, Never, Resource, Role,
    Rule as Compared, Section, Service, Task, TlsConfiguration, User, for_each_section,
};

macro_rules! sections {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        /// The reference as Markdown.
        pub fn text() -> String {
            let mut text = String::from(HEAD);
            section::<Member>(&mut text);
            $(section::<$Object>(&mut text);)+
            text
        }
    };
}
for_each_section!(sections);

const HEAD: &str = "\
# What is gathered and compared

Generated from the program; do not edit. References such as H4.2 name the section of the project's
handbook of facts about IRIS, `formats 3.1` its notes on file formats.

*must equal*: a difference is a finding. *may differ*: belongs to the member, never a finding.
*must differ*: the same value on both sides means a clone. *judged*: looked at by the rules of
section member. *identity*: what objects are paired by; upper and lower case are the same name
except for globals, routines, packages, tasks and TLS configurations.
";

const FINDINGS: &str = "\
# What can be found

Generated from the program; do not edit. `hsmirror explain FINDING` prints the same. Words in braces
stand for what a finding is about: `{name}`, `{namespace}`, `{kind}`, `{what}`, `{database}`, what it names
(`{target}`), where it is so (`{side}`); with `!` they are string literals of ObjectScript. Sources
such as H4.2 name the section of the project's handbook of facts about IRIS, `formats 3.1` its notes
on file formats, `design 4` what the project fixed.

What blocks means that the mirroring must not go on. High: something does not work after a failover,
or somebody may do what nobody meant. Medium: something works in another way than before. Low:
something is not tidy. A finding that another one explains stands below that one.

";

fn section<T: Declared>(text: &mut String) {
    let section = T::SECTION;
    let required = if section.required() { "" } else { " (optional)" };
    let about = T::ABOUT.trim();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n## {section}{required}\n\n{about}\n");
    let _ = writeln!(text, "From {}. Made by: {}.\n", T::CLASS, section.made_by());
    text.push_str("| Property | Read from | Compared | Where it is not stated | What it is |\n");
    text.push_str("|---|---|---|---|---|\n");
    for property in T::PROPERTIES {
        let absence = match property.absence {
            Absence::Required => "always stated".to_owned(),
            Absence::Empty => "empty".to_owned(),
            Absence::Default(value) => format!("`{}`", value()),
            Absence::Unknown => "unknown, not compared".to_owned(),
        };
        let mut compared = property.rule.words().to_owned();
        if property.conditional && property.rule == Compared::MustEqual {
            compared.push_str(", where it counts");
        }
        if let Some(since) = property.since {
            let _ = write!(compared, ", from record version {since}");
        }
        let _ = writeln!(
            text,
            "| `{}` | {} | {compared} | {absence} | {} |",
            property.name(),
            property.source.replace('|', "\\|"),
            property.about.trim().replace('\n', " ").replace('|', "\\|"),
        );
    }
    for (why, names) in T::NEVER {
        let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let word = match why {
            Never::Secret => "Never read, secret",
            Never::Volatile => "Never read, volatile",
            Never::Derived => "Never read, derived or internal",
        };
        let _ = writeln!(text, "\n{word}: {}.", list.join(", "));
    }
}

/// The rules as Markdown: a heading for each.
pub fn findings() -> String {
    let mut text = String::from(FINDINGS);
    let rules = rule::all();
    text.push_str("| Finding | About | Severity | What it is |\n|---|---|---|---|\n");
    for rule in &rules {
        let Rule { id, title, .. } = rule;
        let about = rule.section.map_or("a history", Section::name);
        let severity = if rule.blocking { "blocks" } else { rule.severity.word() };
        let _ = writeln!(text, "| [`{id}`](#{id}) | {about} | {severity} | {title} |");
    }
    for rule in rules {
        let Rule { id, title, looks_at, impact, advice, source, .. } = rule;
        let blocks = if rule.blocking { ", blocks" } else { "" };
        let about = rule.section.map_or("every section of a history".to_owned(), |section| {
            format!("section {section}")
        });
        let _ = writeln!(
            text,
            "\n## {id}\n\n**{title}.** About {about}; {}{blocks}.\n",
            rule.severity.word()
        );
        let _ = writeln!(
            text,
            "Looks at {looks_at}\n\nWhat it means: {impact}\n\nWhat to do: {advice}\n"
        );
        for Command { place, text: command } in rule.commands {
            let _ = writeln!(text, "{}:\n\n```\n{command}\n```\n", place.words());
        }
        let _ = writeln!(text, "Source: {source}.");
    }
    text
}
