//! Which roles come to an administrator's rights.
//!
//! Owns [`Powers`]: the roles of both sides that hold `%All` or what an administrator may do, by
//! themselves or by what they grant, however deep. `gate` asks it of what a step gives and takes.
//! Invariant: a role that grants one with power has it; circles of roles end.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::model::{Configuration, Name, folded, starts_with_folded};

/// Roles that the product gives an administrator's rights, whatever an export says of them (H4.3).
const ADMINISTRATORS: &[&str] = &["%All", "%Manager", "%SecurityAdministrator"];

/// Resources that come to an administrator's rights: those of administration by their beginning, and
/// the databases that hold users and code of the product, to write to.
const ADMINISTRATION: &str = "%Admin_";
const SYSTEM_DATABASES: &[&str] = &["%DB_IRISSYS", "%DB_IRISSECURITY", "%DB_CACHESYS"];

/// The roles of both sides that come to an administrator's rights, by themselves or by what they grant.
#[derive(Debug)]
pub(super) struct Powers(HashSet<String>);

impl Powers {
    pub(super) fn of(sides: [&Configuration; 2]) -> Self {
        let mut powers: HashSet<String> = ADMINISTRATORS.iter().map(|name| folded(name)).collect();
        let roles = || sides.into_iter().flat_map(|side| &side.roles.objects);
        for role in roles() {
            let mut grants = role.resources.iter().flat_map(|grants| grants.iter());
            if grants.any(|grant| is_administration(&grant.resource, &grant.permission.letters())) {
                powers.insert(folded(&role.name));
            }
        }
        // What grants a role with power has it, however deep.
        let mut granters: HashMap<String, Vec<String>> = HashMap::new();
        for role in roles() {
            for granted in role.granted_roles.iter().flat_map(|roles| roles.iter()) {
                granters.entry(folded(granted)).or_default().push(folded(&role.name));
            }
        }
        let mut open: Vec<String> = powers.iter().cloned().collect();
        while let Some(strong) = open.pop() {
            for granter in granters.get(&strong).into_iter().flatten() {
                if powers.insert(granter.clone()) {
                    open.push(granter.clone());
                }
            }
        }
        Self(powers)
    }

    pub(super) fn has(&self, role: &str) -> bool {
        self.0.contains(&folded(role))
    }
}

fn is_administration(resource: &str, letters: &str) -> bool {
    let system = || SYSTEM_DATABASES.iter().any(|name| Name::from(*name).is(resource));
    starts_with_folded(resource, ADMINISTRATION) || letters.contains('W') && system()
}

/// A grant of a role that comes to an administrator's rights, as `RESOURCE:RW`.
pub(super) fn strong_grant(grant: &Value) -> Option<String> {
    let resource = grant.get("resource")?.as_str()?;
    let letters = grant.get("permission")?.as_str()?;
    is_administration(resource, letters).then(|| format!("{resource}:{letters}"))
}
