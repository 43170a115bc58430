//! Signatures of the product's public classes.
//!
//! Reads `../shared/iris-api.json` and holds a call to it: the class, the method (its own, or one of a
//! class that it extends), that it is a class method and not internal, how many arguments it takes, and
//! which of them come back. What the file does not have stands in a short list with its source.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// Nothing between two commas.
    Omitted,
    /// `.x`
    ByReference(String),
    /// Anything else.
    Value,
}

/// A call of a class method.
#[derive(Clone, Debug)]
pub struct Call {
    /// The class.
    pub class: String,
    /// The method.
    pub method: String,
    /// The arguments.
    pub args: Vec<Arg>,
}

/// Methods that the file lacks: how many arguments they take, and where they are documented.
const ELSEWHERE: &[(&str, &str, usize, &str)] = &[
    ("HS.Util.Mirror.Task", "Schedule", 1, "handbook H1.2"),
    (
        "%SYS.Task",
        "ExportTasks",
        2,
        "handbook H5.4: inherited, and its superclass is not in the file",
    ),
];

/// The file, where it is.
pub fn api() -> Option<&'static Value> {
    static API: OnceLock<Option<Value>> = OnceLock::new();
    let read = || {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/iris-api.json");
        Some(serde_json::from_slice(&fs::read(path).ok()?).unwrap())
    };
    API.get_or_init(read).as_ref()
}

/// Whether a call is as the class declares it; true of every call where the file is not there.
pub fn check(call: &Call) -> Result<(), String> {
    let Call { class, method, args } = call;
    let elsewhere = ELSEWHERE.iter().find(|known| known.0 == class && known.1 == method);
    if let Some((_, _, most, source)) = elsewhere {
        assert!(source.starts_with("handbook H"));
        return match args.iter().all(|arg| *arg == Arg::Value) && args.len() <= *most {
            true => Ok(()),
            false => Err(format!("{class}.{method} takes {most} values")),
        };
    }
    let Some(api) = api() else { return Ok(()) };
    let classes = &api["classes"];
    if classes.get(class).is_none() {
        return Err(format!("there is no class {class}"));
    }
    let declared = member(classes, class, "methods", method, 0)
        .ok_or_else(|| format!("{class} has no method {method}"))?;
    if declared["kind"] != "class" {
        return Err(format!("{class}.{method} is an instance method"));
    }
    if declared["internal"] == true {
        return Err(format!("{class}.{method} is internal"));
    }
    let params = declared["params"].as_array().unwrap();
    if args.len() > params.len() {
        let (most, given) = (params.len(), args.len());
        return Err(format!("{class}.{method} takes {most} arguments, not {given}"));
    }
    for (at, param) in params.iter().enumerate() {
        let name = param["name"].as_str().unwrap();
        let returned = matches!(param["passing"].as_str(), Some("byref" | "output"));
        let wanted = !returned && param.get("default").is_none();
        match args.get(at) {
            Some(Arg::ByReference(_)) if !returned => {
                return Err(format!("{class}.{method}: {name} does not come back"));
            }
            Some(Arg::Value) if returned => {
                return Err(format!("{class}.{method}: {name} comes back and wants a dot"));
            }
            // Whoever leaves out the end may know why, but the first one is what it is about.
            Some(Arg::Omitted) if wanted => {
                return Err(format!("{class}.{method}: {name} is required"));
            }
            None if wanted && at == 0 => {
                return Err(format!("{class}.{method}: {name} is required"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether objects of a class have that property; true where the file is not there.
pub fn has_property(class: &str, property: &str) -> bool {
    api().is_none_or(|api| member(&api["classes"], class, "properties", property, 0).is_some())
}

/// The names of all properties of a class.
pub fn properties(class: &str) -> Vec<&'static str> {
    let of = api().and_then(|api| api["classes"][class]["properties"].as_object());
    of.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// What a class declares or inherits.
fn member<'a>(
    classes: &'a Value,
    class: &str,
    list: &str,
    name: &str,
    depth: usize,
) -> Option<&'a Value> {
    let (known, full) = match classes.get(class) {
        Some(known) => (known, class.to_owned()),
        None => {
            // `%Persistent` is short for `%Library.Persistent`.
            let full = format!("%Library.{}", class.strip_prefix('%')?);
            (classes.get(&full)?, full)
        }
    };
    if let Some(found) = known[list].get(name) {
        return Some(found);
    }
    let above = known["super"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut above = above.filter(|above| *above != full && depth < 8);
    above.find_map(|above| member(classes, above, list, name, depth + 1))
}
