//! A measure over the last hour as a line: its scale, its gaps, its path and what it is at a moment.

use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// Width and height of the field that paths are drawn on.
pub const WIDTH: f64 = 600.0;
/// See [`WIDTH`].
pub const HEIGHT: f64 = 100.0;

/// A chart shows at least and at most so much time, in milliseconds.
const LEAST_MS: f64 = 300_000.0;
const MOST_MS: f64 = 3_600_000.0;

/// Two samples further apart than so many steps have a gap between them.
const GAP_STEPS: f64 = 1.8;

/// A measure over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Moments, rising.
    pub at: Vec<UnixMillis>,
    /// What was measured then; none where nothing was.
    pub values: Vec<Option<f64>>,
    /// Time between two samples in milliseconds.
    pub step_ms: f64,
}

/// One minute of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// Its beginning.
    pub from: UnixMillis,
    /// The mean of its samples.
    pub mean: f64,
    /// The highest of them.
    pub highest: f64,
}

impl Series {
    /// One series of the answer of `/api/v1/system/history`.
    #[must_use]
    pub fn read(past: &Datum, name: &str) -> Self {
        let moment = |at: &Datum| at.number().map(|seconds| UnixMillis((seconds * 1000.0) as i64));
        Self {
            at: past.get("at").list().iter().filter_map(moment).collect(),
            values: past.get("series").get(name).list().iter().map(Datum::number).collect(),
            step_ms: past.get("step_s").number().unwrap_or(5.0) * 1000.0,
        }
    }

    /// The upper end of the scale: the next 1, 2 or 5 with zeroes above all values, at least `least`.
    #[must_use]
    pub fn top(&self, least: f64) -> f64 {
        let highest = self.values.iter().flatten().fold(least, |top, value| top.max(*value));
        let mut unit = 1.0;
        while unit * 10.0 <= highest {
            unit *= 10.0;
        }
        while unit > highest && unit > 1e-3 {
            unit /= 10.0;
        }
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * unit);
        steps.into_iter().find(|step| *step >= highest).unwrap_or(steps[3])
    }

    /// The end of what is shown: the newest sample.
    #[must_use]
    pub fn end(&self) -> UnixMillis {
        self.at.last().copied().unwrap_or_default()
    }

    /// How much time is shown: all samples, at most an hour and at least five minutes.
    #[must_use]
    pub fn span_ms(&self) -> f64 {
        let first = self.at.first().copied().unwrap_or_default();
        (self.end().since(first) as f64).clamp(LEAST_MS, MOST_MS)
    }

    /// The share of the width at which a moment lies, in a window that ends at `end` and is `span_ms` long.
    #[must_use]
    pub fn share(at: UnixMillis, end: UnixMillis, span_ms: f64) -> f64 {
        1.0 - end.since(at) as f64 / span_ms
    }

    /// The line as an SVG path on a field of [`WIDTH`] by [`HEIGHT`]; a sample alone between gaps is a dot's width.
    #[must_use]
    pub fn path(&self, end: UnixMillis, span_ms: f64, top: f64) -> String {
        let mut path = String::new();
        let mut before: Option<UnixMillis> = None;
        for (at, value) in self.at.iter().zip(&self.values) {
            let share = Self::share(*at, end, span_ms);
            let Some(value) = value.filter(|_| (0.0..=1.0).contains(&share)) else {
                before = None;
                continue;
            };
            let (x, y) = (share * WIDTH, HEIGHT - (value / top).clamp(0.0, 1.0) * HEIGHT);
            let follows = before.is_some_and(|before| (at.since(before) as f64) < self.step_ms * GAP_STEPS);
            let (x, y) = (tenths(x), tenths(y));
            path.push_str(&if follows { format!("L{x} {y}") } else { format!("M{x} {y}h.6") });
            before = Some(*at);
        }
        path
    }

    /// The sample at a moment: the nearest one, if that is within a step.
    #[must_use]
    pub fn nearest(&self, moment: UnixMillis) -> Option<(UnixMillis, f64)> {
        let place = self.at.partition_point(|at| *at < moment);
        let near = [place.checked_sub(1), Some(place)].into_iter().flatten();
        let found = near.filter_map(|place| Some((*self.at.get(place)?, (*self.values.get(place)?)?)));
        let nearest = found.min_by_key(|(at, _)| at.since(moment).abs())?;
        ((nearest.0.since(moment).abs() as f64) <= self.step_ms).then_some(nearest)
    }

    /// The newest sample that there is.
    #[must_use]
    pub fn newest(&self) -> Option<f64> {
        self.values.iter().rev().flatten().next().copied()
    }

    /// Minutes with samples, the newest first.
    #[must_use]
    pub fn minutes(&self) -> Vec<Minute> {
        let mut minutes: Vec<(i64, f64, f64, f64)> = Vec::new();
        for (at, value) in self.at.iter().zip(&self.values) {
            let (minute, Some(value)) = (at.0.div_euclid(60_000), *value) else { continue };
            match minutes.last_mut() {
                Some((last, sum, count, highest)) if *last == minute => {
                    *sum += value;
                    *count += 1.0;
                    *highest = highest.max(value);
                }
                _ => minutes.push((minute, value, 1.0, value)),
            }
        }
        let told = |(minute, sum, count, highest): (i64, f64, f64, f64)| Minute {
            from: UnixMillis(minute * 60_000),
            mean: sum / count,
            highest,
        };
        minutes.into_iter().rev().map(told).collect()
    }
}

