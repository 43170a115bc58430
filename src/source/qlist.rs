//! What `iris qlist` printed: the instances of a host, one line each.
//!
//! The text comes from a file an administrator saved; the result tells which instance a side of a
//! comparison is, its version, and its place in the mirror. A bare `iris qlist` lists every
//! instance of the host; which of them is meant is for the caller to decide.
//!
//! Older products print fewer fields, newer ones have only ever added at the end (H7.1): eight must
//! be there, and what comes after the thirteenth is not looked at.
//!
//! Invariant: a line becomes one whole [`Instance`] or an error. A `^` in a directory would move
//! all later fields, so a version that cannot be one is refused, not passed on.

/// One instance, as the product describes it (H7.1). A field left empty is `None`, or empty where
/// every product version has the field or where that says something; ports are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Upper case as printed; compared without regard to case.
    pub(crate) name: String,
    /// Folder in which it is installed.
    pub(crate) directory: String,
    /// Version with build, such as `2021.1.0.215.0`; not the release's marketing name.
    pub(crate) version: String,
    /// `running, since <date>`, `down, last used <date>`, `sign-on inhibited...` and others.
    pub(crate) state: String,
    /// Path of the configuration file.
    pub(crate) configuration_file: String,
    /// `ok`, `warn`, `alert`, `hung`; absent on Windows, where it is down, and in older products.
    pub(crate) health: Option<String>,
    /// `IRIS`, `IRISHealth`, ...; absent in older products.
    pub(crate) product: Option<String>,
    /// `Failover`, `Disaster Recovery`, ...; printed empty by an instance that is in no mirror, not
    /// printed at all by older products.
    pub(crate) member_type: Option<String>,
    /// `Primary`, `Connected`, ...; likewise.
    pub(crate) mirror_state: Option<String>,
    /// Folder of the data; absent in older products.
    pub(crate) data_directory: Option<String>,
    /// Line in the text, from 1.
    pub(crate) line: usize,
}

/// Why a line is not an instance. The reason never repeats what the line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Line in the text, from 1.
    pub(crate) line: usize,
    /// What is wrong with it, in words of this module.
    pub(crate) reason: String,
}

/// Fields of a line of today, up to the data directory (H7.1).
const ALL_FIELDS: usize = 13;

/// Reads all lines; blank ones, a byte order mark and either kind of line end are allowed. A text
/// without lines is a host without instances.
///
/// # Errors
/// [`Malformed`] for a last line that is cut short, or for the first line with fewer than eight fields, without a name or directory, or
/// with a third field that is neither empty nor a version.
pub(crate) fn parse(text: &str) -> Result<Vec<Instance>, Malformed> {
    let instances: Result<Vec<Instance>, Malformed> =
        lines(text).map(|(line, text)| instance(line, text)).collect();
    let instances = instances?;
    // A last line that does not end and lacks fields of today is one whose rest is missing.
    if let Some((line, fields)) = lines(text).last()
        && !text.ends_with('\n')
        && is_cut_short(fields)
    {
        let reason = "the line ends before its last field does, so it is cut short".to_owned();
        return Err(Malformed { line, reason });
    }
    Ok(instances)
}

/// Whether a line that does not end lacks fields of today, or ends within the data directory, which mostly
/// is the install directory.
fn is_cut_short(line: &str) -> bool {
    let fields: Vec<&str> = line.split('^').collect();
    let (directory, last) = (fields.get(1).copied(), fields.last().copied());
    let within = directory
        .zip(last)
        .is_some_and(|(whole, part)| whole.len() > part.len() && whole.starts_with(part));
    fields.len() < ALL_FIELDS || fields.len() == ALL_FIELDS && within
}

/// Whether a text is worth giving to [`parse`]: judged by its first line that is not blank.
#[must_use]
pub(crate) fn looks_like(text: &str) -> bool {
    lines(text).next().is_some_and(|(_, first)| {
        first.matches('^').count() >= 7 && first.split('^').nth(2).is_some_and(is_version)
    })
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let numbered = (1..).zip(text.lines());
    numbered.filter(|(_, line)| !line.trim().is_empty())
}

fn instance(line: usize, text: &str) -> Result<Instance, Malformed> {
    let refuse = |reason: &str| Malformed { line, reason: reason.to_owned() };
    let fields: Vec<&str> = text.split('^').map(str::trim).collect();
    let [name, directory, version, state, file, _, _, _, rest @ ..] = fields.as_slice() else {
        let count = fields.len();
        return Err(refuse(&format!(
            "{count} fields separated by ^, where iris qlist prints 8 or more"
        )));
    };
    if name.is_empty() || directory.is_empty() {
        return Err(refuse("the instance has no name or no directory"));
    }
    if !version.is_empty() && !is_version(version) {
        return Err(refuse("the third field is not a version"));
    }
    let optional = |index: usize| {
        let field = rest.get(index).filter(|field| !field.is_empty())?;
        Some((*field).to_owned())
    };
    let printed = |index: usize| rest.get(index).map(|field| (*field).to_owned());
    Ok(Instance {
        name: (*name).to_owned(),
        directory: (*directory).to_owned(),
        version: (*version).to_owned(),
        state: (*state).to_owned(),
        configuration_file: absolute(file, optional(4).as_deref().unwrap_or(directory)),
        health: optional(0),
        product: optional(1),
        member_type: printed(2),
        mirror_state: printed(3),
        data_directory: optional(4),
        line,
    })
}

