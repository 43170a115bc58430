//! What a CPF says an instance has: namespaces, databases, mappings.
//!
//! Owns the meaning of the CPF lines that count (formats 1.2 to 1.6, H2.2): each becomes a record
//! that the object's declaration reads. Sections that belong to the machine alone (memory, ports,
//! devices) are passed over.
//! Invariant: a line of a section that counts and cannot be read is an error with its number, never
//! a missing object; the same name twice with two values is an error too.

use std::path::Path;

use super::admission::add;
use super::cpf::{CHECK_LINE, Cpf, Line};
use super::sections::Sections;
use crate::error::{Error, Result};
use crate::model::{MappingKind, ROUTINE_TYPES, Record};

/// Reads what a CPF says the instance has.
pub(super) fn read(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    databases(path, cpf, sections)?;
    namespaces(path, cpf, sections)?;
    mappings(path, cpf, sections)?;
    sections.databases.give_all();
    sections.namespaces.give_all();
    sections.mappings.give_all();
    Ok(())
}

/// `NAME=directory[,server[,mountRequired[,x,x,streamDirectory]]]` (H2.2).
fn databases(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in cpf.named("Databases") {
        for line in section.checked(path, true)? {
            let mut record = Record::new(line.number);
            record.state("Name", line.key);
            let directory = match (line.field(0).starts_with(':'), line.field(1).is_empty()) {
                (true, _) => "Remote",
                (false, true) => "Directory",
                (false, false) => "RemoteDirectory",
            };
            record.state(directory, line.field(0));
            record.state("Server", line.field(1));
            record.state("MountRequired", line.field(2));
            record.state("StreamLocation", line.field(5));
            add(path, &record, &mut sections.databases)?;
        }
    }
    Ok(())
}

/// `NAME=globals[,routines[,temporary]]` (H2.2).
fn namespaces(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in cpf.named("Namespaces") {
        for line in section.checked(path, true)? {
            let mut record = Record::new(line.number);
            record.state("Name", line.key);
            record.state("Globals", line.field(0));
            record.state("Routines", line.field(1));
            record.state("TempGlobals", line.field(2));
            add(path, &record, &mut sections.namespaces)?;
        }
    }
    Ok(())
}

/// Beginning of the name of a section with mappings.
const MAP: &str = "map.";

fn mappings(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in &cpf.sections {
        let Some(namespace) = section.suffix(MAP) else {
            continue;
        };
        if namespace.trim().is_empty() {
            let what = format!("[{}] names no namespace", section.name);
            return Err(Error::malformed(path, section.number, what, CHECK_LINE));
        }
        for line in section.checked(path, false)? {
            let Some(record) = mapping(namespace, line) else {
                let what = format!(
                    "the line in [{}] is no mapping of a global, routine or package",
                    section.name
                );
                return Err(Error::malformed(path, line.number, what, CHECK_LINE));
            };
            add(path, &record, &mut sections.mappings)?;
        }
    }
    Ok(())
}

/// `Global_NAME[(subscripts)]=DB[,collation[,lockDB]]`, `Routine_NAME[_TYPE]=DB`, `Package_NAME=DB`.
fn mapping(namespace: &str, line: &Line<'_>) -> Option<Record> {
    let (kind, name) = MappingKind::ALL.into_iter().find_map(|kind| {
        let rest = line.key.strip_prefix(kind.word())?.strip_prefix('_')?;
        Some((kind, rest))
    })?;
    let (name, routine_type) = match kind {
        MappingKind::Routine => split_type(name),
        MappingKind::Global | MappingKind::Package => (name, ""),
    };
    let balanced = name.matches('"').count() % 2 == 0;
    if name.is_empty() || line.value.is_empty() || !balanced {
        return None;
    }
    let mut record = Record::new(line.number);
    record.state("Namespace", namespace);
    record.state("Kind", kind.word());
    record.state("Name", name);
    record.state("RoutineType", routine_type);
    record.state("Database", line.field(0));
    record.state("Collation", line.field(1));
    record.state("LockDatabase", line.field(2));
    Some(record)
}

/// A routine name has no `_` of its own, so one before a known type at the end is the type's
/// (formats 1.5).
fn split_type(name: &str) -> (&str, &str) {
    match name.rsplit_once('_') {
        Some((name, routine_type)) if ROUTINE_TYPES.contains(&routine_type) => (name, routine_type),
        _ => (name, ""),
    }
}
