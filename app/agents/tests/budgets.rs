//! What a run may cost: reserved before, settled after, and what happens at a limit.

use inflight_agents::conformance::start;
use inflight_agents::*;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

/// Asks a model for 100 tokens so often.
struct Asker {
    graph: Graph,
    degrade: bool,
}

impl Asker {
    fn new(degrade: bool) -> Self {
        let nodes = vec![NodeSpec::new("ask", &["ask", "end"]).visits(9), NodeSpec::new("end", &[])];
        Self { graph: Graph::new("asker", "1", "ask", nodes).unwrap(), degrade }
    }
}

impl Agent for Asker {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        if node == "end" {
            return Ok(Step { state: state.clone(), next: Next::Done(Box::default()) });
        }
        let question = ModelQuestion { max_tokens: 100, degrade: self.degrade, ..ModelQuestion::default() };
        let answer = context.ask(Question::Model(Box::new(question)))?;
        let mut asked = state["asked"].as_array().cloned().unwrap_or_default();
        asked.push(json!(answer.by));
        let next = if asked.len() < 3 { "ask" } else { "end" };
        Ok(Step { state: json!({"asked": asked}), next: Next::Go(next) })
    }
}

/// What becomes of three questions, of which each takes 100 tokens and costs 0.01 dollars in `took_ms`.
fn spend(agent: &Asker, budget: Budget, took_ms: i64, grants: bool) -> (Run, Vec<RunEvent>) {
    let mut now = UnixMillis(1000);
    let (mut run, mut events) = Run::start(agent, Start { budget, ..start("r1", 0.0, 0.0) }, now);
    while let Some(want) = run.wants().into_iter().next() {
        now.0 += took_ms;
        assert!(events.len() < 200, "it goes round and round: {:?}", run.budget());
        let input = match want {
            Want::Ask { id, degraded: None, reserve, .. } => {
                assert_eq!(run.spent().reserved, reserve);
                let usage = Usage { input_tokens: 60, output_tokens: 40, cost_microusd: 10_000, took_ms: 0 };
                let by = "model".to_owned();
                RunInput::Answer { id, answer: Answer { usage, by, ..Answer::default() } }
            }
            Want::Ask { id, reserve, .. } => {
                assert_eq!((reserve, run.spent().reserved), Default::default());
                RunInput::Answer { id, answer: Answer { by: "local".to_owned(), ..Answer::default() } }
            }
            Want::Decide { id } => RunInput::Decide(Decision {
                approval: id,
                by: "ana".to_owned(),
                role: Role::Coordinator,
                decision: if grants { DecisionKind::Approve { payload: None } } else { DecisionKind::Reject },
                reason: None,
                undo_ms: 5000,
            }),
            other => panic!("{other:?}"),
        };
        events.extend(run.advance(agent, input, now).unwrap());
    }
    assert_eq!(run.spent().reserved, Default::default(), "all is settled");
    assert_eq!(replay(agent, &events).unwrap().run, run);
    (run, events)
}

