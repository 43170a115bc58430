//! Every command that the program tells people to type is one that they can type.
//!
//! Holds the commands of all rules, those of findings about objects with hostile and arbitrary names,
//! the steps by hand after a restore, and the commands in `README.md` and `docs/` to the grammar of
//! ObjectScript, to the signatures of the product's classes and to a list of what may be called
//! (`commands/check.rs`), and those of this program to its command line. A command about a hostile name
//! must have the shape of the rule's own words and hold that name and nothing else. Without
//! `../shared/iris-api.json` the signatures are skipped, and the tests say so.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "commands/api.rs"]
mod api;
#[path = "commands/bad.rs"]
mod bad;
#[path = "commands/check.rs"]
mod check;
#[path = "commands/line.rs"]
mod line;
#[path = "commands/pages.rs"]
mod pages;
#[path = "commands/shell.rs"]
mod shell;
#[path = "commands/sides.rs"]
mod sides;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use check::{Session, check};
use hsmirror::finding::Finding;
use hsmirror::finding::rule::{self, Place, Rule};
use hsmirror::model::MappingKind;
use line::Line;
use proptest::prelude::*;

/// Says that signatures are not checked, where they are not.
fn say_whether_skipped() {
    if api::api().is_none() {
        println!("skipped: no ../shared");
    }
}

/// A command with a benign name in each place, and with the class of a kind of mapping.
fn filled(text: &str, class: &str) -> String {
    let mut filled = text.replace("{class}", class);
    for place in ["name", "namespace", "target"] {
        filled = filled.replace(&format!("{{{place}!}}"), &format!("\"<{place}>\""));
    }
    filled
}

fn class_of(kind: Option<MappingKind>) -> &'static str {
    match kind {
        Some(MappingKind::Global) => "Config.MapGlobals",
        Some(MappingKind::Routine) => "Config.MapRoutines",
        Some(MappingKind::Package) => "Config.MapPackages",
        None => "",
    }
}

