//! A plan, and HSSYS, rolled out on a running instance (H3.1, H6.2, H6.3, H6.5).
//!
//! Owns the whole story through the program: what is done is done and proved by a fresh comparison; what
//! stands against it changes nothing; and whatever stops it half-way is told, ended or taken back.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::instance::disk::{Act, Noted};
use super::stand_in::Scene;
use super::stand_in::scene::{recorded, samples};

super::tests! {
    a_plan_is_rolled_out_and_taken_back,
    without_an_answer_nothing_is_done,
    what_stands_against_it_is_told_and_nothing_is_done,
    a_merge_that_claims_is_stopped_at_and_ended_later,
    a_merge_that_fails_half_way_is_taken_back,
    a_member_that_became_primary_is_left_alone,
    an_instance_that_goes_down_is_gone_on_with,
    a_run_that_is_killed_is_told_and_ended,
    hssys_is_restored_followed_and_taken_back,
    a_restore_that_fails_leaves_hssys_mounted,
    a_restore_that_is_killed_is_ended_or_taken_back,
}

/// How long a test waits for anything at all.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct Place {
    pub(crate) scene: Scene,
}

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

impl Place {
    /// The sample member, behaving so.
    fn of(behaviour: &str) -> Self {
        Self { scene: Scene::with(&samples("backup"), recorded(behaviour)) }
    }

    fn new() -> Self {
        Self { scene: Scene::of_samples("backup") }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.scene.folder().join("state")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
        command.env_clear().env("PATH", self.scene.bin()).arg("apply").args(arguments);
        command.args(["--instance", "iris", "--state-dir"]).arg(self.state());
        command.arg("--gather-dir").arg(self.scene.folder());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it; what it says, with that exit code.
    pub(crate) fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn rolls_out(&self, code: i32) -> String {
        let primary = sample("primary").display().to_string();
        self.ends(code, &[&primary, "--yes"])
    }

    fn merges(&self) -> usize {
        self.scene
            .started()
            .iter()
            .filter(|words| words.first().is_some_and(|word| word == "merge"))
            .count()
    }

    fn journal(&self, number: u64) -> String {
        let path = self.state().join(format!("rollout-IRIS-{number:04}/journal.jsonl"));
        fs::read_to_string(path).unwrap()
    }
}

fn a_plan_is_rolled_out_and_taken_back() {
    let place = Place::new();
    let before = place.scene.configuration();
    let said = place.rolls_out(21);
    assert!(said.contains("Left to do by hand:") && said.contains("CHECKLIST.md"), "{said}");
    assert_eq!(place.merges(), 1, "{said}");
    assert!(before != place.scene.configuration());
    assert!(place.journal(1).trim_end().ends_with("{\"ended\":\"done\"}"), "{}", place.journal(1));
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = place.state().join("rollout-IRIS-0001");
        assert_eq!(mode(folder.clone()), 0o700);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
        }
    }
    let status = place.ends(0, &["--status"]);
    assert!(status.contains("done, but for what is left"), "{status}");
    // Nothing is left that could be done, so nothing is begun.
    let said = place.rolls_out(21);
    assert!(said.contains("no step is ready"), "{said}");
    assert!(!place.state().join("rollout-IRIS-0002").exists());
    let said = said_back(&place);
    assert!(said.contains("is as it was"), "{said}");
    let status = place.ends(0, &["--status"]);
    assert!(status.contains("reverted"), "{status}");
}

/// Takes it back; some steps may be left to a person.
fn said_back(place: &Place) -> String {
    let output = place.command(&["--revert", "--yes"]).output().unwrap();
    let said = said(&output);
    assert!(matches!(output.status.code(), Some(0 | 21)), "{said}");
    said
}

fn without_an_answer_nothing_is_done() {
    let place = Place::new();
    let before = place.scene.configuration();
    let primary = sample("primary").display().to_string();
    let said = place.ends(64, &[&primary]);
    assert!(said.contains("so nothing was done"), "{said}");
    let said = place.ends(21, &[&primary, "--dry-run"]);
    assert!(said.contains("without --dry-run"), "{said}");
    assert_eq!(place.merges(), 0);
    assert!(before == place.scene.configuration());
    assert!(!place.state().join("rollout-IRIS-0001").exists());
    let said = place.ends(0, &["--status"]);
    assert!(said.contains("nothing was begun"), "{said}");
    for flag in ["--resume", "--revert"] {
        place.ends(15, &[flag]);
    }
}

fn what_stands_against_it_is_told_and_nothing_is_done() {
    let primary = sample("ready-primary").display().to_string();
    let refused = |scene: Scene, code: i32, told: &str| {
        let place = Place { scene };
        let said = place.ends(code, &[&primary, "--yes"]);
        assert!(said.contains(told), "{told}: {said}");
        assert_eq!(place.merges(), 0);
    };
    refused(Scene::of("qlist-down"), 69, "IRIS");
    refused(Scene::of("login-prompt"), 69, "password");
    refused(Scene::of("primary"), 15, "");
    let mut alone = samples("ready-backup");
    if let Some(member) = &mut alone.member {
        member.in_mirror = Some(false);
    }
    refused(Scene::new(&alone), 15, "");
}

