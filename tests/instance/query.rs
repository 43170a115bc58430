//! The queries of the subset: tasks, classes of a namespace, routines of a namespace (H5.1, H8.3).
//!
//! Owns their reading and their rows.
//! Invariant: SQL of any other form panics.

use hsmirror::model::folded;
use tree_sitter::Node;

use super::class::Class;
use super::place;
use super::script::Process;
use super::task;

/// What a query gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How many rows were taken.
    pub(crate) taken: usize,
}

/// The columns of a task that a condition may name.
const COLUMNS: &[&str] = &["ID", "Name", "NameSpace", "TaskClass", "Type", "RunAsUser"];

impl Process<'_> {
    /// `%SQL.Statement.%ExecDirect`.
    pub(crate) fn select(&self, sql: &str, given: &[String], node: Node<'_>) -> Rows {
        let words: Vec<&str> = sql.split_whitespace().collect();
        let plain = words.join(" ");
        let unknown = || -> ! { panic!("the stand-in does not know SQL `{sql}`") };
        let upper = plain.to_ascii_uppercase();
        let tasks = "SELECT ID FROM %SYS.TASK WHERE ";
        if upper.starts_with(tasks) {
            let conditions = plain[tasks.len()..].replace(" and ", " AND ");
            let conditions = conditions.trim_end_matches(" ORDER BY ID").to_owned();
            let conditions: Vec<(String, bool)> = conditions
                .split(" AND ")
                .map(|condition| {
                    let (column, mark) = condition.split_once('=').unwrap_or_else(|| unknown());
                    let column = column.trim();
                    let inner = column
                        .strip_prefix("%EXACT(")
                        .and_then(|column| column.strip_suffix(')'))
                        .or_else(|| column.strip_prefix("%EXACT "));
                    let name = inner.unwrap_or(column);
                    if mark.trim() != "?" || !COLUMNS.contains(&name) {
                        unknown();
                    }
                    (name.to_owned(), inner.is_some())
                })
                .collect();
            if conditions.len() != given.len() {
                unknown();
            }
            let fits = |id: &str, task: &super::store::Held| {
                conditions
                    .iter()
                    .zip(given)
                    .all(|((column, exact), wanted)| task::fits(id, task, column, *exact, wanted))
            };
            let found = self.instance.store.all(Class::Tasks).filter(|(id, task)| fits(id, task));
            let rows = found.map(|(id, _)| vec![id.to_owned()]).collect();
            return Rows { columns: vec!["ID"], rows, taken: 0 };
        }
        let classes = "SELECT TOP 1 NAME FROM %DICTIONARY.CLASSDEFINITION WHERE NAME %STARTSWITH ?";
        if upper == classes && given.len() == 1 {
            let begin = folded(&given[0]);
            let all = self.instance.contents.classes.iter();
            let found = all.filter(|(database, name)| {
                folded(name).starts_with(&begin)
                    && self.sees(database, || {
                        let package = name.rsplit_once('.').map_or("", |(package, _)| package);
                        place::of_package(&self.instance.store, &self.namespace, package)
                    })
            });
            let rows = found.take(1).map(|(_, name)| vec![name.clone()]).collect();
            return Rows { columns: vec!["Name"], rows, taken: 0 };
        }
        self.said(node);
        unknown()
    }

    /// Whether the namespace of the process, or its directory, shows what lies in a database.
    fn sees(&self, database: &str, leads_to: impl Fn() -> String) -> bool {
        match place::at(&self.instance.store, &self.namespace) {
            Some(only) => only == database,
            None => folded(&leads_to()) == database,
        }
    }

    /// The class query `%Library.Routine:RoutineList(mask,1,type,namespace)`; type 0 leaves out what has
    /// no source.
    pub(crate) fn routines(&self, given: &[String], node: Node<'_>) -> Rows {
        let [mask, direction, kind, namespace] = given else { self.unknown(node) };
        if direction != "1" || !["0", "1"].contains(&kind.as_str()) {
            self.unknown(node);
        }
        let store = &self.instance.store;
        let masks: Vec<&str> = mask.split(',').collect();
        let seen = self.instance.contents.routines.iter().filter(|(database, routine)| {
            let (name, of_type) = routine.rsplit_once('.').unwrap();
            let here = match place::at(store, namespace) {
                Some(only) => only == *database,
                None => folded(&place::of_routine(store, namespace, name, of_type)) == *database,
            };
            let source = kind == "1" || of_type != "OBJ";
            here && source && masks.iter().any(|mask| like(mask, routine))
        });
        let rows = seen.map(|(_, routine)| vec![routine.clone()]).collect();
        Rows { columns: vec!["Name"], rows, taken: 0 }
    }
}

/// Whether a name fits a mask with `*` and `?`.
fn like(mask: &str, name: &str) -> bool {
    let mut letters = mask.chars();
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            name.char_indices().any(|(at, _)| like(rest, &name[at..])) || like(rest, "")
        }
        Some(letter) => {
            let mut name = name.chars();
            name.next().is_some_and(|of| letter == '?' || letter == of)
                && like(letters.as_str(), name.as_str())
        }
    }
}
