//! The table as readsb sends it: one header and 112 bytes for each aircraft, changed or not (its `binCraft`).

use inflight_domain::aircraft::UNKNOWN;
use inflight_domain::{Aircraft, Field};
use inflight_engine::Engine;

const RECORD_BYTES: usize = 112;

/// Which fields of a record hold something, as bits of its bytes 73 to 77.
const VALID_AT: usize = 73;

/// All aircraft of the table.
#[must_use]
pub fn page(engine: &Engine) -> Vec<u8> {
    let now_ms = engine.clock().stream_ms;
    let mut bytes = vec![0; RECORD_BYTES];
    bytes[0..8].copy_from_slice(&now_ms.to_le_bytes());
    bytes[8..12].copy_from_slice(&(RECORD_BYTES as u32).to_le_bytes());
    bytes[12..16].copy_from_slice(&(engine.flights().len() as u32).to_le_bytes());
    for (_, row) in engine.flights().rows() {
        bytes.extend_from_slice(&record(&row.aircraft, now_ms));
    }
    bytes
}

/// Offsets and scales as in readsb's `struct binCraft`.
fn record(aircraft: &Aircraft, now_ms: i64) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    let tenths = |at_ms: i64| ((now_ms - at_ms) / 100) as i32;
    let micro = |field: Field| aircraft.columns()[field.index()] as i32;
    put(0, &aircraft.icao24.get().to_le_bytes());
    put(4, &tenths(aircraft.position_time().0).to_le_bytes());
    put(8, &micro(Field::Longitude).to_le_bytes());
    put(12, &micro(Field::Latitude).to_le_bytes());
    let scaled = |value: Option<f64>, scale: f64| (value.unwrap_or_default() * scale).round() as i16;
    put(16, &scaled(aircraft.vertical_rate_mps(), 1.0 / 0.00508 / 8.0).to_le_bytes());
    put(20, &scaled(aircraft.altitude_m(), 1.0 / 0.3048 / 25.0).to_le_bytes());
    put(22, &scaled(aircraft.geo_altitude_m(), 1.0 / 0.3048 / 25.0).to_le_bytes());
    put(32, &aircraft.squawk().map_or(0, |squawk| squawk.get()).to_le_bytes());
    put(34, &scaled(aircraft.speed_mps(), 10.0 / 0.514_444).to_le_bytes());
    put(40, &scaled(aircraft.track_deg(), 90.0).to_le_bytes());
    put(68, &[if aircraft.on_ground() { 1 } else { 2 }]);
    let known = |field: Field| aircraft.columns()[field.index()] != UNKNOWN;
    let valid = [
        Field::Callsign,
        Field::Altitude,
        Field::GeoAltitude,
        Field::Speed,
        Field::Track,
        Field::VerticalRate,
    ]
    .into_iter()
    .enumerate()
    .fold(0_u8, |bits, (bit, field)| bits | u8::from(known(field)) << bit);
    put(VALID_AT, &[valid, 1]);
    if let Some(callsign) = aircraft.callsign() {
        put(78, callsign.as_str().as_bytes());
    }
    put(108, &tenths(aircraft.last_contact().0).to_le_bytes());
    bytes
}
