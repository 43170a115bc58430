//! The HSSYS database as files.
//!
//! Owns the names that its files have on a member (H6.5), the making of a copy on the primary (`away`) and
//! the reading of one (`copy`).
//! `export` seals the copy, `restore` puts it into its place on the member.
//! Invariant: the names of the product stand here and nowhere else; a set of files is whole or refused.

#[cfg(unix)]
pub mod away;
mod copy;

pub use crate::bundle::database_file as file;
pub use crate::model::HSSYS as NAME;
pub use copy::Copy;

/// The file that says that a database in this folder is in use, or was not closed cleanly (H6.5).
pub const LOCK: &str = "iris.lck";
/// What comes before the name of the primary's copy, as the vendor's utility names it (H1.3).
pub const COPIED: &str = "COPY_";
/// What comes before the name of the old database, as the vendor's utility names it (H1.3).
pub const OLD: &str = "OLD_";

/// The number of the file that has this name; none where it is no file of the database.
pub fn number(name: &str) -> Option<usize> {
    if name == file(0) {
        return Some(0);
    }
    let digits = name.strip_prefix("IRIS-")?.strip_suffix(".VOL")?;
    let number = digits.parse().ok()?;
    (number > 0 && name == file(number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_number_are_one() {
        for count in [0, 1, 42, 999, 9999] {
            assert_eq!(number(&file(count)), Some(count));
        }
        for name in ["IRIS-0000.VOL", "IRIS-1.VOL", "IRIS-+001.VOL", "iris.dat", "IRIS-0001.vol"] {
            assert_eq!(number(name), None, "{name}");
        }
    }
}
