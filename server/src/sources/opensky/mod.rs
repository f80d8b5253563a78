//! OpenSky's REST interface: the machine of [`core`] decides, [`http`] asks, [`Feed`] joins the two.

pub mod core;
pub mod failure;
pub mod http;
pub mod pacing;

use crate::clock;
use crate::metrics::Metrics;
use crate::settings::OpenSkySettings;
use crate::sources::opensky::core::{Answer, Core, CoreConfig, RetryConfig, Step};
use crate::sources::opensky::failure::{Failure, Request};
use crate::sources::opensky::http::{Http, StatesAnswer};
use ::core::time::Duration;
use bytes::Bytes;
use inflight_domain::SourceRow;
use inflight_sky::{Dropped, Poll, opensky};
use std::time::Instant;
use tracing::{info, warn};

/// OpenSky as an endless sequence of events.
pub struct Feed {
    core: Core,
    http: Http,
    metrics: Metrics,
    told: Option<SourceRow>,
}

/// What OpenSky brought.
#[derive(Debug)]
pub enum FeedEvent {
    /// The state of the source changed.
    Row(SourceRow),
    /// A poll came; its row is news too.
    Polled {
        /// The answer as it came.
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
    /// A feed that starts with the first call of [`Feed::next`].
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
            poll_interval: settings.poll_interval,
            poll_credits: pacing::poll_credits(&settings.bbox),
            authenticated: settings.credentials.is_some(),
            late_after,
            retry,
        });
        Ok(Self { core, http: Http::new(settings.clone())?, metrics, told: None })
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> FeedEvent {
        if self.told.is_none() {
            return FeedEvent::Row(self.tell());
        }
        loop {
            let now = clock::now();
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
        let result = self.http.renew_token().await.map(|lifetime| Answer::Token { lifetime });
        if let Err(failure) = &result {
            self.metrics.api_error(failure.error_type());
        }
        self.finish(Request::Token, result);
        self.row_if_changed()
    }

    async fn poll(&mut self) -> Option<FeedEvent> {
        let started = Instant::now();
        let answer = self.http.states().await;
        self.metrics.poll_latency.record(started.elapsed());
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                self.poll_failed(failure);
                return self.row_if_changed();
            }
        };
        let StatesAnswer { body, credits_remaining } = answer;
        match read(body.clone()).await {
            Ok(poll) => {
                self.metrics.poll("success");
                self.finish(Request::States, Ok(Answer::States { time: Some(poll.time), credits_remaining }));
                let every_s = self.core.row().poll_interval_s;
                info!(entries = poll.entries, time = %poll.time, ?credits_remaining, every_s, "poll");
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
        self.metrics.api_error(failure.error_type());
        self.finish(Request::States, Err(failure));
    }

    fn finish(&mut self, request: Request, result: Result<Answer, Failure>) {
        let failed = result.err();
        self.core.finish(clock::now(), request, result, fastrand::f64());
        if let Some(failure) = failed {
            let row = self.core.row();
            let retry_at = row.retry_at.map(|at| at.to_string()).unwrap_or_default();
            warn!(code = failure.code(request), state = ?row.state, retry_at, "OpenSky did not answer as hoped");
        }
    }

    fn row_if_changed(&mut self) -> Option<FeedEvent> {
        (self.told.as_ref() != Some(self.core.row())).then(|| FeedEvent::Row(self.tell()))
    }

    fn tell(&mut self) -> SourceRow {
        self.told.insert(self.core.row().clone()).clone()
    }
}

/// Reads a response away from the tasks that serve clients; the whole world takes some milliseconds.
async fn read(body: Bytes) -> Result<Poll, Dropped> {
    let parse = move || opensky::parse_response(&String::from_utf8_lossy(&body), 1);
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