/// With one decimal: the picture is not finer.
fn tenths(value: f64) -> String {
    crate::text::decimal((value * 10.0).round() as i64, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: &[(i64, Option<f64>)]) -> Series {
        Series {
            at: samples.iter().map(|(second, _)| UnixMillis(second * 1000)).collect(),
            values: samples.iter().map(|(_, value)| *value).collect(),
            step_ms: 5000.0,
        }
    }

    #[test]
    fn the_span_grows_with_the_samples_up_to_an_hour() {
        for (last, span_ms) in [(60, 300_000.0), (1200, 1_200_000.0), (9000, 3_600_000.0)] {
            assert!((series(&[(0, None), (last, None)]).span_ms() - span_ms).abs() < 1e-9);
        }
    }

    #[test]
    fn gaps_stay_gaps() {
        let line =
            series(&[(0, Some(0.0)), (5, Some(50.0)), (10, None), (15, Some(50.0)), (60, Some(100.0))]);
        assert_eq!(line.path(UnixMillis(60_000), 60_000.0, 100.0), "M0 100h.6L50 50M150 50h.6M600 0h.6");
    }

    #[test]
    fn the_scale_ends_on_a_round_number() {
        for (highest, least, top) in
            [(0.0, 1.0, 1.0), (3.0, 1.0, 5.0), (100.0, 1.0, 100.0), (101.0, 1.0, 200.0), (0.04, 0.01, 0.05)]
        {
            let found = series(&[(0, Some(highest))]).top(least);
            assert!((found - top).abs() < 1e-9, "{highest}: {found}, not {top}");
        }
    }

    #[test]
    fn the_nearest_sample_is_told_within_a_step() {
        let line = series(&[(0, Some(1.0)), (5, Some(2.0)), (10, None), (60, Some(4.0))]);
        for (second, expected) in
            [(-3, Some(1.0)), (3, Some(2.0)), (9, Some(2.0)), (30, None), (64, Some(4.0))]
        {
            let found = line.nearest(UnixMillis(second * 1000)).map(|(_, value)| value);
            assert_eq!(found, expected, "{second}");
        }
    }

    #[test]
    fn minutes_tell_mean_and_highest_newest_first() {
        let minutes = series(&[(0, Some(1.0)), (30, Some(3.0)), (61, None), (130, Some(9.0))]).minutes();
        let told: Vec<_> =
            minutes.iter().map(|minute| (minute.from.0, minute.mean, minute.highest)).collect();
        assert_eq!(told, [(120_000, 9.0, 9.0), (0, 2.0, 3.0)]);
    }
}
