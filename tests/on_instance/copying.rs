//! The copy of HSSYS that is made on a running primary (H6.5).
//!
//! Owns the whole story, everything that stands against it, and the death of the run at every stage: each
//! time HSSYS is mounted within the limit without anybody's help, and the next run says what it found and
//! succeeds.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::instance::disk::{Act, Noted};
use super::stand_in::Scene;
use super::stand_in::behaviour::Change;

super::tests! {
    a_copy_is_made_and_sealed,
    a_dry_run_changes_nothing,
    what_stands_against_a_copy_is_told_before_anything_is_done,
    nobody_to_ask_is_no,
    a_dismount_that_is_refused_leaves_it_mounted,
    a_mount_that_fails_is_tried_again,
    a_mount_that_fails_for_long_is_left_to_the_watchdog,
    a_run_that_is_killed_leaves_it_mounted,
    a_run_that_is_killed_with_its_watchdog_is_put_right_by_the_next,
    a_session_that_hangs_keeps_it_away_no_longer_than_the_limit,
    a_dismount_that_comes_late_is_seen,
    a_failover_meanwhile_is_told_and_leaves_no_copy,
    two_runs_at_once_are_one,
    volumes_come_along_and_the_copy_goes_where_it_is_told,
    a_copy_that_takes_longer_than_the_limit_is_none,
    a_session_that_is_too_slow_is_ended,
}

/// Seconds that HSSYS may be away here.
const LIMIT: u64 = 5;
/// How long a test waits for anything at all.
const PATIENCE: Duration = Duration::from_secs(90);

struct Place {
    scene: Scene,
    recipient: String,
}

impl Place {
    fn new() -> Self {
        let scene = Scene::of("primary");
        let identity = scene.folder().join("identity");
        let output = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
            .args(["keygen", "-o"])
            .arg(&identity)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut words = text.split_whitespace();
        let recipient = words.rfind(|word| word.starts_with("age1")).unwrap().to_owned();
        Self { scene, recipient }
    }

    fn hssys(&self) -> PathBuf {
        PathBuf::from(self.scene.directory("HSSYS"))
    }

    fn bundle(&self, which: &str) -> PathBuf {
        self.scene.folder().join(format!("export{which}.tar.zst.age"))
    }

    fn trace(&self) -> PathBuf {
        self.scene.folder().join("state/hssys-away-IRIS.json")
    }

    fn export(&self, flags: &[&str]) -> Command {
        self.export_within(LIMIT, flags)
    }

    fn export_within(&self, limit: u64, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
        command.env_clear().env("PATH", self.scene.bin());
        command.args(["export", "instance:iris", "--copy-hssys", "--force", "-o"]);
        command.arg(self.bundle("")).args(["-r", &self.recipient, "--state-dir"]);
        command.arg(self.scene.folder().join("state")).args(["--gather-dir"]);
        command.arg(self.scene.folder()).args(["--away-limit", &limit.to_string()]).args(flags);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, flags: &[&str]) -> Output {
        self.export(flags).output().unwrap()
    }

    /// A run that must go well; what it says to both streams.
    fn succeeds(&self) -> String {
        let output = self.run(&["--yes"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        self.is_tidy();
        assert!(self.bundle("").exists() && self.bundle(".hssys").exists(), "{said}");
        said
    }

    /// The same once the watchdog of an earlier run has ended.
    fn succeeds_soon(&self) -> String {
        let begun = Instant::now();
        loop {
            let output = self.run(&["--yes"]);
            if output.status.code() != Some(75) || begun.elapsed() > PATIENCE {
                let said = said(&output);
                assert_eq!(output.status.code(), Some(0), "{said}");
                self.is_tidy();
                return said;
            }
        }
    }

    fn is_tidy(&self) {
        assert!(self.scene.is_mounted("HSSYS"));
        assert_eq!(self.left(), [""; 0]);
        assert!(!self.trace().exists());
    }

    /// Copies in the folder of HSSYS, whole or not.
    fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.hssys()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.contains("COPY_")).collect();
        names.sort();
        names
    }

    fn is_mounted(&self) -> bool {
        let folder = self.scene.directory("HSSYS");
        self.scene.change_state(|state| state.disk(&folder).unwrap().1.mounted)
    }