fn a_merge_that_claims_is_stopped_at_and_ended_later() {
    let place = Place::of("merge-claims");
    let before = place.scene.configuration();
    let said = place.rolls_out(20);
    assert!(said.contains("The merge said success, and "), "{said}");
    assert!(said.contains("--status") && said.contains("--resume"), "{said}");
    assert!(before == place.scene.configuration());
    let status = place.ends(20, &["--status"]);
    assert!(status.contains("interrupted while merging"), "{status}");
    // Another one does not begin.
    let said = place.rolls_out(20);
    assert!(said.contains("has not ended"), "{said}");
    place.scene.behave(|behaviour| behaviour.merge.claims = false);
    let said = place.ends(21, &["--resume"]);
    assert!(said.contains("hsmirror compare"), "{said}");
    place.ends(0, &["--status"]);
}

fn a_merge_that_fails_half_way_is_taken_back() {
    let place = Place::of("merge-fails-half-way");
    let primary = sample("primary").display().to_string();
    let [first, second] = ["services/%Service_Bindings", "applications//elm/api/referrals"];
    let said = place.ends(20, &[&primary, "--yes", "--approve", first, "--approve", second]);
    assert!(said.contains("did not take effect"), "{said}");
    place.scene.behave(|behaviour| behaviour.merge.fails_after = None);
    let said = said_back(&place);
    assert!(said.contains("is as it was"), "{said}");
    place.ends(0, &["--status"]);
}

fn a_member_that_became_primary_is_left_alone() {
    let place = Place::of("merge-claims");
    place.rolls_out(20);
    place.scene.behave(|behaviour| behaviour.merge.claims = false);
    place.scene.change_state(|state| state.primary = true);
    let before = place.scene.configuration();
    let said = place.ends(20, &["--resume"]);
    assert!(said.contains("primary of the mirror"), "{said}");
    let said = place.ends(15, &["--revert", "--yes"]);
    assert!(said.contains("primary of the mirror"), "{said}");
    assert!(before == place.scene.configuration());
    place.scene.change_state(|state| state.primary = false);
    place.ends(21, &["--resume"]);
}

fn an_instance_that_goes_down_is_gone_on_with() {
    let place = Place::of("merge-claims");
    place.rolls_out(20);
    place.scene.behave(|behaviour| behaviour.list.state = Some("down, last used".to_owned()));
    let said = place.ends(69, &["--resume"]);
    assert!(said.contains("IRIS"), "{said}");
    // Where it stands is told all the same.
    place.ends(20, &["--status"]);
    place.scene.behave(|behaviour| {
        behaviour.list.state = None;
        behaviour.merge.claims = false;
    });
    place.ends(21, &["--resume"]);
}

fn a_run_that_is_killed_is_told_and_ended() {
    let place = Place::new();
    place.scene.behave(|behaviour| behaviour.merge.slow = 2000);
    let primary = sample("primary").display().to_string();
    let mut run = place.command(&[&primary, "--yes"]).spawn().unwrap();
    let begun = Instant::now();
    while place.merges() == 0 {
        assert!(begun.elapsed() < PATIENCE, "no merge began");
        thread::sleep(Duration::from_millis(5));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let status = place.ends(20, &["--status"]);
    assert!(status.contains("interrupted while merging"), "{status}");
    // The merge may still be at it.
    let ended = || {
        let log = place.scene.log();
        let of = |noted: &Noted| matches!(noted, Noted::Ended { .. });
        let started = log.iter().filter(|one| matches!(one.noted, Noted::Started { .. })).count();
        log.iter().filter(|one| of(&one.noted)).count() == started
    };
    while !ended() && begun.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(50));
    }
    place.scene.behave(|behaviour| behaviour.merge.slow = 0);
    place.ends(21, &["--resume", &primary]);
    place.ends(0, &["--status"]);
}

/// A member that is ready, and the primary's export with its HSSYS.
pub(crate) struct Restoring {
    pub(crate) place: Place,
    new: Vec<u8>,
}

