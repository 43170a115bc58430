//! One line of ObjectScript, as somebody types it in a terminal session.
//!
//! Parses it with the grammar for loose lines and tells what stands in it: its shape, in which every
//! constant text is one leaf however it is written (`"a"_$CHAR(10)_"b"`), and the constants by what
//! they mean. Two commands with one shape do the same to different names.

use tree_sitter::{Node, Parser, Tree};

/// A line without an error.
#[derive(Debug)]
pub struct Line {
    source: String,
    tree: Tree,
}

impl Line {
    /// Parses a line; what is wrong where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(letter) = text.chars().find(|letter| letter.is_control()) {
            return Err(format!("it is no single line: U+{:04X} is in it", u32::from(letter)));
        }
        // At a prompt a word at the beginning is a command; the grammar takes it for a label.
        let source = format!(" {text}");
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_objectscript_playground::LANGUAGE_OBJECTSCRIPT.into())
            .unwrap();
        let tree = parser.parse(&source, None).unwrap();
        let line = Self { source, tree };
        match line.fault(line.root()) {
            Some(fault) => Err(fault),
            None if line.root().has_error() => Err("it does not parse".to_owned()),
            None => Ok(line),
        }
    }

    /// The whole of it.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The text of a part.
    pub fn text(&self, node: Node<'_>) -> &str {
        &self.source[node.byte_range()]
    }

    fn fault(&self, node: Node<'_>) -> Option<String> {
        if node.is_missing() {
            return Some(format!("it does not parse: {} is missing", node.kind()));
        }
        if node.is_error() {
            return Some(format!("it does not parse: `{}`", self.text(node)));
        }
        all(node).find_map(|child| self.fault(child))
    }

    /// What the line does, without what the texts in it say, and those texts in order.
    pub fn shape(&self) -> (String, Vec<String>) {
        let (mut shape, mut constants) = (String::new(), Vec::new());
        self.shape_of(self.root(), &mut shape, &mut constants);
        (shape, constants)
    }

    fn shape_of(&self, node: Node<'_>, shape: &mut String, constants: &mut Vec<String>) {
        if let Some(constant) = self.constant(node) {
            shape.push_str("(text)");
            constants.push(constant);
            return;
        }
        shape.push('(');
        shape.push_str(node.kind());
        if all(node).all(|child| !child.is_named()) || node.kind() == "system_defined_function" {
            let own = self.text(node);
            shape.push(' ');
            shape.push_str(own.split('(').next().unwrap_or_default());
        }
        for child in all(node) {
            match child.is_named() {
                true => self.shape_of(child, shape, constants),
                false => shape.push_str(if child.kind() == "," { "," } else { "" }),
            }
        }
        shape.push(')');
    }

    /// What a constant text says: literals and characters by number, in one piece.
    pub fn constant(&self, node: Node<'_>) -> Option<String> {
        let text = self.text(node);
        match node.kind() {
            "string_literal" => {
                let inner = text.strip_prefix('"')?.strip_suffix('"')?;
                let single = inner.replace("\"\"", "");
                (!single.contains('"')).then(|| inner.replace("\"\"", "\""))
            }
            "system_defined_function" => {
                let numbers = text.strip_prefix("$CHAR(")?.strip_suffix(')')?;
                numbers.split(',').map(|number| char::from_u32(number.parse().ok()?)).collect()
            }
            "expression" => {
                let mut said = String::new();
                for child in named(node) {
                    match child.kind() {
                        "binary_operator" if self.text(child) == "_" => {}
                        _ => said.push_str(&self.constant(child)?),
                    }
                }
                Some(said)
            }
            _ => None,
        }
    }
}

/// The parts of a part.
pub fn all(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    (0..node.child_count()).filter_map(move |at| node.child(at.try_into().unwrap()))
}

/// The parts of a part that have a name in the grammar.
pub fn named(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    all(node).filter(Node::is_named)
}

/// The first part of that kind.
pub fn first<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    named(node).find(|child| child.kind() == kind)
}
