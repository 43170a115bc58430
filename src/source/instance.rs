//! What a CPF says about an instance: namespaces, databases, mappings, mirror membership.
//!
//! Owns the meaning of the CPF lines that count (formats 1.2 to 1.6, H2.2): each becomes a record
//! that the object's declaration reads. Sections that belong to the machine alone (memory, ports,
//! devices) are passed over.
//! Invariant: a line of a section that counts and cannot be read is an error with its number, never
//! a missing object; the same name twice with two values is an error too.

use std::collections::BTreeMap;
use std::path::Path;

use super::cpf::{Cpf, Line, Section};
use super::sections::Sections;
use super::security::add;
use crate::error::{Error, Result};
use crate::model::{Content, Declared, Mapping, MappingKind, Member, Name, ROUTINE_TYPES, Record};

const CHECK_LINE: &str = "Look at the line on the instance, or copy iris.cpf again.";

/// Reads a whole CPF.
pub(super) fn read(path: &Path, text: &str, sections: &mut Sections) -> Result<()> {
    let cpf = Cpf::parse(path, text)?;
    databases(path, &cpf, sections)?;
    namespaces(path, &cpf, sections)?;
    mappings(path, &cpf, sections)?;
    sections.databases.give_all();
    sections.namespaces.give_all();
    sections.mappings.give_all();
    sections.member = Some(member(path, &cpf)?);
    Ok(())
}

/// Lines of a section that counts: each must be readable, and no key may say two things.
fn lines<'c, 'a>(path: &Path, section: &'c Section<'a>, fold: bool) -> Result<Vec<&'c Line<'a>>> {
    if let Some(number) = section.broken.first() {
        let what = format!("the line in [{}] is not NAME=VALUE", section.name);
        return Err(Error::malformed(path, *number, what, CHECK_LINE));
    }
    let mut seen: BTreeMap<String, &Line<'_>> = BTreeMap::new();
    let mut lines = Vec::with_capacity(section.lines.len());
    for line in &section.lines {
        let key = if fold { line.key.to_lowercase() } else { line.key.to_owned() };
        match seen.insert(key, line) {
            Some(first) if first.value != line.value => {
                let what = format!(
                    "'{}' in [{}] was given another value in line {}",
                    line.key, section.name, first.number
                );
                return Err(Error::malformed(path, line.number, what, CHECK_LINE));
            }
            Some(_) => {}
            None => lines.push(line),
        }
    }
    Ok(lines)
}

/// `NAME=directory[,server[,mountRequired[,x,x,streamDirectory]]]` (H2.2).
fn databases(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in cpf.named("Databases") {
        for line in lines(path, section, true)? {
            let field = |at: usize| line.value.split(',').nth(at).unwrap_or_default().trim();
            let mut record = Record::new(line.number);
            record.state("Name", line.key);
            let directory = match (field(0).starts_with(':'), field(1).is_empty()) {
                (true, _) => "Remote",
                (false, true) => "Directory",
                (false, false) => "RemoteDirectory",
            };
            record.state(directory, field(0));
            record.state("Server", field(1));
            record.state("MountRequired", field(2));
            record.state("StreamLocation", field(5));
            add(path, &record, &mut sections.databases)?;
        }
    }
    Ok(())
}

/// `NAME=globals[,routines[,temporary]]` (H2.2).
fn namespaces(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in cpf.named("Namespaces") {
        for line in lines(path, section, true)? {
            let field = |at: usize| line.value.split(',').nth(at).unwrap_or_default().trim();
            let mut record = Record::new(line.number);
            record.state("Name", line.key);
            record.state("Globals", field(0));
            record.state("Routines", field(1));
            record.state("TempGlobals", field(2));
            add(path, &record, &mut sections.namespaces)?;
        }
    }
    Ok(())
}

/// Beginning of the name of a section with mappings.
const MAP: &str = "map.";

