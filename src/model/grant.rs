//! What is granted to whom: resources of a role, roles added by an application.
//!
//! Owns [`Grants`] (resource and permission pairs of a role) and [`MatchRoles`] (roles an
//! application adds for those who hold a role). Both come from security exports and are compared
//! as sets, since the product does not keep their order.
//! Invariant: each name stands once; a permission of nothing (0) is not a grant (formats 3.3).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bits::Permission;
use super::form::Form;
use super::record::Content;
use super::text::Name;
use super::value::{Element, Likeness, Set, Value, listed};

/// A resource with the permission a role has on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Name of the resource.
    pub resource: Name,
    /// What is permitted.
    pub permission: Permission,
}

/// The resources of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<Grant>")]
pub struct Grants(Box<[Grant]>);

impl From<Vec<Grant>> for Grants {
    fn from(grants: Vec<Grant>) -> Self {
        Self::new(grants)
    }
}

impl Grants {
    /// Sorted by resource; the last grant on a resource counts, and grants of nothing are dropped.
    pub fn new(mut grants: Vec<Grant>) -> Self {
        grants.reverse();
        grants.sort_by(|a, b| super::text::fold_order(&a.resource, &b.resource));
        grants.dedup_by(|later, first| later.resource.is(&first.resource));
        grants.retain(|grant| !grant.permission.is_none());
        Self(grants.into_boxed_slice())
    }

    /// The grants in order.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }
}

impl Value for Grants {
    const FORM: Form = Form::Grants;
    const LIKENESS: Likeness = Likeness::Names;
    fn written(&self) -> Option<String> {
        let items =
            self.iter().map(|grant| format!("{}:{}", grant.resource, grant.permission.letters()));
        let whole = self.iter().all(|grant| grant.resource.trim() == &*grant.resource);
        whole.then(|| listed(items))?
    }
    fn same(&self, other: &Self) -> bool {
        let alike =
            |(a, b): (&Grant, &Grant)| a.permission == b.permission && a.resource.is(&b.resource);
        self.0.len() == other.0.len() && self.iter().zip(other.iter()).all(alike)
    }

    fn spelled(&self) -> String {
        let words: Vec<String> = self
            .iter()
            .map(|grant| format!("{}:{}", grant.resource, grant.permission.letters()))
            .collect();
        words.join(",")
    }

    /// `<Resource><Name/><Permission/></Resource>` records, or the API's `Res:RW,Res:U` (H4.3).
    fn from_content(content: &Content) -> Result<Self, String> {
        let grants: Option<Vec<Grant>> = match content {
            Content::Records(records) => records
                .iter()
                .map(|record| {
                    let resource = Name::from(record.text("Name")?.trim());
                    let permission = Permission::parse(record.text("Permission").unwrap_or("0"))?;
                    Some(Grant { resource, permission })
                })
                .collect(),
            Content::Text(text) => text
                .split(',')
                .filter(|item| !item.trim().is_empty())
                .map(|item| {
                    let (resource, permission) = item.rsplit_once(':')?;
                    let permission = Permission::parse(permission)?;
                    Some(Grant { resource: Name::from(resource.trim()), permission })
                })
                .collect(),
            Content::Items(_) => None,
        };
        grants.map(Self::new).ok_or_else(|| "a list of resources with permissions".to_owned())
    }
}

/// Roles that an application adds for those who hold the matching role; no matching role means
/// for everybody (H4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatchRole {
    /// The role one must hold; empty for everybody.
    #[serde(rename = "match")]
    pub matching: Name,
    /// The roles that are added.
    pub targets: Set<Name>,
}

/// All match roles of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<MatchRole>")]
pub struct MatchRoles(Box<[MatchRole]>);

impl From<Vec<MatchRole>> for MatchRoles {
    fn from(rows: Vec<MatchRole>) -> Self {
        Self::new(rows)
    }
}

