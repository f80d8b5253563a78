//! The services of specification 004 over HTTP: a breaker, a bulkhead and retries for each, and a cache of businesses.

use crate::agents::clients::known::Known;
use crate::agents::driver::answers::failure;
use crate::clock;
use crate::metrics::Metrics;
use crate::settings::Secret;
use crate::settings::services::ServiceSettings;
use core::time::Duration;
use inflight_agents::breaker::{Breaker, BreakerLimits, BreakerState};
use inflight_agents::ports::cache::Cache;
use inflight_agents::ports::{Call, Reply, Service, http};
use inflight_agents::retry::{self, Again};
use inflight_agents::{AskFailure, RetryPolicy};
use reqwest::{Client, Method, Url, redirect};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

/// The services that have an address.
pub struct HttpServices {
    client: Client,
    key: Option<Secret>,
    services: BTreeMap<Service, Guarded>,
    cache: Mutex<Cache<Reply>>,
    known: Known,
    metrics: Metrics,
    /// Moves when a breaker opens or closes.
    changes: watch::Sender<()>,
}

/// What a call carries beside what it says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// Whoever gets the call twice knows it by this.
    pub key: Option<&'a str>,
    /// Joins what belongs together across systems.
    pub correlation: Option<&'a str>,
}

struct Guarded {
    address: Url,
    breaker: Mutex<Breaker>,
    room: Semaphore,
}

/// One answer may take so long.
const WITHIN: Duration = Duration::from_secs(5);
/// A place for a call is waited for so long.
const PLACE: Duration = Duration::from_secs(2);
/// Calls of one service at once.
const AT_ONCE: usize = 16;
/// Businesses that are remembered.
const CACHED_MAX: usize = 1000;
/// Largest answer in bytes.
const ANSWER_BYTES: usize = 1024 * 1024;
/// Tries after the first, and the wait before them.
const RETRY: RetryPolicy = RetryPolicy { max_retries: 2, retry_delay: 200, max_delay: 2000, timeout: 5000 };

impl HttpServices {
    /// Services at these addresses.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up.
    pub fn new(settings: &ServiceSettings, metrics: Metrics) -> Result<Self, reqwest::Error> {
        Self::with_limits(settings, metrics, BreakerLimits::default())
    }

