//! Parts of the world that clients look at: rectangles of tiles, so that those who look at nearly the same share it.

use inflight_domain::{Aircraft, Field};

/// A rectangle of tiles, with one more on each side than what is looked at.
///
/// A tile of level n is 180 / 2^n degrees wide and high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tiles {
    level: u8,
    /// First row from the south pole, and how many.
    south: u32,
    height: u32,
    /// First column from 180 degrees west, and how many; they go on past 180 degrees east.
    west: u32,
    width: u32,
}

/// What is looked at: south, west, north, east in degrees; west of east where it crosses 180 degrees.
pub type Box4 = [f64; 4];

/// Half the world in microdegrees.
const HALF_E6: i64 = 180_000_000;

/// Coarsest level: larger tiles would be of no use.
const COARSEST: u8 = 2;

/// Finest level: below it, half the world is no whole number of microdegrees.
const FINEST: u8 = 8;

/// A box is at most this many tiles wide and high, without the ring.
const MOST: i64 = 4;

impl Tiles {
    /// All there are.
    const WORLD: Self =
        Self { level: COARSEST, south: 0, height: 1 << COARSEST, west: 0, width: 2 << COARSEST };

    /// Checks a box: degrees in range, south of north.
    #[must_use]
    pub fn is_box(area: &Box4) -> bool {
        let [south, west, north, east] = *area;
        (-90.0..=90.0).contains(&south)
            && (-90.0..=90.0).contains(&north)
            && south < north
            && (-180.0..=180.0).contains(&west)
            && (-180.0..=180.0).contains(&east)
            && west < east + 360.0 * f64::from(u8::from(west >= east))
    }

    /// The tiles around a box, which must be one; all there are where it is large.
    #[must_use]
    pub fn around(area: &Box4) -> Self {
        let (south, north, west, span) = edges(area);
        let fits = |level: &u8| (north - south).max(span) <= MOST * size_e6(*level);
        let Some(level) = (COARSEST..=FINEST).rev().find(fits) else { return Self::WORLD };
        let (size, rows) = (size_e6(level), 1_i64 << level);
        let (first, last) = ((south / size - 1).max(0), (north / size + 1).min(rows - 1));
        let columns = 2 * rows;
        let width = ((west + span) / size - west / size + 3).min(columns);
        Self {
            level,
            south: first as u32,
            height: (last - first + 1) as u32,
            west: (west / size - 1).rem_euclid(columns) as u32,
            width: width as u32,
        }
    }

    /// Whether these tiles still do for a box: they cover it, and are not much larger than they need to be.
    #[must_use]
    pub fn do_for(&self, area: &Box4) -> bool {
        let (south, north, west, span) = edges(area);
        let size = size_e6(self.level);
        let rows = i64::from(self.south)..i64::from(self.south + self.height);
        let (columns, width) = (2_i64 << self.level, i64::from(self.width));
        let first = (west / size - i64::from(self.west)).rem_euclid(columns);
        let last = first + (west + span) / size - west / size;
        let covers = rows.contains(&(south / size))
            && rows.contains(&(north / size).min((1 << self.level) - 1))
            // What goes around the world holds every box, wherever that begins.
            && (last < width || width == columns);
        covers && Self::around(area).level <= self.level + 1
    }

    /// Whether an aircraft is on them.
    #[must_use]
    pub fn hold(&self, aircraft: &Aircraft) -> bool {
        let (Some(latitude), Some(longitude)) =
            (aircraft.get(Field::Latitude), aircraft.get(Field::Longitude))
        else {
            return false;
        };
        let (size, rows) = (size_e6(self.level), 1_i64 << self.level);
        let row = ((latitude + HALF_E6 / 2) / size).min(rows - 1);
        let column = ((longitude + HALF_E6) / size).rem_euclid(2 * rows);
        (i64::from(self.south)..i64::from(self.south + self.height)).contains(&row)
            && (column - i64::from(self.west)).rem_euclid(2 * rows) < i64::from(self.width)
    }
}

