//! A source that is asked again and again, as an endless sequence of events.

use crate::clock;
use crate::metrics::Metrics;
use crate::settings::{OpenSkySettings, SourceSettings};
use crate::sources::attention::Attention;
use crate::sources::fetch::Fetch;
use crate::sources::opensky::core::{Answer, Core, CoreConfig, RetryConfig, Step};
use crate::sources::opensky::failure::{Failure, Request};
use crate::sources::opensky::http::{Http, StatesAnswer};
use crate::sources::opensky::pacing;
use ::core::time::Duration;
use bytes::Bytes;
use inflight_domain::SourceRow;
use inflight_sky::{Dropped, Poll, SourceKind};
use std::time::Instant;
use tracing::{info, warn};

/// The source.
pub struct Feed {
    kind: SourceKind,
    core: Core,
    fetch: Fetch,
    attention: Attention,
    metrics: Metrics,
    told: Option<SourceRow>,
}

/// What a source brought.
#[derive(Debug)]
pub enum FeedEvent {
    /// The state of the source changed.
    Row(SourceRow),
    /// A poll came; its row is news too.
    Polled {
        /// The answer as it came; of SBS the lines.
        body: Bytes,
        /// The answer as read.
        poll: Poll,
        /// State of the source.
        row: SourceRow,
    },
    /// An answer came that is no response at all.
    Unreadable {
        /// Why.
        dropped: Dropped,
        /// State of the source.
        row: SourceRow,
    },
}

/// The longest sleep, so that a wall clock that is set does not stop the feed for long.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

impl Feed {
    /// OpenSky, from the first call of [`Feed::next`] on.
    ///
    /// # Errors
    /// The HTTP client could not be set up.
    pub fn new(
        settings: &OpenSkySettings,
        late_after: Duration,
        retry: RetryConfig,
        metrics: Metrics,
    ) -> Result<Self, reqwest::Error> {
        let core = Core::new(CoreConfig {
            name: SourceKind::OpenSky.name().to_owned(),
            poll_interval: settings.poll_interval,
            poll_credits: pacing::poll_credits(&settings.bbox),
            authenticated: settings.credentials.is_some(),
            late_after,
            retry,
        });
        let fetch = Fetch::OpenSky(Box::new(Http::new(settings.clone())?));
        let (kind, attention) = (SourceKind::OpenSky, Attention::always());
        Ok(Self { kind, core, fetch, attention, metrics, told: None })
    }

    /// A receiver or a service that is asked for aircraft by address or file.
    ///
    /// # Errors
    /// The HTTP client could not be set up.
    pub fn polled(
        settings: &SourceSettings,
        late_after: Duration,
        retry: RetryConfig,
        metrics: Metrics,
    ) -> Result<Self, reqwest::Error> {
        let core = Core::new(CoreConfig {
            name: settings.name.clone(),
            poll_interval: settings.interval,
            poll_credits: 0,
            authenticated: false,
            late_after,
            retry,
        });
        let fetch = Fetch::new(settings)?;
        let (kind, attention) = (settings.kind, Attention::always());
        Ok(Self { kind, core, fetch, attention, metrics, told: None })
    }

    /// Asks only while somebody watches.
    pub fn pause_without(&mut self, attention: Attention) {
        self.attention = attention;
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> FeedEvent {
        if self.told.is_none() {
            return FeedEvent::Row(self.tell());
        }
        loop {
            let now = clock::now();
            if self.attention.is_away() && self.core.rest() {
                return FeedEvent::Row(self.tell());
            }
            if self.core.is_resting() {
                self.attention.returns().await;
                self.core.wake();
                continue;
            }
            let event = match self.core.next(now) {
                Step::Wait(until) => {
                    let wait = u64::try_from(until.since(now)).unwrap_or_default();
                    tokio::time::sleep(Duration::from_millis(wait).min(LONGEST_SLEEP)).await;
                    None
                }
                Step::Send(Request::Token) => self.renew_token().await,
                Step::Send(Request::States) => self.poll().await,
            };
            if let Some(event) = event {
                return event;
            }
        }
    }

    async fn renew_token(&mut self) -> Option<FeedEvent> {
        let Fetch::OpenSky(http) = &mut self.fetch else { return None };
        let result = http.renew_token().await.map(|lifetime| Answer::Token { lifetime });
        if let Err(failure) = &result {
            self.metrics.api_error(failure.error_type());
        }
        self.finish(Request::Token, result);
        self.row_if_changed()
    }

    async fn poll(&mut self) -> Option<FeedEvent> {
        let started = Instant::now();
        let answer = self.fetch.answer().await;
        self.metrics.poll_latency.record(started.elapsed());
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                self.poll_failed(failure);
                return self.row_if_changed();
            }
        };
        let StatesAnswer { body, credits_remaining } = answer;
        match read(self.kind, body.clone()).await {
            Ok(poll) => {
                self.metrics.poll("success");
                self.metrics.source_poll(&self.core.row().name, "success");
                self.finish(Request::States, Ok(Answer::States { time: Some(poll.time), credits_remaining }));
                let every_s = self.core.row().poll_interval_s;
                info!(source = self.core.row().name, entries = poll.entries, time = %poll.time, ?credits_remaining, every_s, "poll");
                Some(FeedEvent::Polled { body, poll, row: self.tell() })
            }
            Err(dropped) => {
                self.poll_failed(Failure::Body("bad_body"));
                Some(FeedEvent::Unreadable { dropped, row: self.tell() })
            }
        }
    }

    fn poll_failed(&mut self, failure: Failure) {
        self.metrics.poll(failure.poll_status());
        self.metrics.source_poll(&self.core.row().name, failure.poll_status());
        self.metrics.api_error(failure.error_type());
        self.finish(Request::States, Err(failure));
    }

    fn finish(&mut self, request: Request, result: Result<Answer, Failure>) {
        let failed = result.err();
        self.core.finish(clock::now(), request, result, fastrand::f64());
        if let Some(failure) = failed {
            let row = self.core.row();
            let retry_at = row.retry_at.map(|at| at.to_string()).unwrap_or_default();
            let (source, code) = (&row.name, failure.code(request));
            warn!(source, code, state = ?row.state, retry_at, "a source did not answer as hoped");
        }
    }

    fn row_if_changed(&mut self) -> Option<FeedEvent> {
        (self.told.as_ref() != Some(self.core.row())).then(|| FeedEvent::Row(self.tell()))
    }

    fn tell(&mut self) -> SourceRow {
        self.told.insert(self.core.row().clone()).clone()
    }
}

/// Reads an answer away from the tasks that serve clients; the whole world takes some milliseconds.
async fn read(kind: SourceKind, body: Bytes) -> Result<Poll, Dropped> {
    let parse = move || kind.read_answer(&String::from_utf8_lossy(&body), 1);
    match tokio::task::spawn_blocking(parse).await {
        Ok(result) => result,
        Err(stopped) => Err(Dropped::new(
            inflight_domain::DropReason::NotJson,
            format!("the reader stopped: {stopped}"),
            1,
            "",
        )),
    }
}
