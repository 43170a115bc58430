//! Walking an XML export, element by element, in constant memory.
//!
//! Owns the reading of the product's security and task exports down to records: which elements are
//! kept is decided by the caller (allow-list, H4.8), everything else is passed over without being
//! stored. `security` and `task` turn the records into objects.
//! Invariant: no document type, no entity of its own, no attribute means anything, a limited depth
//! and a limited size of one record, so no input costs more than its own reading; a file that ends
//! before its root element does is cut short, never just shorter.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::encoding::EncodingError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zeroize::Zeroizing;

use super::counted::Counted;
use crate::error::{Error, Result};
use crate::model::{Content, Field, Record};

/// Levels of elements within a value; real exports have two.
const DEPTH_LIMIT: usize = 8;

/// What becomes of a child element of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Kept as a field of the record, under the name its declaration gives.
    Keep(&'static str),
    /// Kept apart, to be looked at once and wiped.
    Apart(&'static str),
    /// Known, and dropped.
    Drop,
    /// Not known: dropped, and counted by name.
    Unknown,
}

/// Texts of elements that never enter the model, by name, with the line of each; wiped when dropped.
pub(super) type Apart = BTreeMap<&'static str, (usize, Zeroizing<String>)>;

/// One record element as it stands in the file.
pub(super) struct Element {
    /// Name of the element, such as `Users`.
    pub(super) name: String,
    /// Names of the elements around it, outermost first.
    pub(super) inside: Vec<String>,
    /// What was kept.
    pub(super) record: Record,
    /// What was kept apart.
    pub(super) apart: Apart,
}

/// What the caller wants from an export.
pub(super) trait Taker {
    /// Whether an element holds records rather than being one, given the names around it.
    fn is_container(&self, name: &str, inside: &[String]) -> bool;
    /// What becomes of a child of a record.
    fn fate(&self, record: &str, child: &str) -> Fate;
    /// Takes one record.
    fn take(&mut self, element: Element) -> Result<()>;
    /// Is told of a child that is not known.
    fn unknown(&mut self, record: &str, child: &str);
    /// Is told of a container that is there, even if it is empty.
    fn container(&mut self, name: &str, inside: &[String]);
}

/// Reads an export from beginning to end.
pub(super) fn read(path: &Path, file: impl Read, taker: &mut impl Taker) -> Result<()> {
    let counted = Counted::new(file);
    let mut reader = Reader::from_reader(counted);
    reader.config_mut().check_end_names = true;
    let buffer = Zeroizing::new(Vec::new());
    let text = Zeroizing::new(String::new());
    let inside = Vec::new();
    let mut walk = Walk { path, reader, buffer, name: String::new(), text, begins: 1, inside };
    walk.document(taker)
}

struct Walk<'a, R: Read> {
    path: &'a Path,
    reader: Reader<Counted<R>>,
    buffer: Zeroizing<Vec<u8>>,
    /// Name of the element that started last; used again and again, for there are many.
    name: String,
    /// Text that was read last; likewise, and wiped at the end.
    text: Zeroizing<String>,
    /// Line on which the event that was read last begins.
    begins: usize,
    /// Names of the containers around.
    inside: Vec<String>,
}

/// An event, without what nobody needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// An element starts; its name is in `name`.
    Start,
    /// An element without content; its name is in `name`.
    Empty,
    /// A piece of text; it is in `text`.
    Text,
    End,
    Eof,
}

