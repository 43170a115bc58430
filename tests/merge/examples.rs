//! Operations and the lines that are written for them, by hand.
//!
//! Owns an example for each noun and verb that the product's actions have (H3.3), with the exact text,
//! and one for each reason for which there are no lines. The helpers come from `tests/merge.rs`.
//! Invariant: what is expected stands here as a text, worked out by nobody but the one who wrote it.

use hsmirror::merge::lines;
use hsmirror::model::{MappingKind, Section};
use hsmirror::operation::{Operation, Verb};

use super::{fault, mapping, operation};

#[test]
fn each_noun_is_written_as_the_vendor_documents_it() {
    use MappingKind::{Global, Package, Routine};
    use Section::{Applications, Namespaces, Resources, Roles, Services, Tls, Users};
    use Verb::{Create, Delete, Modify};
    let mut routine = mapping(Create, Routine, "ElmTools.*", &[("database", "ELMLAB")]);
    routine.subject.routine_type = Some("INC".to_owned());
    let mut gone = mapping(Delete, Routine, "ElmTools.*", &[]);
    gone.subject.routine_type = Some("INC".to_owned());
    let rows: &[(Operation, &[&str])] = &[
        (
            operation(
                Create,
                Resources,
                "Elm_Lab",
                &[("description", "Laboratory, second floor"), ("publicPermission", "RW")],
            ),
            &[
                "CreateResource:Name=Elm_Lab,Description=\"Laboratory, second floor\",PublicPermission=RW",
                "ModifyResource:Name=Elm_Lab,Description=\"Laboratory, second floor\",PublicPermission=RW",
            ],
        ),
        (operation(Delete, Resources, "Elm_Lab", &[]), &["DeleteResource:Name=Elm_Lab"]),
        (
            operation(
                Create,
                Roles,
                "ELM_Lab",
                &[
                    ("description", ""),
                    ("resources", "%DB_ELMLAB:RW,%Development:U"),
                    ("grantedRoles", "%SQL"),
                    ("escalationOnly", "0"),
                ],
            ),
            &[
                "CreateRole:Name=ELM_Lab,Resources=\"%DB_ELMLAB:RW,%Development:U\",GrantedRoles=%SQL,EscalationOnly=0",
                "ModifyRole:Name=ELM_Lab,Resources=\"%DB_ELMLAB:RW,%Development:U\",GrantedRoles=%SQL,EscalationOnly=0",
            ],
        ),
        (
            operation(Modify, Roles, "ELM_Lab", &[("grantedRoles", "%SQL,ELM_Base")]),
            &["ModifyRole:Name=ELM_Lab,GrantedRoles=\"%SQL,ELM_Base\""],
        ),
        (
            operation(
                Modify,
                Users,
                "okafor@elm.example",
                &[("enabled", "1"), ("fullName", "M. O'Kafor"), ("attributes", "unit=lab")],
            ),
            &[
                "ModifyUser:Name=okafor@elm.example,Enabled=1,FullName=M. O'Kafor,Attributes=\"unit=lab\"",
            ],
        ),
        (operation(Delete, Users, "svc_elmlab", &[]), &["DeleteUser:Name=svc_elmlab"]),
        (
            operation(
                Create,
                Applications,
                "/csp/elmlab",
                &[
                    ("namespace", "ELMLAB"),
                    ("authenticationMethods", "32"),
                    ("matchRoles", ":%DB_ELMLAB,ELM_Lab:%SQL:ELM_Base"),
                    ("path", "/usr/irissys/csp/elmlab/"),
                ],
            ),
            &[
                "CreateApplication:Name=/csp/elmlab,NameSpace=ELMLAB,AutheEnabled=32,MatchRoles=\":%DB_ELMLAB,ELM_Lab:%SQL:ELM_Base\",Path=/usr/irissys/csp/elmlab/",
                "ModifyApplication:Name=/csp/elmlab,NameSpace=ELMLAB,AutheEnabled=32,MatchRoles=\":%DB_ELMLAB,ELM_Lab:%SQL:ELM_Base\",Path=/usr/irissys/csp/elmlab/",
            ],
        ),
        (
            operation(Modify, Applications, "/csp/elmlab", &[("timeout", "600")]),
            &["ModifyApplication:Name=/csp/elmlab,Timeout=600"],
        ),
        (
            operation(Delete, Applications, "/csp/elmlab", &[]),
            &["DeleteApplication:Name=/csp/elmlab"],
        ),
        (
            operation(Modify, Services, "%Service_CallIn", &[("authenticationMethods", "48")]),
            &["ModifyService:Name=%Service_CallIn,AutheEnabled=48"],
        ),
        (
            operation(
                Modify,
                Tls,
                "Elm Lab",
                &[("cipherList", "ALL:!aNULL:!eNULL"), ("verifyDepth", "9")],
            ),
            &["ModifySSLConfig:Name=Elm Lab,CipherList=ALL:!aNULL:!eNULL,VerifyDepth=9"],
        ),
        (operation(Delete, Tls, "Elm Lab", &[]), &["DeleteSSLConfig:Name=Elm Lab"]),
        (
            operation(
                Create,
                Namespaces,
                "ELMLAB",
                &[("globals", "ELMLAB"), ("routines", "ELMCODE")],
            ),
            &["CreateNamespace:Name=ELMLAB,Globals=ELMLAB,Routines=ELMCODE,Interop=0"],
        ),
        (operation(Delete, Namespaces, "ELMLAB", &[]), &["DeleteNamespace:Name=ELMLAB"]),
        (
            mapping(
                Create,
                Global,
                "Elm.Lab(1,2):(1,5)",
                &[("database", "ELMLAB"), ("collation", "5")],
            ),
            &[
                "CreateMapGlobal:Namespace=ELMHUB,Name=\"Elm.Lab(1,2):(1,5)\",Database=ELMLAB,Collation=5",
                "ModifyMapGlobal:Namespace=ELMHUB,Name=\"Elm.Lab(1,2):(1,5)\",Database=ELMLAB,Collation=5",
            ],
        ),
        (
            mapping(Modify, Global, "Elm.Lab*", &[("database", "ELMLAB")]),
            &["ModifyMapGlobal:Namespace=ELMHUB,Name=Elm.Lab*,Database=ELMLAB"],
        ),
        (
            mapping(Delete, Global, "Elm.Lab*", &[]),
            &["DeleteMapGlobal:Namespace=ELMHUB,Name=Elm.Lab*,Database=ELMLAB"],
        ),
        (
            routine,
            &[
                "CreateMapRoutine:Namespace=ELMHUB,Name=ElmTools.*_INC,Database=ELMLAB",
                "ModifyMapRoutine:Namespace=ELMHUB,Name=ElmTools.*_INC,Database=ELMLAB",
            ],
        ),
        (gone, &["DeleteMapRoutine:Namespace=ELMHUB,Name=ElmTools.*_INC,Database=ELMLAB"]),
        (
            mapping(Create, Package, "Elm.Tools", &[("database", "ELMLAB")]),
            &[
                "CreateMapPackage:Namespace=ELMHUB,Name=Elm.Tools,Database=ELMLAB",
                "ModifyMapPackage:Namespace=ELMHUB,Name=Elm.Tools,Database=ELMLAB",
            ],
        ),
        (
            mapping(Delete, Package, "Elm.Tools", &[]),
            &["DeleteMapPackage:Namespace=ELMHUB,Name=Elm.Tools"],
        ),
    ];
    for (operation, expected) in rows {
        assert_eq!(lines(operation).unwrap_or_default(), *expected, "{operation:?}");
        assert_eq!(fault(operation), None);
    }
}

