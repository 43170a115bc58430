//! The gatherer is a script that a session can read, and it changes nothing.
//!
//! Holds every line of it, and every text that it executes, to the grammar of ObjectScript and to the class
//! reference; and what it calls to a list of what only reads. What it writes is held to the schema where
//! the stand-in runs it (`on_instance`). Without `../shared/iris-api.json` the signatures are skipped,
//! and the tests say so.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test fails by panicking, and shared files hold more than it needs"
)]

#[path = "commands/api.rs"]
mod api;
#[path = "script/check.rs"]
mod check;
#[path = "commands/line.rs"]
mod line;

use std::collections::{BTreeMap, BTreeSet};

use hsmirror::gatherer::{self, Wishes};
use hsmirror::model::{
    Application, Declared, Never, Section, Task, TlsConfiguration, User, properties_of,
};
use line::{Line, named};
use proptest::prelude::*;

/// What it may call: class and method, and that it only reads; or what it does to its own file.
const CALLED: &[&str] = &[
    "%Library.File.Attributes",
    "%Library.File.CreateDirectory",
    "%Library.File.Delete",
    "%Library.File.Exists",
    "%Library.File.%New",
    "%Library.File.NormalizeDirectory",
    "%Library.File.NormalizeFilename",
    "%Library.File.RemoveDirectory",
    "%Library.File.SetAttributes",
    "%Library.ResultSet.%New",
    "%SQL.Statement.%New",
    "%SYS.NLS.Locale.%New",
    "%SYS.Task.%OpenId",
    "%SYSTEM.Mirror.GetMemberStatus",
    "%SYSTEM.Mirror.GetMemberType",
    "%SYSTEM.Mirror.IsPrimary",
    "%SYSTEM.Process.Terminate",
    "%SYSTEM.Status.GetErrorText",
    "%SYSTEM.Status.IsError",
    "%SYSTEM.Util.ManagerDirectory",
    "%SYSTEM.Version.GetOS",
    "%SYSTEM.Version.IsBigEndian",
    "%SYSTEM.Version.IsUnicode",
    "Config.CPF.CPFFileNeedsActivation",
    "Config.Databases.Get",
    "Config.Journal.Get",
    "Config.MapGlobals.Get",
    "Config.MapPackages.Get",
    "Config.MapRoutines.Get",
    "Config.MirrorMember.Get",
    "Config.Mirrors.Get",
    "Config.Namespaces.Get",
    "Config.Startup.Get",
    "SYS.Database.%OpenId",
    "Security.Applications.Get",
    "Security.Resources.Get",
    "Security.Roles.Get",
    "Security.SSLConfigs.Get",
    "Security.Services.Get",
    "Security.Users.Get",
];

/// The properties that the declarations call secret.
fn secrets() -> Vec<&'static str> {
    let all = [User::NEVER, TlsConfiguration::NEVER, Task::NEVER, Application::NEVER].concat();
    let secret = all.iter().filter(|(why, _)| *why == Never::Secret);
    secret.flat_map(|(_, names)| names.iter().copied()).collect()
}

fn wishes(bits: u8) -> Wishes {
    Wishes {
        personal_data: bits & 1 == 1,
        task_settings: bits & 2 == 2,
        file: (bits & 4 == 4).then(|| "/tmp/a \"b\"/\u{e4}.json".to_owned()),
        folder: (bits & 8 == 8).then(|| "/srv/gathered".to_owned()),
    }
}

/// What the variables that are executed hold, by their names.
fn executed(script: &str) -> BTreeMap<String, Vec<String>> {
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in script.lines() {
        let line = Line::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        let Some((name, _)) = text.strip_prefix("set ").and_then(|rest| rest.split_once('='))
        else {
            continue;
        };
        if name != "code" && !name.starts_with("x(") {
            continue;
        }
        let more = text.starts_with(&format!("set {name}={name}_("));
        let said = constants(&line).concat();
        let texts = held.entry(name.to_owned()).or_default();
        match texts.last_mut().filter(|_| more) {
            Some(last) => last.push_str(&said),
            None => texts.push(said),
        }
    }
    held
}