    /// Whether a session was sent a line with that text.
    fn was_sent(&self, word: &str) -> bool {
        self.scene
            .log()
            .iter()
            .any(|entry| matches!(&entry.noted, Noted::Line { text, .. } if text.contains(word)))
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn until(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn a_copy_is_made_and_sealed() {
    let place = Place::new();
    let before = fs::read(place.scene.file("HSSYS")).unwrap();
    let said = place.succeeds();
    assert_eq!(place.scene.acts("HSSYS"), [Act::Dismounted, Act::Mounted]);
    assert_eq!(fs::read(place.scene.file("HSSYS")).unwrap(), before);
    // What is told is what the instance saw, and a session or two.
    let told = said.split("HSSYS was away for ").nth(1).unwrap();
    let told: f64 = told.split(' ').next().unwrap().parse().unwrap();
    let seen = place.scene.away("HSSYS").pop().unwrap().unwrap().as_secs_f64();
    assert!(told > seen - 0.2 && told < seen + 5.0, "{told} {seen}");
    // Configuration first, while HSSYS is still there.
    let log = place.scene.log();
    let at =
        |what: &dyn Fn(&Noted) -> bool| log.iter().position(|entry| what(&entry.noted)).unwrap();
    let gathered =
        at(&|noted| matches!(noted, Noted::Line { text, .. } if text.contains("formatVersion")));
    let gone = at(&|noted| matches!(noted, Noted::Database { act: Act::Dismounted, .. }));
    assert!(gathered < gone, "{gathered} {gone}");
    // What the member is told of it.
    let about = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
        .args(["inspect", "--format", "json", "-i"])
        .arg(place.scene.folder().join("identity"))
        .arg(place.bundle(".hssys"))
        .output()
        .unwrap();
    let about = self::said(&about).split_whitespace().collect::<String>();
    assert!(about.contains("\"mirrored\":true") && about.contains("\"copiedAt\":\"20"), "{about}");
    let stay = place.run(&["--yes", "--keep-copy"]);
    assert_eq!(stay.status.code(), Some(0), "{}", self::said(&stay));
    assert_eq!(place.left(), ["COPY_IRIS.DAT"]);
    let copy = place.hssys().join("COPY_IRIS.DAT");
    assert_eq!(fs::read(&copy).unwrap(), before);
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = place.run(&["--yes"]);
    assert_eq!(again.status.code(), Some(73), "{}", self::said(&again));
    assert_eq!(fs::read(&copy).unwrap(), before);
}

fn a_dry_run_changes_nothing() {
    let place = Place::new();
    let output = place.run(&["--dry-run"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("IRIS.DAT") && said.contains("Mirror Monitor Launch Task"), "{said}");
    let by_hand = format!(
        "By hand: iris session IRIS -U %SYS, then:\n  write \
         ##class(SYS.Database).MountDatabase(\"{}\")",
        place.scene.directory("HSSYS")
    );
    assert!(said.contains(&by_hand), "{said}");
    // But for the folders of this place.
    let folder = place.scene.folder().display().to_string();
    assert!(said.replace(&folder, "").lines().all(|line| line.chars().count() <= 80), "{said}");
    assert_eq!(place.scene.acts("HSSYS"), []);
    assert!(!place.was_sent("DismountDatabase") && !place.was_sent(".MountDatabase"));
    assert!(!place.bundle("").exists() && !place.bundle(".hssys").exists());
    place.is_tidy();
}

fn what_stands_against_a_copy_is_told_before_anything_is_done() {
    let refused = |arrange: &dyn Fn(&Place), code: i32, told: &str| {
        let place = Place::new();
        arrange(&place);
        let output = place.run(&["--yes"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(told), "{told}: {said}");
        assert!(!place.was_sent("DismountDatabase") && place.is_mounted(), "{said}");
    };
    refused(
        &|place| place.scene.change_state(|state| state.primary = false),
        15,
        "is not the primary",
    );
    refused(
        &|place| {
            let folder = place.scene.directory("HSSYS");
            place.scene.change_state(|state| state.take_out(&folder).unwrap());
        },
        15,
        "is not in the mirror",
    );
    refused(
        &|place| fs::write(place.hssys().join("COPY_IRIS.DAT"), "x").unwrap(),
        73,
        "exists already",
    );
    refused(
        &|place| fs::write(place.hssys().join("IRIS-0002.VOL"), "x").unwrap(),
        66,
        "is missing",
    );
    // Larger than any disk; it takes no room.
    refused(
        &|place| {
            let volume = fs::File::create(place.hssys().join("IRIS-0001.VOL")).unwrap();
            volume.set_len(1 << 43).unwrap();
        },
        73,
        "are free in",
    );
    refused(
        &|place| {
            std::os::unix::fs::symlink("/nowhere", place.hssys().join("IRIS-0001.VOL")).unwrap()
        },
        15,
        "no regular file",
    );
}

fn nobody_to_ask_is_no() {
    let place = Place::new();
    let output = place.run(&[]);
    assert_eq!(output.status.code(), Some(64), "{}", said(&output));
    assert_eq!(place.scene.acts("HSSYS"), []);
    place.is_tidy();
}

fn a_dismount_that_is_refused_leaves_it_mounted() {
    for claims in [false, true] {
        let place = Place::new();
        place.scene.behave(|behaviour| {
            behaviour.databases.dismount_refuses = usize::from(!claims);
            behaviour.databases.dismount_claims = claims;
        });
        let output = place.run(&["--yes"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(if claims { 15 } else { 77 }), "{said}");
        assert!(said.contains("could not be dismounted"), "{said}");
        place.is_tidy();
        place.scene.behave(|behaviour| behaviour.databases.dismount_claims = false);
        place.succeeds();
    }
}

fn a_mount_that_fails_is_tried_again() {
    let place = Place::new();
    place.scene.behave(|behaviour| behaviour.databases.mount_refuses = 2);
    place.succeeds();
}

fn a_mount_that_fails_for_long_is_left_to_the_watchdog() {
    let place = Place::new();
    place.scene.behave(|behaviour| behaviour.databases.mount_refuses = 5);
    let output = place.run(&["--yes"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(15), "{said}");
    assert!(said.contains("was not seen mounted again") && said.contains("watchdog"), "{said}");
    until("mounted by the watchdog", || place.is_mounted());
    let next = place.succeeds_soon();
    assert!(next.contains("its watchdog mounted HSSYS again at"), "{next}");
}

/// Whether a stage has come.
type Stage = fn(&Place) -> bool;

/// The stages, as somebody outside sees them.
fn stages() -> Vec<(&'static str, Stage)> {
    vec![
        ("written down", |place| place.trace().exists()),
        ("dismount sent", |place| place.was_sent("DismountDatabase")),
        ("dismounted", |place| place.scene.acts("HSSYS").contains(&Act::Dismounted)),
        ("copying", |place| place.hssys().join(".hsmirror-COPY_IRIS.DAT.part").exists()),
        ("copied", |place| {
            let part = place.hssys().join(".hsmirror-COPY_IRIS.DAT.part");
            fs::metadata(part).is_ok_and(|about| about.len() > 0) && !place.is_mounted()
        }),
        ("mount sent", |place| {
            place.scene.log().iter().any(|entry| {
                matches!(&entry.noted, Noted::Line { text, .. } if text.contains(".MountDatabase"))
            })
        }),
        ("mounted", |place| place.scene.acts("HSSYS").contains(&Act::Mounted)),
        ("sealing", |place| place.hssys().join("COPY_IRIS.DAT").exists()),
    ]
}

/// A run that was killed at a stage; the last ones are short, so it may take several.
fn killed_at(stage: &str, there: fn(&Place) -> bool) -> Place {
    for _ in 0..8 {
        let place = Place::new();
        // Every line takes a while, so that each stage can be seen.
        place.scene.behave(|behaviour| behaviour.session.slow = 15);
        let mut run = place.export(&["--yes"]).process_group(0).spawn().unwrap();
        until(stage, || there(&place) || run.try_wait().unwrap().is_some());
        let alive = run.try_wait().unwrap().is_none();
        // Its group with it, as where a terminal is closed.
        let group = Pid::from_raw(run.id().try_into().unwrap()).unwrap();
        let _ = kill_process_group(group, Signal::KILL);
        let status = run.wait().unwrap();
        if alive && status.code().is_none() {
            return place;
        }
    }
    panic!("{stage}: never seen");
}

fn a_run_that_is_killed_leaves_it_mounted() {
    // It is waited more than worked, so two go at once.
    for pair in stages().chunks(2) {
        thread::scope(|scope| {
            let killed = pair
                .iter()
                .map(|(stage, there)| scope.spawn(|| stays_mounted_when_killed_at(stage, *there)));
            let killed: Vec<_> = killed.collect();
            for one in killed {
                if let Err(why) = one.join() {
                    std::panic::resume_unwind(why);
                }
            }
        });
    }
}

fn stays_mounted_when_killed_at(stage: &str, there: fn(&Place) -> bool) {
    let place = killed_at(stage, there);
    let killed = Instant::now();
    let named = place.hssys().join("COPY_IRIS.DAT");
    if named.exists() {
        let (copy, own) = (fs::read(&named).unwrap(), fs::read(place.scene.file("HSSYS")).unwrap());
        assert!(copy == own, "{stage}: a half copy under the final name");
    }
    // A dismount that was on its way may still come; it is seen mounted, and stays so.
    until(stage, || place.is_mounted());
    let mut since = Instant::now();
    while since.elapsed() < Duration::from_secs(2) {
        if !place.is_mounted() {
            since = Instant::now();
        }
        assert!(killed.elapsed() < Duration::from_secs(LIMIT * 4), "{stage}: it does not stay");
        thread::sleep(Duration::from_millis(20));
    }
    place.scene.behave(|behaviour| behaviour.session.slow = 0);
    let next = place.succeeds_soon();
    assert!(next.contains("a run of 20"), "{stage}: {next}");
    if let Some(away) = place.scene.away("HSSYS").first() {
        assert!(away.unwrap() < Duration::from_secs(LIMIT * 3), "{stage}: {away:?}");
    }
}

/// Both die where the machine dies; here the trace of such a run, and what it left.
fn a_run_that_is_killed_with_its_watchdog_is_put_right_by_the_next() {
    let place = Place::new();
    let run = place.run(&["--yes", "--keep-copy"]);
    assert_eq!(run.status.code(), Some(0), "{}", said(&run));
    fs::remove_file(place.hssys().join("COPY_IRIS.DAT")).unwrap();
    let folder = place.scene.directory("HSSYS");
    place.scene.change_state(|state| state.dismount(&folder).unwrap());
    let part = place.hssys().join(".hsmirror-COPY_IRIS.DAT.part");
    fs::write(&part, "half of it").unwrap();
    let plain = folder.trim_end_matches('/');
    let trace = format!(
        "{{\"run\":\"0\",\"begun\":\"2027-01-31T08:15:00Z\",\"directory\":\"{plain}\",\"target\":\"{plain}\",\
         \"back\":false,\"copies\":[],\"mounted\":null,\"gaveUp\":null}}"
    );
    fs::write(place.trace(), trace).unwrap();
    // Even a dry run puts it right.
    let output = place.run(&["--dry-run"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let now =
        said.find("it is still dismounted: mounting it now").unwrap_or_else(|| panic!("{said}"));
    assert!(said[now..].contains("HSSYS is mounted again"), "{said}");
    assert!(!part.exists() && place.scene.is_mounted("HSSYS"));
    let next = place.succeeds();
    assert!(!next.contains("a run of"), "{next}");
}

fn a_session_that_hangs_keeps_it_away_no_longer_than_the_limit() {
    let place = Place::new();
    place.succeeds();
    let (session, sessions, line) = sent(&place, "DismountDatabase");
    place.scene.behave(|behaviour| {
        behaviour.session.after = sessions + session - 1;
        behaviour.session.hangs_at = Some(line + 1);
    });
    let begun = Instant::now();
    let run = place.export(&["--yes"]).spawn().unwrap();
    until("mounted again", || {
        let acts = place.scene.acts("HSSYS");
        acts.len() == 4 && place.is_mounted()
    });
    let away = place.scene.away("HSSYS").pop().unwrap().unwrap();
    assert!(away < Duration::from_secs(LIMIT * 3), "{away:?}");
    let output = run.wait_with_output().unwrap();
    assert!(begun.elapsed() < PATIENCE);
    assert_ne!(output.status.code(), Some(0), "{}", said(&output));
    place.scene.behave(|behaviour| behaviour.session.hangs_at = None);
    let next = place.succeeds_soon();
    assert!(next.contains("died while it copied HSSYS"), "{next}");
}

/// The session that was sent a text first, counted from 1, how many there were, and the line of it.
fn sent(place: &Place, what: &str) -> (usize, usize, usize) {
    let (mut sessions, mut found) = (0, None);
    for entry in place.scene.log() {
        match &entry.noted {
            Noted::Started { arguments, .. } if arguments[0] == "session" => sessions += 1,
            Noted::Line { number, text } if text.contains(what) => {
                found = found.or(Some((sessions, *number)));
            }
            _ => {}
        }
    }
    let (session, line) = found.unwrap();
    (session, sessions, line)
}

fn a_dismount_that_comes_late_is_seen() {
    let place = Place::new();
    place.succeeds();
    let (session, sessions, line) = sent(&place, "DismountDatabase");
    // That one session stands still before it does anything.
    place.scene.behave(|behaviour| {
        behaviour.session.after = sessions + session - 1;
        behaviour.session.sessions = Some(1);
        behaviour.session.hangs_at = Some(line);
    });
    let output = place.run(&["--yes"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(69), "{told}");
    assert!(told.contains("the dismount may come late"), "{told}");
    assert!(place.is_mounted() && place.trace().exists());
    let folder = place.scene.directory("HSSYS");
    place.scene.change_state(|state| state.dismount(&folder).unwrap());
    until("mounted by the watchdog", || place.is_mounted());
    place.succeeds_soon();
}

fn a_failover_meanwhile_is_told_and_leaves_no_copy() {
    let place = Place::new();
    place.succeeds();
    fs::remove_file(place.bundle("")).unwrap();
    fs::remove_file(place.bundle(".hssys")).unwrap();
    let (mounts, sessions, _) = sent(&place, ").MountDatabase(");
    // The other member becomes the primary when the mount begins.
    place.scene.behave(|behaviour| {
        behaviour.changes.push(Change {
            after: sessions + mounts - 1,
            of: Some("session".to_owned()),
            primary: Some(false),
            ..Change::default()
        });
    });
    let output = place.run(&["--yes"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(15), "{told}");
    let words = "mounted again, but the instance is no longer the primary";
    assert!(told.contains(words), "{told}");
    assert!(!told.contains("was not seen mounted"), "{told}");
    assert!(!place.bundle("").exists() && !place.bundle(".hssys").exists());
    // As on a backup.
    let folder = place.scene.directory("HSSYS");
    assert!(place.scene.change_state(|state| state.disk(&folder).unwrap().1.read_only));
    place.is_tidy();
}

fn two_runs_at_once_are_one() {
    let place = Place::new();
    let folder = fs::File::open(place.hssys()).unwrap();
    rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let output = place.run(&["--yes"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains("Another run of hsmirror"), "{said}");
    assert_eq!(place.scene.acts("HSSYS"), []);
    drop(folder);
    // However two runs meet, each has HSSYS for itself.
    place.scene.behave(|behaviour| behaviour.session.slow = 10);
    let runs = [(); 2].map(|()| place.export(&["--yes"]).spawn().unwrap());
    let codes = runs.map(|run| run.wait_with_output().unwrap().status.code().unwrap());
    assert!(codes.iter().all(|code| [0, 75].contains(code)) && codes.contains(&0), "{codes:?}");
    let pair = [Act::Dismounted, Act::Mounted];
    assert!(place.scene.acts("HSSYS").chunks(2).all(|acts| acts == pair));
    place.is_tidy();
}

fn volumes_come_along_and_the_copy_goes_where_it_is_told() {
    let place = Place::new();
    let folder = place.scene.folder().join("elsewhere");
    fs::create_dir(&folder).unwrap();
    for number in [1, 2] {
        fs::write(place.hssys().join(format!("IRIS-000{number}.VOL")), vec![number; 70_000])
            .unwrap();
    }
    let output = place.run(&["--yes", "--keep-copy", "--copy-dir", folder.to_str().unwrap()]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(place.left(), [""; 0]);
    for number in [1, 2] {
        let copy = fs::read(folder.join(format!("COPY_IRIS-000{number}.VOL"))).unwrap();
        assert_eq!(copy, vec![number; 70_000]);
    }
    let own = fs::read(place.scene.file("HSSYS")).unwrap();
    assert!(fs::read(folder.join("COPY_IRIS.DAT")).unwrap() == own);
    assert!(said.contains("IRIS-0002.VOL has the SHA-256"), "{said}");
}

fn a_copy_that_takes_longer_than_the_limit_is_none() {
    let place = Place::new();
    let size = 6 << 30;
    let volume = fs::File::create(place.hssys().join("IRIS-0001.VOL")).unwrap();
    volume.set_len(size).unwrap();
    let free = rustix::fs::fstatvfs(&volume).unwrap();
    if free.f_bavail * free.f_frsize < 2 * size {
        // There is nothing that takes long enough.
        return;
    }
    let output = place.export_within(3, &["--yes"]).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(15), "{said}");
    assert!(said.contains("could not be copied within 3 seconds"), "{said}");
    place.is_tidy();
    assert!(!place.bundle("").exists() && !place.bundle(".hssys").exists());
    let away = place.scene.away("HSSYS").pop().unwrap().unwrap();
    assert!(away < Duration::from_secs(3 + LIMIT), "{away:?}");
    fs::remove_file(place.hssys().join("IRIS-0001.VOL")).unwrap();
    place.succeeds();
}

fn a_session_that_is_too_slow_is_ended() {
    let place = Place::new();
    // A session may take no longer than HSSYS may be away.
    place.scene.behave(|behaviour| behaviour.session.slow = 60);
    let output = place.export_within(1, &["--yes"]).output().unwrap();
    let said = said(&output);
    assert_ne!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("did not end within") || said.contains("did not answer within"),
        "{said}"
    );
    assert_eq!(place.scene.acts("HSSYS"), []);
    place.is_tidy();
    place.scene.behave(|behaviour| behaviour.session.slow = 0);
    place.succeeds();
}
