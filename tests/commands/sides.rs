//! Two sides on which everything bears one name.
//!
//! Builds configurations in which the names of all objects, and of what they refer to, are made of one
//! text, so that every rule whose commands hold a name has a finding about it. The findings are
//! those of such a pair in every direction: what is missing, extra, different, and referred to in vain.

use hsmirror::compare::Selection;
use hsmirror::finding::{Finding, judge};
use hsmirror::model::{Configuration, Extent, Gathered, Object};
use serde_json::{Value, json};

fn gathered<T: Object + serde::de::DeserializeOwned>(objects: Value) -> Gathered<T> {
    let objects = serde_json::from_value(objects).unwrap();
    let mut gathered = Gathered { objects, extent: Extent::Complete, reason: String::new() };
    gathered.arrange();
    gathered
}

/// A side of objects that are called `name`; the other one has the same and does otherwise.
pub fn side(name: &str, other: bool) -> Configuration {
    let gone = format!("{name}~gone");
    let [second, third] = [2, 3].map(|number| format!("{name}{number}"));
    let leads_to = if other { &second } else { &name.to_owned() };
    let permission = if other { "RW" } else { "R" };
    let methods = if other { json!(["Unauthenticated"]) } else { json!(["Password"]) };
    let roles = if other { json!([{ "match": "", "targets": ["%All"] }]) } else { json!([]) };
    let mut mappings = Vec::new();
    for (kind, types) in
        [("Global", &[""][..]), ("Routine", &["", "MAC", name]), ("Package", &[""])]
    {
        for routine_type in types {
            for (namespace, mapped, database) in [
                (name, name, leads_to),
                (name, &second, &gone),
                ("%ALL", name, &third),
                (&*third, &format!("{name}(\"a\",\"b\"\"\")"), leads_to),
                (&*third, "Only(\"b\"\"c\")", leads_to),
            ] {
                mappings.push(json!({
                    "namespace": namespace, "kind": kind, "name": mapped,
                    "routineType": routine_type, "database": database,
                }));
            }
        }
    }
    let mut resources = vec![
        json!({ "name": name, "publicPermission": if other { "U" } else { "" } }),
        json!({ "name": second }),
    ];
    if !other {
        resources.push(json!({ "name": "%DB_HSSYS" }));
    }
    Configuration {
        namespaces: gathered(json!([
            { "name": name, "globals": leads_to },
            { "name": second, "globals": gone },
        ])),
        databases: gathered(json!([
            { "name": name, "directory": "/a", "mountRequired": other, "inMirror": !other },
            { "name": second, "directory": "/a/" },
            { "name": third, "directory": "/b" },
        ])),
        mappings: gathered(json!(mappings)),
        roles: gathered(json!([
            { "name": name, "resources": [{ "resource": second, "permission": permission }] },
            { "name": second, "grantedRoles": [third, gone] },
            { "name": third, "grantedRoles": [second],
              "resources": [{ "resource": gone, "permission": "U" }] },
        ])),
        resources: gathered(json!(resources)),
        applications: gathered(json!([
            { "name": name, "namespace": gone, "resource": gone, "enabled": other,
              "authenticationMethods": ["Password"],
              "matchRoles": [{ "match": gone, "targets": [] }] },
            { "name": second, "enabled": true, "authenticationMethods": methods },
            { "name": third, "enabled": true, "authenticationMethods": ["Password"],
              "matchRoles": roles },
        ])),
        tasks: gathered(json!([
            { "name": name, "namespace": gone, "taskClass": "A.B", "runAsUser": gone },
            { "name": second, "namespace": name, "taskClass": "A.B", "runAsUser": second },
        ])),
        users: gathered(json!([
            { "name": name, "roles": [name, gone], "startNamespace": gone, "comment": leads_to },
            { "name": second, "enabled": false },
            { "name": third, "enabled": other },
        ])),
        services: gathered(json!([
            { "name": name, "enabled": other },
            { "name": second, "enabled": true, "authenticationMethods": methods },
        ])),
        tls: gathered(json!([
            { "name": name, "enabled": other },
            { "name": second, "enabled": true },
        ])),
        ..Configuration::default()
    }
}

/// The findings of such sides, each against the other and against a side without anything.
pub fn findings(name: &str) -> Vec<Finding> {
    let none = || {
        let empty = || side(name, false);
        let mut none = empty();
        none.namespaces.objects.clear();
        none.databases.objects.clear();
        none.mappings.objects.clear();
        none.roles.objects.clear();
        none.resources.objects.clear();
        none.applications.objects.clear();
        none.tasks.objects.clear();
        none.users.objects.clear();
        none.services.objects.clear();
        none.tls.objects.clear();
        none
    };
    let pairs = [
        (side(name, false), side(name, true)),
        (side(name, true), side(name, false)),
        (side(name, false), none()),
        (none(), side(name, true)),
    ];
    let judged = pairs.into_iter().map(|(a, b)| judge(a, b, &Selection::default()));
    judged.flat_map(|judgement| judgement.findings).collect()
}