fn mappings(path: &Path, cpf: &Cpf<'_>, sections: &mut Sections) -> Result<()> {
    for section in &cpf.sections {
        let Some(namespace) = strip_folded(section.name, MAP) else {
            continue;
        };
        for line in lines(path, section, false)? {
            let Some(record) = mapping(namespace, line) else {
                let what = format!(
                    "the line in [{}] is no mapping of a global, routine or package",
                    section.name
                );
                return Err(Error::malformed(path, line.number, what, CHECK_LINE));
            };
            let mapping = Mapping::from_record(&record).map_err(|cause| {
                let what =
                    format!("in [{}], {} is not {}", section.name, cause.field, cause.expected);
                Error::malformed(path, line.number, what, CHECK_LINE)
            })?;
            sections.mappings.take(mapping, line.number);
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
    let field = |at: usize| line.value.split(',').nth(at).unwrap_or_default().trim();
    let mut record = Record::new(line.number);
    record.state("Namespace", namespace);
    record.state("Kind", kind.word());
    record.state("Name", name);
    record.state("RoutineType", routine_type);
    record.state("Database", field(0));
    record.state("Collation", field(1));
    record.state("LockDatabase", field(2));
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

fn strip_folded<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| name.get(prefix.len()..).unwrap_or_default())
}

/// Who the instance is, as far as a CPF tells (formats 1.6).
fn member(path: &Path, cpf: &Cpf<'_>) -> Result<Member> {
    let own = |key: &str| cpf.value("MirrorMember", key).unwrap_or_default();
    let mut record = Record::new(1);
    let system_name = own("SystemName");
    record.state("[MirrorMember] SystemName", system_name);
    record.state("[MirrorMember] JoinMirror", own("JoinMirror"));
    // Caché files name no product.
    let product = cpf.value("ConfigFile", "Product").unwrap_or("Cache");
    record.state("[ConfigFile] Product", product);
    record.state("[ConfigFile] Version", cpf.value("ConfigFile", "Version").unwrap_or_default());
    record.state("[config] overview", cpf.value("config", "overview").unwrap_or_default());
    record.state(
        "[Startup] DBSizesAllowed",
        cpf.value("Startup", "DBSizesAllowed").unwrap_or_default(),
    );

    let mut mirrors = Vec::new();
    for section in cpf.named("Mirrors") {
        for line in lines(path, section, true)? {
            let field = |at: usize| line.value.split(',').nth(at).unwrap_or_default().trim();
            let mut mirror = Record::new(line.number);
            mirror.state("Name", line.key);
            mirror.state("GUID", field(0));
            mirror.state("QoS", field(4));
            mirror.state("UseSSL", field(6));
            mirror.state("VirtualAddress", field(7));
            mirror.state("Arbiter", field(9));
            mirrors.push(mirror);
        }
    }
    let mut peers = Vec::new();
    let mut guid = own("AsyncMemberGUID");
    for section in &cpf.sections {
        let Some(mirror) = strip_folded(section.name, "mapmirrors.") else {
            continue;
        };
        for line in lines(path, section, true)? {
            let field = |at: usize| line.value.split(',').nth(at).unwrap_or_default().trim();
            let mut peer = Record::new(line.number);
            peer.state("Mirror", mirror);
            peer.state("Name", line.key);
            peer.state("GUID", field(4));
            peer.state("Type", field(6));
            peers.push(peer);
            if Name::from(line.key).is(system_name) {
                guid = field(4);
            }
        }
    }
    record.state("[MapMirrors.MIRROR] field 5", guid);
    record.state_as("[Mirrors]", Content::Records(mirrors));
    record.state_as("[MapMirrors.MIRROR]", Content::Records(peers));
    Member::from_record(&record).map_err(|cause| {
        let what = format!("{} is not {}", cause.field, cause.expected);
        Error::malformed(path, 1, what, CHECK_LINE)
    })
}
