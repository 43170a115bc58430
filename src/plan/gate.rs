//! What a step risks, and which risks nobody takes in passing.
//!
//! Owns the kinds of [`Risk`], and the looking for them in what a step changes: rights that come to
//! everything, doors that open, protections that fall, people who are shut out, code that runs, data that
//! gets hidden. `draft` asks for each step; `choice` holds back what is a gate.
//! Invariant: what grants `%All` or an administrator's right, opens or weakens a door, lets an account in
//! or shuts one out that the repair itself may rest on, or runs code needs its name said or a signed plan,
//! whatever else was agreed to (design 7).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::powers::{Powers, strong_grant};
use super::step::Step;
use super::transition::Transition;
use crate::model::{Name, Section, starts_with_folded};
use crate::operation::Verb;

/// A kind of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// Somebody gets `%All`, or what an administrator may do.
    GrantsAdministration,
    /// Somebody gets in who need not log in, or everybody may do something.
    OpensToAnybody,
    /// A protection falls.
    Weakens,
    /// An account that could not log in can.
    WakesAccount,
    /// Somebody is shut out, perhaps whoever does the repair.
    LocksOut,
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
        !matches!(self, Self::MayHide | Self::Deletes)
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

/// What a step risks by what it changes.
pub(super) fn risks(step: &Step, powers: &Powers) -> Vec<Risk> {
    if step.verb == Verb::Delete {
        let text = "It goes from the member; undoing it puts back what its exports state.";
        return vec![Risk::new(RiskKind::Deletes, text)];
    }
    let mut risks: Vec<Risk> = Vec::new();
    for change in &step.properties {
        let found = match step.section {
            Section::Roles => of_role(step, change, powers),
            Section::Users => of_user(step, change, powers),
            Section::Resources => of_resource(step, change),
            Section::Applications => of_application(step, change, powers),
            Section::Services => of_service(step, change),
            Section::Tls => of_tls(step, change),
            Section::Tasks => of_task(step, change),
            Section::Mappings | Section::Namespaces | Section::Databases | Section::Member => None,
        };
        // One sentence of a kind is enough, and a task that changes in several ways is one program.
        risks.extend(found.filter(|risk| !risks.contains(risk)));
    }
    if step.section == Section::Tasks && step.verb == Verb::Create {
        risks = vec![Risk::new(RiskKind::RunsCode, format!("It runs code: {}.", told(step)))];
    }
    risks
}

fn of_role(step: &Step, change: &Transition, powers: &Powers) -> Option<Risk> {
    let name = &step.object.name;
    let added = change.added();
    let strong: Vec<String> = match change.property.as_str() {
        "grantedRoles" => strong_roles(&added, powers),
        "resources" => added.iter().filter_map(strong_grant).collect(),
        _ => return None,
    };
    given(&format!("It gives {name} "), &strong)
}

fn of_user(step: &Step, change: &Transition, powers: &Powers) -> Option<Risk> {
    /// Accounts that stand for whoever does not log in, and for everybody (H4.2).
    const ANYBODY: [&str; 2] = ["UnknownUser", "_PUBLIC"];
    let name = &step.object.name;
    let modified = step.verb == Verb::Modify;
    let risk = |kind, text: String| Some(Risk::new(kind, text));
    match change.property.as_str() {
        "roles" | "escalationRoles" => {
            let added = change.added();
            let anybody = ANYBODY.iter().any(|known| Name::from(*known).is(name));
            if anybody && !added.is_empty() {
                let roles = names(&added).join(", ");
                return risk(RiskKind::OpensToAnybody, format!("It gives everybody {roles}."));
            }
            given(&format!("It gives {name} "), &strong_roles(&added, powers)).or_else(|| {
                let lost = strong_roles(&change.removed(), powers);
                let text = format!(
                    "It takes {} from {name}: another account must hold it.",
                    lost.join(", ")
                );
                if lost.is_empty() { None } else { risk(RiskKind::LocksOut, text) }
            })
        }
        "enabled" if change.becomes(true) => risk(
            RiskKind::WakesAccount,
            format!("{name} can log in with the password that the member knows."),
        ),
        "enabled" if modified => risk(
            RiskKind::LocksOut,
            format!(
                "{name} can log in no more: not the account that does this, nor a last way in."
            ),
        ),
        "expirationDate" | "accountNeverExpires" if modified => {
            risk(RiskKind::WakesAccount, format!("It changes until when {name} can log in."))
        }
        "startRoutine" if !change.after.as_ref().is_none_or(|routine| routine == "") => {
            risk(RiskKind::RunsCode, format!("It sets the routine that {name} runs at login."))
        }
        "twoFactor" if modified && !change.removed().is_empty() => weakened(step, change),
        _ => None,
    }
}

