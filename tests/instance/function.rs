//! The functions of the language.
//!
//! Owns every `$function` of the subset, among them those that look at variables, at data of another
//! directory (`^|"^^dir"|Name`) and at the names in it (`^$|"^^dir"|GLOBAL`).
//! Invariant: a function that is not known, or has more arguments than are known, panics.

use super::syntax::{Node, first, named, parts};
use hsmirror::model::{Day, Value as _};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::place::{self, Subscript};
use super::script::{Process, Thing};
use super::value::{Outcome, Value, error};

impl Process<'_> {
    /// A call of a function that is no method.
    pub(crate) fn function(&mut self, node: Node<'_>) -> Outcome<Value> {
        let name = self.said(node).split('(').next().unwrap().trim().to_ascii_lowercase();
        let places = self.argument_nodes(&parts(node));
        match name.as_str() {
            "$data" | "$d" | "$get" | "$g" | "$order" | "$o" => {
                return self.of_variable(&name, node, &places);
            }
            "$select" | "$s" => {
                for pair in places.into_iter().flatten() {
                    let [condition, value] = named(pair)[..] else { self.unknown(node) };
                    if self.value(condition)?.truth() {
                        return self.value(value);
                    }
                }
                return error("<SELECT>");
            }
            _ => {}
        }
        let mut given = Vec::new();
        for place in places {
            given.push(match place {
                Some(place) => {
                    let Some(inner) = first(place, "expression") else { self.unknown(node) };
                    Some(self.value(inner)?)
                }
                None => None,
            });
        }
        if matches!(name.as_str(), "$listbuild" | "$lb") {
            return Ok(Value::List(given.iter().map(|of| of.as_ref().map(Value::text)).collect()));
        }
        let Some(given) = given.into_iter().collect::<Option<Vec<Value>>>() else {
            self.unknown(node)
        };
        match self.of_values(&name, &given)? {
            Some(value) => Ok(value),
            None => self.unknown(node),
        }
    }

    fn of_values(&self, name: &str, given: &[Value]) -> Outcome<Option<Value>> {
        let texts: Vec<String> = given.iter().map(Value::text).collect();
        let place = |at: usize| given.get(at).map(|of| of.number() as i64);
        Ok(Some(match (name, given) {
            ("$char" | "$c", _) => {
                // A character has 16 bits; one beyond them is a pair.
                let units: Vec<u16> = given.iter().map(|of| of.number() as u16).collect();
                Value::Text(String::from_utf16(&units).unwrap())
            }
            ("$piece" | "$p", [_, mark, ..]) if given.len() <= 4 && !mark.text().is_empty() => {
                let pieces: Vec<&str> = texts[0].split(&texts[1]).collect();
                let from = place(2).unwrap_or(1);
                let range = pieces_of(pieces.len(), from, place(3).unwrap_or(from));
                Value::Text(pieces[range].join(&texts[1]))
            }
            ("$length" | "$l", [_]) => Value::count(texts[0].encode_utf16().count()),
            ("$length" | "$l", [_, _]) => Value::count(texts[0].split(&texts[1]).count()),
            ("$extract" | "$e", [_, ..]) if given.len() <= 3 => {
                let letters: Vec<char> = texts[0].chars().collect();
                let from = place(1).unwrap_or(1);
                let range = pieces_of(letters.len(), from, place(2).unwrap_or(from));
                Value::Text(letters[range].iter().collect())
            }
            ("$zconvert" | "$zcvt", [_, _]) => match texts[1].to_ascii_uppercase().as_str() {
                "L" => Value::Text(texts[0].to_lowercase()),
                "U" => Value::Text(texts[0].to_uppercase()),
                _ => return Ok(None),
            },
            ("$listfromstring" | "$lfs", [_] | [_, _]) => {
                let mark = texts.get(1).map_or(",", String::as_str);
                match texts[0].as_str() {
                    "" => Value::List(vec![Some(String::new())]),
                    text => Value::List(text.split(mark).map(|of| Some(of.to_owned())).collect()),
                }
            }
            ("$listtostring" | "$lts", [list] | [list, _]) => {
                let items: Option<Vec<String>> = list.items()?.into_iter().collect();
                let Some(items) = items else { return error("<NULL VALUE>") };
                Value::Text(items.join(texts.get(1).map_or(",", String::as_str)))
            }
            ("$listfind" | "$lf", [list, _]) => {
                let at = list.items()?.iter().position(|item| item.as_ref() == Some(&texts[1]));
                Value::count(at.map_or(0, |at| at + 1))
            }
            ("$listlength" | "$ll", [list]) => Value::count(list.items()?.len()),
            ("$listvalid" | "$lv", [list]) => Value::flag(list.items().is_ok()),
            ("$list" | "$li", [list] | [list, _]) => {
                let items = list.items()?;
                let at = usize::try_from(place(1).unwrap_or(1)).unwrap_or_default();
                match items.get(at.wrapping_sub(1)) {
                    Some(Some(item)) => Value::of(item),
                    _ => return error("<NULL VALUE>"),
                }
            }
            ("$listget" | "$lg", [list] | [list, _] | [list, _, _]) => {
                let items = list.items()?;
                let at = usize::try_from(place(1).unwrap_or(1)).unwrap_or_default();
                let otherwise = || given.get(2).cloned().unwrap_or_else(Value::empty);
                match items.get(at.wrapping_sub(1)) {
                    Some(Some(item)) => Value::of(item),
                    _ => otherwise(),
                }
            }
            ("$find" | "$f", [_, _]) => match texts[0].find(&texts[1]) {
                Some(at) => {
                    let end = at + texts[1].len();
                    Value::count(texts[0][..end].chars().count() + 1)
                }
                None => Value::of("0"),
            },
            ("$translate" | "$tr", [_, _] | [_, _, _]) => {
                let to: Vec<char> = texts.get(2).map(|to| to.chars().collect()).unwrap_or_default();
                let change = |letter: char| match texts[1].chars().position(|of| of == letter) {
                    Some(at) => to.get(at).copied(),
                    None => Some(letter),
                };
                Value::Text(texts[0].chars().filter_map(change).collect())
            }
            ("$replace", [_, _, _]) => Value::Text(texts[0].replace(&texts[1], &texts[2])),
            ("$ascii" | "$a", [_]) => match texts[0].chars().next() {
                Some(letter) => Value::count(letter as usize),
                None => Value::of("-1"),
            },
            ("$zdateh" | "$zdh", [_, format]) if format.text() == "3" => {
                match day_number(&texts[0]) {
                    Some(day) => Value::Text(day.to_string()),
                    None => return error("<ILLEGAL VALUE>"),
                }
            }
            ("$zdate" | "$zd", [day, format]) if format.text() == "3" => {
                Value::Text(day_text(day.number() as i64))
            }
            ("$ztimeh" | "$zth", [_] | [_, _]) => match seconds(&texts[0]) {
                Some(seconds) => Value::Text(seconds.to_string()),
                None => return error("<ILLEGAL VALUE>"),
            },
            ("$ztime" | "$zt", [time] | [time, _]) => Value::Text(time_text(time.number() as i64)),
            ("$isobject", [Value::Object(at)]) => {
                Value::flag(self.things.get(*at).is_some_and(|of| !matches!(of, Thing::Free)))
            }
            ("$isobject", [_]) => Value::flag(false),
            ("$justify", [_, width]) => {
                let width = width.number() as usize;
                Value::Text(format!("{:>width$}", texts[0]))
            }
            ("$zstrip", [_, what]) if what.text().eq_ignore_ascii_case("<>W") => {
                Value::of(texts[0].trim())
            }
            ("$random", [most]) => {
                let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
                Value::Text((i64::from(since) % most.number().max(1.0) as i64).to_string())
            }
            ("$zdate" | "$zd", [day, format]) if format.text() == "8" => {
                Value::Text(day_text(day.number() as i64).replace('-', ""))
            }
            _ => return Ok(None),
        }))
    }

    /// `$DATA`, `$GET` and `$ORDER` look at a variable, not at its value.
    fn of_variable(
        &mut self,
        name: &str,
        node: Node<'_>,
        places: &[Option<Node<'_>>],
    ) -> Outcome<Value> {
        let inner = places.first().copied().flatten().and_then(|of| first(of, "expression"));
        let [variable] = inner.map(named).unwrap_or_default()[..] else { self.unknown(node) };
        let second = match places.get(1).copied().flatten() {
            Some(place) => Some(self.value(first(place, "expression").unwrap())?),
            None => None,
        };
        if variable.kind() == "lvn" {
            return self.of_local(name, node, variable, places.len(), second);
        }
        let (nodes, subscripts) = self.nodes_of(variable)?;
        let short = &name[..2];
        if places.len() > 2 || short == "$d" && second.is_some() {
            self.unknown(node);
        }
        match short {
            "$d" => {
                let own = nodes.contains(&subscripts);
                let below = nodes
                    .iter()
                    .any(|of| of.len() > subscripts.len() && of.starts_with(&subscripts));
                Ok(Value::count(usize::from(own) + 10 * usize::from(below)))
            }
            "$g" => {
                let _ = second;
                self.unknown(node)
            }
            _ => {
                let back = match second.map(|value| value.text()).as_deref() {
                    None | Some("1") => false,
                    Some("-1") => true,
                    _ => self.unknown(node),
                };
                let Some((last, level)) = subscripts.split_last() else { self.unknown(node) };
                let next: BTreeSet<&Subscript> = nodes
                    .iter()
                    .filter(|of| of.len() >= subscripts.len() && of.starts_with(level))
                    .map(|of| &of[level.len()])
                    .collect();
                let from_end = *last == Subscript::Text(String::new());
                let found = match back {
                    false => next.into_iter().find(|of| from_end || *of > last),
                    true => next.into_iter().rev().find(|of| from_end || *of < last),
                };
                Ok(found.map_or_else(Value::empty, Value::from))
            }
        }
    }

    /// The same of a local variable, which may be large.
    fn of_local(
        &mut self,
        name: &str,
        node: Node<'_>,
        variable: Node<'_>,
        places: usize,
        second: Option<Value>,
    ) -> Outcome<Value> {
        let (of, subscripts) = self.local(variable)?;
        let short = &name[..2];
        if places > 2 || short == "$d" && second.is_some() {
            self.unknown(node);
        }
        let empty = BTreeMap::new();
        let nodes = self.locals.get(&of).unwrap_or(&empty);
        let after = |begin: &Vec<Subscript>| (Bound::Excluded(begin.clone()), Bound::Unbounded);
        match short {
            "$d" => {
                let own = nodes.contains_key(&subscripts);
                let next = nodes.range(after(&subscripts)).next();
                let below = next.is_some_and(|(at, _)| at.starts_with(&subscripts));
                Ok(Value::count(usize::from(own) + 10 * usize::from(below)))
            }
            "$g" => {
                let found = nodes.get(&subscripts).cloned();
                Ok(found.or(second).unwrap_or_else(Value::empty))
            }
            _ => {
                let back = match second.map(|value| value.text()).as_deref() {
                    None | Some("1") => false,
                    Some("-1") => true,
                    _ => self.unknown(node),
                };
                let Some((last, level)) = subscripts.split_last() else { self.unknown(node) };
                let from_end = *last == Subscript::Text(String::new());
                let within = |at: &&Vec<Subscript>| at.len() > level.len() && at.starts_with(level);
                let found = match (back, from_end) {
                    (false, true) => nodes
                        .range(after(&level.to_vec()))
                        .map(|(at, _)| at)
                        .find(within)
                        .map(|at| at[level.len()].clone()),
                    (false, false) => nodes
                        .range(after(&subscripts))
                        .map(|(at, _)| at)
                        .take_while(within)
                        .map(|at| &at[level.len()])
                        .find(|of| *of > last)
                        .cloned(),
                    (true, _) => nodes
                        .keys()
                        .rev()
                        .filter(within)
                        .map(|at| &at[level.len()])
                        .find(|of| from_end || *of < last)
                        .cloned(),
                };
                Ok(found.as_ref().map_or_else(Value::empty, Value::from))
            }
        }
    }

    /// All nodes of a variable, and the one that is meant.
    fn nodes_of(&mut self, node: Node<'_>) -> Outcome<(BTreeSet<Vec<Subscript>>, Vec<Subscript>)> {
        let Some(folder) = first(node, "expression") else { self.unknown(node) };
        let folder = self.value(folder)?.text();
        let subscripts = self.subscripts(first(node, "method_args"))?;
        let Some(database) = place::at(&self.instance.store, &folder) else {
            return error(format!("<DIRECTORY>*{folder}"));
        };
        let globals = &self.instance.contents.globals;
        let globals = globals.iter().filter(|(of, ..)| *of == database);
        let nodes = match node.kind() {
            "gvn" => {
                let name =
                    self.said(first(node, "identifier").unwrap_or_else(|| self.unknown(node)));
                globals.filter(|(_, of, _)| of == name).map(|(.., at)| at.clone()).collect()
            }
            "ssvn" => {
                let word = first(node, "objectscript_identifier").map(|of| self.said(of));
                if !word.is_some_and(|word| ["GLOBAL", "G"].contains(&&*word.to_ascii_uppercase()))
                {
                    self.unknown(node);
                }
                globals.map(|(_, of, _)| vec![Subscript::Text(format!("^{of}"))]).collect()
            }
            _ => self.unknown(node),
        };
        Ok((nodes, subscripts))
    }

    /// An exception's text.
    pub(crate) fn exception(&self, object: &Value) -> Option<&str> {
        let Value::Object(at) = object else { return None };
        match self.things.get(*at)? {
            Thing::Exception(text) => Some(text),
            _ => None,
        }
    }
}