impl<R: Read> Walk<'_, R> {
    fn document(&mut self, taker: &mut impl Taker) -> Result<()> {
        let mut roots = 0;
        loop {
            self.reader.get_mut().refill();
            match self.step()? {
                step @ (Step::Start | Step::Empty) => {
                    if self.inside.is_empty() {
                        roots += 1;
                        if roots > 1 {
                            return Err(self.malformed("a second export follows the first one"));
                        }
                    }
                    let name = self.name.clone();
                    let is_container = taker.is_container(&name, &self.inside);
                    if is_container {
                        taker.container(&name, &self.inside);
                    }
                    match (step, is_container) {
                        (Step::Start, true) => self.inside.push(name),
                        (Step::Start, false) => {
                            let element = self.record(name, taker)?;
                            taker.take(element)?;
                        }
                        _ => {}
                    }
                }
                Step::Text if self.text.trim().is_empty() => {}
                Step::Text => {
                    let blank = self.text.len() - self.text.trim_start().len();
                    let before = self.text.get(..blank).unwrap_or_default();
                    let line = self.begins + before.matches('\n').count();
                    let what = "text stands where a record is expected";
                    return Err(Error::malformed(self.path, line, what, EXPORT_AGAIN));
                }
                Step::End => {
                    self.inside.pop();
                }
                Step::Eof if self.inside.is_empty() && roots == 1 => return Ok(()),
                Step::Eof => return Err(self.cut_short()),
            }
        }
    }

    /// Reads a record up to its end tag.
    fn record(&mut self, name: String, taker: &mut impl Taker) -> Result<Element> {
        let mut record = Record::new(self.line());
        let mut apart = Apart::new();
        loop {
            match self.step()? {
                Step::Start => match taker.fate(&name, &self.name) {
                    Fate::Keep(field) => {
                        let line = self.line();
                        if let Some(content) = self.content(0)? {
                            record.fields.retain(|known| known.name != field);
                            record.fields.push(Field { name: field.into(), line, content });
                        }
                    }
                    Fate::Apart(field) => {
                        let line = self.line();
                        let text = self.secret()?;
                        apart.insert(field, (line, text));
                    }
                    Fate::Drop => self.skip()?,
                    Fate::Unknown => {
                        taker.unknown(&name, &self.name);
                        self.skip()?;
                    }
                },
                Step::Empty | Step::Text => {}
                Step::End => {
                    return Ok(Element { name, inside: self.inside.clone(), record, apart });
                }
                Step::Eof => return Err(self.cut_short()),
            }
        }
    }

    /// Content of a kept element up to its end tag: a text, a list or records. Empty is `None`,
    /// which is how the product writes an empty value (formats 3.1).
    fn content(&mut self, depth: usize) -> Result<Option<Content>> {
        let mut text = String::new();
        let mut items = Vec::new();
        let mut records = Vec::new();
        if depth > DEPTH_LIMIT {
            return Err(self.malformed("elements are nested deeper than in any export"));
        }
        loop {
            match self.step()? {
                Step::Start => {
                    let (child, line) = (self.name.clone(), self.line());
                    match self.content(depth + 1)? {
                        Some(Content::Text(item)) => items.push((child, line, item)),
                        Some(Content::Records(fields)) => records.extend(fields),
                        Some(Content::Items(_)) | None => {}
                    }
                }
                Step::Empty => {}
                Step::Text => text.push_str(&self.text),
                Step::End => break,
                Step::Eof => return Err(self.cut_short()),
            }
        }
        if !records.is_empty() {
            return Ok(Some(Content::Records(records)));
        }
        if items.is_empty() {
            return Ok((!text.trim().is_empty()).then_some(Content::Text(text)));
        }
        // `<RolesItem>`s are a list; children of other names are the fields of one record.
        if items.iter().all(|(child, ..)| child.ends_with("Item")) {
            return Ok(Some(Content::Items(items.into_iter().map(|(.., item)| item).collect())));
        }
        let mut record = Record::new(items.first().map_or(0, |(_, line, _)| *line));
        for (name, line, item) in items {
            record.fields.push(Field { name: name.into(), line, content: Content::Text(item) });
        }
        Ok(Some(Content::Records(vec![record])))
    }

    fn secret(&mut self) -> Result<Zeroizing<String>> {
        let mut secret = Zeroizing::new(String::new());
        self.until_end(|walk| secret.push_str(walk.text.trim()))?;
        Ok(secret)
    }

    fn skip(&mut self) -> Result<()> {
        self.until_end(|_| {})
    }

    /// Goes on to the end tag of the element that started last, whatever is in it.
    fn until_end(&mut self, mut text: impl FnMut(&Self)) -> Result<()> {
        let mut depth = 0usize;
        loop {
            match self.step()? {
                Step::Start if depth >= DEPTH_LIMIT => {
                    return Err(self.malformed("elements are nested deeper than in any export"));
                }
                Step::Start => depth += 1,
                Step::End if depth == 0 => return Ok(()),
                Step::End => depth -= 1,
                Step::Text => text(self),
                Step::Empty => {}
                Step::Eof => return Err(self.cut_short()),
            }
        }
    }

    fn step(&mut self) -> Result<Step> {
        loop {
            self.buffer.clear();
            self.begins = self.line();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Encoding(EncodingError::Utf8(cause))) => {
                    let before = self.buffer.get(..cause.valid_up_to()).unwrap_or_default();
                    let line = self.begins + before.iter().filter(|byte| **byte == b'\n').count();
                    let what = "the text is not UTF-8";
                    return Err(Error::malformed(self.path, line, what, EXPORT_AGAIN));
                }
                Err(cause) => return Err(failure(self.path, self.reader.get_ref(), &cause)),
            };
            let mut name = |tag: &BytesStart<'_>| {
                self.name.clear();
                self.name.push_str(tag.local_name().as_ref());
            };
            match event {
                Event::Start(tag) => {
                    name(&tag);
                    return Ok(Step::Start);
                }
                Event::Empty(tag) => {
                    name(&tag);
                    return Ok(Step::Empty);
                }
                Event::End(_) => return Ok(Step::End),
                Event::Eof => return Ok(Step::Eof),
                Event::Text(text) => {
                    return take_text(self.path, self.begins, &text, &mut self.text);
                }
                Event::CData(text) => {
                    return take_text(self.path, self.begins, &text, &mut self.text);
                }
                Event::GeneralRef(reference) => {
                    let letter = resolve(&reference);
                    let Some(letter) = letter else {
                        return Err(self.malformed("an entity that no export of the product has"));
                    };
                    self.text.clear();
                    self.text.push(letter);
                    return Ok(Step::Text);
                }
                Event::DocType(_) => {
                    return Err(
                        self.malformed("a document type, which no export of the product has")
                    );
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
    }

    fn line(&self) -> usize {
        self.reader.get_ref().line()
    }

    fn malformed(&self, what: &str) -> Error {
        Error::malformed(self.path, self.line(), what, EXPORT_AGAIN)
    }

    fn cut_short(&self) -> Error {
        self.malformed("the file ends before its last element does, so it is cut short")
    }
}

