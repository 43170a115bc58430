//! The configuration of one side: all that was gathered from it.
//!
//! Owns [`Configuration`], the one list that ties sections to kinds of objects, and what is known
//! about each section's completeness. `source` builds it, `compare` takes two of them, reports
//! embed them. Its JSON form is the published `configuration.json`.
//! Invariant: every section is sorted by identity and says whether it is complete, partial or not
//! gathered; "not there" and "not looked at" are never the same (design 4).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::application::Application;
use super::mapping::Mapping;
use super::member::{Facts, Member};
use super::namespace::{Database, Namespace};
use super::object::Object;
use super::resource::Resource;
use super::role::Role;
use super::section::Section;
use super::service::Service;
use super::task::Task;
use super::tls::TlsConfiguration;
use super::user::User;

/// Version of the configuration's JSON form. A newer minor version adds, a newer major one changes.
pub const FORMAT_VERSION: &str = "1.0";

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
            /// Digests of exports that are never the same on two members: they hold salts, stamps or
            /// ids of the instance. Not part of the JSON form.
            pub exports: BTreeSet<[u8; 32]>,
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

            /// Adds the fields of the JSON form to a map that is being written.
            pub fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                map.serialize_entry("formatVersion", FORMAT_VERSION)?;
                if let Some(member) = &self.member {
                    map.serialize_entry("member", member)?;
                }
                if self.facts != Facts::default() {
                    map.serialize_entry("facts", &self.facts)?;
                }
                map.serialize_entry("coverage", &self.coverage())?;
                $(if self.$field.extent != Extent::NotGathered {
                    map.serialize_entry(stringify!($field), &self.$field.objects)?;
                })+
                Ok(())
            }
        }
    };
}
for_each_section!(configuration);

impl Serialize for Configuration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}
