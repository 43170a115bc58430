//! Are these the right two? The rules of section member, each with a case and a near miss.
//!
//! Builds small CPFs and `qlist` outputs in the product's form and looks at the codes that section
//! member raises. A near miss differs from its case in the one thing the rule is about.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;

use hsmirror::compare::{Selection, State};
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::{Configuration, Section};
use hsmirror::source::{self, Options};

/// One side, as its files tell.
#[derive(Clone)]
struct Side {
    system_name: &'static str,
    join: u8,
    mirror: &'static str,
    mirror_guid: &'static str,
    peers: Vec<(&'static str, &'static str)>,
    qlist: &'static str,
    arbiter: &'static str,
    version: &'static str,
    healthcare: bool,
    fhir: Option<bool>,
}

fn side(system_name: &'static str, qlist: &'static str) -> Side {
    Side {
        system_name,
        join: 1,
        mirror: "ELM",
        mirror_guid: "G-MIRROR",
        peers: vec![("ELM-A/IRIS", "G-A"), ("ELM-B/IRIS", "G-B"), ("ELM-DR/IRIS", "G-DR")],
        qlist,
        arbiter: "arbiter",
        version: "2024.1",
        healthcare: false,
        fhir: None,
    }
}

const PRIMARY: &str = "Failover^Primary";
const BACKUP: &str = "Failover^Backup";

impl Side {
    fn gathered(&self) -> Configuration {
        let folder = tempfile::tempdir().unwrap();
        let mut cpf = format!(
            "[ConfigFile]\nProduct=IRIS\nVersion={}\n\n[Databases]\nIRISSYS=/iris/mgr/\n",
            self.version
        );
        if self.healthcare {
            cpf.push_str("HSLIB=/iris/mgr/hslib/\n");
        }
        cpf.push_str("\n[Namespaces]\n%SYS=IRISSYS\n\n[MirrorMember]\nAsyncMemberGUID=\n");
        cpf.push_str(&format!("JoinMirror={}\nSystemName={}\n", self.join, self.system_name));
        if !self.mirror.is_empty() {
            let (mirror, guid) = (self.mirror, self.mirror_guid);
            cpf.push_str(&format!(
                "\n[Mirrors]\n{mirror}={guid},2,1,,8000,0,1,,0,{}|2188,0,0,0,0,0\n",
                self.arbiter
            ));
            cpf.push_str(&format!("\n[MapMirrors.{mirror}]\n"));
            for (name, guid) in &self.peers {
                cpf.push_str(&format!("{name}=host,2188,,host,{guid},/iris/,0,host,1972,,0,,,0\n"));
            }
        }
        cpf.push_str(
            "\n[Startup]\nDBSizesAllowed=8192\n\n[config]\noverview=Linux/x86-64~UNIX\n[SQL]\n",
        );
        fs::write(folder.path().join("iris.cpf"), cpf).unwrap();
        if !self.qlist.is_empty() {
            let line = format!(
                "IRIS^/iris^2024.1.0.263.0^running, since Fri Nov 20 2026^iris.cpf^1972^0^0^ok^IRISHealth^{}^/iris^1972\n",
                self.qlist
            );
            fs::write(folder.path().join("qlist.txt"), line).unwrap();
        }
        if let Some(fhir) = self.fhir {
            let facts = format!(
                "{{\"formatVersion\":\"1.0\",\"facts\":{{\"fhirSqlData\":{{\"value\":{fhir},\"by\":\"M. Okafor\",\
                 \"at\":\"2026-11-20\"}}}}}}"
            );
            fs::write(folder.path().join("configuration.json"), facts).unwrap();
        }
        source::gather(folder.path(), &Options::default()).unwrap().configuration
    }
}

fn judged(primary: &Side, member: &Side) -> Judgement {
    let selection = Selection { only: vec![Section::Member], skip: Vec::new() };
    finding::judge(primary.gathered(), member.gathered(), &selection)
}

fn codes(primary: &Side, member: &Side) -> Vec<String> {
    judged(primary, member).findings.iter().map(|finding| finding.code.to_string()).collect()
}

#[test]
fn the_right_two_give_nothing() {
    let (a, b) = (side("ELM-A/IRIS", PRIMARY), side("ELM-B/IRIS", BACKUP));
    let judgement = judged(&a, &b);
    assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
    assert_eq!(judgement.verdict, Verdict::Ready);
    assert_eq!(
        (judgement.names.primary.as_str(), judgement.names.member.as_str()),
        ("ELM-A/IRIS", "ELM-B/IRIS")
    );
}

#[test]
fn a_dr_member_is_a_member_like_a_backup() {
    let dr = side("ELM-DR/IRIS", "Disaster Recovery^Connected");
    assert!(codes(&side("ELM-A/IRIS", PRIMARY), &dr).is_empty());
}

/// Cut off on purpose it reports neither primary nor backup (H6.1).
#[test]
fn an_offline_backup_is_no_fault() {
    for state in ["Failover^Waiting", "Failover^Stopped", "Failover^Transition"] {
        let judgement = judged(&side("ELM-A/IRIS", PRIMARY), &side("ELM-B/IRIS", state));
        assert!(judgement.findings.is_empty(), "{state}");
        assert_eq!(judgement.verdict, Verdict::Ready, "{state}");
    }
}

