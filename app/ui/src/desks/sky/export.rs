//! What is shown, as a file.

use crate::browser::download;
use crate::desk::Desk;
use crate::state::table::ordered;
use crate::text::{Format, aircraft_csv, aircraft_geojson, aircraft_kml, stamp};
use leptos::prelude::*;

/// Hands out the rows that the filter lets through, in the order of the table.
pub fn export(desk: Desk, format: Format) {
    let Some(client) = desk.client_now() else { return };
    let (sort, units) = (desk.sort.get_untracked(), desk.settings.get_untracked().units);
    let text = client.with_board(|board| {
        let order = ordered(board.shown().map(|row| &row.aircraft), sort);
        let rows = order.iter().filter_map(|icao24| Some(&board.mirror.flight(*icao24)?.aircraft));
        match format {
            Format::Csv => aircraft_csv(rows, units),
            Format::GeoJson => aircraft_geojson(rows, &board.trails),
            Format::Kml => aircraft_kml(rows, &board.trails),
        }
    });
    let (ending, kind) = match format {
        Format::Csv => ("csv", "text/csv"),
        Format::GeoJson => ("geojson", "application/geo+json"),
        Format::Kml => ("kml", "application/vnd.google-earth.kml+xml"),
    };
    let time = stamp(client.stream_now().unwrap_or_default());
    download(&format!("inflight-aircraft-{time}.{ending}"), kind, &text);
}
