//! Expressions: strictly from left to right, no operator before another (H8.1).
//!
//! Owns operands, operators, variables and chains of calls on objects.
//! Invariant: an operator or operand that is not known panics; a variable that was never set is the
//! error `<UNDEFINED>`.

use super::syntax::{Node, first, named, parts};

use super::dynamic::Dynamic;
use super::place::Subscript;
use super::script::{Process, Thing};
use super::value::{Outcome, Value, error};

/// An argument of a call.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    /// Left out.
    Missing,
    Value(Value),
    /// `.variable`.
    Reference(String),
}

/// One step of an expression, in the order in which it is done.
enum Step<'t> {
    /// An operand with what stands before it, innermost last.
    Operand(Node<'t>, Vec<Node<'t>>),
    Operator(Node<'t>),
}

impl Process<'_> {
    /// The value of an expression.
    pub(crate) fn value(&mut self, node: Node<'_>) -> Outcome<Value> {
        let mut steps = Vec::new();
        self.steps_of(node, Vec::new(), &mut steps);
        let mut so_far: Option<Value> = None;
        let mut operator: Option<Node<'_>> = None;
        for step in steps {
            match step {
                Step::Operator(node) => operator = Some(node),
                Step::Operand(node, before) => {
                    let Some(left) = so_far.take() else {
                        so_far = Some(self.operand(node, &before)?);
                        continue;
                    };
                    let operator = operator.take().unwrap();
                    let word = self.said(operator);
                    so_far = Some(match word {
                        "&&" if !left.truth() => Value::flag(false),
                        "||" if left.truth() => Value::flag(true),
                        _ => {
                            let right = self.operand(node, &before)?;
                            match combined(word, &left, &right)? {
                                Some(value) => value,
                                None => self.unknown(operator),
                            }
                        }
                    });
                }
            }
        }
        Ok(so_far.unwrap())
    }

    /// Takes an expression apart into one row of steps, however the grammar nests it. What stands in
    /// parentheses is one operand.
    fn steps_of<'t>(&self, node: Node<'t>, before: Vec<Node<'t>>, steps: &mut Vec<Step<'t>>) {
        if node.kind() != "expression" {
            steps.push(Step::Operand(node, before));
            return;
        }
        let children = parts(node);
        let mut children = children.into_iter().peekable();
        let mut before = Some(before);
        while let Some(child) = children.next() {
            match child.kind() {
                "(" => {
                    let inner = children.next().unwrap();
                    let close = children.next();
                    if inner.kind() != "expression" || close.is_none_or(|of| of.kind() != ")") {
                        self.unknown(node);
                    }
                    // A parenthesis is an operand of its own: the whole of what stands in it.
                    steps.push(Step::Operand(inner, before.take().unwrap_or_default()));
                }
                "unary_expression" => {
                    let [sign, operand] = parts(child)[..] else { self.unknown(child) };
                    let mut signs = before.take().unwrap_or_default();
                    signs.push(sign);
                    self.steps_of(operand, signs, steps);
                }
                "binary_operator" => {
                    let [sign] = parts(child)[..] else { self.unknown(child) };
                    steps.push(Step::Operator(sign));
                }
                _ if child.is_named() && !child.kind().ends_with("_operator") => {
                    self.steps_of(child, before.take().unwrap_or_default(), steps);
                }
                _ => self.unknown(node),
            }
        }
    }

    fn operand(&mut self, node: Node<'_>, before: &[Node<'_>]) -> Outcome<Value> {
        let mut value = match node.kind() {
            "expression" => self.value(node)?,
            _ => self.primary(node)?,
        };
        for sign in before.iter().rev() {
            value = match self.said(*sign) {
                "'" => Value::flag(!value.truth()),
                "-" => Value::number_of(-value.number()),
                "+" => Value::number_of(value.number()),
                _ => self.unknown(*sign),
            };
        }
        Ok(value)
    }

    /// The value of something that is no combination.
    pub(crate) fn primary(&mut self, node: Node<'_>) -> Outcome<Value> {
        let said = self.said(node);
        match node.kind() {
            "string_literal" => {
                let inner = said.strip_prefix('"').and_then(|said| said.strip_suffix('"'));
                Ok(Value::Text(inner.unwrap().replace("\"\"", "\"")))
            }
            "numeric_literal" => {
                let number: f64 = said.parse().unwrap_or_else(|_| self.unknown(node));
                Ok(Value::number_of(number))
            }
            "lvn" => {
                let (name, subscripts) = self.local(node)?;
                let found = self.locals.get(&name).and_then(|nodes| nodes.get(&subscripts));
                match found {
                    Some(value) => Ok(value.clone()),
                    None => error(format!("<UNDEFINED>*{said}")),
                }
            }
            "system_defined_variable" => match said.to_ascii_lowercase().as_str() {
                "$namespace" => Ok(Value::Text(self.namespace.clone())),
                "$zerror" | "$ze" => Ok(Value::Text(self.zerror.clone())),
                "$system" => Ok(Value::of("stand-in:IRIS")),
                "$horolog" | "$h" => {
                    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
                    Ok(Value::Text(format!("{},{}", since / 86_400 + 47_117, since % 86_400)))
                }
                "$zversion" | "$zv" => {
                    Ok(Value::of("IRIS for UNIX (stand-in) 2024.1.2 (Build 398U) Mon Jan 1 2024"))
                }
                _ => self.unknown(node),
            },
            "system_defined_function" => match first(node, "class_name") {
                Some(class) => {
                    let class = self.said(class).to_owned();
                    let name = self.said(first(node, "method_name").unwrap()).to_owned();
                    let arguments = self.arguments(first(node, "method_args"))?;
                    self.system_method(&class, &name, &arguments, node)
                }
                None => self.function(node),
            },
            "class_method_call" => {
                let class = self.class_of(first(node, "class_ref").unwrap());
                let name = self.said(first(node, "method_name").unwrap()).to_owned();
                let arguments = self.arguments(first(node, "method_args"))?;
                self.class_method(&class, &name, &arguments, node)
            }
            "oref_chain_expr" => {
                let parts = named(node);
                self.chain(parts[0], &parts[1..])
            }
            "expression" => self.value(node),
            "json_object_literal" | "json_array_literal" => {
                if !["{}", "[]"].contains(&said) {
                    self.unknown(node);
                }
                let is_array = said == "[]";
                Ok(self.thing(Thing::Dynamic(Dynamic { is_array, entries: Vec::new() })))
            }
            _ => self.unknown(node),
        }
    }

    fn class_of(&self, reference: Node<'_>) -> String {
        self.said(first(reference, "class_name").unwrap()).trim_matches('"').to_owned()
    }

    /// Calls and properties one after the other.
    pub(crate) fn chain(&mut self, begin: Node<'_>, segments: &[Node<'_>]) -> Outcome<Value> {
        let mut so_far = match begin.kind() {
            "class_ref" => None,
            _ => Some(self.primary(begin)?),
        };
        for segment in segments {
            // `do` has the last call without a segment around it.
            let link = match segment.kind() {
                "oref_chain_segment" => named(*segment)[0],
                _ => *segment,
            };
            let value = match link.kind() {
                "oref_method" => {
                    let name = self.said(first(link, "method_name").unwrap()).to_owned();
                    let arguments = self.arguments(first(link, "method_args"))?;
                    match &so_far {
                        Some(object) => self.method(&object.clone(), &name, &arguments, link)?,
                        None => {
                            let class = self.class_of(begin);
                            self.class_method(&class, &name, &arguments, link)?
                        }
                    }
                }
                "oref_property" => {
                    let name = self.said(link).to_owned();
                    let Some(object) = &so_far else { self.unknown(begin) };
                    self.property(&object.clone(), &name, link)?
                }
                _ => self.unknown(link),
            };
            so_far = Some(value);
        }
        Ok(so_far.unwrap())
    }

    /// A local variable: its name and subscripts.
    pub(crate) fn local(&mut self, node: Node<'_>) -> Outcome<(String, Vec<Subscript>)> {
        let name = first(node, "objectscript_identifier").unwrap_or_else(|| self.unknown(node));
        let name = self.said(name).to_owned();
        let subscripts = self.subscripts(first(node, "method_args"))?;
        Ok((name, subscripts))
    }

    pub(crate) fn subscripts(&mut self, node: Option<Node<'_>>) -> Outcome<Vec<Subscript>> {
        let mut subscripts = Vec::new();
        for argument in self.arguments(node)? {
            match argument {
                Argument::Value(value) => subscripts.push(value.subscript()),
                _ => return error("<SYNTAX>"),
            }
        }
        Ok(subscripts)
    }

    /// The places between the commas of a call, those that are left out too.
    pub(crate) fn argument_nodes<'t>(&self, children: &[Node<'t>]) -> Vec<Option<Node<'t>>> {
        let mut places = vec![None];
        for child in children {
            match child.kind() {
                "," => places.push(None),
                "(" | ")" => {}
                _ => *places.last_mut().unwrap() = Some(*child),
            }
        }
        if places.len() == 1 && places[0].is_none() {
            places.clear();
        }
        places
    }

    /// The arguments of a call.
    pub(crate) fn arguments(&mut self, node: Option<Node<'_>>) -> Outcome<Vec<Argument>> {
        let Some(node) = node else { return Ok(Vec::new()) };
        let mut arguments = Vec::new();
        for place in self.argument_nodes(&parts(node)) {
            let Some(place) = place else {
                arguments.push(Argument::Missing);
                continue;
            };
            let [inner] = named(place)[..] else { self.unknown(place) };
            arguments.push(match inner.kind() {
                "byref_arg" => {
                    let (name, subscripts) = self.local(first(inner, "lvn").unwrap())?;
                    if !subscripts.is_empty() {
                        self.unknown(inner);
                    }
                    Argument::Reference(name)
                }
                "expression" => Argument::Value(self.value(inner)?),
                _ => self.unknown(inner),
            });
        }
        Ok(arguments)
    }
}

