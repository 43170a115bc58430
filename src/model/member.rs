//! Who a side is: instance, versions and mirror membership.
//!
//! Owns the single object of section member, and the facts a person attests because no export tells
//! them (design 4). Instance and role come from `iris qlist` (H7.1), mirror membership and versions
//! from the CPF (formats 1.6), facts from a configuration document.
//! Invariant: what no source states is unknown, and unknown is never equal, never healthy.

use std::cmp::Ordering;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::form::Form;
use super::record::Record;
use super::text::{Name, Text, fold_order};
use super::value::{Day, Element, Set};

crate::object! {
    /// Who a side is (`iris qlist`, `[MirrorMember]`, `[Mirrors]`, `[MapMirrors]`).
    pub struct Member in Member from "iris qlist and iris.cpf" {
        identity {}
        properties {
            /// Name of the instance.
            instance: Name = "qlist 1", may_differ, empty;
            /// The instance's configuration file, with its folder (H2.1, H7.1).
            configuration_file: Text = "qlist 5", may_differ, empty;
            /// Name of the member in its mirror (SystemName).
            system_name: Name = "[MirrorMember] SystemName", must_differ, empty;
            /// GUID of the member in its mirror.
            guid: Name = "[MapMirrors.MIRROR] field 5", must_differ, empty;
            /// Product, such as IRIS or IRISHealth.
            product: Text = "qlist 10", must_equal, unknown;
            /// Version of the product.
            version: Text = "qlist 3", must_equal, unknown;
            /// Product the configuration file was written by; Caché writes none.
            configuration_product: Text = "[ConfigFile] Product", must_equal, unknown;
            /// Version of the configuration file; grows with the product.
            configuration_version: Text = "[ConfigFile] Version", must_equal, unknown;
            /// Operating system and processor.
            platform: Text = "[config] overview", may_differ, empty;
            /// Block sizes that databases may have.
            block_sizes: Set<Text> = "[Startup] DBSizesAllowed", must_equal, unknown;
            /// Whether the instance is a mirror member.
            in_mirror: bool = "[MirrorMember] JoinMirror", judged, unknown;
            /// The mirrors the instance belongs to, with what is set for all members.
            mirrors: Set<Mirror> = "[Mirrors]", must_equal, unknown, when Member::may_list_members;
            /// The members of those mirrors, as this instance knows them.
            mirror_members: Set<Peer> = "[MapMirrors.MIRROR]", must_equal, unknown,
                when Member::may_list_members;
            /// Kind of mirror member, such as Failover or Disaster Recovery; empty is no member.
            member_type: Text = "qlist 11", judged, unknown;
            /// State in the mirror, such as Primary or Backup.
            mirror_state: Text = "qlist 12", judged, unknown;
            /// Whether numbers in its databases begin with the highest byte (`%SYSTEM.Version`, H7.3).
            big_endian: bool = "IsBigEndian", judged, unknown;
            /// Whether its characters have 16 bits rather than 8 (`%SYSTEM.Version`, H7.3).
            unicode: bool = "IsUnicode", judged, unknown;
            /// Its locale, such as enuw (H2.4).
            locale: Name = "Locale", judged, unknown;
            /// Whether the configuration file was edited and is not active yet (`Config.CPF`, H2.1).
            configuration_pending: bool = "CPFFileNeedsActivation", judged, unknown;
            /// Days after which a finished journal file is purged; 0 leaves it to the backups (H6.6).
            journal_days: u64 = "[Journal] DaysBeforePurge", may_differ, unknown;
            /// Backups after which a finished journal file is purged; 0 leaves it to the days (H6.6).
            journal_backups: u64 = "[Journal] BackupsBeforePurge", may_differ, unknown;
        }
        never {}
    }
}

impl Member {
    /// An instance that says it is in no mirror lists no members; a rule of its own tells.
    fn may_list_members(&self) -> bool {
        self.in_mirror != Some(false)
    }

    /// What `iris qlist` says about the role (H7.1): `Some(true)` primary now, `Some(false)` not,
    /// `None` where it says nothing, or a word that is not documented.
    pub fn is_primary(&self) -> Option<bool> {
        let state = self.mirror_state.as_deref()?;
        if state.eq_ignore_ascii_case("Primary") {
            return Some(true);
        }
        NOT_PRIMARY.iter().any(|known| state.eq_ignore_ascii_case(known)).then_some(false)
    }

    /// Whether it is an async member, DR or reporting, which may run another version (H2.4).
    pub fn is_async(&self) -> bool {
        self.member_type
            .as_deref()
            .is_some_and(|kind| ASYNC.iter().any(|known| kind.eq_ignore_ascii_case(known)))
    }

    /// Whether it is a reporting member, which cannot be promoted.
    pub fn is_reporting(&self) -> bool {
        self.member_type
            .as_deref()
            .is_some_and(|kind| REPORTING.iter().any(|known| kind.eq_ignore_ascii_case(known)))
    }

    /// Whether it says of itself that it is no mirror member.
    pub fn is_no_member(&self) -> bool {
        let listed_as_none = self.member_type.as_deref() == Some("");
        match self.in_mirror {
            Some(joined) => !joined,
            None => listed_as_none,
        }
    }
}

/// States of a member that is not the primary (H6.1, H6.2, H7.1).
const NOT_PRIMARY: &[&str] = &[
    "Backup",
    "Connected",
    "Crashed",
    "Down",
    "In Trouble",
    "NotInit",
    "Stopped",
    "Synchronizing",
    "Transition",
    "Trouble",
    "Waiting",
];

/// Kinds of async member as `iris qlist` and the product's class spell them (H6.1, H7.1).
const ASYNC: &[&str] =
    &["Async", "Disaster Recovery", "Read-Only Reporting", "Read-Write Reporting"];