    /// Services whose breakers have these limits.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up.
    pub fn with_limits(
        settings: &ServiceSettings,
        metrics: Metrics,
        limits: BreakerLimits,
    ) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .connect_timeout(WITHIN)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        let is_local = settings.addresses.values().all(crate::sources::opensky::http::is_loopback);
        let client = if is_local { builder.no_proxy() } else { builder }.build()?;
        let guarded = |(service, address): (&Service, &Url)| {
            let breaker = Mutex::new(Breaker::new(limits, clock::now()));
            (*service, Guarded { address: address.clone(), breaker, room: Semaphore::new(AT_ONCE) })
        };
        let hold_ms = i64::try_from(settings.cache.as_millis()).unwrap_or(i64::MAX);
        Ok(Self {
            client,
            key: settings.key.clone(),
            services: settings.addresses.iter().map(guarded).collect(),
            cache: Mutex::new(Cache::new(hold_ms, CACHED_MAX)),
            known: Known::default(),
            changes: watch::Sender::new(()),
            metrics,
        })
    }

    /// Which services these are.
    #[must_use]
    pub fn services(&self) -> BTreeSet<Service> {
        self.services.keys().copied().collect()
    }

    /// What resources were when their service answered last.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Moves when a breaker opens or closes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// How the breaker of a service is.
    #[must_use]
    pub fn breaker(&self, service: Service) -> Option<BreakerState> {
        let guarded = self.services.get(&service)?;
        let breaker = guarded.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        Some(breaker.state(clock::now()).0)
    }

    /// Calls; what is known of a business is not asked again for a while. Without a key a call that changes nothing is
    /// repeated; one with a key goes out once, and the outbox repeats it.
    ///
    /// # Errors
    /// `busy` and `circuit_open` where nothing was sent; `timeout`, `unavailable`, `refused`, `invalid` or `not_found`.
    pub async fn call(&self, call: &Call, marks: Marks<'_>) -> Result<Reply, AskFailure> {
        let name = (call.service() == Service::BusinessInfo).then(|| http::request(call).path);
        if let Some(name) = &name
            && let Some(reply) = self.cache().get(name, clock::now())
        {
            self.metrics.agent_service(call.service().name(), "cached");
            return Ok(reply);
        }
        let done = self.called(call, marks).await;
        let word = done.as_ref().map_or_else(|failure| failure.kind.clone(), |_| "answered".to_owned());
        self.metrics.agent_service(call.service().name(), word);
        if let (Some(name), Ok(reply)) = (name, &done) {
            self.cache().put(&name, reply.clone(), clock::now());
        }
        done
    }

    fn cache(&self) -> MutexGuard<'_, Cache<Reply>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn called(&self, call: &Call, marks: Marks<'_>) -> Result<Reply, AskFailure> {
        let service = call.service().name();
        let guarded = self.services.get(&call.service());
        let guarded = guarded.ok_or_else(|| failure("unavailable", format!("{service} has no address")))?;
        let place = timeout(PLACE, guarded.room.acquire()).await;
        let Ok(Ok(_place)) = place else {
            return Err(failure("busy", format!("{service} has {AT_ONCE} calls to answer already")));
        };
        self.repeat(guarded, call, marks).await
    }

    async fn repeat(&self, guarded: &Guarded, call: &Call, marks: Marks<'_>) -> Result<Reply, AskFailure> {
        // What changes something is tried again by the outbox, as its effect says.
        let may_repeat = marks.key.is_none() && call.is_repeatable();
        let (mut tries, mut last) = (0, None);
        loop {
            let failed = match self.guarded(guarded, call, marks).await {
                Ok(reply) => return Ok(reply),
                // The breaker opened between two tries: what the first one met is told.
                Err(failed) if failed.kind == "circuit_open" => return Err(last.unwrap_or(failed)),
                Err(failed) => failed,
            };
            tries += 1;
            let passing = matches!(failed.kind.as_str(), "unavailable" | "timeout");
            let now = clock::now();
            match retry::after(&RETRY, tries, now, fastrand::u64(..), None, None) {
                Again::At(at) if passing && may_repeat => {
                    last = Some(failed);
                    sleep(Duration::from_millis(u64::try_from(at.0 - now.0).unwrap_or_default())).await;
                }
                _ => return Err(failed),
            }
        }
    }

    async fn guarded(&self, guarded: &Guarded, call: &Call, marks: Marks<'_>) -> Result<Reply, AskFailure> {
        let service = call.service().name();
        let ticket = guarded.breaker.lock().unwrap_or_else(PoisonError::into_inner).admit(clock::now());
        let ticket = ticket.map_err(|_| {
            failure(
                "circuit_open",
                format!("{service} failed again and again and is left in peace for a while"),
            )
        })?;
        let done = match timeout(WITHIN, self.send(guarded, call, marks)).await {
            Ok(done) => done,
            Err(_) => {
                Err(failure("timeout", format!("{service} did not answer within {} s", WITHIN.as_secs())))
            }
        };
        let is_well = done
            .as_ref()
            .map_or_else(|failed| !matches!(failed.kind.as_str(), "unavailable" | "timeout"), |_| true);
        let now = clock::now();
        let mut breaker = guarded.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let before = breaker.state(now).0;
        breaker.settle(ticket, is_well, now);
        if breaker.state(now).0 != before {
            self.changes.send_replace(());
        }
        drop(breaker);
        done
    }

    async fn send(&self, guarded: &Guarded, call: &Call, marks: Marks<'_>) -> Result<Reply, AskFailure> {
        let service = call.service().name();
        let request = http::request(call);
        let address = format!("{}{}", guarded.address.as_str().trim_end_matches('/'), request.path);
        let method = if request.method == "POST" { Method::POST } else { Method::GET };
        let mut sending = self.client.request(method, address).header("accept", "application/json");
        if let Some(body) = &request.body {
            sending = sending.header("content-type", "application/json").body(body.to_string());
        }
        for (name, mark) in [("idempotency-key", marks.key), ("x-request-id", marks.correlation)] {
            if let Some(mark) = mark {
                sending = sending.header(name, mark);
            }
        }
        if let Some(secret) = &self.key {
            sending = sending.bearer_auth(secret.reveal());
        }
        // The error of the client is left out: it has the address in it.
        let broken = |_| failure("unavailable", format!("there is no connection to {service}"));
        let mut response = sending.send().await.map_err(broken)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err(failure(
                    "invalid",
                    format!("{service} answered with more than {ANSWER_BYTES} bytes"),
                ));
            }
            body.extend_from_slice(&piece);
        }
        http::reply(call, status, &body)
    }
}
