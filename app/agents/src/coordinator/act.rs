//! Proposes a change, waits for whoever may decide, and does it as it was approved.

use crate::agent::Halt;
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Verdict};
use crate::closing::{self, Told};
use crate::context::Context;
use crate::coordinator::pick::text;
use crate::coordinator::{Change, Node, State};
use crate::effect::{Effect, EffectKind, EffectOutcome};
use crate::question::Question;
use crate::spec::{ActionType, AgentAction, Data, Priority};
use crate::store::Table;
use crate::typed::TypedNext;
use crate::wording;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A proposal that nobody decides is rejected after this long.
const EXPIRES_MS: i64 = 30 * 60 * 1000;

/// Says at once what is proposed, because somebody has to decide first.
pub(super) fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let change = state.change.clone().unwrap_or_default();
    let values =
        [("name", &change.name), ("field", &change.field), ("from", &change.from), ("to", &change.to)];
    let values: Data =
        values.into_iter().map(|(name, value)| (name.to_owned(), dash(value).into())).collect();
    let about = ("assistant-proposed", state.business_type.as_str());
    let text = wording::word(context, about, &values, state.locale())?.text;
    let (citations, recipient) = (state.citations.clone(), context.input().user_id.clone());
    closing::tell(context, Told { text, citations, steps: state.steps.clone(), recipient });
    Ok(TypedNext::Go(Node::Act))
}

pub(super) fn act(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let change = state.change.clone().unwrap_or_default();
    let request = request(state, &change, context);
    let mut action = request.action.clone();
    let asked_ms = context.now().0;
    let verdict = context.approve(request)?;
    state.waited_ms += context.now().0 - asked_ms;
    let (by, payload) = match verdict {
        Verdict::Approved { by, payload, .. } => (by, payload),
        Verdict::Rejected { by, .. } => {
            "rejected".clone_into(&mut state.outcome);
            let [name, field, from] =
                [&change.name, &change.field, &change.from].map(|text| Value::from(dash(text)));
            let code = if change.of == "schedule" {
                "assistant-schedule-not-changed"
            } else {
                "assistant-not-changed"
            };
            return Ok(
                state.say(code, &[("name", name), ("field", field), ("from", from), ("by", by.into())])
            );
        }
    };
    let Some(row) = still(state, &change, context)? else { return Ok(TypedNext::Go(Node::Reply)) };
    let to = payload.get("value").and_then(Value::as_str).unwrap_or(&change.to).to_owned();
    let effect = effect(state, &change, &row, &to, context);
    let calls = effect.kind == EffectKind::Call;
    state.sent = Some(context.effect(effect)).filter(|_| calls);
    action.payload = payload;
    state.actions.push(action);
    "done".clone_into(&mut state.outcome);
    let (code, by) = match (change.of.as_str(), change.field.as_str()) {
        ("schedule", "run") => ("assistant-run-now", by),
        ("schedule", _) => ("assistant-schedule-changed", by),
        _ => ("assistant-changed", by),
    };
    let [name, field, from, to] =
        [&change.name, &change.field, &change.from, &to].map(|text| Value::from(dash(text)));
    Ok(state.say(code, &[("name", name), ("field", field), ("from", from), ("to", to), ("by", by.into())]))
}

/// Waits for what another system says of a change that is done there: nothing is told as done before it is.
pub(super) fn settled(state: &mut State, context: &mut Context<'_>) -> Result<(), Halt> {
    // What the run that this one was forked from sent, that one waits for.
    let Some(key) = state.sent.take().filter(|key| context.has_sent(key)) else { return Ok(()) };
    let why = match context.outcome(&key)? {
        EffectOutcome::Done { .. } => return Ok(()),
        EffectOutcome::Failed { message, .. } => message,
        EffectOutcome::Withdrawn => "\u{2013}".to_owned(),
    };
    "failed".clone_into(&mut state.outcome);
    state.actions.clear();
    let change = state.change.clone().unwrap_or_default();
    let [name, field] = [&change.name, &change.field].map(|text| Value::from(dash(text)));
    state.say("assistant-change-failed", &[("name", name), ("field", field), ("why", why.into())]);
    Ok(())
}

