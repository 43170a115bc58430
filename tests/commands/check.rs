//! Whether a command is one to tell people to type.
//!
//! A line of ObjectScript parses, is made of nothing but what stands on a list here (whatever else the
//! language has is refused), calls class methods that are on a list and as the class declares them
//! (`api`), changes nothing but by the exceptions that say why, reads only what the same line filled,
//! and prints no secret. A line for the shell is checked by `shell`.

use std::collections::{BTreeMap, BTreeSet};

use hsmirror::finding::rule::Place;
use tree_sitter::Node;

use super::api::{self, Arg, Call};
use super::line::{Line, all, first, named};
use super::shell;

/// The kinds of nodes that may stand in a line.
const KINDS: &[&str] = &[
    "source_file statement command_do command_kill command_write command_zn command_zwrite",
    "do_parameter kill_target write_argument write_device_control write_device_fflf expression lvn",
    "objectscript_identifier identifier class_method_call class_ref class_name method_name",
    "method_args method_arg byref_arg string_literal numeric_literal binary_operator",
    "system_defined_function",
];
/// The kinds that may stand in the steps of a procedure besides.
const OF_STEPS: &[&str] = &[
    "command_if command_set set_argument set_target dollar_arg_pair oref_chain_expr",
    "oref_chain_segment oref_property property_name objectscript_identifier_special",
];

/// Functions that only work something out.
const FUNCTIONS: [&str; 5] = ["$CHAR", "$ISOBJECT", "$LISTBUILD", "$LISTTOSTRING", "$SELECT"];

/// Methods that change nothing in an instance.
const READING: &[&str] = &[
    "%OpenId",
    "CPFFileNeedsActivation",
    "Exists",
    "Export",
    "ExportAll",
    "ExportTasks",
    "Get",
    "GetErrorText",
    "GetMemberType",
    "MirrorName",
    "GetStatus",
    "GetVersion",
    "InUse",
    "IsBigEndian",
    "IsPrimary",
    "IsUnicode",
];
/// Methods that change something, and why they may.
const CHANGING: &[(&str, &str, &str)] = &[
    ("HS.Util.Mirror.Task", "Schedule", "the documented way to make the missing task (H1.2)"),
    ("Security.Applications", "Import", "brings in what the line for the primary exported"),
    ("Security.Resources", "Import", "brings in what the line for the primary exported"),
    ("Security.Roles", "Import", "brings in what the line for the primary exported"),
];
/// The same in the steps of a procedure that is about just that (H6.2, H6.3).
const CHANGING_IN_STEPS: &[(&str, &str)] = &[
    ("SYS.Database", "DismountDatabase"),
    ("SYS.Database", "MountDatabase"),
    ("SYS.Mirror", "ActivateMirroredDatabase"),
    ("SYS.Mirror", "CatchupDB"),
    ("SYS.Mirror", "RemoveMirroredDatabase"),
];

/// The classes whose properties may be printed as a whole, and which of them must go first.
pub const PRINTABLE: &[(&str, &[&str])] = &[
    ("Config.Databases", &[]),
    ("Config.MapGlobals", &[]),
    ("Config.MapPackages", &[]),
    ("Config.MapRoutines", &[]),
    ("Config.Namespaces", &[]),
    ("Security.Applications", &[]),
    ("Security.Resources", &[]),
    ("Security.Roles", &[]),
    ("Security.SSLConfigs", &["PrivateKeyPassword"]),
    ("Security.Services", &[]),
];

/// Whether a property is a secret, or about one.
pub fn is_secret(property: &str) -> bool {
    let property = property.to_lowercase();
    ["password", "salt", "hotp", "totp", "secret"].iter().any(|word| property.contains(word))
}

/// Whether a command is one that a finding may tell people to type.
pub fn check(place: Place, text: &str) -> Result<(), String> {
    match place {
        Place::Here => shell::check(text),
        Place::Primary | Place::Member | Place::Both | Place::There => {
            Session::new(false).typed(text)
        }
    }
}

/// What a session in `%SYS` knows after the lines that were typed.
#[derive(Debug)]
pub struct Session {
    steps: bool,
    namespace: String,
    variables: BTreeMap<String, Variable>,
}

#[derive(Debug, Default)]
struct Variable {
    /// Whether it has a value.
    set: bool,
    /// Whether it had none before it was filled.
    clean: bool,
    /// The class whose properties it holds.
    properties_of: Option<String>,
    /// Which of them were killed.
    gone: BTreeSet<String>,
    /// The class of the object that it is.
    object_of: Option<String>,
}

type Checked = Result<(), String>;

impl Session {
    /// A new one, for a single command or for the steps of a procedure.
    pub fn new(steps: bool) -> Self {
        Self { steps, namespace: "%SYS".to_owned(), variables: BTreeMap::new() }
    }

