//! The rules: what can be found, in one table.
//!
//! Owns every kind of finding with its code, the section it is about, whether it blocks, what it
//! means after a failover and what to do. Names the vendor uses are kept (H1.4); rules of our own
//! have a kebab-case code. `finding` raises them, every report prints their words.
//! Invariant: a code and a section name at most one rule, and the words of a rule stand here only.
//!
//! The words may hold `{name}`, `{namespace}`, `{kind}` and `{database}` of the subject.

use super::drift::DRIFT;
use crate::model::Section;

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The vendor's name, or a kebab-case name of our own.
    pub code: &'static str,
    /// The section it is about.
    pub section: Section,
    /// Whether the mirroring must not go on.
    pub blocking: bool,
    /// What it means after a failover.
    pub impact: &'static str,
    /// What to do next.
    pub advice: &'static str,
}

/// Something the member lacks.
pub const MISSING: &str = "Missing";
/// Something that is not the same on both.
pub const DIFFERENCE: &str = "Difference";
/// Something only the member has.
pub const EXTRA: &str = "Extra";
/// The comparison runs the wrong way round.
pub const EXECUTE_ON_BACKUP: &str = "ExecuteOnBackup";
/// The member holds FHIR SQL data.
pub const FHIR_SQL_DATA_EXISTS: &str = "FHIRSQLDataExists";
/// Both sides are one member.
pub const SAME_MEMBER: &str = "same-member";
/// Both sides hold the same export file.
pub const SAME_EXPORT: &str = "same-export";
/// Both sides are primary.
pub const TWO_PRIMARIES: &str = "two-primaries";
/// The sides belong to different mirrors.
pub const OTHER_MIRROR: &str = "other-mirror";
/// The files of one side were not made in one sitting.
pub const SOURCES_APART: &str = "sources-apart";
/// The files of the two sides were not made at about the same time.
pub const SIDES_APART: &str = "sides-apart";
/// Files come from the future.
pub const CLOCK_AHEAD: &str = "clock-ahead";
/// The primary's bundle was made for another member.
pub const NOT_INTENDED: &str = "not-intended-member";
/// An account of the product still has the password that the vendor documents.
pub const INITIAL_PASSWORD: &str = "initial-password";
/// A side is no mirror member.
pub const NOT_A_MEMBER: &str = "not-a-mirror-member";

macro_rules! rules {
    ($($section:ident $code:expr, $blocking:literal, $impact:literal, $advice:literal;)+) => {
        /// Every rule, by section.
        pub const RULES: &[Rule] = &[$(Rule {
            code: $code,
            section: Section::$section,
            blocking: $blocking,
            impact: $impact,
            advice: $advice,
        },)+];
    };
}

