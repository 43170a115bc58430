//! What the README shows of a running member is what happens there.
//!
//! Owns the rehearsal: every command of the README's blocks that are marked `<!-- rehearsed -->` is typed, in
//! order, on the host of a stand-in that has the sample member, and ends with the code that stands behind it.
//! What the README leaves to a person between two blocks is done here as that person would.

use std::path::Path;
use std::process::{Command, Stdio};

use super::stand_in::Scene;
use super::stand_in::scene::samples;

super::tests! {
    the_sample_pair_is_brought_from_blocked_to_ready,
}

/// The marked blocks: their commands, each with its exit code.
fn blocks() -> Vec<Vec<(String, i32)>> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let blocks = readme.split("<!-- rehearsed -->\n```\n").skip(1);
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

/// Types a command in a shell, as the README has it; what it says.
fn types(scene: &Scene, command: &str, code: i32) -> String {
    let folder = scene.folder();
    let mut line = command.to_owned();
    // Not into the folders of the machine that runs the test.
    line.push_str(&format!(" --gather-dir {}", folder.display()));
    if command.contains("--instance") {
        line.push_str(&format!(" --state-dir {}", folder.join("state").display()));
    }
    let own = Path::new(env!("CARGO_BIN_EXE_hsmirror")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", scene.bin().display(), own.display());
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", path).current_dir(env!("CARGO_MANIFEST_DIR"));
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
    let blocks = blocks();
    assert_eq!(blocks.len(), 2, "the README has two rehearsed blocks");
    for (command, code) in &blocks[0] {
        let said = types(&scene, command, *code);
        println!("{command}\n{said}");
    }
    by_hand(&scene);
    let mut last = String::new();
    for (command, code) in &blocks[1] {
        last = types(&scene, command, *code);
        println!("{command}\n{last}");
    }
    assert!(last.contains("READY"), "{last}");
}