fn passes<T: AsRef<str>>(faults: Vec<T>) {
    let faults: Vec<&str> = faults.iter().map(AsRef::as_ref).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_commands_of_every_rule_can_be_typed() {
    say_whether_skipped();
    let mut faults = Vec::new();
    for rule in rule::all() {
        for command in rule.commands {
            for kind in MappingKind::ALL {
                let text = filled(command.text, class_of(Some(kind)));
                if let Err(fault) = check(command.place, &text) {
                    faults.push(format!("{}: {text}: {fault}", rule.id));
                }
                if text.contains(['{', '}']) {
                    faults.push(format!("{}: {text}: a name stands in it as it is", rule.id));
                }
            }
            let rest = command.text.replace("kill p(\"PrivateKeyPassword\")", "");
            if rest.split(|c: char| !c.is_alphanumeric()).any(check::is_secret) {
                faults.push(format!("{}: {}: it names a secret", rule.id, command.text));
            }
        }
    }
    passes(faults);
}

/// What is printed whole holds nothing that is a secret by its name; these are not.
#[test]
fn what_is_printed_whole_holds_no_secret() {
    say_whether_skipped();
    for (class, gone) in check::PRINTABLE {
        for property in api::properties(class) {
            let harmless = property == "ChangePasswordPage" || gone.contains(&property);
            assert!(harmless || !check::is_secret(property), "{class}.{property}");
        }
    }
}

/// What is wrong with the commands of findings about that name, and the rules that they come from.
fn faults_with(name: &str) -> (Vec<String>, BTreeSet<&'static str>) {
    let (mut faults, mut rules, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for finding in sides::findings(name) {
        rules.insert(finding.rule.id);
        let commands: Vec<String> = finding.commands().into_iter().map(|(_, text)| text).collect();
        if seen.insert((finding.rule.id, commands)) {
            faults.extend(faults_of(&finding));
        }
    }
    (faults, rules)
}

/// What is wrong with the commands of a finding, each held to the words of its rule.
fn faults_of(finding: &Finding) -> Vec<String> {
    let subject = &finding.subject;
    let name = match subject.routine_type.as_deref().filter(|kind| !kind.is_empty()) {
        Some(kind) if subject.kind == Some(MappingKind::Routine) => {
            format!("{}_{kind}", subject.name)
        }
        _ => subject.name.clone(),
    };
    let target = finding.target.as_ref().map(|target| target.name.clone());
    let meant = |constant: &str| match constant {
        "<name>" => name.clone(),
        "<namespace>" => subject.namespace.clone().unwrap_or_default(),
        "<target>" => target.clone().unwrap_or_default(),
        other => other.to_owned(),
    };
    let mut faults = Vec::new();
    for (command, (place, text)) in finding.rule.commands.iter().zip(finding.commands()) {
        let mut fault = |what: &str| faults.push(format!("{}: {text}: {what}", finding.rule.id));
        if let Err(what) = check(place, &text) {
            fault(&what);
            continue;
        }
        if place == Place::Here {
            if text != command.text {
                fault("a name in the shell");
            }
            continue;
        }
        let benign = Line::parse(&filled(command.text, class_of(subject.kind))).unwrap();
        let (shape, constants) = benign.shape();
        let (own_shape, own_constants) = Line::parse(&text).unwrap().shape();
        if own_shape != shape {
            fault(&format!("{own_shape}, not {shape}"));
        }
        let meant: Vec<String> = constants.iter().map(|constant| meant(constant)).collect();
        if own_constants != meant {
            fault(&format!("{own_constants:?}, not {meant:?}"));
        }
    }
    faults
}

/// Rules with a name in their commands.
fn with_names() -> BTreeSet<&'static str> {
    let has = |rule: &&Rule| rule.commands.iter().any(|command| command.text.contains('{'));
    rule::all().into_iter().filter(has).map(|rule| rule.id).collect()
}

#[test]
fn bad_commands_are_refused_for_what_is_wrong_with_them() {
    say_whether_skipped();
    let there = bad::BAD.iter().chain(bad::BAD_CALLS.iter().filter(|_| api::api().is_some()));
    let there = there.map(|bad| (Place::There, bad));
    for (place, (text, reason)) in there.chain(bad::BAD_HERE.iter().map(|bad| (Place::Here, bad))) {
        match check(place, text) {
            Ok(()) => panic!("{text} passed"),
            Err(fault) => assert!(fault.contains(reason), "{text}: {fault}"),
        }
    }
}

#[test]
fn every_rule_with_a_name_in_its_commands_is_tried() {
    let (faults, rules) = faults_with("Benign");
    passes(faults);
    passes(with_names().difference(&rules).copied().collect::<Vec<_>>());
}

const HOSTILE: &[&str] = &[
    "",
    " ",
    "\"",
    "\"\"",
    "\"\"\"",
    "a\"b",
    "x\"\"",
    "\"x",
    "a\"\"b",
    "%DB_\"_$zf(-1,\"rm\")",
    "\"_$zf(-1,\"rm\")_\"",
    "\") do $zf(-1,\"rm\") //",
    "\",.p) kill ^X write (\"",
    "näme",
    "日本",
    "😀",
    "a\nb",
    "\n",
    "a\r\nb",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    ";//#",
    "//",
    ";",
    "#;",
    "/*",
    "*/",
    "##class(X).Y()",
    "&sql(delete)",
    "{name!}",
    "{",
    "}",
    "{target!}",
    "<name>",
    "'",
    "^X",
    "%ALL",
    "a,b",
    "*",
    "@x",
    "$CHAR(10)",
    "\"_$CHAR(10)_\"",
    "\\",
    "\\\"",
    "$(rm)",
    "`rm`",
    "Only",
    "%All",
];

#[test]
fn no_name_breaks_out_of_a_command() {
    say_whether_skipped();
    let long = ["x".repeat(5000), "\"".repeat(999), "\n".repeat(999), "\"\n".repeat(500)];
    let mut raised = BTreeSet::new();
    for name in HOSTILE.iter().copied().chain(long.iter().map(String::as_str)) {
        let (faults, rules) = faults_with(name);
        raised.extend(rules);
        passes(faults);
    }
    assert!(with_names().is_subset(&raised));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_at_all_breaks_out_of_a_command(
        name in prop_oneof![any::<String>(), "[\"_$()a.,;/#\n\r\0 ^%{}!]{0,24}"],
    ) {
        let (faults, _) = faults_with(&name);
        prop_assert!(faults.is_empty(), "{faults:?}");
    }
}

/// Holds the lines to type after a restore in that folder to the grammar and the lists.
#[cfg(unix)]
fn check_steps(folder: &str) {
    use hsmirror::restore::{afterwards, before_removing};
    let command = "hsmirror apply --revert --hssys-dir /x";
    shell::check(command).unwrap();
    let mut lines = afterwards(folder);
    lines.extend(before_removing(folder, &["OLD_IRIS.DAT".to_owned()], command));
    let typed = lines.iter().filter_map(|line| line.strip_prefix("         "));
    let typed: Vec<&str> = typed.filter(|line| *line != command).collect();
    assert_eq!(typed.len(), 11, "{folder:?}: {typed:?}");
    let mut session = Session::new(true);
    for line in typed {
        session.typed(line).unwrap_or_else(|fault| panic!("{folder:?}: {line}: {fault}"));
        if line.starts_with("set dir=") {
            assert_eq!(Line::parse(line).unwrap().shape().1, [format!("{folder}/")], "{line}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_steps_after_a_restore_can_be_typed() {
    say_whether_skipped();
    for folder in ["/usr/mgr/hssys", "/a\"b", "/x\"\"", "/\"_$zf(-1)_\"", "/näme", "/;//#", "/a b"]
    {
        check_steps(folder);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_of_several_lines_does_not_break_out_of_the_steps_after_a_restore() {
    say_whether_skipped();
    for folder in ["/a\nb", "/a\tb", "/a\r\nkill"] {
        check_steps(folder);
    }
}

/// What is no call of a method, and why it is not checked.
const NOT_CHECKED: &[(&str, &str)] =
    &[("do ^SECURITY", "a menu of the product, documented in handbook H4.7")];
/// What stands for something that the reader has.
const STANDS_FOR: &[&str] = &["list", "file"];

#[test]
fn the_commands_in_the_pages_can_be_typed() {
    say_whether_skipped();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(project.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    // Made from the rules.
    let docs = docs.filter(|path| !path.ends_with("findings.md"));
    let (mut faults, mut skipped) = (Vec::new(), BTreeSet::new());
    let (mut objectscript, mut own) = (0, 0);
    for path in docs.chain([project.join("README.md")]) {
        let mut session = Session::new(true);
        STANDS_FOR.iter().for_each(|name| session.know(name));
        for pages::Code { fenced, text } in pages::code(&fs::read_to_string(&path).unwrap()) {
            let checked = if let Some(line) = pages::command_line(&text) {
                // With variables of a shell it is run by `restore_page` or `bundle_format`.
                if line.contains('$') {
                    continue;
                }
                own += 1;
                let checked = shell::check(&line);
                // In a sentence a command or a flag may stand alone.
                if fenced {
                    checked
                } else {
                    checked.or_else(|fault| shell::mention(&line).map_err(|_| fault))
                }
            } else if let Some((known, _)) = NOT_CHECKED.iter().find(|known| known.0 == text) {
                skipped.insert(*known);
                continue;
            } else if pages::is_objectscript(&text) {
                objectscript += 1;
                session.typed(&text)
            } else {
                continue;
            };
            if let Err(fault) = checked {
                faults.push(format!("{}: {text}: {fault}", path.display()));
            }
        }
    }
    passes(faults);
    assert_eq!(skipped.len(), NOT_CHECKED.len());
    assert!(objectscript >= 7 && own >= 18, "{objectscript} and {own} were found");
}
