//! The agents of one server, as everybody else sees them: inputs in, decisions of people in, rows out.

use crate::agents::businesses;
use crate::agents::clients::ServiceAnswers;
use crate::agents::clients::http::HttpServices;
use crate::agents::db::Db;
use crate::agents::driver::DAY_MS;
use crate::agents::driver::answers::{Answers, Beside};
use crate::agents::driver::pieces::Rooms;
use crate::agents::driver::{Alongside, Begun, DriveError, Driver, Parts};
use crate::agents::known::Complaints;
use crate::agents::outbox::Outbox;
use crate::agents::outbox::call::{Calls, Place};
use crate::agents::registry::Registry;
use crate::agents::schedule::Schedules;
use crate::agents::store::SqliteStore;
use crate::agents::tell::Tell;
use crate::agents::{feed, retention, sight, stream, watching};
use crate::audit::{Audit, Entry};
use crate::clock;
use crate::hub::HubHandle;
use crate::journal::Past;
use crate::metrics::Metrics;
use crate::reason::seal::Sealer;
use crate::reason::{REPAIRS, Reasoner};
use crate::settings::agents::AgentSettings;
use crate::settings::features::Features;
use crate::watch::Watch;
use inflight_agents::budget::Reserve;
use inflight_agents::house;
use inflight_agents::ports::Service;
use inflight_agents::spec::{BusinessInfo, BusinessSettings, InputSource};
use inflight_agents::{AgentInput, Budget, Document, Policy, Start, StoreError};
use inflight_wire::Resume;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The agents of one server; clones are the same.
#[derive(Clone)]
pub struct Agents(Arc<Inner>);

struct Inner {
    driver: Driver,
    store: SqliteStore,
    beside: Beside,
    tell: Tell,
    schedules: Schedules,
    services: Arc<HttpServices>,
    complaints: Complaints,
    outside: Outside,
}

/// What agents need of the server.
#[derive(Clone)]
pub struct Outside {
    /// The way to rooms.
    pub hub: HubHandle,
    /// Who did what.
    pub audit: Audit,
    /// What is switched on.
    pub features: watch::Receiver<Features>,
    /// What is counted.
    pub metrics: Metrics,
    /// Who answers what is for a model.
    pub reasoner: Reasoner,
    /// What they may do.
    pub settings: AgentSettings,
    /// What seals that is sensitive.
    pub sealer: Sealer,
}

/// What stood in the hub's journal when the server began.
#[derive(Clone, Debug)]
pub struct Journalled {
    /// The offset of its newest entry.
    pub newest_offset: u64,
    /// A position after which everything is said that this server will say.
    pub end: Resume,
    /// The way to entries that are no longer at hand.
    pub past: Past,
}

/// Why an input was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SubmitError {
    /// They are switched off.
    #[error("agents are switched off on this server and take nothing new; FEATURES says so")]
    Off,
    /// There is no such business.
    #[error("there is no business {0}")]
    NoBusiness(String),
    /// Nobody deals with it.
    #[error("no agent deals with this")]
    NoAgent,
    /// Whether there is one cannot be found out.
    #[error("the service of businesses does not answer: {0}")]
    Service(String),
    /// Somebody else said something under this identifier, or for another place.
    #[error("the id {0} is taken")]
    Taken(String),
    /// What it lays down cannot be gone by.
    #[error("what is known of the business {0} cannot be gone by: {1}")]
    Unfit(String, String),
    /// It was not begun.
    #[error(transparent)]
    Drive(#[from] DriveError),
}

impl Agents {
    /// Opens the agents' folder; nothing goes on yet. Blocking.
    ///
    /// # Errors
    /// The folder cannot be used, or the system's TLS not be set up.
    pub fn open(
        folder: &Path,
        outside: Outside,
        registry: Registry,
        answers: impl FnOnce(&SqliteStore, Beside) -> Arc<dyn Answers>,
    ) -> Result<Self, StoreError> {
        let failed = |error: String| StoreError::Failed(error);
        let tell = Tell::default();
        let db = Db::open_with(folder, outside.sealer.clone()).map_err(|error| failed(error.to_string()))?;
        let store = SqliteStore::new(db, tell.clone());
        store.free_taken()?;
        let calls =
            Calls::new(outside.settings.calls_to.clone()).map_err(|error| failed(error.to_string()))?;
        let services = HttpServices::new(&outside.settings.services, outside.metrics.clone())
            .map_err(|error| failed(error.to_string()))?;
        let (services, beside) = (Arc::new(services), Beside::default());
        let rooms = Rooms::open(outside.hub.clone(), store.db().clone());
        let rooms = rooms.map_err(|error| failed(error.to_string()))?;
        let parts = Parts {
            answers: Arc::new(ServiceAnswers::new(answers(&store, beside.clone()), Arc::clone(&services))),
            store: Arc::new(store.clone()),
            registry,
            at_once: outside.settings.runs_at_once,
            day_max: Reserve {
                tokens: outside.settings.tokens_a_day,
                cost_microusd: outside.settings.cost_a_day_microusd,
            },
            metrics: outside.metrics.clone(),
            audit: outside.audit.clone(),
            low_confidence: outside.settings.low_confidence,
            rooms: Some(rooms),
        };
        let driver = Driver::new(parts, Outbox::new(calls).with_services(Arc::clone(&services)));
        let schedules = Schedules::default();
        let complaints = Complaints::default();
        Ok(Self(Arc::new(Inner { driver, store, beside, tell, schedules, services, complaints, outside })))
    }

