//! What the README shows of a running member is what happens there.
//!
//! Owns the rehearsal: every command of the README's blocks that are marked as rehearsed is typed, in order,
//! on the host of a stand-in that has the sample member, or the sample primary, and ends with the code that
//! stands behind it. What the README leaves to a person between two blocks is done here as that person would;
//! `age1...` is the recipient of `member.key`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::stand_in::Scene;
use super::stand_in::scene::{recorded, samples};

super::tests! {
    the_sample_pair_is_brought_from_blocked_to_ready,
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The blocks marked for that side: their commands, each with its exit code.
fn blocks(side: &str) -> Vec<Vec<(String, i32)>> {
    let readme = readme();
    let mark = format!("<!-- rehearsed: {side} -->\n```\n");
    let blocks = readme.split(&mark).skip(1);
    let command = |text: &str| {
        let (command, code) = text.rsplit_once("   # ").unwrap();
        (command.trim().to_owned(), code.trim().parse().unwrap())
    };
    blocks
        .map(|block| {
            let block = block.split("\n```").next().unwrap().replace(" \\\n", " ");
            block.lines().filter(|line| !line.trim().is_empty()).map(command).collect()
        })
        .collect()
}

/// The folder in which everything is typed: with the samples, the facts of the README, and a key.
fn desk() -> (tempfile::TempDir, String) {
    let desk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    std::os::unix::fs::symlink(samples, desk.path().join("samples")).unwrap();
    let readme = readme();
    let facts =
        readme.split("```json\n").skip(1).find(|block| block.contains("fhirSqlData")).unwrap();
    fs::write(desk.path().join("facts.json"), facts.split("```").next().unwrap()).unwrap();
    let mut keygen = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
    let made = keygen.current_dir(desk.path()).args(["keygen", "-o", "member.key"]).output();
    let said = made.unwrap();
    let said = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
    let recipient = said.split_whitespace().find(|word| word.starts_with("age1")).unwrap();
    (desk, recipient.to_owned())
}

/// Types a command in a shell, as the README has it; what it says.
fn types(
    scene: &Scene,
    (desk, recipient): &(tempfile::TempDir, String),
    command: &str,
    code: i32,
) -> String {
    let folder = scene.folder();
    let mut line = command.replace("age1...", recipient);
    // Not into the folders of the machine that runs the test.
    line.push_str(&format!(" --gather-dir {}", folder.display()));
    if command.contains("--instance") || command.contains("--copy-hssys") {
        line.push_str(&format!(" --state-dir {}", folder.join("state").display()));
    }
    let own = Path::new(env!("CARGO_BIN_EXE_hsmirror")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", scene.bin().display(), own.display());
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", path).current_dir(desk.path());
    let output = shell.arg("-c").arg(&line).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{line}\n{said}");
    said
}

/// What a person does on the member between the two: the Installer Wizard, the account, the task.
fn by_hand(scene: &Scene) {
    let ready = samples("ready-backup");
    scene.configure(|member| {
        let is = |name: &str| name.eq_ignore_ascii_case("ELMLAB");
        let made = ready.databases.objects.iter().filter(|one| is(&one.name)).cloned();
        member.databases.objects.extend(made);
        member.databases.arrange();
        let made = ready.namespaces.objects.iter().filter(|one| is(&one.name)).cloned();
        member.namespaces.objects.extend(made);
        member.namespaces.arrange();
        let made = ready.tasks.objects.iter().filter(|one| is(&one.namespace)).cloned();
        member.tasks.objects.extend(made);
        member.tasks.arrange();
        for user in &mut member.users.objects {
            if user.name.is("svc_elmlab") {
                user.enabled = Some(true);
            }
        }
    });
}

fn the_sample_pair_is_brought_from_blocked_to_ready() {
    let scene = Scene::of_samples("backup");
    let primary = Scene::with(&samples("ready-primary"), recorded("primary"));
    let desk = desk();
    let [on_primary, on_member] = ["primary", "member"].map(blocks);
    let [before, after, restore] = on_member.as_slice() else { panic!("three blocks") };
    let type_all = |scene: &Scene, block: &[(String, i32)]| {
        let types = |(command, code): &(String, i32)| types(scene, &desk, command, *code);
        block.iter().fold(String::new(), |_, line| types(line))
    };
    let said = type_all(&scene, before);
    assert!(said.contains("BLOCKED"), "{said}");
    by_hand(&scene);
    let said = type_all(&scene, after);
    assert!(said.contains("READY"), "{said}");
    let said = type_all(&primary, &on_primary[0]);
    assert!(primary.is_mounted("HSSYS"), "{said}");
    let said = type_all(&scene, restore);
    assert!(said.contains("READY"), "{said}");
    assert_eq!(scene.mirror_status("HSSYS"), Some("Dejournaling"), "{said}");
}
