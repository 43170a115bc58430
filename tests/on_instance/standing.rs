//! The stand-in behaves as the handbook says the product does (H3.1, H6.3, H7.1, H7.2).
//!
//! Its list, its sessions, its databases as files, and that every recorded scene can be played.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::stand_in::Scene;
use super::stand_in::scene::{recorded, samples};

super::tests! {
    the_list_has_the_fields_of_its_version,
    a_session_prompts_for_each_line,
    an_error_leaves_the_prompt_one_level_deeper,
    a_login_takes_lines_for_a_password,
    what_is_not_known_ends_with_status_70,
    a_change_is_there_in_the_next_session,
    a_merge_that_claims_does_nothing,
    a_member_becomes_primary,
    every_scene_can_be_played,
}

fn iris(scene: &Scene, arguments: &[&str]) -> Output {
    Command::new(scene.program()).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// What a session answers to a script.
pub(crate) fn session(scene: &Scene, script: &str) -> (String, Option<i32>) {
    let mut child = Command::new(scene.program())
        .args(["session", "iris", "-U", "%SYS"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read all of it.
    let _ = child.stdin.take().unwrap().write_all(script.as_bytes());
    let output = child.wait_with_output().unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (text, output.status.code())
}

fn the_list_has_the_fields_of_its_version() {
    for (name, fields) in
        [("qlist-8-fields", 8), ("qlist-10-fields", 10), ("qlist-more-fields", 17)]
    {
        let scene = Scene::of(name);
        let output = iris(&scene, &["qlist"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.trim_end().split('^').count(), fields, "{text}");
        assert!(text.starts_with("IRIS^/"), "{text}");
    }
    let several = Scene::of("qlist-several");
    let text = |arguments: &[&str]| String::from_utf8(iris(&several, arguments).stdout).unwrap();
    assert_eq!(text(&["qlist"]).lines().count(), 3);
    assert_eq!(text(&["qlist", "iris2"]).lines().count(), 1);
}

fn a_session_prompts_for_each_line() {
    let scene = Scene::of("primary");
    let script = "set $namespace=\"%SYS\"\nset a=1 write a+1\nhalt\nwrite 3\n";
    let (text, status) = session(&scene, script);
    let expected = "\nNode: stand-in, Instance: IRIS\n\nUSER>\n%SYS>2\n%SYS>";
    assert_eq!((text.as_str(), status), (expected, Some(0)));
    let (_, status) = session(&scene, "do $system.Process.Terminate(,9)\n");
    assert_eq!(status, Some(9));
    let environment = scene.log();
    assert!(!environment.is_empty());
}

fn an_error_leaves_the_prompt_one_level_deeper() {
    let scene = Scene::of("primary");
    scene.behave(|behaviour| behaviour.session.protects_at = Some(1));
    let (text, _) = session(&scene, "set a=1\nwrite b\nwrite 5\n");
    assert!(text.contains("\nUSER><UNDEFINED>") || text.contains("<PROTECT>\nUSER 2d1>"), "{text}");
    assert!(text.contains("<UNDEFINED>*b\nUSER 3d2>5\nUSER 3d2>"), "{text}");
}

fn a_login_takes_lines_for_a_password() {
    let scene = Scene::of("login-prompt");
    let (text, status) = session(&scene, "set $namespace=\"%SYS\"\nwrite \"here\"\n");
    assert_eq!((text.as_str(), status), ("\nUsername: \nPassword: \n\nAccess Denied\n", Some(1)));
}

fn what_is_not_known_ends_with_status_70() {
    let scene = Scene::of("primary");
    assert_eq!(iris(&scene, &["console", "IRIS"]).status.code(), Some(70));
    let (text, status) = session(&scene, "do ##class(No.Such).Thing()\n");
    assert!(status == Some(70) && text.contains("does not know"), "{status:?} {text}");
    let (text, status) = session(&scene, "set x = = 1\n");
    assert!(status == Some(70) && text.contains("cannot parse"), "{status:?} {text}");
}

fn a_change_is_there_in_the_next_session() {
    let scene = Scene::of("primary");
    let make = "set $namespace=\"%SYS\"\nset p(\"PublicPermission\")=\"U\"\n\
        write ##class(Security.Resources).Create(\"Ward7\",.p)\n";
    let (text, _) = session(&scene, make);
    assert!(text.contains("%SYS>1"), "{text}");
    let ask = "set $namespace=\"%SYS\"\nwrite \"<\"_##class(Security.Resources).Exists(\"Ward7\")_\">\"\n";
    assert!(session(&scene, ask).0.contains("<1>"));
    assert!(scene.configuration().resources.named("Ward7").is_some());
}

fn a_merge_that_claims_does_nothing() {
    let file = |scene: &Scene| {
        let path = scene.folder().join("a.cpf");
        fs::write(&path, "[Actions]\nCreateResource:Name=W1,PublicPermission=U\nCreateResource:Name=W2,PublicPermission=U\n")
            .unwrap();
        path.display().to_string()
    };
    for (name, status, made) in [
        ("primary", 0, 2),
        ("merge-claims", 0, 0),
        ("merge-fails-half-way", 1, 1),
        ("merge-fails-at-once", 1, 0),
        ("merge-status", 1, 2),
    ] {
        let scene = Scene::of(name);
        let target = scene.install().join("iris.cpf").display().to_string();
        let output = iris(&scene, &["merge", "IRIS", &file(&scene), &target]);
        assert_eq!(output.status.code(), Some(status), "{name}: {output:?}");
        let resources = scene.configuration().resources;
        let found = ["W1", "W2"].iter().filter(|name| resources.named(name).is_some()).count();
        assert_eq!(found, made, "{name}");
    }
}

fn a_member_becomes_primary() {
    let scene = Scene::of("becomes-primary");
    let ask = "write \"<\"_$SYSTEM.Mirror.IsPrimary()_\">\"\n";
    let answers: Vec<bool> = (0..5).map(|_| session(&scene, ask).0.contains("<1>")).collect();
    assert_eq!(answers, [false, false, false, true, true]);
}

/// No file of the folder is left out, and each of them is a behaviour that a scene can be made of.
fn every_scene_can_be_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenes");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names: BTreeSet<String> =
        names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    for name in &names {
        let behaviour = recorded(name);
        assert!(behaviour.about.ends_with('.'), "{name} says what it shows");
        if let Some(of) = &behaviour.samples {
            assert!(!samples(of).databases.objects.is_empty());
        }
    }
    let healthy = recorded("primary");
    assert!(healthy.session == super::stand_in::behaviour::Sessions::default());
}
