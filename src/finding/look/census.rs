//! What exists on a side.
//!
//! Owns the one question that all looks at a side ask: does it have this namespace, database, role,
//! resource or user? Answers from sections as they are gathered, by binary search.
//! Invariant: where a section is a selection or was not gathered, the answer is that nobody knows.

use crate::model::{
    Configuration, Extent, Gathered, Object, Section, Task, User, starts_with_folded,
};

/// One side, asked what it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Census<'a>(pub(super) &'a Configuration);

impl<'a> Census<'a> {
    /// Whether the side has it; none where nothing tells.
    pub(super) fn has(self, section: Section, name: &str) -> Option<bool> {
        let side = self.0;
        match section {
            Section::Namespaces => exists(&side.namespaces, name),
            Section::Databases => exists(&side.databases, name),
            Section::Resources => exists(&side.resources, name),
            // The product makes these, and exports leave them out (formats 3.2).
            Section::Roles if name.eq_ignore_ascii_case("%All") => Some(true),
            Section::Roles if starts_with_folded(name, "%DB_") => Some(true),
            Section::Roles => exists(&side.roles, name),
            Section::Users => exists(&side.users, name),
            _ => None,
        }
    }

    /// Whether it is known that the side does not have it.
    pub(super) fn lacks(self, section: Section, name: &str) -> bool {
        self.has(section, name) == Some(false)
    }

    /// Whether the healthcare product is installed (H7.4).
    pub(super) fn is_healthcare(self) -> bool {
        self.0.databases.named("HSLIB").is_some()
    }

    /// The user of that name, if the side states one.
    pub(super) fn user(self, name: &str) -> Option<&'a User> {
        self.0.users.named(name)
    }

    /// All tasks, if they are all known.
    pub(super) fn all_tasks(self) -> Option<&'a [Task]> {
        let tasks = &self.0.tasks;
        (tasks.extent == Extent::Complete).then_some(tasks.objects.as_slice())
    }
}

fn exists<T: Object>(gathered: &Gathered<T>, name: &str) -> Option<bool> {
    (gathered.extent == Extent::Complete).then(|| gathered.named(name).is_some())
}
