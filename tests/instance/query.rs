//! The queries of the subset: tasks, classes of a namespace, routines of a namespace (H5.1, H8.3).
//!
//! Owns their reading and their rows.
//! Invariant: SQL of any other form panics.

use super::syntax::Node;
use hsmirror::model::folded;

use super::class::Class;
use super::place;
use super::script::Process;
use super::store::product_name;
use super::task;

/// What a query gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How many rows were taken.
    pub(crate) taken: usize,
    /// Why there are none.
    pub(crate) fault: Option<String>,
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
        if upper == "SELECT ID FROM %SYS.TASK" {
            let fault = self.instance.refused.get("%SYS.Task").map(|_| "Access Denied".to_owned());
            let all = self.instance.store.all(Class::Tasks).filter(|_| fault.is_none());
            let rows = all.map(|(id, _)| vec![id.to_owned()]).collect();
            return Rows { columns: vec!["ID"], rows, fault, ..Rows::default() };
        }
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
            return Rows { columns: vec!["ID"], rows, ..Rows::default() };
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
            return Rows { columns: vec!["Name"], rows, ..Rows::default() };
        }
        self.said(node);
        unknown()
    }

    /// A class query that lists names (H8.3). Patterns other than `*` are not known.
    pub(crate) fn listed(
        &mut self,
        class: &str,
        query: &str,
        given: &[String],
        node: Node<'_>,
    ) -> Rows {
        let names = |process: &Self, class: Class, column: &'static str| {
            let all = process.instance.store.all(class);
            let rows = all.map(|(_, held)| vec![product_name(class, held)]).collect();
            Rows { columns: vec![column], rows, ..Rows::default() }
        };
        let stars = |given: &[String]| given.iter().all(|of| of == "*");
        match (class, query, given) {
            ("SYS.Mirror", "MirroredDatabaseList", [_, _]) if stars(given) => {
                self.mirrored_databases()
            }
            ("Config.Databases", "List", [_]) if stars(given) => {
                let databases = &self.instance.store.frame.databases.objects;
                let rows = databases.iter().map(|database| vec![database.name.to_string()]);
                Rows { columns: vec!["Name"], rows: rows.collect(), ..Rows::default() }
            }
            ("Config.Mirrors", "List", [_]) if stars(given) => {
                Rows { columns: vec!["Name"], rows: self.mirrors(), ..Rows::default() }
            }
            ("Config.MapMirrors", "List", [mirror, star]) if star == "*" => {
                let columns = vec!["Name", "GUID", "MemberType"];
                Rows { columns, rows: self.peers(mirror), ..Rows::default() }
            }
            _ => match (Class::named(class), query, given) {
                (Some(of), "List", [namespace, star]) if of.is_mapping() && star == "*" => {
                    let all = self.instance.store.mappings(of, namespace);
                    let rows = all.map(|held| vec![product_name(of, held)]).collect();
                    Rows { columns: vec!["Name"], rows, ..Rows::default() }
                }
                (Some(Class::Roles), "ListAll", [_]) if stars(given) => {
                    names(self, Class::Roles, "Name")
                }
                (Some(Class::Namespaces), "List", [_]) if stars(given) => {
                    names(self, Class::Namespaces, "Namespace")
                }
                (Some(of), "List", [_])
                    if !of.is_mapping() && of != Class::Roles && stars(given) =>
                {
                    names(self, of, "Name")
                }
                _ => self.unknown(node),
            },
        }
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
        Rows { columns: vec!["Name"], rows, ..Rows::default() }
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