#[test]
fn a_limit_stops_degrades_or_asks() {
    let usual = Budget { tokens_max: 250, on_crossing: OnCrossing::Stop, ..Budget::default() };
    let degrade = Budget { on_crossing: OnCrossing::Degrade, ..usual };
    let ask = Budget { on_crossing: OnCrossing::Ask, ..usual };
    let price = Price { input_microusd_per_mtok: 0, output_microusd_per_mtok: 100_000_000 };
    let (tokens, enough) = ("tokens would be 300 of 250", Budget { tokens_max: 300, ..usual });
    for (budget, may_degrade, took_ms, grants, expected) in [
        (enough, true, 1, true, "model model model"),
        (usual, true, 1, true, tokens),
        (degrade, true, 1, true, "model model local"),
        (degrade, false, 1, true, tokens),
        (ask, true, 1, true, "model model model"),
        (ask, true, 1, false, "budget: tokens"),
        (
            Budget { price, cost_max_microusd: 29_999, ..enough },
            true,
            1,
            true,
            "cost would be 30000 of 29999",
        ),
        (Budget { price, cost_max_microusd: 30_000, ..enough }, true, 1, true, "model model model"),
        (Budget { steps_max: 3, ..enough }, true, 1, true, "steps would be 4 of 3"),
        (Budget { steps_max: 3, ..degrade }, true, 1, true, "steps would be 4 of 3"),
        (Budget { steps_max: 3, tokens_max: 900, ..ask }, true, 1, true, "model model model"),
        (Budget { steps_max: 0, tokens_max: 0, ..ask }, true, 1, true, "model model model"),
        (Budget { time_max_ms: 200, ..enough }, true, 150, true, "time would be 300 of 200"),
        (Budget { time_max_ms: 200, tokens_max: 900, ..degrade }, true, 150, true, "model model local"),
    ] {
        let (run, _) = spend(&Asker::new(may_degrade), budget, took_ms, grants);
        let asked = run.state()["asked"].as_array().unwrap().iter().filter_map(Value::as_str);
        let found = match run.end().unwrap() {
            run::End::Failed(failure) => failure.message.clone(),
            _ => asked.collect::<Vec<_>>().join(" "),
        };
        assert_eq!(found, expected, "{budget:?}");
    }
}

#[test]
fn time_that_people_take_is_not_counted() {
    let ask = Budget { tokens_max: 250, on_crossing: OnCrossing::Ask, ..Budget::default() };
    let (run, events) = spend(&Asker::new(true), ask, 1000, true);
    assert_eq!((run.spent().time_ms, run.spent().tokens, run.spent().cost_microusd), (3000, 300, 30_000));
    assert_eq!(run.budget().tokens_max, 500);
    assert_eq!(events.last().unwrap().at, UnixMillis(5000));
}

#[test]
fn what_a_business_has_spent_leaves_the_local_reasoner() {
    let crossing = Crossing { limit: "tokens of the day".to_owned(), would_be: 2, max: 1 };
    for (may_degrade, on_crossing, expected) in [
        (true, OnCrossing::Degrade, Status::Running),
        (true, OnCrossing::Ask, Status::Running),
        (true, OnCrossing::Stop, Status::Failed),
        (false, OnCrossing::Degrade, Status::Failed),
    ] {
        let agent = Asker::new(may_degrade);
        let budget = Budget { on_crossing, ..Budget::default() };
        let (mut run, mut events) =
            Run::start(&agent, Start { budget, ..start("r1", 0.0, 0.0) }, UnixMillis(1));
        let refused = RunInput::BudgetRefused { id: "1.0".to_owned(), crossing: crossing.clone() };
        events.extend(run.advance(&agent, refused, UnixMillis(2)).unwrap());
        assert_eq!((run.status(), run.spent().reserved), (expected, Default::default()));
        if expected == Status::Running {
            let Some(Want::Ask { degraded, .. }) = run.wants().into_iter().next() else { panic!("it asks") };
            assert_eq!(degraded.as_deref(), Some("budget: tokens of the day"));
        }
        assert_eq!(replay(&agent, &events).unwrap().run, run);
    }
}

/// Asks two things at once.
struct Both(Graph);

impl Agent for Both {
    fn graph(&self) -> &Graph {
        &self.0
    }

    fn step(&self, _: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let question = ModelQuestion { max_tokens: 100, degrade: true, ..ModelQuestion::default() };
        let questions = vec![Question::Model(Box::new(question)); 3];
        let answers = context.ask_all(questions)?;
        let by: Vec<String> = answers.into_iter().map(|answer| answer.unwrap().by).collect();
        let output = AgentOutput { reasoning: by.join(" "), ..AgentOutput::default() };
        Ok(Step { state: state.clone(), next: Next::Done(Box::new(output)) })
    }
}

