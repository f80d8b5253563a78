//! A value of any shape that owns what it holds: rows as they came, for who shows them rather than reckons with them.

use crate::unpack::Value;
use inflight_domain::{UnixMillis, math};

/// A value, as JSON knows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Datum {
    /// Nothing.
    #[default]
    Nil,
    /// Truth.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Self>),
    /// Named values in order.
    Map(Vec<(String, Self)>),
}

/// What is read of a member that is not there.
const NIL: Datum = Datum::Nil;

impl Datum {
    /// The value that was unpacked; bytes are nothing, for no row has any.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Nil | Value::Bytes(_) => Self::Nil,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Integer(number) => Self::Integer(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Text(text) => Self::Text((*text).to_owned()),
            Value::Array(values) => Self::List(values.iter().map(Self::of).collect()),
            Value::Map(members) => {
                Self::Map(members.iter().map(|(name, value)| ((*name).to_owned(), Self::of(value))).collect())
            }
        }
    }

    /// A member of a map; nothing where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &Self {
        let Self::Map(members) = self else { return &NIL };
        members.iter().find(|(own, _)| own == name).map_or(&NIL, |(_, value)| value)
    }

    /// The values of a list; none of anything else.
    #[must_use]
    pub fn list(&self) -> &[Self] {
        if let Self::List(values) = self { values } else { &[] }
    }

    /// The text of a member; empty where it is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        if let Self::Text(text) = self.get(name) { text } else { "" }
    }

    /// A number, whole or not.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A member as a whole number, to the nearest.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).number().map(|number| math::scaled(number, 1.0))
    }

    /// A member that is a moment in seconds since 1970.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<UnixMillis> {
        self.get(name).number().map(|seconds| UnixMillis(math::scaled(seconds, 1000.0)))
    }

    /// Whether a member is true.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        *self.get(name) == Self::Bool(true)
    }

    /// What the rows of the `system` topic call this one: its kind, and what tells it from others of the kind.
    #[must_use]
    pub fn row_key(&self) -> String {
        let kind = self.text("kind");
        let own = ["name", "reason", "code"].map(|member| self.text(member));
        match (own.into_iter().find(|text| !text.is_empty()), self.integer("place")) {
            (Some(own), _) => format!("{kind}/{own}"),
            (None, Some(place)) => format!("{kind}/{place}"),
            (None, None) => kind.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::system::{DropsRow, HistoryRow};
    use inflight_domain::{DeadLetter, DropReason, SourceRow, SourceState, SystemRow};

    #[test]
    fn keys_are_those_of_the_typed_rows() {
        let letter = DeadLetter {
            at: UnixMillis(1500),
            source: "replay".to_owned(),
            reason: DropReason::NotJson,
            detail: "no".to_owned(),
            line: 3,
            excerpt: "{".to_owned(),
        };
        let source = SourceRow {
            name: "replay".to_owned(),
            number: 0,
            state: SourceState::Degraded,
            code: "http_503".to_owned(),
            retry_at: None,
            newest_poll: Some(UnixMillis(1_700_000_000_500)),
            poll_interval_s: 2.5,
            polls: 4,
            credits_remaining: None,
            replay: None,
        };
        for row in [
            SystemRow::Source(source),
            SystemRow::Drops(DropsRow { reason: DropReason::NotJson, count: 2 }),
            SystemRow::DeadLetter(inflight_domain::system::DeadLetterRow { place: 7, letter }),
            SystemRow::History(HistoryRow { from: UnixMillis(0), to: UnixMillis(1), raw_bytes: 5 }),
        ] {
            let bytes = crate::Format::Msgpack.encode(&row);
            let datum = Datum::of(&crate::unpack::unpack(&bytes).unwrap());
            assert_eq!(datum.row_key(), row.key());
            if let SystemRow::Source(source) = row {
                assert_eq!(datum.time("newest_poll"), source.newest_poll);
                assert_eq!(datum.get("poll_interval_s").number(), Some(2.5));
                assert_eq!((datum.integer("polls"), datum.time("retry_at")), (Some(4), None));
            }
        }
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        assert_eq!(Datum::Nil.get("a").get("b"), &Datum::Nil);
        assert_eq!((Datum::Nil.text("a"), Datum::Nil.list(), Datum::Nil.is("a")), ("", &[][..], false));
    }
}