/// South and north from the south pole, west from 180 degrees west, and how far it goes east, in microdegrees.
fn edges(area: &Box4) -> (i64, i64, i64, i64) {
    let e6 = |degrees: f64| (degrees * 1e6) as i64;
    let [south, west, north, east] = area.map(e6);
    let span = if east > west { east - west } else { east - west + 2 * HALF_E6 };
    (south + HALF_E6 / 2, north + HALF_E6 / 2, west + HALF_E6, span)
}

fn size_e6(level: u8) -> i64 {
    HALF_E6 >> level
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::Icao24;
    use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Aircraft {
        let mut columns = [UNKNOWN; FIELD_COUNT];
        columns[Field::Latitude.index()] = (latitude * 1e6) as i64;
        columns[Field::Longitude.index()] = (longitude * 1e6) as i64;
        columns[Field::LastContact.index()] = 0;
        columns[Field::Flags.index()] = 0;
        Aircraft::from_columns(Icao24::new(1).unwrap(), columns).unwrap()
    }

    fn boxes() -> impl Strategy<Value = Box4> {
        (-90.0..89.0_f64, -180.0..180.0_f64, 0.01..1.0_f64, prop_oneof![0.01..60.0_f64, 60.0..359.0])
            .prop_map(|(south, west, tall, wide)| {
                let east = west + wide;
                [south, west, south + (90.0 - south) * tall, if east > 180.0 { east - 360.0 } else { east }]
            })
    }

    proptest! {
        #[test]
        fn what_is_in_a_box_is_on_its_tiles(area in boxes(), up in 0.0..=1.0_f64, along in 0.0..=1.0_f64) {
            prop_assert!(Tiles::is_box(&area));
            let tiles = Tiles::around(&area);
            prop_assert!(tiles.do_for(&area));
            let [south, west, north, east] = area;
            let wide = if east > west { east - west } else { east - west + 360.0 };
            let longitude = west + along * wide;
            let longitude = if longitude > 180.0 { longitude - 360.0 } else { longitude };
            prop_assert!(tiles.hold(&at(south + up * (north - south), longitude)));
        }

        #[test]
        fn what_is_far_away_is_not(area in boxes()) {
            let tiles = Tiles::around(&area);
            let [south, west, north, east] = area;
            let wide = if east > west { east - west } else { east - west + 360.0 };
            // With the ring and two tiles that are cut, it is at most three times as large as a box of a tile.
            let size = 180.0 / f64::from(1_u32 << tiles.level);
            let away = west + wide / 2.0 + 180.0;
            let away = if away > 180.0 { away - 360.0 } else { away };
            if wide + 4.0 * size < 180.0 {
                prop_assert!(!tiles.hold(&at((south + north) / 2.0, away)));
            }
        }
    }

    #[test]
    fn small_moves_keep_the_tiles_and_large_ones_do_not() {
        let here = [40.0, -75.0, 42.0, -73.0];
        let tiles = Tiles::around(&here);
        let moved = |by: f64| [40.0 + by, -75.0 + by, 42.0 + by, -73.0 + by];
        assert!(tiles.do_for(&moved(0.3)) && !tiles.do_for(&moved(5.0)));
        assert!(tiles.do_for(&[40.5, -74.5, 41.5, -73.5]), "closer by half");
        assert!(!tiles.do_for(&[40.9, -74.1, 41.1, -73.9]) || tiles.level + 1 >= FINEST, "much closer");
        assert_eq!(Tiles::around(&[-80.0, -170.0, 80.0, 170.0]), Tiles::WORLD);
        for bad in
            [[1.0, 0.0, 1.0, 2.0], [-91.0, 0.0, 1.0, 2.0], [0.0, 0.0, 1.0, 181.0], [f64::NAN, 0.0, 1.0, 2.0]]
        {
            assert!(!Tiles::is_box(&bad), "{bad:?}");
        }
        assert!(Tiles::is_box(&[0.0, 170.0, 1.0, -170.0]));
    }
}