/// The constant texts of a line, those inside names of variables left out.
fn constants(line: &Line) -> Vec<String> {
    fn walk(line: &Line, node: tree_sitter::Node<'_>, said: &mut Vec<String>) {
        match line.constant(node) {
            Some(text) => said.push(text),
            None if node.kind() == "lvn" || node.kind() == "set_target" => {}
            None => named(node).for_each(|child| walk(line, child, said)),
        }
    }
    let mut said = Vec::new();
    walk(line, line.root(), &mut said);
    said
}

/// Every command of it: its lines and what those execute.
fn commands(script: &str) -> Vec<String> {
    let executed = executed(script).into_values().flatten();
    script.lines().map(str::to_owned).chain(executed).collect()
}

#[test]
fn every_line_and_every_text_that_is_executed_can_be_read() {
    for bits in 0..16 {
        let script = gatherer::script(&wishes(bits));
        for text in script.lines() {
            assert!(text.len() <= hsmirror::script::LONGEST && text.is_ascii(), "{text}");
        }
        let executed = executed(&script);
        assert!(executed.len() > 20, "{}", executed.len());
        for (name, texts) in executed {
            for text in texts {
                Line::parse(&text).unwrap_or_else(|fault| panic!("{name} {text}: {fault}"));
            }
        }
    }
}

#[test]
fn it_calls_what_there_is_and_changes_nothing() {
    if api::api().is_none() {
        println!("skipped: no ../shared");
    }
    let mut called = BTreeSet::new();
    for bits in 0..16 {
        for text in commands(&gatherer::script(&wishes(bits))) {
            let line = Line::parse(&text).unwrap();
            check::calls(&line, &mut called).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert!(!text.contains('^'), "a global: {text}");
        }
    }
    let known: BTreeSet<String> = CALLED.iter().map(|call| (*call).to_owned()).collect();
    assert_eq!(called, known);
}

#[test]
fn every_property_is_asked_for_or_known_not_to_be() {
    // What no public text answers, or only a file tells.
    let unasked: BTreeSet<(Section, &str)> = [
        (Section::Member, "configuration_file"),
        (Section::Member, "product"),
        (Section::Member, "version"),
        (Section::Member, "configuration_product"),
        (Section::Member, "configuration_version"),
        (Section::Member, "platform"),
    ]
    .into();
    let script = commands(&gatherer::script(&wishes(3))).join("\n");
    for section in Section::ALL.iter().copied() {
        for property in properties_of(section) {
            let put = script.contains(&format!("k=\"{}\"", property.name()))
                || script.contains(&format!("(\"{}\"", property.name()));
            let unasked = unasked.contains(&(section, property.field));
            assert_eq!(put, !unasked, "{section} {}", property.field);
        }
    }
}

#[test]
fn what_is_personal_or_may_be_secret_is_asked_for_only_where_it_was_wished() {
    let plain = commands(&gatherer::script(&wishes(0))).join("\n");
    for word in ["EmailAddress", "PhoneNumber", "PhoneProvider", "EmailOnError"] {
        assert!(!plain.contains(word), "{word}");
        assert!(commands(&gatherer::script(&wishes(1))).join("\n").contains(word), "{word}");
    }
    assert!(plain.contains("set every=0"));
    for bits in 0..16 {
        let script = commands(&gatherer::script(&wishes(bits))).join("\n");
        let never = secrets();
        assert!(never.len() > 5);
        for secret in never {
            assert!(!script.contains(&format!("\"{secret}\")")), "{secret}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_place_is_a_text_and_nothing_else(file in "[^\u{0}]{1,300}") {
        let plain = gatherer::script(&Wishes { file: Some("x".to_owned()), ..Wishes::default() });
        let script = gatherer::script(&Wishes { file: Some(file), ..Wishes::default() });
        let shape = |script: &str| -> Vec<String> {
            script.lines().filter(|line| !line.starts_with("set file=")).map(str::to_owned).collect()
        };
        prop_assert_eq!(shape(&script), shape(&plain));
        for line in script.lines() {
            prop_assert!(line.len() <= hsmirror::script::LONGEST && line.is_ascii());
        }
    }
}
