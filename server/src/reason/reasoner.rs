//! The one port through which questions reach a model, and the local reasoner where none answers.

use crate::metrics::Metrics;
use crate::reason::chat::{Chat, ChatSettings};
use crate::reason::failure::Failure;
use crate::reason::gate::{Gate, Standing, Turned};
use crate::reason::prices::Prices;
use crate::reason::provider::{Provider, REPAIRS};
use crate::reason::realtime::{Realtime, RealtimeSettings};
use crate::reason::reply::{Listener, Piece, Purse, Reply};
use crate::reason::status::{Health, Kind, ReasonerRow};
use core::time::Duration;
use inflight_agents::breaker::{BreakerLimits, BreakerState};
use inflight_agents::bulkhead::BulkheadLimits;
use inflight_agents::{Answer, AskFailure, ModelQuestion, Price, Usage, local};
use inflight_domain::UnixMillis;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

/// Who is asked, and how.
#[derive(Clone, Debug)]
pub struct ReasonSettings {
    /// Who.
    pub provider: ProviderSettings,
    /// What models cost.
    pub prices: Prices,
    /// An answer may take so long, with all that is tried for it.
    pub timeout: Duration,
    /// Questions under way at once.
    pub at_once: usize,
    /// When it is asked no more for a while.
    pub breaker: BreakerLimits,
}

impl ReasonSettings {
    /// What does not hold with these settings though it may look so.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let model = match &self.provider {
            ProviderSettings::Local { .. } => return None,
            ProviderSettings::Chat(chat) => &chat.model,
            ProviderSettings::Realtime(realtime) => &realtime.model,
        };
        let unpriced = self.prices.of(model).is_none();
        unpriced.then(|| {
            format!(
                "what {model} costs is not known, so no limit in dollars holds (AGENT_DOLLARS_A_DAY, budgets of \
                 runs), only those in tokens; REASONER_PRICES={model}=IN/OUT tells it, {model}=0/0 if it is free"
            )
        })
    }
}

/// Who is asked.
#[derive(Clone, Debug)]
pub enum ProviderSettings {
    /// Nobody but the local reasoner: because it was said, or because there is no key.
    Local {
        /// It was said.
        is_said: bool,
    },
    /// Chat Completions.
    Chat(ChatSettings),
    /// The Realtime API.
    Realtime(RealtimeSettings),
}

/// The port; clones share all.
#[derive(Clone)]
pub struct Reasoner(Arc<Inner>);

struct Inner {
    model: Option<Model>,
    is_said: bool,
    timeout: Duration,
    metrics: Metrics,
    row: watch::Sender<ReasonerRow>,
}

#[derive(Debug)]
struct Model {
    provider: Provider,
    kind: Kind,
    name: String,
    /// None where nobody told it.
    price: Option<Price>,
    gate: Gate,
}

/// So many may wait for each that is under way.
const WAITING_PER_PLACE: usize = 16;

impl Reasoner {
    /// A port for these settings. To be made within the runtime.
    ///
    /// # Errors
    /// The key or an address cannot be used, or TLS could not be set up.
    pub fn new(settings: ReasonSettings, metrics: Metrics) -> Result<Self, String> {
        let (kind, name, provider, is_said) = match settings.provider {
            ProviderSettings::Local { is_said } => (Kind::Local, String::new(), None, is_said),
            ProviderSettings::Chat(chat) => {
                let name = chat.model.clone();
                (Kind::Chat, name, Some(Provider::Chat(Box::new(Chat::new(chat)?))), true)
            }
            ProviderSettings::Realtime(realtime) => {
                let name = realtime.model.clone();
                (Kind::Realtime, name, Some(Provider::Realtime(Realtime::new(realtime)?)), true)
            }
        };
        let wait_ms = i64::try_from(settings.timeout.as_millis()).unwrap_or(i64::MAX / 2);
        let (at_once, waiting) = (settings.at_once, settings.at_once.saturating_mul(WAITING_PER_PLACE));
        let gate = Gate::new(settings.breaker, BulkheadLimits { at_once, waiting, wait_ms });
        let price = settings.prices.of(&name);
        let model = provider.map(|provider| Model { provider, kind, name, price, gate });
        let row = watch::Sender::new(row(model.as_ref(), is_said));
        Ok(Self(Arc::new(Inner { model, is_said, timeout: settings.timeout, metrics, row })))
    }