impl MatchRoles {
    /// Sorted by matching role; rows for the same role are one.
    pub fn new(mut rows: Vec<MatchRole>) -> Self {
        rows.sort_by(|a, b| a.matching.order(&b.matching));
        let mut merged: Vec<MatchRole> = Vec::with_capacity(rows.len());
        for row in rows {
            match merged.last_mut().filter(|last| last.matching.is(&row.matching)) {
                Some(last) => {
                    let both = last.targets.iter().chain(row.targets.iter()).cloned().collect();
                    last.targets = Set::new(both);
                }
                None => merged.push(MatchRole {
                    targets: Set::new(row.targets.iter().cloned().collect()),
                    ..row
                }),
            }
        }
        Self(merged.into_boxed_slice())
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &MatchRole> {
        self.0.iter()
    }
}

/// A row as the product spells it.
fn spelled(row: &MatchRole) -> String {
    let targets: Vec<String> = row.targets.iter().map(Element::spelled).collect();
    format!("{}:{}", row.matching, targets.join(":"))
}

impl Value for MatchRoles {
    const FORM: Form = Form::MatchRoles;
    const LIKENESS: Likeness = Likeness::Names;
    fn written(&self) -> Option<String> {
        let changed = |name: &Name| name.contains(':') || name.trim() != &**name;
        let lost = |name: &Name| name.is_empty() || changed(name);
        let holds = |row: &MatchRole| !changed(&row.matching) && !row.targets.iter().any(lost);
        self.iter().all(holds).then(|| listed(self.iter().map(spelled)))?
    }
    fn same(&self, other: &Self) -> bool {
        let alike = |(a, b): (&MatchRole, &MatchRole)| {
            a.matching.is(&b.matching) && a.targets.same(&b.targets)
        };
        self.0.len() == other.0.len() && self.iter().zip(other.iter()).all(alike)
    }

    fn spelled(&self) -> String {
        self.iter().map(spelled).collect::<Vec<_>>().join(",")
    }

    /// Items `Match:Target1:Target2`, or the API's comma string of them (H4.5).
    fn from_content(content: &Content) -> Result<Self, String> {
        let items: Vec<&str> = match content {
            Content::Items(items) => items.iter().map(String::as_str).collect(),
            Content::Text(text) => text.split(',').collect(),
            Content::Records(_) => return Err("a list of match roles".to_owned()),
        };
        let rows = items.into_iter().filter(|item| !item.trim().is_empty()).map(|item| {
            let mut names = item.trim().split(':').map(|name| Name::from(name.trim()));
            let matching = names.next().unwrap_or_default();
            MatchRole {
                matching,
                targets: Set::new(names.filter(|name| !name.is_empty()).collect()),
            }
        });
        Ok(Self::new(rows.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grants(text: &str) -> Grants {
        Grants::from_content(&Content::Text(text.to_owned())).unwrap()
    }

    #[test]
    fn grants_know_no_order_and_no_permission_of_nothing() {
        assert!(grants("A:RW,b:U").same(&grants("B:USE,a:WR,C:0")));
        assert!(!grants("A:RW").same(&grants("A:R")));
        assert_eq!(grants("b:U,A:WR").spelled(), "A:RW,b:U");
        assert_eq!(grants("A:R,A:RW").spelled(), "A:RW");
    }

    proptest! {
        /// What is written is read back as the same value, or not written at all.
        #[test]
        fn what_is_written_is_read_back(
            names in proptest::collection::vec("[A-Za-z%_,: \"é]{0,6}", 1..5),
            letters in "R?W?U?",
        ) {
            let name = |at: usize| Name::from(names[at % names.len()].as_str());
            let permission = Permission::parse(&letters).unwrap();
            let each = |at| Grant { resource: name(at), permission };
            let grants = Grants::new((0..names.len()).map(each).collect());
            let rows = MatchRoles::new(vec![MatchRole {
                matching: name(0),
                targets: Set::new((1..names.len()).map(name).collect()),
            }]);
            let text = |text| Content::Text(text);
            if let Some(written) = grants.written() {
                prop_assert!(Grants::from_content(&text(written)).unwrap().same(&grants));
            }
            if let Some(written) = rows.written() {
                prop_assert!(MatchRoles::from_content(&text(written)).unwrap().same(&rows));
            }
            let set = Set::new((0..names.len()).map(name).collect());
            if let Some(written) = set.written() {
                prop_assert!(Set::<Name>::from_content(&text(written)).unwrap().same(&set));
            }
        }
    }

    #[test]
    fn match_roles_for_everybody_have_no_matching_role() {
        let rows = |text: &str| MatchRoles::from_content(&Content::Text(text.to_owned())).unwrap();
        assert!(rows(":%DB_A:%DB_B,X:Y").same(&rows("x:y,:%db_b,:%DB_A")));
        assert_eq!(rows(":b:A").spelled(), ":A:b");
    }
}
