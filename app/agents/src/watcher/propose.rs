//! Proposes what is to be told of a case, tells it once that is approved, and writes into the case what became of it.

use crate::agent::Halt;
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Verdict};
use crate::closing::{self, Citation, Told};
use crate::context::Context;
use crate::effect::{CHANGED_BY, Effect};
use crate::spec::{ActionType, AgentAction, AgentResponse, Priority, RetryPolicy};
use crate::typed::TypedNext;
use crate::watcher::{Node, State, again, case, change, close, earlier, first, known, was_another};
use crate::wording;
use serde_json::{Value, json};

/// The message model of what is proposed.
const PROPOSAL: &str = "case-proposal";

/// The hook that gets every proposal that was approved, where the settings name one.
pub const HOOK: &str = "cases";

/// Whoever takes cases may be away for an hour.
const HOOK_RETRY: RetryPolicy =
    RetryPolicy { max_retries: 16, retry_delay: 2000, max_delay: 300_000, timeout: 10_000 };

/// A proposal that nobody decides lapses after this long: the sky has moved on.
const EXPIRES_MS: i64 = 20 * 60 * 1000;

pub(super) fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let action = proposed(state, context);
    let asked_ms = context.now().0;
    let verdict = context.approve(request(state, &action))?;
    state.waited_ms += context.now().0 - asked_ms;
    state.reviewed |= !verdict.by().starts_with("policy:");
    if let Verdict::Approved { payload, by, .. } = &verdict {
        state.done = Some(send(state, context, AgentAction { payload: payload.clone(), ..action }, by)?);
    }
    state.verdict = Some(verdict);
    Ok(TypedNext::Go(Node::Note))
}

/// Hours may have passed, and people may have written into the case.
pub(super) fn note(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let case = context.try_ask(known(context, &state.seen))?.ok().and_then(first);
    let now = context.now();
    let nobody = || Verdict::Rejected { by: "clock".to_owned(), reason: None };
    let verdict = state.verdict.clone().unwrap_or_else(nobody);
    let (outcome, mut fields) = case::decided(state, context.run(), case.as_ref(), &verdict, now);
    fields[CHANGED_BY] = verdict.by().into();
    outcome.clone_into(&mut state.outcome);
    change(state, context, case.as_ref(), &fields);
    Ok(TypedNext::Go(Node::Kept))
}

pub(super) fn kept(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    if was_another(state, context)? {
        return Ok(again(state, context, Node::Note));
    }
    let (outcome, done) = (state.outcome.clone(), state.done.take());
    Ok(TypedNext::Done(close(state, context, &outcome, done)))
}

/// The message that is proposed.
fn proposed(state: &State, context: &mut Context<'_>) -> AgentAction {
    let (seen, found) = (&state.seen, &state.assessment);
    let payload = json!({"title": seen.title(state.locale), "text": found.proposal, "case": seen.case()});
    AgentAction {
        id: context.id("act-"),
        kind: ActionType::Notification,
        target: format!("business/{}", context.input().business_id),
        payload: closing::object(&payload),
        priority: if found.severity == "critical" { Priority::High } else { Priority::Medium },
        execute_at: None,
        retry_policy: None,
    }
}

fn request(state: &State, action: &AgentAction) -> ApprovalRequest {
    let found = &state.assessment;
    let editable = Editable {
        name: "text".to_owned(),
        kind: FieldKind::Text,
        label: "text".to_owned(),
        ..Editable::default()
    };
    ApprovalRequest {
        title: state.seen.title(state.locale),
        why: [found.reasoning.as_str(), &earlier::precedents(state)].concat(),
        location: state.location.clone(),
        action: action.clone(),
        editable: vec![editable],
        schema: Some(
            json!({"type": "object", "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 1000}}}),
        ),
        confidence: found.confidence,
        numbers: [("grave".to_owned(), if found.severity == "critical" { 2.0 } else { 1.0 })].into(),
        expires_in_ms: Some(EXPIRES_MS),
        on_expiry: OnExpiry::Reject,
        ..ApprovalRequest::default()
    }
}

/// Tells the business what was approved, and whoever takes cases.
fn send(
    state: &State,
    context: &mut Context<'_>,
    action: AgentAction,
    by: &str,
) -> Result<(AgentAction, AgentResponse), Halt> {
    let (seen, found, title) = (&state.seen, &state.assessment, state.seen.title(state.locale));
    let words = action.payload.get("text").and_then(Value::as_str).unwrap_or(&found.proposal);
    let mut citations = vec![Citation { kind: "case".to_owned(), id: seen.case(), title: title.clone() }];
    citations.extend(earlier::citations(state));
    let values = closing::object(&json!({"title": title, "proposal": words}));
    let about = (PROPOSAL, state.business_type.as_str());
    let text = wording::word(context, about, &values, state.locale)?.text;
    let mut response = closing::tell(context, Told { text, citations, ..Told::default() });
    response.content.template = Some(PROPOSAL.to_owned());
    if context.is_elsewhere(HOOK) {
        let body = json!({
            "case": seen.case(), "title": title, "text": words, "severity": found.severity, "approved_by": by,
            "aircraft": seen.icao24, "callsign": seen.callsign, "airport": seen.airport,
            "businessId": context.input().business_id,
        });
        context.effect(Effect { retry: HOOK_RETRY, ..Effect::call(HOOK, closing::object(&body)) });
    }
    Ok((action, response))
}