/// The configuration file with its folder: Windows prints it so, elsewhere it lies in the data directory
/// where that is another one than the install directory (H2.1, H7.1).
fn absolute(file: &str, folder: &str) -> String {
    let is_absolute = file.contains(['/', '\\', ':']);
    if file.is_empty() || is_absolute {
        return file.to_owned();
    }
    let separator = if folder.contains('\\') { '\\' } else { '/' };
    format!("{}{separator}{file}", folder.trim_end_matches(['/', '\\']))
}

/// Digits and dots; letters too, since public images are tagged `2019.1.0S.111.0`.
fn is_version(field: &str) -> bool {
    let field = field.trim();
    let allowed = |c: char| c == '.' || c.is_ascii_alphanumeric();
    field.starts_with(|c: char| c.is_ascii_digit())
        && field.contains('.')
        && field.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// A line's fields, 8 to 16 of them, with what separates it from the next line.
    fn line() -> impl Strategy<Value = (Vec<String>, &'static str)> {
        let end = prop::sample::select(vec!["\n", "\r\n", "\r\n\r\n", "\n \t\n"]);
        let start = ("[A-Z][A-Z0-9]{0,8}", "/[a-z /]{0,9}[a-z]", "2[0-9]{3}(\\.[0-9]{1,3}){1,5}");
        let fields = (start, vec("([!-\\]_-~é]([ -\\]_-~]{0,9}[!-\\]_-~])?)?", 5..14));
        (fields.prop_map(|((a, b, c), rest)| [vec![a, b, c], rest].concat()), end)
    }

    proptest! {
        #[test]
        fn every_field_is_found_again(lines in vec(line(), 0..5), mark in any::<bool>()) {
            let bodies = lines.iter().map(|(fields, end)| fields.join("^") + end);
            let text = if mark { "\u{FEFF}" } else { "" }.to_owned() + &bodies.collect::<String>();
            let found = parse(&text).unwrap();
            prop_assert_eq!(found.len(), lines.len());
            prop_assert_eq!(looks_like(&text), !lines.is_empty());
            for (instance, (fields, _)) in found.iter().zip(&lines) {
                let field = |n: usize| fields.get(n - 1).cloned();
                let optional = |n| field(n).filter(|field| !field.is_empty());
                prop_assert_eq!(&instance.name, &fields[0]);
                prop_assert_eq!(&instance.version, &fields[2]);
                prop_assert_eq!(&instance.state, &fields[3]);
                prop_assert_eq!(&instance.directory, &fields[1]);
                prop_assert_eq!(&instance.health, &optional(9));
                prop_assert_eq!(&instance.product, &optional(10));
                prop_assert_eq!(&instance.member_type, &field(11));
                prop_assert_eq!(&instance.mirror_state, &field(12));
                prop_assert_eq!(&instance.data_directory, &optional(13));
                let shown = text.lines().nth(instance.line - 1).unwrap();
                prop_assert!(shown.ends_with(&fields.join("^")));
            }
        }

        #[test]
        fn no_text_panics_or_is_quoted(text in "(zqx|[0-9.^]|\\PC|\r?\n){0,60}") {
            let _ = looks_like(&text);
            if let Err(error) = parse(&text) {
                prop_assert!((1..=text.lines().count()).contains(&error.line));
                prop_assert!(!error.reason.contains("zqx"));
            }
        }
    }

    #[test]
    fn products_of_all_ages() {
        assert!(parse("AB^/a/^^incomplete^^^^\n").is_ok());
        assert!(parse("AB^/a/^^incomplete^^^^").is_err());
        let head =
            "AB^/opt/ab/^2022.1.0.209.0^running, since Mon Jan  2 03:04:05 2023^iris.cpf^1^2^3";
        for (tail, product, member) in [
            ("", None, None),
            ("^", None, None),
            ("^ok^", None, None),
            ("^^IRIS^^^/data/", Some("IRIS"), Some("")),
            ("^ok^IRISHealth^Failover^Primary", Some("IRISHealth"), Some("Failover")),
            (
                "^ok^IRIS ^ Disaster Recovery^Connected^/d/^1",
                Some("IRIS"),
                Some("Disaster Recovery"),
            ),
        ] {
            let found = parse(&format!("{head}{tail}\r\n")).unwrap();
            assert_eq!(found.len(), 1);
            let one = &found[0];
            assert_eq!(one.product.as_deref(), product);
            assert_eq!(one.member_type.as_deref(), member);
            assert_eq!(one.state, "running, since Mon Jan  2 03:04:05 2023");
        }
    }

    #[test]
    fn what_is_not_an_instance() {
        let moved = "AB^/opt/a^b/^2022.1.0.209.0^down^iris.cpf^1^2^3";
        for (line, text) in [
            (1, "AB^/opt/ab/^2022.1^down"),
            (2, moved),
            (1, "^/opt^2022.1^^^^^"),
            (3, "AB^^2022.1^^^^^"),
            (1, "[Startup]"),
        ] {
            let text = "\n".repeat(line - 1) + text;
            assert_eq!(parse(&text).map_err(|error| error.line), Err(line));
        }
        assert!(
            !looks_like(moved)
                && !looks_like("")
                && looks_like("\n\nAB^/a/^2019.1.0S.111.0^down^iris.cpf^1^2^3")
        );
    }
}
