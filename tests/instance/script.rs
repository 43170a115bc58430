//! A direct-mode script, command by command (H7.2, H8.1).
//!
//! Owns [`Process`], which runs the lines of a script one by one, and the commands of the language.
//! Every line is parsed with the grammar for loose lines.
//! Invariant: a line that does not parse, and a command that is not known, panics.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use super::syntax::{Item, Node, first, named};

use super::place::Subscript;
use super::task::Task;
use super::value::{Outcome, Signal, Value, canonical, error};
use super::{Instance, Session, check, place};

/// An object of the language.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Task(Task),
    /// A statement with the class query it holds.
    Statement(Option<(String, String)>),
    Rows(super::query::Rows),
    /// A result set of the older class, with the class query it holds and the rows once it was executed.
    ResultSet(String, String, super::query::Rows),
    /// A collection of a task: which task, which property.
    Addresses(usize, String),
    /// An exception with its text.
    Exception(String),
    Dynamic(super::dynamic::Dynamic),
    /// An iterator over a dynamic object, and how far it is.
    Iterator(usize, usize),
    File(super::file::OpenFile),
    /// A database that was opened.
    Database(super::database::Shown),
    /// A locale with its name.
    Locale(String),
    /// Nothing any more: nobody holds it.
    Free,
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Process<'i> {
    pub(crate) instance: &'i mut Instance,
    /// The lines that were parsed, by their texts.
    parsed: HashMap<String, Rc<Item>>,
    pub(crate) locals: BTreeMap<String, BTreeMap<Vec<Subscript>, Value>>,
    pub(crate) things: Vec<Thing>,
    /// Places of things that nobody holds, and how many were made since they were looked for.
    pub(crate) free: Vec<usize>,
    pub(crate) made: usize,
    pub(crate) namespace: String,
    pub(crate) zerror: String,
    pub(crate) output: String,
    steps: usize,
    /// After so many commands a script is taken for one that does not end.
    pub(crate) most: usize,
}

/// A session that is spoken to line by line. A login may start anywhere, so it starts in USER (H7.2).
#[derive(Debug)]
pub(crate) struct Terminal<'i> {
    process: Process<'i>,
    /// How deep in the stack errors left it.
    level: usize,
}

impl<'i> Terminal<'i> {
    pub(crate) fn of(instance: &'i mut Instance) -> Self {
        let process = Process {
            instance,
            parsed: HashMap::new(),
            locals: BTreeMap::new(),
            things: Vec::new(),
            free: Vec::new(),
            made: 0,
            namespace: "USER".to_owned(),
            zerror: String::new(),
            output: String::new(),
            steps: 0,
            most: 1_000_000,
        };
        Self { process, level: 0 }
    }

    /// Any script may take as long as it likes: whoever started the program has a limit of its own.
    pub(crate) fn without_limit(&mut self) {
        self.process.most = usize::MAX;
    }

    /// The instance that it is on.
    pub(crate) fn instance(&mut self) -> &mut Instance {
        self.process.instance
    }

    /// What stands before a line that is waited for.
    pub(crate) fn prompt(&self) -> String {
        let depth = match self.level {
            0 => String::new(),
            level => format!(" {}d{level}", level + 1),
        };
        format!("\n{}{depth}>", self.process.namespace)
    }

    /// Does a line; a status where the process ends with it.
    pub(crate) fn line(&mut self, line: &str) -> Option<i32> {
        match self.process.line(line) {
            Ok(()) | Err(Signal::Quit) => None,
            Err(Signal::Exit(status)) => Some(status),
            Err(Signal::Error { text, .. }) => {
                self.fail(text);
                None
            }
        }
    }

    /// An error that nobody catches.
    pub(crate) fn fail(&mut self, text: String) {
        self.process.output.push_str(&format!("\n{text}"));
        self.process.zerror = text;
        self.level += 1;
    }

    /// What was printed since.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.process.output)
    }
}

