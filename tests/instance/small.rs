//! A small member for the tests of the stand-in.
//!
//! Owns the configuration, all sections of which are complete, and what a script prints on it.
//! Invariant: every name in it is one that the product takes.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;

use hsmirror::model::{Configuration, Section};
use hsmirror::source::{self, Options};
use serde_json::{Value, json};

use super::instance::{Instance, Session};

pub(crate) const EVERYTHING: Options =
    Options { personal_data: true, task_settings: true, now: None };

pub(crate) const SECTIONS: [Section; 10] = [
    Section::Namespaces,
    Section::Databases,
    Section::Mappings,
    Section::Roles,
    Section::Resources,
    Section::Applications,
    Section::Tasks,
    Section::Users,
    Section::Services,
    Section::Tls,
];

pub(crate) fn document(sections: &Value) -> Configuration {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, sections.to_string()).unwrap();
    source::gather(&path, &EVERYTHING).unwrap().configuration
}

/// A small member, all of it known.
pub(crate) fn small() -> Instance {
    let coverage = SECTIONS.map(|of| json!({ "section": of.name(), "extent": "complete" }));
    let database = |name: &str| json!({ "name": name, "directory": format!("/db/{name}/") });
    Instance::of(&document(&json!({
        "formatVersion": "1.0",
        "coverage": coverage,
        "databases": [database("IRISSYS"), database("IRISLIB"), database("DATA"), database("CODE"),
            database("OTHER")],
        "namespaces": [{ "name": "%SYS", "globals": "IRISSYS" },
            { "name": "APP", "globals": "DATA", "routines": "CODE" }],
        "mappings": [
            { "namespace": "APP", "kind": "Global", "name": "Lab*", "routineType": "",
                "database": "OTHER" },
            { "namespace": "%ALL", "kind": "Package", "name": "Tools", "routineType": "",
                "database": "OTHER" }],
        "resources": [{ "name": "%DB_DATA" }, { "name": "Ward", "publicPermission": "U" }],
        "roles": [{ "name": "Nurse", "resources": [{ "resource": "Ward", "permission": "U" },
            { "resource": "%DB_DATA", "permission": "RW" }] }],
        "users": [{ "name": "admin", "roles": ["%All"] }, { "name": "jo", "roles": ["Nurse"] }],
        "applications": [{ "name": "/csp/app", "namespace": "APP",
            "authenticationMethods": ["Password"] }],
        "services": [{ "name": "%Service_Telnet", "enabled": true }],
        "tls": [{ "name": "Mail" }],
        "tasks": [{ "name": "Backup", "namespace": "%SYS", "taskClass": "My.Backup",
            "kind": "user", "settings": { "Days": "7" }, "endDate": "2027-01-31" }]
    })))
}

/// What a script prints, without banner and prompts.
pub(crate) fn printed(instance: &mut Instance, script: &str) -> String {
    let Session { output, .. } = instance.session(&format!("set $namespace=\"%SYS\"\n{script}"));
    output.split("\n%SYS>").skip(1).collect()
}
