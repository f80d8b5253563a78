//! Figures of a set of aircraft: how many, where, how high, how fast, how fresh.

use inflight_domain::{Aircraft, Icao24, UnixMillis};
use inflight_globe::order::rising;
use inflight_sky::freshness::contact_age_ms;

/// Climb or descent from which an aircraft does not count as level, in metres per second.
const LEVEL_MPS: f64 = 1.3;

/// Lower edges of the altitude bands in feet; the last one is open.
pub const BANDS_FT: [i64; 6] = [0, 5_000, 10_000, 20_000, 30_000, 40_000];

/// The figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// How many in all.
    pub count: usize,
    /// On the ground.
    pub ground: usize,
    /// Climbing.
    pub climbing: usize,
    /// Descending.
    pub descending: usize,
    /// In each of [`BANDS_FT`], those in the air whose altitude is known.
    pub bands: [usize; BANDS_FT.len()],
    /// The fastest, with its speed in metres per second.
    pub fastest: Option<(f64, Icao24)>,
    /// The highest, with its altitude in metres.
    pub highest: Option<(f64, Icao24)>,
    /// Median time since the last contact, in milliseconds.
    pub age_ms: Option<i64>,
}

impl Statistics {
    /// The figures at a moment of stream time.
    #[must_use]
    pub fn of<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, now: UnixMillis) -> Self {
        let (mut told, mut ages) = (Self::default(), Vec::new());
        for aircraft in aircraft {
            told.count += 1;
            ages.push(contact_age_ms(aircraft, now));
            let icao24 = aircraft.icao24;
            if let Some(mps) = aircraft.speed_mps()
                && told.fastest.is_none_or(|(most, _)| mps > most)
            {
                told.fastest = Some((mps, icao24));
            }
            if aircraft.on_ground() {
                told.ground += 1;
                continue;
            }
            let rate = aircraft.vertical_rate_mps().unwrap_or(0.0);
            told.climbing += usize::from(rate > LEVEL_MPS);
            told.descending += usize::from(rate < -LEVEL_MPS);
            let Some(metres) = aircraft.altitude_m() else { continue };
            // A source's feet became centimetres on the way.
            let feet = (metres / 0.3048).round() as i64;
            let band = BANDS_FT.iter().rposition(|low| *low <= feet).unwrap_or(0);
            told.bands[band] += 1;
            if told.highest.is_none_or(|(most, _)| metres > most) {
                told.highest = Some((metres, icao24));
            }
        }
        let order = rising(ages.iter().map(|age_ms| *age_ms as u64));
        told.age_ms = order.get(ages.len() / 2).map(|place| ages[*place as usize]);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SEEN_MS, aircraft};
    use inflight_domain::Field;

    #[test]
    fn figures_are_counted() {
        let rows = [
            aircraft("a00001", None, 0.0, 0.0)
                .with(Field::VerticalRate, 500)
                .with(Field::Altitude, 152_400)
                .build(),
            aircraft("a00002", None, 0.0, 0.0).with(Field::Speed, 25_000).build(),
            aircraft("a00003", None, 0.0, 0.0).with(Field::Flags, 1).with(Field::Altitude, 1_500_000).build(),
        ];
        let told = Statistics::of(rows.iter(), UnixMillis(SEEN_MS + 2500));
        assert_eq!((told.count, told.ground, told.climbing, told.descending), (3, 1, 1, 0));
        assert_eq!(told.bands, [0, 1, 0, 0, 1, 0]);
        assert_eq!(told.fastest, Some((250.0, rows[1].icao24)));
        assert_eq!(told.highest, Some((10_668.0, rows[1].icao24)));
        assert_eq!(told.age_ms, Some(2000));
        assert_eq!(Statistics::of([].iter(), UnixMillis(0)), Statistics::default());
    }
}
