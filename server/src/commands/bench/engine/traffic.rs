//! Made-up aircraft all over the world, as OpenSky would tell of them: all of them move in every poll.

use std::fmt::Write;

/// Seconds between two polls.
const POLL_S: i64 = 10;

const METRES_PER_DEGREE: f64 = 111_195.0;

/// The aircraft and the time.
#[derive(Debug)]
pub struct Traffic {
    aircraft: Vec<Aircraft>,
    time_s: i64,
    random: u64,
}

#[derive(Debug)]
struct Aircraft {
    latitude: f64,
    longitude: f64,
    altitude_m: f64,
    speed_mps: f64,
    track_deg: f64,
    climb_mps: f64,
    turn_dps: f64,
}

impl Traffic {
    /// So many aircraft, the same every time.
    #[must_use]
    pub fn new(count: u32) -> Self {
        let mut traffic = Self { aircraft: Vec::new(), time_s: 1_700_000_000, random: 0x9e37_79b9_7f4a_7c15 };
        for _ in 0..count {
            let aircraft = Aircraft {
                latitude: traffic.between(-60.0, 70.0),
                longitude: traffic.between(-180.0, 180.0),
                altitude_m: traffic.between(300.0, 12_000.0),
                speed_mps: traffic.between(60.0, 260.0),
                track_deg: traffic.between(0.0, 360.0),
                climb_mps: 0.0,
                turn_dps: 0.0,
            };
            traffic.aircraft.push(aircraft);
        }
        traffic
    }

    /// The next answer: a line of JSON.
    pub fn next_response(&mut self) -> String {
        self.time_s += POLL_S;
        let mut text = format!("{{\"time\":{},\"states\":[", self.time_s);
        for index in 0..self.aircraft.len() {
            let (climb, turn, age) =
                (self.between(0.0, 1.0), self.between(0.0, 1.0), self.between(0.0, 2.99) as i64);
            let wind = self.between(-1.0, 1.0);
            let seen_s = self.time_s - age;
            let one = &mut self.aircraft[index];
            one.climb_mps = if climb < 0.3 { (climb - 0.15) * 60.0 } else { 0.0 };
            one.turn_dps = if turn < 0.2 { (turn - 0.1) * 30.0 } else { 0.0 };
            one.fly(POLL_S as f64, wind);
            let comma = if index == 0 { "" } else { "," };
            let feet = (one.altitude_m / 7.62).round() * 7.62;
            let rate = (one.climb_mps / 0.325_12).round() * 0.325_12;
            // Writing into a string cannot fail.
            let _ = write!(
                text,
                "{comma}[\"{index:06x}\",\"SYN{index:<5}\",\"Nowhere\",{seen_s},{seen_s},{:.4},{:.4},{feet:.2},false,{:.2},{:.2},\
                 {rate:.2},null,{:.2},\"{:04o}\",false,0]",
                one.longitude,
                one.latitude,
                one.speed_mps,
                one.track_deg,
                feet + 76.2,
                index % 0o7000,
            );
        }
        text.push_str("]}\n");
        text
    }

    /// A number that looks random (xorshift).
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        low + (high - low) * (self.random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Aircraft {
    fn fly(&mut self, seconds: f64, wind: f64) {
        self.track_deg = (self.track_deg + self.turn_dps * seconds).rem_euclid(360.0);
        self.speed_mps = (self.speed_mps + wind).clamp(50.0, 280.0);
        self.altitude_m = (self.altitude_m + self.climb_mps * seconds).clamp(100.0, 13_000.0);
        let way_deg = self.speed_mps * seconds / METRES_PER_DEGREE;
        let track = self.track_deg.to_radians();
        self.latitude = (self.latitude + way_deg * track.cos()).clamp(-80.0, 80.0);
        let east = way_deg * track.sin() / self.latitude.to_radians().cos();
        self.longitude = (self.longitude + east + 180.0).rem_euclid(360.0) - 180.0;
    }
}
