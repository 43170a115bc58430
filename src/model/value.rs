//! The values properties can have, and how each is read, compared and spelled.
//!
//! Owns the trait [`Value`] and its implementations for texts, names, flags, numbers, sets and
//! dates. Values are made from a record's content by `declare`, compared there, and handed on as
//! [`Shown`] to findings and reports.
//! Invariant: `same` is an equivalence that ignores what the product ignores (case of names, order
//! and repetition in sets), and a value never prints a secret, since none is ever read (H4.8).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::form::Form;
use super::record::{Content, Record};
use super::text::{Name, Text};

/// One typed value of a property.
pub trait Value: Clone + PartialEq + Serialize + Sized {
    /// What the product takes for the same value. The default is equality.
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// The value on one line as the vendor's messages spell it (`Password,Unauthenticated`).
    fn spelled(&self) -> String;

    /// The value as the product's API takes it in a text, so that [`Value::from_content`] reads the same
    /// value back; `None` where no text holds it.
    fn written(&self) -> Option<String> {
        Some(self.spelled())
    }

    /// How the product's API states it.
    const FORM: Form;

    /// How two texts of it are held against each other on the instance.
    const LIKENESS: Likeness = Likeness::Exact;

    /// Reads what a file states. The error completes the sentence "FIELD is not ...".
    fn from_content(content: &Content) -> Result<Self, String>;
}

/// When two texts stand for the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// When they are equal.
    Exact,
    /// When they are equal but for their case: a name.
    Name,
    /// When they have the same items between commas, in whatever order.
    List,
    /// The same, where the items are names.
    Names,
}

/// A value ready to be shown: in JSON, and spelled on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value as it stands in the JSON form of a configuration.
    pub json: serde_json::Value,
    /// The value as the vendor's messages spell it.
    pub spelled: String,
}

impl Shown {
    /// Of a typed value.
    pub fn of<T: Value>(value: &T) -> Self {
        // A value's own JSON form has string keys only, so this cannot fail; should it ever, the
        // spelling still stands.
        let spelled = value.spelled();
        let json = serde_json::to_value(value).unwrap_or_else(|_| spelled.as_str().into());
        Self { json, spelled }
    }
}

/// The text of a field that must be one.
pub(crate) fn plain(content: &Content) -> Result<&str, String> {
    match content {
        Content::Text(text) => Ok(text),
        Content::Items(_) | Content::Records(_) => Err("a plain text".to_owned()),
    }
}

/// A whole number from 0 to 2^53, the range JSON carries exactly.
pub(crate) fn whole(content: &Content) -> Result<u64, String> {
    let text = plain(content)?.trim();
    text.parse::<u64>()
        .ok()
        .filter(|number| *number <= 1 << 53)
        .ok_or_else(|| "a whole number from 0 to 9007199254740992".to_owned())
}

impl Value for Text {
    const FORM: Form = Form::Text;
    fn spelled(&self) -> String {
        self.to_string()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        plain(content).map(Text::from)
    }
}

impl Value for Name {
    const FORM: Form = Form::Text;
    const LIKENESS: Likeness = Likeness::Name;
    /// Blanks around a name are not read back.
    fn written(&self) -> Option<String> {
        (self.trim() == &**self).then(|| self.to_string())
    }
    fn same(&self, other: &Self) -> bool {
        self.is(other)
    }
    fn spelled(&self) -> String {
        self.to_string()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        plain(content).map(|text| Name::from(text.trim()))
    }
}

impl Value for bool {
    const FORM: Form = Form::Flag;
    fn spelled(&self) -> String {
        if *self { "1" } else { "0" }.to_owned()
    }
    /// `true`, `1`, `false`, `0`, whatever the case: a hand-kept file mixes them (formats 3.1).
    fn from_content(content: &Content) -> Result<Self, String> {
        match plain(content)?.trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            word if word.eq_ignore_ascii_case("true") => Ok(true),
            word if word.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err("true, false, 1 or 0".to_owned()),
        }
    }
}

impl Value for u64 {
    const FORM: Form = Form::Number;
    fn spelled(&self) -> String {
        self.to_string()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        whole(content)
    }
}

/// A set of values: order and repetition mean nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<T>", bound(deserialize = "T: Element + Deserialize<'de>"))]
pub struct Set<T>(Box<[T]>);

impl<T: Element> From<Vec<T>> for Set<T> {
    fn from(items: Vec<T>) -> Self {
        Self::new(items)
    }
}

/// What can be a member of a [`Set`]: it has a place in the order, and a sameness.
pub trait Element: Sized {
    /// Sorts a set and drops repetitions.
    fn arrange(items: Vec<Self>) -> Vec<Self>;
    /// Whether two elements are the same one.
    fn alike(&self, other: &Self) -> bool;
    /// Reads one item of a list of texts; `None` where a text cannot be one.
    fn from_item(item: &str) -> Option<Self>;
    /// Reads one item of a list of records; `None` where a record cannot be one.
    fn from_record(_: &Record) -> Option<Self> {
        None
    }
    /// The element as the vendor spells it.
    fn spelled(&self) -> String;
    /// Whether it is a name, whose case means nothing.
    const IS_NAME: bool = false;
    /// How the product's API states a set of them.
    const FORM: Form = Form::Items;
}

