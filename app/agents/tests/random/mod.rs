//! Agents made up by chance: any valid graph, any program on each node, and a world that depends on nothing but the run.

use inflight_agents::approval::OnExpiry;
use inflight_agents::canonical;
use inflight_agents::rules::{Compare, Condition};
use inflight_agents::*;
use inflight_domain::UnixMillis;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub const NAMES: [&str; 7] = ["n0", "n1", "n2", "n3", "n4", "n5", "n6"];

/// Something that a node does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Now,
    Random,
    Budget,
    Ask { degrade: bool, needed: bool },
    AskTwo,
    Approve { amount: u8, expires: bool, escalate: bool },
    Wait(u16),
    Row { delayed: bool },
    Call,
    Outcome,
    Say,
}

#[derive(Clone, Debug)]
pub struct RandomAgent {
    graph: Graph,
    pub programs: Vec<Vec<Op>>,
}

impl Agent for RandomAgent {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn policy(&self) -> Policy {
        let rule = |name: &str, least: f64, then: PolicyOutcome| {
            PolicyRule::new(name, vec![Condition::new("amount", Compare::AtLeast, least)], then)
        };
        Policy {
            name: "by amount".to_owned(),
            rules: vec![
                rule("far too much", 200.0, PolicyOutcome::Refuse),
                rule("much", 100.0, PolicyOutcome::Ask(Role::Coordinator)),
                PolicyRule::new("little", Vec::new(), PolicyOutcome::Automatic),
            ],
        }
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let index = NAMES.iter().position(|name| *name == node).expect("a node");
        let mut state = state.clone();
        for op in &self.programs[index] {
            let seen = run_op(*op, &mut state, context)?;
            let before = state["seen"].as_u64().unwrap_or(0);
            state["seen"] = json!(mix(&json!([before, seen])));
        }
        let edges = self.graph.node(node).expect("a node").edges;
        let chosen = state["seen"].as_u64().unwrap_or(0) as usize;
        let next = match edges.get(chosen % edges.len().max(1)) {
            Some(next) => Next::Go(next),
            None => Next::Done(Box::new(AgentOutput { id: context.id("out_"), ..AgentOutput::default() })),
        };
        Ok(Step { state, next })
    }
}

fn run_op(op: Op, state: &mut Value, context: &mut Context<'_>) -> Result<Value, Halt> {
    Ok(match op {
        Op::Now => json!(context.now().0),
        Op::Random => json!([context.random(), context.id("x_")]),
        Op::Budget => json!(context.budget().tokens),
        Op::Ask { degrade, needed: true } => json!(context.ask(question(state, degrade, 0))?),
        Op::Ask { degrade, needed: false } => {
            let reply = context.try_ask(question(state, degrade, 0))?;
            reply.map_or_else(|failure| json!(failure), |answer| json!(answer))
        }
        Op::AskTwo => {
            let replies = context.ask_all(vec![question(state, true, 1), question(state, true, 2)])?;
            let texts = replies.into_iter().map(|reply| reply.map(|answer| answer.text).unwrap_or_default());
            json!(texts.collect::<Vec<_>>())
        }
        Op::Approve { amount, expires, escalate } => {
            let request = ApprovalRequest {
                amount: Some(f64::from(amount)),
                editable: vec![Editable { name: "note".to_owned(), ..Editable::default() }],
                expires_in_ms: expires.then_some(60_000),
                on_expiry: if escalate { OnExpiry::Escalate } else { OnExpiry::Reject },
                ..ApprovalRequest::default()
            };
            json!(context.approve(request)?)
        }
        Op::Wait(ms) => {
            let at = UnixMillis(context.now().0 + i64::from(ms));
            context.wait_until(at)?;
            Value::Null
        }
        Op::Row { delayed } => {
            let fields = Map::from_iter([("seen".to_owned(), state["seen"].clone())]);
            let mut effect = Effect::row(Table::Cases, &context.id("case_"), fields);
            let now = context.now();
            effect.execute_at = delayed.then(|| UnixMillis(now.0 + 30_000));
            json!(context.effect(effect))
        }
        Op::Call => {
            let key = context.effect(Effect::call("hook", Map::new()));
            state["new_call"] = json!(key);
            json!(key)
        }
        Op::Outcome => {
            // Only calls of earlier nodes have an outcome.
            match state.as_object_mut().and_then(|state| state.remove("call")) {
                Some(key) => {
                    let key = serde_json::from_value(key).expect("a key");
                    json!(context.outcome(&key)?)
                }
                None => state
                    .as_object_mut()
                    .and_then(|state| state.remove("new_call"))
                    .inspect(|key| state["call"] = key.clone())
                    .map_or(Value::Null, |_| json!("kept for later")),
            }
        }
        Op::Say => {
            context.say("so far so good");
            Value::Null
        }
    })
}

fn question(state: &Value, degrade: bool, number: u8) -> Question {
    Question::Model(Box::new(ModelQuestion {
        purpose: "test".to_owned(),
        system: [state["seen"].to_string(), number.to_string()].join("/"),
        max_tokens: 100,
        degrade,
        ..ModelQuestion::default()
    }))
}

