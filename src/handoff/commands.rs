//! The commands that run the files of a hand-off.
//!
//! Owns [`Place`], where the folder lies and what is known of the member's instance, and the command
//! lines made of it (H3.1, H7.2). The checklist and the merge files print them.
//! Invariant: every path in a command is absolute, since a merge with a relative one does nothing and
//! says success (H3.1); what is not known stands in capitals, to be filled in.

use crate::error::quoted;

/// Where the hand-off lies, and the instance it is for.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The folder, absolute.
    pub folder: String,
    /// Name of the instance, where that is known.
    pub instance: Option<String>,
    /// The instance's configuration file with its folder, where that is known.
    pub configuration_file: Option<String>,
    /// Whether the folder has no restore point, as that of a rollout, which nobody is to carry.
    pub without_restore_point: bool,
}

impl Place {
    fn instance(&self) -> &str {
        self.instance.as_deref().filter(|name| self.can_type(name)).unwrap_or("INSTANCE")
    }

    fn configuration_file(&self) -> Option<&str> {
        self.configuration_file.as_deref().filter(|path| self.can_type(path))
    }

    /// Whether a text stands for itself in a command. A shell of Unix takes any within quotes; what means
    /// something to that of Windows cannot be made safe there.
    fn can_type(&self, text: &str) -> bool {
        let plain = |letter: char| letter.is_alphanumeric() || " \\/:._-()".contains(letter);
        !self.windows() || text.chars().all(plain)
    }

    /// Windows writes its paths with backslashes.
    fn windows(&self) -> bool {
        self.configuration_file.as_ref().is_some_and(|path| path.contains('\\'))
    }

    /// The folder of the program on Windows, where it is on no path (H7.1).
    fn installed(&self) -> Option<&str> {
        let path = self.configuration_file().filter(|_| self.windows())?;
        path.rsplit_once('\\').map(|(folder, _)| folder)
    }

    /// The path of a file of the hand-off.
    pub(super) fn path(&self, file: &str) -> String {
        let separator = if self.folder.contains('\\') { '\\' } else { '/' };
        format!("{}{separator}{file}", self.folder.trim_end_matches(['/', '\\']))
    }

    /// The command that merges a file.
    pub(super) fn merge(&self, file: &str) -> String {
        let target = self.configuration_file().unwrap_or("/FOLDER/OF/iris.cpf");
        let (instance, file) = (self.instance(), self.path(file));
        match self.installed() {
            Some(folder) => {
                format!("\"{folder}\\bin\\iris\" merge {instance} \"{file}\" \"{target}\"")
            }
            None => format!("iris merge {} {} {}", quoted(instance), quoted(&file), quoted(target)),
        }
    }

    /// The command that runs a script.
    pub(super) fn session(&self, file: &str) -> String {
        let (instance, file) = (self.instance(), self.path(file));
        match self.installed() {
            Some(folder) => format!(
                "\"{folder}\\bin\\irisdb.exe\" -s \"{folder}\\mgr\" -U \"%SYS\" < \"{file}\""
            ),
            None => format!("iris session {} -U %SYS < {}", quoted(instance), quoted(&file)),
        }
    }
}