    /// Takes up what an earlier process left, and goes on from then: what the store says holds all that stood in the
    /// journal.
    pub fn run(&self, journal: Journalled, watch: &Watch) {
        let inner = &self.0;
        inner.driver.run();
        let (tell, db, hub) = (inner.tell.clone(), inner.store.db().clone(), inner.outside.hub.clone());
        inner.driver.spawn(tell.run(db, hub, journal.newest_offset));
        inner.driver.spawn(stream::run(self.clone(), journal.past));
        inner.driver.spawn(inner.schedules.clone().run(self.clone()));
        inner.driver.spawn(feed::run(self.clone()));
        inner.driver.spawn(sight::run(self.clone()));
        inner.driver.spawn(retention::run(self.clone()));
        inner.driver.spawn(watching::reasoner(self.clone(), watch.clone()));
        inner.driver.spawn(watching::services(self.clone(), watch.clone()));
    }

    /// Ends; what is not done is taken up at the next start.
    pub async fn stop(self) {
        self.0.driver.stop().await;
        let db = self.0.store.db().clone();
        drop(tokio::task::spawn_blocking(move || db.close()).await);
    }

    /// What drives the runs.
    #[must_use]
    pub fn driver(&self) -> &Driver {
        &self.0.driver
    }

    /// Where everything is kept.
    #[must_use]
    pub fn store(&self) -> &SqliteStore {
        &self.0.store
    }

    /// What stands beside it, such as the index of decisions.
    #[must_use]
    pub fn beside(&self) -> &Beside {
        &self.0.beside
    }

    /// What happens at set times.
    #[must_use]
    pub fn schedules(&self) -> &Schedules {
        &self.0.schedules
    }

    /// The services that other systems have.
    #[must_use]
    pub fn services(&self) -> &HttpServices {
        &self.0.services
    }

    /// What is wrong with businesses, as far as the log has it.
    pub(in crate::agents) fn complaints(&self) -> &Complaints {
        &self.0.complaints
    }

    /// What they need of the server.
    #[must_use]
    pub fn outside(&self) -> &Outside {
        &self.0.outside
    }

    /// Everything up to this offset of the hub's entries is in what the store says now.
    #[must_use]
    pub fn newest_offset(&self) -> u64 {
        self.0.tell.newest_offset()
    }

