//! What the columns of an aircraft that moved are written against: where a straight flight would have led.
//!
//! Both ends must find the same numbers, in any language, so there are no sines of a library here: a sine is a
//! fraction of small polynomials, a fifth of a percent off, which is finer than positions are.

use crate::packed::code::{base_of, round_div};
use inflight_domain::Field;
use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};

/// Longer ways are not reckoned, in milliseconds.
const LONGEST_MS: i64 = 120_000;

/// Nearer to a pole than this the way is not reckoned, in 1e-6 degree of latitude.
const NORTHERNMOST: i64 = 85_000_000;

/// Centimetres in 1e-6 degree of a great circle.
const CM_PER_MICRODEGREE: f64 = 11.1195;

/// Latitude and longitude in 1e-6 degree that lead straight on from `before`, at the mean of both velocities, to
/// the time of `after`; those of `before` where that cannot be told. Of `after`, time, speed and track are read.
#[must_use]
pub fn place(before: &[i64; FIELD_COUNT], after: &[i64; FIELD_COUNT]) -> (i64, i64) {
    let (latitude, longitude) = (before[Field::Latitude.index()], before[Field::Longitude.index()]);
    let elapsed_ms = elapsed_ms(before, after);
    let needed = [before, after].map(|row| [row[Field::Speed.index()], row[Field::Track.index()]]);
    let unknown = needed.as_flattened().contains(&UNKNOWN);
    if unknown || elapsed_ms == 0 || latitude.abs() > NORTHERNMOST {
        return (latitude, longitude);
    }
    let [from, to] = needed.map(|[speed, track]| {
        let speed = speed as f64;
        (speed * sine(track + 9000), speed * sine(track))
    });
    let way = elapsed_ms as f64 / 2000.0 / CM_PER_MICRODEGREE;
    let north = (from.0 + to.0) * way;
    let east = (from.1 + to.1) * way / hump(9000.0 - latitude.abs() as f64 / 10_000.0);
    (latitude + rounded(north), longitude + rounded(east))
}

/// The altitude in centimetres that the vertical rate leads to.
#[must_use]
pub fn altitude(before: &[i64; FIELD_COUNT], after: &[i64; FIELD_COUNT]) -> i64 {
    let climbed = base_of(before, Field::VerticalRate) * elapsed_ms(before, after);
    base_of(before, Field::Altitude) + round_div(climbed, 1000)
}

/// The geometric altitude in centimetres, if it changed as much as the barometric one.
#[must_use]
pub fn geo_altitude(before: &[i64; FIELD_COUNT], after: &[i64; FIELD_COUNT]) -> i64 {
    let [from, to] = [before, after].map(|row| row[Field::Altitude.index()]);
    let gained = if from == UNKNOWN || to == UNKNOWN { 0 } else { to - from };
    base_of(before, Field::GeoAltitude) + gained
}

/// Time between the two positions, 0 if it is unknown or too long.
fn elapsed_ms(before: &[i64; FIELD_COUNT], after: &[i64; FIELD_COUNT]) -> i64 {
    let [from, to] = [before, after].map(|row| row[Field::TimePosition.index()]);
    let known = from != UNKNOWN && to != UNKNOWN && (0..=LONGEST_MS).contains(&to.wrapping_sub(from));
    if known { to - from } else { 0 }
}

/// Nearly the sine of an angle in 1e-2 degree, from 0 to 45 000.
fn sine(angle: i64) -> f64 {
    let angle = angle % 36_000;
    if angle < 18_000 { hump(angle as f64) } else { -hump((angle - 18_000) as f64) }
}

/// Nearly the sine of an angle from 0 to 180 degrees, in 1e-2 degree (Bhaskara's).
fn hump(angle: f64) -> f64 {
    let product = angle * (18_000.0 - angle);
    4.0 * product / (405_000_000.0 - product)
}

fn rounded(value: f64) -> i64 {
    (value + 0.5).floor() as i64
}
