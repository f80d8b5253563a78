//! An agent for tests and measurements: asks, has a person or a policy decide, and does three things.

use crate::agent::Halt;
use crate::approval::{ApprovalRequest, Editable, FieldKind, OnExpiry, Verdict};
use crate::context::Context;
use crate::effect::{Effect, EffectKey, EffectOutcome};
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::guardrail::{Guarded, Guardrail};
use crate::question::{LocalRule, Message, ModelQuestion, Question};
use crate::rules::{Compare, Condition};
use crate::spec::{AgentAction, AgentOutput};
use crate::store::Table;
use crate::typed::{NodeName, TypedAgent, TypedNext};
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Compensates for delays: reads the input's `minutes` and `amount`, proposes, and once approved opens a
/// case, tells a room and calls a hook.
#[derive(Debug)]
pub struct Clerk {
    graph: Graph,
    /// What its records know nothing of, as if its code had been edited.
    pub edited: bool,
}

/// Its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Asks how bad it is.
    Judge,
    /// Asks whether it may.
    Propose,
    /// Does it.
    Act,
    /// Waits for what the hook says.
    Check,
}

/// What it knows.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    severity: String,
    reasoning: String,
    confidence: f64,
    seats: Vec<String>,
    approved_by: String,
    amount: f64,
    hook: Option<EffectKey>,
    answered: Value,
}

impl NodeName for Node {
    const ALL: &'static [Self] = &[Self::Judge, Self::Propose, Self::Act, Self::Check];

    fn name(self) -> &'static str {
        match self {
            Self::Judge => "judge",
            Self::Propose => "propose",
            Self::Act => "act",
            Self::Check => "check",
        }
    }
}

impl Clerk {
    /// The agent.
    ///
    /// # Errors
    /// Its graph is wrong.
    pub fn new() -> Result<Self, GraphError> {
        let nodes = vec![
            NodeSpec::new("judge", &["propose"]),
            NodeSpec::new("propose", &["act"]).may_end(),
            NodeSpec::new("act", &["check"]),
            NodeSpec::new("check", &[]),
        ];
        Ok(Self { graph: Graph::new("clerk", "1", "judge", nodes)?, edited: false })
    }
}

const GUARDRAILS: [Guardrail; 1] = [Guardrail { name: "no more than 5000", check: not_too_much }];

impl TypedAgent for Clerk {
    type State = State;
    type Node = Node;

    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn guardrails(&self) -> &[Guardrail] {
        &GUARDRAILS
    }

    fn step(
        &self,
        node: Node,
        state: &mut State,
        context: &mut Context<'_>,
    ) -> Result<TypedNext<Node>, Halt> {
        match node {
            Node::Judge => self.judge(state, context),
            Node::Propose => propose(state, context),
            Node::Act => Ok(act(state, context)),
            Node::Check => check(state, context),
        }
    }
}

impl Clerk {
    fn judge(&self, state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
        let minutes = number(context, "minutes");
        let text = context.input().content.text.clone().unwrap_or_default();
        let rule = |name: &str, when: Vec<Condition>, severity: &str, confidence: f64| LocalRule {
            name: name.to_owned(),
            when,
            then: object(json!({"severity": severity, "confidence": confidence})),
            says: "{minutes} minutes late".to_owned(),
        };
        let long = vec![Condition::new("minutes", Compare::AtLeast, 180.0)];
        let answer = context.ask(Question::Model(Box::new(ModelQuestion {
            purpose: "judge".to_owned(),
            system: if self.edited { "Judge the delay again." } else { "Judge the delay." }.to_owned(),
            messages: vec![Message::user(&text)],
            schema: Some(schema()),
            max_tokens: 200,
            degrade: true,
            numbers: [("minutes".to_owned(), minutes)].into(),
            rules: vec![
                rule("three hours or more", long, "critical", 0.95),
                rule("less", Vec::new(), "notice", 0.7),
            ],
            ..ModelQuestion::default()
        })))?;
        let value = answer.value.unwrap_or_default();
        let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        (state.severity, state.reasoning) = (word("severity"), word("reasoning"));
        state.confidence = value["confidence"].as_f64().unwrap_or(0.0);
        state.amount = number(context, "amount");
        state.seats = (0..3).map(|_| context.id("seat_")).collect();
        Ok(TypedNext::Go(Node::Propose))
    }
}

