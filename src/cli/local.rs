//! The surroundings of the local instance.
//!
//! Owns the allow-list of what the product's programs are told of the environment.
//! Invariant: a child gets these names and no others.

use crate::instance::Surroundings;

/// Names that a child gets.
const NAMES: [&str; 6] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ"];

/// What the product's programs are told.
pub(super) fn surroundings() -> Surroundings {
    let value = |name: &str| Some((name.into(), std::env::var_os(name)?));
    let path = std::env::var_os("PATH").unwrap_or_default();
    Surroundings {
        environment: NAMES.into_iter().filter_map(value).collect(),
        path: std::env::split_paths(&path).collect(),
    }
}
