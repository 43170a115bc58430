//! Generated files are what the program makes.
//!
//! Proves that `schema/`, `man/`, `docs/configuration.md` and `docs/findings.md` are byte for byte what the types, the
//! command line and the declarations give, and that the README and the man pages tell every exit
//! code, command and long flag. To bring the files up to date after a change:
//! `HSMIRROR_UPDATE=1 cargo test --test published`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every generated file with its content.
fn generated() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for schema in hsmirror::published::PUBLISHED {
        let path = format!("schema/{}.schema.json", schema.name);
        files.insert(PathBuf::from(path), schema.text().into_bytes());
    }
    files.insert("docs/configuration.md".into(), hsmirror::reference::text().into_bytes());
    files.insert("docs/findings.md".into(), hsmirror::reference::findings().into_bytes());
    let mut program = hsmirror::cli::command().disable_help_subcommand(true);
    program.build();
    for command in std::iter::once(&program).chain(program.get_subcommands()) {
        let name = command.get_display_name().unwrap_or("hsmirror").to_owned();
        let mut text = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut text).unwrap();
        files.insert(format!("man/{name}.1").into(), text);
    }
    files
}

#[test]
fn generated_files_are_up_to_date() {
    let update = std::env::var_os("HSMIRROR_UPDATE").is_some();
    for (path, content) in generated() {
        let full = root().join(&path);
        if update {
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(&full, &content).unwrap();
        }
        let kept = fs::read(&full).unwrap_or_default();
        assert!(
            kept == content,
            "{} is out of date: run HSMIRROR_UPDATE=1 cargo test --test published",
            path.display()
        );
    }
}

#[test]
fn no_file_stands_among_the_generated_ones_that_is_not_generated() {
    let known = generated();
    for folder in ["schema", "man"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = Path::new(folder).join(entry.unwrap().file_name());
            assert!(known.contains_key(&name), "{} is not generated", name.display());
        }
    }
}

#[test]
fn readme_and_man_pages_tell_every_exit_code_command_and_flag() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let pages: Vec<String> = generated()
        .into_iter()
        .filter(|(path, _)| path.starts_with("man"))
        .map(|(_, text)| String::from_utf8(text).unwrap().replace('\\', ""))
        .collect();
    for (code, meaning) in hsmirror::error::EXIT_CODES {
        assert!(
            readme.contains(&format!("| {code} | {meaning} |")),
            "README lacks exit code {code}"
        );
        assert!(pages.iter().any(|page| page.contains(meaning)), "no man page tells {code}");
    }
    for command in hsmirror::cli::command().get_subcommands() {
        assert!(readme.contains(&format!("hsmirror {}", command.get_name())));
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(pages.iter().any(|page| page.contains(&format!("--{flag}"))), "--{flag}");
        }
    }
    for section in hsmirror::model::Section::ALL {
        assert!(readme.contains(section.name()), "README lacks section {section}");
    }
}

/// The published schema stands by itself: every reference in it leads to a place in it.
#[test]
fn schemas_refer_to_nothing_outside_themselves() {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                for (key, value) in fields {
                    match value.as_str() {
                        Some(target) if key == "$ref" => found.push(target.to_owned()),
                        _ => references(value, found),
                    }
                }
            }
            serde_json::Value::Array(items) => {
                items.iter().for_each(|item| references(item, found));
            }
            _ => {}
        }
    }
    for schema in hsmirror::published::PUBLISHED {
        let value: serde_json::Value = serde_json::from_str(&schema.text()).unwrap();
        let mut found = Vec::new();
        references(&value, &mut found);
        assert!(!found.is_empty());
        for target in found {
            let place =
                target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads outside"));
            assert!(value.pointer(place).is_some(), "{target} leads nowhere");
        }
        assert!(jsonschema::meta::is_valid(&value), "{} is no JSON Schema", schema.name);
    }
}
