//! Task objects (`%SYS.Task`, H5.2): properties inside, and what `%Save` makes of them.
//!
//! Owns the inner forms: days as numbers since 1840-12-31, times as seconds after midnight, settings
//! as `$LISTBUILD(name,value,...)` (H5.1), the predecessor by its GUID.
//! Invariant: the text of the store is the outer form, and a property of another form is a fault of
//! `%Save`.

use std::collections::BTreeMap;

use super::syntax::Node;
use hsmirror::model::{Task as Model, folded};
use serde_json::{Value as Json, json};

use super::class::Class;
use super::function::{day_of, day_text, seconds, time_text};
use super::script::{Process, Thing};
use super::store::{Held, Store, Values};
use super::value::{Outcome, Value};

/// A task in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Task {
    /// Its number, once it is saved.
    pub(crate) id: Option<u32>,
    /// What it was read from.
    held: Held,
    /// What was set since.
    set: BTreeMap<String, Value>,
}

const DAYS: &[&str] = &["StartDate", "EndDate"];
const TIMES: &[&str] = &["DailyStartTime", "DailyEndTime"];
/// Collections, to which nobody may assign.
const LISTS: &[&str] = &["EmailOnCompletion", "EmailOnError", "EmailOnExpiration"];

fn guid(id: &str) -> String {
    format!("GUID-{id}")
}

/// How another task's `runAfter` names this one.
fn reference(task: &Held) -> String {
    Model::reference(task.text("Name"), task.text("NameSpace"), task.text("TaskClass"))
}

impl Process<'_> {
    pub(crate) fn new_task(&mut self) -> Value {
        let held = Store::with(Class::Tasks, &Held::default(), &Values::new()).unwrap();
        let mut task = Task { held, ..Task::default() };
        // What a new task begins with (H5.2): made by the user in %SYS, and from today on.
        for (source, text) in [("Type", "2"), ("NameSpace", "%SYS"), ("StartDate", "2026-01-01")] {
            task.held.texts.insert(source.to_owned(), text.to_owned());
        }
        self.thing(Thing::Task(task))
    }

    pub(crate) fn open_task(&mut self, id: &str) -> Value {
        let found = self.instance.store.objects.get(&(Class::Tasks, id.to_owned()));
        let Some(held) = found else { return Value::empty() };
        let task = Task { id: id.parse().ok(), held: held.clone(), set: BTreeMap::new() };
        self.thing(Thing::Task(task))
    }

    pub(crate) fn set_task_property(
        &mut self,
        at: usize,
        name: &str,
        value: &Value,
        node: Node<'_>,
    ) -> Outcome<()> {
        let known = Class::Tasks.takes(name) && !LISTS.contains(&name) || name == "RunAfterGUID";
        let Thing::Task(task) = &mut self.things[at] else { self.unknown(node) };
        if !known {
            self.unknown(node);
        }
        task.set.insert(name.to_owned(), value.clone());
        Ok(())
    }

    /// The items of a collection of a task.
    fn addresses(&self, at: usize, name: &str) -> Vec<Option<String>> {
        let Thing::Task(task) = &self.things[at] else { return Vec::new() };
        let kept = Class::Tasks.property(name).and_then(|of| task.held.kept.get(&of.name()));
        let kept = kept.and_then(Json::as_array);
        match (task.set.get(name), kept) {
            (Some(set), _) => set.items().unwrap(),
            (None, Some(kept)) => kept.iter().map(|of| of.as_str().map(str::to_owned)).collect(),
            (None, None) => task.held.items(name).into_iter().map(Some).collect(),
        }
    }

    /// A method of a collection; none where it is not known.
    pub(crate) fn collection(
        &mut self,
        at: usize,
        method: &str,
        given: &[String],
    ) -> Option<Value> {
        let Thing::Addresses(task, name) = &self.things[at] else { return None };
        let (task, name) = (*task, name.clone());
        let mut items = self.addresses(task, &name);
        let answer = match (method, given) {
            ("Count", []) => return Some(Value::count(items.len())),
            ("GetAt", [place]) => {
                let item = place.parse().ok().and_then(|place: usize| items.get(place - 1));
                return Some(item.cloned().flatten().map_or_else(Value::empty, Value::Text));
            }
            ("Insert", [item]) => {
                items.push(Some(item.clone()));
                Value::of("1")
            }
            ("Clear", []) => {
                items.clear();
                Value::of("1")
            }
            _ => return None,
        };
        let Thing::Task(task) = &mut self.things[task] else { return None };
        task.set.insert(name, Value::List(items));
        Some(answer)
    }

    /// A property of a task that is a collection is an object of its own.
    pub(crate) fn addresses_of(&mut self, at: usize, name: &str) -> Option<Value> {
        LISTS.contains(&name).then(|| self.thing(Thing::Addresses(at, name.to_owned())))
    }

    pub(crate) fn task_property(&self, at: usize, name: &str, node: Node<'_>) -> Outcome<Value> {
        let Thing::Task(task) = &self.things[at] else { self.unknown(node) };
        if let Some(value) = task.set.get(name) {
            return Ok(value.clone());
        }
        let text = task.held.text(name);
        Ok(match name {
            "JobGUID" => Value::Text(task.id.map_or_else(String::new, |id| guid(&id.to_string()))),
            "RunAfterGUID" => {
                let after = task.held.kept.get("runAfter").and_then(Json::as_str);
                let store = &self.instance.store;
                let mut found = store.all(Class::Tasks);
                let found = found.find(|(_, of)| after == Some(&reference(of)));
                Value::Text(found.map_or_else(String::new, |(id, _)| guid(id)))
            }
            "Settings" => {
                let settings = task.held.kept.get("settings").and_then(Json::as_object);
                let pairs = settings.into_iter().flatten().flat_map(|(name, value)| {
                    // A value that was not carried is there, but nobody knows it.
                    let value = value.as_str().unwrap_or("(not carried)");
                    [Some(name.clone()), Some(value.to_owned())]
                });
                match pairs.collect::<Vec<Option<String>>>() {
                    none if none.is_empty() => Value::empty(),
                    pairs => Value::List(pairs),
                }
            }
            _ if DAYS.contains(&name) => Value::Text(day_of(text)),
            _ if TIMES.contains(&name) => {
                Value::Text(seconds(text).map(|time| time.to_string()).unwrap_or_default())
            }
            _ if Class::Tasks.takes(name) && !LISTS.contains(&name) => Value::of(text),
            _ => self.unknown(node),
        })
    }

    /// `%Save()`.
    pub(crate) fn save_task(&mut self, at: usize, node: Node<'_>) -> Value {
        let Thing::Task(task) = self.things[at].clone() else { self.unknown(node) };
        let saved = outer(&self.instance.store, &task);
        let saved = saved.and_then(|held| {
            let id = self.instance.store.save_task(task.id, held.clone())?;
            Ok(Task { id: Some(id), held, set: BTreeMap::new() })
        });
        Value::status(saved.map(|task| self.things[at] = Thing::Task(task)))
    }
}