    /// Takes a variable for set, one that stands for what the reader has.
    pub fn know(&mut self, name: &str) {
        self.variables.insert(name.to_owned(), Variable { set: true, ..Variable::default() });
    }

    /// One line more.
    pub fn typed(&mut self, text: &str) -> Checked {
        let line = Line::parse(text)?;
        self.kinds(&line, line.root())?;
        self.visit(&line, line.root())
    }

    fn kinds(&self, line: &Line, node: Node<'_>) -> Checked {
        let kind = node.kind();
        let on = |list: &[&str]| list.iter().any(|row| row.split(' ').any(|known| known == kind));
        let known = on(KINDS) || kind.starts_with("keyword_") || self.steps && on(OF_STEPS);
        if !known {
            return Err(format!("{kind} may not be in it: `{}`", line.text(node).trim()));
        }
        if kind == "binary_operator" && line.text(node) != "_" {
            return Err(format!("operator {} may not be in it", line.text(node)));
        }
        named(node).try_for_each(|child| self.kinds(line, child))
    }

    fn visit(&mut self, line: &Line, node: Node<'_>) -> Checked {
        match node.kind() {
            "command_kill" => self.kill(line, node),
            "command_zwrite" => self.print_whole(line, node),
            "command_zn" => {
                let names: Vec<_> = named(node).filter_map(|part| line.constant(part)).collect();
                self.namespace = match names.as_slice() {
                    [name] if name == "HSSYS" || name == "%SYS" => name.clone(),
                    _ => return Err(format!("no way into a namespace: {names:?}")),
                };
                Ok(())
            }
            "set_argument" => self.set(line, node),
            "class_method_call" => {
                let class = first(node, "class_ref").and_then(|of| first(of, "class_name"));
                self.call(line, node, class.map(|class| line.text(class).to_owned()))
            }
            "system_defined_function" => self.function(line, node),
            "oref_chain_expr" => self.property(line, node),
            "lvn" => self.read(line, node),
            // What comes back is looked at with its call.
            "byref_arg" => Ok(()),
            _ => named(node).try_for_each(|child| self.visit(line, child)),
        }
    }

    fn function(&mut self, line: &Line, node: Node<'_>) -> Checked {
        let name = line.text(node).split('(').next().unwrap_or_default().to_uppercase();
        if name.starts_with("$SYSTEM.") {
            let class = first(node, "class_name").map(|class| line.text(class));
            return self.call(line, node, class.map(|class| format!("%SYSTEM.{class}")));
        }
        if !FUNCTIONS.contains(&name.as_str()) {
            return Err(format!("function {name} may not be in it"));
        }
        named(node).try_for_each(|child| self.visit(line, child))
    }

    fn call(&mut self, line: &Line, node: Node<'_>, class: Option<String>) -> Checked {
        let method = first(node, "method_name").map(|method| line.text(method).to_owned());
        let list = first(node, "method_args");
        let (Some(class), Some(method), Some(list)) = (class, method, list) else {
            return Err(format!("no call of a class method: `{}`", line.text(node)));
        };
        let mut args = vec![Arg::Omitted];
        for part in all(list) {
            match part.kind() {
                "," => args.push(Arg::Omitted),
                "method_arg" => {
                    let arg = match first(part, "byref_arg") {
                        None => Arg::Value,
                        Some(by) => {
                            let name = line.text(by).trim_start_matches('.').to_owned();
                            Arg::ByReference(name)
                        }
                    };
                    *args.last_mut().unwrap() = arg;
                    self.visit(line, part)?;
                }
                _ => {}
            }
        }
        if args == [Arg::Omitted] {
            args.clear();
        }
        let call = Call { class, method, args };
        self.may(&call)?;
        api::check(&call)?;
        for arg in call.args {
            if let Arg::ByReference(name) = arg {
                let filled = self.variables.entry(name).or_default();
                filled.set = true;
                filled.properties_of = (call.method == "Get").then(|| call.class.clone());
                filled.gone.clear();
            }
        }
        Ok(())
    }

    fn may(&self, call: &Call) -> Checked {
        let Call { class, method, .. } = call;
        let named = |known: &str, called: &str| known == class && called == method;
        let changes = CHANGING.iter().any(|known| named(known.0, known.1))
            || self.steps && CHANGING_IN_STEPS.iter().any(|known| named(known.0, known.1));
        if !READING.contains(&method.as_str()) && !changes {
            return Err(format!("{class}.{method} is not on the list of what may be called"));
        }
        // What begins with % is everywhere, the healthcare product's classes are in its namespaces.
        let lives = match class.split('.').next() {
            Some("HS") => "HSSYS",
            Some(package) if package.starts_with('%') => &self.namespace,
            _ => "%SYS",
        };
        match lives == self.namespace {
            true => Ok(()),
            false => Err(format!("{class} is in {lives}, not in {}", self.namespace)),
        }
    }

