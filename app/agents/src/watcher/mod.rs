//! The disruption watcher: a disruption of the sky becomes a case with a proposed action, and the case closes when it ends.

pub mod assess;

#[cfg(test)]
mod tests;

use crate::agent::{Failure, FailureKind, Halt};
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Role, Verdict};
use crate::closing::{self, Citation, Closing, Told};
use crate::context::Context;
use crate::coordinator::pick::text;
use crate::effect::Effect;
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::locale::Locale;
use crate::policy::{Policy, PolicyOutcome, PolicyRule};
use crate::question::Question;
use crate::rules::{Compare, Condition};
use crate::spec::{ActionType, AgentAction, BusinessInfo, Priority, RetryPolicy};
use crate::store::Table;
use crate::typed::{NodeName, TypedAgent, TypedNext};
use crate::wording;
use assess::{Assessment, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Its name in graphs and runs.
pub const NAME: &str = "watcher";

/// The message model of what is proposed.
const PROPOSAL: &str = "case-proposal";

/// The hook that gets every proposal that was approved, where the settings name one.
pub const HOOK: &str = "cases";

/// Whoever takes cases may be away for an hour.
const HOOK_RETRY: RetryPolicy =
    RetryPolicy { max_retries: 16, retry_delay: 2000, max_delay: 300_000, timeout: 10_000 };

/// The watcher.
#[derive(Debug)]
pub struct Watcher {
    graph: Graph,
}

/// Its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// What is it, and is there a case?
    Assess,
    /// Opens, changes or closes the case.
    Record,
    /// May the proposal be sent?
    Propose,
}

/// What it knows between nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// When it began, milliseconds since 1970.
    pub began_ms: i64,
    /// The disruption.
    pub seen: Seen,
    /// What was found out.
    pub assessment: Assessment,
    /// The case as it was.
    pub case: Option<Value>,
    /// Trade of the business.
    pub business_type: String,
    /// Language of the business.
    pub locale: Locale,
}

impl NodeName for Node {
    const ALL: &'static [Self] = &[Self::Assess, Self::Record, Self::Propose];

    fn name(self) -> &'static str {
        match self {
            Self::Assess => "assess",
            Self::Record => "record",
            Self::Propose => "propose",
        }
    }
}

/// A proposal that nobody decides lapses after this long: the sky has moved on.
const EXPIRES_MS: i64 = 20 * 60 * 1000;

impl Watcher {
    /// The watcher.
    ///
    /// # Errors
    /// Its graph is not whole.
    pub fn new() -> Result<Self, GraphError> {
        let nodes = vec![
            NodeSpec::new("assess", &["record"]),
            NodeSpec::new("record", &["propose"]).may_end(),
            NodeSpec::new("propose", &[]),
        ];
        Ok(Self { graph: Graph::new(NAME, "1", "assess", nodes)? })
    }
}

impl TypedAgent for Watcher {
    type State = State;
    type Node = Node;

    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn step(
        &self,
        node: Node,
        state: &mut State,
        context: &mut Context<'_>,
    ) -> Result<TypedNext<Node>, Halt> {
        match node {
            Node::Assess => assess(state, context),
            Node::Record => Ok(record(state, context)),
            Node::Propose => propose(state, context),
        }
    }

    /// Whatever may endanger somebody is told by a person; the rest may be told by itself once it is sure.
    fn policy(&self) -> Policy {
        let grave = vec![Condition::new("grave", Compare::AtLeast, 2.0)];
        let sure = vec![Condition::new("confidence", Compare::AtLeast, 0.9)];
        let rules = vec![
            PolicyRule::new("critical", grave, PolicyOutcome::Ask(Role::Coordinator)),
            PolicyRule::new("sure enough", sure, PolicyOutcome::Automatic),
            PolicyRule::new("not sure enough", Vec::new(), PolicyOutcome::Ask(Role::Coordinator)),
        ];
        Policy { name: "disruptions".to_owned(), rules }
    }
}

fn assess(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    state.began_ms = context.now().0;
    let data = Value::Object(context.input().content.data.clone().unwrap_or_default());
    let Some(seen) = Seen::of(&data) else {
        let failure = Failure::new(FailureKind::Agent, "expected data.disruption with id and kind");
        return Ok(TypedNext::Fail(failure));
    };
    let business = context.input().business_id.clone();
    let filters = BTreeMap::from([("id".to_owned(), seen.case())]);
    let (among, query) = ("cases".to_owned(), String::new());
    let known = Question::Search { among, business: business.clone(), query, filters, limit: 1 };
    let about = Question::Business { business, location: None, user: None };
    let mut answers = context.ask_all(vec![about, known])?.into_iter();
    let value = |answer: Option<Result<crate::question::Answer, _>>| answer.and_then(Result::ok)?.value;
    let info = value(answers.next()).and_then(|mut value| value.get_mut("business").map(Value::take));
    let info: Option<BusinessInfo> = info.and_then(|info| serde_json::from_value(info).ok());
    // Without an answer about cases a second one could be opened; the row's key keeps it from that.
    let case = value(answers.next()).and_then(|mut value| value.get_mut("rows")?.get_mut(0).map(Value::take));
    if let Some(info) = info {
        state.locale = info.settings.locale.as_deref().and_then(Locale::parse).unwrap_or_default();
        state.business_type = info.kind;
    }
    state.assessment = assess::assess(&seen, state.locale);
    (state.seen, state.case) = (seen, case);
    Ok(TypedNext::Go(Node::Record))
}

