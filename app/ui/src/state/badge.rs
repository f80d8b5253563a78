//! The connection badge: one honest statement out of the link's state and the rows of the sources.

use crate::state::stream_time::StreamTime;
use inflight_domain::{SourceRow, SourceState, UnixMillis};

/// Newest data older than this many polls counts as delayed.
const DELAYED_POLLS: f64 = 3.0;

/// Nothing younger than this counts as delayed, in milliseconds.
const DELAYED_AFTER_MS: f64 = 15_000.0;

/// How the link to the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LinkStatus {
    /// Not yet open for the first time.
    #[default]
    Connecting,
    /// Open.
    Open,
    /// Lost; the next attempt comes at this moment of the page's clock.
    Waiting {
        /// Page clock in milliseconds.
        retry_at_ms: f64,
    },
    /// Lost and being opened again.
    Reconnecting,
}

/// What the badge says.
#[derive(Clone, Debug, PartialEq)]
pub enum Badge {
    /// The first connection is being made, or no source has answered yet.
    Connecting,
    /// Current data.
    Live {
        /// Age of the newest data.
        age_ms: i64,
    },
    /// The source answers, but what it has is old.
    Delayed {
        /// Age of the newest data.
        age_ms: i64,
    },
    /// A recording.
    Replay {
        /// Thousandths of a stream second per second.
        speed_milli: i64,
        /// Stream time.
        at: UnixMillis,
        /// Stands still.
        paused: bool,
    },
    /// The past, while the link goes on behind it.
    Past {
        /// Stream time.
        at: UnixMillis,
        /// Stands still.
        paused: bool,
        /// Whether the link is open.
        link: bool,
    },
    /// The source fails.
    Degraded {
        /// Its code, for example `http_503`.
        code: String,
        /// Age of the newest data, if there was any.
        age_ms: Option<i64>,
    },
    /// The source told to wait.
    RateLimited {
        /// Until when.
        until: Option<UnixMillis>,
    },
    /// The source does not accept the credentials.
    Unauthorised,
    /// No connection to the server.
    Offline {
        /// Time until the next attempt; none while it is being made.
        retry_in_ms: Option<i64>,
    },
}

/// How loud the badge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Not of now, and not wrong either.
    Quiet,
    /// Look here when there is time.
    Attention,
    /// Something is broken.
    Alarm,
}

impl Badge {
    /// The statement for a moment of the page's clock; of several sources the worst one speaks.
    #[must_use]
    pub fn of<'a>(
        link: LinkStatus,
        sources: impl Iterator<Item = &'a SourceRow>,
        time: &StreamTime,
        now_ms: f64,
    ) -> Self {
        match link {
            LinkStatus::Waiting { retry_at_ms } => {
                return Self::Offline { retry_in_ms: Some((retry_at_ms - now_ms).max(0.0) as i64) };
            }
            LinkStatus::Reconnecting => return Self::Offline { retry_in_ms: None },
            LinkStatus::Connecting => return Self::Connecting,
            LinkStatus::Open => {}
        }
        let stream_now = time.at(now_ms).map(|ms| UnixMillis(ms as i64));
        sources
            .max_by_key(|source| severity(source, stream_now))
            .map_or(Self::Connecting, |source| Self::of_source(source, stream_now))
    }

    /// How loud it is.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self {
            Self::Live { .. } => Tone::Good,
            Self::Connecting | Self::Replay { .. } | Self::Past { .. } => Tone::Quiet,
            Self::Delayed { .. } | Self::Degraded { .. } | Self::RateLimited { .. } => Tone::Attention,
            Self::Unauthorised | Self::Offline { .. } => Tone::Alarm,
        }
    }

    /// Name of the kind, for style sheets, tests and announcements.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live { .. } => "live",
            Self::Delayed { .. } => "delayed",
            Self::Replay { .. } => "replay",
            Self::Past { .. } => "history",
            Self::Degraded { .. } => "degraded",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unauthorised => "unauthorised",
            Self::Offline { .. } => "offline",
        }
    }

    fn of_source(source: &SourceRow, stream_now: Option<UnixMillis>) -> Self {
        let age_ms = age_ms(source, stream_now);
        match (source.state, &source.replay) {
            // Whoever sees this watches, so an idle source is asked at once.
            (SourceState::Starting | SourceState::Idle, _) => Self::Connecting,
            (SourceState::Live, _) => match age_ms {
                Some(age_ms) if is_late(source, age_ms) => Self::Delayed { age_ms },
                Some(age_ms) => Self::Live { age_ms },
                None => Self::Connecting,
            },
            (SourceState::Replay, Some(replay)) => Self::Replay {
                speed_milli: (replay.speed * 1000.0).round() as i64,
                at: stream_now.or(source.newest_poll).unwrap_or(replay.start),
                paused: replay.paused,
            },
            (SourceState::Replay, None) => Self::Connecting,
            (SourceState::Degraded | SourceState::Stopped, _) => {
                Self::Degraded { code: source.code.clone(), age_ms }
            }
            (SourceState::RateLimited, _) => Self::RateLimited { until: source.retry_at },
            (SourceState::Unauthorised, _) => Self::Unauthorised,
        }
    }
}

