//! Delivers effects: those that were written with the events of a run and are due, at least once, each with its key.

pub mod call;
mod parked;

use crate::agents::businesses;
use crate::agents::clients::http::{HttpServices, Marks};
use crate::agents::driver::{DriveError, Driver};
use crate::agents::outbox::call::{CallFailure, Calls};
use crate::agents::outbox::parked::Parked;
use crate::clock;
use crate::metrics::tally::Tally;
use core::time::Duration;
use inflight_agents::breaker::{Breaker, BreakerLimits};
use inflight_agents::closing::{STORE_DECISION, UPDATE_MODEL_USAGE};
use inflight_agents::ports::{Call as CallOf, Reply};
use inflight_agents::retry::{self, Again};
use inflight_agents::rows::OutboxRow;
use inflight_agents::{EffectKind, EffectOutcome, RunInput, StoreError};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;
use tracing::{debug, warn};

/// The way out; clones are the same.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    calls: Calls,
    services: Option<Arc<HttpServices>>,
    waiting: Notify,
    room: Arc<Semaphore>,
    /// One for each system that is called.
    breakers: Mutex<HashMap<String, Breaker>>,
    parked: Parked,
}

/// What agents call the service of resources.
const RESOURCES: &str = "resources";

/// Deliveries at once.
const AT_ONCE: usize = 16;

/// Longer than any delivery takes; who has not settled by then is thought to be gone.
const TAKEN_MS: i64 = 120_000;

/// An outbox that cannot be read is looked at again after this long; so is one where nothing is due.
const LOOK: Duration = Duration::from_secs(5);

/// What could not be tried is looked at again after this long at the earliest.
const SHORTEST: Duration = Duration::from_millis(200);

impl Outbox {
    /// A way out by these calls.
    #[must_use]
    pub fn new(calls: Calls) -> Self {
        Self(Arc::new(Inner {
            calls,
            services: None,
            waiting: Notify::new(),
            room: Arc::new(Semaphore::new(AT_ONCE)),
            breakers: Mutex::default(),
            parked: Parked::default(),
        }))
    }