    fn kill(&mut self, line: &Line, node: Node<'_>) -> Checked {
        let mut targets = named(node).filter(|part| part.kind() == "kill_target").peekable();
        if targets.peek().is_none() {
            return Err("it kills every variable".to_owned());
        }
        for target in targets {
            let variable = named(target).next().filter(|part| part.kind() == "lvn");
            let variable = variable.ok_or("only a variable may be killed")?;
            let (name, subscripts) = parts(line, variable)?;
            let known = self.variables.entry(name).or_default();
            match subscripts.as_slice() {
                [] => *known = Variable { clean: true, ..Variable::default() },
                [one] => drop(known.gone.insert(one.clone())),
                more => return Err(format!("more than a property is killed: {more:?}")),
            }
        }
        Ok(())
    }

    fn read(&mut self, line: &Line, node: Node<'_>) -> Checked {
        let (name, subscripts) = parts(line, node)?;
        let known = self.variables.get(&name).filter(|known| known.set);
        let known = known.ok_or_else(|| format!("nothing has set {name}"))?;
        match (&known.properties_of, subscripts.as_slice()) {
            (None, []) => Ok(()),
            (Some(class), [one]) if is_secret(one) => Err(format!("{one} of {class} is a secret")),
            (Some(class), [one]) => match api::has_property(class, one) {
                true => Ok(()),
                false => Err(format!("{class} has no property {one}")),
            },
            (Some(class), []) => Err(format!("{name} holds properties of {class}: name one")),
            (_, more) => Err(format!("{name} has no subscripts {more:?}")),
        }
    }

    fn print_whole(&self, line: &Line, node: Node<'_>) -> Checked {
        let expressions: Vec<_> = named(node).filter(|part| part.kind() == "expression").collect();
        if expressions.is_empty() {
            return Err("it prints every variable".to_owned());
        }
        for expression in expressions {
            let variable = named(expression).next().filter(|part| part.kind() == "lvn");
            let (name, subscripts) =
                parts(line, variable.ok_or("only a variable may be printed")?)?;
            if !subscripts.is_empty() {
                return Err(format!("`write` prints one property: {name}({subscripts:?})"));
            }
            let known = self.variables.get(&name).filter(|known| known.set);
            let known = known.ok_or_else(|| format!("nothing has set {name}"))?;
            let Some(class) = &known.properties_of else {
                continue;
            };
            let Some((_, secrets)) = PRINTABLE.iter().find(|known| known.0 == class) else {
                return Err(format!("{class} may hold secrets: name what is to be printed"));
            };
            if let Some(secret) = secrets.iter().find(|secret| !known.gone.contains(**secret)) {
                return Err(format!("{secret} of {class} would be printed"));
            }
            if !known.clean {
                return Err(format!("{name} may hold what was there before: kill it first"));
            }
        }
        Ok(())
    }

    fn set(&mut self, line: &Line, node: Node<'_>) -> Checked {
        let target = first(node, "set_target").and_then(|target| first(target, "lvn"));
        let (name, subscripts) = parts(line, target.ok_or("only a variable may be set")?)?;
        if !subscripts.is_empty() {
            return Err(format!("only a whole variable may be set, not {name}({subscripts:?})"));
        }
        let value = first(node, "expression").ok_or("nothing to set it to")?;
        self.visit(line, value)?;
        let opened = first(value, "class_method_call")
            .filter(|call| first(*call, "method_name").is_some_and(|m| line.text(m) == "%OpenId"))
            .and_then(|call| first(first(call, "class_ref")?, "class_name"));
        let object_of = opened.map(|class| line.text(class).to_owned());
        self.variables.insert(name, Variable { set: true, object_of, ..Variable::default() });
        Ok(())
    }

    fn property(&mut self, line: &Line, node: Node<'_>) -> Checked {
        let text = line.text(node);
        let object = first(node, "lvn").ok_or_else(|| format!("no property: `{text}`"))?;
        let (name, _) = parts(line, object)?;
        let class = self.variables.get(&name).and_then(|known| known.object_of.clone());
        let class = class.ok_or_else(|| format!("{name} is no object that was opened"))?;
        let property = text.strip_prefix(&format!("{name}.")).unwrap_or_default();
        match api::has_property(&class, property) && !is_secret(property) {
            true => Ok(()),
            false => Err(format!("{class} has no property {property} to look at")),
        }
    }
}

/// The name of a variable and its subscripts, which are constants.
fn parts(line: &Line, node: Node<'_>) -> Result<(String, Vec<String>), String> {
    let text = line.text(node);
    let name = text.split('(').next().unwrap_or_default().to_owned();
    let subscripts = first(node, "method_args").into_iter().flat_map(named);
    let constant = |part: Node<'_>| named(part).next().and_then(|part| line.constant(part));
    let subscripts: Option<Vec<String>> = subscripts.map(constant).collect();
    Ok((name, subscripts.ok_or_else(|| format!("a subscript is worked out: {text}"))?))
}
