//! What people see of a business without a server: its cases, what waits in them, and every step of their runs.

use crate::approval::Verdict;
use crate::canonical;
use crate::effect::{EffectKind, EffectOutcome};
use crate::event::{EventKind, RunEvent};
use crate::ports::rows;
use crate::question::Question;
use crate::rows::{ReviewRow, ReviewStatus};
use crate::run::Run;
use crate::solo::Solo;
use crate::store::{Document, Store, Table};
use crate::watcher::assess::{Seen, judge};
use serde_json::{Value, json};

impl Solo {
    /// All cases, the newest first: each its row, with `run` (the one that proposed something, or opened it), `review`
    /// (its item of the queue, if there is one), `why` (the rule that judged, and its numbers), `steps` (all that
    /// happened in it) and `told` (what was sent).
    #[must_use]
    pub fn cases(&self) -> Vec<Value> {
        let documents = self.store.documents(Table::Cases, None).unwrap_or_default();
        let opened = |document: &Document| document.fields.get("opened_ms").and_then(Value::as_i64);
        let mut order: Vec<(Option<i64>, usize)> = documents.iter().map(opened).zip(0..).collect();
        order.sort_unstable();
        order.into_iter().rev().map(|(_, place)| self.case(rows::row(&documents[place]))).collect()
    }

    fn case(&self, mut case: Value) -> Value {
        let is_own = |run: &&Run| run.started().input.correlation_id.as_deref() == case["id"].as_str();
        let own = || self.runs.values().filter(is_own);
        // Where something was proposed, that run is the one to look at; else the one that opened the case.
        let Some(run) = own().filter(|run| !run.items().is_empty()).last().or_else(|| own().next()) else {
            return case;
        };
        let events = self.store.load(run.id()).unwrap_or_default();
        let review = run.items().keys().next().and_then(|id| self.store.review(id).ok().flatten());
        let messages = self.store.documents(Table::Messages, None).unwrap_or_default();
        let told = messages.iter().find(|message| message.fields.get("run") == Some(&run.id().into()));
        case["why"] = why(&events);
        case["steps"] = events.iter().map(step).collect();
        case["review"] = review.map_or(Value::Null, |review| review_row(&review));
        case["told"] = told.and_then(|message| message.fields.get("text").cloned()).unwrap_or_default();
        case["run"] = run.id().into();
        case
    }
}

/// What of an item of the queue is shown here, by its names there.
fn review_row(review: &ReviewRow) -> Value {
    let status = match review.status {
        ReviewStatus::Open => "open",
        ReviewStatus::Approved => "approved",
        ReviewStatus::Rejected => "rejected",
        ReviewStatus::Edited => "edited",
        ReviewStatus::Expired => "expired",
        ReviewStatus::Withdrawn => "withdrawn",
    };
    json!({
        "id": review.id, "status": status, "because": review.because, "action": {"payload": review.action.payload},
        "expires_ms": review.expires_ms.map(|at| at.0), "undo_until_ms": review.undo_until_ms.map(|at| at.0),
    })
}

/// The rule that judged what the run began with.
fn why(events: &[RunEvent]) -> Value {
    let Some(EventKind::Started(started)) = events.first().map(|event| &event.kind) else {
        return Value::Null;
    };
    let data = Value::Object(started.input.content.data.clone().unwrap_or_default());
    let Some(seen) = Seen::of(&data) else { return Value::Null };
    json!({"because": judge(&seen), "numbers": seen.numbers(), "confidence_pct": seen.confidence_pct})
}

/// A step as a row: what happened (`kind`), to what (`of`), by whom (`by`), and the hash that chains it.
fn step(event: &RunEvent) -> Value {
    let (kind, of, by) = told(&event.kind);
    let hash = canonical::hex(&event.hash);
    json!({"seq": event.seq, "at_ms": event.at.0, "kind": kind, "of": of, "by": by, "hash": hash})
}

fn told(kind: &EventKind) -> (&'static str, &str, &str) {
    match kind {
        EventKind::Started(started) => ("started", &started.agent, &started.version),
        EventKind::Entered { node, .. } => ("entered", node, ""),
        EventKind::Recorded { what, .. } => ("recorded", what, ""),
        EventKind::Asked { question, .. } => ("asked", asked(question), ""),
        EventKind::Answered { answer, .. } => ("answered", "", &answer.by),
        EventKind::AnswerFailed { failure, .. } => ("answer_failed", &failure.message, ""),
        EventKind::PolicyDecided { ruling, verdict, .. } => {
            let (_, by) = verdict_of(verdict);
            ("policy_decided", &ruling.why.rule, by)
        }
        EventKind::ApprovalAsked { why, .. } => ("approval_asked", &why.rule, ""),
        EventKind::ApprovalDecided { verdict, .. } => {
            let (word, by) = verdict_of(verdict);
            (word, "", by)
        }
        EventKind::ApprovalReopened { by, .. } => ("approval_reopened", "", by),
        EventKind::EffectIntended { effect, .. } => ("effect_intended", done_to(effect.kind), ""),
        EventKind::EffectSettled { outcome, .. } => match outcome {
            EffectOutcome::Done { .. } => ("effect_done", "", ""),
            _ => ("effect_failed", "", ""),
        },
        EventKind::Left { node, next, .. } => ("left", node, next.as_deref().unwrap_or_default()),
        EventKind::Finished { output } => ("finished", &output.decision_code, ""),
        EventKind::Failed { failure } => ("failed", &failure.message, ""),
        EventKind::Woken {} => ("woken", "", ""),
        EventKind::Cancelled { by } => ("cancelled", "", by),
        _ => ("other", "", ""),
    }
}

fn done_to(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Row(Table::Cases) => "case",
        EffectKind::Row(Table::Messages) => "message",
        EffectKind::Row(Table::Decisions) => "decision",
        EffectKind::Row(_) => "row",
        EffectKind::Call => "call",
    }
}

fn asked(question: &Question) -> &str {
    match question {
        Question::Search { among, .. } => among,
        other => other.kind(),
    }
}

fn verdict_of(verdict: &Verdict) -> (&'static str, &str) {
    match verdict {
        Verdict::Approved { by, edited: true, .. } => ("edited", by),
        Verdict::Approved { by, .. } => ("approved", by),
        Verdict::Rejected { by, .. } => ("rejected", by),
        Verdict::Withdrawn { by, .. } => ("withdrawn", by),
    }
}
