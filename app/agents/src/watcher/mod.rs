//! The disruption watcher: a disruption of the sky becomes a case with a proposed action, and the case closes when it ends.

pub mod assess;
mod case;
mod earlier;

#[cfg(test)]
mod tests;

use crate::agent::{Failure, FailureKind, Halt};
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Role, Verdict};
use crate::closing::{self, Citation, Closing, Told};
use crate::context::Context;
use crate::effect::Effect;
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::locale::Locale;
use crate::policy::{Policy, PolicyOutcome, PolicyRule};
use crate::question::{Answer, Question};
use crate::rules::{Compare, Condition};
use crate::spec::{ActionType, AgentAction, AgentResponse, BusinessInfo, Priority, RagContext, RetryPolicy};
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
    /// The place of the business that it is about.
    pub location: Option<String>,
    /// Trade of the business.
    pub business_type: String,
    /// Language of the business.
    pub locale: Locale,
    /// What was decided in such cases before.
    pub rag_context: Option<RagContext>,
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
        Ok(Self { graph: Graph::new(NAME, "2", "assess", nodes)? })
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
    let (known, earlier) = (known(context, &seen), earlier::question(context, &seen));
    let about = Question::Business { business, location: None, user: None };
    let mut answers = context.ask_all(vec![about, known, earlier])?.into_iter().map(Result::ok);
    let mut next = || answers.next().flatten();
    let info = next().and_then(|answer| answer.value?.get_mut("business").map(Value::take));
    let info: Option<BusinessInfo> = info.and_then(|info| serde_json::from_value(info).ok());
    // Without an answer about cases a second one could be opened; the row's key keeps it from that.
    let case = next().and_then(first);
    let before = next();
    if let Some(info) = info {
        state.locale = info.settings.locale.as_deref().and_then(Locale::parse).unwrap_or_default();
        state.location = case::place(&info, seen.airport.as_deref());
        state.business_type = info.kind;
    }
    state.assessment =
        if seen.lost { case::nothing_heard(state.locale) } else { assess::assess(&seen, state.locale) };
    (state.seen, state.case) = (seen, case);
    state.rag_context = Some(earlier::found(state, context, before));
    Ok(TypedNext::Go(Node::Record))
}

fn record(state: &mut State, context: &mut Context<'_>) -> TypedNext<Node> {
    let now = context.now();
    let (outcome, fields) = case::seen(state, context.run(), now);
    if let Some(fields) = fields {
        context.effect(Effect::row(Table::Cases, &state.seen.case(), closing::object(&fields)));
    }
    let news = matches!(outcome, "opened" | "changed") && case::is_news(state);
    if news { TypedNext::Go(Node::Propose) } else { TypedNext::Done(close(state, context, outcome, None)) }
}

fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let action = proposed(state, context);
    let verdict = context.approve(request(state, &action))?;
    // Hours may have passed, and people may have written into the case.
    let known = context.try_ask(known(context, &state.seen))?.ok().and_then(first);
    let now = context.now();
    let (outcome, fields) = case::decided(state, context.run(), known.as_ref(), &verdict, now);
    let done = match verdict {
        Verdict::Approved { payload, by, .. } => {
            Some(send(state, context, AgentAction { payload, ..action }, &by)?)
        }
        Verdict::Rejected { .. } => None,
    };
    context.effect(Effect::row(Table::Cases, &state.seen.case(), closing::object(&fields)));
    Ok(TypedNext::Done(close(state, context, outcome, done)))
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

/// The case as it is.
fn known(context: &Context<'_>, seen: &Seen) -> Question {
    let (among, query) = ("cases".to_owned(), String::new());
    let filters = BTreeMap::from([("id".to_owned(), seen.case())]);
    Question::Search { among, business: context.input().business_id.clone(), query, filters, limit: 1 }
}

fn first(answer: Answer) -> Option<Value> {
    answer.value?.get_mut("rows")?.get_mut(0).map(Value::take)
}

fn close(
    state: &State,
    context: &mut Context<'_>,
    outcome: &str,
    done: Option<(AgentAction, AgentResponse)>,
) -> Box<crate::spec::AgentOutput> {
    let now = context.now();
    let (actions, responses) =
        done.map_or_else(Default::default, |(action, response)| (vec![action], vec![response]));
    let seen = &state.seen;
    let closing = Closing {
        code: earlier::code(seen),
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
