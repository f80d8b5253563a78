//! Names of things: aircraft addresses, callsigns, squawks, and places in the protocol.

use core::fmt;
use serde::{Deserialize, Serialize, Serializer};
use std::sync::Arc;

/// A 24-bit ICAO aircraft address, shown as six lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Icao24(u32);

/// One to eight printable ASCII characters without trailing blanks: a callsign, a type, a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortText([u8; 8]);

/// An aircraft's callsign.
pub type Callsign = ShortText;

/// A transponder code: four octal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Squawk(u16);

/// A row's number in a packed table; stable for as long as the row lives in this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot(pub u32);

/// One life of a World. Cuts of different epochs cannot be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// A version of a World within its epoch; the only position that a client holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cut(pub u64);

/// Name of a user: 1 to 128 printable characters without blanks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// The name, if it is one.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let plain = |c: char| !c.is_control() && !c.is_whitespace();
        ((1..=128).contains(&name.chars().count()) && name.chars().all(plain)).then(|| Self(name.into()))
    }

    /// Who has no name.
    #[must_use]
    pub fn anonymous() -> Self {
        Self("anonymous".into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Icao24 {
    /// The address, if it fits into 24 bits.
    #[must_use]
    pub fn new(address: u32) -> Option<Self> {
        (address <= 0x00ff_ffff).then_some(Self(address))
    }

    /// Reads exactly six hex digits of either case; blanks around them are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok().map(Self)
    }

    /// The address as a number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Icao24 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06x}", self.0)
    }
}

impl ShortText {
    /// Trims blanks; none if nothing remains, if it is longer than eight or not printable ASCII.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim().as_bytes();
        let legal =
            (1..=8).contains(&trimmed.len()) && trimmed.iter().all(|byte| (0x20..0x7f).contains(byte));
        legal.then(|| {
            let mut padded = [b' '; 8];
            padded[..trimmed.len()].copy_from_slice(trimmed);
            Self(padded)
        })
    }

    /// The text without padding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }

    /// The eight padded bytes as a big-endian number; below 2^63, because the bytes are ASCII.
    #[must_use]
    pub fn to_number(self) -> i64 {
        i64::from_be_bytes(self.0)
    }

    /// The text that [`ShortText::to_number`] made.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        let bytes = number.to_be_bytes();
        core::str::from_utf8(&bytes).ok().and_then(Self::parse).filter(|parsed| parsed.0 == bytes)
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Squawk {
    /// Reads four octal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 4 || !text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
            return None;
        }
        u16::from_str_radix(text, 8).ok().map(Self)
    }

    /// The code, if it is at most 0o7777.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        (number <= 0o7777).then_some(Self(number))
    }

    /// The code as a number (7700 is 0o7700).
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }

    /// Whether the code calls for help: 7500 (hijack), 7600 (radio failure), 7700 (emergency).
    #[must_use]
    pub fn is_emergency(self) -> bool {
        matches!(self.0, 0o7500 | 0o7600 | 0o7700)
    }
}

impl fmt::Display for Squawk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl Cut {
    /// The cut after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("a13f1c", Some("a13f1c")),
            (" A13F1C ", Some("a13f1c")),
            ("emerg001", None),
            ("nulltest", None),
            ("+13f1c", None),
            ("a13f1", None),
            ("", None),
        ] {
            assert_eq!(Icao24::parse(text).map(|id| id.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn callsigns() {
        for (text, expected) in
            [("UAL123  ", Some("UAL123")), ("        ", None), ("TOOLONGNAME", None), ("É1", None)]
        {
            assert_eq!(Callsign::parse(text).as_ref().map(Callsign::as_str), expected, "{text}");
        }
        let callsign = Callsign::parse("DAL45").unwrap();
        assert_eq!(Callsign::from_number(callsign.to_number()), Some(callsign));
        assert_eq!(Callsign::from_number(-1), None);
    }

    #[test]
    fn squawks() {
        for (text, expected) in [("7700", Some("7700")), ("0012", Some("0012")), ("7800", None), ("12", None)]
        {
            assert_eq!(Squawk::parse(text).map(|code| code.to_string()).as_deref(), expected, "{text}");
        }
        assert!(Squawk::parse("7700").unwrap().is_emergency());
    }
}
