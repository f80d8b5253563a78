//! The disruption watcher: a disruption of the sky becomes a case with a proposed action, and the case closes when it ends.

pub mod assess;
mod case;
mod earlier;
mod propose;

#[cfg(test)]
mod tests;

use crate::agent::{Failure, FailureKind, Halt};
use crate::approval::{Role, Verdict};
use crate::closing::{self, Closing};
use crate::context::Context;
use crate::coordinator::pick::text;
use crate::effect::{Effect, EffectKey, EffectOutcome, Expected};
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::locale::Locale;
use crate::policy::{Policy, PolicyOutcome, PolicyRule};
use crate::question::{Answer, Question};
use crate::rules::{Compare, Condition};
use crate::spec::{AgentAction, AgentResponse, RagContext};
use crate::store::Table;
use crate::typed::{NodeName, TypedAgent, TypedNext};
use assess::{Assessment, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Its name in graphs and runs.
pub const NAME: &str = "watcher";

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
    /// Was the case still what it was?
    Settle,
    /// May the proposal be sent?
    Propose,
    /// Writes into the case what became of it.
    Note,
    /// Was the case still what it was?
    Kept,
}

/// What it knows between nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// When it began, milliseconds since 1970.
    pub began_ms: i64,
    /// Milliseconds that people took of it.
    pub waited_ms: i64,
    /// Whether a person was asked.
    pub reviewed: bool,
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
    /// The change of the case that was sent last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<EffectKey>,
    /// What that change comes to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// What was decided on the proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What was done and told then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<(AgentAction, AgentResponse)>,
}

impl NodeName for Node {
    const ALL: &'static [Self] =
        &[Self::Assess, Self::Record, Self::Settle, Self::Propose, Self::Note, Self::Kept];

    fn name(self) -> &'static str {
        match self {
            Self::Assess => "assess",
            Self::Record => "record",
            Self::Settle => "settle",
            Self::Propose => "propose",
            Self::Note => "note",
            Self::Kept => "kept",
        }
    }
}

/// So often is looked again at a case that others change at the same time.
const TRIES: u16 = 3;

impl Watcher {
    /// The watcher.
    ///
    /// # Errors
    /// Its graph is not whole.
    pub fn new() -> Result<Self, GraphError> {
        let nodes = vec![
            NodeSpec::new("assess", &["record"]).visits(TRIES),
            NodeSpec::new("record", &["settle"]).visits(TRIES).may_end(),
            NodeSpec::new("settle", &["assess", "propose"]).visits(TRIES).may_end(),
            NodeSpec::new("propose", &["note"]),
            NodeSpec::new("note", &["kept"]).visits(TRIES),
            NodeSpec::new("kept", &["note"]).visits(TRIES).may_end(),
        ];
        Ok(Self { graph: Graph::new(NAME, "4", "assess", nodes)? })
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
            Node::Settle => settle(state, context),
            Node::Propose => propose::propose(state, context),
            Node::Note => propose::note(state, context),
            Node::Kept => propose::kept(state, context),
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
    // Without an answer about cases a second one could be opened; what is expected of its row keeps it from that.
    let case = next().and_then(first);
    let before = next();
    // Three fields of a `BusinessInfo`: to read it whole would cost a browser that runs this several kilobytes.
    if let Some(info) = info {
        let locale = info.get("settings").and_then(|settings| settings.get("locale")?.as_str());
        state.locale = locale.and_then(Locale::parse).unwrap_or_default();
        state.location = case::place(&info, seen.airport.as_deref());
        state.business_type = text(&info, "type").to_owned();
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
    let Some(fields) = fields else { return TypedNext::Done(close(state, context, outcome, None)) };
    outcome.clone_into(&mut state.outcome);
    change(state, context, state.case.clone().as_ref(), &fields);
    TypedNext::Go(Node::Settle)
}

/// Looks at the case anew where somebody else changed it at the same time.
fn settle(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    if was_another(state, context)? {
        return Ok(again(state, context, Node::Assess));
    }
    let outcome = state.outcome.clone();
    if matches!(outcome.as_str(), "opened" | "changed") && case::is_news(state) {
        return Ok(TypedNext::Go(Node::Propose));
    }
    Ok(TypedNext::Done(close(state, context, &outcome, None)))
}

/// Changes the case, if it still is as it was read.
fn change(state: &mut State, context: &mut Context<'_>, read: Option<&Value>, fields: &Value) {
    let version = read.and_then(|case| case.get("version")?.as_u64()).unwrap_or(0);
    let effect = Effect::row(Table::Cases, &state.seen.case(), closing::object(fields));
    state.sent = Some(context.effect(effect.expecting(Expected::Version(version))));
}

/// Whether the case was not any more what the change that was sent last was made of.
fn was_another(state: &State, context: &mut Context<'_>) -> Result<bool, Halt> {
    // What a fork's parent changed is none of its own.
    let Some(key) = state.sent.as_ref().filter(|key| context.has_sent(key)) else { return Ok(false) };
    Ok(matches!(context.outcome(key)?, EffectOutcome::Conflicted(_)))
}

/// Once more from this node, unless that was tried often enough.
fn again(state: &State, context: &Context<'_>, node: Node) -> TypedNext<Node> {
    if context.visit() < TRIES {
        return TypedNext::Go(node);
    }
    let message = ["others change the case ", &state.seen.case(), " at the same time, again and again"];
    TypedNext::Fail(Failure::new(FailureKind::Agent, message.concat()))
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
        review: state.reviewed,
        metadata: closing::object(
            &json!({"case": seen.case(), "disruption": seen.id, "severity": state.assessment.severity}),
        ),
        took_ms: u64::try_from(now.0 - state.began_ms - state.waited_ms).unwrap_or(0),
    };
    closing::close(context, closing)
}
