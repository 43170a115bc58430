//! What is written for a merge is read back as it was meant, and real merge files are read.
//!
//! Proves that a line of `[Actions]` holds one action with the properties of its operation and no
//! others, whatever names and values the operation has: by reading it back, and by a reader that knows
//! nothing of quotes and splits at every comma. `merge/examples.rs` has the exact text for each noun,
//! by hand. `merge/corpus.rs` reads the merge files of `../shared/corpus` and holds them to a count that
//! needs no grammar; without the folder it says `skipped: no ../shared` and passes. No bytes bring the
//! reader down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use hsmirror::merge::{Action, Entry, MergeFile, lines, read};
use hsmirror::model::{
    MappingKind, Property, Rule, Section, Subject, properties_of, property_named,
};
use hsmirror::operation::{Assignment, Operation, Verb};
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "merge/corpus.rs"]
mod corpus;
#[path = "merge/examples.rs"]
mod examples;

fn operation(verb: Verb, section: Section, name: &str, values: &[(&str, &str)]) -> Operation {
    let assigned = |(field, text): &(&str, &str)| Assignment {
        property: property_named(section, field).unwrap_or_else(|| panic!("{field}")),
        text: (*text).to_owned(),
    };
    let subject = Subject { name: name.to_owned(), ..Subject::default() };
    Operation { verb, section, subject, values: values.iter().map(assigned).collect() }
}

fn mapping(verb: Verb, kind: MappingKind, name: &str, values: &[(&str, &str)]) -> Operation {
    let mut operation = operation(verb, Section::Mappings, name, values);
    operation.subject.namespace = Some("ELMHUB".to_owned());
    operation.subject.kind = Some(kind);
    operation.subject.database = Some("ELMLAB".to_owned());
    operation
}

fn actions(file: &MergeFile) -> Vec<&Action> {
    let entries = file.sections.iter().flat_map(|section| &section.entries);
    entries
        .filter_map(|entry| match entry {
            Entry::Action { action, .. } => Some(action),
            Entry::Parameter { .. } => None,
        })
        .collect()
}

/// What an operation should send, worked out apart from the code that writes it.
fn meant(operation: &Operation) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let subject = &operation.subject;
    if operation.section == Section::Mappings {
        pairs.push(("Namespace".to_owned(), subject.namespace.clone().unwrap()));
    }
    pairs.push(("Name".to_owned(), operation.product_name()));
    if operation.verb == Verb::Delete {
        if matches!(subject.kind, Some(MappingKind::Global | MappingKind::Routine)) {
            pairs.push(("Database".to_owned(), subject.database.clone().unwrap()));
        }
        return pairs;
    }
    for value in operation.values.iter().filter(|value| !value.text.is_empty()) {
        pairs.push((value.property.source.to_owned(), value.text.clone()));
    }
    if operation.section == Section::Namespaces {
        pairs.push(("Interop".to_owned(), "0".to_owned()));
    }
    pairs
}

/// The words before `=` for a reader that splits at every comma and knows no quotes.
fn naive_names(line: &str) -> Vec<&str> {
    let pieces = line.split_once(':').unwrap().1.split(',');
    pieces.filter_map(|piece| piece.split_once('=')).map(|(name, _)| name).collect()
}

/// What is not as it must be with the lines of an operation; nothing where there are none.
fn fault(operation: &Operation) -> Option<String> {
    let written = lines(operation)?;
    let meant = meant(operation);
    let verbs: &[&str] = match (operation.verb, operation.section) {
        (Verb::Create, Section::Namespaces) => &["Create"],
        (Verb::Create, _) => &["Create", "Modify"],
        (Verb::Modify, _) => &["Modify"],
        (Verb::Delete, _) => &["Delete"],
    };
    if written.len() != verbs.len() {
        return Some(format!("{} lines: {written:?}", written.len()));
    }
    for (line, verb) in written.iter().zip(verbs) {
        if line.len() > 2000 || !line.chars().all(|letter| (' '..='~').contains(&letter)) {
            return Some(format!("not one plain line: {line:?}"));
        }
        let names: Vec<&str> = meant.iter().map(|(name, _)| name.as_str()).collect();
        if naive_names(line) != names {
            return Some(format!("a simple reader finds other properties in {line:?}"));
        }
        for text in [
            format!("[Actions]\n{line}"),
            format!("\u{feff}; a\r\n[Startup]\r\nA=1\r\n[Actions]  # b\r\n  {line}\t// c\r\n"),
            format!("/* [X]\n */ [Actions] /* \n\n */ {line} /* d */ ; e\n# f\n[X]\nA=1\n"),
        ] {
            let file = read(text.as_bytes());
            let file = match file {
                Ok(file) => file,
                Err(fault) => return Some(format!("{fault} in {text:?}")),
            };
            let [action] = actions(&file)[..] else {
                return Some(format!("not one action in {text:?}"));
            };
            if !action.name.starts_with(verb) || action.properties != meant {
                return Some(format!("{:?} read from {line:?}", action.properties));
            }
        }
    }
    None
}

