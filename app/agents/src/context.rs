//! All that a node may ask: answered from the run's records, or recorded now, or waited for.

use crate::agent::{Failure, FailureKind, Halt};
use crate::approval::{ApprovalRequest, Role, Verdict};
use crate::budget::{BudgetLeft, OnCrossing, Spent};
use crate::canonical;
use crate::effect::{Effect, EffectKey, EffectOutcome};
use crate::event::EventKind;
use crate::guardrail::{self, Guardrail};
use crate::policy::{PolicyOutcome, Ruling};
use crate::question::{Answer, AskFailure, Question};
use crate::record::Record;
use crate::run::Run;
use crate::spec::AgentInput;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

/// What a node is done with.
pub struct Context<'a> {
    pub(crate) run: &'a Run,
    guardrails: &'a [Guardrail],
    now: UnixMillis,
    /// How much of what is recorded by ordinal this call has come past.
    ordinal: u32,
    drawn: u32,
    /// Questions of this call that are not in the run yet.
    pub(crate) spent: Spent,
    /// What followed from the limit that this call has met.
    pub(crate) crossed: Option<OnCrossing>,
    pub(crate) events: Vec<EventKind>,
    pub(crate) effects: Vec<(EffectKey, Effect)>,
    pub(crate) said: Vec<String>,
    /// Where a look at something of this call met a record of another kind: how much it had told until then, and why
    /// it is not gone on with.
    pub(crate) diverged: Option<(usize, Failure)>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(run: &'a Run, guardrails: &'a [Guardrail], now: UnixMillis) -> Self {
        let (events, effects, said) = (Vec::new(), Vec::new(), Vec::new());
        let (spent, crossed, diverged) = (run.spent, None, None);
        Self { run, guardrails, now, ordinal: 0, drawn: 0, spent, crossed, events, effects, said, diverged }
    }

    /// What the run deals with.
    #[must_use]
    pub fn input(&self) -> &'a AgentInput {
        &self.run.started.input
    }

    /// The run's identifier.
    #[must_use]
    pub fn run(&self) -> &'a str {
        &self.run.id
    }

    /// Whether another system has this service or hook.
    #[must_use]
    pub fn is_elsewhere(&self, name: &str) -> bool {
        self.run.started.elsewhere.contains(name)
    }

    /// How often this node was entered, this time included.
    #[must_use]
    pub fn visit(&self) -> u16 {
        self.run.visits.get(&self.run.node).copied().unwrap_or(1)
    }

    /// The time when this was first asked.
    pub fn now(&mut self) -> UnixMillis {
        let now = self.now.0;
        UnixMillis(self.look("now", || json!(now)).as_i64().unwrap_or(now))
    }

    /// What was left of the budget when this was first asked.
    pub fn budget(&mut self) -> BudgetLeft {
        let left = self.run.budget.left(&self.spent);
        let value = json!([left.tokens, left.cost_microusd, left.time_ms, left.steps]);
        let seen = self.look("budget", || value);
        let number = |index: usize| seen.get(index).and_then(Value::as_u64).unwrap_or(0);
        let steps = u32::try_from(number(3)).unwrap_or(u32::MAX);
        BudgetLeft { tokens: number(0), cost_microusd: number(1), time_ms: number(2), steps }
    }

    /// A number from the run's seed: the same whenever this node is done again.
    pub fn random(&mut self) -> u64 {
        self.drawn += 1;
        let (seed, step) = (self.run.started.seed.to_be_bytes(), self.run.spent.steps.to_be_bytes());
        let hash = canonical::hash(&[&seed, self.run.id.as_bytes(), &step, &self.drawn.to_be_bytes()]);
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// An identifier that no other call gives.
    pub fn id(&mut self, prefix: &str) -> String {
        let random = self.random().to_be_bytes();
        [prefix, &canonical::hex(&random)].concat()
    }

    /// Asks, and lets the run fail where no answer comes.
    ///
    /// # Errors
    /// There is no answer yet, or there will be none.
    pub fn ask(&mut self, question: Question) -> Result<Answer, Halt> {
        let kind = question.kind();
        self.try_ask(question)?.map_err(|failure| {
            let message = [kind, &failure.kind, &failure.message].join(": ");
            Failure::new(FailureKind::Unanswered, message).into()
        })
    }

    /// Asks; no answer is an answer too.
    ///
    /// # Errors
    /// Nothing came yet, or the budget does not allow it.
    pub fn try_ask(&mut self, question: Question) -> Result<Result<Answer, AskFailure>, Halt> {
        let (ordinal, question) = (self.next(), question.sound());
        match self.run.records.get(&ordinal) {
            Some(Record::Question(asked)) if asked.question == question => {
                asked.reply.clone().ok_or(Halt::Waiting)
            }
            Some(other) => Err(self.diverged(question.kind(), other)),
            None => Err(self.send(ordinal, question)),
        }
    }

    /// Asks all of these at once.
    ///
    /// # Errors
    /// Something came not yet, or the budget does not allow it.
    pub fn ask_all(&mut self, questions: Vec<Question>) -> Result<Vec<Result<Answer, AskFailure>>, Halt> {
        let asked: Vec<_> = questions.into_iter().map(|question| self.try_ask(question)).collect();
        let failed = asked.iter().find_map(|reply| match reply {
            Err(Halt::Fail(failure)) => Some(failure.clone()),
            _ => None,
        });
        match failed {
            Some(failure) => Err(failure.into()),
            None => asked.into_iter().collect(),
        }
    }

    /// Intends an effect, which goes out when this node has ended.
    pub fn effect(&mut self, effect: Effect) -> EffectKey {
        let ordinal = u32::try_from(self.effects.len()).unwrap_or(u32::MAX);
        let key = EffectKey::of(&self.run.id, &self.run.node, self.visit(), ordinal);
        self.effects.push((key.clone(), effect));
        key
    }

    /// What became of an effect of an earlier node.
    ///
    /// # Errors
    /// Nothing yet; or it never went out.
    pub fn outcome(&mut self, key: &EffectKey) -> Result<EffectOutcome, Halt> {
        let Some(sent) = self.run.sent.get(key) else {
            let message = ["no effect of an earlier node has the key", &key.0].join(" ");
            return Err(Failure::new(FailureKind::Agent, message).into());
        };
        sent.outcome.clone().ok_or(Halt::Waiting)
    }

    /// Whether an earlier node of this run sent an effect with this key. A fork knows nothing of what its parent sent.
    #[must_use]
    pub fn has_sent(&self, key: &EffectKey) -> bool {
        self.run.sent.contains_key(key)
    }

    /// Asks the policy, and a person if the policy says so. Guardrails come before both.
    ///
    /// # Errors
    /// Nobody decided yet, or a guardrail holds the action back.
    pub fn approve(&mut self, request: ApprovalRequest) -> Result<Verdict, Halt> {
        let (ordinal, request) = (self.next(), request.sound());
        match self.run.records.get(&ordinal) {
            Some(Record::Ruled { request: recorded, verdict }) if *recorded == request => Ok(verdict.clone()),
            Some(Record::Item { id }) => match self.run.items.get(id) {
                Some(item) if item.request == request => item
                    .decided
                    .as_ref()
                    .filter(|decided| decided.holds_from <= self.now)
                    .map(|decided| decided.verdict.clone())
                    .ok_or(Halt::Waiting),
                _ => Err(self.diverged("approval", &Record::Item { id: id.clone() })),
            },
            Some(other) => Err(self.diverged("approval", other)),
            None => self.rule(ordinal, request),
        }
    }

    /// Whether people would be asked about this.
    #[must_use]
    pub fn asks_people(&self, request: &ApprovalRequest) -> bool {
        matches!(self.run.started.policy.rule(request).outcome, PolicyOutcome::Ask(_))
    }

    /// Waits until this time.
    ///
    /// # Errors
    /// It has not come yet.
    pub fn wait_until(&mut self, at: UnixMillis) -> Result<(), Halt> {
        let ordinal = self.next();
        match self.run.records.get(&ordinal) {
            Some(Record::Until(until)) if *until == at => {}
            Some(other) => return Err(self.diverged("time", other)),
            None => self.events.push(EventKind::Waiting { ordinal, until: at }),
        }
        if self.now >= at { Ok(()) } else { Err(Halt::Waiting) }
    }

    /// A piece of a reply, which is recorded when this node ends.
    pub fn say(&mut self, text: &str) {
        self.said.push(text.to_owned());
    }

    fn next(&mut self) -> u32 {
        self.ordinal += 1;
        self.ordinal - 1
    }

    fn look(&mut self, what: &str, value: impl FnOnce() -> Value) -> Value {
        let ordinal = self.next();
        match self.run.records.get(&ordinal) {
            Some(Record::Value { what: recorded, value }) if recorded == what => return value.clone(),
            // What was recorded is never written over: it may be what a person decided.
            Some(other) if self.diverged.is_none() => {
                self.diverged = Some((self.events.len(), self.differs(what, other)));
            }
            _ => {}
        }
        let value = value();
        self.events.push(EventKind::Recorded { ordinal, what: what.to_owned(), value: value.clone() });
        value
    }

    fn rule(&mut self, ordinal: u32, request: ApprovalRequest) -> Result<Verdict, Halt> {
        let action = &request.action;
        if let Err(tripped) =
            guardrail::check_action(self.guardrails, action, &action.payload, &self.run.state)
        {
            let failure = Failure::new(FailureKind::Guardrail, [tripped.name, &tripped.message].join(": "));
            let (guardrail, target) = (tripped.name.to_owned(), action.target.clone());
            self.events.push(EventKind::GuardrailTripped { guardrail, target, message: tripped.message });
            return Err(failure.into());
        }
        let ruling = self.run.started.policy.rule(&request);
        let by = ["policy", &ruling.why.rule].join(":");
        let verdict = match ruling.outcome {
            PolicyOutcome::Automatic => {
                Verdict::Approved { by, payload: request.action.payload.clone(), edited: false }
            }
            PolicyOutcome::Refuse => Verdict::Rejected { by, reason: None },
            PolicyOutcome::Ask(role) => {
                self.ask_people(ordinal, request, role, ruling);
                return Err(Halt::Waiting);
            }
        };
        self.events.push(EventKind::PolicyDecided { ordinal, request, ruling, verdict: verdict.clone() });
        Ok(verdict)
    }

    fn ask_people(&mut self, ordinal: u32, request: ApprovalRequest, role: Role, ruling: Ruling) {
        let place = [self.run.spent.steps.to_string(), ordinal.to_string()].join(".");
        let id = [&self.run.id, ".", &place].concat();
        let expires_at = request.expires_in_ms.map(|after| UnixMillis(self.now.0 + after));
        let (ordinal, why) = (Some(ordinal), ruling.why);
        self.events.push(EventKind::ApprovalAsked { id, ordinal, request, role, why, expires_at });
    }

    fn diverged(&self, wanted: &str, recorded: &Record) -> Halt {
        self.differs(wanted, recorded).into()
    }

    fn differs(&self, wanted: &str, recorded: &Record) -> Failure {
        let recorded = match recorded {
            Record::Value { what, .. } => what.as_str(),
            Record::Question(asked) => asked.question.kind(),
            Record::Ruled { .. } | Record::Item { .. } => "approval",
            Record::Until(_) => "time",
        };
        let message =
            ["node ", &self.run.node, " asked for another ", wanted, " where its records have: ", recorded];
        Failure::new(FailureKind::Diverged, message.concat())
    }
}
