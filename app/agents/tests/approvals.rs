//! Who may let an action happen: the policy, people in time and in their role, within what may be edited.

use inflight_agents::approval::OnExpiry;
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::start;
use inflight_agents::refused::Refused;
use inflight_agents::rules::{Compare, Condition};
use inflight_agents::*;
use inflight_domain::UnixMillis;
use serde_json::{Map, Value, json};

const ASKED: UnixMillis = UnixMillis(2000);

/// A run that waits for a person, and its item.
fn asked() -> (Typed<Clerk>, Run, String) {
    let agent = Typed(Clerk::new().unwrap());
    let (mut run, _) = Run::start(&agent, start("r1", 90.0, 250.0), UnixMillis(1000));
    let input = conformance::World::default().serve(&run).unwrap();
    run.advance(&agent, input, ASKED).unwrap();
    assert_eq!(run.status(), Status::Review);
    let id = run.items().keys().next().unwrap().clone();
    (agent, run, id)
}

fn approve(id: &str, payload: Option<Value>) -> Decision {
    Decision {
        approval: id.to_owned(),
        by: "ana".to_owned(),
        role: Role::Coordinator,
        decision: DecisionKind::Approve { payload: payload.map(object) },
        reason: None,
        undo_ms: 0,
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[test]
fn edited_payloads_are_held_to_fields_schema_and_guardrails() {
    let (agent, run, id) = asked();
    let seats = run.state()["seats"].clone();
    for (payload, expected) in [
        (json!({"amount": 300, "seats": seats}), ""),
        (json!({"amount": 250.0, "seats": seats}), ""),
        (json!({"amount": "300", "seats": seats}), "amount: expected a number within its bounds"),
        (json!({"amount": -1, "seats": seats}), "amount: expected a number within its bounds"),
        (json!({"amount": 300, "seats": []}), "seats: expected a field that may be changed"),
        (json!({"amount": 300}), "seats: expected a field that may be changed"),
        (json!({"amount": 300, "seats": seats, "more": 1}), "more: expected a field that may be changed"),
        (json!({"amount": 5001, "seats": seats}), "no more than 5000: 5001"),
    ] {
        let mut trial = run.clone();
        let result =
            trial.advance(&agent, RunInput::Decide(approve(&id, Some(payload.clone()))), UnixMillis(3000));
        let said = result.as_ref().err().map(Refused::to_string).unwrap_or_default();
        assert_eq!(said, expected, "{payload}");
        if result.is_err() {
            assert_eq!(trial, run, "what is refused changes nothing");
        }
    }
}

#[test]
fn the_first_decision_wins_and_roles_count() {
    let (agent, mut run, id) = asked();
    let mut decide = |decision: Decision| run.advance(&agent, RunInput::Decide(decision), UnixMillis(3000));
    let viewer = Decision { role: Role::Viewer, ..approve(&id, None) };
    let trader = Decision { role: Role::Trader, ..approve(&id, None) };
    assert_eq!(decide(viewer), Err(Refused::Role(Role::Coordinator)));
    assert_eq!(decide(trader), Err(Refused::Role(Role::Coordinator)));
    assert_eq!(decide(approve("other", None)), Err(Refused::NoApproval("other".to_owned())));
    assert!(decide(approve(&id, None)).is_ok());
    let second = Decision { by: "dan".to_owned(), decision: DecisionKind::Reject, ..approve(&id, None) };
    let Err(Refused::Decided(first)) = decide(second) else { panic!("the second counted") };
    assert!(matches!(*first, Verdict::Approved { by, .. } if by == "ana"));
    assert_eq!(run.effects().len(), 3);
}

#[test]
fn a_decision_can_be_taken_back_until_it_holds() {
    let (agent, mut run, id) = asked();
    let held = Decision { undo_ms: 5000, ..approve(&id, None) };
    let undo_as = |role| RunInput::Undo { approval: id.clone(), by: "ana".to_owned(), role };
    let undo = undo_as(Role::Coordinator);
    assert_eq!(run.advance(&agent, undo.clone(), ASKED), Err(Refused::NothingToUndo));
    run.advance(&agent, RunInput::Decide(held.clone()), UnixMillis(3000)).unwrap();
    assert_eq!((run.effects().len(), run.status()), (0, Status::Waiting));
    assert_eq!(run.next_tick(), Some(UnixMillis(8000)));
    assert_eq!(run.advance(&agent, RunInput::Tick, UnixMillis(7999)), Ok(Vec::new()));
    let mut late = run.clone();
    let refused = run.advance(&agent, undo_as(Role::Viewer), UnixMillis(7999));
    assert_eq!(refused, Err(Refused::Role(Role::Coordinator)));
    run.advance(&agent, undo.clone(), UnixMillis(7999)).unwrap();
    assert_eq!((run.effects().len(), run.status()), (0, Status::Review));
    run.advance(&agent, RunInput::Decide(held), UnixMillis(9000)).unwrap();
    run.advance(&agent, RunInput::Tick, UnixMillis(14_000)).unwrap();
    assert_eq!(run.effects().len(), 3);
    assert_eq!(late.advance(&agent, undo, UnixMillis(8000)), Err(Refused::NothingToUndo));
}

#[test]
fn what_nobody_decides_goes_to_an_admin_and_then_is_rejected() {
    let (agent, mut run, id) = asked();
    let hour = 3_600_000;
    assert_eq!(run.next_tick(), Some(UnixMillis(2000 + hour)));
    run.advance(&agent, RunInput::Tick, UnixMillis(2000 + hour)).unwrap();
    assert_eq!(
        (run.status(), run.items().get(&id).unwrap().role, run.items().get(&id).unwrap().escalated),
        (Status::Review, Role::Admin, true)
    );
    let late = run.advance(&agent, RunInput::Decide(approve(&id, None)), UnixMillis(3000 + hour));
    assert_eq!(late, Err(Refused::Role(Role::Admin)));
    let mut granted = run.clone();
    let admin = Decision { role: Role::Admin, ..approve(&id, None) };
    granted.advance(&agent, RunInput::Decide(admin), UnixMillis(3000 + hour)).unwrap();
    assert_eq!(granted.effects().len(), 3);
    run.advance(&agent, RunInput::Tick, UnixMillis(2000 + 2 * hour)).unwrap();
    assert_eq!(run.status(), Status::Done);
    assert_eq!(run.effects().len(), 0);
    assert_eq!(
        projection::review_row(&run, &id, run.items().get(&id).unwrap()).status,
        rows::ReviewStatus::Expired
    );
}

#[test]
fn policies_rule_by_numbers_and_ask_where_in_doubt() {
    let when = |number: &str, is: Compare, than: f64| vec![Condition::new(number, is, than)];
    let mut for_hooks = PolicyRule::new("hooks", Vec::new(), PolicyOutcome::Ask(Role::Admin));
    for_hooks.target = "hook/".to_owned();
    let policy = Policy {
        name: "test".to_owned(),
        rules: vec![
            PolicyRule::new("dangerous", when("risk", Compare::AtLeast, 0.9), PolicyOutcome::Refuse),
            for_hooks,
            PolicyRule::new(
                "unsure",
                when("confidence", Compare::Below, 0.6),
                PolicyOutcome::Ask(Role::Coordinator),
            ),
            PolicyRule::new("dear", when("amount", Compare::Above, 1000.0), PolicyOutcome::Ask(Role::Trader)),
            PolicyRule::new("known", when("amount", Compare::AtMost, 1000.0), PolicyOutcome::Automatic),
        ],
    };
    let request = |target: &str, confidence: f64, amount: Option<f64>, risk: Option<f64>| ApprovalRequest {
        action: AgentAction { target: target.to_owned(), ..AgentAction::default() },
        confidence,
        amount,
        risk,
        ..ApprovalRequest::default()
    };
    for (request, rule, outcome) in [
        (request("gate", 0.9, Some(1000.0), None), "known", PolicyOutcome::Automatic),
        (request("gate", 0.9, Some(1000.5), None), "dear", PolicyOutcome::Ask(Role::Trader)),
        (request("gate", 0.5, Some(1.0), None), "unsure", PolicyOutcome::Ask(Role::Coordinator)),
        (request("hook/pay", 0.9, Some(1.0), None), "hooks", PolicyOutcome::Ask(Role::Admin)),
        (request("hook/pay", 0.9, Some(1.0), Some(0.95)), "dangerous", PolicyOutcome::Refuse),
        (request("gate", 0.9, None, None), "no rule holds", PolicyOutcome::Ask(Role::Coordinator)),
    ] {
        let ruling = policy.rule(&request);
        assert_eq!((ruling.why.rule.as_str(), ruling.outcome), (rule, outcome), "{request:?}");
    }
    let schema = Some(json!({"required": ["seats"]}));
    let unparsed = ApprovalRequest { schema, ..request("gate", 0.9, Some(1.0), None) };
    let ruling = policy.rule(&unparsed);
    assert_eq!(ruling.outcome, PolicyOutcome::Ask(Role::Coordinator));
    assert_eq!(ruling.why.rule, "arguments do not parse");
    assert_eq!(unparsed.on_expiry, OnExpiry::Reject);
}

/// Proposes with numbers that are none.
struct Unsound(Graph);

impl Agent for Unsound {
    fn graph(&self) -> &Graph {
        &self.0
    }

    fn step(&self, _: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let numbers = [("odd".to_owned(), f64::INFINITY), ("even".to_owned(), 2.0)].into();
        let question = ModelQuestion { numbers, degrade: true, ..ModelQuestion::default() };
        let _ = context.try_ask(Question::Model(Box::new(question)))?;
        let confidence = f64::NAN;
        context.approve(ApprovalRequest {
            confidence,
            amount: Some(f64::NAN),
            ..ApprovalRequest::default()
        })?;
        let output = AgentOutput { confidence, ..AgentOutput::default() };
        Ok(Step { state: state.clone(), next: Next::Done(Box::new(output)) })
    }
}

#[test]
fn numbers_that_are_none_ask_a_person_and_break_no_record() {
    let agent = Unsound(Graph::new("unsound", "1", "only", vec![NodeSpec::new("only", &[])]).unwrap());
    let (mut run, mut events) = Run::start(&agent, start("r1", 0.0, 0.0), UnixMillis(1000));
    let mut world = conformance::World::default();
    while let Some(input) = world.serve(&run) {
        events.extend(run.advance(&agent, input, world.now).unwrap());
    }
    assert_eq!((run.status(), run.items().len()), (Status::Done, 1));
    let lines = events.iter().map(RunEvent::line);
    let read: Vec<RunEvent> = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert_eq!(read, events);
    assert!(replay(&agent, &read).is_ok());
}