/// Two values under an operator; none where it is not known.
fn combined(operator: &str, left: &Value, right: &Value) -> Outcome<Option<Value>> {
    if let Some(positive) = operator.strip_prefix('\'') {
        let value = combined(positive, left, right)?;
        return Ok(value.map(|value| Value::flag(!value.truth())));
    }
    let (a, b) = (left.number(), right.number());
    let value = match operator {
        "_" => match (left, right) {
            (Value::List(a), Value::List(b)) => Value::List([a.as_slice(), b].concat()),
            (Value::List(_), empty) if empty.text().is_empty() => left.clone(),
            (empty, Value::List(_)) if empty.text().is_empty() => right.clone(),
            _ => Value::Text(left.text() + &right.text()),
        },
        "+" => Value::number_of(a + b),
        "-" => Value::number_of(a - b),
        "*" => Value::number_of(a * b),
        "/" | "\\" | "#" if b == 0.0 => return error("<DIVIDE>"),
        "/" => Value::number_of(a / b),
        "\\" => Value::number_of((a / b).trunc()),
        "#" => Value::number_of(a - b * (a / b).floor()),
        "**" => Value::number_of(a.powf(b)),
        "<" => Value::flag(a < b),
        ">" => Value::flag(a > b),
        "<=" => Value::flag(a <= b),
        ">=" => Value::flag(a >= b),
        "=" => Value::flag(left.text() == right.text()),
        "[" => Value::flag(left.text().contains(&right.text())),
        "]" => Value::flag(left.text() > right.text()),
        "]]" => Value::flag(left.subscript() > right.subscript()),
        "&" | "&&" => Value::flag(left.truth() && right.truth()),
        "!" | "||" => Value::flag(left.truth() || right.truth()),
        _ => return Ok(None),
    };
    Ok(Some(value))
}