/// The first lines of a session.
pub(crate) const BANNER: &str = "\nNode: stand-in, Instance: IRIS\n";

/// What `iris session < script` does.
pub(crate) fn session(instance: &mut Instance, script: &str) -> Session {
    let mut output = BANNER.to_owned();
    let mut terminal = Terminal::of(instance);
    for line in script.lines() {
        output.push_str(&terminal.prompt());
        let ended = terminal.line(line);
        output.push_str(&terminal.take());
        if let Some(status) = ended {
            return Session { output, status };
        }
    }
    Session { output, status: 0 }
}

impl Process<'_> {
    pub(crate) fn said<'t>(&self, node: Node<'t>) -> &'t str {
        node.text()
    }

    /// Panics: nothing passes silently.
    pub(crate) fn unknown(&self, node: Node<'_>) -> ! {
        panic!("the stand-in does not know {} `{}`", node.kind(), self.said(node))
    }

    pub(crate) fn line(&mut self, text: &str) -> Outcome<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let item = match self.parsed.get(text) {
            Some(item) => Rc::clone(item),
            None => {
                let item = Rc::new(Item::parse(text));
                self.parsed.insert(text.to_owned(), Rc::clone(&item));
                item
            }
        };
        self.statements(&named(item.root()))
    }

    /// Takes back the things that no variable leads to. Nothing but variables holds one between two
    /// commands.
    fn sweep(&mut self) {
        let mut held = vec![false; self.things.len()];
        let mut found: Vec<usize> = Vec::new();
        for value in self.locals.values().flat_map(BTreeMap::values) {
            found.extend(match value {
                Value::Object(at) => Some(*at),
                _ => None,
            });
        }
        while let Some(at) = found.pop() {
            if std::mem::replace(&mut held[at], true) {
                continue;
            }
            match &self.things[at] {
                Thing::Addresses(of, _) | Thing::Iterator(of, _) => found.push(*of),
                Thing::Dynamic(dynamic) => {
                    found.extend(dynamic.entries.iter().filter_map(|(_, entry)| match entry {
                        super::dynamic::Entry::Thing(at) => Some(*at),
                        super::dynamic::Entry::Plain(_) => None,
                    }));
                }
                _ => {}
            }
        }
        self.free.clear();
        for (at, held) in held.into_iter().enumerate() {
            if !held {
                self.things[at] = Thing::Free;
                self.free.push(at);
            }
        }
        self.made = 0;
    }

    fn statements(&mut self, nodes: &[Node<'_>]) -> Outcome<()> {
        nodes.iter().filter(|node| node.kind() == "statement").try_for_each(|statement| {
            named(*statement).into_iter().try_for_each(|command| self.command(command))
        })
    }

    /// The statements inside a command, in order.
    fn block(&mut self, node: Node<'_>) -> Outcome<()> {
        self.statements(&named(node))
    }

    fn command(&mut self, node: Node<'_>) -> Outcome<()> {
        self.steps += 1;
        if self.made > 10_000 {
            self.sweep();
        }
        assert!(self.steps < self.most, "the script does not end");
        if let Some(condition) = first(node, "post_conditional")
            && !self.value(first(condition, "expression").unwrap())?.truth()
        {
            return Ok(());
        }
        let arguments = named(node).into_iter().filter(|part| {
            !part.kind().starts_with("keyword_") && part.kind() != "post_conditional"
        });
        let arguments: Vec<Node<'_>> = arguments.collect();
        match node.kind() {
            "command_set" => arguments.into_iter().try_for_each(|of| self.set(of)),
            "command_kill" if arguments.is_empty() => {
                self.locals.clear();
                Ok(())
            }
            "command_kill" => arguments.into_iter().try_for_each(|of| self.kill(of)),
            "command_write" => arguments.into_iter().try_for_each(|of| self.write(of)),
            "command_do" => arguments.into_iter().try_for_each(|of| self.act(of)),
            "command_if" => self.condition(node),
            "command_while" => self.repeat(node),
            "command_for" => self.each(node),
            "command_trycatch" => self.attempt(node),
            "command_throw" => {
                let [thrown] = arguments[..] else { self.unknown(node) };
                match self.value(thrown)? {
                    Value::Object(at) => match self.things[at].clone() {
                        Thing::Exception(text) => Err(Signal::Error { text, system: false }),
                        _ => self.unknown(node),
                    },
                    _ => error("<THROW>"),
                }
            }
            // A margin out of range: long lines stay whole (H8.2).
            "command_use" if self.said(node).eq_ignore_ascii_case("use $io:(0)") => Ok(()),
            "command_quit" if arguments.is_empty() => Err(Signal::Quit),
            "command_halt_or_hang" if first(node, "keyword_halt").is_some() => Err(Signal::Exit(0)),
            "command_halt_or_hang" => {
                let [seconds] = arguments[..] else { self.unknown(node) };
                let seconds = self.value(seconds)?.number().max(0.0);
                std::thread::sleep(Duration::from_secs_f64(seconds));
                Ok(())
            }
            "command_xecute" => arguments.into_iter().try_for_each(|of| {
                let text = self.value(first(of, "expression").unwrap())?.text();
                match self.line(&text) {
                    Err(Signal::Quit) => Ok(()),
                    other => other,
                }
            }),
            _ => self.unknown(node),
        }
    }

    fn set(&mut self, node: Node<'_>) -> Outcome<()> {
        let value = self.value(first(node, "expression").unwrap())?;
        let targets = match first(node, "set_target_list") {
            Some(list) => named(list),
            None => named(node).into_iter().filter(|part| part.kind() == "set_target").collect(),
        };
        for target in targets {
            let [target] = named(target)[..] else { self.unknown(target) };
            match target.kind() {
                "lvn" => {
                    let (name, subscripts) = self.local(target)?;
                    self.locals.entry(name).or_default().insert(subscripts, value.clone());
                }
                "system_defined_variable" if self.is(target, "$namespace") => {
                    self.enter(&value.text())?;
                }
                "oref_chain_expr" => {
                    let [object, segment] = named(target)[..] else { self.unknown(target) };
                    let property = first(segment, "oref_property");
                    let Some(property) = property else { self.unknown(target) };
                    let object = self.primary(object)?;
                    let name = self.said(property).to_owned();
                    self.set_property(&object, &name, &value, target)?;
                }
                _ => self.unknown(target),
            }
        }
        Ok(())
    }

    fn is(&self, node: Node<'_>, word: &str) -> bool {
        self.said(node).eq_ignore_ascii_case(word)
    }

    /// `set $namespace`: a namespace, or a directory as an implied one.
    fn enter(&mut self, name: &str) -> Outcome<()> {
        let store = &self.instance.store;
        if name.starts_with("^^") {
            if place::at(store, name).is_none() {
                return error(format!("<NAMESPACE>*{name}"));
            }
            self.namespace = name.to_owned();
        } else if check::has_namespace(store, name) {
            self.namespace = name.to_uppercase();
        } else {
            return error(format!("<NAMESPACE>*{name}"));
        }
        Ok(())
    }

    fn kill(&mut self, node: Node<'_>) -> Outcome<()> {
        let Some(target) = first(node, "lvn") else { self.unknown(node) };
        let (name, subscripts) = self.local(target)?;
        if let Some(nodes) = self.locals.get_mut(&name) {
            nodes.retain(|of, _| !of.starts_with(&subscripts));
            if nodes.is_empty() {
                self.locals.remove(&name);
            }
        }
        Ok(())
    }

    fn write(&mut self, node: Node<'_>) -> Outcome<()> {
        let Some(part) = named(node).into_iter().next() else { self.unknown(node) };
        match part.kind() {
            "expression" => {
                let text = self.value(part)?.text();
                self.output.push_str(&text);
            }
            "write_device_control" => {
                for control in named(part) {
                    if control.kind() != "write_device_fflf" || self.said(control).contains('#') {
                        self.unknown(node);
                    }
                    let breaks = self.said(control).matches('!').count();
                    self.output.push_str(&"\n".repeat(breaks));
                }
            }
            _ => self.unknown(node),
        }
        Ok(())
    }

    /// An argument of `do`: a call whose value nobody wants.
    fn act(&mut self, node: Node<'_>) -> Outcome<()> {
        let parts = named(node);
        match parts[..] {
            [] => self.unknown(node),
            [only] => self.primary(only).map(drop),
            [begin, ..] => self.chain(begin, &parts[1..]).map(drop),
        }
    }

    fn condition(&mut self, node: Node<'_>) -> Outcome<()> {
        if self.holds(node)? {
            return self.block(node);
        }
        for branch in named(node) {
            match branch.kind() {
                "elseif_block" if self.holds(branch)? => return self.block(branch),
                "else_block" => return self.block(branch),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether all conditions of a branch hold; the ones after the first false one are not looked at.
    fn holds(&mut self, node: Node<'_>) -> Outcome<bool> {
        let conditions = named(node).into_iter().filter(|part| part.kind() == "expression");
        let conditions: Vec<Node<'_>> = conditions.collect();
        if conditions.is_empty() {
            self.unknown(node);
        }
        for condition in conditions {
            if !self.value(condition)?.truth() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn repeat(&mut self, node: Node<'_>) -> Outcome<()> {
        while self.holds(node)? {
            match self.block(node) {
                Err(Signal::Quit) => break,
                other => other?,
            }
        }
        Ok(())
    }

    fn each(&mut self, node: Node<'_>) -> Outcome<()> {
        let Some(parameter) = first(node, "for_parameter") else {
            return loop {
                match self.block(node) {
                    Err(Signal::Quit) => break Ok(()),
                    other => other?,
                }
            };
        };
        let variable = first(parameter, "lvn").unwrap();
        let (name, subscripts) = self.local(variable)?;
        for range in named(parameter).into_iter().filter(|of| of.kind() == "for_parameter_arg") {
            let mut values = Vec::new();
            for part in named(range) {
                values.push(self.value(part)?);
            }
            let (begin, step, end) = match &values[..] {
                [only] => (only.number(), 1.0, Some(only.number())),
                [begin, step] => (begin.number(), step.number(), None),
                [begin, step, end] => (begin.number(), step.number(), Some(end.number())),
                _ => self.unknown(range),
            };
            let single = (values.len() == 1).then(|| values[0].clone());
            let mut at = begin;
            while end.is_none_or(|end| if step < 0.0 { at >= end } else { at <= end }) {
                let value = single.clone().unwrap_or_else(|| Value::Text(canonical(at)));
                let nodes = self.locals.entry(name.clone()).or_default();
                nodes.insert(subscripts.clone(), value);
                match self.block(node) {
                    Err(Signal::Quit) => return Ok(()),
                    other => other?,
                }
                at += step;
            }
        }
        Ok(())
    }

    fn attempt(&mut self, node: Node<'_>) -> Outcome<()> {
        let (text, system) = match self.block(node) {
            Err(Signal::Error { text, system }) => (text, system),
            // `quit` in a block leaves the block (GCOS TRY).
            Err(Signal::Quit) => return Ok(()),
            other => return other,
        };
        if system {
            self.zerror.clone_from(&text);
        }
        let Some(handler) = first(node, "catch_block") else { self.unknown(node) };
        if let Some(variable) = first(handler, "lvn") {
            let (name, subscripts) = self.local(variable)?;
            let exception = self.thing(Thing::Exception(text));
            self.locals.entry(name).or_default().insert(subscripts, exception);
        }
        match self.block(handler) {
            Err(Signal::Quit) => Ok(()),
            other => other,
        }
    }
}