    /// Answers, by a model or by the rules of the question itself. With `local_because` only by those, for this
    /// reason (a budget that was crossed). What is heard while it is written goes to `listener`.
    ///
    /// # Errors
    /// No model answered and the question does not want the local reasoner, or no rule of it holds.
    pub async fn answer(
        &self,
        question: &ModelQuestion,
        local_because: Option<&str>,
        listener: Listener<'_>,
    ) -> Result<Answer, AskFailure> {
        let began = Instant::now();
        let result = match &self.0.model {
            Some(model) if local_because.is_none() => self.by_model(model, question, began, listener).await,
            _ => locally(question, local_because.map(str::to_owned), listener),
        };
        let (by, outcome) = match &result {
            Ok(answer) => {
                (kind_of(&answer.by), if answer.degraded.is_some() { "degraded" } else { "answered" })
            }
            Err(_) => (self.kind().name(), "failed"),
        };
        self.0.metrics.reasoned(by, outcome, began.elapsed());
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        result.map(|answer| Answer { usage: Usage { took_ms, ..answer.usage }, ..answer })
    }

    /// Whether a model is set up.
    #[must_use]
    pub fn has_model(&self) -> bool {
        self.0.model.is_some()
    }

    /// What the model costs; nothing with the local reasoner, and none where no price was told.
    #[must_use]
    pub fn price(&self) -> Option<Price> {
        self.0.model.as_ref().map_or(Some(Price::default()), |model| model.price)
    }

    /// How it stands now.
    #[must_use]
    pub fn row(&self) -> ReasonerRow {
        row(self.0.model.as_ref(), self.0.is_said)
    }

    /// Tells each time that it stands otherwise; what time alone changes is told by [`Reasoner::look`].
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<ReasonerRow> {
        self.0.row.subscribe()
    }

    /// Finds out whether the provider lets us in, without a question: that costs nothing.
    pub async fn probe(&self) {
        let Some(model) = &self.0.model else { return };
        let Provider::Chat(chat) = &model.provider else { return };
        if let Some(told) = chat.probe().await {
            model.gate.heard(told.as_ref().err());
            self.look();
        }
    }

    /// When a question is let through again to see how the model does, while none is.
    #[must_use]
    pub fn trial_at(&self) -> Option<UnixMillis> {
        self.0.model.as_ref()?.gate.trial_at()
    }

    /// Sees how it stands and tells it if that is new.
    pub fn look(&self) {
        let now = self.row();
        self.0.row.send_if_modified(|told| {
            let is_new = *told != now;
            *told = now;
            is_new
        });
    }

    fn kind(&self) -> Kind {
        self.0.model.as_ref().map_or(Kind::Local, |model| model.kind)
    }

    async fn by_model(
        &self,
        model: &Model,
        question: &ModelQuestion,
        began: Instant,
        listener: Listener<'_>,
    ) -> Result<Answer, AskFailure> {
        let own = Duration::from_millis(question.timeout_ms.into());
        let timeout = if own.is_zero() { self.0.timeout } else { own.min(self.0.timeout) };
        let deadline = began + timeout;
        let pass = match model.gate.enter(deadline).await {
            Ok(pass) => pass,
            Err(turned) => return instead(question, &turned_away(turned), false, listener),
        };
        let mut heard = false;
        let mut listening = |piece: Piece<'_>| {
            heard = matches!(piece, Piece::Text(_));
            listener(piece);
        };
        let (input, output) = question.tokens_tried(REPAIRS);
        let mut purse = Purse::of(input + output);
        let asked = model.provider.ask_strictly(question, deadline, &mut listening, &mut purse).await;
        pass.settle(asked.as_ref().err());
        self.look();
        let spent = purse.spent;
        let usage = Usage {
            input_tokens: spent.input,
            output_tokens: spent.output,
            cost_microusd: model.price.unwrap_or_default().of(spent.input, spent.output),
            took_ms: 0,
        };
        match asked {
            Ok((reply, value)) => Ok(answered(model, reply, value, usage)),
            Err(failure) => instead(question, &AskFailure { usage, ..failed(&failure) }, heard, listener),
        }
    }
}

