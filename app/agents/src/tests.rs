//! A simple run, from its start to its end.

use crate::*;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

struct Greeter(Graph);

impl Greeter {
    fn new() -> Self {
        let nodes = vec![NodeSpec::new("ask", &["tell"]), NodeSpec::new("tell", &[])];
        Self(Graph::new("greeter", "1", "ask", nodes).unwrap())
    }
}

impl Agent for Greeter {
    fn graph(&self) -> &Graph {
        &self.0
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        if node == "ask" {
            let at = context.now();
            let model = ModelQuestion { purpose: "greet".to_owned(), ..ModelQuestion::default() };
            let answer = context.ask(Question::Model(Box::new(model)))?;
            return Ok(Step { state: json!({"said": answer.text, "at": at.0}), next: Next::Go("tell") });
        }
        let said = state["said"].as_str().unwrap_or_default();
        context.say(said);
        context.effect(Effect::call("hook", serde_json::Map::from_iter([("said".to_owned(), json!(said))])));
        let output = AgentOutput { id: context.id("out_"), ..AgentOutput::default() };
        Ok(Step { state: state.clone(), next: Next::Done(Box::new(output)) })
    }
}

#[test]
fn a_run_goes_from_question_to_effect_and_can_be_replayed() {
    let agent = Greeter::new();
    let start = Start::new("r1", "greet", AgentInput::default(), json!({}), 7);
    let (mut run, mut events) = Run::start(&agent, start, UnixMillis(1000));
    assert_eq!(run.status(), Status::Running);
    let wants = run.wants();
    let [Want::Ask { id, .. }] = &wants[..] else { panic!("{wants:?}") };
    let answer = Answer { text: "hello".to_owned(), by: "local".to_owned(), ..Answer::default() };
    let input = RunInput::Answer { id: id.clone(), answer };
    events.extend(run.advance(&agent, input.clone(), UnixMillis(1500)).unwrap());
    assert_eq!(run.status(), Status::Done);
    assert_eq!(run.state(), &json!({"said": "hello", "at": 1000}));
    assert_eq!(run.advance(&agent, input, UnixMillis(1600)), Err(Refused::Ended));
    let wants = run.wants();
    let [Want::Deliver { key, .. }] = &wants[..] else { panic!("{wants:?}") };
    assert_eq!(*key, EffectKey::of("r1", "tell", 1, 0));
    assert_eq!(Run::fold(events.clone()).unwrap(), run);
    assert_eq!(replay(&agent, &events).unwrap().run, run);
    assert_eq!(state_after(&events, 2).unwrap(), json!({}));
}
