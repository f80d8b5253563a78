//! How often to poll, so that the day's credits last until they are renewed at midnight UTC.

use core::time::Duration;
use inflight_domain::{BoundingBox, UnixMillis};

/// How to go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Poll with this much time between the starts.
    Every(Duration),
    /// The credits are spent; nothing before this time.
    Until(UnixMillis),
}

const DAY_MS: i64 = 86_400_000;

/// Spreads the remaining credits over the rest of the UTC day, never faster than `shortest`.
#[must_use]
pub fn pace(now: UnixMillis, shortest: Duration, poll_credits: u64, remaining: Option<u64>) -> Pace {
    let Some(remaining) = remaining else { return Pace::Every(shortest) };
    let left_ms = DAY_MS - now.0.rem_euclid(DAY_MS);
    match remaining / poll_credits.max(1) {
        0 => Pace::Until(UnixMillis(now.0 + left_ms)),
        polls => Pace::Every(shortest.max(Duration::from_millis(left_ms.unsigned_abs().div_ceil(polls)))),
    }
}

/// Credits of one request for all states in the box, by its area in square degrees (OpenSky's price list).
#[must_use]
pub fn poll_credits(bbox: &BoundingBox) -> u64 {
    match bbox.area_sq_deg() {
        area if area <= 25.0 => 1,
        area if area <= 100.0 => 2,
        area if area <= 400.0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds_of_day: i64, poll_credits: u64, remaining: Option<u64>, expected: Pace) {
        let now = UnixMillis(20_000 * DAY_MS + seconds_of_day * 1000);
        assert_eq!(
            pace(now, Duration::from_secs(10), poll_credits, remaining),
            expected,
            "{seconds_of_day} {remaining:?}"
        );
    }

    #[test]
    fn credits_are_spread_over_the_day() {
        let every = |ms| Pace::Every(Duration::from_millis(ms));
        check(0, 1, None, every(10_000));
        check(0, 1, Some(400), every(216_000));
        check(0, 1, Some(4000), every(21_600));
        check(0, 1, Some(8000), every(10_800));
        check(0, 1, Some(100_000), every(10_000));
        check(0, 2, Some(4000), every(43_200));
        check(43_200, 1, Some(4000), every(10_800));
        check(86_390, 1, Some(1), every(10_000));
        check(3600, 1, Some(0), Pace::Until(UnixMillis(20_001 * DAY_MS)));
        check(3600, 4, Some(3), Pace::Until(UnixMillis(20_001 * DAY_MS)));
    }

    #[test]
    fn larger_boxes_cost_more() {
        for (side, expected) in [(5.0, 1), (10.0, 2), (20.0, 3), (20.1, 4)] {
            let bbox = BoundingBox::new(0.0, side, 0.0, side).unwrap();
            assert_eq!(poll_credits(&bbox), expected, "{side}");
        }
    }
}
