//! What can be done about users.
//!
//! Owns what a user says of itself while a plan is made (H4.2, H4.8). `repair` owns the question,
//! `draft` asks it.
//! Invariant: a user is made disabled and without a password, and none that a directory or a login
//! makes; nobody's password is carried, so enabling is a person's.

use super::repair::{Need, Repair, Site, of_product};
use crate::model::{AccountKind, Object, Owner, Section, User};

impl Repair for User {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        if self.owner() == Owner::Product {
            return Some("the product's own accounts come with the product".to_owned());
        }
        let elsewhere = self.kind.is_some_and(|kind| kind != AccountKind(1));
        elsewhere
            .then(|| "it logs in elsewhere than with a password of the instance".to_owned())
            .or_else(|| {
                let attributes =
                    self.attributes.as_ref().is_some_and(|some| some.iter().count() > 0);
                attributes
                    .then(|| "it has attributes, which only a delegated login sets".to_owned())
            })
    }
    fn changed_by_hand(&self, _: &Self, fields: &[&str], site: &Site<'_>) -> Option<String> {
        if fields.contains(&"kind") {
            return Some("how an account logs in is set where it is kept".to_owned());
        }
        // What its owner set is not the product's: only whether it is there is.
        of_product(self, site).filter(|_| fields.contains(&"roles"))
    }
    fn left_to_a_person(&self, field: &str) -> Option<&'static str> {
        match field {
            "change_password" => Some("a password is changed where its owner logs in"),
            "attributes" => Some("only a delegated login sets them"),
            "phone_provider" => Some("it must be known to the member first"),
            _ => None,
        }
    }
    fn needs(&self, sets: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let mut needs = Vec::new();
        for (field, roles) in [("roles", &self.roles), ("escalation_roles", &self.escalation_roles)]
        {
            let roles = roles.iter().filter(|_| sets(field)).flat_map(|roles| roles.iter());
            needs.extend(roles.filter_map(|role| Need::role(role)));
        }
        let start = self.start_namespace.as_ref().filter(|_| sets("start_namespace"));
        let start = start.filter(|name| !name.is_empty());
        needs.extend(start.map(|name| Need::new(Section::Namespaces, name)));
        needs
    }
    fn once_made(&self) -> Vec<String> {
        vec![format!(
            "{} is made disabled and without a password. Give it one, then enable it: System \
             Administration > Security > Users > {}. The account of a service must get the password that \
             it has on the primary, or its clients fail after a failover.",
            self.name, self.name
        )]
    }
}
