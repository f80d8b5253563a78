//! What new events change beside the log: a run's row, items of the queue, rows of ours, the outbox.

use crate::approval::Verdict;
use crate::effect::{CHANGED_BY, EffectKey, EffectKind, EffectOutcome, Expected, Stale};
use crate::event::{EventKind, RunEvent};
use crate::record::{Decided, Item};
use crate::rows::{BudgetRow, FieldDiff, OutboxRow, ReviewRow, ReviewStatus, RunRow};
use crate::run::{End, Run};
use crate::store::{Cursor, Document, Table};
use inflight_domain::UnixMillis;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A row of ours that an effect makes or changes.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// The effect's key; a change is made once for it, ever.
    pub key: EffectKey,
    /// Which table.
    pub table: Table,
    /// The row's identifier.
    pub id: String,
    /// Fields that it takes over; null removes one.
    pub fields: Map<String, Value>,
    /// Fields that grow by so much.
    pub adds: BTreeMap<String, u64>,
    /// What the row must still be.
    pub expects: Option<Expected>,
}

impl RowChange {
    /// A change that is made whatever the row is by then.
    #[must_use]
    pub fn new(key: EffectKey, table: Table, id: &str, fields: Map<String, Value>) -> Self {
        Self { key, table, id: id.to_owned(), fields, adds: BTreeMap::new(), expects: None }
    }

    /// Whether it may be made on this row.
    ///
    /// # Errors
    /// The row is not what the change was decided on.
    pub fn check(&self, found: Option<&Document>) -> Result<(), Stale> {
        let holds = self.expects.as_ref().is_none_or(|expected| expected.holds(found));
        if holds { Ok(()) } else { Err(Stale::of(found)) }
    }

    /// Changes a row, which is at version 0 if it is new. Who changed it is who this change names, or nobody.
    pub fn apply(&self, document: &mut Document, at: UnixMillis) {
        document.fields.remove(CHANGED_BY);
        for (name, value) in &self.fields {
            if value.is_null() {
                document.fields.remove(name);
            } else {
                document.fields.insert(name.clone(), value.clone());
            }
        }
        for (name, more) in &self.adds {
            let number = document.fields.get(name).and_then(Value::as_u64).unwrap_or(0);
            document.fields.insert(name.clone(), number.saturating_add(*more).into());
        }
        document.version += 1;
        document.changed = at;
    }
}

/// All that goes into the store in the transaction of the events.
#[derive(Clone, Debug, PartialEq)]
pub struct Projections {
    /// The run's row.
    pub run: RunRow,
    /// Items of the queue that changed.
    pub reviews: Vec<ReviewRow>,
    /// Rows of ours that change.
    pub rows: Vec<RowChange>,
    /// Effects that are to be delivered.
    pub outbox: Vec<OutboxRow>,
    /// Effects that need no delivery any more.
    pub settled: Vec<EffectKey>,
    /// The input that the run takes, if it begins: business and identifier. A fork takes none.
    pub input: Option<(String, String)>,
    /// How far the stream that brought the input is taken in with it.
    pub cursor: Option<Cursor>,
}

impl Projections {
    /// What these events, which the run has taken already, change.
    #[must_use]
    pub fn of(run: &Run, events: &[RunEvent]) -> Self {
        let mut projections = Self {
            run: run_row(run),
            reviews: Vec::new(),
            rows: Vec::new(),
            outbox: Vec::new(),
            settled: Vec::new(),
            input: None,
            cursor: None,
        };
        let mut items = BTreeSet::new();
        for event in events {
            projections.take(run, &event.kind, &mut items);
        }
        projections.reviews =
            items.into_iter().filter_map(|id| Some(review_row(run, id, run.items().get(id)?))).collect();
        projections
    }

    fn take<'a>(&mut self, run: &'a Run, kind: &'a EventKind, items: &mut BTreeSet<&'a str>) {
        match kind {
            EventKind::Started(started) if started.forked_from.is_none() => {
                self.input = Some((started.input.business_id.clone(), started.input.id.clone()));
            }
            EventKind::ApprovalAsked { id, .. }
            | EventKind::ApprovalDecided { id, .. }
            | EventKind::ApprovalReopened { id, .. }
            | EventKind::ApprovalEscalated { id, .. } => {
                items.insert(id);
            }
            EventKind::EffectIntended { key, .. } => self.send(run, key),
            EventKind::EffectSettled { key, outcome } => self.settle(run, key, outcome),
            // Nobody needs to decide any more.
            EventKind::Finished { .. } | EventKind::Failed { .. } | EventKind::Cancelled { .. } => {
                let open = run.items().iter().filter(|(_, item)| item.decided.is_none());
                items.extend(open.map(|(id, _)| id.as_str()));
            }
            _ => {}
        }
    }

    fn send(&mut self, run: &Run, key: &EffectKey) {
        let Some(sent) = run.effects().get(key).filter(|sent| sent.outcome.is_none()) else { return };
        self.outbox.push(OutboxRow {
            key: key.clone(),
            run: run.id().to_owned(),
            business: run.started().input.business_id.clone(),
            correlation: run.started().input.correlation_id.clone(),
            effect: sent.effect.clone(),
            due_ms: sent.effect.execute_at.unwrap_or(sent.at).max(sent.at),
            attempts: 0,
            error: None,
        });
    }

    fn settle(&mut self, run: &Run, key: &EffectKey, outcome: &EffectOutcome) {
        self.settled.push(key.clone());
        let Some(sent) = run.effects().get(key) else { return };
        if let (EffectKind::Row(table), EffectOutcome::Done { .. }) = (sent.effect.kind, outcome) {
            let effect = &sent.effect;
            let change = RowChange::new(key.clone(), table, &effect.target, effect.payload.clone());
            let (adds, expects) = (effect.adds.clone(), effect.expects.clone());
            self.rows.push(RowChange { adds, expects, ..change });
        }
    }
}