impl Restoring {
    pub(crate) fn new() -> Self {
        let place = Place { scene: Scene::of_samples("ready-backup") };
        let folder = place.scene.folder();
        let run = |arguments: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
                .args(arguments)
                .current_dir(&folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let recipient = run(&["keygen", "-o", "identity"]);
        let recipient = recipient.split_whitespace().rfind(|word| word.starts_with("age1"));
        let new = place.scene.file_of_another_member("HSSYS", b'n');
        fs::create_dir(folder.join("copy")).unwrap();
        fs::write(folder.join("copy/COPY_IRIS.DAT"), &new).unwrap();
        let primary = sample("ready-primary").display().to_string();
        run(&[
            "export",
            &primary,
            "-o",
            "P.tar.zst.age",
            "-r",
            recipient.unwrap(),
            "--hssys",
            "copy",
        ]);
        Self { place, new }
    }

    pub(crate) fn restores(&self, code: i32) -> String {
        let output = self.restores_any();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    fn restores_any(&self) -> Output {
        self.command().output().unwrap()
    }

    fn command(&self) -> Command {
        let folder = self.place.scene.folder();
        let path = |name: &str| folder.join(name).display().to_string();
        let (primary, bundle) = (path("P.tar.zst.age"), path("P.hssys.tar.zst.age"));
        let identity = path("identity");
        let flags = ["--ignore-nonblocking", "--accept-incomplete", "--accept-unknown-mirroring"];
        let arguments = [primary.as_str(), "--hssys", &bundle, "-i", &identity, "--yes"];
        let arguments = [arguments.as_slice(), flags.as_slice()].concat();
        self.place.command(&arguments)
    }

    pub(crate) fn content(&self) -> Vec<u8> {
        fs::read(self.place.scene.file("HSSYS")).unwrap()
    }
}

fn hssys_is_restored_followed_and_taken_back() {
    let restoring = Restoring::new();
    let scene = &restoring.place.scene;
    let old = restoring.content();
    let said = restoring.restores(21);
    assert!(said.contains("HSSYS follows the primary on IRIS: Dejournaling."), "{said}");
    assert!(said.contains("OLD_IRIS.DAT") && said.contains("--revert --instance IRIS"), "{said}");
    assert!(scene.is_mounted("HSSYS"));
    assert_eq!(scene.mirror_status("HSSYS"), Some("Dejournaling"));
    let acts = scene.acts("HSSYS");
    assert_eq!(acts.first(), Some(&Act::Dismounted), "{acts:?}");
    assert!(acts.contains(&Act::Mounted) && acts.contains(&Act::Activated), "{acts:?}");
    // The blocks behind the label, which the product writes to.
    assert_eq!(restoring.content().last(), restoring.new.last());
    restoring.place.ends(0, &["--status"]);
    let said = restoring.place.ends(0, &["--revert", "--yes"]);
    assert!(said.contains("The old HSSYS is back and mounted."), "{said}");
    assert!(scene.is_mounted("HSSYS"));
    assert_eq!(restoring.content().last(), old.last());
    let acts = scene.acts("HSSYS");
    assert_eq!(acts.iter().filter(|act| **act == Act::TakenOut).count(), 1, "{acts:?}");
    assert_eq!(acts.last(), Some(&Act::Mounted), "{acts:?}");
}

/// A bundle that is damaged behind its header is told once it is read; by then HSSYS was dismounted.
fn a_restore_that_fails_leaves_hssys_mounted() {
    let restoring = Restoring::new();
    let scene = &restoring.place.scene;
    let bundle = scene.folder().join("P.hssys.tar.zst.age");
    let mut bytes = fs::read(&bundle).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let old = restoring.content();
    let output = restoring.restores_any();
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(scene.is_mounted("HSSYS"), "{said}");
    assert_eq!(restoring.content().last(), old.last());
    restoring.place.ends(0, &["--status"]);
}

/// Killed once the instance was seen to have done an act; whatever came after it, it is ended or taken back.
fn a_restore_that_is_killed_is_ended_or_taken_back() {
    for (act, back) in [
        (Act::Dismounted, false),
        (Act::Dismounted, true),
        (Act::Mounted, false),
        (Act::Activated, true),
    ] {
        let restoring = Restoring::new();
        let scene = &restoring.place.scene;
        let old = restoring.content();
        let mut run = restoring.command().spawn().unwrap();
        let begun = Instant::now();
        while !scene.acts("HSSYS").contains(&act) {
            assert!(begun.elapsed() < PATIENCE, "{act:?} never came");
            thread::sleep(Duration::from_millis(2));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let status = restoring.place.ends(20, &["--status"]);
        assert!(status.contains("HSSYS in ") && status.contains("--resume"), "{status}");
        if back {
            restoring.place.ends(0, &["--revert", "--yes"]);
            assert_eq!(restoring.content().last(), old.last(), "{act:?}");
        } else {
            let output = restoring.place.command(&["--resume"]).output().unwrap();
            match output.status.code() {
                Some(21) => {}
                // It needs the bundle again.
                Some(20) => drop(restoring.restores(21)),
                _ => panic!("{act:?}: {}", said(&output)),
            }
            assert_eq!(restoring.content().last(), restoring.new.last(), "{act:?}");
            assert_eq!(scene.mirror_status("HSSYS"), Some("Dejournaling"));
        }
        assert!(scene.is_mounted("HSSYS"));
        restoring.place.ends(0, &["--status"]);
    }
}
