//! Airports for the detectors: every large one and those with scheduled flights and a long runway, from OurAirports.
//!
//! `cargo xtask airport-table` writes `airports/table.bin` from the public-domain files of OurAirports: a count, then
//! four columns of varints (ICAO code as a rising number, latitude and longitude in 0.01 degree as differences,
//! elevation in steps of 50 m). Positions are good to half a kilometre, elevations to 25 m.

use inflight_domain::math::{cos, wrap};
use inflight_domain::{AirportCode, Position};
use std::sync::OnceLock;

static TABLE: &[u8] = include_bytes!("airports/table.bin");

/// Metres of a degree of latitude, rounded down.
const DEGREE_M: f64 = 111_000.0;

/// An airport.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Airport {
    /// ICAO code.
    pub code: AirportCode,
    /// Where it is.
    pub position: Position,
    /// How high its field lies, metres.
    pub elevation_m: f64,
}

/// All airports, found by place.
#[derive(Debug)]
pub struct Airports {
    all: Vec<Airport>,
    /// Places in `all`, sorted by cell of one degree.
    cells: Vec<(i16, i16, u16)>,
}

impl Airports {
    /// The airports of the world; read once.
    pub fn world() -> &'static Self {
        static WORLD: OnceLock<Airports> = OnceLock::new();
        WORLD.get_or_init(|| Self::read(TABLE))
    }

    /// An airport by its place in the table.
    #[must_use]
    pub fn get(&self, index: u16) -> Option<&Airport> {
        self.all.get(usize::from(index))
    }

    /// The airports within a distance in metres, with their distance; in no particular order.
    pub fn within(&self, position: Position, reach_m: f64) -> impl Iterator<Item = (u16, &Airport, f64)> {
        let (lat_deg, lon_deg) = (position.latitude_deg(), position.longitude_deg());
        let reach_deg = reach_m / DEGREE_M;
        let lon_reach_deg = (reach_deg / cos(lat_deg.to_radians()).max(0.02)).min(179.0);
        let rows = cell(lat_deg - reach_deg)..=cell(lat_deg + reach_deg);
        let columns = cell(lon_deg - lon_reach_deg)..=cell(lon_deg + lon_reach_deg);
        let in_row = move |row: i16| {
            let start = self.cells.partition_point(|(known, _, _)| *known < row);
            self.cells[start..].iter().take_while(move |(known, _, _)| *known == row)
        };
        let in_columns = move |column: i16| {
            // Cells beyond the antimeridian are those at its other side.
            [column - 360, column, column + 360].iter().any(|column| columns.contains(column))
        };
        rows.flat_map(in_row).filter(move |(_, column, _)| in_columns(*column)).filter_map(
            move |(_, _, index)| {
                let airport = self.get(*index)?;
                if (airport.position.latitude_deg() - lat_deg).abs() > reach_deg {
                    return None;
                }
                let distance_m = airport.position.distance_m(position);
                (distance_m <= reach_m).then_some((*index, airport, distance_m))
            },
        )
    }

    /// The nearest airport within a distance in metres, and how far it is.
    #[must_use]
    pub fn nearest(&self, position: Position, reach_m: f64) -> Option<(u16, f64)> {
        let near = self.within(position, reach_m).map(|(index, _, distance_m)| (index, distance_m));
        near.min_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The airport with a code.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<(u16, &Airport)> {
        let place = self.all.binary_search_by(|airport| airport.code.as_str().cmp(code)).ok()?;
        Some((place as u16, &self.all[place]))
    }

    fn read(bytes: &[u8]) -> Self {
        let mut numbers = Numbers(bytes);
        let count = numbers.next() as usize;
        let mut column = |signed: bool| -> Vec<i64> {
            let next = |_| if signed { numbers.signed() } else { numbers.next() as i64 };
            (0..count).map(next).collect()
        };
        let (mut codes, mut lats, mut lons) = (column(false), column(true), column(true));
        let elevations = column(true);
        [&mut codes, &mut lats, &mut lons].into_iter().for_each(|column| add_up(column));
        let rows = codes.into_iter().zip(lats).zip(lons).zip(elevations);
        let all: Vec<Airport> = rows
            .filter_map(|(((code, lat), lon), elevation)| {
                let position = Position::new(lat as f64 / 100.0, wrap_longitude(lon as f64 / 100.0))?;
                Some(Airport { code: code_of(code)?, position, elevation_m: elevation as f64 * 50.0 })
            })
            .collect();
        let mut cells: Vec<(i16, i16, u16)> = all
            .iter()
            .enumerate()
            .map(|(index, airport)| {
                let Airport { position, .. } = airport;
                (cell(position.latitude_deg()), cell(position.longitude_deg()), index as u16)
            })
            .collect();
        cells.sort_unstable();
        Self { all, cells }
    }
}

/// Varints, zero where they end early.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        while let Some((byte, rest)) = self.0.split_first() {
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 56 {
                break;
            }
        }
        value
    }

    fn signed(&mut self) -> i64 {
        let code = self.next();
        (code >> 1) as i64 ^ -((code & 1) as i64)
    }
}

fn add_up(differences: &mut [i64]) {
    let mut sum = 0;
    for value in differences {
        sum += *value;
        *value = sum;
    }
}

fn code_of(number: i64) -> Option<AirportCode> {
    let letter = |power: i64| char::from(b'A' + (number / power % 26) as u8);
    AirportCode::parse(&[17_576, 676, 26, 1].map(letter).iter().collect::<String>())
}

fn cell(degrees: f64) -> i16 {
    degrees.floor() as i16
}

fn wrap_longitude(degrees: f64) -> f64 {
    wrap(degrees + 180.0, 360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(latitude_deg: f64, longitude_deg: f64, reach_m: f64, expected: Option<&str>) {
        let airports = Airports::world();
        let place = Position::new(latitude_deg, longitude_deg).unwrap();
        let found = airports.nearest(place, reach_m).and_then(|(index, _)| airports.get(index));
        assert_eq!(found.map(|airport| airport.code.as_str()), expected, "{latitude_deg} {longitude_deg}");
    }

    #[test]
    fn finds_the_nearest_airport() {
        check(40.64, -73.77, 5_000.0, Some("KJFK"));
        check(40.78, -73.87, 5_000.0, Some("KLGA"));
        check(49.01, 2.55, 8_000.0, Some("LFPG"));
        check(-36.9, 174.7, 20_000.0, Some("NZAA"));
        check(45.0, -40.0, 200_000.0, None);
        check(-17.75, -179.5, 300_000.0, Some("NFNA"));
    }

    #[test]
    fn the_table_is_whole() {
        let airports = Airports::world();
        assert!((2000..3000).contains(&airports.all.len()));
        let (_, denver) = airports.find("KDEN").unwrap();
        assert!((denver.elevation_m - 1655.0).abs() <= 26.0, "{denver:?}");
        assert!(airports.all.iter().all(|airport| (-450.0..4500.0).contains(&airport.elevation_m)));
    }
}
