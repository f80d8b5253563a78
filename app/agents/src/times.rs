//! How times are written: milliseconds in events and rows, RFC 3339 text in the shapes of specification 004.

use inflight_domain::UnixMillis;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// For `#[serde(with = "times::ms")]`: milliseconds since 1970.
pub mod ms {
    use super::*;

    /// Writes milliseconds.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.0)
    }

    /// Reads milliseconds.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
        i64::deserialize(deserializer).map(UnixMillis)
    }
}

/// For `#[serde(with = "times::ms_option", default, skip_serializing_if = "Option::is_none")]`.
pub mod ms_option {
    use super::*;

    /// Writes milliseconds, or nothing.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &Option<UnixMillis>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.serialize_i64(time.0),
            None => serializer.serialize_none(),
        }
    }

    /// Reads milliseconds, or nothing.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
        Option::<i64>::deserialize(deserializer).map(|time| time.map(UnixMillis))
    }
}

/// For `#[serde(with = "times::rfc3339")]`: text as `2026-11-21T20:30:00Z`.
pub mod rfc3339 {
    use super::*;

    /// Writes RFC 3339 in UTC.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    /// Reads RFC 3339 with any offset.
    ///
    /// # Errors
    /// It is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
        let text = String::deserialize(deserializer)?;
        UnixMillis::parse_rfc3339(&text).ok_or_else(|| D::Error::custom("expected a time as RFC 3339"))
    }
}

/// For `#[serde(with = "times::rfc3339_option", default, skip_serializing_if = "Option::is_none")]`.
pub mod rfc3339_option {
    use super::*;

    /// Writes RFC 3339 in UTC, or nothing.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &Option<UnixMillis>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_none(),
        }
    }

    /// Reads RFC 3339, or nothing.
    ///
    /// # Errors
    /// It is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let time = UnixMillis::parse_rfc3339(&text);
        time.map(Some).ok_or_else(|| D::Error::custom("expected a time as RFC 3339"))
    }
}
