//! What is run: the product's programs with their arguments.
//!
//! Owns the argument vectors of a list, a session and a merge on either system (H7.1, H7.2, H3.1). They go
//! to the operating system as they are: no shell sees them, so nothing in a name or path has to be escaped.
//! On Windows a session is `irisdb.exe` of the instance itself, since `iris terminal` opens a window.
//! Invariant: the first is an absolute path, and no argument holds a script or a secret.

use std::ffi::OsString;
use std::path::Path;

use super::listed::Listed;

/// The kind of operating system; both are asked for in tests on either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Linux, AIX, macOS.
    Unix,
    /// Windows.
    Windows,
}

impl System {
    /// This one.
    pub(super) const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Lists the instances.
pub(super) fn list(program: &Path) -> Vec<OsString> {
    vec![program.into(), "qlist".into()]
}

/// Opens a session in `%SYS` that reads its commands from standard input (H7.2).
pub(super) fn session(system: System, program: &Path, listed: &Listed) -> Vec<OsString> {
    match system {
        System::Unix => {
            let words = ["session", &listed.name, "-U", "%SYS"].map(OsString::from);
            [vec![program.into()], words.to_vec()].concat()
        }
        System::Windows => {
            // Spelled by hand: on another system a path of Windows has no parts.
            let inside = |below: &str| {
                let mut path = listed.directory.clone().into_os_string();
                if !path.to_string_lossy().ends_with(['\\', '/']) {
                    path.push("\\");
                }
                path.push(below);
                path
            };
            let flags = ["-U", "%SYS"].map(OsString::from);
            let start = vec![inside("bin\\irisdb.exe"), "-s".into(), inside("mgr")];
            [start, flags.to_vec()].concat()
        }
    }
}

/// Merges a file into the CPF of an instance, both by absolute path (H3.1).
pub(super) fn merge(program: &Path, listed: &Listed, file: &Path) -> Vec<OsString> {
    let name = OsString::from(&listed.name);
    let cpf = listed.configuration_file.clone();
    vec![program.into(), "merge".into(), name, file.into(), cpf.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, directory: &str) -> Listed {
        let separator = if directory.contains('\\') { '\\' } else { '/' };
        Listed {
            name: name.to_owned(),
            directory: directory.into(),
            version: "2024.1".to_owned(),
            state: "running".to_owned(),
            configuration_file: format!("{directory}{separator}iris.cpf").into(),
            health: None,
            product: None,
            member_type: None,
            mirror_state: None,
            data_directory: None,
        }
    }

    #[test]
    fn on_unix_a_session_is_the_command_itself() {
        let found = session(System::Unix, Path::new("/usr/bin/iris"), &listed("A;B", "/opt/a b"));
        assert_eq!(found, ["/usr/bin/iris", "session", "A;B", "-U", "%SYS"]);
    }

    #[test]
    fn on_windows_a_session_is_the_program_of_the_instance() {
        for directory in ["C:\\Inter Systems\\IRIS", "C:\\Inter Systems\\IRIS\\"] {
            let listed = listed("IRIS", directory);
            let found = session(System::Windows, Path::new("D:\\other\\iris.exe"), &listed);
            let program = "C:\\Inter Systems\\IRIS\\bin\\irisdb.exe";
            let folder = "C:\\Inter Systems\\IRIS\\mgr";
            assert_eq!(found, [program, "-s", folder, "-U", "%SYS"]);
        }
    }

    #[test]
    fn a_merge_names_both_files() {
        let found = merge(Path::new("/usr/bin/iris"), &listed("AB", "/opt/ab"), Path::new("/m/x"));
        assert_eq!(found, ["/usr/bin/iris", "merge", "AB", "/m/x", "/opt/ab/iris.cpf"]);
    }
}
