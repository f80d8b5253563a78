//! The last hour of a few figures, one point each sample.

use inflight_domain::UnixMillis;
use serde::Serialize;
use serde::ser::SerializeMap;
use std::collections::VecDeque;

/// Seconds between points.
pub const STEP_S: u64 = 5;

/// Points that are kept: an hour.
pub const POINTS: usize = 720;

/// Names of the series, in the order in which a [`Point`] holds them.
pub const SERIES: [&str; 7] =
    ["connections", "messages_per_s", "bytes_per_s", "cpu_pct", "memory_bytes", "tick_p95_ms", "aircraft"];

/// One value of each series; none where it is not known.
pub type Point = [Option<f64>; SERIES.len()];

/// The series.
#[derive(Clone, Debug)]
pub struct Trend(VecDeque<(UnixMillis, Point)>);

/// All of the place is taken at once: a server's memory that rises for an hour looks like a leak.
impl Default for Trend {
    fn default() -> Self {
        let mut points = VecDeque::from(vec![(UnixMillis(0), [Some(0.0); SERIES.len()]); POINTS]);
        points.clear();
        Self(points)
    }
}

impl Trend {
    /// Takes a point in; the oldest makes room.
    pub fn push(&mut self, at: UnixMillis, point: Point) {
        if self.0.len() >= POINTS {
            self.0.pop_front();
        }
        self.0.push_back((at, point));
    }
}

impl Serialize for Trend {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Series<'a>(&'a Trend);
        impl Serialize for Series<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(SERIES.len()))?;
                for (index, name) in SERIES.into_iter().enumerate() {
                    let values: Vec<Option<f64>> = self.0.0.iter().map(|(_, point)| point[index]).collect();
                    map.serialize_entry(name, &values)?;
                }
                map.end()
            }
        }
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("step_s", &STEP_S)?;
        map.serialize_entry("at", &self.0.iter().map(|(at, _)| *at).collect::<Vec<_>>())?;
        map.serialize_entry("series", &Series(self))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_kept() {
        let mut trend = Trend::default();
        for number in 0..POINTS as i64 + 3 {
            let mut point = [None; SERIES.len()];
            point[0] = Some(number as f64);
            trend.push(UnixMillis(number * 5000), point);
        }
        let text = serde_json::to_value(&trend).unwrap();
        assert_eq!((&text["step_s"], &text["at"][0]), (&5.into(), &15.into()));
        assert_eq!(text["at"].as_array().unwrap().len(), POINTS);
        assert_eq!(text["series"]["connections"][0], 3.0);
        assert!(text["series"]["aircraft"][0].is_null());
    }
}
