//! Tasks of the Task Manager.
//!
//! Owns the task object (`%SYS.TaskSuper`, H5.2): schedule, mirror setting, the task it runs after,
//! and the settings of its class. Tasks come from task exports (formats 4). Names carry no
//! uniqueness, so tasks are paired by name, namespace and class.
//! Invariant: a schedule field that has no meaning in the task's mode is not compared; the value of
//! a setting is carried only where it is known to be no secret (design 4).

use std::cmp::Ordering;

use super::code::{
    DailyFrequency, FrequencyUnit, MirrorStatus, TaskKind, TaskPriority, TimePeriod,
};
use super::object::{Object, Subject};
use super::owner::{self, Owner};
use super::setting::Settings;
use super::text::{Name, Text, fold_order, folded};
use super::value::{Day, Set};

crate::object! {
    /// A task of the Task Manager (`%SYS.Task`, H5.2).
    pub struct Task in Tasks from "%SYS.Task" {
        identity {
            /// Name of the task.
            name: Text = "Name";
            /// Namespace in which it runs.
            namespace: Name = "NameSpace";
            /// Class whose code it runs.
            task_class: Text = "TaskClass";
        }
        properties {
            /// What it does.
            description: Text = "Description", must_equal, empty, when Task::is_the_sites;
            /// Who made it.
            kind: TaskKind = "Type", must_equal, unknown;
            /// User it runs as.
            run_as_user: Name = "RunAsUser", must_equal, empty;
            /// On which mirror member it runs; primary only where not stated.
            mirror_status: MirrorStatus = "MirrorStatus", must_equal, default(MirrorStatus::Primary);
            /// Whether it is suspended.
            suspended: u64 = "Suspended", must_equal, default(0);
            /// How often it runs.
            time_period: TimePeriod = "TimePeriod", must_equal, default(TimePeriod::Daily);
            /// Every how many days, weeks or months.
            time_period_every: u64 = "TimePeriodEvery", must_equal, default(1), when Task::on_days;
            /// On which days of the week or month.
            time_period_day: Text = "TimePeriodDay", must_equal, empty, when Task::on_some_days;
            /// The task it runs after: name, namespace and class; `?` where the export is a selection
            /// without that task.
            run_after: RunAfter = "RunAfter", must_equal, empty, when Task::after_another;
            /// Once a day or several times.
            daily_frequency: DailyFrequency = "DailyFrequency", must_equal,
                default(DailyFrequency::Once), when Task::on_days;
            /// Unit of the increment.
            daily_frequency_time: FrequencyUnit = "DailyFrequencyTime", must_equal,
                default(FrequencyUnit::Minutes), when Task::several_times;
            /// How many of those units lie between two runs.
            daily_increment: u64 = "DailyIncrement", must_equal, default(0), when Task::several_times;
            /// Time of day of the first run.
            daily_start_time: Text = "DailyStartTime", must_equal, default(Text::from("00:00:00")),
                when Task::on_days;
            /// Time of day after which it does not run again.
            daily_end_time: Text = "DailyEndTime", must_equal, default(Text::from("00:00:00")),
                when Task::several_times;
            /// First day; the day it was made where nothing else was set, so it is not compared.
            start_date: Day = "StartDate", may_differ, empty;
            /// Last day.
            end_date: Day = "EndDate", must_equal, empty;
            /// Priority of its process.
            priority: TaskPriority = "Priority", must_equal, default(TaskPriority::Normal);
            /// Whether it runs as a batch process.
            is_batch: bool = "IsBatch", must_equal, default(false);
            /// Whether a missed run expires.
            expires: bool = "Expires", must_equal, unknown;
            /// Days after which it expires.
            expires_days: u64 = "ExpiresDays", must_equal, default(0), when Task::can_expire;
            /// Hours after which it expires.
            expires_hours: u64 = "ExpiresHours", must_equal, default(0), when Task::can_expire;
            /// Minutes after which it expires.
            expires_minutes: u64 = "ExpiresMinutes", must_equal, default(0), when Task::can_expire;
            /// Whether it is suspended after an error.
            suspend_on_error: bool = "SuspendOnError", must_equal, unknown;
            /// Whether it is suspended when its process is terminated.
            suspend_terminated: bool = "SuspendTerminated", must_equal, unknown;
            /// Whether it is scheduled anew when the instance starts.
            reschedule_on_start: bool = "RescheduleOnStart", must_equal, unknown;
            /// Whether it is deleted after a run.
            delete_after_run: bool = "DeleteAfterRun", must_equal, default(false);
            /// Whether it opens an output file.
            open_output_file: bool = "OpenOutputFile", must_equal, default(false);
            /// Whether the output file is binary.
            output_file_is_binary: bool = "OutputFileIsBinary", must_equal, unknown,
                when Task::writes_a_file;
            /// Folder on this member of the output file.
            output_directory: Text = "OutputDirectory", may_differ, empty;
            /// Name of the output file.
            output_filename: Text = "OutputFilename", must_equal, empty;
            /// Whether output goes out by e-mail.
            email_output: bool = "EmailOutput", must_equal, default(false);
            /// Who is told of a completed run.
            email_on_completion: Set<Text> = "EmailOnCompletion", must_equal, unknown,
                personal data;
            /// Who is told of an error.
            email_on_error: Set<Text> = "EmailOnError", must_equal, unknown,
                personal data;
            /// Who is told of an expired run.
            email_on_expiration: Set<Text> = "EmailOnExpiration", must_equal, unknown,
                personal data;
            /// Settings of the task's class by name; `null` where the value is not carried.
            settings: Settings = "Settings", must_equal, empty;
        }
        never {
            Volatile {
                "JobGUID" "LastSchedule" "LastStarted" "LastFinished" "Status" "Error" "ER"
                "NextScheduled" "RunningJobNumber"
            }
            Derived {
                "ID" "RunAfterGUID" "DisplayStatus" "DisplayRunning" "DisplayInterval"
                "DisplayNextScheduled" "DisplayLastStarted" "DisplayLastFinished"
            }
        }
    }
}

