//! Task exports.
//!
//! Owns the reading of `<Tasks><Task>` files (formats 4): the settings of a task are a base64
//! `$LIST`, and a task that runs after another names it by an id of the instance.
//! Invariant: the value of a setting is stored only where the allow-list has it or it was asked for
//! (design 4); an id of the instance never enters the model.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Options;
use super::admission::{add, declared};
use super::list;
use super::sections::Sections;
use super::xml::{self, EXPORT_AGAIN, Element, Fate, Taker};
use crate::error::{Error, Result};
use crate::model::{Content, Record, Task, UNRESOLVED, setting_is_carried};

/// The root element of a task export.
pub(super) const ROOT: &str = "Tasks";

/// Reads one task export.
pub(super) fn read(
    path: &Path,
    file: impl Read,
    options: &Options,
    sections: &mut Sections,
) -> Result<()> {
    let mut reader = Reader { path, options, tasks: Vec::new(), unknown: BTreeMap::new() };
    xml::read(path, file, &mut reader)?;
    let Reader { tasks, unknown, .. } = reader;
    let told = unknown.iter().map(|(child, count)| format!("Task/{child} ({count})"));
    sections.note_unknown(path, told);
    sections.tasks.give();
    if tasks.iter().any(|(_, apart)| apart.contains_key("JobGUID")) {
        sections.unmistakable = true;
    }
    for (mut record, apart) in tasks {
        let text = |name| record.text(name).unwrap_or_default();
        let reference = Task::reference(text("Name"), text("NameSpace"), text("TaskClass"));
        if let Some((_, id)) = apart.get("RunAfterGUID").filter(|(_, id)| !id.is_empty()) {
            // Which task that is may stand in another file.
            sections.run_after.push((reference.clone(), id.to_string()));
            record.state("RunAfter", UNRESOLVED);
        }
        if let Some((_, id)) = apart.get("JobGUID") {
            sections.task_ids.insert(id.to_string(), reference);
        }
        let settings = settings(path, &record, apart.get("Settings"), options)?;
        if let Some(settings) = settings {
            record.state_as("Settings", settings);
        }
        add(path, &record, &mut sections.tasks)?;
    }
    Ok(())
}

struct Reader<'a> {
    path: &'a Path,
    options: &'a Options,
    tasks: Vec<(Record, xml::Apart)>,
    unknown: BTreeMap<String, usize>,
}

impl Taker for Reader<'_> {
    fn is_container(&self, name: &str, inside: &[String]) -> bool {
        inside.is_empty() && name == ROOT
    }

    fn container(&mut self, _: &str, _: &[String]) {}

    fn fate(&self, _: &str, child: &str) -> Fate {
        match child {
            "Settings" => Fate::Apart("Settings"),
            "JobGUID" => Fate::Apart("JobGUID"),
            "RunAfterGUID" => Fate::Apart("RunAfterGUID"),
            _ => declared::<Task>(child, self.options),
        }
    }

    fn take(&mut self, element: Element) -> Result<()> {
        if element.inside.is_empty() || element.name != "Task" {
            let what = "an element that no task export of the product has";
            return Err(Error::malformed(self.path, element.record.line, what, EXPORT_AGAIN));
        }
        self.tasks.push((element.record, element.apart));
        Ok(())
    }

    fn unknown(&mut self, _: &str, child: &str) {
        *self.unknown.entry(child.to_owned()).or_default() += 1;
    }
}

/// Names of the settings, and the values that may be carried, as one record.
fn settings(
    path: &Path,
    record: &Record,
    encoded: Option<&(usize, Zeroizing<String>)>,
    options: &Options,
) -> Result<Option<Content>> {
    let Some((line, encoded)) = encoded.filter(|(_, text)| !text.is_empty()) else {
        return Ok(None);
    };
    let name = record.text("Name").unwrap_or("without a name");
    let malformed = |why: &str| {
        let what =
            format!("the settings of task '{name}' are not a $LIST of names and values: {why}");
        Error::malformed(path, *line, what, EXPORT_AGAIN)
    };
    let folded = Zeroizing::new(encoded.split_whitespace().collect::<String>());
    let bytes = STANDARD.decode(folded.as_bytes()).map_err(|_| malformed("it is not base64"))?;
    let bytes = Zeroizing::new(bytes);
    let items = list::decode(&bytes).map_err(|cause| malformed(cause.reason))?;
    let pairs = list::pairs(items).ok_or_else(|| malformed("a name has no value"))?;
    let class = record.text("TaskClass").unwrap_or_default();
    let mut settings = Record::new(record.line);
    for (setting, value) in pairs {
        let value = Zeroizing::new(value.unwrap_or_default());
        let content = if options.task_settings || setting_is_carried(class, &setting) {
            Content::Text(value.to_string())
        } else {
            Content::Items(Vec::new())
        };
        settings.state_as(&setting, content);
    }
    Ok(Some(Content::Records(vec![settings])))
}