impl core::fmt::Debug for Reasoner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Reasoner").field(&self.0.model).finish()
    }
}

fn answered(model: &Model, reply: Reply, value: Option<Value>, usage: Usage) -> Answer {
    let Reply { text, calls, model: named, .. } = reply;
    let name = if named.is_empty() { &model.name } else { &named };
    Answer {
        text,
        value,
        calls,
        usage,
        by: format!("{}:{name}", model.kind.name()),
        degraded: None,
        why: None,
        sensitive: false,
    }
}

/// The local reasoner in a model's place, if the question wants it. What the model took is paid all the same.
fn instead(
    question: &ModelQuestion,
    failure: &AskFailure,
    was_heard: bool,
    listener: Listener<'_>,
) -> Result<Answer, AskFailure> {
    if was_heard {
        listener(Piece::Restarted);
    }
    if !question.degrade {
        return Err(failure.clone());
    }
    match locally(question, Some(failure.message.clone()), listener) {
        Ok(answer) => Ok(Answer { usage: failure.usage, ..answer }),
        Err(local) => {
            let message = format!("{}; and locally: {}", failure.message, local.message);
            Err(AskFailure { message, ..failure.clone() })
        }
    }
}

fn locally(
    question: &ModelQuestion,
    because: Option<String>,
    listener: Listener<'_>,
) -> Result<Answer, AskFailure> {
    let answer = local::answer(question)?;
    if question.schema.is_none() {
        listener(Piece::Text(&answer.text));
    }
    Ok(Answer { degraded: because, ..answer })
}

fn turned_away(turned: Turned) -> AskFailure {
    let (kind, message) = match turned {
        Turned::Busy => ("unavailable", "too many questions at once".to_owned()),
        Turned::Open(last) => ("circuit_open", format!("the model is not asked for a while: {last}")),
    };
    AskFailure::new(kind, message)
}

fn failed(failure: &Failure) -> AskFailure {
    let kind = match failure {
        Failure::Deadline => "timeout",
        Failure::Refused { .. } => "refused",
        Failure::Invalid(_) | Failure::Incomplete(_) => "invalid",
        Failure::Limited { .. } | Failure::Unavailable(_) => "unavailable",
    };
    AskFailure::new(kind, failure.to_string())
}

/// `chat` of `chat:MODEL`.
fn kind_of(by: &str) -> &'static str {
    let kinds = [Kind::Chat, Kind::Realtime];
    kinds.into_iter().find(|kind| by.starts_with(kind.name())).map_or(Kind::Local.name(), Kind::name)
}

fn row(model: Option<&Model>, is_said: bool) -> ReasonerRow {
    let id = "reasoner".to_owned();
    let Some(model) = model else {
        let (status, reason) =
            if is_said { (Health::Ok, None) } else { (Health::Off, Some("no_key".to_owned())) };
        let breaker = BreakerState::Closed;
        let (kind, model, unpriced) = (Kind::Local, None, false);
        return ReasonerRow { id, kind, model, status, reason, breaker, since_ms: 0, unpriced };
    };
    let Standing { breaker, since, failing, is_known } = model.gate.standing();
    let is_well = breaker == BreakerState::Closed && failing.is_none();
    ReasonerRow {
        id,
        kind: model.kind,
        model: Some(model.name.clone()),
        status: match (is_well, is_known) {
            (true, true) => Health::Ok,
            (true, false) => Health::Unasked,
            (false, _) => Health::Degraded,
        },
        reason: failing,
        breaker,
        since_ms: since.0,
        unpriced: model.price.is_none(),
    }
}