fn request(state: &State, change: &Change, context: &mut Context<'_>) -> ApprovalRequest {
    let locale = state.locale();
    let runs = change.of == "schedule" && change.field == "run";
    let prefix = if runs { "schedule-run" } else { &change.of };
    let payload =
        json!({"id": change.id, "field": change.field, "value": change.to, "version": change.version});
    let action = AgentAction {
        id: context.id("act-"),
        kind: ActionType::ResourceAction,
        target: format!("{prefix}/{}", change.id),
        payload: closing::object(&payload),
        priority: Priority::Medium,
        execute_at: None,
        retry_policy: None,
    };
    let said = context.input().content.text.clone().unwrap_or_default();
    let who = context.input().user_id.clone().unwrap_or_else(|| "?".to_owned());
    let editable = Editable {
        name: "value".to_owned(),
        kind: FieldKind::Text,
        label: change.field.clone(),
        ..Editable::default()
    };
    let is_open = change.of == "resource";
    ApprovalRequest {
        title: format!("{}: {} {} \u{2192} {}", change.name, change.field, dash(&change.from), change.to),
        why: format!("{who} {}: {said}\n{}", locale.pick("wrote", "a scris"), state.understood.reasoning),
        action,
        location: change.location.clone(),
        editable: if is_open { vec![editable] } else { Vec::new() },
        schema: Some(
            json!({"type": "object", "properties": {"value": {"type": "string", "minLength": 1, "maxLength": 200}}}),
        ),
        confidence: state.understood.confidence,
        expires_in_ms: Some(EXPIRES_MS),
        on_expiry: OnExpiry::Reject,
        ..ApprovalRequest::default()
    }
}

/// The row as it is now, if nobody else has changed it since it was looked at; otherwise it is said.
fn still(state: &mut State, change: &Change, context: &mut Context<'_>) -> Result<Option<Value>, Halt> {
    let business = context.input().business_id.clone();
    let question = if change.of == "resource" {
        let id = Some(change.id.clone());
        Question::Resource { business, kind: None, id, filters: BTreeMap::new(), limit: 1 }
    } else {
        let filters = BTreeMap::from([("id".to_owned(), change.id.clone())]);
        Question::Search { among: "schedules".to_owned(), business, query: String::new(), filters, limit: 1 }
    };
    let row = match context.try_ask(question)? {
        Ok(answer) => answer.value.and_then(|mut value| value.get_mut("rows")?.get_mut(0).map(Value::take)),
        Err(failure) => {
            "failed".clone_into(&mut state.outcome);
            state.say("assistant-unreachable", &[("why", failure.message.into())]);
            return Ok(None);
        }
    };
    let version = row.as_ref().and_then(|row| row.get("version")?.as_u64()).unwrap_or(0);
    if version == change.version && row.is_some() {
        return Ok(row);
    }
    "stale".clone_into(&mut state.outcome);
    let now = row.as_ref().map_or("\u{2013}", |row| text(row, "status")).to_owned();
    state.say(
        "assistant-changed-meanwhile",
        &[("name", change.name.clone().into()), ("now", dash(&now).into())],
    );
    Ok(None)
}

fn effect(state: &State, change: &Change, row: &Value, to: &str, context: &mut Context<'_>) -> Effect {
    if change.of == "schedule" {
        let fields = match change.field.as_str() {
            // Whoever keeps the times runs it once and plans it anew: what passed while it rested is not made up for.
            "run" => json!({"asked_ms": context.now().0}),
            _ if to == "active" => json!({"status": to, "next_ms": []}),
            _ => json!({"status": to}),
        };
        return Effect::row(Table::Schedules, &change.id, closing::object(&fields));
    }
    if state.resources == "http" {
        let parameters = match change.field.as_str() {
            "status" => json!({"status": to}),
            field => json!({"field": field, "value": to}),
        };
        let action = if change.field == "status" { "set_status" } else { "set_field" };
        let body = json!({
            "businessId": context.input().business_id, "resourceId": change.id, "action": action,
            "parameters": parameters, "expectedVersion": change.version,
        });
        return Effect::call("resources", closing::object(&body));
    }
    let fields = if change.field == "status" {
        json!({"status": to})
    } else {
        let mut attributes =
            row.get("attributes").cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
        attributes[&change.field] = json!(to);
        json!({"attributes": attributes})
    };
    Effect::row(Table::Resources, &change.id, closing::object(&fields))
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "\u{2013}" } else { text }
}
