//! The stand-in for an instance holds what a configuration says, and does what it is told.
//!
//! A configuration goes into it and comes out without a difference, for the samples and for arbitrary
//! objects of every section; small scripts and merge files by hand show the language, the methods and
//! what the product refuses.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "instance/mod.rs"]
mod instance;
#[allow(dead_code, reason = "edits are for the test of drift")]
#[path = "drift/sample.rs"]
mod sample;
#[path = "instance/small.rs"]
mod small;

use std::path::Path;

use hsmirror::compare::{Selection, compare};
use hsmirror::finding;
use hsmirror::model::{Between, Configuration, Section};
use hsmirror::source;
use instance::Instance;
use proptest::prelude::*;
use sample::Sample;
use serde_json::{Map, Value, json};
use small::{EVERYTHING, SECTIONS, document, printed, small};

fn gather(path: &Path) -> Configuration {
    source::gather(path, &EVERYTHING).unwrap().configuration
}

fn sample_of(name: &str) -> Configuration {
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name))
}

/// The instance is the configuration: nothing is different, and it is the same instance again.
fn is_kept(configuration: &Configuration) {
    let instance = Instance::of(configuration);
    let back = instance.configuration();
    for between in [Between::Members, Between::Times] {
        let compared = compare(configuration, &back, &Selection::default(), between);
        assert!(compared.differences.is_empty(), "{:#?}", compared.differences);
    }
    let judgement = finding::judge(configuration.clone(), back.clone(), &Selection::default());
    let found = judgement.findings.iter().filter(|finding| finding.is_difference());
    // Both sides are one member, which is a finding about the sides and none about objects.
    let found: Vec<String> = found
        .filter(|finding| finding.section != Section::Member)
        .map(|finding| finding.line())
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    assert!(Instance::of(&back) == instance);
}

