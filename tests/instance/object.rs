//! Methods and properties of objects: tasks, statements, their rows, exceptions (H5.1, H8.3).
//!
//! Owns the calls `object.Method()` and `object.Property`, and setting the latter.
//! Invariant: what an object does not have panics.

use super::syntax::Node;

use super::Refusal;
use super::expression::Argument;
use super::query::Rows;
use super::script::{Process, Thing};
use super::value::{Outcome, Value, error};

impl Process<'_> {
    /// `object.Method(...)`.
    pub(crate) fn method(
        &mut self,
        object: &Value,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let Value::Object(at) = *object else { return error("<INVALID OREF>") };
        let values: Vec<String> = (0..given.len()).map(|at| self.text(given, at)).collect();
        if let Some(answer) = self.dynamic_method(at, method, given, node) {
            return answer;
        }
        if let Some(answer) = self.collection(at, method, &values) {
            return Ok(answer);
        }
        if let Some(answer) = self.file_method(at, method, &values, node) {
            return Ok(answer);
        }
        match (&mut self.things[at], method, given.len()) {
            (Thing::Task(_), "%Save", 0) => Ok(self.save_task(at, node)),
            (Thing::Task(task), "%Id", 0) => {
                Ok(task.id.map_or_else(Value::empty, |id| Value::count(id as usize)))
            }
            (Thing::Statement(query), "%PrepareClassQuery", 2 | 3) => {
                *query = Some((values[0].clone(), values[1].clone()));
                let refused = &self.instance.refused;
                let named = format!("{}:{}", values[0], values[1]);
                match refused.get(&values[0]).or_else(|| refused.get(&named)) {
                    Some(Refusal::Protect) => error("<PROTECT>"),
                    Some(Refusal::AccessDenied) => Ok(Value::of("0 ERROR #822: Access Denied")),
                    Some(Refusal::DoesNotExist) => {
                        let class = &values[0];
                        Ok(Value::Text(format!("0 ERROR #5351: Class '{class}' does not exist")))
                    }
                    None => Ok(Value::of("1")),
                }
            }
            (Thing::Statement(Some((class, query))), "%Execute", _)
                if class == "%Library.Routine" && query == "RoutineList" =>
            {
                let rows = self.routines(&values, node);
                Ok(self.thing(Thing::Rows(rows)))
            }
            (Thing::Statement(Some((class, query))), "%Execute", _) => {
                let (class, query) = (class.clone(), query.clone());
                let rows = self.listed(&class, &query, &values, node);
                Ok(self.thing(Thing::Rows(rows)))
            }
            (Thing::ResultSet(class, query, _), "Execute", _) => {
                let (class, query) = (class.clone(), query.clone());
                let rows = self.listed(&class, &query, &values, node);
                self.things[at] = Thing::ResultSet(class, query, rows);
                Ok(Value::of("1"))
            }
            (Thing::ResultSet(_, _, rows), "Next", 0) => {
                rows.taken += 1;
                Ok(Value::flag(rows.taken <= rows.rows.len()))
            }
            (Thing::ResultSet(_, _, rows), "Get", 1) => {
                let column = rows.columns.iter().position(|column| *column == values[0]);
                let Some(column) = column else { return error("<PROPERTY DOES NOT EXIST>") };
                Ok(Value::of(&cell(rows, column)))
            }
            (Thing::Iterator(..), "%GetNext", 2) => Ok(self.next(at, given, node)),
            (Thing::Rows(rows), "%Next", 0) => {
                rows.taken += 1;
                Ok(Value::flag(rows.taken <= rows.rows.len()))
            }
            (Thing::Rows(rows), "%Get", 1) => {
                let column = rows.columns.iter().position(|column| *column == values[0]);
                let Some(column) = column else { return error("<PROPERTY DOES NOT EXIST>") };
                Ok(Value::of(&cell(rows, column)))
            }
            (Thing::Rows(rows), "%GetData", 1) if values[0] == "1" => Ok(Value::of(&cell(rows, 0))),
            (Thing::Exception(text), "DisplayString", 0) => Ok(Value::of(text)),
            (Thing::Exception(text), "AsStatus", 0) => Ok(Value::status(Err(text.clone()))),
            _ => self.unknown(node),
        }
    }

    /// `object.Property`.
    pub(crate) fn property(
        &mut self,
        object: &Value,
        name: &str,
        node: Node<'_>,
    ) -> Outcome<Value> {
        let Value::Object(at) = *object else { return error("<INVALID OREF>") };
        if matches!(self.things[at], Thing::Task(_))
            && let Some(collection) = self.addresses_of(at, name)
        {
            return Ok(collection);
        }
        match (&self.things[at], name) {
            (Thing::Task(_), _) => self.task_property(at, name, node),
            (Thing::Rows(rows), "%SQLCODE") if rows.fault.is_some() => Ok(Value::of("-99")),
            (Thing::Rows(rows), "%SQLCODE") => {
                Ok(Value::of(if rows.taken > rows.rows.len() { "100" } else { "0" }))
            }
            (Thing::Rows(rows), "%ROWCOUNT") => Ok(Value::count(rows.taken.min(rows.rows.len()))),
            (Thing::Rows(rows), "%Message") => {
                Ok(Value::of(rows.fault.as_deref().unwrap_or_default()))
            }
            (Thing::Locale(name), "Name") => Ok(Value::of(name)),
            (Thing::Database(shown), _) => match shown.property(name) {
                Some(value) => Ok(value),
                None => self.unknown(node),
            },
            (Thing::Exception(text), "Name") => Ok(Value::of(text)),
            _ => self.unknown(node),
        }
    }

    /// `set object.Property=value`.
    pub(crate) fn set_property(
        &mut self,
        object: &Value,
        name: &str,
        value: &Value,
        node: Node<'_>,
    ) -> Outcome<()> {
        let Value::Object(at) = *object else { return error("<INVALID OREF>") };
        self.set_task_property(at, name, value, node)
    }
}

/// A column of the row that was taken last.
fn cell(rows: &Rows, column: usize) -> String {
    let row = rows.taken.checked_sub(1).and_then(|at| rows.rows.get(at));
    row.map(|row| row[column].clone()).unwrap_or_default()
}
