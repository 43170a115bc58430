//! Two members of a made-up mirror, for tests that need many of them.
//!
//! Owns the making of a hospital whose objects name each other and state all kinds of properties, with
//! ordinary and with hostile texts, and of a second member of it from which some is missing, changed or
//! more. What a property may hold is asked of its declaration, so a property that is new takes part.
//! Invariant: everything only depends on the seed; what is named is there, unless an edit took it away.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use hsmirror::model::{Absence, Configuration, Property, Rule, Section, properties_of};
use hsmirror::source::{self, Options};
use serde_json::{Value, json};

/// Numbers that only depend on the seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
    pub fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Texts that some grammar takes for something else.
pub const HOSTILE: &[&str] = &[
    "a\"b",
    "\"",
    "x,y",
    "k=v",
    "Roles=%All,Name=x",
    "# no comment",
    "a;b",
    "see //x",
    "/* x */",
    "two\nlines",
    "cr\rlf\r\n",
    "tab\there",
    "Münster",
    "東京",
    "smile \u{1f600}",
    "$$$AutheUnauthenticated",
    "${namespace}",
    "[Actions]",
    " leading",
    "trailing ",
    "two  blanks",
    "\"_$zf(-1,\"x\")_\"",
    "a\"\" set x=1 //",
    "quit:1=1",
    "%SYS",
    "^G(1)",
    "a'b`c\\d",
    "\u{202e}turned",
];

const PLAIN: &[&str] = &["Laboratory", "x", "Interface team 7", "A.B-c_d", "/a/b", "50%", "(one)"];

/// Databases that every instance has (H7.4).
const SHIPPED: &[&str] = &["IRISSYS", "IRISLIB", "IRISTEMP"];

/// Sections by name, each with its objects as they stand in a document.
pub type World = BTreeMap<&'static str, Vec<Value>>;

/// The sections that a document of a side has.
pub const SECTIONS: &[&str] = &[
    "databases",
    "namespaces",
    "mappings",
    "resources",
    "roles",
    "applications",
    "tasks",
    "users",
    "services",
    "tls",
];

/// Properties that name other objects, so that no arbitrary value is one.
const NAMING: &[&str] = &[
    "roles",
    "escalation_roles",
    "granted_roles",
    "resources",
    "namespace",
    "resource",
    "match_roles",
    "run_as_user",
    "start_namespace",
    "database",
    "lock_database",
    "globals",
    "routines",
    "temporary",
    "run_after",
    "settings",
    "collation",
    "server",
    "remote",
    "remote_directory",
];

/// What a property may hold, of a few values of every kind.
fn candidates(property: &Property, chance: &mut Chance) -> Vec<Value> {
    let text = |chance: &mut Chance| match chance.one_in(2) {
        true => *chance.of(HOSTILE),
        false => *chance.of(PLAIN),
    };
    let some = [
        json!(true),
        json!(false),
        json!(chance.below(4000)),
        json!(text(chance)),
        json!(""),
        json!([]),
        json!([text(chance), "b"]),
        json!(["Password"]),
        json!(["Password", "Unauthenticated"]),
        json!("RW"),
        json!("2031-05-07"),
        json!("daily"),
        json!("weekly"),
        json!("several"),
        json!("hours"),
        json!("any"),
        json!("not primary"),
        json!("never"),
        json!("lax"),
        json!("1.3"),
        json!("require"),
        json!("no"),
        json!("code7"),
    ];
    // What the product makes of an empty text where it has one of its own is not documented.
    let own = matches!(property.absence, Absence::Default(usual) if usual().is_string());
    let fits = |value: &Value| (property.shown)(value).is_some() && !(own && *value == "");
    some.into_iter().filter(fits).collect()
}

/// States some properties anew.
fn state(section: Section, object: &mut Value, one_in: usize, chance: &mut Chance) {
    for property in properties_of(section) {
        let free = property.rule == Rule::MustEqual && !NAMING.contains(&property.field);
        if !free || property.personal || !chance.one_in(one_in) {
            continue;
        }
        // A time of day is a time of day.
        let is_time = property.field.starts_with("daily_") && property.field.ends_with("_time");
        if is_time && property.field != "daily_frequency_time" {
            let hour = chance.below(24);
            object[property.name()] = json!(format!("{hour:02}:30:00"));
            continue;
        }
        let values = candidates(property, chance);
        if !values.is_empty() {
            object[property.name()] = chance.of(&values).clone();
        }
    }
}