/// A number that depends on all of this and nothing else.
pub fn mix(value: &Value) -> u64 {
    let hash = canonical::hash(&[canonical::text(value).as_bytes()]);
    // Whole in a float, so that it is the same in JSON everywhere.
    hash.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What the world does with the run as it is stored: the same for the same log, whatever happened before.
pub fn serve(run: &Run, delivered: &mut BTreeMap<EffectKey, u32>) -> Option<(RunInput, UnixMillis)> {
    let wants = run.wants();
    let chance = mix(&json!([run.seq(), canonical::hex(&run.hash())]));
    let want = wants.get(chance as usize % wants.len().max(1))?.clone();
    let chance = chance / 16;
    let now = UnixMillis(run.changed_at().0 + 1000);
    Some(match want {
        Want::Ask { id, degraded: None, .. } if chance.is_multiple_of(11) => {
            let crossing = Crossing { limit: "tokens of the day".to_owned(), would_be: 2, max: 1 };
            (RunInput::BudgetRefused { id, crossing }, now)
        }
        Want::Ask { id, .. } if chance.is_multiple_of(7) => {
            let failure = AskFailure::new("timeout", "10 s");
            (RunInput::AnswerFailed { id, failure }, now)
        }
        Want::Ask { id, question, .. } => {
            let text = mix(&json!(question)).to_string();
            let usage = Usage { input_tokens: chance % 50, output_tokens: 10, ..Usage::default() };
            (RunInput::Answer { id, answer: Answer { text, usage, ..Answer::default() } }, now)
        }
        Want::Deliver { key, effect } => {
            let now = effect.execute_at.map_or(now, |at| now.max(at));
            let outcome = if effect.is_internal() {
                EffectOutcome::Done { answer: Value::Null }
            } else {
                *delivered.entry(key.clone()).or_default() += 1;
                if chance.is_multiple_of(5) {
                    EffectOutcome::Failed { message: "503".to_owned(), attempts: 4 }
                } else {
                    EffectOutcome::Done { answer: json!(chance) }
                }
            };
            (RunInput::EffectSettled { key, outcome }, now)
        }
        Want::Decide { id } => match run.items().get(&id).unwrap().expires_at {
            Some(expires_at) if chance.is_multiple_of(3) => (RunInput::Tick, now.max(expires_at)),
            _ => (decision(run, id, chance), now),
        },
        Want::Tick { at } => match undo(run, chance) {
            Some(undo) => (undo, now),
            None => (RunInput::Tick, now.max(at)),
        },
    })
}

fn decision(run: &Run, id: String, chance: u64) -> RunInput {
    if chance.is_multiple_of(13) {
        return RunInput::Cancel { by: "ana".to_owned() };
    }
    let note = Map::from_iter([("note".to_owned(), json!("edited"))]);
    let is_budget = run.items().get(&id).unwrap().request.editable.is_empty();
    let decision = match chance % 4 {
        0 => DecisionKind::Reject,
        1 if !is_budget => DecisionKind::Approve { payload: Some(note) },
        _ => DecisionKind::Approve { payload: None },
    };
    let undo_ms = if chance.is_multiple_of(2) { 5000 } else { 0 };
    let (by, reason) = ("ana".to_owned(), None);
    RunInput::Decide(Decision { approval: id, by, role: Role::Admin, decision, reason, undo_ms })
}

/// Now and then somebody thinks better of it.
fn undo(run: &Run, chance: u64) -> Option<RunInput> {
    let now = run.changed_at().0 + 1000;
    let held = |item: &record::Item| item.decided.as_ref().is_some_and(|decided| now < decided.holds_from.0);
    let (id, _) = run.items().iter().find(|(_, item)| held(item))?;
    let undo = || RunInput::Undo { approval: id.clone(), by: "ana".to_owned(), role: Role::Admin };
    chance.is_multiple_of(3).then(undo)
}

pub fn agents() -> impl Strategy<Value = RandomAgent> {
    let op = prop_oneof![
        Just(Op::Now),
        Just(Op::Random),
        Just(Op::Budget),
        (any::<bool>(), prop::bool::weighted(0.3)).prop_map(|(degrade, needed)| Op::Ask { degrade, needed }),
        Just(Op::AskTwo),
        (any::<u8>(), any::<bool>(), any::<bool>()).prop_map(|(amount, expires, escalate)| Op::Approve {
            amount,
            expires,
            escalate
        }),
        (0_u16..5000).prop_map(Op::Wait),
        any::<bool>().prop_map(|delayed| Op::Row { delayed }),
        Just(Op::Call),
        Just(Op::Outcome),
        Just(Op::Say),
    ];
    let node = (prop::collection::vec(op, 0..4), prop::collection::vec(0..NAMES.len(), 0..3));
    prop::collection::vec(node, 1..NAMES.len()).prop_map(|nodes| {
        let count = nodes.len();
        let spec = |(index, (_, more)): (usize, &(Vec<Op>, Vec<usize>))| {
            // The next one always follows, so that every node is reached and leads to the end.
            let mut edges: Vec<&'static str> = NAMES[index + 1..count].iter().take(1).copied().collect();
            if index + 1 < count {
                edges.extend(more.iter().filter(|to| **to < count).map(|to| NAMES[*to]));
            }
            NodeSpec::new(NAMES[index], Vec::leak(edges)).visits(3)
        };
        let specs = nodes.iter().enumerate().map(spec).collect();
        let graph = Graph::new("random", "1", NAMES[0], specs).expect("a valid graph");
        RandomAgent { graph, programs: nodes.into_iter().map(|(program, _)| program).collect() }
    })
}

pub fn starts() -> impl Strategy<Value = Start> {
    let crossing = prop_oneof![Just(OnCrossing::Stop), Just(OnCrossing::Degrade), Just(OnCrossing::Ask)];
    (any::<u64>(), 100_u64..3000, 1_u32..30, 1000_u64..60_000, crossing).prop_map(
        |(seed, tokens_max, steps_max, time_max_ms, on_crossing)| {
            let mut input = AgentInput { id: "in".to_owned(), ..AgentInput::default() };
            input.business_id = "b1".to_owned();
            let mut start = Start::new("r1", "random", input, json!({"seen": 0}), seed);
            let usual = Budget::default();
            start.budget = Budget { tokens_max, steps_max, time_max_ms, on_crossing, ..usual };
            start
        },
    )
}