/// Kinds of reporting member (H6.1).
const REPORTING: &[&str] = &["Read-Only Reporting", "Read-Write Reporting"];

/// A mirror and what is set for all its members (formats 1.6). A CPF states all of it, an empty field
/// included; what a document leaves out is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mirror {
    /// Name of the mirror.
    pub name: Name,
    /// GUID of the mirror.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<Name>,
    /// Milliseconds of the quality of service timeout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_of_service: Option<Name>,
    /// Whether the members speak TLS, 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_tls: Option<Name>,
    /// Virtual address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_address: Option<Name>,
    /// Address and port of the arbiter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arbiter: Option<Name>,
}

/// A member of a mirror, as `[MapMirrors.MIRROR]` lists it (formats 1.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Name of the mirror.
    pub mirror: Name,
    /// Name of the member.
    pub name: Name,
    /// GUID of the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<Name>,
    /// Kind of member: `0` failover, `2` async.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Name>,
}

/// What is not stated is unknown, and agrees with anything.
fn agree(one: &Option<Name>, other: &Option<Name>) -> bool {
    one.as_ref().zip(other.as_ref()).is_none_or(|(one, other)| one.is(other))
}

fn spelled(part: &Option<Name>) -> &str {
    part.as_deref().unwrap_or("?")
}

impl Mirror {
    /// Whether the two are known to be two mirrors of one name.
    pub fn is_namesake(&self, other: &Self) -> bool {
        self.name.is(&other.name) && !agree(&self.guid, &other.guid)
    }
}

impl Element for Mirror {
    const FORM: Form = Form::Own;
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort_by(|a, b| a.name.order(&b.name).then_with(|| a.spelled().cmp(&b.spelled())));
        items.dedup_by(|a, b| a.alike(b));
        items
    }
    fn alike(&self, other: &Self) -> bool {
        self.name.is(&other.name)
            && agree(&self.guid, &other.guid)
            && agree(&self.quality_of_service, &other.quality_of_service)
            && agree(&self.uses_tls, &other.uses_tls)
            && agree(&self.virtual_address, &other.virtual_address)
            && agree(&self.arbiter, &other.arbiter)
    }
    fn from_item(_: &str) -> Option<Self> {
        None
    }
    fn from_record(record: &Record) -> Option<Self> {
        let part = |name: &str| record.text(name).map(Name::from);
        Some(Self {
            name: part("Name")?,
            guid: part("GUID"),
            quality_of_service: part("QoS"),
            uses_tls: part("UseSSL"),
            virtual_address: part("VirtualAddress"),
            arbiter: part("Arbiter"),
        })
    }
    fn spelled(&self) -> String {
        format!(
            "{}:{};QoS:{};TLS:{};VirtualAddress:{};Arbiter:{}",
            self.name,
            spelled(&self.guid),
            spelled(&self.quality_of_service),
            spelled(&self.uses_tls),
            spelled(&self.virtual_address),
            spelled(&self.arbiter)
        )
    }
}

impl Element for Peer {
    const FORM: Form = Form::Own;
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort_by(Peer::order);
        items.dedup_by(|a, b| a.alike(b));
        items
    }
    fn alike(&self, other: &Self) -> bool {
        Peer::pair(self, other) == Ordering::Equal
            && agree(&self.guid, &other.guid)
            && agree(&self.kind, &other.kind)
    }
    fn from_item(_: &str) -> Option<Self> {
        None
    }
    fn from_record(record: &Record) -> Option<Self> {
        let part = |name: &str| record.text(name).map(Name::from);
        Some(Self {
            mirror: part("Mirror")?,
            name: part("Name")?,
            guid: part("GUID"),
            kind: part("Type"),
        })
    }
    fn spelled(&self) -> String {
        format!("{}:{};Type:{}", self.name, spelled(&self.guid), spelled(&self.kind))
    }
}

impl Peer {
    fn pair(&self, other: &Self) -> Ordering {
        fold_order(&self.mirror, &other.mirror).then_with(|| fold_order(&self.name, &other.name))
    }
    fn order(&self, other: &Self) -> Ordering {
        self.pair(other)
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.spelled().cmp(&other.spelled()))
    }
}

/// A fact that a person attests: what, who says so, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attested {
    /// Whether it is so.
    pub value: bool,
    /// Who attests it.
    #[schemars(schema_with = "somebody")]
    pub by: Text,
    /// Day on which it was looked at, `YYYY-MM-DD`.
    #[schemars(schema_with = "day_of_a_look")]
    pub at: Day,
}

fn somebody(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "[^ ]" })
}

fn day_of_a_look(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

/// Facts about a side that no export tells (design 4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Whether the side holds FHIR SQL data; only the primary may (H1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fhir_sql_data: Option<Attested>,
    /// Whether its HSSYS database is in the mirror (H1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hssys_mirrored: Option<Attested>,
    /// Whether its HSLIB database is in the mirror, which it must not be (H1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hslib_mirrored: Option<Attested>,
}

impl Facts {
    /// The facts that are attested, by their names in JSON.
    pub fn attested(&self) -> impl Iterator<Item = (&'static str, &Attested)> {
        let facts = [&self.fhir_sql_data, &self.hssys_mirrored, &self.hslib_mirrored];
        Self::NAMES.iter().zip(facts).filter_map(|(name, fact)| Some((*name, fact.as_ref()?)))
    }

    /// The name in JSON of the fact that can block.
    pub const FHIR_SQL_DATA: &'static str = "fhirSqlData";
    /// The names of the facts in JSON.
    pub const NAMES: &'static [&'static str] =
        &[Self::FHIR_SQL_DATA, "hssysMirrored", "hslibMirrored"];
}
