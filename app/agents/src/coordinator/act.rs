//! Proposes a change, waits for whoever may decide, and does it as it was approved.

use crate::agent::Halt;
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Verdict};
use crate::closing::{self, Told};
use crate::context::Context;
use crate::coordinator::pick::text;
use crate::coordinator::{Change, Node, State};
use crate::effect::{CHANGED_BY, Effect, EffectOutcome, Expected};
use crate::question::{AskFailure, Question};
use crate::spec::{ActionType, AgentAction, Data, Priority};
use crate::store::Table;
use crate::typed::TypedNext;
use crate::wording;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A proposal that nobody decides is rejected after this long.
const EXPIRES_MS: i64 = 30 * 60 * 1000;

/// Says at once what is proposed, where somebody has to decide first.
pub(super) fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let change = state.change.clone().unwrap_or_default();
    let request = request(state, &change, context);
    if !context.asks_people(&request) {
        return Ok(TypedNext::Go(Node::Act));
    }
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
    state.reviewed = !verdict.by().starts_with("policy:");
    let (by, payload) = match verdict {
        Verdict::Approved { by, payload, .. } => (by, payload),
        Verdict::Rejected { by, .. } | Verdict::Withdrawn { by, .. } => {
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
    let effect = effect(state, &change, &row, [&to, &by], context);
    state.sent = Some(context.effect(effect));
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

/// Waits for what became of a change: nothing is told as done before it is.
pub(super) fn settled(state: &mut State, context: &mut Context<'_>) -> Result<(), Halt> {
    // What the run that this one was forked from sent, that one waits for.
    let Some(key) = state.sent.take().filter(|key| context.has_sent(key)) else { return Ok(()) };
    let why = match context.outcome(&key)? {
        EffectOutcome::Done { .. } => return Ok(()),
        EffectOutcome::Failed { message, .. } => message,
        EffectOutcome::Withdrawn => "\u{2013}".to_owned(),
        EffectOutcome::Conflicted(found) => {
            let change = state.change.clone().unwrap_or_default();
            let row = look_again(&change, context)?.ok().flatten();
            state.actions.clear();
            stale(state, &change, row.as_ref(), found.by);
            return Ok(());
        }
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
    let row = match look_again(change, context)? {
        Ok(row) => row,
        Err(failure) => {
            "failed".clone_into(&mut state.outcome);
            state.say("assistant-unreachable", &[("why", failure.message.into())]);
            return Ok(None);
        }
    };
    let is_http = state.resources == "http";
    let is_same = |row: &Value| match change.of.as_str() {
        // It goes on by itself each time that it is due.
        "schedule" => change.field == "run" || text(row, "status") == change.from,
        // Our own store says so as it writes, and knows who was first.
        _ => !is_http || row.get("version").and_then(Value::as_u64) == Some(change.version),
    };
    if row.as_ref().is_some_and(is_same) {
        return Ok(row);
    }
    let by = row.as_ref().and_then(|row| Some(row.get(CHANGED_BY)?.as_str()?.to_owned()));
    stale(state, change, row.as_ref(), by);
    Ok(None)
}

fn look_again(change: &Change, context: &mut Context<'_>) -> Result<Result<Option<Value>, AskFailure>, Halt> {
    let business = context.input().business_id.clone();
    let question = if change.of == "resource" {
        let id = Some(change.id.clone());
        Question::Resource { business, kind: None, id, filters: BTreeMap::new(), limit: 1 }
    } else {
        let filters = BTreeMap::from([("id".to_owned(), change.id.clone())]);
        Question::Search { among: "schedules".to_owned(), business, query: String::new(), filters, limit: 1 }
    };
    let answer = context.try_ask(question)?;
    Ok(answer
        .map(|answer| answer.value.and_then(|mut value| value.get_mut("rows")?.get_mut(0).map(Value::take))))
}

/// Says that somebody else was first, and what is there now.
fn stale(state: &mut State, change: &Change, row: Option<&Value>, by: Option<String>) {
    "stale".clone_into(&mut state.outcome);
    let of_field = |row: &Value| match change.field.as_str() {
        "status" | "run" => text(row, "status").to_owned(),
        field => row.get("attributes").map(|own| text(own, field).to_owned()).unwrap_or_default(),
    };
    let now = row.map(of_field).unwrap_or_default();
    let by = by.unwrap_or_else(|| state.locale().pick("somebody else", "altcineva").to_owned());
    let values = [("name", change.name.as_str()), ("now", dash(&now)), ("by", &by)];
    state.say("assistant-changed-meanwhile", &values.map(|(name, value)| (name, value.into())));
}

fn effect(
    state: &State,
    change: &Change,
    row: &Value,
    [to, by]: [&str; 2],
    context: &mut Context<'_>,
) -> Effect {
    if change.of == "schedule" {
        let fields = match change.field.as_str() {
            // Whoever keeps the times runs it once and plans it anew: what passed while it rested is not made up for.
            "run" => json!({"asked_ms": context.now().0, CHANGED_BY: by}),
            _ if to == "active" => json!({"status": to, "next_ms": [], CHANGED_BY: by}),
            _ => json!({"status": to, CHANGED_BY: by}),
        };
        let expected = closing::object(&json!({"status": row.get("status")}));
        return Effect::row(Table::Schedules, &change.id, closing::object(&fields))
            .expecting(Expected::Fields(expected));
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
        json!({"status": to, CHANGED_BY: by})
    } else {
        let mut attributes =
            row.get("attributes").cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
        attributes[&change.field] = json!(to);
        json!({"attributes": attributes, CHANGED_BY: by})
    };
    Effect::row(Table::Resources, &change.id, closing::object(&fields))
        .expecting(Expected::Version(change.version))
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "\u{2013}" } else { text }
}