rules! {
    Member EXECUTE_ON_BACKUP, true,
        "The comparison looks from the wrong side, so what it calls missing is not what a failover would miss.",
        "Run it on the backup or DR member, with the primary's files first: `hsmirror compare PRIMARY MEMBER`.";
    Member FHIR_SQL_DATA_EXISTS, true,
        "Only the primary may hold FHIR SQL data; HSSYS must not be mirrored onto this member.",
        "Remove the FHIR SQL data on the member with the vendor's support, then attest fhirSqlData false.";
    Member SAME_MEMBER, true,
        "Both sides are one and the same member, or a clone of it; the comparison proves nothing.",
        "Gather the files of the other member; if it is a clone, give it its own name in the mirror.";
    Member SAME_EXPORT, true,
        "An export of users or tasks is never the same on two members, so one side was compared with the other's file.",
        "Export again on the side whose file it is not, and put that one into its folder.";
    Member TWO_PRIMARIES, true,
        "Both sides say they are primary: files of before and after a failover are mixed, or the mirror is split.",
        "Make `iris qlist` again on both members at the same time and compare again.";
    Member OTHER_MIRROR, true,
        "The sides do not belong to one mirror, so one never takes over from the other.",
        "Give the files of two members of one mirror; look at [Mirrors] and [MapMirrors] of both CPFs.";
    Member NOT_INTENDED, true,
        "The primary's bundle was made for another member, so this is not the comparison that was asked for.",
        "Take the bundle that was exported for this member, or have it exported again with its name after --for.";
    Member NOT_A_MEMBER, false,
        "A side that is no mirror member takes over from nobody.",
        "Join it to the mirror first: System Administration > Configuration > Mirror Settings.";
    Member DIFFERENCE, false,
        "Members of one mirror run the same product with the same databases; otherwise a failover may not work.",
        "Bring both members to the same version and mirror settings, or note why they differ for now.";
    Member SOURCES_APART, false,
        "What changed between the files is in one of them and not in the other, so they may not fit together.",
        "Make all exports of that side again in one sitting, with `iris qlist` last.";
    Member SIDES_APART, false,
        "What changed on either side in between shows as a difference, or hides one.",
        "Make the files of both sides again at about the same time.";
    Member CLOCK_AHEAD, false,
        "A clock was wrong when the files were made or is wrong now, so nothing tells how old they are.",
        "Compare `date -u` on both members and here; make the files again once the clocks are right.";
    Member INITIAL_PASSWORD, false,
        "Whoever knows the vendor's documentation can log in as {name}.",
        "Change the password there: System Administration > Security > Users > {name}; disable what is not needed.";

    Namespaces MISSING, false,
        "After a failover nothing that runs in namespace {name} works.",
        "Foundation namespace: Installer Wizard on the member. Other: System Administration > Configuration > System Configuration > Namespaces > Create New Namespace.";
    Namespaces EXTRA, false,
        "Nothing is lost; the member has a namespace that the primary does not know.",
        "Make it on the primary too if it is needed, or delete it on the member in the list of namespaces.";
    Namespaces DIFFERENCE, false,
        "After a failover namespace {name} works on other databases than before.",
        "System Administration > Configuration > System Configuration > Namespaces > Edit {name}.";

    Databases MISSING, false,
        "After a failover the data and code in database {name} cannot be reached.",
        "A mirrored database: back it up on the primary and restore it on the member. Other: System Configuration > Local Databases > Create New Database.";
    Databases EXTRA, false,
        "Nothing is lost; the member has a database that the primary does not know.",
        "Look whether anything on the member still uses it, then remove it from Local Databases.";
    Databases DIFFERENCE, false,
        "After a failover database {name} is reached or mounted in another way than before.",
        "System Administration > Configuration > System Configuration > Local Databases or Remote Databases > Edit {name}.";

    Mappings "GlobalMapMissing", false,
        "After a failover code in {namespace} does not see the data of global {name} in {database}.",
        "Namespaces > Global Mappings of {namespace}; data of that name in the default database gets hidden, so look first.";
    Mappings "RoutineMapMissing", false,
        "After a failover code in {namespace} does not find routine {name} in {database}.",
        "Namespaces > Routine Mappings of {namespace}; code of that name in the default database gets hidden, so look first.";
    Mappings "PackageMapMissing", false,
        "After a failover code in {namespace} does not find the classes of package {name} in {database}.",
        "Namespaces > Package Mappings of {namespace}; classes of that name in the default database get hidden, so look first.";
    Mappings EXTRA, false,
        "After a failover code in {namespace} finds {kind} {name} in another place than before.",
        "Delete the mapping on the member if the primary is right: Namespaces > {kind} Mappings of {namespace}.";
    Mappings DIFFERENCE, false,
        "After a failover code in {namespace} finds {kind} {name} in another database, or sorts or locks it in another way.",
        "Namespaces > {kind} Mappings of {namespace}: set what the primary has; no data moves along.";

    Roles MISSING, false,
        "After a failover whoever holds role {name} lacks its rights.",
        "System Administration > Security > Roles > Create New Role, or import a role export of the primary.";
    Roles EXTRA, false,
        "After a failover role {name} grants what it does not grant today.",
        "Delete it on the member if nobody needs it: System Administration > Security > Roles.";
    Roles DIFFERENCE, false,
        "After a failover role {name} grants other rights than before.",
        "Decide which side is right, then set it on the other: System Administration > Security > Roles > {name}.";

    Resources MISSING, false,
        "After a failover what resource {name} guards is closed to everybody but %All.",
        "System Administration > Security > Resources > Create New Resource.";
    Resources EXTRA, false,
        "Nothing is lost; the member guards something that the primary does not.",
        "Delete it on the member if nothing uses it: System Administration > Security > Resources.";
    Resources DIFFERENCE, false,
        "After a failover everybody may do more or less with what {name} guards.",
        "Decide which side is right, then set it on the other: System Administration > Security > Resources > {name}.";

    Applications MISSING, false,
        "After a failover requests to {name} fail.",
        "System Administration > Security > Applications > Web Applications > Create New Web Application.";
    Applications EXTRA, false,
        "After a failover {name} answers, which it does not today.",
        "Delete it on the member if nobody needs it: Security > Applications > Web Applications.";
    Applications DIFFERENCE, false,
        "After a failover {name} behaves in another way or lets others in than before.",
        "Decide which side is right, then set it on the other: System Administration > Security > Applications > Web Applications > {name}.";

    Tasks MISSING, false,
        "After a failover task {name} does not run.",
        "Task Manager > Export Tasks on the primary, Import Tasks on the member (same product version), or Task Manager > New Task. A system task cannot be imported: ask the vendor.";
    Tasks EXTRA, false,
        "After a failover task {name} runs, which it does not today on the primary.",
        "Look what it is for, then suspend or delete it on the member: System Operation > Task Manager.";
    Tasks DIFFERENCE, false,
        "After a failover task {name} runs in another way, at other times or not at all.",
        "System Operation > Task Manager > View Task Schedule > {name} > Edit: set what the primary has.";

    Users MISSING, false,
        "After a failover {name} cannot log in.",
        "System Administration > Security > Users > Create New User; the password is set there, it is never carried.";
    Users EXTRA, false,
        "After a failover {name} can log in, who cannot today.",
        "Disable or delete the account on the member if nobody answers for it: Security > Users.";
    Users DIFFERENCE, false,
        "After a failover the account {name} is not the same as before: other rights, another start, or another way to log in.",
        "Decide which side is right, then set it on the other: System Administration > Security > Users > {name}.";

    Services MISSING, false,
        "After a failover service {name} is not there; some exist on one operating system only.",
        "Compare product version and operating system of the members; services cannot be created.";
    Services EXTRA, false,
        "The member has service {name}, which the primary does not have.",
        "Compare product version and operating system of the members; services cannot be deleted.";
    Services DIFFERENCE, false,
        "After a failover service {name} lets in others, or nobody.",
        "Decide which side is right, then set it on the other: System Administration > Security > Services > {name}.";

    Tls MISSING, false,
        "After a failover connections that use TLS configuration {name} fail.",
        "System Administration > Security > SSL/TLS Configurations > Create New Configuration.";
    Tls EXTRA, false,
        "Nothing is lost; the member has a TLS configuration that the primary does not know.",
        "Delete it on the member if nothing uses it: Security > SSL/TLS Configurations.";
    Tls DIFFERENCE, false,
        "After a failover connections that use TLS configuration {name} may be refused.",
        "System Administration > Security > SSL/TLS Configurations > {name}: set what the primary has.";
}

/// The rule of that code in that section.
pub fn rule(section: Section, code: &str) -> Option<&'static Rule> {
    let rules = RULES.iter().chain(DRIFT);
    rules.into_iter().find(|rule| rule.section == section && rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_and_a_section_name_one_rule_and_every_rule_has_its_words() {
        let keys: BTreeSet<_> = RULES.iter().map(|rule| (rule.section, rule.code)).collect();
        assert_eq!(keys.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.impact.ends_with('.') && rule.advice.ends_with('.')));
        assert!(RULES.is_sorted_by_key(|rule| rule.section));
    }

    #[test]
    fn every_section_has_the_rules_that_comparing_raises() {
        for section in Section::ALL.iter().filter(|section| **section != Section::Member) {
            assert!(rule(*section, DIFFERENCE).is_some() && rule(*section, EXTRA).is_some());
            let missing = [MISSING, "GlobalMapMissing", "RoutineMapMissing", "PackageMapMissing"];
            assert!(missing.iter().any(|code| rule(*section, code).is_some()), "{section}");
        }
    }
}
