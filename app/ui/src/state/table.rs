//! The table: which columns, in which order, and which slice of the rows stands on the screen.

use crate::state::board::is_alarm;
use core::ops::Range;
use inflight_domain::aircraft::Field;
use inflight_domain::{Aircraft, Icao24};
use inflight_globe::order::rising;

/// A column of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Callsign.
    #[default]
    Callsign,
    /// Address in hex.
    Hex,
    /// Type designator.
    Type,
    /// Barometric altitude.
    Altitude,
    /// Speed over ground.
    Speed,
    /// Vertical rate.
    VerticalRate,
    /// Track over ground.
    Track,
    /// Transponder code.
    Squawk,
    /// Time since the last contact.
    Age,
}

/// Column and direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// What is sorted by.
    pub column: Column,
    /// From high to low.
    pub descending: bool,
}

impl Column {
    /// All columns from left to right.
    pub const ALL: [Self; 9] = [
        Self::Callsign,
        Self::Hex,
        Self::Type,
        Self::Altitude,
        Self::Speed,
        Self::VerticalRate,
        Self::Track,
        Self::Squawk,
        Self::Age,
    ];

    /// The name in the query string.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Callsign => "callsign",
            Self::Hex => "hex",
            Self::Type => "type",
            Self::Altitude => "altitude",
            Self::Speed => "speed",
            Self::VerticalRate => "vertical_rate",
            Self::Track => "track",
            Self::Squawk => "squawk",
            Self::Age => "age",
        }
    }

    /// Whether it holds numbers and stands to the right.
    #[must_use]
    pub fn is_number(self) -> bool {
        !matches!(self, Self::Callsign | Self::Hex | Self::Type)
    }

    /// The value that is compared; none sorts last in both directions.
    fn key(self, aircraft: &Aircraft) -> Option<i64> {
        match self {
            Self::Callsign => aircraft.get(Field::Callsign),
            Self::Hex => Some(i64::from(aircraft.icao24.get())),
            Self::Type => aircraft.get(Field::TypeCode),
            Self::Altitude => aircraft.get(Field::Altitude),
            Self::Speed => aircraft.get(Field::Speed),
            Self::VerticalRate => aircraft.get(Field::VerticalRate),
            Self::Track => aircraft.get(Field::Track),
            Self::Squawk => aircraft.get(Field::Squawk),
            Self::Age => Some(-aircraft.last_contact().0),
        }
    }
}

impl Sort {
    /// The order after a press on a header: the other direction, or the new column's natural one.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        let descending = if self.column == column {
            !self.descending
        } else {
            matches!(column, Column::Altitude | Column::Speed | Column::VerticalRate)
        };
        Self { column, descending }
    }

    /// What `aria-sort` says for a column.
    #[must_use]
    pub fn aria(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// Reads `altitude` or `altitude-desc`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, descending) = match text.strip_suffix("-desc") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let column = Column::ALL.into_iter().find(|column| column.name() == name)?;
        Some(Self { column, descending })
    }

    /// The text for the query string.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}{}", self.column.name(), if self.descending { "-desc" } else { "" })
    }
}

/// The addresses of all aircraft in order, those that call for help first; ties are broken by address so that rows
/// do not dance.
#[must_use]
pub fn ordered<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, sort: Sort) -> Vec<Icao24> {
    let rows: Vec<&Aircraft> = aircraft.collect();
    let by_address: Vec<u32> = rising(rows.iter().map(|row| u64::from(row.icao24.get())));
    let rank = |place: &u32| {
        let row = rows[*place as usize];
        match sort.column.key(row) {
            _ if is_alarm(row) => 0,
            None => u64::MAX,
            // Alarms are before all values, what is not known behind them.
            Some(value) => {
                let value = if sort.descending { -value } else { value };
                (value as u64 ^ 1 << 63).clamp(1, u64::MAX - 1)
            }
        }
    };
    let order = rising(by_address.iter().map(rank));
    order.into_iter().map(|place| rows[by_address[place as usize] as usize].icao24).collect()
}