/// The row of a run.
#[must_use]
pub fn run_row(run: &Run) -> RunRow {
    let (started, spent, budget) = (run.started(), run.spent(), run.budget());
    let output = match run.end() {
        Some(End::Done(output)) => Some(output),
        _ => None,
    };
    let error = match run.end() {
        Some(End::Failed(failure)) => Some(failure.message.clone()),
        Some(End::Cancelled(by)) => Some(["cancelled by", by].join(" ")),
        Some(End::Done(_)) | None => None,
    };
    RunRow {
        id: run.id().to_owned(),
        business: started.input.business_id.clone(),
        location: started.input.location_id.clone(),
        agent: started.agent.clone(),
        version: started.version.clone(),
        status: run.status(),
        node: run.node().to_owned(),
        step: spent.steps,
        seq: run.seq(),
        started_ms: run.started_at(),
        changed_ms: run.changed_at(),
        title: started.title.clone(),
        correlation: started.input.correlation_id.clone(),
        input_source: started.input.source,
        input: started.input.id.clone(),
        decision_code: output.map(|output| output.decision_code.clone()),
        confidence: output.map(|output| output.confidence),
        requires_human_review: output.map(|output| output.requires_human_review),
        error,
        budget: BudgetRow {
            tokens: spent.tokens,
            tokens_max: budget.tokens_max,
            cost_microusd: spent.cost_microusd,
            cost_max_microusd: budget.cost_max_microusd,
            unpriced: budget.unpriced,
            steps: spent.steps,
            steps_max: budget.steps_max,
            time_ms: spent.time_ms,
            time_max_ms: budget.time_max_ms,
        },
        degraded: run.degraded().map(str::to_owned),
        forked_from: started.forked_from.as_ref().map(|from| from.run.clone()),
    }
}

/// The row of an item.
#[must_use]
pub fn review_row(run: &Run, id: &str, item: &Item) -> ReviewRow {
    let decided = item.decided.as_ref();
    let (by, status) = match decided.map(|decided| &decided.verdict) {
        None if run.end().is_some() => (None, ReviewStatus::Withdrawn),
        None => (None, ReviewStatus::Open),
        Some(Verdict::Rejected { by, .. }) if by == "clock" => (Some(by), ReviewStatus::Expired),
        Some(Verdict::Rejected { by, .. }) => (Some(by), ReviewStatus::Rejected),
        Some(Verdict::Withdrawn { by, .. }) => (Some(by), ReviewStatus::Withdrawn),
        Some(Verdict::Approved { by, edited: true, .. }) => (Some(by), ReviewStatus::Edited),
        Some(Verdict::Approved { by, .. }) => (Some(by), ReviewStatus::Approved),
    };
    let request = &item.request;
    ReviewRow {
        id: id.to_owned(),
        run: run.id().to_owned(),
        business: run.started().input.business_id.clone(),
        location: request.location.clone().or_else(|| run.started().input.location_id.clone()),
        node: item.node.clone(),
        title: request.title.clone(),
        why: request.why.clone(),
        policy: run.started().policy.name.clone(),
        because: item.why.clone(),
        role: item.role,
        action: request.action.clone(),
        editable: request.editable.clone(),
        confidence: request.confidence,
        amount: request.amount,
        created_ms: item.asked_at,
        expires_ms: item.expires_at,
        on_expiry: request.on_expiry,
        escalated: item.escalated,
        status,
        by: by.cloned(),
        decided_ms: decided.map(|decided| decided.at),
        undo_until_ms: decided
            .filter(|decided| decided.holds_from > decided.at)
            .map(|decided| decided.holds_from),
        diff: decided.map(|decided| changes(item, decided)).unwrap_or_default(),
        reason: decided.and_then(|decided| decided.reason.clone()),
    }
}

fn changes(item: &Item, decided: &Decided) -> Vec<FieldDiff> {
    let Verdict::Approved { payload, .. } = &decided.verdict else { return Vec::new() };
    let before = &item.request.action.payload;
    let names: BTreeSet<&String> = before.keys().chain(payload.keys()).collect();
    let value = |fields: &Map<String, Value>, name: &str| fields.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .filter(|name| before.get(*name) != payload.get(*name))
        .map(|name| FieldDiff { field: name.clone(), from: value(before, name), to: value(payload, name) })
        .collect()
}
