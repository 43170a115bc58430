//! What a mirror member is: the domain model.
//!
//! Owns the configuration of one side, its sections, the objects in them and every property, each
//! declared once. Readers in `source` fill it; `compare`, `finding` and `report` read it. It does no
//! input or output and knows no file format, no flag and no layout.
//! Invariant: every property is declared once, with its source, its comparison rule and its meaning.
//! Start with [`Configuration`], then [`object!`](crate::object) in `declare`, then one object, say
//! `role`. To add a property, add it to its object's declaration: reader, JSON form, schema,
//! comparison and reference documentation follow.

mod application;
mod bits;
mod code;
mod configuration;
mod declare;
mod digest;
mod form;
mod grant;
mod in_mirror;
mod mapping;
mod mapping_kind;
mod member;
mod moment;
mod namespace;
mod object;
pub mod objectscript;
mod owner;
mod property;
mod provenance;
mod record;
mod resource;
mod role;
mod section;
mod service;
mod setting;
mod task;
mod text;
mod tls;
mod user;
mod value;
mod visible;

pub use application::Application;
pub use bits::{AccountKind, ApplicationKind, AuthenticationMethods, Permission, ResourceKind};
pub use code::{MirrorStatus, TimePeriod};
pub(crate) use configuration::for_each_section;
pub use configuration::{
    Configuration, Coverage, Document, Extent, FORMAT_VERSION, Fields, Gathered, MapFields,
    Visitor, properties_of, property_named,
};
pub use declare::{Declared, Pair, contradicts, newer_than_record, shown, stated, written};
pub use digest::Digest;
pub use form::Form;
pub use grant::{Grant, Grants, MatchRole, MatchRoles};
pub use in_mirror::InMirror;
pub use mapping::{Mapping, ROUTINE_TYPES};
pub use mapping_kind::MappingKind;
pub use member::{Attested, Facts, Member, Mirror, Peer};
pub use moment::{DAY, Moment};
pub use namespace::{Database, HSLIB, HSSYS, Namespace};
pub use object::{Object, Pairing, Subject};
pub use owner::{Owner, USERS as PREDEFINED_USERS};
pub use property::{Absence, Between, Change, Never, Property, Rule, Unreadable};
pub use provenance::{Provenance, Signer, SourceFile, SourceKind};
pub use record::{Content, Field, Record};
pub use resource::{HSSYS_RESOURCE, Resource};
pub use role::Role;
pub use section::Section;
pub use service::Service;
pub use setting::{Settings, all_carried as carried_settings, carried as setting_is_carried};
pub use task::{RunAfter, Task, UNRESOLVED};
pub use text::{Name, Text, fold_order, folded, starts_with_folded};
pub use tls::TlsConfiguration;
pub use user::User;
pub use value::{Day, Element, Likeness, Set, Shown, Value};
pub use visible::{acts, visible};
