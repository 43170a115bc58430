//! The reference of everything that is gathered and compared.
//!
//! Owns the making of `docs/configuration.md` from the declarations of the model and the table of
//! rules: every section, property, source and comparison rule, what is never read, and every
//! finding with its meaning.
//! Invariant: it states nothing of its own; a test holds the file to what this makes.

use std::fmt::Write as _;

use crate::finding::rule::RULES;
use crate::model::{
    Absence, Application, Database, Declared, Mapping, Member, Namespace, Never, Resource, Role,
    Rule, Section, Service, Task, TlsConfiguration, User, for_each_section,
};

macro_rules! sections {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        /// The reference as Markdown.
        pub fn text() -> String {
            let mut text = String::from(HEAD);
            section::<Member>(&mut text);
            $(section::<$Object>(&mut text);)+
            findings(&mut text);
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
        if property.conditional && property.rule == Rule::MustEqual {
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

fn findings(text: &mut String) {
    text.push_str("\n# What can be found\n");
    for section in Section::ALL {
        let _ = writeln!(text, "\n## Findings in {section}\n");
        text.push_str("| Finding | Blocks | After a failover | What to do |\n|---|---|---|---|\n");
        for rule in RULES.iter().filter(|rule| rule.section == *section) {
            let blocks = if rule.blocking { "yes" } else { "no" };
            let _ = writeln!(
                text,
                "| `{}` | {blocks} | {} | {} |",
                rule.code, rule.impact, rule.advice
            );
        }
    }
}
