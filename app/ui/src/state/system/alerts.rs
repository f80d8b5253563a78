//! Alerts: what the server says needs a person, and what can be seen to need one from the sources alone.

use crate::state::system::table::SystemTable;
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// How much an alert matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Good to know.
    Info,
    /// Look when there is time.
    Attention,
    /// Something is broken.
    Alarm,
}

/// One alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// A code that can be searched.
    pub code: String,
    /// How much it matters.
    pub level: Level,
    /// A sentence of the server.
    pub text: String,
    /// What was measured, and from where on it matters.
    pub measured: Option<(f64, f64)>,
    /// Since when.
    pub since: Option<UnixMillis>,
    /// Until when, once it has ended.
    pub ended: Option<UnixMillis>,
}

impl Level {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Attention => "attention",
            Self::Alarm => "alarm",
        }
    }

    fn parse(name: &str) -> Self {
        [Self::Info, Self::Alarm].into_iter().find(|level| level.name() == name).unwrap_or(Self::Attention)
    }
}

impl Alert {
    /// The series whose unit its measure has; none where it is a count.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self.code.as_str() {
            "tick_slow" => "tick_p95_ms",
            "cpu_high" | "memory_high" => "cpu_pct",
            "disk_low" | "disk_full" => "memory_bytes",
            _ => "",
        }
    }

    fn read(row: &Datum) -> Self {
        Self {
            code: row.text("code").to_owned(),
            level: Level::parse(row.text("level")),
            text: row.text("text").to_owned(),
            measured: row.get("value").number().zip(row.get("threshold").number()),
            since: row.time("since"),
            ended: row.time("ended"),
        }
    }
}

/// All alerts: the open ones first, of these the gravest, then the newest.
#[must_use]
pub fn alerts(table: &SystemTable) -> Vec<Alert> {
    let mut all: Vec<Alert> = table.kind("alert").map(Alert::read).collect();
    all.sort_by_key(|alert| {
        let newest = alert.ended.or(alert.since).unwrap_or_default();
        (alert.ended.is_some(), alert.ended.is_none().then_some(core::cmp::Reverse(alert.level)), -newest.0)
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_wire::frame::SnapshotHeader;
    use inflight_wire::{Header, RowsFrame};

    fn row(code: &str, level: &str, since: i64, ended: Option<i64>) -> Datum {
        let text = |text: &str| Datum::Text(text.to_owned());
        let members = [
            ("kind", text("alert")),
            ("code", text(code)),
            ("level", text(level)),
            ("since", Datum::Integer(since)),
            ("ended", ended.map_or(Datum::Nil, Datum::Integer)),
            ("value", Datum::Float(2.5)),
            ("threshold", Datum::Integer(2)),
        ];
        Datum::Map(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    #[test]
    fn open_ones_come_first_and_the_gravest_of_them() {
        let header = SnapshotHeader {
            epoch: inflight_domain::Epoch(1),
            cut: inflight_domain::Cut(1),
            part: 0,
            parts: 1,
            stream_ms: 0,
            rate: 1.0,
        };
        let updated = vec![
            row("over", "alarm", 9, Some(10)),
            row("old", "attention", 1, None),
            row("new", "attention", 5, None),
            row("worst", "alarm", 2, None),
        ];
        let header = Header::Snapshot(header);
        let mut table = SystemTable::default();
        table.take(RowsFrame { header, updated, removed: Vec::new(), entries: Vec::new(), lost: 0 }, 0.0);
        let alerts = alerts(&table);
        let codes: Vec<&str> = alerts.iter().map(|alert| alert.code.as_str()).collect();
        assert_eq!(codes, ["worst", "new", "old", "over"]);
        assert_eq!(alerts[0].measured, Some((2.5, 2.0)));
        assert_eq!(alerts[0].since, Some(UnixMillis(2000)));
    }
}