fn propose(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let amount = Editable {
        name: "amount".to_owned(),
        kind: FieldKind::Number,
        label: "Amount".to_owned(),
        min: Some(0.0),
        max: Some(10_000.0),
        ..Editable::default()
    };
    let verdict = context.approve(ApprovalRequest {
        title: "Compensate".to_owned(),
        why: state.reasoning.clone(),
        action: AgentAction {
            id: "compensate".to_owned(),
            target: "desk".to_owned(),
            payload: object(json!({"amount": state.amount, "seats": state.seats})),
            ..AgentAction::default()
        },
        editable: vec![amount],
        confidence: state.confidence,
        amount: (state.amount > 0.0).then_some(state.amount),
        expires_in_ms: Some(3_600_000),
        on_expiry: OnExpiry::Escalate,
        ..ApprovalRequest::default()
    })?;
    match verdict {
        Verdict::Approved { by, payload, .. } => {
            state.approved_by = by;
            state.amount = payload.get("amount").and_then(Value::as_f64).unwrap_or(0.0);
            Ok(TypedNext::Go(Node::Act))
        }
        Verdict::Rejected { .. } | Verdict::Withdrawn { .. } => {
            Ok(done(state, context, "compensation_rejected"))
        }
    }
}

fn act(state: &mut State, context: &mut Context<'_>) -> TypedNext<Node> {
    let (run, now) = (context.run().to_owned(), context.now());
    let case = object(json!({"kind": "delay", "severity": state.severity, "amount": state.amount}));
    context.effect(Effect::row(Table::Cases, &["case", &run].join("_"), case));
    let mut later = Effect::row(Table::Messages, &["told", &run].join("_"), object(json!({"text": "Paid"})));
    later.execute_at = Some(UnixMillis(now.0 + 2000));
    context.effect(later);
    let body = object(json!({"amount": state.amount, "seats": state.seats}));
    state.hook = Some(context.effect(Effect::call("hook", body)));
    context.say("Compensated.");
    TypedNext::Go(Node::Check)
}

fn check(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let Some(hook) = state.hook.clone() else { return Ok(done(state, context, "nothing_called")) };
    match context.outcome(&hook)? {
        EffectOutcome::Done { answer } => {
            state.answered = answer;
            Ok(done(state, context, "compensated"))
        }
        EffectOutcome::Failed { .. } | EffectOutcome::Withdrawn | EffectOutcome::Conflicted(_) => {
            Ok(done(state, context, "compensation_unconfirmed"))
        }
    }
}

fn done(state: &State, context: &mut Context<'_>, code: &str) -> TypedNext<Node> {
    TypedNext::Done(Box::new(AgentOutput {
        id: context.id("out_"),
        input_id: context.input().id.clone(),
        decision_code: code.to_owned(),
        decision_type: "compensation".to_owned(),
        confidence: state.confidence,
        reasoning: state.reasoning.clone(),
        requires_human_review: !state.approved_by.starts_with("policy:"),
        ..AgentOutput::default()
    }))
}

fn not_too_much(guarded: &Guarded<'_>) -> Result<(), String> {
    let amount = guarded.payload.get("amount").and_then(Value::as_f64).unwrap_or(0.0);
    if amount <= 5000.0 { Ok(()) } else { Err(amount.to_string()) }
}

fn number(context: &Context<'_>, name: &str) -> f64 {
    let data = context.input().content.data.as_ref();
    data.and_then(|data| data.get(name)).and_then(Value::as_f64).unwrap_or(0.0)
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["severity", "confidence"],
        "properties": {
            "severity": {"enum": ["notice", "warning", "critical"]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "reasoning": {"type": "string"}
        }
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
