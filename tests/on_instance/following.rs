//! Whether HSSYS of a member follows, however the product says it (H6.2, H6.3).
//!
//! Owns the questions to one database of the stand-in through the library, and the ends of a restore
//! that are no following: each stops at once and names what to do.

use hsmirror::error::Kind;
use hsmirror::instance::database::{Database, State};
use hsmirror::instance::{Instance, Limits, Program, Surroundings};

use super::instance::Refusal;
use super::instance::disk::{Act, Manners};
use super::rollout::Restoring;
use super::stand_in::Scene;

super::tests! {
    the_list_is_read_by_the_older_class_too,
    a_list_that_nobody_reads_leaves_the_status_unknown,
    words_of_another_language_are_followed_by_properties,
    what_waiting_does_not_cure_stops_at_once,
    a_copy_that_the_mirror_holds_is_told_from_a_missing_right,
    only_the_mount_alone_begins_no_catch_up,
    what_the_mirror_holds_is_taken_out_before_it_goes_back,
}

fn instance(scene: &Scene) -> Instance {
    let surroundings = Surroundings { environment: Vec::new(), path: vec![scene.bin()] };
    let program = Program::find(None, &surroundings, Limits::default()).unwrap();
    program.instance("iris").unwrap()
}

fn state(scene: &Scene) -> State {
    Database::named(&instance(scene), "HSSYS").unwrap().state().unwrap()
}

fn manners(scene: &Scene, change: impl FnOnce(&mut Manners)) {
    scene.change_state(|state| change(&mut state.manners));
}

/// A member whose HSSYS follows.
fn member() -> Scene {
    let scene = Scene::of_samples("ready-backup");
    if scene.mirror_status("HSSYS").is_none() {
        scene.put_in_mirror("HSSYS");
    }
    scene
}

fn refused(scene: &Scene, class: &str, how: Refusal) {
    scene.behave(|behaviour| {
        behaviour.classes.insert(class.to_owned(), how);
    });
}

fn the_list_is_read_by_the_older_class_too() {
    for how in [Refusal::Protect, Refusal::AccessDenied, Refusal::DoesNotExist] {
        let scene = member();
        let before = state(&scene);
        assert_eq!(before.mirror_status.as_deref(), Some("Dejournaling"), "{before:?}");
        refused(&scene, "SYS.Mirror:MirroredDatabaseList", how);
        assert_eq!(state(&scene), before);
    }
}

fn a_list_that_nobody_reads_leaves_the_status_unknown() {
    let scene = member();
    refused(&scene, "SYS.Mirror:MirroredDatabaseList", Refusal::DoesNotExist);
    refused(&scene, "%Library.ResultSet", Refusal::Protect);
    let state = state(&scene);
    assert_eq!((state.mirror_status.as_deref(), state.mounted), (None, Some(true)), "{state:?}");
    assert_eq!(state.status(), "not known");
    // What it is without the word.
    assert!(state.follows(), "{state:?}");
    assert!(state.read_only_why.is_some() && state.volumes == Some(0), "{state:?}");
}

fn words_of_another_language_are_followed_by_properties() {
    let restoring = Restoring::new();
    let scene = &restoring.place.scene;
    manners(scene, |manners| manners.foreign_words = true);
    let said = restoring.restores(21);
    assert!(said.contains("HSSYS follows the primary on IRIS: In anderer Sprache: 12."), "{said}");
    for told in ["Mirror Monitor Launch Task", "first suspend on both members"] {
        assert!(said.contains(told), "{said}");
    }
    let said = restoring.place.ends(0, &["--revert", "--yes"]);
    assert!(said.contains("HSSYS of this member is not in the mirror now;"), "{said}");
    assert!(said.contains("Still to do: restore it again."), "{said}");
}

fn what_waiting_does_not_cure_stops_at_once() {
    for (ends, told) in [
        ("Obsolete", "copy and export HSSYS again on the primary"),
        ("Orphaned", "add it there if it is not"),
        ("Dejournaling Stopped", "do ^MIRROR"),
        ("Paused", "do ^MIRROR"),
    ] {
        let restoring = Restoring::new();
        let scene = &restoring.place.scene;
        manners(scene, |manners| manners.catch_up_ends = Some(ends.to_owned()));
        let begun = std::time::Instant::now();
        let said = restoring.restores(20);
        assert!(begun.elapsed().as_secs() < 600, "{ends}");
        assert!(said.contains("by waiting") && said.contains(told), "{ends}: {said}");
        assert!(said.contains("--revert") && said.contains("--resume"), "{ends}: {said}");
        // Once it is put right the same rollout goes on.
        manners(scene, |manners| manners.catch_up_ends = None);
        restoring.place.ends(21, &["--resume"]);
    }
    let restoring = Restoring::new();
    manners(&restoring.place.scene, |manners| manners.catch_up_fails = true);
    let said = restoring.restores(20);
    assert!(said.contains("lines with Catchup or Mirror and /"), "{said}");
    assert!(said.contains("HSSYS can be read meanwhile"), "{said}");
}

fn a_copy_that_the_mirror_holds_is_told_from_a_missing_right() {
    let scene = member();
    let instance = instance(&scene);
    let database = Database::named(&instance, "HSSYS").unwrap();
    manners(&scene, |manners| manners.mirror_holds = true);
    let error = database.dismount().unwrap_err();
    assert!(error.kind == Kind::Refused && error.message.contains("<PROTECT>"), "{error}");
    assert!(error.hint.contains("Stop Mirror On This Member"), "{error}");
    // Of a database that is in no mirror it is a right that is missing.
    assert!(database.take_out().unwrap().mirrored == Some(false));
    manners(&scene, |manners| manners.dismount_refuses = 1);
    let error = database.dismount().unwrap_err();
    assert!(error.kind == Kind::Denied && error.hint.contains("%Admin_Operate:USE"), "{error}");
    assert_eq!(database.dismount().unwrap().mounted, Some(false));
}

fn only_the_mount_alone_begins_no_catch_up() {
    let scene = member();
    let instance = instance(&scene);
    let database = Database::named(&instance, "HSSYS").unwrap();
    database.dismount().unwrap();
    let state = database.mount_alone().unwrap();
    assert_eq!(state.mirror_status.as_deref(), Some("Needs Catchup"), "{state:?}");
    assert!(!state.follows() && state.catches_up == Some(true), "{state:?}");
    database.dismount().unwrap();
    let state = database.mount().unwrap();
    assert!(state.is_catching_up(), "{state:?}");
}

/// Mounted by the rollout, activated by somebody else, held by the mirror since.
fn what_the_mirror_holds_is_taken_out_before_it_goes_back() {
    let restoring = Restoring::new();
    let scene = &restoring.place.scene;
    let old = restoring.content();
    manners(scene, |manners| manners.activation_fails = true);
    restoring.restores(20);
    // The line that it began to activate is lost, as where it was killed before it.
    let journal = restoring.place.state().join("rollout-IRIS-0001/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = text.lines().take_while(|line| !line.contains("ctivate")).collect();
    assert!(lines.len() < text.lines().count(), "{text}");
    std::fs::write(&journal, lines.join("\n") + "\n").unwrap();
    let folder = scene.directory("HSSYS");
    manners(scene, |manners| (manners.activation_fails, manners.mirror_holds) = (false, true));
    scene.change_state(|state| state.activate(&folder).unwrap());
    let said = restoring.place.ends(0, &["--revert", "--yes"]);
    assert!(said.contains("is not in the mirror now"), "{said}");
    assert_eq!(restoring.content().last(), old.last());
    assert!(scene.acts("HSSYS").contains(&Act::TakenOut));
}