/// A hospital in which everything that is named is there.
pub fn hospital(chance: &mut Chance) -> World {
    let many = 2 + chance.below(4);
    let mut all: World = SECTIONS.iter().map(|name| (*name, vec![])).collect();
    let mut add = |section: &'static str, object: Value| all.get_mut(section).unwrap().push(object);
    for at in 0..many {
        let any = |prefix: &str, chance: &mut Chance| format!("{prefix}{}", chance.below(many));
        add("databases", json!({ "name": format!("DB{at}"), "directory": format!("/d/{at}/") }));
        for name in [format!("%DB_DB{at}"), format!("Res{at}")] {
            let mut resource = json!({ "name": name });
            state(Section::Resources, &mut resource, 2, chance);
            add("resources", resource);
        }
        let namespace = format!("NS{at}");
        let routines = any("DB", chance);
        add(
            "namespaces",
            json!({ "name": namespace, "globals": format!("DB{at}"), "routines": routines }),
        );
        for global in 0..1 + chance.below(5) {
            let kind = *chance.of(&["Global", "Global", "Routine", "Package"]);
            let of_type = if kind == "Routine" && chance.one_in(2) { "INC" } else { "" };
            let name = match chance.below(6) {
                0 => format!("W{global}*"),
                1 => format!("{}{global}", chance.of(HOSTILE).replace('(', "")),
                _ => format!("G{global}"),
            };
            let mut mapping = json!({ "namespace": namespace, "kind": kind, "routineType": of_type,
                "name": name, "database": any("DB", chance) });
            if kind == "Global" && chance.one_in(4) {
                mapping["lockDatabase"] = json!(any("DB", chance));
            }
            if kind == "Global" && name.starts_with('G') && chance.one_in(2) {
                let inner = *chance.of(&["(\"A\")", "(1):(5)", "(\"x\",2)"]);
                let mut deeper = mapping.clone();
                deeper["name"] = json!(format!("{name}{inner}"));
                deeper["database"] = json!(any("DB", chance));
                add("mappings", deeper);
            }
            add("mappings", mapping);
        }
        let granted = if at > 0 { json!([format!("Role{}", chance.below(at))]) } else { json!([]) };
        let mut role = json!({ "name": format!("Role{at}"), "grantedRoles": granted, "resources": [
            { "resource": format!("Res{at}"), "permission": "RW" },
            { "resource": any("%DB_DB", chance), "permission": "R" } ] });
        state(Section::Roles, &mut role, 2, chance);
        add("roles", role);
        let mut application = json!({ "name": format!("/app/{at}"), "namespace": namespace,
            "resource": any("Res", chance), "matchRoles": [
                { "match": "", "targets": [any("Role", chance)] } ] });
        state(Section::Applications, &mut application, 4, chance);
        application["kind"] = json!(["Web"]);
        add("applications", application);
        for number in 0..1 + chance.below(3) {
            let mut user = json!({ "name": format!("user{at}{number}"),
                "roles": [format!("Role{at}"), any("Role", chance)], "startNamespace": namespace });
            state(Section::Users, &mut user, 4, chance);
            add("users", user);
        }
        let mut task = json!({ "name": format!("Task{at}"), "namespace": namespace,
            "taskClass": "Elm.Task", "runAsUser": format!("user{at}0") });
        state(Section::Tasks, &mut task, 3, chance);
        if chance.one_in(2) {
            task["settings"] = json!({ "Depth": "3", "Where": *chance.of(HOSTILE) });
        }
        add("tasks", task);
        let mut service = json!({ "name": format!("%Service_{at}") });
        state(Section::Services, &mut service, 3, chance);
        add("services", service);
        let mut tls = json!({ "name": format!("Tls{at}") });
        state(Section::Tls, &mut tls, 3, chance);
        add("tls", tls);
    }
    for name in SHIPPED {
        add("databases", json!({ "name": name, "directory": format!("/mgr/{name}/") }));
    }
    let naughty = *chance.of(HOSTILE);
    add("resources", json!({ "name": format!("R {naughty}") }));
    add(
        "roles",
        json!({ "name": format!("N {naughty}"), "resources": [
        { "resource": "Res0", "permission": "U" }] }),
    );
    add("users", json!({ "name": format!("u {naughty}"), "roles": ["Role0"] }));
    all
}

