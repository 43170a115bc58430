//! The configuration of one side: all that was gathered from it.
//!
//! Owns [`Configuration`], the one list that ties sections to kinds of objects, and what is known
//! about each section's completeness. `source` builds it, `compare` takes two of them, reports
//! embed them. Its JSON form is the published `configuration.json`.
//! Invariant: every section is sorted by identity and says whether it is complete, partial or not
//! gathered; "not there" and "not looked at" are never the same (design 4).

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::application::Application;
use super::declare::Declared;
use super::mapping::Mapping;
use super::member::{Facts, Member};
use super::moment::Moment;
use super::namespace::{Database, Namespace};
use super::object::Object;
use super::property::Property;
use super::provenance::SourceFile;
use super::resource::Resource;
use super::role::Role;
use super::section::Section;
use super::service::Service;
use super::task::Task;
use super::text::{Text, fold_order};
use super::tls::TlsConfiguration;
use super::user::User;

/// Version of the configuration's JSON form. A newer minor version adds, a newer major one changes.
pub const FORMAT_VERSION: &str = "1.2";

/// How much of a section was gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// All of it.
    Complete,
    /// A selection: what is not in it may still exist.
    Partial,
    /// Nothing.
    NotGathered,
}

/// How much of a section was gathered, and why not all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Which section.
    pub section: Section,
    /// How much of it.
    pub extent: Extent,
    /// Why not all of it; empty where it is complete.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The objects of one section.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered<T> {
    /// The objects, sorted by [`Object::order`].
    pub objects: Vec<T>,
    /// Complete, partial or not gathered.
    pub extent: Extent,
    /// Why not all of it; empty where it is complete.
    pub reason: String,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self { objects: Vec::new(), extent: Extent::NotGathered, reason: String::new() }
    }
}

impl<T: Object> Gathered<T> {
    /// The object of that name, where the kind is paired by its name without case alone.
    pub fn named(&self, name: &str) -> Option<&T> {
        let at = self.objects.binary_search_by(|object| fold_order(object.name(), name));
        self.objects.get(at.ok()?)
    }

    /// Sorts the objects and drops exact repetitions of what cannot stand twice.
    pub fn arrange(&mut self) {
        // Exports are mostly in order, and sorting takes memory.
        if !self.objects.is_sorted_by(|a, b| a.order(b).is_le()) {
            self.objects.sort_by(T::order);
        }
        if !T::REPEATS {
            self.objects.dedup_by(|later, first| later.pair(first).is_eq());
        }
    }
}

/// Does something with a section of each kind on both sides.
pub trait Visitor {
    /// One section.
    fn visit<T: Object>(&mut self, primary: &Gathered<T>, member: &Gathered<T>);
}

/// Calls `$with!` with the list of sections, member apart: field, kind of object, name of the
/// section. Whatever does something for every section takes the list from here.
macro_rules! for_each_section {
    ($with:ident) => {
        $with! {
            namespaces: Namespace = Namespaces;
            databases: Database = Databases;
            mappings: Mapping = Mappings;
            roles: Role = Roles;
            resources: Resource = Resources;
            applications: Application = Applications;
            tasks: Task = Tasks;
            users: User = Users;
            services: Service = Services;
            tls: TlsConfiguration = Tls;
        }
    };
}
pub(crate) use for_each_section;

