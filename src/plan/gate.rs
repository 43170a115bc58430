//! What a step risks, and which risks nobody takes in passing.
//!
//! Owns the kinds of [`Risk`], and the looking for them in what a step changes: rights that come to
//! everything, doors that open, accounts that wake, code that runs, data that gets hidden. `draft` asks
//! for each step; `choice` holds back what is a gate.
//! Invariant: what grants `%All` or an administrator's right, opens something to everybody, lets an
//! account in or runs code needs its name said or a signed plan, whatever else was agreed to (design 7).

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::step::{Step, Verb};
use crate::model::{Configuration, Name, Section, folded, starts_with_folded};

/// A kind of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// Somebody gets `%All`, or what an administrator may do.
    GrantsAdministration,
    /// Somebody gets in who need not log in, or everybody may do something.
    OpensToAnybody,
    /// An account that could not log in can.
    WakesAccount,
    /// Code runs that did not run before.
    RunsCode,
    /// Something with that name that the namespace has now would not be seen any more.
    MayHide,
    /// The object goes, and what is known of it is all that can be put back.
    Deletes,
}

impl RiskKind {
    /// Whether a step with it needs its name said or a signed plan.
    pub const fn is_gate(self) -> bool {
        match self {
            Self::GrantsAdministration
            | Self::OpensToAnybody
            | Self::WakesAccount
            | Self::RunsCode => true,
            Self::MayHide | Self::Deletes => false,
        }
    }
}

/// What a step risks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// What kind of risk.
    pub kind: RiskKind,
    /// In words.
    pub text: String,
}

impl Risk {
    pub(super) fn new(kind: RiskKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

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

    fn has(&self, role: &str) -> bool {
        self.0.contains(&folded(role))
    }
}

fn is_administration(resource: &str, letters: &str) -> bool {
    let system = || SYSTEM_DATABASES.iter().any(|name| Name::from(*name).is(resource));
    starts_with_folded(resource, ADMINISTRATION) || letters.contains('W') && system()
}

/// What a step risks by what it changes.
pub(super) fn risks(step: &Step, powers: &Powers) -> Vec<Risk> {
    let mut risks = Vec::new();
    if step.verb == Verb::Delete {
        let text = "It goes from the member; undoing it puts back what its exports state.";
        risks.push(Risk::new(RiskKind::Deletes, text));
        return risks;
    }
    let name = &step.object.name;
    for change in &step.properties {
        let Some(after) = &change.after else { continue };
        let before = change.before.as_ref();
        let added = || added(before, after);
        match (step.section, change.property.as_str()) {
            (Section::Roles, "grantedRoles") | (Section::Users, "roles" | "escalationRoles") => {
                let strong: Vec<String> =
                    names(&added()).into_iter().filter(|role| powers.has(role)).collect();
                if !strong.is_empty() {
                    let text = format!("It gives {name} {}.", strong.join(", "));
                    risks.push(Risk::new(RiskKind::GrantsAdministration, text));
                }
            }
            (Section::Roles, "resources") => {
                let strong: Vec<String> = added().iter().filter_map(strong_grant).collect();
                if !strong.is_empty() {
                    let text = format!("It gives {name} {}.", strong.join(", "));
                    risks.push(Risk::new(RiskKind::GrantsAdministration, text));
                }
            }
            (Section::Applications, "matchRoles") => {
                let targets: Vec<Value> = added()
                    .iter()
                    .filter_map(|row| row.get("targets").and_then(Value::as_array).cloned())
                    .flatten()
                    .collect();
                let mut strong: Vec<String> =
                    names(&targets).into_iter().filter(|role| powers.has(role)).collect();
                strong.dedup();
                if !strong.is_empty() {
                    let text = format!("Who uses {name} gets {}.", strong.join(", "));
                    risks.push(Risk::new(RiskKind::GrantsAdministration, text));
                }
            }
            (Section::Applications | Section::Services, "authenticationMethods")
                if added().iter().any(|method| method == "Unauthenticated") =>
            {
                let text = format!("It opens {name} to everybody, without a login.");
                risks.push(Risk::new(RiskKind::OpensToAnybody, text));
            }
            (Section::Applications | Section::Services, "enabled")
                if *after == true && step.verb == Verb::Modify =>
            {
                let text = format!("It opens {name}, which is closed on the member.");
                risks.push(Risk::new(RiskKind::OpensToAnybody, text));
            }
            (Section::Resources, "publicPermission") if widens(before, after) => {
                let letters = after.as_str().unwrap_or_default();
                let text = format!("It gives everybody {letters} on {name}.");
                risks.push(Risk::new(RiskKind::OpensToAnybody, text));
            }
            (Section::Users, "enabled") if *after == true => {
                let text = format!("{name} can log in with the password that the member knows.");
                risks.push(Risk::new(RiskKind::WakesAccount, text));
            }
            (Section::Tasks, "runAsUser" | "settings") if step.verb == Verb::Modify => {
                let text = format!("It changes what the task runs, or as whom: {}.", told(step));
                risks.push(Risk::new(RiskKind::RunsCode, text));
            }
            _ => {}
        }
    }
    if step.section == Section::Tasks && step.verb == Verb::Create {
        risks.push(Risk::new(RiskKind::RunsCode, format!("It runs code: {}.", told(step))));
    }
    risks
}

/// The code of a task, in full: class, settings, user.
fn told(step: &Step) -> String {
    let class = step.object.task_class.as_deref().unwrap_or_default();
    let namespace = step.object.namespace.as_deref().unwrap_or_default();
    let mut told = format!("class {class} in {namespace}");
    let user = step.properties.iter().find(|change| change.property == "runAsUser");
    if let Some(user) = user.and_then(|change| change.after.as_ref()?.as_str()) {
        told.push_str(&format!(" as {user}"));
    }
    let settings = step.settings(true);
    if !settings.is_empty() {
        let settings: Vec<String> =
            settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        told.push_str(&format!(" with {}", settings.join(", ")));
    }
    told
}

/// What a list has afterwards that it had not before; items are the same by their folded text.
fn added(before: Option<&Value>, after: &Value) -> Vec<Value> {
    let key = |item: &Value| folded(&item.to_string());
    let had: HashSet<String> =
        before.and_then(Value::as_array).into_iter().flatten().map(key).collect();
    let items = after.as_array().into_iter().flatten();
    items.filter(|item| !had.contains(&key(item))).cloned().collect()
}

fn names(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn strong_grant(grant: &Value) -> Option<String> {
    let resource = grant.get("resource")?.as_str()?;
    let letters = grant.get("permission")?.as_str()?;
    is_administration(resource, letters).then(|| format!("{resource}:{letters}"))
}

/// Whether everybody may do more.
fn widens(before: Option<&Value>, after: &Value) -> bool {
    let before = before.and_then(Value::as_str).unwrap_or_default();
    after.as_str().unwrap_or_default().chars().any(|letter| !before.contains(letter))
}