/// Names and values that are out to become something else.
#[rustfmt::skip]
const HOSTILE: &[&str] = &[
    "\"", "\"\"", "a\"b", "\"a\"", "'", "a'b", ",", ",,", "a,b", "a,", ",a", "=", "a=b",
    "==", "a,b=c", "a,=", "#", "a#b", "a #b", ";", "a;b", "a ;b", "//", "a//b", "a //b",
    "/", "/*", "*/", "a/*", "a*/b", "\n", "a\nDeleteUser:Name=b", "a\r\nDeleteUser:Name=b",
    "\r", "a\rb", "\t", "a\tb", "\0", "a\0b", "\u{7f}", "\u{85}", "\u{2028}", "é", "ＬＡＢ",
    "“a”", "\u{feff}a", "\u{a0}", "$$$AutheUnauthenticated", "32+64",
    "$$$AuthePassword+$$$AutheUnauthenticated", "${x}", "{{x}}", "%PATH%", "`id`", "]",
    "[", "[Actions]", "a]b", ",Roles=%All", "\",Roles=\"%All", "x\",Roles=\"%All",
    "x,Roles=%All", "x , Roles = %All", "\\", "\\n", "a\\\"b", " ", " a", "a ", "a  b",
    "a b", "(", ")", "(()", "a)b(", "(1,2)", "(\"a\")", "(1):(2)", ":", "::", "a:b", "-",
    "?", "Name=x", "CreateUser:Name=x", "&", "a~b", "a|b", "a^b", "<a>", "",
];

fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(["x".repeat(300), "a,".repeat(150), "x".repeat(3000)]);
    texts
}

