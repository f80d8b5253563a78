//! What each event makes of a run. The only place where a run changes.

use crate::approval::{Role, Verdict};
use crate::budget::{OnCrossing, Usage};
use crate::event::{EventKind, RunEvent, Started};
use crate::patch;
use crate::record::{Asked, Decided, Item, Record, Sent};
use crate::refused::Broken;
use crate::run::{End, Run};
use inflight_domain::{SmallMap, UnixMillis};

impl Run {
    /// The run that these events come to.
    ///
    /// # Errors
    /// They are not all, not in order, or not as they were written.
    pub fn fold(events: impl IntoIterator<Item = RunEvent>) -> Result<Self, Broken> {
        let mut events = events.into_iter();
        let mut run = Self::begin(&events.next().ok_or(Broken::Empty)?)?;
        for event in events {
            run.take(&event)?;
        }
        Ok(run)
    }

    /// One event more, as [`Run::fold`] takes it.
    ///
    /// # Errors
    /// It is not the one that follows, or not as it was written.
    pub fn take(&mut self, event: &RunEvent) -> Result<(), Broken> {
        if event.seq != self.seq + 1 {
            return Err(Broken::Gap { expected: self.seq + 1, got: event.seq });
        }
        if event.prev != self.hash || event.run != self.id || !event.is_whole() {
            return Err(Broken::Chain(event.seq));
        }
        self.take_checked(event)
    }

    pub(crate) fn begin(event: &RunEvent) -> Result<Self, Broken> {
        let EventKind::Started(started) = &event.kind else { return Err(Broken::OutOfPlace(event.seq)) };
        if event.seq != 1 {
            return Err(Broken::Gap { expected: 1, got: event.seq });
        }
        if event.prev != [0; 32] || !event.is_whole() {
            return Err(Broken::Chain(1));
        }
        Ok(Self::new(event, (**started).clone()))
    }

    /// An event that is known to follow and to be whole.
    pub(crate) fn take_checked(&mut self, event: &RunEvent) -> Result<(), Broken> {
        if self.open_questions().next().is_some() {
            let took_ms = u64::try_from(event.at.since(self.changed_at)).unwrap_or(0);
            self.spent.time_ms = self.spent.time_ms.saturating_add(took_ms);
        }
        (self.seq, self.hash, self.changed_at) = (event.seq, event.hash, event.at);
        self.change(event)
    }

    pub(crate) fn new(event: &RunEvent, started: Started) -> Self {
        Self {
            id: event.run.clone(),
            sensitive: event.kind.is_sensitive(),
            budget: started.budget,
            seq: 1,
            hash: event.hash,
            started_at: event.at,
            changed_at: event.at,
            node: started.node.clone(),
            entered: false,
            visits: SmallMap::default(),
            state: started.state.clone(),
            records: SmallMap::default(),
            items: SmallMap::default(),
            sent: SmallMap::default(),
            spent: crate::budget::Spent::default(),
            degraded: None,
            stood_in: None,
            budget_item: None,
            crossing: None,
            end: None,
            started,
        }
    }

    fn change(&mut self, event: &RunEvent) -> Result<(), Broken> {
        self.sensitive |= event.kind.is_sensitive();
        match &event.kind {
            EventKind::Started(_) => return Err(Broken::OutOfPlace(event.seq)),
            EventKind::Entered { node, visit, step } => {
                self.visits.insert(node.clone(), *visit);
                self.spent.steps = *step;
                self.entered = true;
            }
            EventKind::Recorded { ordinal, what, value } => {
                self.records.insert(*ordinal, Record::Value { what: what.clone(), value: value.clone() });
            }
            EventKind::Asked { .. } | EventKind::Answered { .. } | EventKind::AnswerFailed { .. } => {
                self.change_question(&event.kind);
            }
            EventKind::PolicyDecided { ordinal, request, verdict, .. } => {
                let (request, verdict) = (request.clone(), verdict.clone());
                self.records.insert(*ordinal, Record::Ruled { request, verdict });
            }
            EventKind::ApprovalAsked { .. } => self.ask_people(event.at, &event.kind),
            EventKind::ApprovalDecided { .. }
            | EventKind::ApprovalReopened { .. }
            | EventKind::ApprovalEscalated { .. } => self.change_item(event.at, &event.kind),
            EventKind::Waiting { ordinal, until } => {
                self.records.insert(*ordinal, Record::Until(*until));
            }
            EventKind::EffectIntended { key, effect } => {
                let (node, effect) = (self.node.clone(), effect.clone());
                self.sent.insert(key.clone(), Sent { node, at: event.at, effect, outcome: None });
            }
            EventKind::EffectSettled { key, outcome } => {
                if let Some(sent) = self.sent.get_mut(key) {
                    sent.outcome = Some(outcome.clone());
                }
            }
            EventKind::Left { patch, next, .. } => {
                let wrong = |at| Broken::Patch { seq: event.seq, at };
                patch::apply(&mut self.state, patch).map_err(wrong)?;
                self.records.clear();
                self.entered = false;
                if let Some(next) = next {
                    self.node.clone_from(next);
                }
            }
            EventKind::BudgetCrossed { crossing, then } => match then {
                OnCrossing::Degrade => self.degraded = Some(["budget", &crossing.limit].join(": ")),
                OnCrossing::Ask => self.crossing = Some(crossing.clone()),
                OnCrossing::Stop => {}
            },
            EventKind::BudgetRefused { id, crossing } => self.degrade(id, &crossing.limit),
            EventKind::Woken {} | EventKind::Said { .. } | EventKind::GuardrailTripped { .. } => {}
            EventKind::Finished { output } => self.end = Some(End::Done(output.clone())),
            EventKind::Failed { failure } => self.end = Some(End::Failed(failure.clone())),
            EventKind::Cancelled { by } => self.end = Some(End::Cancelled(by.clone())),
        }
        Ok(())
    }

