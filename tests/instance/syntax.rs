//! A line of the language as a tree of its own, made once for each distinct text.
//!
//! Owns [`Item`], what the grammar makes of a line with the text of every part beside it, and [`Node`], a place in
//! such a tree. The grammar's own tree is slow to walk, and a loop walks the same line for every
//! object of an instance.
//! Invariant: a line that does not parse panics.

use tree_sitter::{Node as Parsed, Parser};

/// A part of a line with all that stands in it.
#[derive(Debug)]
pub(crate) struct Item {
    kind: &'static str,
    is_named: bool,
    text: Box<str>,
    parts: Vec<Item>,
}

/// A place in a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'t>(&'t Item);

impl Item {
    /// Parses a line.
    pub(crate) fn parse(text: &str) -> Self {
        // At a prompt a word at the beginning is a command; the grammar takes it for a label.
        let source = format!(" {text}");
        let mut parser = Parser::new();
        let language = tree_sitter_objectscript_playground::LANGUAGE_OBJECTSCRIPT.into();
        parser.set_language(&language).unwrap();
        let tree = parser.parse(&source, None).unwrap();
        let root = tree.root_node();
        assert!(!root.has_error(), "the stand-in cannot parse `{text}`: {}", root.to_sexp());
        Self::of(root, &source)
    }

    fn of(node: Parsed<'_>, source: &str) -> Self {
        let mut cursor = node.walk();
        Self {
            kind: node.kind(),
            is_named: node.is_named(),
            text: source[node.byte_range()].into(),
            parts: node.children(&mut cursor).map(|part| Self::of(part, source)).collect(),
        }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node(self)
    }
}

impl<'t> Node<'t> {
    pub(crate) fn kind(&self) -> &'static str {
        self.0.kind
    }

    pub(crate) fn is_named(&self) -> bool {
        self.0.is_named
    }

    pub(crate) fn text(&self) -> &'t str {
        &self.0.text
    }
}

/// The parts of a part.
pub(crate) fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    node.0.parts.iter().map(Node).collect()
}

/// The parts that have a name in the grammar.
pub(crate) fn named(node: Node<'_>) -> Vec<Node<'_>> {
    node.0.parts.iter().filter(|part| part.is_named).map(Node).collect()
}

/// The first part of that kind.
pub(crate) fn first<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    node.0.parts.iter().find(|part| part.kind == kind).map(Node)
}
