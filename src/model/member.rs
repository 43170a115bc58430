//! Who a side is: instance, versions and mirror membership.
//!
//! Owns the single object of section member, and the facts a person attests because no export tells
//! them (design 4). Instance and role come from `iris qlist` (H7.1), mirror membership and versions
//! from the CPF (formats 1.6), facts from a configuration document.
//! Invariant: what no source states is unknown, and unknown is never equal, never healthy.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{Name, Text, fold_order};
use super::value::{Element, Set};

crate::object! {
    /// Who a side is (`iris qlist`, `[MirrorMember]`, `[Mirrors]`, `[MapMirrors]`).
    pub struct Member in Member from "iris qlist and iris.cpf" {
        identity {}
        properties {
            /// Name of the instance.
            instance: Name = "qlist 1", may_differ, empty;
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
            /// The mirrors the instance belongs to.
            mirrors: Set<Mirror> = "[Mirrors]", judged, unknown;
            /// The members of those mirrors, as this instance knows them.
            mirror_members: Set<Peer> = "[MapMirrors.MIRROR]", must_equal, unknown,
                when Member::lists_members;
            /// Kind of mirror member, such as Failover or Disaster Recovery.
            member_type: Text = "qlist 11", judged, unknown;
            /// State in the mirror, such as Primary or Backup.
            mirror_state: Text = "qlist 12", judged, unknown;
        }
        never {}
    }
}

impl Member {
    /// An instance that is in no mirror lists no members, and is told by a rule of its own.
    fn lists_members(&self) -> bool {
        self.mirror_members.as_ref().is_some_and(|members| members.iter().next().is_some())
    }
}

/// A mirror, by name and GUID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mirror {
    /// Name of the mirror.
    pub name: Name,
    /// GUID of the mirror; empty where not stated.
    #[serde(default)]
    pub guid: Name,
}

/// A member of a mirror, as `[MapMirrors.MIRROR]` lists it (formats 1.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Name of the mirror.
    pub mirror: Name,
    /// Name of the member.
    pub name: Name,
    /// GUID of the member; empty where not stated.
    #[serde(default)]
    pub guid: Name,
    /// Kind of member: `0` failover, `2` async.
    #[serde(default)]
    pub kind: Text,
}

impl Element for Mirror {
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort_by(|a, b| a.name.order(&b.name));
        items.dedup_by(|a, b| a.alike(b));
        items
    }
    fn alike(&self, other: &Self) -> bool {
        self.name.is(&other.name) && self.guid.is(&other.guid)
    }
    fn from_item(item: &str) -> Self {
        let (name, guid) = item.split_once('=').unwrap_or((item, ""));
        Self { name: Name::from(name.trim()), guid: Name::from(guid.trim()) }
    }
    fn spelled(&self) -> String {
        format!("{}={}", self.name, self.guid)
    }
}

impl Element for Peer {
    fn arrange(mut items: Vec<Self>) -> Vec<Self> {
        items.sort_by(Peer::order);
        items.dedup_by(|a, b| a.alike(b));
        items
    }
    fn alike(&self, other: &Self) -> bool {
        Peer::pair(self, other) == Ordering::Equal
            && self.guid.is(&other.guid)
            && self.kind == other.kind
    }
    /// `MIRROR|MEMBER|GUID|KIND`, as the CPF reader puts it together.
    fn from_item(item: &str) -> Self {
        let mut parts = item.split('|').map(str::trim);
        let mut next = || parts.next().unwrap_or_default();
        Self {
            mirror: Name::from(next()),
            name: Name::from(next()),
            guid: Name::from(next()),
            kind: Text::from(next()),
        }
    }
    fn spelled(&self) -> String {
        format!("{}={}:{}", self.name, self.guid, self.kind)
    }
}

impl Peer {
    fn pair(&self, other: &Self) -> Ordering {
        fold_order(&self.mirror, &other.mirror).then_with(|| fold_order(&self.name, &other.name))
    }
    fn order(&self, other: &Self) -> Ordering {
        self.pair(other).then_with(|| self.name.cmp(&other.name))
    }
}

/// A fact that a person attests: what, who says so, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attested {
    /// Whether it is so.
    pub value: bool,
    /// Who attests it.
    pub by: Text,
    /// Day on which it was looked at, `YYYY-MM-DD`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub at: Text,
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
}

impl Facts {
    /// The names of the facts in JSON.
    pub const NAMES: &'static [&'static str] = &["fhirSqlData", "hssysMirrored"];
}