    /// With the services that have an address.
    #[must_use]
    pub fn with_services(mut self, services: Arc<HttpServices>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.services = Some(services);
        }
        self
    }

    /// Something may be due.
    pub fn wake(&self) {
        self.0.waiting.notify_one();
    }

    /// Delivers until the driver stops.
    pub async fn run(self, driver: Driver) {
        let stopped = driver.stopped().clone();
        stopped.run_until_cancelled(self.deliver_all(&driver)).await.unwrap_or_default();
    }

    async fn deliver_all(&self, driver: &Driver) {
        loop {
            let Ok(place) = Arc::clone(&self.0.room).acquire_owned().await else { return };
            let now = clock::now();
            let until = UnixMillis(now.0 + TAKEN_MS);
            match driver.with_store(move |store| store.outbox_take(now, until, 1)).await {
                Ok(mut taken) => match taken.pop() {
                    Some(row) => {
                        let (outbox, doing) = (self.clone(), driver.clone());
                        driver.spawn(async move {
                            outbox.deliver(&doing, row).await;
                            drop(place);
                        });
                    }
                    None => self.rest(driver).await,
                },
                Err(cause) => {
                    warn!(%cause, "the outbox cannot be read");
                    sleep(LOOK).await;
                }
            }
        }
    }

    /// Until something is due.
    async fn rest(&self, driver: &Driver) {
        let next = driver.with_store(|store| store.outbox_next()).await.ok().flatten();
        let wait = next.map_or(LOOK, |next| {
            Duration::from_millis(u64::try_from(next.0 - clock::now().0).unwrap_or_default()).min(LOOK)
        });
        tokio::select! {
            () = sleep(wait) => {}
            () = self.0.waiting.notified() => {}
        }
    }

    async fn deliver(&self, driver: &Driver, row: OutboxRow) {
        // Nothing goes out for a run that could not take what comes of it.
        let _held = match driver.ready(&row.run).await {
            Ok(held) => held,
            Err(cause) => return self.park(driver, row, &cause).await,
        };
        let done = match row.effect.kind {
            // A row of ours that was to wait; the store makes it in the transaction that settles it.
            EffectKind::Row(_) => Ok(Value::Null),
            EffectKind::Call => match is_example(driver, &row.business).await {
                Ok(true) => Ok(json!({"sent": false, "why": "an example sends nothing elsewhere"})),
                Ok(false) => match service_call(&row) {
                    Some(call) => match marked(driver, call).await {
                        Ok(call) => self.serve(&row, call).await,
                        Err(cause) => Err(call::again(cause.to_string())),
                    },
                    None => self.call(&row).await,
                },
                Err(cause) => Err(call::again(cause.to_string())),
            },
        };
        let attempts = row.attempts.saturating_add(1);
        let outcome = match done {
            Ok(answer) => EffectOutcome::Done { answer },
            Err(failure) => match again(&row, attempts, &failure) {
                Again::At(at) => return self.put_off(driver, row, at, failure).await,
                Again::Never => EffectOutcome::Failed { message: failure.message, attempts },
            },
        };
        let mut word = if matches!(outcome, EffectOutcome::Done { .. }) { "done" } else { "failed" };
        let input = RunInput::EffectSettled { key: row.key.clone(), outcome };
        let mut settled = driver.input(&row.run, input.clone()).await;
        if let Err(DriveError::Store(StoreError::Stale(found))) = settled {
            word = "conflicted";
            settled = driver.input(&row.run, input.conflicted(found)).await;
        }
        driver.metrics().agent_effect(word);
        match settled {
            Ok(_) | Err(DriveError::Refused(_)) => self.0.parked.freed(&row.key),
            Err(cause @ DriveError::Store(_)) => {
                // It is taken until its time is over, and then goes out once more with the same key.
                warn!(run = row.run, key = row.key.0, %cause, "a delivery was not noted; it will come again");
            }
            Err(cause) => self.park(driver, row, &cause).await,
        }
    }

    /// Leaves an effect whose run cannot take what comes of it, longer each time: an agent may be back with another
    /// program. People hear of it once.
    async fn park(&self, driver: &Driver, row: OutboxRow, cause: &DriveError) {
        if matches!(cause, DriveError::Stopping) {
            return;
        }
        let (times, wait_ms) = self.0.parked.again(&row.key);
        if times == 0 {
            warn!(run = row.run, key = row.key.0, %cause, "an effect is parked: its run cannot go on");
            Tally::add(&driver.metrics().tally.agent_failures);
        }
        driver.metrics().agent_effect("parked");
        let (key, at, why) = (row.key, UnixMillis(clock::now().0 + wait_ms), cause.to_string());
        if let Err(cause) = driver.with_store(move |store| store.outbox_put_off(&key, at, &why)).await {
            warn!(run = row.run, %cause, "an effect was not parked; it comes again when its time is over");
        }
    }

    async fn put_off(&self, driver: &Driver, row: OutboxRow, at: UnixMillis, failure: CallFailure) {
        let (key, run, error, tried) = (row.key, row.run, failure.message, failure.tried);
        debug!(run, key = key.0, error, "a delivery is tried again");
        driver.metrics().agent_effect("again");
        let put_off = driver.with_store(move |store| {
            if tried { store.outbox_retry(&key, at, &error) } else { store.outbox_put_off(&key, at, &error) }
        });
        let put_off = put_off.await;
        if let Err(cause) = put_off {
            warn!(run, %cause, "a delivery was not put off; it comes again when its time is over");
        }
        self.wake();
    }

    /// A call of one of the services around agents.
    async fn serve(
        &self,
        row: &OutboxRow,
        call: Result<CallOf, serde_json::Error>,
    ) -> Result<Value, CallFailure> {
        let never = call::never;
        let services = self.0.services.as_ref().ok_or_else(|| never("there are no services".to_owned()))?;
        let call = call.map_err(|error| never(format!("expected what the service takes: {error}")))?;
        let marks = Marks { key: Some(&row.key.0), correlation: row.correlation.as_deref() };
        match services.call(&call, marks).await {
            Ok(Reply::Action(done)) if done.success => Ok(json!(done)),
            Ok(Reply::Action(done)) => Err(never(done.message)),
            Ok(Reply::Done) => Ok(Value::Null),
            Ok(_) => Err(never("another reply than to this call".to_owned())),
            Err(failed) => {
                let tried = !matches!(failed.kind.as_str(), "busy" | "circuit_open");
                let again = !tried || matches!(failed.kind.as_str(), "unavailable" | "timeout");
                Err(CallFailure { message: failed.message, again, after: None, tried })
            }
        }
    }

    /// Calls, unless the other side has failed so often that it is left in peace.
    async fn call(&self, row: &OutboxRow) -> Result<Value, CallFailure> {
        let origin = self.0.calls.address(&row.effect.target)?.origin().ascii_serialization();
        let ticket = self.with_breaker(&origin, |breaker, now| breaker.admit(now)).map_err(|until| {
            let wait_ms = u64::try_from(until.0 - clock::now().0).unwrap_or_default();
            let message = format!("{origin} failed again and again and is left in peace for a while");
            CallFailure { message, again: true, after: Some(Duration::from_millis(wait_ms)), tried: false }
        })?;
        let done = self.0.calls.send(row).await;
        let is_well = done.as_ref().map_or_else(|failure| !failure.again, |_| true);
        self.with_breaker(&origin, |breaker, now| breaker.settle(ticket, is_well, now));
        done
    }

    fn with_breaker<T>(&self, origin: &str, act: impl FnOnce(&mut Breaker, UnixMillis) -> T) -> T {
        let mut breakers = self.0.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        let fresh = || Breaker::new(BreakerLimits::default(), now);
        act(breakers.entry(origin.to_owned()).or_insert_with(fresh), now)
    }
}