#[test]
fn what_merge_cannot_do_has_no_lines() {
    use Section::{
        Applications, Databases, Member, Namespaces, Resources, Roles, Services, Tasks, Tls, Users,
    };
    use Verb::{Create, Delete, Modify};
    let mut nowhere = mapping(Create, MappingKind::Global, "A", &[("database", "D")]);
    nowhere.subject.namespace = None;
    let mut kindless = mapping(Create, MappingKind::Global, "A", &[("database", "D")]);
    kindless.subject.kind = None;
    let mut homeless = mapping(Delete, MappingKind::Routine, "A", &[]);
    homeless.subject.database = None;
    let mut odd_type = mapping(Delete, MappingKind::Routine, "A", &[]);
    odd_type.subject.routine_type = Some("CLS".to_owned());
    let rows = [
        operation(Create, Users, "u", &[("roles", "%SQL")]),
        operation(Create, Services, "%Service_CallIn", &[("enabled", "1")]),
        operation(Delete, Services, "%Service_CallIn", &[]),
        operation(Create, Tls, "t", &[("enabled", "1")]),
        operation(Modify, Namespaces, "N", &[("globals", "D")]),
        operation(Create, Databases, "D", &[("directory", "/x/")]),
        operation(Delete, Databases, "D", &[]),
        operation(Delete, Tasks, "t", &[]),
        operation(Delete, Member, "m", &[]),
        // What is required is empty or not given.
        operation(Create, Resources, "r", &[("description", "d")]),
        operation(Create, Resources, "r", &[("publicPermission", "")]),
        operation(Create, Roles, "r", &[("resources", "")]),
        operation(Create, Namespaces, "N", &[("routines", "D")]),
        operation(Create, Applications, "/a", &[("namespace", "N")]),
        mapping(Create, MappingKind::Package, "P", &[]),
        mapping(Modify, MappingKind::Global, "A(1)", &[("collation", "5")]),
        // Nothing to set, or to set to nothing.
        operation(Modify, Roles, "r", &[]),
        operation(Modify, Roles, "r", &[("resources", "A:R"), ("description", "")]),
        // One property twice, and two that are none of the product's.
        operation(Modify, Roles, "r", &[("description", "a"), ("description", "b")]),
        operation(Modify, Roles, "r", &[("name", "s")]),
        operation(Modify, Users, "u", &[("initialPassword", "1")]),
        // Which routines are mapped would not be sure.
        mapping(Delete, MappingKind::Routine, "A_INC", &[]),
        nowhere,
        kindless,
        homeless,
        odd_type,
    ];
    for operation in &rows {
        assert_eq!(lines(operation), None, "{operation:?}");
    }
}

#[test]
fn a_line_has_at_most_two_thousand_characters() {
    let described = |length: usize| {
        let text = "x".repeat(length);
        operation(Verb::Modify, Section::Roles, "r", &[("description", &text)])
    };
    let room = 2000 - "ModifyRole:Name=r,Description=".len();
    assert_eq!(lines(&described(room)).unwrap().concat().len(), 2000);
    assert_eq!(lines(&described(room + 1)), None);
}
