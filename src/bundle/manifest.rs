//! The manifest: what a bundle is, whose, from when, and what it was made of.
//!
//! Owns [`Manifest`], the first entry of every bundle, and its reading: version first, so that a newer
//! bundle is called newer and not broken. `seal` writes it, `open` reads it, `inspect` shows it; a
//! comparison takes from it what the configuration itself does not say.
//! Invariant: everything that varies between two exports of one state stands here, and nothing of the
//! state; names this version does not know are kept, so that they can be told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FORMAT_VERSION, Kind, SUMS};
use crate::json::strict;
use crate::key::RecipientKind;
use crate::model::{Configuration, Coverage, Digest, Extent, Moment, Section, Signer, SourceFile};
use crate::schema;

/// What a bundle is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Version of the format: MAJOR.MINOR.
    #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
    pub format_version: String,
    /// The oldest version of the format whose readers can use this bundle.
    #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
    pub minimum_reader_version: String,
    /// What the bundle holds.
    pub kind: Kind,
    /// The program that sealed it, with its version.
    pub tool: String,
    /// Tells this export from every other one; 32 hex digits.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub export_id: String,
    /// Grows from export to export of one member, as long as its clock does not go back:
    /// milliseconds since 1970.
    #[schemars(range(min = 0, max = 9_007_199_254_740_992_u64))]
    pub serial: u64,
    /// When it was sealed and, where it is signed, signed.
    pub sealed_at: Moment,
    /// The member it is about; for a comparison the one that was compared with the primary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Who>,
    /// The member it was made for, where the exporter said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_member: Option<String>,
    /// Whom it is sealed for.
    pub recipients: Vec<SealedFor>,
    /// The files it was made of.
    #[serde(default)]
    pub sources: Vec<SourceFile>,
    /// What the configuration holds of each section.
    #[serde(default)]
    pub sections: Vec<SectionCount>,
    /// Names in the files that the exporting version did not know, and so left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// What was asked for when the configuration was gathered.
    #[serde(default)]
    pub parameters: Parameters,
    /// For a comparison: the primary's side and the member's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sides: Vec<Side>,
    /// For the HSSYS database: what is known of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hssys: Option<DatabaseCopy>,
    /// Whether anything in it can be a secret: it can where all task settings were asked for, and the HSSYS
    /// database always does.
    pub holds_secrets: bool,
    /// The entries after this one, in order.
    pub entries: Vec<Entry>,
}

/// Who a member is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Who {
    /// Its name in the mirror.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_name: String,
    /// Its GUID in the mirror.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guid: String,
    /// Name of the instance.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// Kind of member and its state in the mirror, when it was exported.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The mirrors it is in, by name, with their GUIDs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<MirrorName>,
}

/// A mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MirrorName {
    /// Its name.
    pub name: String,
    /// Its GUID; empty where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub guid: String,
}

impl Who {
    /// Who a configuration says it is of.
    pub fn of(configuration: &Configuration) -> Option<Self> {
        let member = configuration.member.as_ref()?;
        let text =
            |name: &Option<crate::model::Name>| name.as_deref().unwrap_or_default().to_owned();
        let role = [&member.member_type, &member.mirror_state];
        let role: Vec<&str> = role
            .into_iter()
            .filter_map(|word| word.as_deref())
            .filter(|word| !word.is_empty())
            .collect();
        let mirrors = member.mirrors.iter().flat_map(|mirrors| mirrors.iter());
        Some(Self {
            system_name: text(&member.system_name),
            guid: text(&member.guid),
            instance: text(&member.instance),
            role: role.join(", "),
            mirrors: mirrors
                .map(|mirror| MirrorName {
                    name: mirror.name.to_string(),
                    guid: text(&mirror.guid),
                })
                .collect(),
        })
    }

    /// What it is called: by its name in the mirror, else by its instance.
    pub fn name(&self) -> Option<&str> {
        [&self.system_name, &self.instance]
            .into_iter()
            .map(String::as_str)
            .find(|name| !name.is_empty())
    }
}

/// Somebody a bundle is sealed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SealedFor {
    /// What kind of recipient.
    pub kind: RecipientKind,
    /// What tells it from others; empty for a passphrase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
}

/// What a configuration holds of one section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionCount {
    /// The section.
    pub section: Section,
    /// How much of it was gathered.
    pub extent: Extent,
    /// How many objects.
    pub count: usize,
    /// Why not all of it; empty where it is complete.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl SectionCount {
    /// What a configuration holds of each section.
    pub fn of(configuration: &Configuration) -> Vec<Self> {
        let row = |Coverage { section, extent, reason }| Self {
            section,
            extent,
            count: configuration.count(section),
            reason,
        };
        configuration.coverage().into_iter().map(row).collect()
    }
}