/// The task as the store holds it.
fn outer(store: &Store, task: &Task) -> Result<Held, String> {
    let mut texts = Values::new();
    let mut kept = task.held.kept.clone();
    for (name, value) in &task.set {
        let (text, number) = (value.text(), value.text().parse::<i64>());
        let fault = || format!("'{text}' is no inner form of {name}");
        match name.as_str() {
            "Settings" => {
                let mut items = value.items().map_err(|_| fault())?.into_iter();
                let mut settings = serde_json::Map::new();
                while let Some(setting) = items.next() {
                    let of = items.next().ok_or_else(fault)?.unwrap_or_default();
                    settings.insert(setting.ok_or_else(fault)?, json!(of));
                }
                kept.insert("settings".to_owned(), Json::Object(settings));
            }
            "RunAfterGUID" if text.is_empty() => drop(kept.remove("runAfter")),
            "RunAfterGUID" => {
                let mut tasks = store.all(Class::Tasks);
                let of = tasks.find(|(id, _)| guid(id) == text).ok_or_else(fault)?.1;
                kept.insert("runAfter".to_owned(), json!(reference(of)));
            }
            _ if DAYS.contains(&name.as_str()) => {
                let day = if text.is_empty() { 0 } else { number.map_err(|_| fault())? };
                texts.insert(name.clone(), day_text(day));
            }
            _ if TIMES.contains(&name.as_str()) => {
                let time = number.ok().filter(|time| (0..86_400).contains(time));
                texts.insert(name.clone(), time_text(time.ok_or_else(fault)?));
            }
            _ if LISTS.contains(&name.as_str()) => {
                let items: Vec<String> = value.items().unwrap().into_iter().flatten().collect();
                texts.insert(name.clone(), items.join(","));
            }
            _ => drop(texts.insert(name.clone(), text)),
        }
    }
    let old = Held { texts: task.held.texts.clone(), kept };
    Store::with(Class::Tasks, &old, &texts)
}

/// Whether a task fits a condition of SQL on a column.
pub(crate) fn fits(id: &str, task: &Held, column: &str, exact: bool, wanted: &str) -> bool {
    let own = if column == "ID" { id } else { task.text(column) };
    // A text column compares without case unless it is told not to; an empty argument is NULL.
    !wanted.is_empty() && if exact { own == wanted } else { folded(own) == folded(wanted) }
}