fn record(state: &mut State, context: &mut Context<'_>) -> TypedNext<Node> {
    let now = context.now();
    let (seen, found) = (&state.seen, &state.assessment);
    let over = seen.ended.is_some();
    let old = state.case.clone().unwrap_or_default();
    let was_closed = text(&old, "status") == "closed";
    let note = |words: &str| json!({"at_ms": now.0, "by": NAME, "text": words});
    let mut notes = old.get("notes").and_then(Value::as_array).cloned().unwrap_or_default();
    let (outcome, fields) = match (&state.case, over) {
        (None, true) => ("over_already", None),
        (Some(_), _) if was_closed => ("closed_already", None),
        (None, false) => {
            notes.push(note(&found.reasoning));
            let case = json!({
                "kind": seen.kind, "title": seen.title(state.locale), "status": "proposed", "severity": found.severity,
                "aircraft": seen.icao24, "callsign": seen.callsign, "airport": seen.airport,
                "opened_ms": now.0, "run": context.run(), "proposal": found.proposal, "notes": notes,
            });
            ("opened", Some(case))
        }
        (Some(_), true) => {
            notes.push(note(state.locale.pick("It is over.", "S-a încheiat.")));
            ("closed", Some(json!({"status": "closed", "closed_ms": now.0, "notes": notes})))
        }
        (Some(old), false) if text(old, "severity") != found.severity => {
            notes.push(note(&found.reasoning));
            let change = json!({"severity": found.severity, "proposal": found.proposal, "notes": notes});
            ("changed", Some(change))
        }
        (Some(_), false) => ("unchanged", None),
    };
    if let Some(fields) = fields {
        context.effect(Effect::row(Table::Cases, &seen.case(), closing::object(&fields)));
    }
    let news = matches!(outcome, "opened" | "changed") && found.severity != "notice";
    if news { TypedNext::Go(Node::Propose) } else { TypedNext::Done(close(state, context, outcome, None)) }
}

fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let (seen, found) = (state.seen.clone(), state.assessment.clone());
    let title = seen.title(state.locale);
    let critical = found.severity == "critical";
    let business = context.input().business_id.clone();
    let payload = json!({"title": title, "text": found.proposal, "case": seen.case()});
    let mut action = AgentAction {
        id: context.id("act-"),
        kind: ActionType::Notification,
        target: format!("business/{business}"),
        payload: closing::object(&payload),
        priority: if critical { Priority::High } else { Priority::Medium },
        execute_at: None,
        retry_policy: None,
    };
    let editable = Editable {
        name: "text".to_owned(),
        kind: FieldKind::Text,
        label: "text".to_owned(),
        ..Editable::default()
    };
    let request = ApprovalRequest {
        title: title.clone(),
        why: found.reasoning.clone(),
        action: action.clone(),
        editable: vec![editable],
        schema: Some(
            json!({"type": "object", "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 1000}}}),
        ),
        confidence: found.confidence,
        numbers: [("grave".to_owned(), if critical { 2.0 } else { 1.0 })].into(),
        expires_in_ms: Some(EXPIRES_MS),
        on_expiry: OnExpiry::Reject,
        ..ApprovalRequest::default()
    };
    let Verdict::Approved { payload, by, .. } = context.approve(request)? else {
        let output = close(state, context, "proposal_rejected", None);
        return Ok(TypedNext::Done(output));
    };
    action.payload = payload;
    let words = action.payload.get("text").and_then(Value::as_str).unwrap_or(&found.proposal);
    let citations = vec![Citation { kind: "case".to_owned(), id: seen.case(), title: title.clone() }];
    let values = closing::object(&json!({"title": title, "proposal": words}));
    let about = (PROPOSAL, state.business_type.as_str());
    let text = wording::word(context, about, &values, state.locale)?.text;
    let mut response = closing::tell(context, Told { text, citations, ..Told::default() });
    response.content.template = Some(PROPOSAL.to_owned());
    if context.is_elsewhere(HOOK) {
        let body = json!({
            "case": seen.case(), "title": title, "text": words, "severity": found.severity, "approved_by": by,
            "aircraft": seen.icao24, "callsign": seen.callsign, "airport": seen.airport, "businessId": business,
        });
        context.effect(Effect { retry: HOOK_RETRY, ..Effect::call(HOOK, closing::object(&body)) });
    }
    let case = json!({"status": "open", "proposal": words, "decided_by": by});
    context.effect(Effect::row(Table::Cases, &seen.case(), closing::object(&case)));
    Ok(TypedNext::Done(close(state, context, "proposal_sent", Some((action, response)))))
}

fn close(
    state: &State,
    context: &mut Context<'_>,
    outcome: &str,
    done: Option<(AgentAction, crate::spec::AgentResponse)>,
) -> Box<crate::spec::AgentOutput> {
    let now = context.now();
    let (actions, responses) =
        done.map_or_else(Default::default, |(action, response)| (vec![action], vec![response]));
    let seen = &state.seen;
    let closing = Closing {
        code: format!("case-{}", seen.kind.replace('_', "-")),
        kind: "disruption".to_owned(),
        about: seen.title(state.locale),
        reasoning: state.assessment.reasoning.clone(),
        confidence: state.assessment.confidence,
        outcome: outcome.to_owned(),
        business_type: state.business_type.clone(),
        actions,
        responses,
        review: outcome.starts_with("proposal"),
        metadata: closing::object(
            &json!({"case": seen.case(), "disruption": seen.id, "severity": state.assessment.severity}),
        ),
        took_ms: if outcome.starts_with("proposal") {
            0
        } else {
            u64::try_from(now.0 - state.began_ms).unwrap_or(0)
        },
    };
    closing::close(context, closing)
}