/// The call of specification 004 that an effect is, if it is for one of its services.
fn service_call(row: &OutboxRow) -> Option<Result<CallOf, serde_json::Error>> {
    let body = || Value::Object(row.effect.payload.clone());
    let text =
        |name: &str| row.effect.payload.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match row.effect.target.as_str() {
        RESOURCES => Some(serde_json::from_value(body()).map(CallOf::ExecuteAction)),
        STORE_DECISION => {
            Some(serde_json::from_value(body()).map(|decision| CallOf::StoreDecision(Box::new(decision))))
        }
        UPDATE_MODEL_USAGE => {
            Some(Ok(CallOf::UpdateModelUsage { business: text("businessId"), code: text("decisionCode") }))
        }
        _ => None,
    }
}

/// A decision that is sealed here says there that it is sensitive, so that it is sealed again when it comes back, also
/// once our own copy is not kept any more.
async fn marked(
    driver: &Driver,
    mut call: Result<CallOf, serde_json::Error>,
) -> Result<Result<CallOf, serde_json::Error>, StoreError> {
    if let Ok(CallOf::StoreDecision(decision)) = &mut call {
        let (business, ids) = (decision.business_id.clone(), BTreeSet::from([decision.id.clone()]));
        if driver.with_store(move |store| store.holds_sealed("decisions", &business, &ids)).await? {
            decision.metadata.get_or_insert_default().insert("sensitive".to_owned(), true.into());
        }
    }
    Ok(call)
}

/// Of what is made up nothing leaves this machine.
async fn is_example(driver: &Driver, business: &str) -> Result<bool, StoreError> {
    let id = business.to_owned();
    driver.with_store(move |store| businesses::is_example_named(store, &id)).await
}

fn again(row: &OutboxRow, attempts: u16, failure: &CallFailure) -> Again {
    if !failure.again {
        return Again::Never;
    }
    if !failure.tried {
        let wait = failure.after.unwrap_or(LOOK).max(SHORTEST);
        return Again::At(UnixMillis(clock::now().0 + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)));
    }
    let asked_ms = failure.after.map(|after| u32::try_from(after.as_millis()).unwrap_or(u32::MAX));
    retry::after(&row.effect.retry, attempts, clock::now(), fastrand::u64(..), asked_ms, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_agents::{Effect, EffectKey};

    fn check(tried: bool, attempts: u16, goes_on: bool) {
        let row = OutboxRow {
            key: EffectKey("k".to_owned()),
            run: "r1".to_owned(),
            business: "b".to_owned(),
            correlation: None,
            effect: Effect::call("resources", serde_json::Map::new()),
            due_ms: UnixMillis(0),
            attempts,
            error: None,
        };
        let failure = CallFailure { message: String::new(), again: true, after: None, tried };
        assert_eq!(
            matches!(again(&row, attempts + 1, &failure), Again::At(_)),
            goes_on,
            "{tried} {attempts}"
        );
    }

    #[test]
    fn what_could_not_be_tried_is_never_given_up() {
        check(true, 0, true);
        check(true, 1000, false);
        check(false, 1000, true);
    }
}
