//! What was decided about the same kind of thing before, for whoever decides now.

use crate::closing::Citation;
use crate::context::Context;
use crate::question::{Answer, Question};
use crate::spec::{BusinessContext, DecisionModel, RagContext};
use crate::watcher::State;
use crate::watcher::assess::Seen;
use serde_json::Value;
use std::collections::BTreeMap;

/// Earlier decisions that are shown.
const SHOWN: u16 = 3;

/// Asks for the nearest decisions of the same kind: specification 004's `searchSimilarDecisions`.
pub fn question(context: &Context<'_>, seen: &Seen) -> Question {
    let words: Vec<&str> =
        [&seen.callsign, &seen.airport].into_iter().flatten().map(String::as_str).collect();
    Question::Search {
        among: "decisions".to_owned(),
        business: context.input().business_id.clone(),
        query: words.join(" "),
        filters: BTreeMap::from([("decisionCode".to_owned(), code(seen))]),
        limit: SHOWN,
    }
}

/// What was found, as specification 004 keeps what was looked up. Nobody's answer is no failure.
pub fn found(state: &State, context: &Context<'_>, answer: Option<Answer>) -> RagContext {
    let rows = answer.and_then(|answer| answer.value?.get_mut("rows").map(Value::take));
    let input = context.input();
    RagContext {
        decision_code: code(&state.seen),
        message_model: None,
        similar_decisions: rows.and_then(|rows| serde_json::from_value(rows).ok()).unwrap_or_default(),
        business_context: BusinessContext {
            business_id: input.business_id.clone(),
            business_type: state.business_type.clone(),
            location_id: input.location_id.clone(),
        },
        confidence: state.assessment.confidence,
    }
}

/// What came of them, in lines below the reason; empty if there were none.
pub fn precedents(state: &State) -> String {
    let one = |decision: &DecisionModel| {
        format!("\n{} {}: {}", decision.created_at, decision.context, decision.outcome)
    };
    let told: String = decisions(state).map(one).collect();
    let before =
        if told.is_empty() { "" } else { state.locale.pick("\nDecided before:", "\nDecis înainte:") };
    [before, &told].concat()
}

/// Them as sources of a message.
pub fn citations(state: &State) -> impl Iterator<Item = Citation> {
    decisions(state).map(|decision| Citation {
        kind: "decision".to_owned(),
        id: decision.id.clone(),
        title: decision.context.clone(),
    })
}

/// What is decided, as models and searches name it.
pub fn code(seen: &Seen) -> String {
    format!("case-{}", seen.kind.replace('_', "-"))
}

fn decisions(state: &State) -> impl Iterator<Item = &DecisionModel> {
    state.rag_context.iter().flat_map(|found| &found.similar_decisions)
}