/// What to do about a broken export.
pub(super) const EXPORT_AGAIN: &str = "Export it again on the instance and copy the whole file.";

/// Keeps a piece of text that begins on a line, with line ends as `\n`.
fn take_text(path: &Path, begins: usize, piece: &str, text: &mut String) -> Result<Step> {
    if piece.as_bytes().contains(&0)
        && let Some(at) = piece.find('\0')
    {
        let before = piece.get(..at).unwrap_or_default();
        let line = begins + before.matches('\n').count();
        return Err(Error::malformed(path, line, "a NUL byte, so it is no text", EXPORT_AGAIN));
    }
    text.clear();
    if piece.as_bytes().contains(&b'\r') {
        text.push_str(&piece.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        text.push_str(piece);
    }
    Ok(Step::Text)
}

/// The five entities of XML itself and numbered characters.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    match &**reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

fn failure(path: &Path, at: &Counted<impl Read>, cause: &quick_xml::Error) -> Error {
    let what = match cause {
        quick_xml::Error::Io(_) if at.is_exhausted() => "one record is larger than 16 MiB",
        quick_xml::Error::Io(cause) => return Error::unreadable(path, cause),
        quick_xml::Error::Encoding(_) => "the text is not UTF-8",
        quick_xml::Error::Syntax(_) => "a tag is never closed, so the file is cut short or damaged",
        quick_xml::Error::IllFormed(_) => "the tags do not match, so the file is damaged",
        _ => "this is not XML as the product writes it",
    };
    Error::malformed(path, at.line(), what, EXPORT_AGAIN)
}
