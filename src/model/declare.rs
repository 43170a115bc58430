//! The one declaration of every property.
//!
//! Owns the macro [`object!`](crate::object), which turns one declaration of an object into its
//! struct, its JSON form and schema, its reader, its comparison and its reference documentation;
//! `property` owns the types that describe a property.
//! The declarations stand in the files of this folder; `source` fills records for them, `compare`
//! calls [`Declared::changes`], `schema` and the reference read [`Declared::PROPERTIES`].
//! Invariant: a property without a comparison rule does not compile, and taking an object apart
//! names every property, so none can be forgotten.

use super::property::{Between, Change, Never, Property, Rule, Unreadable};
use super::record::Record;
use super::section::Section;
use super::value::{Shown, Value};

/// What the declaration of an object yields.
pub trait Declared: Sized {
    /// The section the objects stand in.
    const SECTION: Section;
    /// The product's class or file section they come from.
    const CLASS: &'static str;
    /// What one object is.
    const ABOUT: &'static str;
    /// Its properties in the order of the declaration, identity first.
    const PROPERTIES: &'static [Property];
    /// Elements of its exports that never enter the model, and why.
    const NEVER: &'static [(Never, &'static [&'static str])];

    /// From what a file states.
    fn from_record(record: &Record) -> Result<Self, Unreadable>;

    /// Takes over what a later statement about the same object states; what that leaves out stays.
    ///
    /// A full export writes a role with granted roles twice, first without them (formats 3.2), so
    /// the later statement wins and an omission takes nothing away.
    fn overlay(&mut self, later: &mut Self);

    /// Takes out personal data, which is there only where it was asked for (design 4).
    fn forget_persons(&mut self);

    /// How many properties are stated, identity included.
    fn stated_count(&self) -> usize;

    /// The first property that both state and not alike: two files that contradict each other.
    fn conflict(&self, other: &Self) -> Option<&'static Property>;

    /// The properties that are not as their rule wants them, in the order of the declaration.
    fn changes(primary: &Self, member: &Self, between: Between) -> Vec<Change>;
}

/// The typed value of a field, `None` where the record does not state it.
pub fn stated<T: Value>(record: &Record, source: &str) -> Result<Option<T>, Unreadable> {
    let Some(field) = record.field(source) else { return Ok(None) };
    T::from_content(&field.content).map(Some).map_err(|expected| Unreadable {
        line: field.line,
        field: field.name.clone().into_owned(),
        expected,
    })
}

/// Shows a value that stands in JSON; none where it is no value of that type.
pub fn shown<T: Value + serde::de::DeserializeOwned>(json: &serde_json::Value) -> Option<Shown> {
    T::deserialize(json).ok().map(|value| Shown::of(&value))
}

/// A value that stands in JSON as the product's API takes it; none where it is no value of that type, or
/// no text holds it.
pub fn written<T: Value + serde::de::DeserializeOwned>(json: &serde_json::Value) -> Option<String> {
    T::deserialize(json).ok()?.written()
}

/// The two values of one property with everything that decides whether they are a change.
#[derive(Debug)]
pub struct Pair<'a, T> {
    /// The declaration.
    pub property: &'static Property,
    /// On the primary; `None` where not stated.
    pub primary: Option<&'a T>,
    /// On the member; `None` where not stated.
    pub member: Option<&'a T>,
    /// The value that absence stands for, if any.
    pub absent: Option<T>,
}

impl<T: Value> Pair<'_, T> {
    /// Adds a change where the rule says so.
    pub fn judge(self, between: Between, changes: &mut Vec<Change>) {
        let primary = self.primary.or(self.absent.as_ref());
        let member = self.member.or(self.absent.as_ref());
        let (Some(a), Some(b)) = (primary, member) else {
            return;
        };
        let wanted = match (between, self.property.rule) {
            (_, Rule::Identity) => true,
            (_, Rule::Volatile) => true,
            (Between::Times, _) | (_, Rule::MustEqual) => a.same(b),
            (_, Rule::MustDiffer) => !a.same(b) || a.spelled().is_empty(),
            (_, Rule::MayDiffer | Rule::Judged) => true,
        };
        if !wanted {
            changes.push(Change {
                property: self.property,
                primary: Some(Shown::of(a)),
                member: Some(Shown::of(b)),
            });
        }
    }
}

