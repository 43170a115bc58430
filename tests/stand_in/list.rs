//! `iris qlist` (H7.1).
//!
//! Owns the line of the scene's instance, made of its configuration and state, and what else is printed.
//! Invariant: as many fields as the behaviour says, in the documented order.

use hsmirror::model::Configuration;

use super::{Stage, hang, print, scene};

impl Stage {
    pub(super) fn list(&mut self, name: Option<&str>) -> i32 {
        let listing = self.behaviour.list.clone();
        if listing.hangs {
            hang();
        }
        let mut lines = listing.before.clone();
        lines.push(self.line(&scene::configuration(&self.folder)));
        lines.extend(listing.after.iter().cloned());
        if let Some(name) = name {
            let own = |line: &String| line.split('^').next().unwrap().eq_ignore_ascii_case(name);
            lines.retain(own);
        }
        let text: String = match listing.instead {
            Some(text) => text,
            None => lines.iter().map(|line| format!("{line}\n")).collect(),
        };
        let text = if listing.windows_line_ends { text.replace('\n', "\r\n") } else { text };
        print(text.as_bytes());
        listing.status
    }

    fn line(&mut self, configuration: &Configuration) -> String {
        let (listing, state) = (self.behaviour.list.clone(), self.state());
        let member = configuration.member.as_ref();
        let install = scene::install(&self.folder).display().to_string();
        let running = if state.down {
            "down, last used Sat Nov 28 23:59:59 2026"
        } else {
            "running, since Sun Nov  8 02:14:37 2026"
        };
        let health = if state.down { "" } else { listing.health.as_deref().unwrap_or("ok") };
        let version = member.and_then(|member| member.version.as_deref());
        let product = member.and_then(|member| member.product.as_deref());
        let all = [
            scene::NAME,
            &install,
            version.unwrap_or("2024.1.2.398.0"),
            listing.state.as_deref().unwrap_or(running),
            "iris.cpf",
            "1972",
            "0",
            "0",
            health,
            product.unwrap_or("IRISHealth"),
            &state.member_type,
            if state.down && !state.member_type.is_empty() { "Down" } else { &state.mirror_state },
            &install,
            "1972",
        ];
        let fields = all.into_iter().take(listing.fields);
        fields.chain(listing.more.iter().map(String::as_str)).collect::<Vec<&str>>().join("^")
    }
}
