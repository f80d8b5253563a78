//! Sources of observations: adapters with sockets and files around the pure readers of `sky`.

pub mod attention;
pub mod feed;
pub mod fetch;
pub mod opensky;
pub mod replay;
pub mod sbs;

use crate::metrics::Metrics;
use crate::settings::{Settings, SourceSettings};
use crate::sources::attention::Attention;
use crate::sources::feed::{Feed, FeedEvent};
use crate::sources::opensky::core::RetryConfig;
use crate::sources::sbs::SbsFeed;
use inflight_sky::SourceKind;

/// A live source of any kind.
pub enum Source {
    /// One that is asked.
    Polled(Box<Feed>),
    /// One that speaks by itself.
    Sbs(Box<SbsFeed>),
}

impl Source {
    /// A source that starts with the first call of [`Source::next`]; where it costs something, it is asked only
    /// while `attention` is there.
    ///
    /// # Errors
    /// The HTTP client could not be set up.
    pub fn new(
        settings: &Settings,
        source: &SourceSettings,
        retry: RetryConfig,
        metrics: &Metrics,
        attention: Attention,
    ) -> Result<Self, reqwest::Error> {
        let (late_after, metrics) = (settings.stale_after, metrics.clone());
        let mut feed = match source.kind {
            SourceKind::Sbs => {
                return Ok(Self::Sbs(Box::new(SbsFeed::new(source, late_after, retry, metrics))));
            }
            SourceKind::OpenSky => Feed::new(&settings.opensky, late_after, retry, metrics)?,
            SourceKind::Readsb | SourceKind::Adsbx => Feed::polled(source, late_after, retry, metrics)?,
        };
        if settings.pause_unwatched && source.kind != SourceKind::Readsb {
            feed.pause_without(attention);
        }
        Ok(Self::Polled(Box::new(feed)))
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> FeedEvent {
        match self {
            Self::Polled(feed) => feed.next().await,
            Self::Sbs(feed) => feed.next().await,
        }
    }
}