    /// Whether new inputs are taken.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.0.outside.features.borrow().is_on("agents")
    }

    /// How answers come about, as rooms show it.
    #[must_use]
    pub fn reasoner(&self) -> Value {
        serde_json::to_value(self.0.outside.reasoner.row()).unwrap_or_default()
    }

    /// What a business spent on models since midnight UTC, what is set aside for questions under way, and how much it
    /// may.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn spent_today(&self, business: &str) -> Result<Value, StoreError> {
        let (business, day) = (business.to_owned(), clock::now().0.div_euclid(DAY_MS));
        let spent = self.0.driver.with_store(move |store| store.budget_day(&business, day)).await?;
        let (settings, unpriced) = (&self.0.outside.settings, self.0.outside.reasoner.price().is_none());
        Ok(json!({
            "tokens": spent.spent.tokens,
            "tokens_max": settings.tokens_a_day,
            "cost_microusd": spent.spent.cost_microusd,
            "reserved": spent.reserved,
            "cost_max_microusd": settings.cost_a_day_microusd,
            "unpriced": unpriced,
            "until_ms": (day + 1) * DAY_MS,
        }))
    }

    /// Takes an input and begins the run that deals with it; the same identifier again gives the same run.
    ///
    /// # Errors
    /// It is not taken.
    pub async fn submit(&self, input: AgentInput) -> Result<Begun, SubmitError> {
        let source = source_word(input.source);
        let done = self.begin(&new_run(), input, Alongside::default()).await;
        self.0.outside.metrics.agent_input(source, taken_word(&done));
        done
    }

    /// Does something and notes in the trail what came of it, `done` or the code of the error, both though whoever asks
    /// hangs up meanwhile. None where it met a defect.
    pub async fn noted<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
        entry: Entry,
        code: fn(&E) -> String,
    ) -> Option<Result<T, E>> {
        let audit = self.0.outside.audit.clone();
        let done = self.0.driver.apart(async move {
            let done = work.await;
            let result = done.as_ref().map_or_else(code, |_| "done".to_owned());
            audit.note(Entry { result, ..entry });
            done
        });
        done.await
    }

    /// They are on, and know the business and can go by what it lays down.
    pub(in crate::agents) async fn check(
        &self,
        input: &AgentInput,
    ) -> Result<(Document, BusinessInfo), SubmitError> {
        if !self.are_on() {
            return Err(SubmitError::Off);
        }
        self.house(&input.business_id, input.correlation_id.as_deref()).await
    }

    /// The services that other systems have for this business; none of one that is made up.
    #[must_use]
    pub fn services_of(&self, business: &Document) -> BTreeSet<Service> {
        if businesses::is_example(business) { BTreeSet::new() } else { self.0.services.services() }
    }

    /// What its runs can reach elsewhere: services by their names, and hooks.
    fn elsewhere(&self, business: &Document) -> BTreeSet<String> {
        let services = self.services_of(business);
        let hooks = self.0.outside.settings.calls_to.iter().filter_map(Place::name);
        let hooks = hooks.filter(|_| !businesses::is_example(business));
        services.iter().map(|service| service.name().to_owned()).chain(hooks.map(str::to_owned)).collect()
    }

    pub(in crate::agents) async fn begin(
        &self,
        run: &str,
        input: AgentInput,
        alongside: Alongside,
    ) -> Result<Begun, SubmitError> {
        let (business, BusinessInfo { settings, .. }) = self.check(&input).await?;
        let (agent, title) = self.0.driver.registry().route(&input).ok_or(SubmitError::NoAgent)?;
        let mut start = Start::new(run, &title, input, json!({}), fastrand::u64(..));
        start.elsewhere = self.elsewhere(&business);
        self.hold(&mut start, agent.policy(), &settings);
        Ok(self.0.driver.begin_with(agent.graph().name(), start, alongside).await?)
    }

    /// Begins a run that was taken from another: on its input, and within what holds now.
    ///
    /// # Errors
    /// It is not begun.
    pub async fn fork(&self, agent: &str, mut start: Start) -> Result<Begun, SubmitError> {
        let (_, BusinessInfo { settings, .. }) = self.check(&start.input).await?;
        let known = self.0.driver.registry().agent(agent).ok_or(SubmitError::NoAgent)?;
        self.hold(&mut start, known.policy(), &settings);
        Ok(self.0.driver.begin(agent, start).await?)
    }

    /// The price of now, and the limits that the business lays down now.
    fn hold(&self, start: &mut Start, own: Policy, settings: &BusinessSettings) {
        let price = self.0.outside.reasoner.price();
        let usual = Budget {
            price: price.unwrap_or_default(),
            unpriced: price.is_none(),
            repairs: REPAIRS,
            ..Budget::default()
        };
        start.budget = house::budget(usual, settings.budget.as_ref());
        start.policy = Some(house::policy(own, settings));
    }
}

/// A new run's identifier; later ones sort after earlier ones.
#[must_use]
pub fn new_run() -> String {
    format!("run-{:011x}-{:08x}", clock::now().0, fastrand::u32(..))
}

/// What became of an input, as it is counted.
pub(in crate::agents) fn taken_word(done: &Result<Begun, SubmitError>) -> &'static str {
    match done {
        Ok(begun) if begun.repeated => "repeated",
        Ok(_) => "taken",
        Err(SubmitError::Off) => "switched_off",
        Err(SubmitError::NoBusiness(_) | SubmitError::NoAgent | SubmitError::Taken(_)) => "refused",
        Err(SubmitError::Drive(_) | SubmitError::Service(_) | SubmitError::Unfit(..)) => "failed",
    }
}

fn source_word(source: InputSource) -> &'static str {
    match source {
        InputSource::Websocket => "websocket",
        InputSource::Cron => "cron",
        InputSource::ExternalApi => "external_api",
    }
}
