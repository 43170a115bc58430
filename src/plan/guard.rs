//! What can be done about resources, roles, services and TLS configurations.
//!
//! Owns what these kinds say of themselves while a plan is made (H4.3, H4.4, H4.6): which the product
//! makes, what they name. `repair` owns the question, `draft` asks it.
//! Invariant: what begins with `%` is never made, since the product refuses it; the resource of a
//! database is the exception (H4.4).

use super::repair::{Need, Repair, Site, of_product};
use crate::model::{
    Application, Element, Extent, Name, Object, Owner, Resource, Role, Section, Service, Set,
    TlsConfiguration, starts_with_folded,
};

impl Repair for Resource {
    fn made_by_hand(&self, site: &Site<'_>) -> Option<String> {
        let of_database = starts_with_folded(&self.name, "%DB_");
        (self.name.starts_with('%') && !of_database)
            .then(|| "only the product makes resources that begin with %".to_owned())
            .or_else(|| of_product(self, site).filter(|_| !of_database))
    }
    fn changed_by_hand(&self, _: &Self, _: &[&str], site: &Site<'_>) -> Option<String> {
        of_product(self, site)
    }
    fn missed_by(&self, site: &Site<'_>) -> Option<String> {
        let names =
            |one: &&Application| one.resource.as_ref().is_some_and(|name| name.is(&self.name));
        let application = site.member.applications.objects.iter().find(names);
        application.map(|application| format!("application {}", application.name))
    }
    fn deleted_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("deleting a resource takes it out of every role, which nothing puts back".to_owned())
    }
}

impl Repair for Role {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        self.name
            .starts_with('%')
            .then(|| "only the product makes roles that begin with %".to_owned())
    }
    fn changed_by_hand(&self, _: &Self, _: &[&str], site: &Site<'_>) -> Option<String> {
        of_product(self, site)
    }
    fn deleted_by_hand(&self, site: &Site<'_>) -> Option<String> {
        let member = site.member;
        let holds = |roles: &Option<Set<Name>>| {
            roles.iter().flat_map(|roles| roles.iter()).any(|role| role.alike(&self.name))
        };
        let user = member
            .users
            .objects
            .iter()
            .find(|user| holds(&user.roles) || holds(&user.escalation_roles));
        let role = member.roles.objects.iter().find(|role| holds(&role.granted_roles));
        let application = member.applications.objects.iter().find(|application| {
            let mut rows = application.match_roles.iter().flat_map(|rows| rows.iter());
            rows.any(|row| {
                row.matching.alike(&self.name)
                    || row.targets.iter().any(|one| one.alike(&self.name))
            })
        });
        let known = [member.users.extent, member.roles.extent, member.applications.extent];
        if known.iter().any(|extent| *extent != Extent::Complete) {
            return Some("who holds it on the member is not fully known".to_owned());
        }
        let named_by = user
            .map(|user| format!("user {}", user.name))
            .or_else(|| role.map(|role| format!("role {}", role.name)))
            .or_else(|| application.map(|one| format!("application {}", one.name)));
        (self.owner() == Owner::Product)
            .then(|| "it belongs to the product".to_owned())
            .or_else(|| named_by.map(|by| format!("{by} on the member names it")))
    }
    fn needs(&self, sets: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let mut needs = Vec::new();
        if sets("resources") {
            let grants = self.resources.iter().flat_map(|grants| grants.iter());
            needs.extend(grants.map(|grant| Need::new(Section::Resources, &grant.resource)));
        }
        if sets("granted_roles") {
            let roles = self.granted_roles.iter().flat_map(|roles| roles.iter());
            needs.extend(roles.filter_map(|role| Need::role(role)));
        }
        needs
    }
}

impl Repair for Service {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("services come with the product and its platform".to_owned())
    }
    fn changed_by_hand(&self, _: &Self, _: &[&str], site: &Site<'_>) -> Option<String> {
        /// What the mirror runs on, and what the scripts of a hand-off come in through (H6, H7.2).
        const NEEDED: [&str; 3] = ["%Service_Mirror", "%Service_Console", "%Service_Terminal"];
        let needed = NEEDED.iter().any(|name| self.name.is(name));
        needed
            .then(|| {
                "the mirror itself, or whoever repairs this member, comes in through it".to_owned()
            })
            .or_else(|| of_product(self, site))
    }
}

impl Repair for TlsConfiguration {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("certificate, key and passphrase are the member's own".to_owned())
    }
    fn changed_by_hand(&self, _: &Self, fields: &[&str], _: &Site<'_>) -> Option<String> {
        if self.owner() == Owner::Product {
            return Some("the mirror or the product itself rests on it".to_owned());
        }
        let of_key = fields.contains(&"private_key_kind") || fields.contains(&"protocols");
        of_key.then(|| "it goes with the member's own key, or with an older product".to_owned())
    }
}
