//! What of the past is loaded, and what comes after its end. Pure: times in, times out.

use inflight_domain::UnixMillis;
use inflight_domain::system::HistoryRow;

/// A loaded range holds at most about this much before compression.
const LOAD_BYTES: u64 = 64 << 20;

/// Polls of this long before a moment are loaded too, so that motion is known there.
const LEAD_MS: i64 = 180_000;

/// At the end of what was loaded, the present is not further away than this, or the journey goes on.
const NEAR_MS: i64 = 90_000;

/// A place so near to the end of the timeline means now.
pub const NOW_S: i64 = 4;

/// What the page looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Away {
    /// What its link brings.
    #[default]
    Here,
    /// Still that, while something else is read, in percent.
    Loading(u8),
    /// The past.
    Past,
    /// A file of the person.
    File,
}

impl Away {
    /// Whether something else than the link's data is shown.
    #[must_use]
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Past | Self::File)
    }
}

/// The range to load for a moment: all that is kept, or as much around and after it as fits.
#[must_use]
pub fn range_for(kept: HistoryRow, at: UnixMillis) -> (UnixMillis, UnixMillis) {
    let span_ms = kept.to.since(kept.from).max(1);
    if kept.raw_bytes <= LOAD_BYTES {
        return (kept.from, kept.to);
    }
    let fits_ms = (span_ms as f64 * LOAD_BYTES as f64 / kept.raw_bytes as f64) as i64;
    let from = (at.0 - LEAD_MS).clamp(kept.from.0, (kept.to.0 - fits_ms).max(kept.from.0));
    (UnixMillis(from), UnixMillis((from + fits_ms).min(kept.to.0)))
}

/// Whether a journey that reached the end of its range goes on to a next one; else it is in the present.
#[must_use]
pub fn goes_on(kept: Option<HistoryRow>, end: UnixMillis) -> bool {
    kept.is_some_and(|kept| kept.to.since(end) > NEAR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(raw_bytes: u64) -> HistoryRow {
        HistoryRow { from: UnixMillis(1_000_000), to: UnixMillis(4_600_000), raw_bytes }
    }

    #[test]
    fn little_is_loaded_whole() {
        assert_eq!(
            range_for(kept(1000), UnixMillis(2_000_000)),
            (UnixMillis(1_000_000), UnixMillis(4_600_000))
        );
        assert!(goes_on(Some(kept(1)), UnixMillis(4_000_000)));
        assert!(!goes_on(Some(kept(1)), UnixMillis(4_590_000)) && !goes_on(None, UnixMillis(0)));
    }

    proptest! {
        #[test]
        fn a_range_holds_the_moment_and_fits(raw_bytes in 1..4_u64 << 30, at in 1_000_000..4_600_000_i64) {
            let kept = kept(raw_bytes);
            let (from, to) = range_for(kept, UnixMillis(at));
            prop_assert!(kept.from <= from && from < to && to <= kept.to);
            let share = to.since(from) as f64 / kept.to.since(kept.from) as f64;
            prop_assert!(raw_bytes <= LOAD_BYTES || share * raw_bytes as f64 <= LOAD_BYTES as f64 * 1.01);
            prop_assert!((from.0..=to.0).contains(&at) || share * 3_600_000.0 < LEAD_MS as f64 * 1.01);
        }
    }
}
