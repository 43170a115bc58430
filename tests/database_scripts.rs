//! The scripts about a database are what a session can read, whatever it is called.
//!
//! Holds each line to the grammar of ObjectScript, to the class reference (methods and properties), and
//! to the line of a benign script. Without `../shared/iris-api.json` the signatures are skipped, and the
//! test says so.

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

use std::collections::BTreeSet;

use check::whole;
use hsmirror::instance::database::scripts;
use line::Line;
use proptest::prelude::*;

/// The members of objects that the scripts ask, besides properties of `SYS.Database`.
const MEMBERS: [(&str, &str); 10] = [
    ("e", "DisplayString"),
    ("r", "%PrepareClassQuery"),
    ("r", "%Execute"),
    ("r", "%Next"),
    ("r", "%Get"),
    ("r", "%SQLCODE"),
    ("r", "Execute"),
    ("r", "Next"),
    ("r", "Get"),
    ("p", "(\"Directory\")"),
];

/// Checks the members of objects in a line: none that is not known, and gives those of a database.
fn members(code: &str) -> Vec<String> {
    let mut asked = Vec::new();
    for (at, _) in code.match_indices('.') {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '%' || c == '$';
        let before: String = code[..at]
            .chars()
            .rev()
            .take_while(|c| word(*c))
            .collect::<String>()
            .chars()
            .rev()
            .collect();
        let member: String = code[at + 1..].chars().take_while(|c| word(*c)).collect();
        if before.len() != 1 {
            continue;
        }
        if before == "o" {
            assert!(api::has_property("SYS.Database", &member), "{code}: no property {member}");
            asked.push(member);
        } else {
            assert!(MEMBERS.contains(&(&before, &member)), "{code}: {before}.{member}");
        }
    }
    asked
}

#[test]
fn every_line_can_be_read_and_everything_called_is_there() {
    if api::api().is_none() {
        println!("skipped: no ../shared");
    }
    let mut called = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for script in scripts("HSSYS", "/usr/irissys/mgr/hssys/") {
        for text in script.lines() {
            // The rules of the scripts of a plan, but for the members of objects.
            assert!(text.len() <= 2000 && text.is_ascii(), "{text}");
            let line = Line::parse(&whole(text)).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            check::calls(&line, &mut called).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            let code: String = text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
            asked.extend(members(&code));
        }
    }
    for method in [
        "Config.Databases.Get",
        "SYS.Database.%OpenId",
        "SYS.Database.DismountDatabase",
        "SYS.Database.MountDatabase",
        "SYS.Mirror.ActivateMirroredDatabase",
        "SYS.Mirror.CatchupDB",
        "SYS.Mirror.RemoveMirroredDatabase",
        "%SYSTEM.Mirror.IsPrimary",
        "%SYSTEM.Process.Terminate",
    ] {
        assert!(called.contains(method), "{method} not in {called:?}");
    }
    for property in [
        "Mounted",
        "ReadOnlyMounted",
        "ROReasonText",
        "Mirrored",
        "MirrorActivationRequired",
        "InActiveMirror",
        "MirrorDBCatchup",
        "MirrorObsolete",
        "MirrorDBPaused",
        "MultiVolume",
        "SFN",
    ] {
        assert!(asked.contains(property), "{property} not in {asked:?}");
    }
    // The one query, which is called by its name in a text.
    if let Some(api) = api::api() {
        assert!(api["classes"]["SYS.Mirror"]["queries"]["MirroredDatabaseList"].is_object());
        for method in ["Execute", "Next", "Get"] {
            assert!(api["classes"]["%Library.ResultSet"]["methods"][method].is_object());
        }
    }
}

/// The shapes of a script, without the lines that only lengthen the name or the folder.
fn shapes(script: &str) -> Vec<String> {
    let longer = |text: &str| text.starts_with("set d=d_(") || text.starts_with("set n=n_(");
    let shape = |text: &str| Line::parse(&whole(text)).unwrap().shape().0;
    for text in script.lines().filter(|text| longer(text)) {
        let inner = text["set d=d_(".len()..].strip_suffix(')').unwrap();
        assert_eq!(shape(&format!("set n={inner}")), shape("set n=\"\""), "{text}");
    }
    script.lines().filter(|text| !longer(text)).map(shape).collect()
}

#[test]
fn a_script_acts_once_and_looks_again_after_it() {
    let all = scripts("HSSYS", "/mgr/hssys/");
    let acts = [
        "DismountDatabase(d)",
        "MountDatabase(d)",
        "MountDatabase(d,0,0,0)",
        "ActivateMirroredDatabase(d)",
        "CatchupDB(",
        "RemoveMirroredDatabase(d)",
    ];
    for act in acts {
        let with: Vec<_> =
            all.iter().filter(|script| script.contains(&format!(").{act}"))).collect();
        assert_eq!(with.len(), 1, "{act}");
        let (_, after) = with[0].split_once(act).unwrap();
        assert!(after.contains("kill o") && after.contains("a(\"mounted\")=o.Mounted"), "{after}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_and_no_folder_breaks_out_of_a_script(
        text in prop_oneof![any::<String>(), "[\"_$()a.,;/#\n\r\0 ^%{}!]{0,24}", "(\u{e4}|\u{1f600}){200,400}"],
    ) {
        let benign = scripts("HSSYS", "/mgr/hssys/");
        for (hostile, benign) in scripts(&text, &text).iter().zip(&benign) {
            prop_assert!(hostile.lines().all(|line| line.len() <= 2000 && line.is_ascii()));
            prop_assert_eq!(shapes(hostile), shapes(benign));
        }
    }
}
