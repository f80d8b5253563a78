//! Runs that were frozen (`fixtures/runs`) replay as they were; an edited agent differs from each by name.

mod airline;

use airline::{REAL, watcher};
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::{World, start};
use inflight_agents::*;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{LazyLock, Once};

/// Name, minutes late, amount, how it ends, and what is done otherwise than the world does by itself.
type Scenario = (&'static str, f64, f64, &'static str, fn(&Run, &mut World) -> Option<RunInput>);

const SCENARIOS: [Scenario; 12] = [
    ("automatic", 200.0, 0.0, "done compensated", |_, _| None),
    ("approved", 90.0, 250.0, "done compensated", |_, _| None),
    ("edited", 90.0, 250.0, "done compensated", |run, _| {
        let payload = json!({"amount": 300, "seats": run.state()["seats"]});
        decide(run, DecisionKind::Approve { payload: payload.as_object().cloned() }, 5000)
    }),
    ("rejected", 90.0, 250.0, "done compensation_rejected", |run, _| decide(run, DecisionKind::Reject, 0)),
    ("expired", 90.0, 250.0, "done compensation_rejected", |run, world| {
        let at = run.next_tick()?;
        world.now = at;
        Some(RunInput::Tick)
    }),
    ("undone", 90.0, 250.0, "done compensation_rejected", |run, _| {
        let (id, item) = run.items().iter().next()?;
        let reopened = run.seq() > 12;
        match (&item.decided, reopened) {
            (Some(_), false) => {
                Some(RunInput::Undo { approval: id.clone(), by: "dan".to_owned(), role: Role::Admin })
            }
            (None, false) => decide(run, DecisionKind::Approve { payload: None }, 5000),
            (None, true) => decide(run, DecisionKind::Reject, 0),
            (Some(_), true) => None,
        }
    }),
    ("cancelled", 200.0, 0.0, "cancelled by dan", |run, _| {
        (run.node() == "check" && run.end().is_none()).then(|| RunInput::Cancel { by: "dan".to_owned() })
    }),
    ("guarded", 90.0, 6000.0, "failed guardrail", |_, _| None),
    ("unanswered", 90.0, 0.0, "failed unanswered", |run, _| {
        let failure = AskFailure::new("timeout", "10 s");
        question(run).map(|id| RunInput::AnswerFailed { id, failure })
    }),
    ("degraded", 200.0, 0.0, "done compensated", |run, _| {
        let crossing = Crossing { limit: "tokens of the day".to_owned(), would_be: 1000, max: 900 };
        let id = question(run).filter(|_| run.degraded().is_none())?;
        Some(RunInput::BudgetRefused { id, crossing })
    }),
    ("over_budget", 90.0, 0.0, "failed budget", |_, _| None),
    ("undelivered", 200.0, 0.0, "done compensation_unconfirmed", |run, _| {
        let call = run.wants().into_iter().find_map(|want| match want {
            Want::Deliver { key, effect } if effect.kind == EffectKind::Call => Some(key),
            _ => None,
        });
        let outcome = EffectOutcome::Failed { message: "503".to_owned(), attempts: 4 };
        call.map(|key| RunInput::EffectSettled { key, outcome })
    }),
];

#[test]
fn frozen_runs_of_the_real_agents_replay() {
    for (name, agent, expected, _) in &REAL {
        let events = frozen(name);
        let run = Run::fold(events.clone()).unwrap_or_else(|broken| panic!("{name}: {broken}"));
        assert_eq!(end(&run), *expected, "{name}");
        let replayed = replay(&*agent(), &events).unwrap_or_else(|divergence| panic!("{name}: {divergence}"));
        assert_eq!(replayed.run, run, "{name}");
    }
}

