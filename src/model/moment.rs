//! A moment in time, in UTC to the second.
//!
//! Owns [`Moment`]: when a file was written, a bundle sealed, a signature made. Moments come from the
//! file system, from manifests and from the clock, which only the command line reads; the model just
//! compares them.
//! Invariant: written as RFC 3339 in UTC with a `Z`, whatever the machine's time zone is, and read
//! back the same.

use std::borrow::Cow;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A moment in UTC, to the second, in the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment(i64);

/// Seconds since 1970 of 0001-01-01 and 9999-12-31T23:59:59.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl Moment {
    /// From seconds since 1970; none outside the years 1 to 9999.
    pub fn new(seconds: i64) -> Option<Self> {
        RANGE.contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Seconds from the other one to this one.
    pub fn since(self, other: Self) -> i64 {
        self.0 - other.0
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => seconds(after),
            Err(before) => -seconds(before.duration()),
        };
        Self(seconds.clamp(*RANGE.start(), *RANGE.end()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Inside the range both steps succeed.
        let time = OffsetDateTime::from_unix_timestamp(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&time.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let malformed = "a moment such as 2027-01-31T08:15:00Z";
        let time = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| malformed)?;
        let moment = Self::new(time.unix_timestamp()).ok_or(malformed)?;
        // One spelling for each moment: no fraction, no other zone.
        if moment.to_string() == text { Ok(moment) } else { Err(malformed) }
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            "description": "A moment in UTC, to the second."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in RANGE) {
            let moment = Moment::new(seconds).unwrap();
            prop_assert_eq!(Moment::try_from(moment.to_string()), Ok(moment));
        }
    }

    #[test]
    fn there_is_one_spelling() {
        let read = |text: &str| Moment::try_from(text.to_owned()).ok().map(Moment::seconds);
        assert_eq!(read("2026-11-24T08:20:47Z"), Some(1_795_508_447));
        for other in ["2026-11-24T08:20:47+00:00", "2026-11-24T08:20:47.5Z", "2026-11-24", ""] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(Moment::new(i64::MAX), None);
    }
}
