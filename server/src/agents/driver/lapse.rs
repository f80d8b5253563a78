//! Withdraws from the review queue what cases went on without, before anybody can still decide on it.

use crate::agents::driver::going::Held;
use crate::agents::driver::{DriveError, Driver};
use crate::audit::Entry;
use crate::clock;
use inflight_agents::rows::RunRow;
use inflight_agents::withdrawal::{case_of, due, lapsed};
use inflight_agents::{EventKind, Projections, Run, RunEvent, RunInput, Table};
use std::collections::BTreeSet;
use tracing::{error, warn};

impl Driver {
    /// Withdraws what was proposed in a case (business and identifier) that went on without it, or in any case.
    pub(in crate::agents) async fn withdraw(&self, of: Option<(String, String)>, correlation: &str) {
        let found = self.with_store(move |store| {
            let of = of.as_ref().map(|(business, case)| (business.as_str(), case.as_str()));
            due(store, of, clock::now())
        });
        let due = match found.await {
            Ok(due) => due,
            // Whoever decides on one of them is told all the same.
            Err(cause) => return error!(%cause, "what cases went on without is not withdrawn"),
        };
        for (row, input) in due {
            match self.input(&row.run, input.clone()).await {
                Ok(_) => self.note_withdrawn(&input, correlation),
                // Somebody was first, or it has ended.
                Err(DriveError::Refused(_)) => {}
                Err(cause) => warn!(review = row.id, %cause, "a review is not withdrawn"),
            }
        }
    }

    /// Once what was written is on the disk: does the same for the cases that it is about.
    pub(super) fn lapse_later(&self, row: &RunRow, cases: BTreeSet<String>) {
        for case in cases {
            let (driver, of) = (self.clone(), Some((row.business.clone(), case)));
            let correlation = row.correlation.clone().unwrap_or_default();
            self.0.tasks.spawn(async move { driver.withdraw(of, &correlation).await });
        }
    }

    /// What is decided too late finds that it was withdrawn.
    pub(super) async fn lapse_first(
        &self,
        held: &Held,
        place: &mut Option<Run>,
        input: &RunInput,
    ) -> Result<(), DriveError> {
        let RunInput::Decide(decision) = input else { return Ok(()) };
        let id = decision.approval.clone();
        let found = self.with_store(move |store| {
            let row = store.review(&id)?;
            row.map_or(Ok(None), |row| lapsed(store, &row, clock::now()))
        });
        let Some(withdraw) = found.await? else { return Ok(()) };
        match self.advanced(place, &held.id, withdraw.clone()).await {
            Ok(known) => {
                self.note_withdrawn(&withdraw, known.started().input.correlation_id.as_deref().unwrap_or(""));
                self.act(&held.slot, &known);
                *place = Some(known);
                Ok(())
            }
            Err(DriveError::Refused(_)) => Ok(()),
            Err(cause) => Err(cause),
        }
    }

    fn note_withdrawn(&self, input: &RunInput, correlation: &str) {
        let RunInput::Withdraw { approval, by, .. } = input else { return };
        self.0.parts.metrics.agent_review("withdrawn");
        self.0.parts.audit.note(Entry {
            actor: by.clone(),
            action: "agent_review_withdrawn",
            target: format!("review/{approval}"),
            result: "done".to_owned(),
            correlation_id: correlation.to_owned(),
        });
    }
}

/// Cases in which something may be withdrawn once these events are written: those that close or that another run has
/// its say in, and those in which something is proposed, perhaps too late.
pub(super) fn cases(run: &Run, projections: &Projections, events: &[RunEvent]) -> BTreeSet<String> {
    let goes_on = |fields: &serde_json::Map<String, serde_json::Value>| {
        fields.contains_key("run") || fields.get("status").is_some_and(|status| status == "closed")
    };
    let changed = projections.rows.iter().filter(|row| row.table == Table::Cases && goes_on(&row.fields));
    let mut cases: BTreeSet<String> = changed.map(|row| row.id.clone()).collect();
    for event in events {
        let (EventKind::ApprovalAsked { id, .. } | EventKind::ApprovalReopened { id, .. }) = &event.kind
        else {
            continue;
        };
        let item = run.items().get(id);
        cases.extend(item.and_then(|item| case_of(&item.request.action)).map(str::to_owned));
    }
    cases
}
