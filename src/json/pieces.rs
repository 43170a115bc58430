//! A JSON document, taken apart as it streams in.
//!
//! Owns [`Pieces`]: it walks the outer object of a document and hands out one value at a time as raw
//! bytes, the elements of an array one by one, so that a document of any size costs the memory of
//! its largest element. `document` parses each piece, which is where bad JSON inside one is told.
//! Invariant: no piece is longer or nested deeper than the limits, the buffer is never larger than
//! one piece and one read, and nothing may follow the outer object.

use std::io::{self, Read};

/// Bytes that one value of a document may take; the largest real one is a few kilobytes.
pub const PIECE_LIMIT: usize = 16 << 20;
/// Bytes that a number or a word may take; a number that every reader keeps has sixteen.
pub const WORD_LIMIT: usize = 1 << 10;
/// Levels that a value may be nested; a configuration has five.
pub const DEPTH_LIMIT: usize = 64;
/// Bytes asked for at a time.
const STEP: usize = 256 << 10;

/// Why a document cannot be taken apart.
#[derive(Debug)]
pub enum Fault {
    /// Reading failed, or what is read is not sound.
    Read(io::Error),
    /// The document ends too early.
    CutShort,
    /// It is no JSON object.
    NotJson,
    /// A value is nested too deep.
    TooDeep,
    /// A value is too long.
    TooLong,
}

/// What a value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `[`.
    Array,
    /// Anything else.
    Other,
}

/// A document that is being taken apart.
pub struct Pieces<R> {
    from: R,
    buffer: Vec<u8>,
    /// Where the next byte stands in the buffer.
    at: usize,
    /// Line of the byte at `at`, counted from 1.
    line: usize,
    /// Line on which the last piece begins.
    piece_line: usize,
    /// Whether a value was read in the object or array that is open.
    first: bool,
}