/// Rows that stand on the screen, with a few more on either side.
#[must_use]
pub fn window(scroll_px: f64, height_px: f64, row_px: f64, rows: usize, spare: usize) -> Range<usize> {
    let row_px = row_px.max(1.0);
    let first = (scroll_px.max(0.0) / row_px) as usize;
    let shown = (height_px.max(0.0) / row_px).ceil() as usize + 1;
    let end = (first + shown + spare).min(rows);
    first.saturating_sub(spare).min(end)..end
}

/// The row index after a key of the table, none if the key is not one.
#[must_use]
pub fn moved(current: Option<usize>, key: &str, page: usize, rows: usize) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    let target = match (key, current) {
        ("Home", _) | ("ArrowDown" | "PageDown", None) => 0,
        ("End", _) | ("ArrowUp" | "PageUp", None) => last,
        ("ArrowDown", Some(row)) => row + 1,
        ("ArrowUp", Some(row)) => row.saturating_sub(1),
        ("PageDown", Some(row)) => row + page,
        ("PageUp", Some(row)) => row.saturating_sub(page),
        _ => return None,
    };
    Some(target.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;
    use inflight_domain::aircraft::UNKNOWN;
    use proptest::prelude::*;

    #[test]
    fn unknown_values_stand_last_in_both_directions() {
        let rows = [
            aircraft("000003", Some("CCC"), 0.0, 0.0).with(Field::Altitude, 100).build(),
            aircraft("000001", None, 0.0, 0.0).with(Field::Altitude, UNKNOWN).build(),
            aircraft("000002", Some("AAA"), 0.0, 0.0).with(Field::Altitude, 900).build(),
            aircraft("000004", Some("BBB"), 0.0, 0.0).with(Field::Altitude, 100).build(),
        ];
        let check = |text: &str, expected: [u32; 4]| {
            let order = ordered(rows.iter(), Sort::parse(text).unwrap());
            assert_eq!(order.iter().map(|icao24| icao24.get()).collect::<Vec<_>>(), expected, "{text}");
        };
        check("callsign", [2, 4, 3, 1]);
        check("callsign-desc", [3, 4, 2, 1]);
        check("altitude", [3, 4, 2, 1]);
        check("altitude-desc", [2, 3, 4, 1]);
        check("hex", [1, 2, 3, 4]);
        let calls = aircraft("000009", None, 0.0, 0.0).with(Field::Squawk, 0o7600).build();
        let order = ordered(rows.iter().chain([&calls]), Sort::parse("altitude-desc").unwrap());
        assert_eq!(order[0], calls.icao24);
    }

    #[test]
    fn headers_turn_the_order() {
        let sort = Sort::default().pressed(Column::Altitude);
        assert_eq!((sort.text().as_str(), sort.aria(Column::Altitude)), ("altitude-desc", "descending"));
        let turned = sort.pressed(Column::Altitude);
        assert_eq!((turned.text().as_str(), turned.aria(Column::Hex)), ("altitude", "none"));
        assert_eq!(Sort::parse("height"), None);
    }

    #[test]
    fn keys_move_within_the_table() {
        for (current, key, expected) in [
            (None, "ArrowDown", Some(0)),
            (Some(0), "ArrowUp", Some(0)),
            (Some(3), "PageDown", Some(9)),
            (Some(95), "PageDown", Some(99)),
            (Some(5), "End", Some(99)),
            (Some(5), "x", None),
        ] {
            assert_eq!(moved(current, key, 6, 100), expected, "{key}");
        }
        assert_eq!(moved(None, "Home", 6, 0), None);
    }

    proptest! {
        #[test]
        fn the_window_covers_what_is_seen(scroll in 0.0..1e6_f64, height in 0.0..4000.0_f64, rows in 0..20_000_usize) {
            let range = window(scroll, height, 32.0, rows, 4);
            prop_assert!(range.start <= range.end && range.end <= rows);
            let (first, last) = ((scroll / 32.0) as usize, ((scroll + height) / 32.0) as usize);
            for row in [first, last].into_iter().filter(|row| *row < rows) {
                prop_assert!(range.contains(&row));
            }
            prop_assert!(range.len() <= (height / 32.0) as usize + 11);
        }
    }
}