/// Whether both are stated and the product does not take them for the same.
pub fn contradicts<T: Value>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| !one.same(other))
}

/// Whether a property is missing on one side only because that side's records are older than it.
pub fn newer_than_record(stated: bool, record_version: Option<&str>, since: &str) -> bool {
    let number = |version: &str| version.trim().parse::<f64>().unwrap_or(0.0);
    !stated && number(record_version.unwrap_or("0")) < number(since)
}

/// Declares an object: struct, JSON form, schema, reader, comparison and reference in one place.
///
/// Each property states its source, its comparison rule (`must_equal`, `may_differ`,
/// `must_differ`, `judged`, `volatile`) and what absence means (`empty`, `unknown`, `default(value)`);
/// optionally the record version it came with (`since`), when it counts (`when`), and that it is
/// read only where it was asked for (`personal data`).
/// Leaving the rule out does not compile:
///
/// ```compile_fail
/// use hsmirror::model::{Section, Text};
/// hsmirror::object! {
///     /// A thing.
///     pub struct Thing in Users from "Thing" {
///         identity { /// Its name.
///             name: Text = "Name"; }
///         properties { /// Its colour.
///             colour: Text = "Colour"; }
///         never {}
///     }
/// }
/// ```
///
/// ```
/// use hsmirror::model::{Section, Text};
/// hsmirror::object! {
///     /// A thing.
///     pub struct Thing in Users from "Thing" {
///         identity { /// Its name.
///             name: Text = "Name"; }
///         properties { /// Its colour.
///             colour: Text = "Colour", must_equal, empty; }
///         never {}
///     }
/// }
/// ```
#[macro_export]
macro_rules! object {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $Name:ident in $section:ident from $class:literal {
            identity {
                $( $(#[doc = $id_doc:literal])+ $id:ident : $Id:ty = $id_source:literal; )*
            }
            properties {
                $(
                    $(#[doc = $doc:literal])+
                    $field:ident : $Type:ty = $source:literal, $rule:ident,
                    $absence:ident $(($default:expr))?
                    $(, since $since:literal)? $(, when $when:path)? $(, personal $personal:ident)?;
                )*
            }
            never { $( $why:ident { $($never:literal)* } )* }
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        #[derive(::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
        #[serde(rename_all = "camelCase")]
        $vis struct $Name {
            $(
                $(#[doc = $id_doc])+
                #[schemars(extend("x-source" = $id_source, "x-compared" = "identity"))]
                pub $id: $Id,
            )*
            $(
                $(#[doc = $doc])+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                #[schemars(extend(
                    "x-source" = $source,
                    "x-compared" = $crate::object!(@rule $rule).words()
                ))]
                pub $field: Option<$Type>,
            )*
        }

        impl $crate::model::Declared for $Name {
            const SECTION: $crate::model::Section = $crate::model::Section::$section;
            const CLASS: &'static str = $class;
            const ABOUT: &'static str = concat!($($about),+);
            const PROPERTIES: &'static [$crate::model::Property] = &[
                $($crate::model::Property {
                    field: stringify!($id),
                    source: $id_source,
                    rule: $crate::model::Rule::Identity,
                    absence: $crate::model::Absence::Required,
                    since: None,
                    conditional: false,
                    personal: false,
                    shown: $crate::model::shown::<$Id>,
                    written: $crate::model::written::<$Id>,
                    form: <$Id as $crate::model::Value>::FORM,
                    likeness: <$Id as $crate::model::Value>::LIKENESS,
                    about: concat!($($id_doc),+),
                },)*
                $($crate::model::Property {
                    field: stringify!($field),
                    source: $source,
                    rule: $crate::object!(@rule $rule),
                    absence: $crate::object!(@absence $Type, $absence $(($default))?),
                    since: $crate::object!(@since $($since)?),
                    conditional: $crate::object!(@conditional $($when)?),
                    personal: $crate::object!(@personal $($personal)?),
                    shown: $crate::model::shown::<$Type>,
                    written: $crate::model::written::<$Type>,
                    form: <$Type as $crate::model::Value>::FORM,
                    likeness: <$Type as $crate::model::Value>::LIKENESS,
                    about: concat!($($doc),+),
                },)*
            ];
            const NEVER: &'static [($crate::model::Never, &'static [&'static str])] =
                &[$(($crate::model::Never::$why, &[$($never),*])),*];

            fn from_record(
                record: &$crate::model::Record,
            ) -> Result<Self, $crate::model::Unreadable> {
                Ok(Self {
                    $($id: $crate::model::stated(record, $id_source)?.unwrap_or_default(),)*
                    $($field: $crate::model::stated(record, $source)?,)*
                })
            }

            fn overlay(&mut self, later: &mut Self) {
                let Self { $($id,)* $($field,)* } = later;
                $(::std::mem::swap(&mut self.$id, $id);)*
                $(if $field.is_some() {
                    self.$field = $field.take();
                })*
            }

            fn forget_persons(&mut self) {
                $(if $crate::object!(@personal $($personal)?) {
                    self.$field = None;
                })*
            }

            fn stated_count(&self) -> usize {
                let identity: &[&str] = &[$(stringify!($id)),*];
                identity.len() $(+ usize::from(self.$field.is_some()))*
            }

            fn conflict(&self, other: &Self) -> Option<&'static $crate::model::Property> {
                let Self { $($id: _,)* $($field,)* } = self;
                let identity: &[&str] = &[$(stringify!($id)),*];
                let mut properties = Self::PROPERTIES.iter().skip(identity.len());
                $(
                    let property = properties.next();
                    if $crate::model::contradicts($field.as_ref(), other.$field.as_ref()) {
                        return property;
                    }
                )*
                None
            }

            fn changes(
                primary: &Self,
                member: &Self,
                between: $crate::model::Between,
            ) -> Vec<$crate::model::Change> {
                let mut changes = Vec::new();
                let clones_count = between == $crate::model::Between::Members
                    && $crate::object!(@clones $($rule)*);
                if primary == member && !clones_count {
                    return changes;
                }
                // Every field by name and no `..`: a property that is declared is compared.
                let Self { $($id: _,)* $($field,)* } = primary;
                let identity: &[&str] = &[$(stringify!($id)),*];
                let mut properties = Self::PROPERTIES.iter().skip(identity.len());
                $(
                    if let Some(property) = properties.next()
                        $(&& (between == $crate::model::Between::Times
                            || $when(primary) && $when(member)))?
                        $(
                            && !$crate::model::newer_than_record(
                                $field.is_some(), primary.record_version.as_deref(), $since)
                            && !$crate::model::newer_than_record(
                                member.$field.is_some(), member.record_version.as_deref(), $since)
                        )?
                    {
                        $crate::model::Pair::<$Type> {
                            property,
                            primary: $field.as_ref(),
                            member: member.$field.as_ref(),
                            absent: $crate::object!(@absent $absence $(($default))?),
                        }
                        .judge(between, &mut changes);
                    }
                )*
                changes
            }
        }
    };
    (@rule must_equal) => { $crate::model::Rule::MustEqual };
    (@rule may_differ) => { $crate::model::Rule::MayDiffer };
    (@rule must_differ) => { $crate::model::Rule::MustDiffer };
    (@rule judged) => { $crate::model::Rule::Judged };
    (@rule volatile) => { $crate::model::Rule::Volatile };
    (@clones) => { false };
    (@clones must_differ $($rest:ident)*) => { true };
    (@clones $rule:ident $($rest:ident)*) => { $crate::object!(@clones $($rest)*) };
    (@absence $Type:ty, empty) => { $crate::model::Absence::Empty };
    (@absence $Type:ty, unknown) => { $crate::model::Absence::Unknown };
    (@absence $Type:ty, default ($default:expr)) => {
        $crate::model::Absence::Default(|| $crate::model::Shown::of::<$Type>(&$default).json)
    };
    (@absent empty) => { Some(Default::default()) };
    (@absent unknown) => { None };
    (@absent default ($default:expr)) => { Some($default) };
    (@since) => { None };
    (@since $since:literal) => { Some($since) };
    (@personal) => { false };
    (@personal data) => { true };
    (@conditional) => { false };
    (@conditional $when:path) => { true };
}