/// The places `from` to `to`, counted from 1, of so many; -1 is the last one.
fn pieces_of(count: usize, from: i64, to: i64) -> std::ops::Range<usize> {
    let end = if to < 0 { count as i64 + 1 + to } else { to };
    let start = (from.max(1) - 1).min(count as i64);
    start as usize..end.clamp(start, count as i64) as usize
}

/// Day 0 of the product is 1840-12-31, a Julian day number of its own.
const DAY_ZERO: i32 = 2_393_471;

fn day_number(text: &str) -> Option<i32> {
    let day = Day::from_content(&hsmirror::model::Content::Text(text.to_owned())).ok()?;
    let day = day.spelled();
    let mut numbers = day.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let before = (14 - month) / 12;
    let (y, m) = (year + 4800 - before, month + 12 * before - 3);
    Some(day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32_045 - DAY_ZERO)
}

/// The ODBC form of a day of the product.
pub(crate) fn day_text(day: i64) -> String {
    if day == 0 {
        return String::new();
    }
    Day::from_content(&hsmirror::model::Content::Text(day.to_string())).unwrap().spelled()
}

/// A day of the product for its ODBC form.
pub(crate) fn day_of(text: &str) -> String {
    day_number(text).map(|day| day.to_string()).unwrap_or_default()
}

/// Seconds after midnight of `HH:MM:SS`.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let parts: Option<Vec<u32>> = text.split(':').map(|part| part.parse().ok()).collect();
    match parts?[..] {
        [hour, minute] if hour < 24 && minute < 60 => Some(hour * 3600 + minute * 60),
        [hour, minute, second] if hour < 24 && minute < 60 && second < 60 => {
            Some(hour * 3600 + minute * 60 + second)
        }
        _ => None,
    }
}

/// `HH:MM:SS` of seconds after midnight.
pub(crate) fn time_text(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
