//! Made-up aircraft that the server under test is told of by a file, and the model of what it then has to show.

use crate::clock;
use crate::exit::AppError;
use inflight_domain::{Aircraft, Epoch, Icao24};
use inflight_engine::{Engine, Input, Now};
use inflight_sky::SourceKind;
use inflight_wire::frame::StreamClock;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Aircraft as a receiver tells of them, the same for the same seed.
#[derive(Debug)]
pub struct Fleet {
    crafts: Vec<Craft>,
    random: fastrand::Rng,
    file: PathBuf,
    told: String,
}

#[derive(Debug)]
struct Craft {
    latitude: f64,
    longitude: f64,
    altitude_ft: i32,
    speed_kt: f64,
    track_deg: f64,
    seen_at_ms: i64,
    is_listed: bool,
}

/// Time after which an aircraft that is not listed goes, in seconds: the shortest that may be set.
pub const STALE_S: u32 = 5;

/// One in so many aircraft that are told of comes or goes.
const COMES_OR_GOES: usize = 100;

const METRES_PER_DEGREE: f64 = 111_195.0;

const KNOT_MPS: f64 = 1852.0 / 3600.0;

impl Fleet {
    /// So many aircraft, told of in this file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(seed: u64, count: u32, file: PathBuf) -> Result<Self, AppError> {
        let mut random = fastrand::Rng::with_seed(seed);
        let now_ms = clock::now().0;
        let crafts = (0..count).map(|_| Craft::new(&mut random, now_ms)).collect();
        let mut fleet = Self { crafts, random, file, told: String::new() };
        fleet.tell(now_ms)?;
        Ok(fleet)
    }

    /// Lets this share of the aircraft go on, a few of them come or go, and tells of all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn fly(&mut self, share: f64) -> Result<(), AppError> {
        let now_ms = clock::now().0;
        let moving = ((self.crafts.len() as f64 * share).ceil() as usize).max(1);
        for place in 0..moving {
            let number = if share < 1.0 { self.random.usize(0..self.crafts.len()) } else { place };
            let craft = &mut self.crafts[number];
            craft.fly(now_ms);
            if self.random.usize(0..COMES_OR_GOES) == 0 {
                craft.is_listed = !craft.is_listed;
            }
        }
        self.tell(now_ms)
    }

    /// What a server must show that heard nothing but the newest answer, by address.
    ///
    /// # Errors
    /// The answer is none; then the check itself is wrong.
    pub fn model(&self) -> Result<Model, AppError> {
        let poll = SourceKind::Readsb.read_answer(&self.told, 1);
        let poll = poll.map_err(|error| AppError::Other(format!("the made-up answer is wrong: {error}")))?;
        let mut engine = Engine::new(Epoch(1), i64::from(STALE_S) * 1000);
        let now = Now { wall_ms: 0, stream: StreamClock { stream_ms: poll.time.0, rate: 1.0 } };
        engine.advance(now, [Input::Poll { source: SourceKind::Readsb.name().to_owned(), poll }]);
        let rows = engine.flights().rows().map(|(_, row)| (row.aircraft.icao24, row.aircraft)).collect();
        Ok(Model { rows, digest: format!("{:016x}", engine.flights().digest()) })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    fn tell(&mut self, now_ms: i64) -> Result<(), AppError> {
        self.told.clear();
        // Writing into a string cannot fail.
        let _ = write!(self.told, "{{\"now\":{now_ms},\"aircraft\":[");
        let listed = self.crafts.iter().enumerate().filter(|(_, craft)| craft.is_listed);
        for (place, (number, craft)) in listed.enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let seen_s = (now_ms - craft.seen_at_ms) as f64 / 1000.0;
            let _ = write!(
                self.told,
                "{comma}{{\"hex\":\"{:06x}\",\"type\":\"adsb_icao\",\"flight\":\"CHK{number:05}\",\"alt_baro\":{},\
                 \"alt_geom\":{},\"gs\":{:.1},\"track\":{:.2},\"baro_rate\":0,\"squawk\":\"{:04o}\",\"category\":\"A3\",\
                 \"lat\":{:.6},\"lon\":{:.6},\"seen\":{seen_s:.3},\"seen_pos\":{seen_s:.3}}}",
                0x0a_0000 + number,
                craft.altitude_ft,
                craft.altitude_ft + 125,
                craft.speed_kt,
                craft.track_deg,
                number % 0o7000,
                craft.latitude,
                craft.longitude,
            );
        }
        self.told.push_str("]}");
        // Whoever reads finds the old answer or the new one, never a half.
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, &self.told).map_err(|cause| AppError::file(&beside, &cause))?;
        std::fs::rename(&beside, &self.file).map_err(|cause| AppError::file(&self.file, &cause))
    }
}

/// What a server must show.
#[derive(Debug)]
pub struct Model {
    /// All aircraft.
    pub rows: BTreeMap<Icao24, Aircraft>,
    /// Hash of the table.
    pub digest: String,
}

impl Craft {
    fn new(random: &mut fastrand::Rng, now_ms: i64) -> Self {
        let mut between = |low: f64, high: f64| low + (high - low) * random.f64();
        Self {
            latitude: between(-60.0, 70.0),
            longitude: between(-179.0, 179.0),
            altitude_ft: between(40.0, 1500.0) as i32 * 25,
            speed_kt: between(150.0, 500.0),
            track_deg: between(0.0, 360.0),
            seen_at_ms: now_ms,
            is_listed: true,
        }
    }

    fn fly(&mut self, now_ms: i64) {
        let seconds = (now_ms - self.seen_at_ms) as f64 / 1000.0;
        let way_deg = self.speed_kt * KNOT_MPS * seconds / METRES_PER_DEGREE;
        let track = self.track_deg.to_radians();
        let east = way_deg * track.sin() / self.latitude.to_radians().cos();
        self.latitude += way_deg * track.cos();
        self.longitude = (self.longitude + east + 180.0).rem_euclid(360.0) - 180.0;
        self.seen_at_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_and_all_of_it_is_understood() {
        let folder = std::env::temp_dir().join(format!("inflight-fleet-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut fleet = Fleet::new(7, 300, folder.join("aircraft.json")).unwrap();
        assert_eq!(fleet.model().unwrap().rows.len(), 300);
        for _ in 0..200 {
            fleet.fly(0.5).unwrap();
        }
        let model = fleet.model().unwrap();
        let listed = fleet.crafts.iter().filter(|craft| craft.is_listed).count();
        assert_eq!(model.rows.len(), listed);
        assert!((1..300).contains(&listed), "some go: {listed}");
        assert_eq!(std::fs::read_to_string(fleet.file()).unwrap(), fleet.told);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
