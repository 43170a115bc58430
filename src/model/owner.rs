//! Which objects are the product's own.
//!
//! Owns the lists and patterns by which an object is recognised as shipped with the product
//! (H4.2 to 4.9, H5.3, H7.4, formats 1.5). Used to fold what differs only because versions differ,
//! and to tell a full export from a selection.
//! Invariant: the lists name only what the handbook documents or real files show; what is not
//! recognised counts as the site's own, so nothing of the site is ever folded away by name alone.

use super::text::{Name, starts_with_folded};

/// Who made an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The site.
    Site,
    /// The product: it comes with the installation and may change with the version.
    Product,
}

impl Owner {
    /// From a yes or no.
    pub fn product_if(yes: bool) -> Self {
        if yes { Owner::Product } else { Owner::Site }
    }
}

/// Namespaces the product makes (H7.4, formats 1.4).
pub(crate) const NAMESPACES: &[&str] =
    &["%ALL", "%SYS", "HSCUSTOM", "HSLIB", "HSSYS", "USER", "DOCBOOK", "SAMPLES", "HSSYSLOCALTEMP"];

/// Databases the product makes (H7.4, formats 1.3).
pub(crate) const DATABASES: &[&str] = &[
    "IRISSYS",
    "IRISSECURITY",
    "IRISLIB",
    "IRISTEMP",
    "IRISLOCALDATA",
    "IRISAUDIT",
    "IRISMETRICS",
    "ENSLIB",
    "HSLIB",
    "HSSYS",
    "HSCUSTOM",
    "HSSYSLOCALTEMP",
    "USER",
    "CACHESYS",
    "CACHELIB",
    "CACHETEMP",
    "CACHE",
    "CACHEAUDIT",
    "DOCBOOK",
    "SAMPLES",
    "HSAALIB",
    "HSCOMMLIB",
    "HSPD",
    "HSPDLIB",
    "HSPILIB",
    "VIEWERLIB",
];

/// Users the product makes (H4.2).
pub const USERS: &[&str] = &[
    "Admin",
    "CSPSystem",
    "IAM",
    "SuperUser",
    "UnknownUser",
    "_PUBLIC",
    "_SYSTEM",
    "_Ensemble",
    "HS_Services",
    "%System",
];

/// Names of shipped applications (H4.5). What lies below `/csp/sys/` is shipped too; below the others
/// it may be the site's.
const APPLICATIONS: &[&str] = &[
    "/csp/sys",
    "/csp/bin",
    "/csp/broker",
    "/csp/documatic",
    "/csp/docbook",
    "/api/atelier",
    "/api/deepsee",
    "/api/docdb",
    "/api/iam",
    "/api/iknow",
    "/api/interop-editors",
    "/api/mgmnt",
    "/api/monitor",
    "/api/uima",
    "/isc/studio/rules",
    "/isc/studio/templates",
    "/isc/studio/usertemplates",
    "/oauth2",
    "/ui/interop/rule-editor",
];
const BELOW: &str = "/csp/sys/";

/// What the product maps into interoperability and healthcare namespaces: kind, whole names, and
/// beginnings of names (H2.3, formats 1.5, real files).
const GENERATED: &[(&str, &[&str], &[&str])] = &[
    (
        "Global",
        &["%SYS", "IRIS.Msg", "IRIS.MsgNames", "ZEN.BackgroundStatus"],
        &[
            "EnsDICOM.",
            "EnsEDI.",
            "EnsHL7.",
            "OAuth2.",
            "SchemaMap.",
            "OBJ.",
            "Cache.SyncTime",
            "IRIS.Temp.Ens",
            "Ens.SecondaryData",
            "HS.AssignAuth.",
            "HS.Data.",
            "HS.Doc.",
            "HS.Facility.",
            "HS.Gateway.",
            "HS.IHE.",
            "HS.InfoType.",
            "HS.Registry.",
            "HS.Reports.",
            "HS.Types.",
        ],
    ),
    ("Routine", &["Ens*", "HS.*", "HSMOD.*", "SchemaMap*", "%pkg.isc.*"], &[]),
    (
        "Package",
        &[
            "Ens",
            "EnsLib",
            "EnsPortal",
            "CSPX.Dashboard",
            "HS",
            "HS.Local",
            "HSMOD",
            "SchemaMap",
            "%SYSTEM.Context.HealthShare",
            "%IPM",
            "%pkg.isc",
        ],
        &[],
    ),
];

/// Whether the name stands in a list of shipped names.
pub(crate) fn listed(name: &Name, list: &[&str]) -> Owner {
    Owner::product_if(list.iter().any(|shipped| name.is(shipped)))
}

/// Roles, resources and services of the product start with `%` (H4.9). A `%DB_` resource guards a
/// database, which may be the site's.
pub(crate) fn by_percent(name: &Name) -> Owner {
    Owner::product_if(name.starts_with('%') && !starts_with_folded(name, "%DB_"))
}

/// Classes of the product's system tasks (H5.3). Recognised by class, since the number an export
/// gives for the type of a task is documented nowhere.
const SYSTEM_TASKS: &[&str] = &[
    "CheckLogging",
    "DiagnosticReport",
    "IntegrityCheck",
    "InventoryScan",
    "PurgeAudit",
    "PurgeBackupLog",
    "PurgeErrorsAndLogs",
    "PurgeInteropUsageMetrics",
    "PurgeJournal",
    "PurgeTaskHistory",
    "PurgeZENReports",
    "SecurityScan",
    "SwitchJournal",
];

/// Whether a task of that class is one of the product's system tasks.
pub(crate) fn task_class(class: &str) -> Owner {
    let name = class.strip_prefix("%SYS.Task.");
    Owner::product_if(name.is_some_and(|name| SYSTEM_TASKS.contains(&name)))
}

/// Whether an application is one the product ships (H4.5).
pub(crate) fn application(name: &Name) -> Owner {
    Owner::product_if(
        APPLICATIONS.iter().any(|shipped| name.is(shipped)) || starts_with_folded(name, BELOW),
    )
}

/// Whether a mapping of this kind and bare name is one the product generates. It leads to a database
/// of the product, or it is the mapping of a bare global that the subscripts of one need (H2.3).
pub(crate) fn mapping(kind: &str, bare: &str, subscripts: bool, database: &Name) -> Owner {
    if subscripts && listed(database, DATABASES) == Owner::Site {
        return Owner::Site;
    }
    let generated =
        GENERATED.iter().filter(|(known, ..)| *known == kind).any(|(_, whole, start)| {
            whole.contains(&bare) || start.iter().any(|start| bare.starts_with(start))
        });
    Owner::product_if(generated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_path_steps_make_an_application_shipped() {
        assert_eq!(application(&Name::from("/CSP/sys/op")), Owner::Product);
        assert_eq!(application(&Name::from("/csp/systems")), Owner::Site);
        assert_eq!(application(&Name::from("/oauth2")), Owner::Product);
        assert_eq!(application(&Name::from("/oauth2/elm")), Owner::Site);
    }

    #[test]
    fn a_database_resource_is_the_site_s() {
        assert_eq!(by_percent(&Name::from("%DB_LAB")), Owner::Site);
        assert_eq!(by_percent(&Name::from("%Admin_Manage")), Owner::Product);
    }
}