/// Bytes that mean something between the values of a container.
const STRUCTURE: [bool; 256] = {
    let mut table = [false; 256];
    let marks = b"\"{}[]\n";
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

impl<R: Read> Pieces<R> {
    /// Takes a document apart that comes from a reader.
    pub fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), at: 0, line: 1, piece_line: 1, first: true }
    }

    /// Line on which the last piece begins; of an empty one, where reading stands.
    pub fn piece_line(&self) -> usize {
        self.piece_line
    }

    /// Goes into the outer object; a byte order mark before it is passed over.
    pub fn open(&mut self) -> Result<(), Fault> {
        while self.buffer.len() < 3 && self.fill()? {}
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        self.open_value()
    }

    /// Goes into the object that comes next; its keys and values are read like those of the outer one.
    pub fn open_value(&mut self) -> Result<(), Fault> {
        self.expect(b'{')?;
        self.first = true;
        Ok(())
    }

    /// The next key of the object that is open, or none at its end.
    pub fn key(&mut self) -> Result<Option<String>, Fault> {
        if !self.another(b'}')? {
            // Back in the object around, of which this was a value.
            self.first = false;
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return Err(Fault::NotJson);
        }
        let (from, to) = self.span()?;
        let key = serde_json::from_slice(&self.buffer[from..to]).map_err(|_| Fault::NotJson)?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// What the value that comes next is.
    pub fn shape(&mut self) -> Result<Shape, Fault> {
        match self.peek()? {
            Some(b'[') => Ok(Shape::Array),
            Some(_) => Ok(Shape::Other),
            None => Err(Fault::CutShort),
        }
    }

    /// The whole value that comes next.
    pub fn value(&mut self) -> Result<&[u8], Fault> {
        let (from, to) = self.span()?;
        Ok(&self.buffer[from..to])
    }

    /// Goes into the array that comes next.
    pub fn enter(&mut self) -> Result<(), Fault> {
        self.expect(b'[')?;
        self.first = true;
        Ok(())
    }

    /// The next element of the array, or none at its end.
    pub fn element(&mut self) -> Result<Option<&[u8]>, Fault> {
        if !self.another(b']')? {
            // Back in the outer object, of which this was a value.
            self.first = false;
            return Ok(None);
        }
        let (from, to) = self.span()?;
        Ok(Some(&self.buffer[from..to]))
    }

    /// Sees to it that nothing follows the outer object.
    pub fn close(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(Fault::NotJson),
        }
    }

    /// Whether another value follows in the container that `close` ends; goes past the comma.
    fn another(&mut self, close: u8) -> Result<bool, Fault> {
        let next = self.peek()?.ok_or(Fault::CutShort)?;
        if next == close {
            self.at += 1;
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The next byte that is no white space, or none at the end.
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.buffer.get(self.at).copied() {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                None if self.fill()? => continue,
                next => {
                    self.piece_line = self.line;
                    return Ok(next);
                }
            }
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        match self.peek()? {
            Some(byte) if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::NotJson),
            None => Err(Fault::CutShort),
        }
    }

    /// Where the value that comes next stands in the buffer; goes past it.
    fn span(&mut self) -> Result<(usize, usize), Fault> {
        let first = self.peek()?.ok_or(Fault::CutShort)?;
        let mut length = match first {
            b'"' => self.text(1)?,
            b'{' | b'[' => self.container()?,
            b'}' | b']' | b',' | b':' => return Err(Fault::NotJson),
            _ => self.word()?,
        };
        length = length.min(self.buffer.len() - self.at);
        let from = self.at;
        self.at += length;
        Ok((from, self.at))
    }

    /// Length of an object or array. Whether its brackets match is for the parser to say.
    fn container(&mut self) -> Result<usize, Fault> {
        let (mut length, mut depth) = (0, 0);
        loop {
            let rest = &self.buffer[self.at + length..];
            let Some(skip) = rest.iter().position(|byte| STRUCTURE[usize::from(*byte)]) else {
                length += rest.len();
                self.more(length)?;
                continue;
            };
            let mark = rest[skip];
            length += skip + 1;
            match mark {
                b'"' => length = self.text(length)?,
                b'\n' => self.line += 1,
                b'{' | b'[' if depth == DEPTH_LIMIT => return Err(Fault::TooDeep),
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            if depth == 0 {
                return Ok(length);
            }
        }
    }

    /// Length up to the end of the text whose first letter stands `length` bytes on.
    fn text(&mut self, mut length: usize) -> Result<usize, Fault> {
        loop {
            let rest = &self.buffer[self.at + length..];
            let mut skip = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            // What is escaped may be the quote, and may not have been read yet.
            while rest.get(skip) == Some(&b'\\') && skip + 1 < rest.len() {
                skip += 2;
            }
            match rest.get(skip) {
                Some(b'"') => return Ok(length + skip + 1),
                Some(byte) if *byte != b'\\' => length += skip,
                _ => {
                    length += skip.min(rest.len());
                    self.more(length)?;
                }
            }
        }
    }

    /// Length of a number or a word such as `true`.
    fn word(&mut self) -> Result<usize, Fault> {
        let mut length = 0;
        loop {
            let rest = &self.buffer[self.at + length..];
            let end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            match rest.iter().position(end) {
                Some(skip) => return Ok(length + skip),
                None => length += rest.len(),
            }
            if length > WORD_LIMIT {
                return Err(Fault::TooLong);
            }
            if !self.fill()? {
                return Ok(length);
            }
        }
    }

    /// Reads on within a value of which `length` bytes are there.
    fn more(&mut self, length: usize) -> Result<(), Fault> {
        if length > PIECE_LIMIT {
            return Err(Fault::TooLong);
        }
        if self.fill()? { Ok(()) } else { Err(Fault::CutShort) }
    }

    /// Reads on, after dropping what was handed out; false at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let before = self.buffer.len();
        let mut step = self.from.by_ref().take(STEP as u64);
        step.read_to_end(&mut self.buffer).map_err(Fault::Read)?;
        Ok(self.buffer.len() > before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Hands out one byte at a time.
    struct Drop<'a>(&'a [u8]);

    impl Read for Drop<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (Some(to), Some((first, rest))) = (into.first_mut(), self.0.split_first()) else {
                return Ok(0);
            };
            (*to, self.0) = (*first, rest);
            Ok(1)
        }
    }

    /// The document put together again from its pieces.
    fn again<R: Read>(from: R) -> Result<Value, Fault> {
        let parse = |piece: &[u8]| serde_json::from_slice(piece).map_err(|_| Fault::NotJson);
        let mut pieces = Pieces::new(from);
        let mut whole = serde_json::Map::new();
        pieces.open()?;
        while let Some(key) = pieces.key()? {
            let value: Value = if pieces.shape()? == Shape::Array {
                let mut items = Vec::new();
                pieces.enter()?;
                while let Some(element) = pieces.element()? {
                    items.push(parse(element)?);
                }
                items.into()
            } else {
                parse(pieces.value()?)?
            };
            whole.insert(key, value);
        }
        pieces.close()?;
        Ok(whole.into())
    }

    proptest! {
        /// Any text at all is taken for what serde_json takes it for, and never panics.
        #[test]
        fn the_pieces_are_the_document(
            text in r#"\{("[a-c\\"{]{0,3}" ?: ?([0-9]|true|"x"|\[[\[\]{}:,"a0 ]{0,9}\]),?\n?){0,3}\} ?"#
        ) {
            let usual: Option<Value> = serde_json::from_str(&text).ok();
            prop_assert_eq!(again(text.as_bytes()).ok(), usual.clone());
            prop_assert_eq!(again(Drop(text.as_bytes())).ok(), usual);
        }
    }

    #[test]
    fn what_is_no_object_or_does_not_end_is_refused() {
        for text in ["", "[]", "1", "{} {}", "{}x", "{,}", r#"{"a":1,}"#, r#"{"a" 1}"#, r#"{1:1}"#]
        {
            assert!(again(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["{", r#"{"a"#, r#"{"a":"#, r#"{"a":["#, r#"{"a":{"b":"\"#, r#"{"a":1"#] {
            assert!(matches!(again(text.as_bytes()), Err(Fault::CutShort)), "{text}");
        }
        let deep = format!("{{\"a\":{{\"b\":{}", "[".repeat(100));
        assert!(matches!(again(deep.as_bytes()), Err(Fault::TooDeep)));
        let long = format!("{{\"a\":\"{}", "x".repeat(PIECE_LIMIT + 2 * STEP));
        assert!(matches!(again(long.as_bytes()), Err(Fault::TooLong)));
    }
}
