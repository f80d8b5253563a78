//! Whether an input fits a run, and which events it is: nothing changes here.

use crate::advance::RunInput;
use crate::agent::Agent;
use crate::approval::{Decision, DecisionKind, OnExpiry, Role, Verdict};
use crate::event::EventKind;
use crate::guardrail;
use crate::record::Item;
use crate::refused::Refused;
use crate::run::Run;
use inflight_domain::UnixMillis;

impl Run {
    /// The events that an input is, without changing anything.
    pub(crate) fn admit(
        &self,
        agent: &dyn Agent,
        input: RunInput,
        now: UnixMillis,
    ) -> Result<Vec<EventKind>, Refused> {
        if let RunInput::EffectSettled { key, outcome } = input {
            let is_open = self.sent.get(&key).is_some_and(|sent| sent.outcome.is_none());
            let settled = EventKind::EffectSettled { key: key.clone(), outcome };
            return if is_open { Ok(vec![settled]) } else { Err(Refused::NoEffect(key.0)) };
        }
        if self.end.is_some() {
            return match input {
                RunInput::Tick => Ok(Vec::new()),
                // Who comes too late is told who was first, also when that ended the run.
                RunInput::Decide(decision) => {
                    self.undecided(&decision.approval)?;
                    Err(Refused::Ended)
                }
                _ => Err(Refused::Ended),
            };
        }
        match input {
            RunInput::Answer { id, answer } => {
                self.is_open(&id)?;
                Ok(vec![EventKind::Answered { id, answer }])
            }
            RunInput::AnswerFailed { id, failure } => {
                self.is_open(&id)?;
                Ok(vec![EventKind::AnswerFailed { id, failure }])
            }
            RunInput::BudgetRefused { id, crossing } => {
                self.is_open(&id)?;
                Ok(vec![EventKind::BudgetRefused { id, crossing }])
            }
            RunInput::Decide(decision) => Ok(vec![self.decide(agent, decision, now)?]),
            RunInput::Undo { approval, by, role } => {
                let item = self.items.get(&approval).ok_or(Refused::NoApproval(approval.clone()))?;
                if !role.may(item.role) {
                    return Err(Refused::Role(item.role));
                }
                let may = item.decided.as_ref().is_some_and(|decided| now < decided.holds_from);
                let reopened = EventKind::ApprovalReopened { id: approval, by };
                if may { Ok(vec![reopened]) } else { Err(Refused::NothingToUndo) }
            }
            RunInput::Withdraw { approval, by, reason } => {
                Ok(vec![self.withdraw(approval, by, reason, now)?])
            }
            RunInput::Tick => Ok(self.tick(now)),
            RunInput::Cancel { by } => Ok(vec![EventKind::Cancelled { by }]),
            RunInput::EffectSettled { .. } => Ok(Vec::new()),
        }
    }

    fn is_open(&self, id: &str) -> Result<(), Refused> {
        let is_open = self.open_questions().any(|asked| asked.id == id);
        if is_open { Ok(()) } else { Err(Refused::NoQuestion(id.to_owned())) }
    }

    fn undecided(&self, id: &str) -> Result<&Item, Refused> {
        let item = self.items.get(id).ok_or_else(|| Refused::NoApproval(id.to_owned()))?;
        match &item.decided {
            Some(decided) => Err(Refused::Decided(Box::new(decided.verdict.clone()))),
            None => Ok(item),
        }
    }

    fn decide(&self, agent: &dyn Agent, decision: Decision, now: UnixMillis) -> Result<EventKind, Refused> {
        let id = decision.approval;
        let item = self.undecided(&id)?;
        if !decision.role.may(item.role) {
            return Err(Refused::Role(item.role));
        }
        let by = decision.by;
        let verdict = match decision.decision {
            DecisionKind::Reject => Verdict::Rejected { by, reason: decision.reason.clone() },
            DecisionKind::Approve { payload } => {
                let proposed = &item.request.action.payload;
                let payload = payload.unwrap_or_else(|| proposed.clone());
                item.request.check(&payload).map_err(|misfit| Refused::Payload(misfit.to_string()))?;
                guardrail::check_action(agent.guardrails(), &item.request.action, &payload, &self.state)
                    .map_err(|tripped| Refused::Guardrail {
                        guardrail: tripped.name.to_owned(),
                        message: tripped.message,
                    })?;
                Verdict::Approved { by, edited: payload != *proposed, payload }
            }
        };
        let is_budget = self.budget_item.as_ref() == Some(&id);
        let undo_ms = if is_budget { 0 } else { decision.undo_ms.max(0) };
        let (role, reason, holds_from) = (decision.role, decision.reason, UnixMillis(now.0 + undo_ms));
        Ok(EventKind::ApprovalDecided { id, verdict, role, reason, holds_from })
    }

    /// A decision that does not hold yet stands in the way of nothing.
    fn withdraw(
        &self,
        id: String,
        by: String,
        reason: String,
        now: UnixMillis,
    ) -> Result<EventKind, Refused> {
        let item = self.items.get(&id).ok_or_else(|| Refused::NoApproval(id.clone()))?;
        if let Some(decided) = item.decided.as_ref().filter(|decided| decided.holds_from <= now) {
            return Err(Refused::Decided(Box::new(decided.verdict.clone())));
        }
        let verdict = Verdict::Withdrawn { by, reason: reason.clone() };
        let (role, reason) = (item.role, Some(reason));
        Ok(EventKind::ApprovalDecided { id, verdict, role, reason, holds_from: now })
    }

    /// All that time alone brings about by now.
    fn tick(&self, now: UnixMillis) -> Vec<EventKind> {
        let is_due = |item: &Item| item.decided.is_none() && item.expires_at.is_some_and(|at| at <= now);
        let due = self.items.iter().filter(|(_, item)| is_due(item));
        let mut kinds: Vec<EventKind> = due.map(|(id, item)| expire(id, item, now)).collect();
        if kinds.is_empty() && self.next_tick().is_some_and(|at| at <= now) {
            kinds.push(EventKind::Woken {});
        }
        kinds
    }
}

fn expire(id: &str, item: &Item, now: UnixMillis) -> EventKind {
    let id = id.to_owned();
    if item.request.on_expiry == OnExpiry::Escalate && !item.escalated {
        let again = item.request.expires_in_ms.unwrap_or(0).max(1);
        return EventKind::ApprovalEscalated { id, role: Role::Admin, expires_at: UnixMillis(now.0 + again) };
    }
    let verdict = Verdict::Rejected { by: "clock".to_owned(), reason: None };
    EventKind::ApprovalDecided { id, verdict, role: item.role, reason: None, holds_from: now }
}
