//! Airports and their runways as they come by cell, and which of them a camera should show.
//!
//! A line for each airport, fields divided by tabs: code, name, latitude and longitude in 1e-5 degree, rank (2 large,
//! 1 medium), then one field for each runway: the places of its ends as four differences to the airport, in 1e-5
//! degree, divided by blanks.

use crate::camera::{Camera, ScreenPoint};
use crate::detail::Cell;
use crate::earth::Node;
use crate::scene::{Line, LinePoint, Rgb};
use inflight_domain::Position;
use std::collections::BTreeSet;

/// From this distance down airports are shown, in metres.
pub const SHOWN_FROM_M: f64 = 300_000.0;

/// From this distance down those of medium size are shown too.
const MEDIUM_FROM_M: f64 = 90_000.0;

/// From this distance down their names are shown, not only their codes.
const NAMES_FROM_M: f64 = 60_000.0;

/// An airport.
#[derive(Clone, Debug, PartialEq)]
pub struct Airport {
    /// IATA code, or ICAO code where there is none.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its middle.
    pub position: Position,
    /// Whether it is one of the large ones.
    pub large: bool,
    /// Ends of its runways.
    pub runways: Vec<[Position; 2]>,
}

/// Airports that are there, and cells that were asked for.
#[derive(Debug, Default)]
pub struct Airports {
    asked: BTreeSet<Cell>,
    all: Vec<Airport>,
}

impl Airports {
    /// The next cell that the camera could use; each is named once.
    pub fn wanted(&mut self, camera: &Camera) -> Option<Cell> {
        if !self.are_shown(camera) {
            return None;
        }
        let viewport = camera.viewport();
        let at = |x: f64, y: f64| {
            camera.ground_at(ScreenPoint::new(x * viewport.width_px, y * viewport.height_px))
        };
        let points = [(0.5, 0.5), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let places = points.into_iter().filter_map(|(x, y)| at(x, y));
        let mut cells = places
            .map(|place| Cell::of(Node { lon_deg: place.longitude_deg(), lat_deg: place.latitude_deg() }));
        cells.find(|cell| self.asked.insert(*cell))
    }

    /// Takes the airports of a cell.
    pub fn add(&mut self, text: &str) {
        self.all.extend(text.lines().filter_map(airport));
    }

    /// Whether a camera is near enough for airports.
    #[must_use]
    pub fn are_shown(&self, camera: &Camera) -> bool {
        camera.metres_per_px() * camera.projection().focal_px() < SHOWN_FROM_M
    }

    /// What a camera shows, the large ones first: the words, and the place.
    pub fn shown<'a>(&'a self, camera: &Camera) -> impl Iterator<Item = (&'a Airport, String)> {
        let height_m = camera.metres_per_px() * camera.projection().focal_px();
        let of_size = move |large: bool| self.all.iter().filter(move |one| one.large == large);
        let medium = of_size(false).filter(move |_| height_m < MEDIUM_FROM_M);
        of_size(true).chain(medium).map(move |one| {
            let named = height_m < NAMES_FROM_M;
            (one, if named { [one.code.as_str(), &one.name].join(" ") } else { one.code.clone() })
        })
    }

    /// All runways as lines.
    #[must_use]
    pub fn runways(&self, colour: Rgb) -> Vec<Line> {
        let ends = self.all.iter().flat_map(|one| &one.runways);
        let point = |position: Position| LinePoint { position, altitude_m: 0.0 };
        ends.map(|[from, to]| Line {
            points: vec![point(*from), point(*to)],
            colour: Some(colour),
            width_px: 2.0,
            opacity: 0.85,
            fade_from: 1.0,
        })
        .collect()
    }
}

fn airport(line: &str) -> Option<Airport> {
    let mut fields = line.split('\t');
    let (code, name) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let mut number = || fields.next()?.parse::<i32>().ok();
    let (lat, lon, rank) = (number()?, number()?, number()?);
    let place = |lat: i32, lon: i32| Position::new(f64::from(lat) / 1e5, f64::from(lon) / 1e5);
    let runway = |field: &str| {
        let mut ends = field.split(' ').map(|number| number.parse::<i32>().ok());
        let mut end = || place(lat + ends.next()??, lon + ends.next()??);
        Some([end()?, end()?])
    };
    let runways = fields.filter_map(runway).collect();
    Some(Airport { code, name, position: place(lat, lon)?, large: rank == 2, runways })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{Pose, Viewport};

    const TEXT: &str = "JFK\tJohn F Kennedy\t4063980\t-7377890\t2\t-1000 500 800 -500\nISP\tMacArthur\t4079520\t-7310020\t1\nbad\tline\n";

    #[test]
    fn lines_are_read_and_bad_ones_left_out() {
        let mut airports = Airports::default();
        airports.add(TEXT);
        assert_eq!(airports.all.len(), 2);
        let [from, _] = airports.all[0].runways[0];
        assert!((from.latitude_deg() - 40.6298).abs() < 1e-6, "{from:?}");
        assert_eq!(airports.runways([0.5; 3]).len(), 1);
    }

    #[test]
    fn detail_comes_with_nearness() {
        let mut airports = Airports::default();
        airports.add(TEXT);
        let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
        let new_york = Position::new(40.7, -73.9).unwrap();
        for (height_m, cells, words) in [
            (900_000.0, false, vec!["JFK"]),
            (200_000.0, true, vec!["JFK"]),
            (80_000.0, true, vec!["JFK", "ISP"]),
            (40_000.0, true, vec!["JFK John F Kennedy", "ISP MacArthur"]),
        ] {
            camera.set_pose(Pose::above(new_york, height_m));
            assert_eq!(Airports::default().wanted(&camera).is_some(), cells, "{height_m}");
            let shown: Vec<String> = airports.shown(&camera).map(|(_, text)| text).collect();
            assert_eq!(shown, words);
        }
        assert!(airports.wanted(&camera).is_some());
        assert_eq!(airports.wanted(&camera), None);
    }
}
