//! Names that a terminal, a merge file or Markdown takes for something else.
//!
//! Proves that in what is shown and in every file they make no line, no markup and no property.

use std::fs;

use serde_json::Value;

use crate::{Place, made_up, text};

/// Texts that a terminal, a merge file or Markdown takes for something else.
const HOSTILE: [&str; 16] = [
    "q\"uote",
    "new\nline\n[Actions]\nCreateUser:Name=eve,Roles=%All",
    "[Actions]",
    "`back``tick`",
    "x](http://x)",
    "<script>alert(1)</script>",
    "- [ ] tick",
    "\u{202e}evil\u{2066}",
    "a,Name=b",
    "a;b # c",
    "//x",
    "${X}",
    "**bold**",
    "\u{2028}ls",
    "\u{1b}[2J",
    "~~struck~~",
];

#[test]
fn hostile_names_make_no_line_and_no_markup() {
    let place = Place::new();
    let long = "L".repeat(2000);
    let names = || HOSTILE.into_iter().chain([long.as_str()]);
    let all = |make: &dyn Fn(&str) -> Value| -> Value { names().map(make).collect() };
    let mut primary = serde_json::json!({
        "resources": all(&|name| serde_json::json!({ "name": name, "description": name })),
        "roles": all(&|name| serde_json::json!({ "name": name, "resources": [{ "resource": name, "permission": "R" }] })),
        "mappings": all(&|name| serde_json::json!({ "namespace": "NS", "kind": "Global", "name": name,
            "routineType": "", "database": "DB" })),
        "applications": all(&|name| serde_json::json!({ "name": format!("/{name}"), "path": name,
            "authenticationMethods": ["Password"], "namespace": "NS" })),
        "users": all(&|name| serde_json::json!({ "name": name, "fullName": name, "roles": [name] })),
        "tasks": all(&|name| serde_json::json!({ "name": name, "namespace": "NS", "taskClass": "C",
            "settings": { "ExecuteCode": name } })),
        "services": all(&|name| serde_json::json!({ "name": name })),
    });
    // What both have and is changed is what a merge file does.
    let modified = |side: &str| {
        all(&|name| {
            let full = format!("{side} {name}");
            serde_json::json!({ "name": format!("{name}{name}"), "fullName": full })
        })
    };
    primary["users"].as_array_mut().unwrap().extend(modified("p").as_array().unwrap().clone());
    made_up(&place, &primary, &serde_json::json!({ "users": modified("m") }));
    let mut side: Value = place.plan("m.json");
    side["member"]["instance"] = "I$(x)'\"\nI".into();
    side["member"]["configurationFile"] = "/a b/`id`/iris.cpf\nrm".into();
    side["member"]["systemName"] = "B\n# h](http://x)/IRIS".into();
    fs::write(place.path("m.json"), side.to_string()).unwrap();
    let flags =
        ["apply", "p.json", "m.json", "--task-settings", "--handoff", "D", "-r", &place.recipient];
    let shown = place.ends(&flags, 21);
    let acts = |letter: char| letter != '\n' && hsmirror::model::acts(letter);
    for shown in [text(&shown.stdout), text(&shown.stderr)] {
        assert!(!shown.chars().any(acts), "{shown}");
    }
    assert!(text(&shown.stdout).lines().all(|line| line.chars().count() <= 80));
    let files = place.files("D");
    for (name, file) in &files {
        // JSON has its own way to hold them.
        assert!(name == "plan.json" || !file.chars().any(acts), "{name}");
        let is_plain =
            file.chars().all(|letter| letter == '\n' || letter == ' ' || letter.is_ascii_graphic());
        assert!(is_plain || name == "CHECKLIST.md" || name == "plan.json", "{name}");
    }
    for name in ["merge.cpf", "undo.cpf"] {
        let lines: Vec<&str> = files[name].lines().filter(|line| !line.is_empty()).collect();
        let headings: Vec<&&str> = lines.iter().filter(|line| line.starts_with('[')).collect();
        assert_eq!(headings, [&"[Actions]"], "{name}");
        for line in lines.iter().filter(|line| !line.starts_with(['#', '['])) {
            assert!(!line.contains("eve") && !line.contains('"'), "{name}: {line}");
        }
    }
    let checklist = &files["CHECKLIST.md"];
    let headings: Vec<&str> = checklist.lines().filter(|line| line.starts_with('#')).collect();
    assert!(headings[0].starts_with("# To bring "));
    for (at, heading) in headings[1..].iter().enumerate() {
        assert!(heading.starts_with(&format!("## {}. ", at + 1)), "{heading}");
    }
    // A box of its own begins a line, and only ours do.
    for line in checklist.lines().filter(|line| line.starts_with("- [ ] ")) {
        let ours = [
            "create `",
            "modify `",
            "`",
            "System Administration >",
            "Nothing has moved",
            "Run this",
            "Make the",
            "Once nothing",
            "Merge:\n",
            "Script:\n",
            "Everything is as it was",
        ];
        let line = format!("{line}\n");
        assert!(ours.iter().any(|start| line["- [ ] ".len()..].starts_with(start)), "{line}");
    }
}
