//! What can be done about applications and tasks.
//!
//! Owns what these kinds say of themselves while a plan is made (H4.5, H5.2 to 5.4). `repair` owns the
//! question, `draft` asks it.
//! Invariant: a property whose form the product's methods take is not documented is never set (a task's
//! priority, its kind, whom it mails), and a task whose settings are not all carried is not made.

use super::repair::{Need, Repair, Site, of_product};
use crate::model::{
    Application, ApplicationKind, Object, Owner, Section, Set, Task, Text, TimePeriod, Value,
};

/// An application for the web, and nothing else (H4.5).
const WEB: ApplicationKind = ApplicationKind(2);

impl Repair for Application {
    fn made_by_hand(&self, site: &Site<'_>) -> Option<String> {
        let other = self.kind.is_some_and(|kind| kind != WEB);
        other
            .then(|| "it is no web application, and rests on what else is installed".to_owned())
            .or_else(|| of_product(self, site))
    }
    fn changed_by_hand(&self, _: &Self, fields: &[&str], site: &Site<'_>) -> Option<String> {
        let other = ["kind", "routines", "client_applications"];
        let other = fields.iter().any(|field| other.contains(field));
        other
            .then(|| "its kind, routines or clients rest on what else is installed".to_owned())
            .or_else(|| of_product(self, site))
    }
    fn deleted_by_hand(&self, _: &Site<'_>) -> Option<String> {
        (self.owner() == Owner::Product).then(|| "it belongs to the product".to_owned()).or_else(
            || {
                let other = self.kind.is_some_and(|kind| kind != WEB);
                other.then(|| "it is no web application".to_owned())
            },
        )
    }
    fn left_to_a_person(&self, field: &str) -> Option<&'static str> {
        match field {
            "trace_enabled" => Some("no class reference documents it"),
            _ => None,
        }
    }
    fn needs(&self, sets: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let mut needs = Vec::new();
        let named = [
            ("namespace", &self.namespace, Section::Namespaces),
            ("resource", &self.resource, Section::Resources),
        ];
        for (field, name, section) in named {
            let name = name.as_ref().filter(|name| sets(field) && !name.is_empty());
            needs.extend(name.map(|name| Need::new(section, name)));
        }
        let rows = self.match_roles.iter().filter(|_| sets("match_roles"));
        for row in rows.flat_map(|rows| rows.iter()) {
            let matching = Some(&row.matching).filter(|name| !name.is_empty());
            let roles = matching.into_iter().chain(row.targets.iter());
            needs.extend(roles.filter_map(|role| Need::role(role)));
        }
        needs
    }
    fn once_made(&self) -> Vec<String> {
        let folders = [&self.path, &self.wsgi_app_location];
        let folders = folders.into_iter().flatten().filter(|folder| !folder.is_empty());
        folders
            .map(|folder| {
                format!(
                    "On the primary {} is served from {folder}; set the member's own folder: System \
                     Administration > Security > Applications > Web Applications > {}.",
                    self.name, self.name
                )
            })
            .collect()
    }
}

impl Repair for Task {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        if self.owner() == Owner::Product {
            return Some("the product's own tasks come with the product".to_owned());
        }
        if self.task_class.starts_with("HS.") {
            return Some("the healthcare product makes it by its own method".to_owned());
        }
        if self.settings.as_ref().is_some_and(|settings| settings.has_uncarried()) {
            return Some(
                "values of its settings are not carried; export with --task-settings".to_owned(),
            );
        }
        let unsent = self.unsent();
        (!unsent.is_empty())
            .then(|| format!("the form of {} is documented nowhere", unsent.join(", ")))
    }
    fn changed_by_hand(&self, member: &Self, fields: &[&str], _: &Site<'_>) -> Option<String> {
        if self.owner() == Owner::Product || self.task_class.starts_with("HS.") {
            return Some("it belongs to the product".to_owned());
        }
        let uncarried =
            |task: &Self| task.settings.as_ref().is_some_and(|settings| settings.has_uncarried());
        if fields.contains(&"settings") && (uncarried(self) || uncarried(member)) {
            return Some("values of its settings are not carried".to_owned());
        }
        let names = |task: &Self| -> Vec<Text> {
            let settings = task.settings.iter().flat_map(|settings| settings.iter());
            settings.map(|(name, _)| name.clone()).collect()
        };
        let ours = names(self);
        if fields.contains(&"settings") && names(member).iter().any(|name| !ours.contains(name)) {
            return Some("the member has settings that the primary lacks".to_owned());
        }
        if fields.contains(&"time_period") && self.waits() {
            return Some("the task it runs after has another number on the member".to_owned());
        }
        let unsent: Vec<&str> =
            fields.iter().copied().filter(|field| UNSENT.contains(field)).collect();
        if !unsent.is_empty() {
            return Some(format!("the form of {} is documented nowhere", unsent.join(", ")));
        }
        let odd = |task: &Self| task.suspended.is_some_and(|state| state > 1);
        (fields.contains(&"suspended") && (odd(self) || odd(member)))
            .then(|| "what its state of suspension means is documented nowhere".to_owned())
    }
    fn deleted_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("its code and settings would go with it".to_owned())
    }
    fn needs(&self, _: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let mut needs = vec![Need::new(Section::Namespaces, &self.namespace)];
        // A task is saved as a whole, so its user must be there also where it stays.
        let user = self.run_as_user.as_ref().filter(|user| !user.is_empty());
        needs.extend(user.map(|user| Need::new(Section::Users, user)));
        needs
    }
    fn once_made(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.open_output_file == Some(true) {
            notes.push("Set the folder of its output file on the member.".to_owned());
        }
        notes
    }
}

/// Properties whose form in the product's methods no public source gives (H5.2).
const UNSENT: &[&str] = &[
    "kind",
    "priority",
    "run_after",
    "email_on_completion",
    "email_on_error",
    "email_on_expiration",
];

impl Task {
    /// The properties of a task that would have to be set to make it and cannot; the product's own
    /// values need not be set.
    fn unsent(&self) -> Vec<&'static str> {
        let stated = |text: Option<String>, usual: &str| text.is_some_and(|text| text != usual);
        let spelled = |set: &Option<Set<Text>>| set.as_ref().map(Value::spelled);
        let mut unsent = Vec::new();
        if stated(self.kind.map(|kind| kind.spelled()), "user") {
            unsent.push("kind");
        }
        if stated(self.priority.map(|priority| priority.spelled()), "normal") {
            unsent.push("priority");
        }
        if self.waits() {
            unsent.push("the task it runs after");
        }
        let mails = [&self.email_on_completion, &self.email_on_error, &self.email_on_expiration];
        if mails.into_iter().any(|mail| stated(spelled(mail), "")) {
            unsent.push("whom it mails");
        }
        if self.suspended.is_some_and(|state| state > 1) {
            unsent.push("its state of suspension");
        }
        unsent
    }

    /// Whether it runs after another task, whose number on the member no export tells.
    fn waits(&self) -> bool {
        self.time_period.is_some_and(|period| period == TimePeriod::RunAfter)
    }
}