#[test]
fn no_name_and_no_value_becomes_another_property_or_action() {
    let mut written = 0;
    let mut faults = Vec::new();
    let mut check = |operation: &Operation| {
        written += usize::from(lines(operation).is_some());
        faults.extend(fault(operation));
    };
    for text in hostile() {
        for verb in [Verb::Create, Verb::Modify, Verb::Delete] {
            for (section, field, tame) in [
                (Section::Resources, "publicPermission", "R"),
                (Section::Roles, "resources", "A:R"),
                (Section::Applications, "authenticationMethods", "32"),
                (Section::Users, "enabled", "1"),
                (Section::Services, "enabled", "1"),
                (Section::Tls, "enabled", "1"),
                (Section::Namespaces, "globals", "D"),
            ] {
                check(&operation(verb, section, &text, &[(field, tame)]));
                for property in properties_of(section).iter().filter(|one| one.field != field) {
                    let mut operation = operation(verb, section, "n", &[(field, tame)]);
                    operation.values.push(Assignment { property, text: text.clone() });
                    check(&operation);
                }
                check(&operation(verb, section, "n", &[(field, &text)]));
            }
            for kind in MappingKind::ALL {
                let tame = mapping(verb, kind, "n", &[("database", "D"), ("collation", "5")]);
                check(&tame);
                for place in 0..6 {
                    let mut operation = tame.clone();
                    match place {
                        0 => operation.subject.name.clone_from(&text),
                        1 => operation.subject.namespace = Some(text.clone()),
                        2 => operation.subject.database = Some(text.clone()),
                        3 => operation.subject.routine_type = Some(text.clone()),
                        4 => operation.values[0].text.clone_from(&text),
                        _ => operation.values[1].text.clone_from(&text),
                    }
                    check(&operation);
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(written > 1000, "only {written} were written");
}

/// What must never be in a line, wherever it stands.
#[test]
fn what_is_not_on_the_list_is_never_carried() {
    for letter in (0..=0x2ff_u32).chain([0x2028, 0xfeff, 0x1_f600]).filter_map(char::from_u32) {
        let fine = letter.is_ascii_alphanumeric() || "_-.%/:*@+,=&'?! ".contains(letter);
        for text in [format!("a{letter}b"), format!("{letter}b"), format!("a{letter}")] {
            let fine = fine && text.trim() == text;
            let operation = operation(Verb::Delete, Section::Roles, &text, &[]);
            assert_eq!(lines(&operation).is_some(), fine, "{text:?}");
        }
    }
}

const SECTIONS: &[Section] = &[
    Section::Resources,
    Section::Roles,
    Section::Applications,
    Section::Users,
    Section::Services,
    Section::Tls,
    Section::Namespaces,
    Section::Mappings,
];

/// Texts of which some can be carried and some cannot.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z0-9_.%/:-]{1,16}",
        2 => "[A-Za-z %]{1,8}(,[A-Za-z:]{1,8}){0,3}",
        2 => "[0-9]{1,4}",
        1 => "[a ,=:%/*()'?&+@!-]{0,12}",
        1 => "[a\"#;,=/*$\\[\\]{}\n\r\t]{0,12}",
        1 => any::<String>(),
    ]
}

/// An operation on some section with some of its properties, in the order of the declaration.
fn any_operation(text: BoxedStrategy<String>) -> impl Strategy<Value = Operation> {
    let verb = select(vec![Verb::Create, Verb::Modify, Verb::Delete]);
    let subject = (
        text.clone(),
        text.clone(),
        text.clone(),
        select(&MappingKind::ALL[..]),
        select(vec!["", "INC", "OBJ"]),
    );
    let values = prop::collection::vec((any::<Index>(), text), 1..8);
    (verb, select(SECTIONS), subject, values).prop_map(|(verb, section, subject, values)| {
        let settable: Vec<&'static Property> =
            properties_of(section).iter().filter(|one| one.rule != Rule::Identity).collect();
        let texts: BTreeMap<usize, String> =
            values.into_iter().map(|(at, text)| (at.index(settable.len()), text)).collect();
        let mut values: Vec<Assignment> = texts
            .into_iter()
            .map(|(at, text)| Assignment { property: settable[at], text })
            .collect();
        let required = ["PublicPermission", "Resources", "AutheEnabled", "Globals", "Database"];
        for property in settable.iter().filter(|one| required.contains(&one.source)) {
            let number = property.source == "AutheEnabled";
            values.retain(|value| !(number && value.property.source == property.source));
            if !values.iter().any(|value| value.property.source == property.source) {
                let text = if number { "32" } else { "R" }.to_owned();
                values.push(Assignment { property, text });
            }
        }
        let (name, namespace, database, kind, of_type) = subject;
        let mapped = section == Section::Mappings;
        let subject = Subject {
            name,
            namespace: mapped.then_some(namespace),
            kind: mapped.then_some(kind),
            routine_type: mapped.then(|| of_type.to_owned()),
            database: mapped.then_some(database),
            task_class: None,
        };
        Operation { verb, section, subject, values }
    })
}

fn has_action(operation: &Operation) -> bool {
    use Section::{Namespaces, Services, Tls, Users};
    let judged = |value: &Assignment| value.property.rule == Rule::Judged;
    let sent = operation.verb != Verb::Delete;
    let none = match operation.section {
        Users | Tls => operation.verb == Verb::Create,
        Services => operation.verb != Verb::Modify,
        Namespaces => operation.verb == Verb::Modify,
        _ => false,
    };
    !(none || sent && operation.values.iter().any(judged))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_it_was_meant(operation in any_operation(any_text().boxed())) {
        prop_assert_eq!(fault(&operation), None);
    }

    #[test]
    fn plain_names_and_values_are_always_carried(
        operation in any_operation("[A-Za-z0-9%][A-Za-z0-9.:-]{0,16}".boxed())
    ) {
        prop_assert_eq!(lines(&operation).is_some(), has_action(&operation), "{:?}", operation);
        prop_assert_eq!(fault(&operation), None);
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&bytes);
    }

    #[test]
    fn nor_do_pieces_of_the_grammar(
        pieces in prop::collection::vec(select(vec![
            "[", "]", "Actions", "CreateRole", ":", "Name", "=", ",", "\"", "#", ";", "//", "/*", "*/", " ",
            "\t", "\n", "\r\n", "\r", "(", ")", "x", "é", "\u{feff}", "\0", "[Actions]\n", "CreateRole:Name=x",
        ]), 0..64)
    ) {
        let text = pieces.concat();
        if let Err(fault) = read(text.as_bytes()) {
            prop_assert!(fault.line >= 1 && fault.line <= text.lines().count().max(1), "{}", fault);
        }
    }
}

#[test]
fn large_input_takes_no_long_time() {
    // Each of these was made to be slow for a reader that looks back.
    for (head, piece) in [
        ("[Actions]\nA:", "a=1,"),
        ("[Actions]\nA:a=", ","),
        ("[A]\na=", "/*x*/ "),
        ("[A]\na=", "x;"),
        ("[A]\n", " "),
        ("[A]\n", "/* "),
        ("[A]\na", "("),
        ("", "[A]\n"),
    ] {
        let _ = read(format!("{head}{}", piece.repeat((1 << 20) / piece.len())).as_bytes());
    }
    let many: String = (0..100_000).map(|number| format!("p{number}=1,")).collect();
    let file = read(format!("[Actions]\nA:{many}z=1").as_bytes()).unwrap();
    assert_eq!(actions(&file).first().unwrap().properties.len(), 100_001);
}