fn of_resource(step: &Step, change: &Transition) -> Option<Risk> {
    let letters = |value: &Option<Value>| {
        value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (before, after) = (letters(&change.before), letters(&change.after));
    let widens = after.chars().any(|letter| !before.contains(letter));
    (change.property == "publicPermission" && widens).then(|| {
        let text = format!("It gives everybody {after} on {}.", step.object.name);
        Risk::new(RiskKind::OpensToAnybody, text)
    })
}

fn of_application(step: &Step, change: &Transition, powers: &Powers) -> Option<Risk> {
    /// The Management Portal, through which a repair may be made.
    const PORTAL: &str = "/csp/sys";
    let name = &step.object.name;
    let modified = step.verb == Verb::Modify;
    match change.property.as_str() {
        "matchRoles" => {
            let rows = change.added();
            let targets = rows.iter().filter_map(|row| row.get("targets")?.as_array().cloned());
            let targets: Vec<Value> = targets.flatten().collect();
            given(&format!("Who uses {name} gets "), &strong_roles(&targets, powers))
        }
        "authenticationMethods" | "enabled" => opened(step, change)
            .or_else(|| shut(step, change).filter(|_| starts_with_folded(name, PORTAL))),
        "csrfToken" | "twoFactorEnabled" if modified && change.becomes(false) => {
            weakened(step, change)
        }
        "jwtAuthEnabled" if modified && change.becomes(true) => weakened(step, change),
        "corsAllowlist" | "permittedClasses" if modified => weakened(step, change),
        "resource" if modified => weakened(step, change),
        "dispatchClass" | "wsgiAppName" | "wsgiCallable" | "package" | "superClass"
        | "eventClass"
            if modified =>
        {
            let text = format!("It changes the code that {name} runs: {}.", change.property);
            Some(Risk::new(RiskKind::RunsCode, text))
        }
        _ => None,
    }
}

fn of_service(step: &Step, change: &Transition) -> Option<Risk> {
    match change.property.as_str() {
        "authenticationMethods" | "enabled" => opened(step, change).or_else(|| shut(step, change)),
        "twoFactorEnabled" | "httpOnlyCookies" if change.becomes(false) => weakened(step, change),
        _ => None,
    }
}

fn of_tls(step: &Step, change: &Transition) -> Option<Risk> {
    match change.property.as_str() {
        // What only the description says changes nothing.
        "description" => None,
        _ => weakened(step, change),
    }
}

fn of_task(step: &Step, change: &Transition) -> Option<Risk> {
    let after = change.after.as_ref();
    let starts = match change.property.as_str() {
        "runAsUser" | "settings" => true,
        "mirrorStatus" => after.is_some_and(|status| status != "primary"),
        "suspended" => after.is_some_and(|state| *state == 0),
        "timePeriod" => change.before.as_ref().is_some_and(|before| before == "on demand"),
        _ => false,
    };
    starts.then(|| {
        let text = format!("It changes what runs on this member: {}.", told(step));
        Risk::new(RiskKind::RunsCode, text)
    })
}

/// A way in that was closed.
fn opened(step: &Step, change: &Transition) -> Option<Risk> {
    let name = &step.object.name;
    let ways = names(&change.added());
    let text = match change.property.as_str() {
        "enabled" if change.becomes(true) && step.verb == Verb::Modify => {
            format!("It opens {name}, which is closed on the member.")
        }
        _ if ways.iter().any(|way| way == "Unauthenticated") => {
            format!("It opens {name} to everybody, without a login.")
        }
        _ if !ways.is_empty() && step.verb == Verb::Modify => {
            let text = format!("It lets people into {name} by another way: {}.", ways.join(", "));
            return Some(Risk::new(RiskKind::Weakens, text));
        }
        _ => return None,
    };
    Some(Risk::new(RiskKind::OpensToAnybody, text))
}

/// A way in that was open.
fn shut(step: &Step, change: &Transition) -> Option<Risk> {
    let closes = step.verb == Verb::Modify
        && (change.property == "enabled" && change.becomes(false) || !change.removed().is_empty());
    closes.then(|| {
        let name = &step.object.name;
        let text = format!("It shuts out who uses {name} today; keep a second session open.");
        Risk::new(RiskKind::LocksOut, text)
    })
}

fn weakened(step: &Step, change: &Transition) -> Option<Risk> {
    let text = format!("It changes what protects {}: {}.", step.object.name, change.property);
    Some(Risk::new(RiskKind::Weakens, text))
}

fn given(words: &str, strong: &[String]) -> Option<Risk> {
    let text = format!("{words}{}.", strong.join(", "));
    (!strong.is_empty()).then(|| Risk::new(RiskKind::GrantsAdministration, text))
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

fn names(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn strong_roles(items: &[Value], powers: &Powers) -> Vec<String> {
    let mut strong: Vec<String> = names(items);
    strong.retain(|role| powers.has(role));
    strong.dedup();
    strong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::property_named;

    /// A property that is renamed must be renamed here, or it would lose its gate in silence.
    #[test]
    fn every_property_that_is_looked_for_is_declared() {
        /// Words of this file that are values and no properties.
        const VALUES: [&str; 2] = ["targets", "primary"];
        let source = include_str!("gate.rs");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let code: String = code.lines().filter(|line| !line.trim().starts_with("#[")).collect();
        let camel = |word: &&str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|letter| letter.is_ascii_alphanumeric())
        };
        let words: Vec<&str> = code.split('"').skip(1).step_by(2).filter(camel).collect();
        assert!(words.len() > 25, "{words:?}");
        for word in words.into_iter().filter(|word| !VALUES.contains(word)) {
            let declared = Section::ALL.iter().any(|of| property_named(*of, word).is_some());
            assert!(declared, "no section has a property {word}");
        }
    }
}