#[test]
fn questions_that_go_out_together_meet_a_limit_once() {
    let agent = Both(Graph::new("both", "1", "only", vec![NodeSpec::new("only", &[])]).unwrap());
    for (on_crossing, expected) in
        [(OnCrossing::Ask, "model model model"), (OnCrossing::Degrade, "model local local")]
    {
        let budget = Budget { tokens_max: 150, on_crossing, ..Budget::default() };
        let (mut run, mut events) =
            Run::start(&agent, Start { budget, ..start("r1", 0.0, 0.0) }, UnixMillis(1));
        let crossed = events.iter().filter(|event| matches!(event.kind, EventKind::BudgetCrossed { .. }));
        assert_eq!(crossed.count(), 1);
        while let Some(want) = run.wants().into_iter().next() {
            let input = match want {
                Want::Ask { id, degraded, .. } => {
                    let by = if degraded.is_some() { "local" } else { "model" }.to_owned();
                    RunInput::Answer { id, answer: Answer { by, ..Answer::default() } }
                }
                want => conformance::World::default().input(want),
            };
            events.extend(run.advance(&agent, input, UnixMillis(2)).unwrap());
        }
        let Some(run::End::Done(output)) = run.end() else { panic!("{:?}", run.end()) };
        assert_eq!(output.reasoning, expected);
        assert_eq!(replay(&agent, &events).unwrap().run, run);
    }
}

/// Waits without having asked for anything.
struct Idle(Graph);

impl Agent for Idle {
    fn graph(&self) -> &Graph {
        &self.0
    }

    fn step(&self, _: &str, _: &Value, _: &mut Context<'_>) -> Result<Step, Halt> {
        Err(Halt::Waiting)
    }
}

#[test]
fn who_waits_for_nothing_has_failed() {
    let agent = Idle(Graph::new("idle", "1", "only", vec![NodeSpec::new("only", &[])]).unwrap());
    let (run, _) = Run::start(&agent, start("r1", 0.0, 0.0), UnixMillis(1));
    let Some(run::End::Failed(failure)) = run.end() else { panic!("{:?}", run.end()) };
    assert_eq!(failure.message, "only waits for nothing");
}

#[test]
fn what_was_paid_for_nothing_counts() {
    let agent = Asker::new(true);
    let budget = Budget { tokens_max: 250, on_crossing: OnCrossing::Degrade, ..Budget::default() };
    let begun = Start { budget, ..start("r1", 0.0, 0.0) };
    let (mut run, mut events) = Run::start(&agent, begun, UnixMillis(1000));
    let [Want::Ask { id, .. }] = &run.wants()[..] else { panic!("it asks") };
    // The rules stood in for a model that wrote what cannot be used.
    let usage = Usage { input_tokens: 120, output_tokens: 80, cost_microusd: 5, took_ms: 0 };
    let (by, degraded) = ("local".to_owned(), Some("invalid".to_owned()));
    let answer = Answer { usage, by, degraded, ..Answer::default() };
    let input = RunInput::Answer { id: id.clone(), answer };
    events.extend(run.advance(&agent, input, UnixMillis(1001)).unwrap());
    let [Want::Ask { id, degraded: Some(_), .. }] = &run.wants()[..] else { panic!("no more models") };
    let failure = AskFailure { usage, ..AskFailure::new("invalid", "no schema") };
    let input = RunInput::AnswerFailed { id: id.clone(), failure };
    events.extend(run.advance(&agent, input, UnixMillis(1002)).unwrap());
    let spent = run.spent();
    assert_eq!((spent.tokens, spent.cost_microusd, spent.reserved), (400, 10, Default::default()));
    assert_eq!(replay(&agent, &events).unwrap().run, run);
}

#[test]
fn asking_anew_is_set_aside_for() {
    let schema = Some(json!({"type": "object"}));
    let asked = ModelQuestion { max_tokens: 40, schema, ..ModelQuestion::default() };
    let (input, output) = asked.tokens();
    let reserve = |question: &ModelQuestion, repairs| {
        Question::Model(Box::new(question.clone())).reserve(&Budget { repairs, ..Budget::default() }).tokens
    };
    assert_eq!((reserve(&asked, 0), reserve(&asked, 1)), (input + output, 2 * input + 3 * output + 100));
    let free = ModelQuestion { schema: None, ..asked };
    assert_eq!(reserve(&free, 1), reserve(&free, 0), "nothing is repaired without a form");
}
