//! Stream time between frames: follows the server's clock without ever running backwards.

use inflight_domain::UnixMillis;
use inflight_wire::frame::StreamClock;

/// A difference beyond this many milliseconds of wall time is a jump (seek, loop, long silence), not jitter.
const JUMP_MS: f64 = 1500.0;

/// Time over which smaller differences are worked off, in milliseconds.
const SLEW_MS: f64 = 2000.0;

/// Largest share of the rate by which the clock is sped up or slowed down meanwhile.
const SLEW_SHARE: f64 = 0.5;

/// Stream time as a function of the page's own monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamTime {
    anchor: Option<Anchor>,
    frozen: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Anchor {
    stream_ms: f64,
    wall_ms: f64,
    rate: f64,
    slew: f64,
}

impl StreamTime {
    /// A clock that stands at one moment for ever, for still pictures.
    #[must_use]
    pub fn frozen(at: UnixMillis) -> Self {
        Self { anchor: None, frozen: Some(at) }
    }

    /// Takes in what a frame said of the clock when it arrived at `wall_ms`.
    pub fn observe(&mut self, clock: StreamClock, wall_ms: f64) {
        let told_ms = clock.stream_ms as f64;
        let fresh = Anchor { stream_ms: told_ms, wall_ms, rate: clock.rate, slew: 0.0 };
        let Some(anchor) = self.anchor else {
            self.anchor = Some(fresh);
            return;
        };
        let here_ms = anchor.at(wall_ms);
        let error_ms = told_ms - here_ms;
        let jumps = error_ms.abs() > JUMP_MS * clock.rate.max(1.0) || clock.rate <= 0.0;
        self.anchor = Some(if jumps {
            fresh
        } else {
            let limit = clock.rate * SLEW_SHARE;
            let slew = (error_ms / SLEW_MS).clamp(-limit, limit);
            Anchor { stream_ms: here_ms, wall_ms, rate: clock.rate, slew }
        });
    }

    /// Stream time at a moment of the page's clock; none before the first frame.
    #[must_use]
    pub fn at(&self, wall_ms: f64) -> Option<f64> {
        if let Some(at) = self.frozen {
            return Some(at.0 as f64);
        }
        self.anchor.map(|anchor| anchor.at(wall_ms))
    }
}

impl Anchor {
    fn at(&self, wall_ms: f64) -> f64 {
        let elapsed_ms = (wall_ms - self.wall_ms).max(0.0);
        self.stream_ms + elapsed_ms * self.rate + elapsed_ms.min(SLEW_MS) * self.slew
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock(stream_ms: i64, rate: f64) -> StreamClock {
        StreamClock { stream_ms, rate }
    }

    #[test]
    fn follows_pause_and_seek_at_once() {
        let mut time = StreamTime::default();
        assert_eq!(time.at(0.0), None);
        time.observe(clock(1_000_000, 4.0), 100.0);
        assert_eq!(time.at(1100.0), Some(1_004_000.0));
        time.observe(clock(1_003_990, 0.0), 1100.0);
        assert_eq!(time.at(9000.0), Some(1_003_990.0));
        time.observe(clock(5_000_000, 1.0), 9100.0);
        assert_eq!(time.at(9200.0), Some(5_000_100.0));
    }

    #[test]
    fn frozen_time_stands() {
        let mut time = StreamTime::frozen(UnixMillis(7));
        time.observe(clock(1_000_000, 1.0), 0.0);
        assert_eq!(time.at(1e9), Some(7.0));
    }

    proptest! {
        #[test]
        fn jitter_never_turns_time_back(jitter_ms in prop::collection::vec(0.0..400.0_f64, 2..60)) {
            let mut time = StreamTime::default();
            let mut last_ms = f64::MIN;
            for (tick, late_ms) in jitter_ms.iter().enumerate() {
                let sent_ms = tick as f64 * 500.0;
                time.observe(clock(sent_ms as i64, 1.0), sent_ms + late_ms);
                for step in 0..5 {
                    let here_ms = time.at(sent_ms + late_ms + f64::from(step) * 20.0).unwrap();
                    prop_assert!(here_ms >= last_ms);
                    last_ms = here_ms;
                }
                prop_assert!((time.at(sent_ms + late_ms).unwrap() - sent_ms).abs() < 500.0);
            }
        }
    }
}