/// The task that another one runs after. The export names it by an id of the instance (formats 4),
/// which the reader resolves; `?` is one the export does not hold, and is not compared.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct RunAfter(Text);

/// A predecessor that is not in the export.
pub const UNRESOLVED: &str = "?";
/// A predecessor that does not exist.
const NOT_THERE: &str = "a task that is not there";

impl RunAfter {
    fn settle(&mut self) {
        if &*self.0 == UNRESOLVED {
            self.0 = Text::from(NOT_THERE);
        }
    }

    /// Whether there is no such task.
    pub fn is_not_there(&self) -> bool {
        &*self.0 == NOT_THERE
    }

    /// How that task refers to itself.
    pub fn reference(&self) -> &str {
        &self.0
    }

    /// Whether the export does not tell which task it is.
    pub fn is_unresolved(&self) -> bool {
        &*self.0 == UNRESOLVED
    }
}

impl super::value::Value for RunAfter {
    const FORM: super::form::Form = super::form::Form::Own;
    fn same(&self, other: &Self) -> bool {
        self == other || &*self.0 == UNRESOLVED || &*other.0 == UNRESOLVED
    }
    fn spelled(&self) -> String {
        self.0.to_string()
    }
    fn written(&self) -> Option<String> {
        None
    }
    fn from_content(content: &super::record::Content) -> Result<Self, String> {
        Text::from_content(content).map(Self)
    }
}

impl Task {
    fn is_the_sites(&self) -> bool {
        self.owner() == Owner::Site
    }

    fn period(&self) -> TimePeriod {
        self.time_period.unwrap_or(TimePeriod::Daily)
    }

    /// Runs on days of the calendar, so frequency and times of day count.
    fn on_days(&self) -> bool {
        !matches!(self.period(), TimePeriod::RunAfter | TimePeriod::OnDemand)
    }

    fn on_some_days(&self) -> bool {
        self.on_days() && self.period() != TimePeriod::Daily
    }

    fn after_another(&self) -> bool {
        self.period() == TimePeriod::RunAfter
    }

    fn several_times(&self) -> bool {
        self.on_days() && self.daily_frequency == Some(DailyFrequency::Several)
    }

    fn writes_a_file(&self) -> bool {
        self.open_output_file == Some(true)
    }

    fn can_expire(&self) -> bool {
        self.expires != Some(false)
    }

    /// How another task refers to it in `runAfter`.
    pub fn reference(name: &str, namespace: &str, class: &str) -> String {
        format!("{name} in {} ({class})", folded(namespace))
    }

    /// How another task refers to this one.
    pub fn own_reference(&self) -> String {
        Self::reference(&self.name, &self.namespace, &self.task_class)
    }

    /// What it runs after, if it waits for another task and that is known.
    pub fn predecessor(&self) -> Option<&RunAfter> {
        let after = self.run_after.as_ref().filter(|_| self.after_another())?;
        let known = !after.is_unresolved() && !after.0.is_empty();
        known.then_some(after)
    }

    /// States which task it runs after, where that is not known yet.
    pub fn set_predecessor(&mut self, predecessor: &str) {
        if self.run_after.as_ref().is_some_and(RunAfter::is_unresolved) {
            self.run_after = Some(RunAfter(Text::from(predecessor)));
        }
    }
}

impl Object for Task {
    fn name(&self) -> &str {
        &self.name
    }
    fn subject(&self) -> Subject {
        Subject {
            name: self.name.to_string(),
            namespace: Some(self.namespace.to_string()),
            task_class: Some(self.task_class.to_string()),
            ..Subject::default()
        }
    }
    fn pair(&self, other: &Self) -> Ordering {
        self.name
            .cmp(&other.name)
            .then_with(|| fold_order(&self.namespace, &other.namespace))
            .then_with(|| self.task_class.cmp(&other.task_class))
    }
    fn order(&self, other: &Self) -> Ordering {
        // Tasks of one identity are put in the order of their content, so that the same set of
        // tasks pairs the same way whatever the order of the file.
        self.pair(other).then_with(|| content(self).cmp(&content(other)))
    }
    fn owner(&self) -> Owner {
        owner::task_class(&self.task_class)
    }
    const MARKERS: &'static [&'static str] =
        &["%SYS.Task.PurgeTaskHistory", "%SYS.Task.SwitchJournal"];
    fn marker(&self) -> &str {
        &self.task_class
    }
    /// Days of the week are digits in any order (H5.2).
    fn normalise(&mut self) {
        if self.time_period == Some(TimePeriod::Weekly)
            && let Some(days) = &self.time_period_day
            && days.chars().all(|day| ('1'..='7').contains(&day))
        {
            let mut days: Vec<char> = days.chars().collect();
            days.sort_unstable();
            self.time_period_day = Some(Text::from(days.into_iter().collect::<String>()));
        }
    }
    fn forget_settings(&mut self) {
        if let Some(settings) = &mut self.settings {
            settings.withhold(&self.task_class);
        }
    }
    /// With all tasks at hand, a predecessor that is none of them is not there.
    fn settle(&mut self) {
        if let Some(after) = &mut self.run_after {
            after.settle();
        }
    }
    const REPEATS: bool = true;
}

fn content(task: &Task) -> (String, String) {
    let spelled = serde_json::to_string(task).unwrap_or_default();
    // Names in it fold case; what is left equal is put in the order of its bytes.
    (spelled.to_lowercase(), spelled)
}