/// Without a word on who is primary, swapped operands would look ready.
#[test]
fn a_role_that_nothing_tells_is_a_gap() {
    let (a, b) = (side("ELM-A/IRIS", PRIMARY), side("ELM-B/IRIS", BACKUP));
    let silent = |system_name| Side { qlist: "", ..side(system_name, "") };
    let cases = [
        (a.clone(), silent("ELM-B/IRIS")),
        (silent("ELM-A/IRIS"), b.clone()),
        // A primary that is stopped may not be the primary any more.
        (side("ELM-A/IRIS", "Failover^Stopped"), b.clone()),
        // `iris qlist` of a member that joined, but says nothing.
        (a.clone(), side("ELM-B/IRIS", "^")),
    ];
    for (primary, member) in cases {
        let judgement = judged(&primary, &member);
        assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
        assert_eq!(judgement.verdict, Verdict::Incomplete);
    }
}

#[test]
fn what_is_set_for_the_whole_mirror_is_the_same_on_both() {
    let (a, b) = (side("ELM-A/IRIS", PRIMARY), side("ELM-B/IRIS", BACKUP));
    let judgement = judged(&a, &Side { arbiter: "another", ..b.clone() });
    let changed: Vec<_> =
        judgement.findings.iter().flat_map(|f| &f.changes).map(|c| c.property.field).collect();
    assert_eq!(changed, ["mirrors"]);
    // Joined, and yet in no mirror: the other side's mirror is missing here.
    let lost = Side { mirror: "", ..b };
    assert_ne!(judged(&a, &lost).verdict, Verdict::Ready);
}

/// DR and reporting members may run another version (H2.4), failover members may not.
#[test]
fn a_dr_member_may_run_another_version() {
    let a = side("ELM-A/IRIS", PRIMARY);
    let dr = Side { version: "2025.1", ..side("ELM-DR/IRIS", "Disaster Recovery^Connected") };
    assert!(codes(&a, &dr).is_empty());
}

#[test]
fn swapped_operands_and_two_primaries() {
    let (a, b) = (side("ELM-A/IRIS", PRIMARY), side("ELM-B/IRIS", BACKUP));
    assert_eq!(codes(&b, &a), ["ExecuteOnBackup"]);
    // Without its own qlist, the primary given as the member is still found out.
    assert_eq!(codes(&side("ELM-B/IRIS", ""), &a), ["ExecuteOnBackup"]);
    assert_eq!(codes(&b, &side("ELM-DR/IRIS", "")), ["ExecuteOnBackup"]);
    assert_eq!(codes(&a, &side("ELM-B/IRIS", PRIMARY)), ["two-primaries"]);
}

#[test]
fn the_same_member_twice_and_a_clone() {
    let a = side("ELM-A/IRIS", "");
    assert_eq!(codes(&a, &a), ["same-member"]);
    // A name in another case is the same name.
    assert_eq!(codes(&a, &side("elm-a/iris", "")), ["same-member"]);
    // A clone under another name keeps the GUID.
    let mut clone = side("ELM-B/IRIS", "");
    clone.peers = vec![("ELM-A/IRIS", "G-A"), ("ELM-B/IRIS", "G-A"), ("ELM-DR/IRIS", "G-DR")];
    assert!(codes(&a, &clone).iter().any(|code| code == "same-member"));
    // Empty is unknown, never equal.
    let nameless = Side { peers: Vec::new(), mirror: "", ..side("", "") };
    assert!(!codes(&nameless, &nameless).iter().any(|code| code == "same-member"));
}

#[test]
fn another_mirror() {
    let a = side("ELM-A/IRIS", PRIMARY);
    let b = side("ELM-B/IRIS", BACKUP);
    let other = Side { mirror: "OAK", ..b.clone() };
    assert!(codes(&a, &other).iter().any(|code| code == "other-mirror"));
    let namesake = Side { mirror_guid: "G-ANOTHER", ..b.clone() };
    assert!(codes(&a, &namesake).iter().any(|code| code == "other-mirror"));
    let unlisted = Side { system_name: "ELM-X/IRIS", ..b.clone() };
    assert!(codes(&a, &unlisted).iter().any(|code| code == "other-mirror"));
    let folded = Side { mirror: "elm", mirror_guid: "g-mirror", ..b };
    assert!(codes(&a, &folded).is_empty());
}

#[test]
fn no_mirror_member_is_said_to_be_none_and_is_never_ready() {
    let alone = Side { join: 0, mirror: "", ..side("", "") };
    let judgement = judged(&side("ELM-A/IRIS", PRIMARY), &alone);
    let codes: Vec<_> = judgement.findings.iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["not-a-mirror-member"]);
    assert_eq!(judgement.verdict, Verdict::Differences);
}

#[test]
fn versions_that_differ_are_a_difference() {
    let (a, mut b) = (side("ELM-A/IRIS", PRIMARY), side("ELM-B/IRIS", BACKUP));
    b.version = "2025.1";
    let judgement = judged(&a, &b);
    let finding = judgement.findings.first().unwrap();
    assert_eq!(finding.code, "Difference");
    let changed: Vec<_> = finding.changes.iter().map(|change| change.property.name()).collect();
    assert_eq!(changed, ["configurationVersion"]);
    assert!(judgement.versions_differ());
}

#[test]
fn fhir_sql_data_blocks_on_the_member_alone_and_unknown_is_a_gap() {
    let a = Side { healthcare: true, fhir: Some(true), ..side("ELM-A/IRIS", PRIMARY) };
    let b = Side { healthcare: true, ..side("ELM-B/IRIS", BACKUP) };
    let unknown = judged(&a, &b);
    assert_eq!(unknown.verdict, Verdict::Incomplete);
    assert_eq!(unknown.coverage[0].state, State::Partial);
    let clean = judged(&a, &Side { fhir: Some(false), ..b.clone() });
    assert_eq!(clean.verdict, Verdict::Ready);
    let blocked = judged(&a, &Side { fhir: Some(true), ..b });
    assert_eq!(blocked.verdict, Verdict::Blocked);
    assert_eq!(blocked.findings[0].code, "FHIRSQLDataExists");
}