/// What was asked for when a configuration was gathered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameters {
    /// E-mail addresses and telephone numbers too.
    pub personal_data: bool,
    /// Values of all task settings.
    pub task_settings: bool,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// SHA-256 of its `configuration.json`.
    pub configuration_sha256: Digest,
    /// Who answers for it.
    pub signer: Signer,
    /// The export it came from, where it came in a bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_id: Option<String>,
    /// When that was sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_at: Option<Moment>,
    /// The files it was made of.
    #[serde(default)]
    pub sources: Vec<SourceFile>,
}

/// A copy of the HSSYS database of the primary. What is not known of it is not stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseCopy {
    /// When its files were last written to; the state of the database is not older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_at: Option<Moment>,
    /// Whether the database was in the mirror when it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirrored: Option<bool>,
    /// SHA-256 of the `configuration.json` in the bundle that was exported with it.
    pub configuration_sha256: Digest,
}

/// An entry of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its size in bytes; the signature's is not known beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Why a manifest cannot be used.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is no JSON object, or states something twice.
    Json,
    /// Its format is newer: these versions it names.
    TooNew(String),
    /// It does not satisfy the schema: where and how.
    Schema(String),
}

impl Manifest {
    /// A manifest that says nothing yet but which bundle it is of.
    pub fn new(kind: Kind, id: [u8; 16], serial: u64, sealed_at: Moment) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            minimum_reader_version: FORMAT_VERSION.to_owned(),
            kind,
            tool: format!("hsmirror {}", env!("CARGO_PKG_VERSION")),
            export_id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            serial,
            sealed_at,
            member: None,
            intended_member: None,
            recipients: Vec::new(),
            sources: Vec::new(),
            sections: Vec::new(),
            unread: Vec::new(),
            parameters: Parameters::default(),
            sides: Vec::new(),
            hssys: None,
            holds_secrets: false,
            entries: Vec::new(),
        }
    }

    /// The entries of the content: what comes before the list of digests.
    pub fn content(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().take_while(|entry| entry.name != SUMS)
    }

    /// Reads a manifest; gives it with the names in it that this version does not know.
    pub(super) fn read(text: &[u8]) -> Result<(Self, Vec<String>), Fault> {
        let mut value = Value::Null;
        strict::read(text, &mut value).map_err(|_| Fault::Json)?;
        let Value::Object(fields) = &value else { return Err(Fault::Json) };
        let stated = |name: &str| {
            let text = fields.get(name).and_then(Value::as_str).unwrap_or_default();
            schema::version(text).map(|version| (text.to_owned(), version))
        };
        let ours = schema::version(FORMAT_VERSION).unwrap_or_default();
        let newer = |name: &str, too_new: fn((u16, u16), (u16, u16)) -> bool| {
            stated(name).filter(|(_, theirs)| too_new(*theirs, ours)).map(|(text, _)| text)
        };
        let newer = newer("formatVersion", |theirs, ours| theirs.0 > ours.0)
            .or_else(|| newer("minimumReaderVersion", |theirs, ours| theirs > ours));
        if let Some(version) = newer {
            return Err(Fault::TooNew(version));
        }
        let validator = schema::validator::<Self>();
        if let Some(first) = validator.iter_errors(&value).next() {
            let what = format!("{} {}", first.instance_path(), schema::complaint(first.kind()));
            return Err(Fault::Schema(what));
        }
        let manifest: Self = Self::deserialize(&value).map_err(|_| {
            Fault::Schema(" does not have the form the schema describes".to_owned())
        })?;
        let known = serde_json::to_value(&manifest).unwrap_or_default();
        let mut unknown = Vec::new();
        unknown_names(&value, &known, "manifest", &mut unknown);
        Ok((manifest, unknown))
    }
}

/// The names that one value has and the other, which was made of it, has not; what is empty in the
/// first is left out of the second, and is nothing to be told.
fn unknown_names(value: &Value, known: &Value, place: &str, names: &mut Vec<String>) {
    match (value, known) {
        (Value::Object(value), Value::Object(known)) => {
            for (key, value) in value {
                let place: String = format!("{place}.{key}").chars().take(120).collect();
                match known.get(key) {
                    Some(known) => unknown_names(value, known, &place, names),
                    None if is_empty(value) => {}
                    None => names.push(place.chars().flat_map(char::escape_debug).collect()),
                }
            }
        }
        (Value::Array(value), Value::Array(known)) => {
            for (value, known) in value.iter().zip(known) {
                unknown_names(value, known, place, names);
            }
        }
        _ => {}
    }
    names.dedup();
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
