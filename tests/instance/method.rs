//! Methods of the product's classes (iris-api.json; H4, H5, H8.3, H8.4).
//!
//! Owns the calls `##class(X).Method()`, `$SYSTEM.X.Method()`, and how arguments become texts for the store.
//! Invariant: a class, a method or a number of arguments that is not known panics. Classes of
//! security and configuration are there in %SYS only.

use super::syntax::Node;
use hsmirror::model::folded;

use super::class::Class;
use super::expression::Argument;
use super::place::{self, Subscript};
use super::script::{Process, Thing};
use super::store::{Held, Values, given_back};
use super::value::{Outcome, Signal, Value, error};
use super::{Refusal, check};

/// The properties that positions of `Create` stand for.
fn positions(class: Class) -> &'static [&'static str] {
    match class {
        Class::Resources => &["Description", "PublicPermission", "Type"],
        Class::Roles => &["Description", "Resources", "GrantedRoles", "EscalationOnly"],
        Class::Users => &[
            "Roles",
            "Password",
            "FullName",
            "NameSpace",
            "Routine",
            "ExpirationDate",
            "ChangePassword",
            "Enabled",
            "Comment",
            "Flags",
            "PhoneNumber",
            "PhoneProvider",
            "Attributes",
            "AccountNeverExpires",
            "PasswordNeverExpires",
            "PasswordHashAlgorithm",
            "PasswordHashWorkFactor",
            "EscalationRoles",
        ],
        _ => &[],
    }
}