/// Age of a source's newest data in stream time.
#[must_use]
pub fn age_ms(source: &SourceRow, stream_now: Option<UnixMillis>) -> Option<i64> {
    Some(stream_now?.since(source.newest_poll?).max(0))
}

fn is_late(source: &SourceRow, age_ms: i64) -> bool {
    age_ms as f64 > (source.poll_interval_s * 1000.0 * DELAYED_POLLS).max(DELAYED_AFTER_MS)
}

fn severity(source: &SourceRow, stream_now: Option<UnixMillis>) -> u8 {
    match Badge::of_source(source, stream_now) {
        Badge::Connecting => 0,
        Badge::Replay { .. } | Badge::Past { .. } => 1,
        Badge::Live { .. } => 2,
        Badge::Delayed { .. } => 3,
        Badge::Degraded { .. } => 4,
        Badge::RateLimited { .. } => 5,
        Badge::Unauthorised => 6,
        Badge::Offline { .. } => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::system::ReplayRow;
    use inflight_wire::frame::StreamClock;

    const STREAM_MS: i64 = 1_700_000_000_000;

    fn source(state: SourceState, age_s: i64) -> SourceRow {
        SourceRow {
            name: "opensky".to_owned(),
            number: 0,
            state,
            code: if state == SourceState::Degraded { "http_503".to_owned() } else { String::new() },
            retry_at: (state == SourceState::RateLimited).then_some(UnixMillis(STREAM_MS + 60_000)),
            newest_poll: Some(UnixMillis(STREAM_MS - age_s * 1000)),
            poll_interval_s: 10.0,
            polls: 3,
            credits_remaining: None,
            replay: None,
        }
    }

    fn badge(link: LinkStatus, sources: &[SourceRow]) -> Badge {
        let mut time = StreamTime::default();
        time.observe(StreamClock { stream_ms: STREAM_MS, rate: 1.0 }, 5000.0);
        Badge::of(link, sources.iter(), &time, 5000.0)
    }

    #[test]
    fn each_state_is_told_apart() {
        for (state, age_s, kind, tone) in [
            (SourceState::Live, 3, "live", Tone::Good),
            (SourceState::Live, 42, "delayed", Tone::Attention),
            (SourceState::Degraded, 3, "degraded", Tone::Attention),
            (SourceState::RateLimited, 3, "rate_limited", Tone::Attention),
            (SourceState::Unauthorised, 3, "unauthorised", Tone::Alarm),
            (SourceState::Starting, 3, "connecting", Tone::Quiet),
        ] {
            let badge = badge(LinkStatus::Open, &[source(state, age_s)]);
            assert_eq!((badge.kind(), badge.tone()), (kind, tone), "{state:?}");
        }
        assert_eq!(badge(LinkStatus::Open, &[]), Badge::Connecting);
    }

    #[test]
    fn a_lost_link_outweighs_every_source() {
        let sources = [source(SourceState::Live, 1)];
        assert_eq!(
            badge(LinkStatus::Waiting { retry_at_ms: 8000.0 }, &sources),
            Badge::Offline { retry_in_ms: Some(3000) }
        );
        assert_eq!(badge(LinkStatus::Reconnecting, &sources), Badge::Offline { retry_in_ms: None });
        assert_eq!(badge(LinkStatus::Connecting, &sources), Badge::Connecting);
    }

    #[test]
    fn the_worst_source_speaks() {
        let sources = [source(SourceState::Live, 1), source(SourceState::RateLimited, 1)];
        assert_eq!(
            badge(LinkStatus::Open, &sources),
            Badge::RateLimited { until: Some(UnixMillis(STREAM_MS + 60_000)) }
        );
    }

    #[test]
    fn a_recording_tells_speed_and_time() {
        let replay = ReplayRow {
            recording: "nyc.jsonl".to_owned(),
            start: UnixMillis(STREAM_MS - 1000),
            end: UnixMillis(STREAM_MS + 1000),
            speed: 4.0,
            paused: false,
            looped: true,
            controllable: true,
        };
        let source = SourceRow { replay: Some(replay), ..source(SourceState::Replay, 900) };
        assert_eq!(
            badge(LinkStatus::Open, &[source]),
            Badge::Replay { speed_milli: 4000, at: UnixMillis(STREAM_MS), paused: false }
        );
    }
}
