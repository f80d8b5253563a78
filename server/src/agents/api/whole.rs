//! Everything that is known of a run, or what somebody may see of it who acts for some places only.

use crate::agents::api::asking::Asking;
use crate::agents::api::overview::graph_of;
use crate::agents::businesses::place_of;
use crate::auth::caller::not_allowed;
use crate::http::error::HttpError;
use inflight_agents::projection::{review_row, run_row};
use inflight_agents::run::End;
use inflight_agents::{Answer, EventKind, Question, Run, RunEvent};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A run as the caller may see it. Where it heard or did anything at a place that is not theirs, that stands in its state,
/// its words and its output too: only its row remains then, and what waits for them.
pub(super) async fn shown(asking: &Asking, events: &[RunEvent], run: &Run) -> Result<Value, HttpError> {
    let agent = asking.agents.driver().registry().agent(&run.started().agent);
    let graph = agent.map(|agent| graph_of(&*agent)["graph"].take());
    let reviews = run.items().iter().map(|(id, item)| review_row(run, id, item));
    let reviews: Vec<_> = reviews.filter(|row| asking.sees(&row.business, row.location.as_deref())).collect();
    let mut shown = json!({
        "run": run_row(run),
        "graph": graph,
        "events": [],
        "states": [],
        "effects": [],
        "reviews": reviews,
        "state": null,
        "output": null,
    });
    if sees_all(asking, events).await? {
        fill(&mut shown, events, run);
    } else {
        shown["withheld"] = true.into();
    }
    Ok(shown)
}

/// Whether nothing of a run, nor of those that it was taken from, is of a place that is not the caller's.
pub(super) async fn sees_all(asking: &Asking, events: &[RunEvent]) -> Result<bool, HttpError> {
    if !asking.who.is_bound_to_places() {
        return Ok(true);
    }
    let mut events = events.to_vec();
    loop {
        // What has gone may have held anything.
        let Some(EventKind::Started(started)) = events.first().map(|event| &event.kind) else {
            return Ok(false);
        };
        let sees = |place: Option<&str>| asking.sees(&started.input.business_id, place);
        if !is_all_of(&events, sees) {
            return Ok(false);
        }
        let Some(parent) = started.forked_from.as_ref().map(|from| from.run.clone()) else { return Ok(true) };
        events = asking.read(move |store| store.load(&parent)).await?;
    }
}

/// As [`sees_all`], for what is of no use in part.
pub(super) async fn must_see_all(asking: &Asking, events: &[RunEvent]) -> Result<(), HttpError> {
    if sees_all(asking, events).await? { Ok(()) } else { Err(not_allowed("see what is of other places")) }
}

fn fill(shown: &mut Value, events: &[RunEvent], run: &Run) {
    let left = events.iter().filter_map(|event| match &event.kind {
        EventKind::Left { node, patch, .. } => Some(json!({"seq": event.seq, "node": node, "patch": patch})),
        _ => None,
    });
    let effects = run.effects().iter().map(|(key, sent)| {
        json!({"key": key, "node": sent.node, "at_ms": sent.at.0, "effect": sent.effect, "outcome": sent.outcome})
    });
    let output = match run.end() {
        Some(End::Done(output)) => Some(output),
        _ => None,
    };
    shown["states"] = left.collect();
    shown["effects"] = effects.collect();
    shown["events"] = json!(events);
    shown["state"] = run.state().clone();
    shown["output"] = json!(output);
}

/// Whether all places in these events are seen: of rows that were looked up, of what was proposed, and of effects. What is
/// known of a business names all its places.
fn is_all_of(events: &[RunEvent], sees: impl Fn(Option<&str>) -> bool) -> bool {
    let mut lists = BTreeSet::new();
    let of_fields = |fields: &Map<String, Value>| sees(place_of(&Value::Object(fields.clone())));
    events.iter().all(|event| match &event.kind {
        EventKind::Asked { id, question: Question::Search { .. } | Question::Resource { .. }, .. } => {
            lists.insert(id);
            true
        }
        EventKind::Answered { id, answer } => {
            !lists.contains(id) || rows(answer).iter().all(|row| sees(place_of(row)))
        }
        EventKind::ApprovalAsked { request, .. } | EventKind::PolicyDecided { request, .. } => {
            sees(request.location.as_deref()) && of_fields(&request.action.payload)
        }
        EventKind::EffectIntended { effect, .. } => of_fields(&effect.payload),
        _ => true,
    })
}

fn rows(answer: &Answer) -> &[Value] {
    let rows = answer.value.as_ref().and_then(|value| value.get("rows")?.as_array());
    rows.map_or(&[], Vec::as_slice)
}
