//! What `iris qlist` says of an instance.
//!
//! Owns [`Listed`], one line of the list (H7.1), and the question whether that instance can be spoken to.
//! The line is taken apart by `source`, which reads the same output from a file.
//! Invariant: an instance whose state is not known to be `running` is never spoken to, and the answer says
//! what to do about it.

use std::path::PathBuf;

use crate::error::{Error, Kind, quoted};
use crate::model::visible;
use crate::source::qlist;

/// One line of `iris qlist` (H7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Name of the instance, as printed.
    pub name: String,
    /// Folder in which it is installed.
    pub directory: PathBuf,
    /// Version with build.
    pub version: String,
    /// `running, since ...`, `down, last used ...` and others.
    pub state: String,
    /// The CPF with its folder.
    pub configuration_file: PathBuf,
    /// `ok`, `warn`, `alert`, `hung`; none where it is not printed.
    pub health: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Mirror member type; empty is no member.
    pub member_type: Option<String>,
    /// Mirror state.
    pub mirror_state: Option<String>,
    /// Folder of its data, where it is another one than that of the installation.
    pub data_directory: Option<PathBuf>,
}

impl From<qlist::Instance> for Listed {
    fn from(line: qlist::Instance) -> Self {
        Self {
            name: line.name,
            directory: line.directory.into(),
            version: line.version,
            state: line.state,
            configuration_file: line.configuration_file.into(),
            health: line.health,
            product: line.product,
            member_type: line.member_type,
            mirror_state: line.mirror_state,
            data_directory: line.data_directory.map(PathBuf::from),
        }
    }
}

impl Listed {
    /// Why it cannot be spoken to now, where that is so.
    pub(super) fn unfit(&self) -> Option<Error> {
        let name = visible(&self.name);
        let typed = quoted(&name);
        let state = self.state.to_lowercase();
        let hung = self.health.as_deref().is_some_and(|health| health.eq_ignore_ascii_case("hung"));
        let (what, hint) = if state.starts_with("down") {
            ("is down".to_owned(), format!("Start it: `iris start {typed}`."))
        } else if state.starts_with("sign-on inhibited") {
            (
                format!("lets nobody sign on now ({})", visible(&self.state)),
                format!("Wait until it does and look again: `iris qlist {typed}`."),
            )
        } else if !state.starts_with("running") {
            (
                format!("is not running but '{}'", visible(&self.state)),
                format!("Look again: `iris qlist {typed}`."),
            )
        } else if hung {
            (
                "is hung, as it says itself".to_owned(),
                format!("Look at its messages.log, and again at its state: `iris qlist {typed}`."),
            )
        } else {
            return None;
        };
        Some(Error::new(Kind::Down, format!("The instance {name} {what}."), hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(state: &str, health: &str) -> Listed {
        let line = format!("AB^/opt/ab^2024.1.0.262.0^{state}^iris.cpf^1^2^3^{health}^IRIS^^^^\n");
        qlist::parse(&line).unwrap().remove(0).into()
    }

    #[test]
    fn only_a_running_instance_is_spoken_to() {
        assert_eq!(listed("running, since Mon", "ok").unfit(), None);
        assert_eq!(listed("running, since Mon", "").unfit(), None);
        assert_eq!(listed("running, since Mon", "alert").unfit(), None);
        for (state, health, said) in [
            ("down, last used Mon", "", "iris start AB"),
            ("sign-on inhibited:primary transition", "warn", "iris qlist AB"),
            ("starting", "", "iris qlist AB"),
            ("", "", "iris qlist AB"),
            ("running, since Mon", "hung", "iris qlist AB"),
        ] {
            let error = listed(state, health).unfit().unwrap();
            assert_eq!(error.kind, Kind::Down);
            assert!(error.hint.contains(said), "{error}");
        }
    }
}
