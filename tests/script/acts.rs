//! Operations of every section and verb, with a name in every place where one can stand.

use hsmirror::model::{MappingKind, Section, Subject, properties_of};
use hsmirror::operation::{Assignment, Operation, Verb};
use hsmirror::script::{Act, For, apply, verify};

/// An act that owns what it is made of.
#[derive(Clone, Debug)]
pub struct Owned {
    pub id: String,
    pub operation: Operation,
    pub after: Vec<usize>,
    pub may_hide: bool,
    pub settings: Vec<(String, String)>,
}

impl Owned {
    /// As the script takes it.
    pub fn act(&self) -> Act<'_> {
        Act {
            id: &self.id,
            operation: &self.operation,
            after: &self.after,
            may_hide: self.may_hide,
            settings: &self.settings,
        }
    }
}

pub const VERBS: [Verb; 3] = [Verb::Create, Verb::Modify, Verb::Delete];

/// Both scripts.
pub fn scripts(acts: &[Owned], system_name: Option<&str>) -> [String; 2] {
    let acts: Vec<Act<'_>> = acts.iter().map(Owned::act).collect();
    let of = For { system_name };
    [apply(&acts, &of), verify(&acts, &of)]
}

/// Values for the properties of those sources.
pub fn values(section: Section, wanted: &[(&str, &str)]) -> Vec<Assignment> {
    let property = |source: &str| {
        properties_of(section).iter().find(|property| property.source == source).unwrap()
    };
    let value = |(source, text): &(&str, &str)| Assignment {
        property: property(source),
        text: (*text).to_owned(),
    };
    wanted.iter().map(value).collect()
}

/// One act.
pub fn act(id: &str, verb: Verb, section: Section, subject: Subject, of: &[(&str, &str)]) -> Owned {
    let operation = Operation { verb, section, subject, values: values(section, of) };
    Owned { id: id.to_owned(), operation, after: vec![], may_hide: false, settings: vec![] }
}

/// A subject that has only a name.
pub fn named(name: &str) -> Subject {
    Subject { name: name.to_owned(), ..Subject::default() }
}

/// A mapping.
pub fn mapping(kind: MappingKind, namespace: &str, name: &str, of_type: &str) -> Subject {
    Subject {
        namespace: Some(namespace.to_owned()),
        kind: Some(kind),
        routine_type: Some(of_type.to_owned()),
        ..named(name)
    }
}

/// A task.
pub fn task(name: &str, namespace: &str, class: &str) -> Subject {
    Subject {
        namespace: Some(namespace.to_owned()),
        task_class: Some(class.to_owned()),
        ..named(name)
    }
}

/// Texts that a property of a task must have to be one at all.
fn formed(source: &str) -> Option<&'static str> {
    Some(match source {
        "DailyStartTime" | "DailyEndTime" => "02:30:00",
        "StartDate" | "EndDate" => "2027-01-31",
        "TimePeriod" => "0",
        _ => return None,
    })
}

/// An act with every property of its section, of that text.
fn full(section: Section, verb: Verb, subject: Subject, text: &str) -> Owned {
    let stated = |value: &hsmirror::model::Property| value.rule != hsmirror::model::Rule::Identity;
    let values = properties_of(section).iter().filter(|property| stated(property));
    let values = values.map(|property| Assignment {
        property,
        text: formed(property.source)
            .filter(|_| section == Section::Tasks)
            .unwrap_or(text)
            .to_owned(),
    });
    let values = if verb == Verb::Delete { vec![] } else { values.collect() };
    let operation = Operation { verb, section, subject, values };
    let id = format!("{section}/{text}");
    Owned { id, operation, after: vec![0, 1, 99], may_hide: true, settings: vec![] }
}

/// Everything, with that text in every place.
pub fn all(text: &str) -> Vec<Owned> {
    let mut acts = Vec::new();
    for verb in VERBS {
        for section in Section::ALL {
            match section {
                Section::Mappings => {
                    for (kind, of_type) in [
                        (MappingKind::Global, ""),
                        (MappingKind::Routine, ""),
                        (MappingKind::Routine, "INC"),
                        (MappingKind::Package, ""),
                    ] {
                        for namespace in ["ELMHUB", text] {
                            let subject = mapping(kind, namespace, text, of_type);
                            acts.push(full(*section, verb, subject, text));
                            let subject = mapping(kind, namespace, &format!("{text}*"), of_type);
                            acts.push(full(*section, verb, subject, text));
                        }
                    }
                    let of_type = mapping(MappingKind::Routine, "ELMHUB", "Elm", text);
                    acts.push(full(*section, verb, of_type, text));
                    for subscripts in [format!("(\"{text}\")"), "(1):(5)".to_owned()] {
                        let name = format!("{text}{subscripts}");
                        let subject = mapping(MappingKind::Global, "ELMHUB", &name, "");
                        acts.push(full(*section, verb, subject, text));
                    }
                }
                Section::Tasks => {
                    let mut of = full(*section, verb, task(text, text, text), text);
                    of.settings = vec![
                        ("KeepDays".to_owned(), text.to_owned()),
                        ("TypesToPurge".to_owned(), text.to_owned()),
                    ];
                    acts.push(of.clone());
                    of.settings = vec![(text.to_owned(), text.to_owned())];
                    acts.push(of);
                }
                _ => acts.push(full(*section, verb, named(text), text)),
            }
        }
    }
    acts
}