impl Process<'_> {
    /// `##class(X).Method(...)`.
    pub(crate) fn class_method(
        &mut self,
        class: &str,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        match self.instance.refused.get(class) {
            Some(Refusal::Protect) => return error("<PROTECT>"),
            Some(Refusal::DoesNotExist) => return error(format!("<CLASS DOES NOT EXIST>*{class}")),
            Some(Refusal::AccessDenied) => return Ok(Value::of("0 ERROR #822: Access Denied")),
            None => {}
        }
        let system = ["Security.", "Config.", "SYS."];
        if system.iter().any(|begin| class.starts_with(begin)) && self.namespace != "%SYS" {
            return error(format!("<CLASS DOES NOT EXIST>*{class}"));
        }
        match (class, method) {
            ("%SYS.Task", "%New") if given.is_empty() => Ok(self.new_task()),
            ("%SYS.Task", "%OpenId") if given.len() == 1 => {
                let id = self.text(given, 0);
                Ok(self.open_task(&id))
            }
            ("%SYS.Task", "%DeleteId") if given.len() == 1 => {
                let id = self.text(given, 0);
                Ok(Value::status(self.instance.store.delete(Class::Tasks, "", &id)))
            }
            ("%SYS.Task", "%ExistsId") if given.len() == 1 => {
                let key = (Class::Tasks, self.text(given, 0));
                Ok(Value::flag(self.instance.store.objects.contains_key(&key)))
            }
            ("%SYS.Namespace", _) => self.namespace_method(method, given, node),
            ("%Library.ResultSet", "%New") if given.len() == 1 => {
                let named = self.text(given, 0);
                let Some((class, query)) = named.split_once(':') else { self.unknown(node) };
                let (class, query) = (class.to_owned(), query.to_owned());
                Ok(self.thing(Thing::ResultSet(class, query, Default::default())))
            }
            ("%SQL.Statement", "%New") if given.is_empty() => {
                Ok(self.thing(Thing::Statement(None)))
            }
            ("%SQL.Statement", "%ExecDirect") if given.len() >= 2 => {
                let sql = self.text(given, 1);
                let values: Vec<String> = (2..given.len()).map(|at| self.text(given, at)).collect();
                let rows = self.select(&sql, &values, node);
                Ok(self.thing(Thing::Rows(rows)))
            }
            ("%Library.File", _) => self.file_class(method, given, node),
            ("SYS.Database", _) => self.database_class(method, given, node),
            ("SYS.Mirror", _) => self.mirror_class(method, given, node),
            ("Config.CPF" | "%SYS.NLS.Locale", _) => self.surroundings(class, method, given, node),
            ("Config.Mirrors", "Get") if given.len() == 2 => {
                let Some(all) = self.mirror(&self.text(given, 0)) else {
                    return Ok(Value::status(Err("no such mirror".to_owned())));
                };
                self.put(given, 1, &all, node);
                Ok(Value::of("1"))
            }
            ("%Exception.General", "%New") if !given.is_empty() => {
                let text = format!("<{}>", self.text(given, 0));
                Ok(self.thing(Thing::Exception(text)))
            }
            ("%Exception.StatusException", "CreateFromStatus") if given.len() == 1 => {
                let text = self.text(given, 0);
                Ok(self.thing(Thing::Exception(text.trim_start_matches("0 ").to_owned())))
            }
            ("Config.Databases", _) => self.database_method(method, given, node),
            (_, "Get") if given.len() == 1 => {
                let Some(all) = self.settings(class) else { self.unknown(node) };
                self.put(given, 0, &all, node);
                Ok(Value::of("1"))
            }
            _ => match Class::named(class) {
                Some(of) if of != Class::Tasks => self.stored(of, method, given, node),
                _ => self.unknown(node),
            },
        }
    }

    /// The five methods of a class whose objects are held.
    fn stored(
        &mut self,
        class: Class,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        // The methods of mappings have the namespace first, those of Config a file and flags last.
        let lead = usize::from(class.is_mapping());
        let config = class.is_mapping() || class == Class::Namespaces;
        let most =
            lead + match method {
                "Create" if !positions(class).is_empty() => 1 + positions(class).len(),
                "Create" | "Modify" | "Get" => {
                    2 + usize::from(class == Class::Roles && method == "Get")
                }
                "Exists" => 3 + usize::from(class == Class::Users),
                "Delete" => 1,
                "InUse" if class == Class::Resources => 5,
                _ => self.unknown(node),
            } + 2 * usize::from(config);
        if given.len() > most || given.len() <= lead {
            self.unknown(node);
        }
        if config {
            // File and flags of the configuration file are left to their defaults.
            let own = lead
                + if method == "Exists" {
                    3
                } else if method == "Delete" {
                    1
                } else {
                    2
                };
            if given.iter().skip(own).any(|of| !matches!(of, Argument::Missing)) {
                self.unknown(node);
            }
        }
        let namespace = if lead == 1 { self.text(given, 0) } else { String::new() };
        let name = self.text(given, lead);
        Ok(match method {
            "Create" => {
                let values = match given.get(lead + 1) {
                    Some(Argument::Reference(_)) => self.array(given, lead + 1, node)?,
                    _ if positions(class).is_empty() => Values::new(),
                    _ => self.positional(class, given, node)?,
                };
                Value::status(self.instance.store.create(class, &namespace, &name, &values))
            }
            "Modify" => {
                let values = self.array(given, lead + 1, node)?;
                Value::status(self.instance.store.modify(class, &namespace, &name, &values))
            }
            "Delete" => Value::status(self.instance.store.delete(class, &namespace, &name)),
            "InUse" => self.in_use(given, &name, node),
            "Exists" if given.len() > lead + 1 => self.unknown(node),
            "Exists" => Value::flag(self.instance.store.get(class, &namespace, &name).is_some()),
            _ => {
                let Some(held) = self.instance.store.get(class, &namespace, &name).cloned() else {
                    let fault = format!("{} '{name}' does not exist", class.name());
                    return Ok(Value::status(Err(fault)));
                };
                let mut all: Vec<(&str, String)> = Vec::new();
                for property in class.properties() {
                    let source = property.source;
                    let own = class.takes(source) || source == "Version" || source == "Name";
                    let text = given_back(class, &held, source);
                    // What is not set is not in the array (H8.3).
                    if own && !text.is_empty() {
                        all.push((source, text));
                    }
                }
                self.put(given, lead + 1, &all, node);
                Value::of("1")
            }
        })
    }

    /// What rests on a resource: lists of roles, databases and applications (H4.4).
    fn in_use(&mut self, given: &[Argument], name: &str, node: Node<'_>) -> Value {
        let names = |class: Class, source: &str| {
            let holds = |held: &Held| {
                held.items(source).iter().any(|item| {
                    let of = item.split(':').next().unwrap_or_default();
                    folded(of) == folded(name)
                })
            };
            let all = self.instance.store.all(class).filter(|(_, held)| holds(held));
            Value::List(all.map(|(key, _)| Some(key.to_owned())).collect())
        };
        let lists = [
            (2, names(Class::Roles, "Resources")),
            (3, Value::List(Vec::new())),
            (4, names(Class::Applications, "Resource")),
        ];
        for (at, list) in lists {
            let Some(Argument::Reference(variable)) = given.get(at) else { self.unknown(node) };
            self.locals.insert(variable.clone(), [(Vec::new(), list)].into());
        }
        Value::of("1")
    }

    /// `Create` with its properties one after the other.
    fn positional(&self, class: Class, given: &[Argument], node: Node<'_>) -> Outcome<Values> {
        let mut values = Values::new();
        for (at, source) in positions(class).iter().enumerate() {
            match given.get(at + 1) {
                None | Some(Argument::Missing) => {}
                // The hash of a password is the product's to choose.
                Some(Argument::Value(value)) if !source.starts_with("PasswordHash") => {
                    let text = value.text();
                    // An empty argument is one that was not given, but for texts and lists.
                    if !text.is_empty() || ["Description", "Resources", "Roles"].contains(source) {
                        values.insert((*source).to_owned(), text);
                    }
                }
                Some(_) => self.unknown(node),
            }
        }
        Ok(values)
    }

    /// An array of properties that is given by reference.
    fn array(&self, given: &[Argument], at: usize, node: Node<'_>) -> Outcome<Values> {
        let name = match given.get(at) {
            None | Some(Argument::Missing) => return Ok(Values::new()),
            Some(Argument::Reference(name)) => name,
            Some(Argument::Value(_)) => self.unknown(node),
        };
        let mut values = Values::new();
        for (subscripts, value) in self.locals.get(name).into_iter().flatten() {
            match &subscripts[..] {
                [] => {}
                [Subscript::Text(property)] => {
                    values.insert(property.clone(), value.text());
                }
                _ => self.unknown(node),
            }
        }
        Ok(values)
    }

    /// Puts properties into an array; what stood there before stays.
    fn put(&mut self, given: &[Argument], at: usize, all: &[(&str, String)], node: Node<'_>) {
        let name = match given.get(at) {
            None | Some(Argument::Missing) => return,
            Some(Argument::Reference(name)) => name.clone(),
            Some(Argument::Value(_)) => self.unknown(node),
        };
        let nodes = self.locals.entry(name).or_default();
        for (property, text) in all {
            let subscripts = vec![Subscript::Text((*property).to_owned())];
            nodes.insert(subscripts, Value::of(text));
        }
    }

    pub(crate) fn text(&self, given: &[Argument], at: usize) -> String {
        match given.get(at) {
            Some(Argument::Value(value)) => value.text(),
            _ => String::new(),
        }
    }

    pub(crate) fn thing(&mut self, thing: Thing) -> Value {
        self.made += 1;
        if let Some(at) = self.free.pop() {
            self.things[at] = thing;
            return Value::Object(at);
        }
        self.things.push(thing);
        Value::Object(self.things.len() - 1)
    }

    fn namespace_method(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let (namespace, name) = (self.text(given, 0), self.text(given, 1));
        let store = &self.instance.store;
        let there = check::has_namespace(store, &namespace);
        let bare = name.trim_start_matches('^');
        let database = match (method, given.len()) {
            ("Exists", 1) => return Ok(Value::flag(there)),
            _ if !there => return error(format!("<NAMESPACE>*{namespace}")),
            ("GetGlobalDest", 1..=3) => {
                place::of_global(store, &namespace, bare, &self.text(given, 2))
            }
            ("GetRoutineDest", 1..=3) => {
                let of_type = if given.len() == 3 { self.text(given, 2) } else { "INT".to_owned() };
                place::of_routine(store, &namespace, &name, &of_type)
            }
            ("GetPackageDest", 1 | 2) => place::of_package(store, &namespace, &name),
            _ => self.unknown(node),
        };
        Ok(Value::Text(place::destination(store, &database)))
    }

    fn database_method(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let name = self.text(given, 0);
        let found = self.instance.store.frame.databases.named(&name).cloned();
        match (method, given.len(), found) {
            ("Exists", 1, found) => Ok(Value::flag(found.is_some())),
            ("Get", 2, Some(database)) => {
                let remote = database.remote.map(|of| of.to_string().into());
                let folder = database.directory.or(database.remote_directory).or(remote);
                let folder = folder.unwrap_or_default().to_string();
                let streams = database.stream_directory.unwrap_or_default().to_string();
                let required = database.mount_required.unwrap_or_default();
                let server = database.server.unwrap_or_default().to_string();
                let all = [
                    ("Name", database.name.to_string()),
                    ("Directory", folder),
                    ("Server", server),
                    ("MountRequired", u8::from(required).to_string()),
                    ("StreamLocation", streams),
                ];
                let all: Vec<_> = all.into_iter().filter(|(_, text)| !text.is_empty()).collect();
                self.put(given, 1, &all, node);
                Ok(Value::of("1"))
            }
            ("Get", 2, None) => {
                Ok(Value::status(Err(format!("Config.Databases '{name}' does not exist"))))
            }
            _ => self.unknown(node),
        }
    }

    /// `$SYSTEM.X.Method(...)`.
    pub(crate) fn system_method(
        &mut self,
        class: &str,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let text = self.text(given, 0);
        let bad = !text.starts_with('1');
        match (class, method, given.len()) {
            ("Status", "IsError", 1) => Ok(Value::flag(bad)),
            ("Status", "IsOK", 1) => Ok(Value::flag(!bad)),
            ("Status", "GetErrorText" | "GetOneErrorText", 1) => {
                Ok(Value::of(text.strip_prefix("0 ").unwrap_or_default()))
            }
            ("Status", "OK", 0) => Ok(Value::of("1")),
            ("Status", "DisplayError", 1) => {
                let text = text.strip_prefix("0 ").unwrap_or_default().to_owned();
                self.output.push_str(&format!("\n{text}"));
                Ok(Value::of("1"))
            }
            ("Mirror", ..) => Ok(self.role(method, given, node)),
            ("Util" | "Version", _, 0) => match self.about(class, method) {
                Some(value) => Ok(value),
                None => self.unknown(node),
            },
            ("Process", "Terminate", 0..=2) if text.is_empty() => {
                let status = match given.get(1) {
                    Some(Argument::Value(status)) => status.number() as i32,
                    _ => 1,
                };
                Err(Signal::Exit(status))
            }
            _ => self.unknown(node),
        }
    }
}
