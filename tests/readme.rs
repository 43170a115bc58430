//! What the README shows is what the program prints.
//!
//! Runs every command that a comment `<!-- output: hsmirror ... -->` names and holds the block below it to
//! what comes out, at 80 columns; `| head -N` keeps the first lines. Does the same for the commands of
//! docs/waivers.md that stock tools can follow. `HSMIRROR_UPDATE=1 cargo test --test readme` brings the
//! README up to date.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints on a terminal of 80 columns.
fn output(command: &str) -> String {
    let (program, head) = match command.split_once(" | head -") {
        Some((program, lines)) => (program, lines.parse().unwrap()),
        None => (command, usize::MAX),
    };
    let mut words = program.split(' ');
    assert_eq!(words.next(), Some("hsmirror"));
    let output = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
        .current_dir(root())
        .args(words)
        .output()
        .unwrap();
    // A plan that is only shown says what to type next.
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.is_empty() || told.starts_with("Note: nothing was done"), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().take(head).map(|line| format!("{line}\n")).collect()
}

const MARK: &str = "<!-- output: ";

#[test]
fn every_output_in_the_readme_is_real() {
    let path = root().join("README.md");
    let kept = fs::read_to_string(&path).unwrap();
    let mut parts = kept.split(MARK);
    let mut real = parts.next().unwrap().to_owned();
    let mut count = 0;
    for part in parts {
        let (command, rest) = part.split_once(" -->\n```\n").unwrap();
        let end = if rest.starts_with("```") { 0 } else { rest.find("\n```\n").unwrap() + 1 };
        real.push_str(&format!("{MARK}{command} -->\n```\n{}{}", output(command), &rest[end..]));
        count += 1;
    }
    assert!(count >= 4, "{count}");
    if std::env::var_os("HSMIRROR_UPDATE").is_some() {
        fs::write(&path, &real).unwrap();
    }
    assert!(real == kept, "README is out of date: HSMIRROR_UPDATE=1 cargo test --test readme");
}

/// The command that works out a digest with jq and sha256sum gives the one that the page shows, and a
/// waiver with it holds.
#[test]
fn the_digest_of_a_waiver_comes_out_of_stock_tools() {
    let page = fs::read_to_string(root().join("docs/waivers.md")).unwrap();
    let script = page.split("\n```\n").find(|block| block.starts_with("hsmirror compare")).unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_hsmirror")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(folder.to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let shell = Command::new("sh")
        .current_dir(root())
        .env("PATH", path.unwrap())
        .args(["-c", script])
        .output();
    let shell = shell.unwrap();
    let digest = String::from_utf8(shell.stdout).unwrap().split(' ').next().unwrap().to_owned();
    assert!(page.contains(&format!("sha256 = \"{digest}\"")), "{digest}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("w.toml");
    let toml = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    fs::write(&file, toml.replace("LAB_*", "ELM_*").replace("2027-01-31", "9999-12-31")).unwrap();
    let waived = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
        .current_dir(root())
        .args(["compare", "samples/primary", "samples/backup", "--format", "text", "--waivers"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(waived.stdout).unwrap();
    assert!(text.contains("Waived by M. Okafor until 9999-12-31 (The laboratory"), "{text}");
    assert!(!text.contains("waiver-unused"), "{text}");
}