macro_rules! configuration {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        /// All that was gathered from one side.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Configuration {
            /// Who the side is.
            pub member: Option<Member>,
            /// What people attest about it.
            pub facts: Facts,
            /// Parts of a document that this version does not know.
            pub unread: Vec<String>,
            /// The files it was read from. Not part of the JSON form.
            pub sources: Vec<SourceFile>,
            /// The member it was made for, where whoever exported it said so. Not part of the JSON
            /// form.
            pub intended: Option<Text>,
            /// When it was read, by the clock of the machine that compares; unknown where nobody
            /// asked the clock. Not part of the JSON form.
            pub read_at: Option<Moment>,
            $(#[doc = concat!("Section ", stringify!($field), ".")] pub $field: Gathered<$Object>,)+
        }

        /// The configuration of one mirror member, whole or in part.
        // Only its schema is used: reading goes object by object, so that a large document never
        // stands in memory twice.
        #[derive(JsonSchema)]
        #[schemars(rename = "Configuration", rename_all = "camelCase")]
        #[allow(dead_code, reason = "only its schema is used")]
        pub struct Document {
            /// Version of this form: MAJOR.MINOR.
            #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
            format_version: String,
            /// Who the side is.
            #[schemars(default)]
            member: Option<Member>,
            /// What people attest about it.
            #[schemars(default)]
            facts: Facts,
            /// How much of each section was gathered. Where a section is given and not listed
            /// here, it is complete if it holds the product's own objects.
            #[schemars(default)]
            coverage: Vec<Coverage>,
            $(
                #[doc = concat!("Section ", stringify!($field), ".")]
                #[schemars(default)]
                $field: Vec<$Object>,
            )+
        }

        /// The properties of a section's objects, identity first.
        pub fn properties_of(section: Section) -> &'static [Property] {
            match section {
                Section::Member => Member::PROPERTIES,
                $(Section::$Section => $Object::PROPERTIES,)+
            }
        }

        /// The property that a section's objects have under that name in JSON.
        pub fn property_named(section: Section, name: &str) -> Option<&'static Property> {
            properties_of(section).iter().find(|property| property.is_named(name))
        }

        impl Configuration {
            /// Walks the sections of two sides together, in order, member apart.
            pub fn visit_pairs(primary: &Self, member: &Self, visitor: &mut impl Visitor) {
                $(visitor.visit(&primary.$field, &member.$field);)+
            }

            /// How much of each section was gathered, in order.
            pub fn coverage(&self) -> Vec<Coverage> {
                let member = match self.member {
                    Some(_) => Extent::Complete,
                    None => Extent::NotGathered,
                };
                let mut coverage = vec![Coverage {
                    section: Section::Member, extent: member, reason: String::new(),
                }];
                $(coverage.push(Coverage {
                    section: Section::$Section,
                    extent: self.$field.extent,
                    reason: self.$field.reason.clone(),
                });)+
                coverage
            }

            /// Number of objects in a section; 1 or 0 for the section member.
            pub fn count(&self, section: Section) -> usize {
                match section {
                    Section::Member => usize::from(self.member.is_some()),
                    $(Section::$Section => self.$field.objects.len(),)+
                }
            }

            /// The names of the fields of the JSON form, in the order in which a person reads them.
            pub const FIELDS: &'static [&'static str] =
                &["formatVersion", "member", "facts", "coverage", $(stringify!($field)),+];

            /// Writes the field of that name, if there is anything to write.
            ///
            /// # Errors
            /// Whatever the writer says.
            pub fn write_field<F: Fields>(&self, name: &str, to: &mut F) -> Result<(), F::Error> {
                match name {
                    "formatVersion" => to.value(name, FORMAT_VERSION),
                    "member" => self.member.iter().try_for_each(|member| to.value(name, member)),
                    "facts" if self.facts == Facts::default() => Ok(()),
                    "facts" => to.value(name, &self.facts),
                    "coverage" => to.value(name, &self.coverage()),
                    $(stringify!($field) if self.$field.extent != Extent::NotGathered => {
                        to.array(name, &self.$field.objects)
                    })+
                    _ => Ok(()),
                }
            }

            /// Adds the fields of the JSON form to a map that is being written.
            ///
            /// # Errors
            /// Whatever the writer says.
            pub fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                let mut map = MapFields(map);
                Self::FIELDS.iter().try_for_each(|name| self.write_field(name, &mut map))
            }
        }
    };
}
for_each_section!(configuration);

/// Where the fields of a JSON object go.
pub trait Fields {
    /// What can go wrong.
    type Error;

    /// A field that is written at once.
    ///
    /// # Errors
    /// Whatever the writer says.
    fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Self::Error>;

    /// A field that is an array of any length.
    ///
    /// # Errors
    /// Whatever the writer says.
    fn array<T: Serialize>(&mut self, name: &str, items: &[T]) -> Result<(), Self::Error>;
}

/// A map that is being serialized, as a place for fields.
#[derive(Debug)]
pub struct MapFields<'m, M>(pub &'m mut M);

impl<M: SerializeMap> Fields for MapFields<'_, M> {
    type Error = M::Error;
    fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }
    fn array<T: Serialize>(&mut self, name: &str, items: &[T]) -> Result<(), M::Error> {
        self.0.serialize_entry(name, items)
    }
}

impl Serialize for Configuration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}