    fn change_question(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Asked { id, ordinal, question, degraded } => {
                let reserve = match degraded {
                    Some(_) => crate::budget::Reserve::default(),
                    None => question.reserve(&self.budget),
                };
                self.spent.reserved = self.spent.reserved.plus(reserve);
                let (id, question, degraded) = (id.clone(), question.clone(), degraded.clone());
                self.records.insert(
                    *ordinal,
                    Record::Question(Asked { id, question, degraded, reserve, reply: None }),
                );
            }
            EventKind::Answered { id, answer } => {
                self.pay(&answer.usage);
                if answer.degraded.is_some() {
                    self.stood_in.clone_from(&answer.degraded);
                }
                self.settle(id, Some(Ok(answer.clone())));
            }
            EventKind::AnswerFailed { id, failure } => {
                self.pay(&failure.usage);
                self.settle(id, Some(Err(failure.clone())));
            }
            _ => {}
        }
    }

    fn pay(&mut self, usage: &Usage) {
        self.spent.tokens = self.spent.tokens.saturating_add(usage.tokens());
        self.spent.cost_microusd = self.spent.cost_microusd.saturating_add(usage.cost_microusd);
    }

    /// What was set aside for a question is free again.
    fn settle(&mut self, id: &str, reply: Option<crate::record::Reply>) {
        let Some(asked) = self.question_mut(id) else { return };
        let reserve = core::mem::take(&mut asked.reserve);
        asked.reply = reply;
        self.spent.reserved = self.spent.reserved.less(reserve);
    }

    fn degrade(&mut self, id: &str, limit: &str) {
        let why = ["budget", limit].join(": ");
        self.settle(id, None);
        if let Some(asked) = self.question_mut(id) {
            asked.degraded = Some(why.clone());
        }
        self.degraded = Some(why);
    }

    fn question_mut(&mut self, id: &str) -> Option<&mut Asked> {
        self.records.values_mut().find_map(|record| match record {
            Record::Question(asked) if asked.id == id => Some(asked),
            _ => None,
        })
    }

    fn ask_people(&mut self, at: UnixMillis, kind: &EventKind) {
        let EventKind::ApprovalAsked { id, ordinal, request, role, why, expires_at } = kind else { return };
        match ordinal {
            Some(ordinal) => self.records.insert(*ordinal, Record::Item { id: id.clone() }),
            None => self.budget_item = Some(id.clone()),
        }
        let item = Item {
            node: self.node.clone(),
            request: request.clone(),
            role: *role,
            why: why.clone(),
            asked_at: at,
            expires_at: *expires_at,
            escalated: false,
            decided: None,
        };
        self.items.insert(id.clone(), item);
    }

    fn change_item(&mut self, at: UnixMillis, kind: &EventKind) {
        match kind {
            EventKind::ApprovalDecided { id, verdict, reason, holds_from, .. } => {
                let is_granted = matches!(verdict, Verdict::Approved { .. });
                if is_granted && self.budget_item.as_ref() == Some(id) {
                    self.budget = self.budget.granted(self.crossing.take().as_ref());
                    self.budget_item = None;
                }
                let (verdict, reason) = (verdict.clone(), reason.clone());
                if let Some(item) = self.items.get_mut(id) {
                    item.decided = Some(Decided { verdict, reason, at, holds_from: *holds_from });
                }
            }
            EventKind::ApprovalReopened { id, .. } => {
                if let Some(item) = self.items.get_mut(id) {
                    item.decided = None;
                }
            }
            EventKind::ApprovalEscalated { id, expires_at, .. } => {
                if let Some(item) = self.items.get_mut(id) {
                    (item.role, item.escalated, item.expires_at) = (Role::Admin, true, Some(*expires_at));
                }
            }
            _ => {}
        }
    }
}
