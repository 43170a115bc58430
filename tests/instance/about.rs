//! What the instance says of itself (H2.1, H6.1, H7.3).
//!
//! Owns the classes of single-section settings (`Config.MirrorMember`, `Config.Startup`, `Config.Journal`), the
//! mirrors, `$SYSTEM.Util` and `$SYSTEM.Version`: all from section member of its configuration.
//! Invariant: what the configuration does not state has the product's default, or is not set.

use hsmirror::model::Member;

use super::expression::Argument;
use super::place;
use super::script::{Process, Thing};
use super::syntax::Node;
use super::value::{Outcome, Value};

impl Process<'_> {
    fn member(&self) -> Member {
        let nothing = || serde_json::from_str("{}").unwrap();
        self.instance.store.frame.member.clone().unwrap_or_else(nothing)
    }

    /// `Get(.properties)` of a class of single settings; none where it is no such class.
    pub(crate) fn settings(&self, class: &str) -> Option<Vec<(&'static str, String)>> {
        let member = self.member();
        let text = |text: Option<String>| text.unwrap_or_default();
        let all = match class {
            "Config.MirrorMember" => vec![
                ("SystemName", text(member.system_name.map(|name| name.to_string()))),
                ("JoinMirror", text(member.in_mirror.map(|yes| u8::from(yes).to_string()))),
                ("AsyncMemberGUID", String::new()),
            ],
            "Config.Startup" => {
                let sizes = member.block_sizes.map(|sizes| {
                    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
                });
                vec![("DBSizesAllowed", text(sizes))]
            }
            "Config.Journal" => vec![
                ("DaysBeforePurge", text(member.journal_days.map(|days| days.to_string()))),
                ("BackupsBeforePurge", text(member.journal_backups.map(|of| of.to_string()))),
            ],
            _ => return None,
        };
        Some(all.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The properties of a mirror, by its name.
    pub(crate) fn mirror(&self, name: &str) -> Option<Vec<(&'static str, String)>> {
        let mirrors = self.member().mirrors?;
        let mirror = mirrors.iter().find(|mirror| mirror.name.eq_ignore_ascii_case(name))?.clone();
        let all = [
            ("GUID", mirror.guid),
            ("QOSTimeout", mirror.quality_of_service),
            ("UseSSL", mirror.uses_tls),
            ("VirtualAddress", mirror.virtual_address),
            ("ArbiterNode", mirror.arbiter),
        ];
        Some(all.into_iter().filter_map(|(of, value)| Some((of, value?.to_string()))).collect())
    }

    /// The names of its mirrors.
    pub(crate) fn mirrors(&self) -> Vec<Vec<String>> {
        let mirrors = self.member().mirrors;
        let names = mirrors.iter().flat_map(|mirrors| mirrors.iter());
        names.map(|mirror| vec![mirror.name.to_string()]).collect()
    }

    /// The members of a mirror: name, GUID, kind.
    pub(crate) fn peers(&self, mirror: &str) -> Vec<Vec<String>> {
        let peers = self.member().mirror_members;
        let of_it = peers.iter().flat_map(|peers| peers.iter());
        let of_it = of_it.filter(|peer| peer.mirror.eq_ignore_ascii_case(mirror));
        let text =
            |text: &Option<hsmirror::model::Name>| text.as_deref().unwrap_or_default().to_owned();
        of_it.map(|peer| vec![peer.name.to_string(), text(&peer.guid), text(&peer.kind)]).collect()
    }

    /// `##class(Config.CPF).Method()` and the locale.
    pub(crate) fn surroundings(
        &mut self,
        class: &str,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let member = self.member();
        match (class, method, given.len()) {
            ("Config.CPF", "CPFFileNeedsActivation", 0 | 1) => {
                Ok(Value::flag(member.configuration_pending == Some(true)))
            }
            ("%SYS.NLS.Locale", "%New", 0) => {
                let name = member.locale.map_or_else(|| "enuw".to_owned(), |name| name.to_string());
                Ok(self.thing(Thing::Locale(name)))
            }
            _ => self.unknown(node),
        }
    }

    /// `$SYSTEM.Util` and `$SYSTEM.Version`; none where it is not known.
    pub(crate) fn about(&self, class: &str, method: &str) -> Option<Value> {
        let member = self.member();
        let install = place::normalised(&self.instance.install);
        Some(match (class, method) {
            ("Util", "InstallDirectory" | "DataDirectory") => Value::Text(install),
            ("Util", "ManagerDirectory") => Value::Text(format!("{install}mgr/")),
            ("Util", "BinaryDirectory") => Value::Text(format!("{install}bin/")),
            ("Version", "GetOS") => Value::of("UNIX"),
            ("Version", "IsBigEndian") => Value::flag(member.big_endian == Some(true)),
            ("Version", "IsUnicode") => Value::flag(member.unicode != Some(false)),
            ("Version", "GetNumber") => Value::of("2024.1.2"),
            _ => return None,
        })
    }
}