/// Takes away, changes and adds some of it.
pub fn edited(all: &World, chance: &mut Chance) -> World {
    let mut edited = all.clone();
    for (section, objects) in &mut edited {
        if *section != "services" {
            let shipped = |object: &Value| SHIPPED.iter().any(|name| object["name"] == *name);
            objects.retain(|object| !chance.one_in(8) || shipped(object));
        }
        let name = Section::ALL.iter().find(|known| known.name() == *section).unwrap();
        for object in objects.iter_mut() {
            if !chance.one_in(3) {
                continue;
            }
            state(*name, object, 6, chance);
            match *section {
                "users" if chance.one_in(2) => object["roles"] = json!(["Role0"]),
                "roles" if chance.one_in(2) => {
                    object["resources"] = json!([
                    { "resource": "Res0", "permission": "U" }])
                }
                "mappings" => object["database"] = json!("DB0"),
                "namespaces" => object["globals"] = json!("DB1"),
                "applications" => object["kind"] = json!(["Web"]),
                _ => {}
            }
        }
    }
    for (section, extra) in [
        ("roles", json!({ "name": "Extra", "grantedRoles": ["Role0"] })),
        (
            "applications",
            json!({ "name": "/extra", "authenticationMethods": ["Password"], "path": "/x" }),
        ),
        (
            "mappings",
            json!({ "namespace": "NS0", "kind": "Global", "routineType": "", "name": "Extra",
            "database": "DB0" }),
        ),
    ] {
        if chance.one_in(3) {
            edited.get_mut(section).unwrap().push(extra);
        }
    }
    as_an_instance(&mut edited);
    edited
}

/// Takes out what no instance of the product has: deleting a resource strips it from every role (H4.4),
/// and the mappings of a namespace stand within it.
fn as_an_instance(world: &mut World) {
    fn names(world: &World, section: &str) -> Vec<Value> {
        world[section].iter().map(|object| object["name"].clone()).collect()
    }
    let (resources, databases) = (names(world, "resources"), names(world, "databases"));
    for role in world.get_mut("roles").unwrap() {
        if let Some(grants) = role.get_mut("resources").and_then(Value::as_array_mut) {
            grants.retain(|grant| resources.contains(&grant["resource"]));
        }
    }
    // A namespace on a database that is not there cannot be entered.
    world
        .get_mut("namespaces")
        .unwrap()
        .retain(|one| databases.contains(&one["globals"]) && databases.contains(&one["routines"]));
    let namespaces = names(world, "namespaces");
    let mappings = world.get_mut("mappings").unwrap();
    mappings.retain(|mapping| {
        namespaces.contains(&mapping["namespace"]) && databases.contains(&mapping["database"])
    });
    // A subscript mapping has a mapping of the bare global (H2.3).
    let bare: Vec<(Value, Value)> =
        mappings.iter().map(|one| (one["namespace"].clone(), one["name"].clone())).collect();
    mappings.retain(|mapping| {
        let name = mapping["name"].as_str().unwrap();
        let parent = name.split_once('(').filter(|_| mapping["kind"] == "Global");
        parent
            .is_none_or(|(parent, _)| bare.contains(&(mapping["namespace"].clone(), json!(parent))))
    });
}

/// The configuration that a document of it is read as.
pub fn configuration(all: &World, name: &str) -> Configuration {
    let mut document = json!({ "formatVersion": "1.0", "member": {
        "instance": "IRIS", "systemName": name, "version": "2024.1.2.398.0", "product": "IRISHealth" } });
    let whole = |name: &&str| json!({ "section": name, "extent": "complete" });
    document["coverage"] = SECTIONS.iter().map(whole).collect();
    for (section, objects) in all {
        document[*section] = json!(objects);
    }
    let options = Options { personal_data: false, task_settings: true, now: None };
    let bytes = Cursor::new(serde_json::to_vec(&document).unwrap());
    source::gather_from(Path::new("c.json"), bytes, &options).unwrap().configuration
}

/// A pair that only depends on the seed, the primary first.
pub fn pair(seed: u64) -> [Configuration; 2] {
    let mut chance = Chance(seed);
    let mut primary = hospital(&mut chance);
    as_an_instance(&mut primary);
    let member = edited(&primary, &mut chance);
    [configuration(&primary, "A/IRIS"), configuration(&member, "B/IRIS")]
}
