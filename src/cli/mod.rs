//! The command line.
//!
//! Owns flags, streams, environment and exit codes; nothing else in the program touches them. Each
//! command has its file and tells its story: resolve arguments, call the library, render, choose
//! the exit code. Help and man pages come from the declarations here.
//! Invariant: results go to standard output, everything else to standard error; the program ends
//! with a code of [`EXIT_CODES`], never with a panic.

#[cfg(unix)]
mod agreement;
#[cfg(unix)]
mod apply;
#[cfg(unix)]
mod apply_hssys;
#[cfg(unix)]
mod apply_instance;
#[cfg(unix)]
mod apply_plan;
#[cfg(unix)]
mod apply_restore;
mod compare;
mod complaint;
mod explain;
mod export;
#[cfg(unix)]
mod export_copy;
mod export_hssys;
mod gatherer;
#[cfg(unix)]
mod handing_off;
mod inspect;
mod instances;
mod keygen;
mod keys;
mod local;
mod manifest;
mod operands;
#[cfg(unix)]
mod planning;
mod progress;
mod prompt;
mod report;
mod save;
#[cfg(unix)]
mod saved_plan;
mod schema;
mod terminal;
mod waivers;
#[cfg(unix)]
mod watchdog;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use complaint::Complaint;

use crate::error::{EXIT_CODES, Error, Kind};

/// Says what would be missing or different after a failover of an InterSystems IRIS for Health
/// mirror, from files that any administrator can make.
///
/// It compares the configuration of the primary with that of the backup or DR member: namespaces,
/// databases, mappings, roles, resources, applications, tasks and users, which a mirror does not
/// copy. No password and no network connection is needed.
#[derive(Debug, Parser)]
#[command(name = "hsmirror", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(unix)]
    Apply(Box<apply::Args>),
    Compare(compare::Args),
    Explain(explain::Args),
    Export(export::Args),
    Gatherer(gatherer::Args),
    Inspect(inspect::Args),
    Instances(instances::Args),
    Keygen(keygen::Args),
    Report(report::Args),
    Schema(schema::Args),
}

/// The command as clap knows it, with the exit codes; man pages and tests read it.
pub fn command() -> clap::Command {
    let exits = exits();
    Cli::command()
        .after_help("Begin with: hsmirror compare samples/primary samples/backup")
        .mut_subcommands(move |command| match command.get_name() {
            "explain" | "schema" => command,
            _ => command.after_long_help(exits.clone()),
        })
}

/// Whether JSON was asked for, in a command line that cannot be read as a whole.
fn wants_json(args: &[OsString]) -> bool {
    let is = |arg: &OsString, word: &str| arg.to_str() == Some(word);
    args.iter().any(|arg| is(arg, "--format=json"))
        || args
            .windows(2)
            .any(|pair| matches!(pair, [flag, value] if is(flag, "--format") && is(value, "json")))
}

/// The table of exit codes as help shows it.
fn exits() -> String {
    let mut text = String::from("Exit codes:");
    for (code, meaning) in EXIT_CODES {
        text.push_str(&format!("\n  {code:<3} {meaning}"));
    }
    text
}

/// Runs the program with these arguments and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    #[cfg(unix)]
    if let Some((_, rest)) = args.split_first()
        && rest.first().is_some_and(|word| word == watchdog::NAME)
    {
        return watchdog::run(rest);
    }
    let parsed = command()
        .try_get_matches_from(&args)
        .and_then(|matches| <Cli as clap::FromArgMatches>::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(usage) if usage.use_stderr() && wants_json(&args) => {
            let text = usage.to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let message = format!("The command line is wrong: {first}.");
            let hint = "`hsmirror --help` tells the usage.";
            let error = Error::new(Kind::Usage, message, hint);
            return Complaint { json: true }.fail(&error);
        }
        Err(usage) => {
            // Help and version are results; anything else is a wrong command line. A closed pipe
            // behind either is no failure of ours.
            let _ = usage.print();
            let code = if usage.use_stderr() { Kind::Usage.exit_code() } else { 0 };
            return ExitCode::from(code);
        }
    };
    match cli.command {
        #[cfg(unix)]
        Command::Apply(args) => args.run(),
        Command::Compare(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::Gatherer(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Instances(args) => args.run(),
        Command::Keygen(args) => args.run(),
        Command::Report(args) => args.run(),
        Command::Schema(args) => args.run(),
    }
}
