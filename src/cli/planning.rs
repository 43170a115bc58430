//! The flags about plans.
//!
//! Owns [`Planning`]: which steps are taken, what becomes of a plan, what it is made of, and how it is
//! shown. `apply` takes them in, `apply_plan` acts on them.
//! Invariant: what a flag means stands in its help and nowhere else.

use std::path::PathBuf;

use clap::ValueEnum;

use super::keys;
use super::terminal::{self, Colour};
use crate::plan::Plan;
use crate::report::{Format, View};
use crate::source::Options;

/// What is done about a plan.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Plan")]
pub(super) struct Planning {
    /// Take only the steps that this names: a section, an object, a finding, a rule or a step; may be
    /// given several times
    #[arg(long, value_name = "WORD", conflicts_with_all = ["plan", "check"])]
    pub(super) only: Vec<String>,
    /// Leave out the steps that this names; may be given several times
    #[arg(long, value_name = "WORD", conflicts_with_all = ["plan", "check"])]
    pub(super) skip: Vec<String>,
    /// Take a step that needs approval, by its own name; may be given several times
    #[arg(long, value_name = "STEP", conflicts_with = "check")]
    pub(super) approve: Vec<String>,
    /// Plan to take away what only the member has, by the id of its finding; may be given several times
    #[arg(long, value_name = "FINDING", conflicts_with = "check")]
    pub(super) delete: Vec<String>,
    /// Write the plan as files to be run on the member into this folder, which must not exist or be
    /// empty; the member's configuration goes there sealed, for the recipients given
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    pub(super) handoff: Option<PathBuf>,
    /// Seal the plan for the recipients given; signed with --sign it is an approval of its steps
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["plan", "check", "handoff"])]
    pub(super) save_plan: Option<PathBuf>,
    /// Act on this plan and no other; refused where either side is not as it was
    #[arg(long, value_name = "PLAN", conflicts_with = "check")]
    pub(super) plan: Option<PathBuf>,
    /// Tell of each step of this plan whether it has taken effect on the member
    #[arg(long, value_name = "PLAN")]
    pub(super) check: Option<PathBuf>,
    /// Plan e-mail addresses, telephone numbers and whom tasks write to, too
    #[arg(long)]
    personal_data: bool,
    /// Plan the values of all task settings too, which may be secrets
    #[arg(long)]
    task_settings: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Table)]
    format: As,
    /// The first line alone
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Every property of every step, and why
    #[arg(short, long)]
    verbose: bool,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
}

/// The formats by the names they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum As {
    /// A table for the terminal
    Table,
    /// JSON, the plan as it is saved
    Json,
}

impl Planning {
    /// Whether errors are JSON too.
    pub(super) fn is_json(&self) -> bool {
        self.format == As::Json
    }

    /// Whether any of it was given.
    pub(super) fn is_given(&self) -> bool {
        let words = [&self.only, &self.skip, &self.approve, &self.delete];
        let paths = [&self.handoff, &self.save_plan, &self.plan, &self.check];
        words.iter().any(|words| !words.is_empty())
            || paths.iter().any(|path| path.is_some())
            || [self.personal_data, self.task_settings, self.is_json(), self.quiet, self.verbose]
                .contains(&true)
    }

    /// How it is shown.
    pub(super) fn view(&self) -> View {
        let format = if self.is_json() { Format::Json } else { Format::Table };
        let look = terminal::look(self.color, self.verbose);
        View { format, verbose: self.verbose, quiet: self.quiet, look }
    }

    /// What is read.
    pub(super) fn options(&self) -> Options {
        Options {
            personal_data: self.personal_data,
            task_settings: self.task_settings,
            now: Some(keys::now()),
        }
    }

    /// The flags that decide what a plan is made of, as they are typed again.
    pub(super) fn of_a_plan(&self) -> String {
        let flags = [(self.personal_data, PERSONAL_DATA), (self.task_settings, TASK_SETTINGS)];
        flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| format!(" {flag}")).collect()
    }

    /// A saved plan is taken up with the flags that it was made with, or all of it would seem to have
    /// moved: the first one that is not alike, with whether the plan has it.
    pub(super) fn unlike(&self, plan: &Plan) -> Option<(&'static str, bool)> {
        let flags = [
            (PERSONAL_DATA, self.personal_data, plan.personal_data),
            (TASK_SETTINGS, self.task_settings, plan.task_settings),
        ];
        flags
            .into_iter()
            .find(|(_, here, there)| here != there)
            .map(|(flag, _, there)| (flag, there))
    }
}

const PERSONAL_DATA: &str = "--personal-data";
const TASK_SETTINGS: &str = "--task-settings";