#[test]
fn the_samples_go_in_and_come_out() {
    for name in ["primary", "backup", "ready-primary", "ready-backup"] {
        is_kept(&sample_of(name));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn arbitrary_configurations_go_in_and_come_out(seed in any::<u64>()) {
        let mut random = Sample::new(seed);
        let mut sections = Map::new();
        let coverage = SECTIONS.map(|of| json!({ "section": of.name(), "extent": "complete" }));
        sections.insert("formatVersion".to_owned(), json!("1.0"));
        sections.insert("coverage".to_owned(), json!(coverage));
        for section in SECTIONS {
            let mut objects: Vec<Map<String, Value>> =
                (0..3).map(|at| random.object(section, at)).collect();
            // Some state little, so that defaults count.
            let identity = ["name", "namespace", "kind", "routineType", "taskClass"];
            for object in &mut objects {
                object.retain(|name, _| identity.contains(&&**name) || random.below(3) > 0);
            }
            sections.insert(section.name().to_owned(), json!(objects));
        }
        is_kept(&document(&Value::Object(sections)));
    }
}

#[test]
fn security_objects_are_made_changed_and_taken_away() {
    let mut instance = small();
    let script = r#"
kill p set s=##class(Security.Resources).Create("%DB_NEW","d","RW") write s
set s=##class(Security.Roles).Create("Doctor","d","Ward:U,%DB_NEW:RW","Nurse,%DB_NEW") write s
kill p set p("Password")="abc123",p("Roles")="Doctor",p("Enabled")=0 write ##class(Security.Users).Create("max",.p)
kill p set p("Roles")="Doctor,Nurse" write ##class(Security.Users).Modify("JO",.p)
kill p set p("NameSpace")="APP" write ##class(Security.Applications).Create("/csp/open",.p)
kill p write ##class(Security.Users).Get("jo",.p),p("Roles"),$get(p("Comment"),"none"),p("Enabled")
write ##class(Security.Resources).Delete("Ward")
kill p set p("Enabled")=0 write ##class(Security.Services).Modify("%Service_Telnet",.p)
kill p set p("VerifyPeer")=1 write ##class(Security.SSLConfigs).Create("mail",.p)"#;
    assert_eq!(printed(&mut instance, script), "111111Nurse,Doctornone1111");
    let now = instance.configuration();
    let json = |section: &Value| serde_json::to_value(section).unwrap();
    let doctor = json(&serde_json::to_value(now.roles.named("Doctor").unwrap()).unwrap());
    assert_eq!(doctor["resources"], json!([{ "resource": "%DB_NEW", "permission": "RW" }]));
    let open = serde_json::to_value(now.applications.named("/csp/open").unwrap()).unwrap();
    assert_eq!(open["authenticationMethods"], json!(["Unauthenticated"]));
    let max = serde_json::to_value(now.users.named("max").unwrap()).unwrap();
    assert_eq!((&max["enabled"], &max["roles"]), (&json!(false), &json!(["Doctor"])));
    // Names of TLS configurations count to the letter (H4.9).
    assert_eq!(now.tls.objects.len(), 2);
}

#[test]
fn what_the_product_refuses_is_an_error_that_changes_nothing() {
    let mut instance = small();
    let before = instance.clone();
    for call in [
        r#"##class(Security.Roles).Create("nurse")"#,
        r#"##class(Security.Roles).Create("%New")"#,
        r#"##class(Security.Roles).Create("a,b")"#,
        r#"##class(Security.Roles).Create("jo")"#,
        r#"##class(Security.Roles).Create("R",,"NoSuch:RW")"#,
        r#"##class(Security.Roles).Create("R",,"Ward:X")"#,
        r#"##class(Security.Roles).Create("R",,,"NoSuch")"#,
        r#"##class(Security.Roles).Create("R",,,,"true")"#,
        r#"##class(Security.Users).Create("u","NoSuch","abc123")"#,
        r#"##class(Security.Users).Create("u","Nurse","ab")"#,
        r#"##class(Security.Users).Delete("_SYSTEM")"#,
        r#"##class(Security.Users).Delete("admin")"#,
        r#"##class(Security.Users).Modify("nobody",.p)"#,
        r#"##class(Security.Applications).Create("noslash")"#,
        r#"##class(Security.Resources).Create("%Mine")"#,
        r#"##class(Config.Namespaces).Create("NS")"#,
        r#"##class(Config.MapGlobals).Create("APP","x",.p)"#,
        r#"##class(Config.MapGlobals).Create("NO","x",.d)"#,
        r#"##class(Config.MapGlobals).Create("APP","x*y",.d)"#,
        r#"##class(Config.MapRoutines).Create("APP","x",.c)"#,
        r#"##class(Security.Roles).Modify("Nurse",.d)"#,
    ] {
        let set =
            "kill p,d,c set d(\"Database\")=\"DATA\",c(\"Database\")=\"DATA\",c(\"Collation\")=5";
        let script = format!("{set}\nwrite $SYSTEM.Status.GetErrorText({call})");
        let said = printed(&mut instance, &script);
        assert!(said.starts_with("ERROR #5001"), "{call}: {said}");
        assert!(instance == before, "{call}");
    }
    // Nothing public says what becomes of an empty password.
    let call = "write ##class(Security.Users).Create(\"u\",\"Nurse\",\"\")";
    instance.set_needs_passwords(true);
    assert!(printed(&mut instance, call).starts_with("0 "));
    instance.set_needs_passwords(false);
    assert_eq!(printed(&mut instance, call), "1");
}

#[test]
fn mappings_and_namespaces_lead_to_databases() {
    let mut instance = small();
    let script = r#"
kill p set p("Globals")="other" write ##class(Config.Namespaces).Create("New-1",.p)
kill p set p("Database")="other" write ##class(Config.MapGlobals).Create("app","Case(1):(5)",.p)
write ##class(Config.MapGlobals).Exists("APP","Case"),##class(Config.MapGlobals).Exists("APP","case")
write ##class(Config.MapRoutines).Create("NEW-1","Do_mac",.p)
kill p write ##class(Config.MapRoutines).Get("NEW-1","Do_MAC",.p),p("Database")
kill p write ##class(Config.Databases).Get("data",.p),p("Directory"),##class(Config.Databases).Exists("NO")
write !,##class(%SYS.Namespace).GetGlobalDest("APP","^Case"),##class(%SYS.Namespace).GetGlobalDest("APP","Case","(1)")
write !,##class(%SYS.Namespace).GetGlobalDest("APP","LabX"),##class(%SYS.Namespace).GetGlobalDest("APP","%x")
write !,##class(%SYS.Namespace).GetRoutineDest("NEW-1","Do","MAC"),##class(%SYS.Namespace).GetRoutineDest("APP","Do")
write !,##class(%SYS.Namespace).GetPackageDest("APP","Tools.In"),##class(%SYS.Namespace).GetPackageDest("APP","Toolsx")
write !,##class(%SYS.Namespace).Exists("new-1"),##class(%SYS.Namespace).Exists("OLD")"#;
    let wanted = "11101\
        1OTHER1/db/DATA/0\n^/db/DATA/^/db/OTHER/\n^/db/OTHER/^/db/IRISSYS/\n^/db/OTHER/^/db/CODE/\n\
        ^/db/OTHER/^/db/CODE/\n10";
    assert_eq!(printed(&mut instance, script), wanted);
}

#[test]
fn data_routines_and_classes_are_found_where_they_are() {
    let mut instance = small();
    instance.set_data("DATA", "Abc(1)");
    instance.set_data("DATA", "Abc(\"x\",2)");
    instance.set_data("OTHER", "Zed");
    instance.set_routine("CODE", "Do.MAC");
    instance.set_routine("OTHER", "Don.MAC");
    instance.set_class("CODE", "My.Pack.A");
    let script = r#"
set d="^"_"^/db/DATA" write $data(^|d|Abc),$data(^|"^^/db/DATA/"|Abc("x")),$data(^|d|Abc(1)),$data(^|d|Zed)
write !,$order(^|d|Abc("")),$order(^|d|Abc(1)),$order(^$|d|GLOBAL("")),$data(^$|"^^/db/OTHER"|GLOBAL("^Zed"))
set s=##class(%SQL.Statement).%New() write !,s.%PrepareClassQuery("%Library.Routine","RoutineList")
set r=s.%Execute("Do*.*",1,0,"APP") while r.%Next() { write r.%Get("Name"),";" }
set q="SELECT TOP 1 Name FROM %Dictionary.ClassDefinition WHERE Name %STARTSWITH ?"
set r=##class(%SQL.Statement).%ExecDirect(,q,"My.Pack.") write r.%Next()
set $namespace="APP" set r=##class(%SQL.Statement).%ExecDirect(,q,"My.Pack.") write r.%Next() set $namespace="%SYS"
write $SYSTEM.Mirror.IsPrimary()"#;
    assert_eq!(
        printed(&mut instance, script),
        "101010\n1x^Abc1\n1Do.MAC;01\nAPP>0".replace("\nAPP>", "")
    );
    instance.set_primary(true);
    assert_eq!(printed(&mut instance, "write $system.Mirror.IsPrimary()"), "1");
    assert!(printed(&mut instance, "write $data(^|\"^^/none\"|x)").contains("<DIRECTORY>"));
}

#[test]
fn tasks_are_made_found_and_changed() {
    let mut instance = small();
    let script = r#"
set q="SELECT ID FROM %SYS.Task WHERE Name = ? AND NameSpace = ? AND %EXACT(TaskClass) = ?"
set r=##class(%SQL.Statement).%ExecDirect(,q,"backup","%SYS","My.Backup") write r.%Next() set id=r.%Get("ID") write id,r.%Next(),r.%SQLCODE
set t=##class(%SYS.Task).%OpenId(id) write !,t.Name,t.EndDate=$zdateh("2027-01-31",3),$list(t.Settings,2)
set n=##class(%SYS.Task).%New(),n.Name="After",n.TaskClass="My.Task",n.NameSpace="APP",n.RunAsUser="jo"
set n.TimePeriod=4,n.RunAfterGUID=t.JobGUID,n.EndDate=$zdateh("2030-12-31",3),n.DailyStartTime=3600
set n.Settings=$listbuild("A","1","B","") write !,n.%Save()
set n.RunAsUser="nobody" write !,$SYSTEM.Status.IsError(n.%Save())
set m=##class(%SYS.Task).%New(),m.Name="M",m.TaskClass="X",m.DailyStartTime="01:00:00" write $SYSTEM.Status.IsError(m.%Save())
set t.Suspended=1 write t.%Save() kill t write $isobject(##class(%SYS.Task).%OpenId(4711))"#;
    assert_eq!(printed(&mut instance, script), "110000100\nBackup17\n1\n1110");
    let tasks = instance.configuration().tasks.objects;
    let after = serde_json::to_value(&tasks[0]).unwrap();
    assert_eq!(after["runAfter"], "Backup in %sys (My.Backup)");
    assert_eq!(after["endDate"], "2030-12-31");
    assert_eq!(after["dailyStartTime"], "01:00:00");
    assert_eq!(after["settings"], json!({ "A": "1", "B": "" }));
    assert_eq!(serde_json::to_value(&tasks[1]).unwrap()["suspended"], 1);
}

#[test]
fn a_merge_does_all_or_nothing_in_the_products_order() {
    for seed in 0..20 {
        let mut instance = small();
        let text = "; a comment\n[Actions]\n\
            CreateMapGlobal:Namespace=NEW,Name=X,Database=DATA\n\
            CreateApplication:Name=/csp/new,NameSpace=NEW,AutheEnabled=32,MatchRoles=:Doctor\n\
            ModifyUser:Name=jo,Roles=\"Nurse,Doctor\"\n\
            CreateNamespace:Name=NEW,Globals=DATA\n\
            CreateRole:Name=Doctor,Resources=\"Bed:U\",Description=\"a, b = c\"\r\n\
            CreateResource:Name=Bed,PublicPermission=\n\
            CreateResource:Name=ward,PublicPermission=RWU\n\
            ModifyRole:Name=Nobody,Description=x\n\
            DeleteMapPackage:Namespace=%ALL,Name=Tools\n\
            ModifyService:Name=%Service_Telnet,Enabled=0\n";
        instance.merge(text, seed).unwrap();
        let now = instance.configuration();
        assert_eq!(now.roles.named("Doctor").unwrap().description.as_deref(), Some("a, b = c"));
        let ward = serde_json::to_value(now.resources.named("Ward").unwrap()).unwrap();
        assert_eq!(ward["publicPermission"], "U", "a Create is skipped where it is there");
        assert_eq!(now.mappings.objects.len(), 2);
        assert_eq!(now.users.named("jo").unwrap().roles.as_ref().unwrap().iter().count(), 2);
    }
    let mut instance = small();
    let before = instance.clone();
    for line in [
        "CreateTask:Name=x",
        "CreateService:Name=x",
        "createRole:Name=x,Resources=",
        "CreateRole:Name=x",
        "CreateUser:Name=x,Roles=Nurse",
        "CreateUser:Name=x,Roles=Nurse,Password=secret,PasswordHash=\"ab,cd\"",
        "CreateUser:Name=x,Roles=NoSuch,PasswordHash=\"ab,cd\"",
        "CreateRole:Name=x,Resources=,Colour=red",
        "CreateRole:Name=x,Resources=,GrantedRoles=a,b",
        "CreateRole:Name=x,Resources=,Description=a=b",
        "CreateRole:Name=x,Resources=,Description=\"a\"b\"",
        "CreateRole:Name=x,Resources=,Description=\"a;b\"",
        "CreateRole:Name=x,Resources=,Description=a,Description=b",
        "CreateRole Name=x",
        "CreateNamespace:Name=N,Globals=NODB",
        "DeleteMapGlobal:Namespace=APP,Name=Lab*",
        "ModifyApplication:Name=/csp/app,AutheEnabled=Password",
    ] {
        let text = format!("[Actions]\nCreateResource:Name=Bed,PublicPermission=U\n{line}\n");
        assert!(instance.merge(&text, 1).is_err(), "{line}");
        assert!(instance == before, "{line}");
    }
    assert!(instance.merge("CreateResource:Name=Bed,PublicPermission=U", 1).is_err());
    assert!(
        instance
            .merge("[Actions]\nCreateUser:Name=x,Roles=Nurse,PasswordHash=\"ab,cd\"", 1)
            .is_ok()
    );
}