/// The watcher as if somebody had edited what one of its nodes leaves behind.
struct Edited(&'static str);

impl Agent for Edited {
    fn graph(&self) -> &Graph {
        static WATCHER: LazyLock<Box<dyn Agent>> = LazyLock::new(watcher);
        WATCHER.graph()
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let mut step = watcher().step(node, state, context)?;
        if node == self.0 {
            step.state["outcome"] = json!("edited");
        }
        Ok(step)
    }
}

#[test]
fn an_edited_watcher_differs_first_in_the_node_that_was_edited() {
    let events = frozen("watcher_asks");
    for node in ["assess", "record", "settle"] {
        let divergence = replay(&Edited(node), &events).expect_err("the code was edited");
        assert_eq!(divergence.node, node);
        assert!(divergence.got.contains("edited") && !divergence.expected.contains("edited"), "{divergence}");
        let left = &events[divergence.seq as usize - 1].kind;
        assert!(matches!(left, EventKind::Left { node: at, .. } if at == node), "{left:?}");
    }
}

/// The watcher as if somebody had put one more look at the clock before what it asks people.
struct Hasty;

impl Agent for Hasty {
    fn graph(&self) -> &Graph {
        Edited("").graph()
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let _ = context.now();
        watcher().step(node, state, context)
    }
}

#[test]
fn what_a_person_decided_is_not_asked_anew_by_code_that_was_edited_meanwhile() {
    let waits = |event: &RunEvent| matches!(event.kind, EventKind::ApprovalAsked { .. });
    let events = frozen("watcher_asks");
    let asked = events.iter().position(waits).expect("the watcher asks");
    let mut waiting = Run::fold(events[..=asked].to_vec()).expect("a run");
    let approved = decide(&waiting, DecisionKind::Approve { payload: None }, 0).expect("an open item");
    let made = waiting.advance(&Hasty, approved, events[asked].at).expect("it is decided");
    assert!(!made.iter().any(waits), "{made:?}");
    let Some(run::End::Failed(failure)) = waiting.end() else { panic!("{:?}", waiting.end()) };
    assert_eq!(failure.kind, FailureKind::Diverged);
    assert!(failure.message.contains("another now where its records have: approval"), "{}", failure.message);
}

#[test]
fn runs_of_the_real_agents_can_be_forked_wherever_a_node_ended() {
    for (name, agent, ..) in &REAL {
        let events = frozen(name);
        let left = events.iter().filter(|event| matches!(event.kind, EventKind::Left { .. }));
        for event in left {
            let forked = fork(&events, event.seq, "forked", None).expect("a start");
            let (begun, _) = Run::start(&*agent(), forked, event.at);
            if let Some(run::End::Failed(failure)) = begun.end() {
                panic!("{name} after {}: {}", event.seq, failure.message);
            }
        }
    }
}

#[test]
fn frozen_runs_replay() {
    let agent = clerk(false);
    for (name, _, _, expected, _) in &SCENARIOS {
        let events = frozen(name);
        let run = Run::fold(events.clone()).unwrap_or_else(|broken| panic!("{name}: {broken}"));
        assert_eq!(end(&run), *expected, "{name}");
        let replayed = replay(&agent, &events).unwrap_or_else(|divergence| panic!("{name}: {divergence}"));
        assert_eq!(replayed.run, run, "{name}");
    }
}

#[test]
fn an_edited_agent_differs_from_its_frozen_runs_by_name() {
    let agent = clerk(true);
    for (name, ..) in &SCENARIOS {
        let events = frozen(name);
        let asked = events.iter().find(|event| matches!(event.kind, EventKind::Asked { .. }));
        let Some(asked) = asked else { continue };
        let divergence = replay(&agent, &events).expect_err("the code was edited");
        assert_eq!((divergence.seq, divergence.node.as_str()), (asked.seq, "judge"), "{name}");
        assert!(divergence.expected.contains("Judge the delay."), "{name}: {}", divergence.expected);
        assert!(divergence.got.contains("Judge the delay again."), "{name}: {}", divergence.got);
    }
}

static UPDATED: Once = Once::new();

#[expect(clippy::disallowed_methods, reason = "frozen runs are files")]
fn frozen(name: &str) -> Vec<RunEvent> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/runs");
    let path = |name: &str| folder.join(name).with_extension("jsonl");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        UPDATED.call_once(|| {
            for (name, ..) in &SCENARIOS {
                let lines: Vec<String> = record(name).iter().map(RunEvent::line).collect();
                std::fs::write(path(name), lines.join("\n") + "\n").unwrap();
            }
            for (name, agent, _, set) in &REAL {
                let (mut stage, start) = set();
                let start = Start { run: (*name).to_owned(), ..start };
                let (_, events) = stage.run(&*agent(), start);
                let lines: Vec<String> = events.iter().map(RunEvent::line).collect();
                std::fs::write(path(name), lines.join("\n") + "\n").unwrap();
            }
        });
    }
    let path = path(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let event = |line: &str| {
        let event: RunEvent = serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.line(), line, "{name}: read and written again");
        event
    };
    text.lines().map(event).collect()
}

fn record(name: &str) -> Vec<RunEvent> {
    let agent = clerk(false);
    let (_, minutes, amount, _, otherwise) = SCENARIOS.iter().find(|scenario| scenario.0 == name).unwrap();
    let mut start = start(name, *minutes, *amount);
    if name == "over_budget" {
        start.budget = Budget { tokens_max: 100, on_crossing: OnCrossing::Stop, ..Budget::default() };
    }
    let mut world = World { now: UnixMillis(1_790_000_000_000), ..World::default() };
    let (mut run, mut events) = Run::start(&agent, start, world.now);
    loop {
        let usual = world.clone();
        let input = match otherwise(&run, &mut world) {
            Some(input) => Some(input),
            None => {
                world = usual;
                world.serve(&run)
            }
        };
        let Some(input) = input else { return events };
        world.now = UnixMillis(world.now.0 + 1);
        events.extend(run.advance(&agent, input, world.now).unwrap());
    }
}

fn clerk(edited: bool) -> Typed<Clerk> {
    let mut clerk = Clerk::new().unwrap();
    clerk.edited = edited;
    Typed(clerk)
}

fn decide(run: &Run, decision: DecisionKind, undo_ms: i64) -> Option<RunInput> {
    let (id, _) = run.items().iter().find(|(_, item)| item.decided.is_none())?;
    let (approval, by, reason) = (id.clone(), "dan".to_owned(), Some("as agreed".to_owned()));
    Some(RunInput::Decide(Decision { approval, by, role: Role::Coordinator, decision, reason, undo_ms }))
}

fn question(run: &Run) -> Option<String> {
    run.wants().into_iter().find_map(|want| match want {
        Want::Ask { id, .. } => Some(id),
        _ => None,
    })
}

fn end(run: &Run) -> String {
    match run.end() {
        Some(run::End::Done(output)) => ["done", &output.decision_code].join(" "),
        Some(run::End::Failed(failure)) => {
            let kind = serde_json::to_value(failure.kind).unwrap();
            ["failed", kind.as_str().unwrap()].join(" ")
        }
        Some(run::End::Cancelled(by)) => ["cancelled by", by].join(" "),
        None => "open".to_owned(),
    }
}
