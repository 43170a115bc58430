//! The classes of the product that the stand-in holds objects of.
//!
//! Owns [`Class`]: what it is called, which properties its methods take, and how an object of it is
//! told from others (H4.9).
//! Invariant: a property that no method of the product takes is in no list.

use hsmirror::model::{
    Application, Declared, Mapping, Namespace, Property, Resource, Role, Rule, Service, Task,
    TlsConfiguration, User, folded,
};

/// A class whose objects are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Resources,
    Roles,
    Namespaces,
    Globals,
    Routines,
    Packages,
    Applications,
    Users,
    Services,
    Tls,
    Tasks,
}

/// Does something with the type of the model that a class stands for.
macro_rules! typed {
    ($class:expr, $call:ident ( $($with:expr),* )) => {
        match $class {
            Class::Resources => $call::<hsmirror::model::Resource>($($with),*),
            Class::Roles => $call::<hsmirror::model::Role>($($with),*),
            Class::Namespaces => $call::<hsmirror::model::Namespace>($($with),*),
            Class::Globals | Class::Routines | Class::Packages => {
                $call::<hsmirror::model::Mapping>($($with),*)
            }
            Class::Applications => $call::<hsmirror::model::Application>($($with),*),
            Class::Users => $call::<hsmirror::model::User>($($with),*),
            Class::Services => $call::<hsmirror::model::Service>($($with),*),
            Class::Tls => $call::<hsmirror::model::TlsConfiguration>($($with),*),
            Class::Tasks => $call::<hsmirror::model::Task>($($with),*),
        }
    };
}
pub(crate) use typed;

/// Properties of the model that are none of the product's API.
const NO_PROPERTY: &[&str] = &["Version", "InitialPassword", "RunAfter"];

/// What a user's methods take and never give back in clear (H4.2).
pub(crate) const SECRETS: &[&str] = &["Password", "PasswordHash", "PasswordExternal"];

/// Whether a namespace is made interoperability-enabled.
pub(crate) const INTEROP: &str = "Interop";

impl Class {
    pub(crate) const ALL: [Class; 11] = [
        Class::Resources,
        Class::Roles,
        Class::Namespaces,
        Class::Globals,
        Class::Routines,
        Class::Packages,
        Class::Applications,
        Class::Users,
        Class::Services,
        Class::Tls,
        Class::Tasks,
    ];

    /// The product's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Resources => "Security.Resources",
            Class::Roles => "Security.Roles",
            Class::Namespaces => "Config.Namespaces",
            Class::Globals => "Config.MapGlobals",
            Class::Routines => "Config.MapRoutines",
            Class::Packages => "Config.MapPackages",
            Class::Applications => "Security.Applications",
            Class::Users => "Security.Users",
            Class::Services => "Security.Services",
            Class::Tls => "Security.SSLConfigs",
            Class::Tasks => "%SYS.Task",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Class> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    pub(crate) fn is_mapping(self) -> bool {
        matches!(self, Class::Globals | Class::Routines | Class::Packages)
    }

    /// What the model declares of it.
    pub(crate) fn properties(self) -> &'static [Property] {
        match self {
            Class::Resources => Resource::PROPERTIES,
            Class::Roles => Role::PROPERTIES,
            Class::Namespaces => Namespace::PROPERTIES,
            Class::Globals | Class::Routines | Class::Packages => Mapping::PROPERTIES,
            Class::Applications => Application::PROPERTIES,
            Class::Users => User::PROPERTIES,
            Class::Services => Service::PROPERTIES,
            Class::Tls => TlsConfiguration::PROPERTIES,
            Class::Tasks => Task::PROPERTIES,
        }
    }

    pub(crate) fn property(self, source: &str) -> Option<&'static Property> {
        self.properties().iter().find(|property| property.source == source)
    }

    /// Whether the methods of the class take a property of that name.
    pub(crate) fn takes(self, source: &str) -> bool {
        match self {
            Class::Users if SECRETS.contains(&source) => return true,
            // Transient: it is said where a namespace is made, and stored nowhere (H2.2).
            Class::Namespaces if source == INTEROP => return true,
            // Only a global has a collation and a lock database (H2.2).
            Class::Routines | Class::Packages if source != "Database" => return false,
            _ => {}
        }
        let property = self.property(source);
        let identity = self != Class::Tasks;
        property.is_some_and(|property| !(identity && property.rule == Rule::Identity))
            && !NO_PROPERTY.contains(&source)
    }

    /// What tells one object from others; a task by its number.
    pub(crate) fn key(self, namespace: &str, name: &str) -> String {
        match self {
            Class::Tls | Class::Tasks => name.to_owned(),
            Class::Globals | Class::Packages => format!("{}\u{1}{name}", folded(namespace)),
            Class::Routines => {
                let (bare, of_type) = routine(name);
                let of_type = of_type.map(|of_type| format!("_{of_type}")).unwrap_or_default();
                format!("{}\u{1}{bare}{of_type}", folded(namespace))
            }
            _ => folded(name),
        }
    }
}

/// The name of a routine mapping and its type, which is upper case (H2.3).
pub(crate) fn routine(name: &str) -> (&str, Option<String>) {
    let typed = name.rsplit_once('_').map(|(bare, of_type)| (bare, of_type.to_ascii_uppercase()));
    match typed {
        Some((bare, of_type)) if ["MAC", "INT", "INC", "OBJ"].contains(&of_type.as_str()) => {
            (bare, Some(of_type))
        }
        _ => (name, None),
    }
}
