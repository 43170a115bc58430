//! What a CPF says about who an instance is: versions, and its place in a mirror.
//!
//! Owns the meaning of `[ConfigFile]`, `[MirrorMember]`, `[Mirrors]`, `[MapMirrors.MIRROR]` and of the
//! lines of `[Startup]`, `[Journal]` and `[config]` that say what a member can hold, how long it keeps
//! journals and what it runs on (formats 1.2, 1.6). It fills the record that section member is declared with.
//! Invariant: every complaint names the line it is about.

use std::path::Path;

use super::cpf::{CHECK_LINE, Cpf};
use crate::error::{Error, Result};
use crate::model::{Content, Declared, Member, Name, Record};

/// Where the properties of a single line stand: section and key.
const SINGLE: &[(&str, &str)] = &[
    ("ConfigFile", "Product"),
    ("ConfigFile", "Version"),
    ("MirrorMember", "JoinMirror"),
    ("MirrorMember", "SystemName"),
    ("Startup", "DBSizesAllowed"),
    ("Journal", "DaysBeforePurge"),
    ("Journal", "BackupsBeforePurge"),
    ("config", "overview"),
];

/// What the product is taken for where a file names none: only Caché files name none.
const CACHE: &str = "Cache";

/// Who the instance is, as far as a CPF tells.
pub(super) fn read(path: &Path, cpf: &Cpf<'_>) -> Result<Member> {
    // Lines that cannot be read are an error in the sections that count.
    for section in cpf.named("ConfigFile").chain(cpf.named("MirrorMember")) {
        section.checked(path, true)?;
    }
    let mut record = Record::new(1);
    for (section, key) in SINGLE {
        if let Some(line) = cpf.line(section, key) {
            record.line = line.number;
            record.state(&format!("[{section}] {key}"), line.value);
        }
    }
    if cpf.line("ConfigFile", "Product").is_none() {
        record.state("[ConfigFile] Product", CACHE);
    }
    let system_name = cpf.line("MirrorMember", "SystemName").map_or("", |line| line.value);
    let mut guid = cpf.line("MirrorMember", "AsyncMemberGUID").map_or("", |line| line.value);

    let mut mirrors = Vec::new();
    for section in cpf.named("Mirrors") {
        for line in section.checked(path, true)? {
            let mut mirror = Record::new(line.number);
            mirror.state("Name", line.key);
            mirror.state_even_empty("GUID", line.field(0));
            mirror.state_even_empty("QoS", line.field(4));
            mirror.state_even_empty("UseSSL", line.field(6));
            mirror.state_even_empty("VirtualAddress", line.field(7));
            mirror.state_even_empty("Arbiter", line.field(9));
            mirrors.push(mirror);
        }
    }
    let mut peers = Vec::new();
    for section in &cpf.sections {
        let Some(mirror) = section.suffix("mapmirrors.") else {
            continue;
        };
        for line in section.checked(path, true)? {
            let mut peer = Record::new(line.number);
            peer.state("Mirror", mirror);
            peer.state("Name", line.key);
            peer.state_even_empty("GUID", line.field(4));
            peer.state_even_empty("Type", line.field(6));
            peers.push(peer);
            // The own line among them tells the own GUID.
            if Name::from(line.key).is(system_name) {
                guid = line.field(4);
            }
        }
    }
    record.state("[MapMirrors.MIRROR] field 5", guid);
    record.state_as("[Mirrors]", Content::Records(mirrors));
    record.state_as("[MapMirrors.MIRROR]", Content::Records(peers));
    Member::from_record(&record).map_err(|cause| {
        let what = format!("{} is not {}", cause.field, cause.expected);
        Error::malformed(path, cause.line, what, CHECK_LINE)
    })
}
