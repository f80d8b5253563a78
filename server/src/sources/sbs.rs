//! SBS over TCP: connects, splits the stream into lines, hands on what came each second, and connects again.

use crate::clock;
use crate::metrics::Metrics;
use crate::settings::{SourceSettings, Target};
use crate::sources::feed::FeedEvent;
use crate::sources::opensky::core::RetryConfig;
use bytes::{Buf, Bytes, BytesMut};
use core::time::Duration;
use inflight_domain::{SourceRow, SourceState, UnixMillis};
use inflight_sky::sbs::Sbs;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{info, warn};

/// Bytes of a line that are taken; a message has about 120.
const LINE_BYTES: usize = 1024;

/// Bytes of lines that wait for the next poll; more than a busy receiver sends in a minute.
const PENDING_BYTES: usize = 4 * 1024 * 1024;

/// Silence after which the connection counts as dead; receivers send a sign of life every minute.
const SILENCE: Duration = Duration::from_secs(90);

/// The source.
pub struct SbsFeed {
    address: String,
    interval: Duration,
    connect_timeout: Duration,
    silence: Duration,
    late_after: Duration,
    retry: RetryConfig,
    metrics: Metrics,
    row: SourceRow,
    told: Option<SourceRow>,
    link: Option<Link>,
    next_at: Instant,
    failures: u32,
    sbs: Sbs,
}

struct Link {
    stream: TcpStream,
    /// What came of a line that is not whole.
    rest: BytesMut,
    /// The rest of a line that is too long is still to come.
    skipping: bool,
    /// Whole lines since the last poll.
    lines: Vec<u8>,
    heard_at: Instant,
    poll_at: Instant,
}

/// What happened on the connection.
enum Event {
    Read,
    Ended,
    Failed,
    Due,
    Silent,
}

impl SbsFeed {
    /// A feed that connects with the first call of [`SbsFeed::next`].
    #[must_use]
    pub fn new(
        settings: &SourceSettings,
        late_after: Duration,
        retry: RetryConfig,
        metrics: Metrics,
    ) -> Self {
        let address = match &settings.target {
            Target::Address(address) => address.clone(),
            _ => String::new(),
        };
        let row = SourceRow {
            name: settings.name.clone(),
            number: 0,
            state: SourceState::Starting,
            code: String::new(),
            retry_at: None,
            newest_poll: None,
            poll_interval_s: settings.interval.as_secs_f64(),
            polls: 0,
            credits_remaining: None,
            replay: None,
        };
        Self {
            address,
            interval: settings.interval,
            connect_timeout: settings.timeout,
            silence: SILENCE,
            late_after,
            retry,
            metrics,
            row,
            told: None,
            link: None,
            next_at: Instant::now(),
            failures: 0,
            sbs: Sbs::default(),
        }
    }

    /// Counts silence as an end after this long.
    pub fn set_silence(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> FeedEvent {
        loop {
            if self.told.as_ref() != Some(&self.row) {
                return FeedEvent::Row(self.tell());
            }
            let Some(link) = &mut self.link else {
                self.connect().await;
                continue;
            };
            match link.event(self.silence).await {
                Event::Read => link.split(),
                Event::Due => {
                    link.poll_at = Instant::now() + self.interval;
                    if let Some(event) = self.poll() {
                        return event;
                    }
                }
                Event::Ended => self.fail("connection_closed"),
                Event::Failed => self.fail("connection"),
                Event::Silent => self.fail("silent"),
            }
        }
    }

    async fn connect(&mut self) {
        sleep_until(self.next_at).await;
        match timeout(self.connect_timeout, TcpStream::connect(&self.address)).await {
            Ok(Ok(stream)) => {
                info!(source = self.row.name, address = self.address, "connected");
                self.link = Some(Link::new(stream, self.interval));
            }
            Ok(Err(_)) => self.fail("connection"),
            Err(_) => self.fail("timeout"),
        }
    }

    fn poll(&mut self) -> Option<FeedEvent> {
        let now = clock::now();
        let lines = self.link.as_mut().map(|link| core::mem::take(&mut link.lines)).unwrap_or_default();
        if lines.is_empty() {
            let late_ms = i64::try_from(self.late_after.as_millis()).unwrap_or(i64::MAX);
            if self.row.newest_poll.is_some_and(|newest| now.since(newest) > late_ms) {
                self.say(SourceState::Degraded, "late_data", None);
            }
            return None;
        }
        for line in String::from_utf8_lossy(&lines).lines() {
            self.sbs.take(line, Some(now), 1);
        }
        let poll = self.sbs.poll(now);
        self.failures = 0;
        self.row.polls += 1;
        self.row.newest_poll = Some(now);
        self.say(SourceState::Live, "", None);
        self.metrics.source_poll(&self.row.name, "success");
        Some(FeedEvent::Polled { body: Bytes::from(lines), poll, row: self.tell() })
    }

    fn fail(&mut self, code: &'static str) {
        self.link = None;
        let RetryConfig { floor, ceiling, .. } = self.retry;
        let doubled = floor.saturating_mul(2_u32.saturating_pow(self.failures.saturating_add(1)));
        let wait = floor + doubled.min(ceiling).saturating_sub(floor).mul_f64(fastrand::f64());
        self.failures = self.failures.saturating_add(1);
        self.next_at = Instant::now() + wait;
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 4);
        warn!(source = self.row.name, code, wait_ms, "a source is not there");
        self.metrics.source_poll(&self.row.name, code);
        self.say(SourceState::Degraded, code, Some(UnixMillis(clock::now().0 + wait_ms)));
    }

    fn say(&mut self, state: SourceState, code: &str, retry_at: Option<UnixMillis>) {
        self.row.state = state;
        code.clone_into(&mut self.row.code);
        self.row.retry_at = retry_at;
    }

    fn tell(&mut self) -> SourceRow {
        self.told.insert(self.row.clone()).clone()
    }
}

impl Link {
    fn new(stream: TcpStream, interval: Duration) -> Self {
        let now = Instant::now();
        let (rest, lines) = (BytesMut::new(), Vec::new());
        Self { stream, rest, skipping: false, lines, heard_at: now, poll_at: now + interval }
    }

    /// Nothing of the stream is lost, whichever comes first.
    async fn event(&mut self, silence: Duration) -> Event {
        tokio::select! {
            () = sleep_until(self.poll_at) => Event::Due,
            () = sleep_until(self.heard_at + silence) => Event::Silent,
            read = self.stream.read_buf(&mut self.rest), if self.lines.len() < PENDING_BYTES => match read {
                Ok(0) => Event::Ended,
                Ok(_) => Event::Read,
                Err(_) => Event::Failed,
            },
        }
    }

    /// Moves whole lines over; of a line that is too long only the beginning, which is then counted as bad.
    fn split(&mut self) {
        self.heard_at = Instant::now();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line = self.rest.split_to(end + 1);
            if !core::mem::take(&mut self.skipping) {
                self.lines.extend_from_slice(&line[..line.len().min(LINE_BYTES)]);
                self.lines.push(b'\n');
            }
        }
        if self.rest.len() > LINE_BYTES {
            if !core::mem::replace(&mut self.skipping, true) {
                self.lines.extend_from_slice(&self.rest[..LINE_BYTES]);
                self.lines.push(b'\n');
            }
            self.rest.advance(self.rest.len());
        }
    }
}
