//! How a question is paid for: within the budget it goes out, at a limit the run stops, degrades or asks.

use crate::agent::{Failure, FailureKind, Halt};
use crate::approval::{ApprovalRequest, Role};
use crate::budget::{Crossing, OnCrossing};
use crate::context::Context;
use crate::event::EventKind;
use crate::question::Question;
use crate::rules::Explanation;
use crate::run::Run;

impl Context<'_> {
    /// Sends a question out, if it can be paid.
    pub(crate) fn send(&mut self, ordinal: u32, question: Question) -> Halt {
        // People are asked once about what one call of a node would cost.
        if self.crossed == Some(OnCrossing::Ask) {
            return Halt::Waiting;
        }
        let may_degrade = matches!(&question, Question::Model(question) if question.degrade);
        let mut degraded = self.run.degraded.clone().filter(|_| may_degrade);
        let reserve = question.reserve(&self.run.budget);
        if let Some(crossing) =
            self.run.budget.crossed_by(&self.spent, reserve).filter(|_| degraded.is_none())
        {
            let wished = self.run.budget.on_crossing;
            let helps = may_degrade && wished == OnCrossing::Degrade;
            let then = if wished == OnCrossing::Degrade && !helps { OnCrossing::Stop } else { wished };
            let why = ["budget", &crossing.limit].join(": ");
            if let Some(halt) = self.cross(crossing, then) {
                return halt;
            }
            degraded = Some(why);
        }
        if degraded.is_none() {
            self.spent.reserved = self.spent.reserved.plus(reserve);
        }
        let id = [self.run.spent.steps.to_string(), ordinal.to_string()].join(".");
        self.events.push(EventKind::Asked { id, ordinal, question, degraded });
        Halt::Waiting
    }

    /// None if it goes on, with the local reasoner.
    fn cross(&mut self, crossing: Crossing, then: OnCrossing) -> Option<Halt> {
        if self.crossed != Some(then) {
            self.events.extend(crossed(self.run, &crossing, then));
        }
        self.crossed = Some(then);
        match then {
            OnCrossing::Stop => Some(Halt::Fail(over_budget(&crossing))),
            OnCrossing::Degrade => None,
            OnCrossing::Ask => Some(Halt::Waiting),
        }
    }
}

/// The events of a limit that is met.
pub(crate) fn crossed(run: &Run, crossing: &Crossing, then: OnCrossing) -> Vec<EventKind> {
    let mut kinds = vec![EventKind::BudgetCrossed { crossing: crossing.clone(), then }];
    if then == OnCrossing::Ask {
        let asked = run.items.len().to_string();
        let request = ApprovalRequest {
            title: ["Budget of", &run.started.title].join(" "),
            why: over_budget(crossing).message,
            ..ApprovalRequest::default()
        };
        kinds.push(EventKind::ApprovalAsked {
            id: [&run.id, ".budget.", &asked].concat(),
            ordinal: None,
            request,
            role: Role::Coordinator,
            why: Explanation { rule: ["budget", &crossing.limit].join(": "), because: Vec::new() },
            expires_at: None,
        });
    }
    kinds
}

pub(crate) fn over_budget(crossing: &Crossing) -> Failure {
    let (would_be, max) = (crossing.would_be.to_string(), crossing.max.to_string());
    Failure::new(FailureKind::Budget, [&crossing.limit, " would be ", &would_be, " of ", &max].concat())
}