/// The items of a list as one text; `None` where an item would be read back as another one.
pub(crate) fn listed(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.collect();
    let holds = |item: &String| !item.trim().is_empty() && !item.contains(',');
    items.iter().all(holds).then(|| items.join(","))
}

impl Element for Name {
    const IS_NAME: bool = true;
    const FORM: Form = Form::Names;
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort_by(Name::order);
        items.dedup_by(|a, b| a.is(b));
        items
    }
    fn alike(&self, other: &Self) -> bool {
        self.is(other)
    }
    fn from_item(item: &str) -> Option<Self> {
        Some(Name::from(item.trim()))
    }
    fn spelled(&self) -> String {
        self.to_string()
    }
}

impl Element for Text {
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort();
        items.dedup();
        items
    }
    fn alike(&self, other: &Self) -> bool {
        self == other
    }
    fn from_item(item: &str) -> Option<Self> {
        Some(Text::from(item))
    }
    fn spelled(&self) -> String {
        self.to_string()
    }
}

impl<T: Element> Set<T> {
    /// A set of these, sorted, without repetitions.
    pub fn new(items: Vec<T>) -> Self {
        Self(T::arrange(items).into_boxed_slice())
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}

impl<T: Element + Clone + PartialEq + Serialize> Value for Set<T> {
    const FORM: Form = T::FORM;
    const LIKENESS: Likeness = if T::IS_NAME { Likeness::Names } else { Likeness::List };
    fn written(&self) -> Option<String> {
        let trimmed = |item: &T| !T::IS_NAME || item.spelled().trim() == item.spelled();
        self.iter().all(trimmed).then(|| listed(self.iter().map(Element::spelled)))?
    }
    fn same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.iter().zip(other.iter()).all(|(a, b)| a.alike(b))
    }
    fn spelled(&self) -> String {
        let words: Vec<String> = self.iter().map(Element::spelled).collect();
        words.join(",")
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        let items: Option<Vec<T>> = match content {
            Content::Items(items) => items.iter().map(|item| T::from_item(item)).collect(),
            Content::Records(records) => records.iter().map(T::from_record).collect(),
            // The API states a list as one comma string (H8.3).
            Content::Text(text) => {
                text.split(',').filter(|item| !item.trim().is_empty()).map(T::from_item).collect()
            }
        };
        items.map(Self::new).ok_or_else(|| "a list as the product writes it".to_owned())
    }
}

impl<T: JsonSchema> JsonSchema for Set<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("SetOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items, "description": "A set: order means nothing." })
    }
}

/// A calendar day as `YYYY-MM-DD`; the empty text is "no day".
///
/// Exports write 1840-12-31 (day 0 of the product's calendar) for none, and before 2015 the number
/// of days since then (formats 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Text", try_from = "Text")]
pub struct Day(Text);

impl From<Day> for Text {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl TryFrom<Text> for Day {
    type Error = String;
    fn try_from(text: Text) -> Result<Self, String> {
        Self::from_content(&Content::Text(text.to_string()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Julian day number of 1840-12-31, day 0 of the product's calendar.
const DAY_ZERO: i32 = 2_393_471;

impl Value for Day {
    const FORM: Form = Form::Day;
    fn spelled(&self) -> String {
        self.0.to_string()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        let text = plain(content)?.trim();
        if text.is_empty() || text == "1840-12-31" {
            return Ok(Self::default());
        }
        let malformed = || "a day such as 2027-01-31".to_owned();
        if let Ok(days) = text.parse::<i32>() {
            if days == 0 {
                return Ok(Self::default());
            }
            let julian = DAY_ZERO.checked_add(days).ok_or_else(malformed)?;
            let date = time::Date::from_julian_day(julian).map_err(|_| malformed())?;
            return Ok(Self(Text::from(date.to_string())));
        }
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let date = || {
            let month: u8 = month?.parse().ok()?;
            let month = time::Month::try_from(month).ok()?;
            time::Date::from_calendar_date(year?.parse().ok()?, month, day?.parse().ok()?).ok()
        };
        // Written back it is what was read, so that nothing follows and no zero is missing.
        let date = date().map(|date| date.to_string()).filter(|date| date == text);
        date.map(|date| Self(Text::from(date))).ok_or_else(malformed)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
            "description": "A calendar day, YYYY-MM-DD; empty means none."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_before_2015_are_counted_from_1840() {
        let read = |text: &str| Day::from_content(&Content::Text(text.to_owned()));
        assert_eq!(read("0"), read("1840-12-31"));
        assert_eq!(read("1").map(|day| day.spelled()), Ok("1841-01-01".to_owned()));
        // 2020-03-13 is day 65451 of the product's calendar.
        assert_eq!(read("65451"), read("2020-03-13"));
        for no_day in ["yesterday", "2027-02-30", "2027-2-3", "2027-01-31T00", "-2027-01-31"] {
            assert!(read(no_day).is_err(), "{no_day}");
        }
    }

    #[test]
    fn a_set_does_not_know_order_case_or_repetition() {
        let set = |items: &[&str]| Set::new(items.iter().map(|item| Name::from(*item)).collect());
        assert!(set(&["b", "A", "a"]).same(&set(&["a", "B"])));
        assert!(!set(&["a"]).same(&set(&["a", "b"])));
    }
}
