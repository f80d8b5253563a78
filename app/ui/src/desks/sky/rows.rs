//! Rows of the table as they stand on the screen.

use crate::client::Client;
use crate::desk::Desk;
use crate::state::table::Column;
use crate::text::{Reading, Text, read};
use core::ops::Range;
use inflight_domain::Icao24;
use leptos::prelude::*;
use std::rc::Rc;

/// Where a row begins and its cells, in the order of the columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowView {
    /// Which aircraft.
    pub icao24: Option<Icao24>,
    /// Place in the whole table, from 0.
    pub index: usize,
    /// Texts in the order of [`Column::ALL`].
    pub cells: [String; Column::ALL.len()],
    /// Whether its position is a guess.
    pub ghost: bool,
    /// Whether it calls for help.
    pub emergency: bool,
}

impl RowView {
    /// Whether two rows differ in nothing but their ages.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let told = |row: &Self| row.cells.iter().take(Column::ALL.len() - 1).cloned().collect::<Vec<_>>();
        told(self) == told(other)
    }
}

/// The rows of a window into the order; aircraft that have just gone stand as empty rows until the next sorting.
pub fn rows_of(desk: Desk, client: &Rc<Client>, order: &[Icao24], window: Range<usize>) -> Vec<RowView> {
    let settings = desk.settings.get_untracked();
    let now = client.stream_now().unwrap_or_default();
    client.with_board(|board| {
        let row = |index: usize| {
            let icao24 = *order.get(index)?;
            let Some(row) = board.mirror.flight(icao24) else {
                return Some(RowView { index, ..RowView::default() });
            };
            let reading = read(settings.locale, settings.units, &row.aircraft, now);
            let (ghost, emergency) = (reading.ghost, reading.emergency.is_some());
            let cells = cells(reading);
            Some(RowView { icao24: Some(icao24), index, cells, ghost, emergency })
        };
        window.filter_map(row).collect()
    })
}

/// The word over a column.
pub fn header(column: Column) -> Text {
    match column {
        Column::Callsign => Text::Callsign,
        Column::Hex => Text::Hex,
        Column::Type => Text::TypeCode,
        Column::Altitude => Text::Altitude,
        Column::Speed => Text::Speed,
        Column::VerticalRate => Text::VerticalRateShort,
        Column::Track => Text::Track,
        Column::Squawk => Text::Squawk,
        Column::Age => Text::Age,
    }
}

fn cells(reading: Reading) -> [String; Column::ALL.len()] {
    [
        reading.callsign.unwrap_or_default(),
        reading.hex,
        reading.kind,
        reading.altitude.value,
        reading.speed.value,
        reading.vertical_rate.value,
        reading.track,
        reading.squawk,
        reading.contact_age,
    ]
}
