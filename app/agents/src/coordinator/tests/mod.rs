//! What the assistant says and does.

mod talk;
mod understanding;

use crate::approval::DecisionKind;
use crate::coordinator::{Coordinator, NAME};
use crate::effect::EffectOutcome;
use crate::event::EventKind;
use crate::memory::Memory;
use crate::rehearsal::{BEGAN, Stage};
use crate::replay::{fork, replay};
use crate::spec::{AgentInput, AgentOutput, InputContent};
use crate::start::Start;
use crate::store::{Document, Store, Table};
use crate::typed::Typed;
use proptest::prelude::*;
use serde_json::{Value, json};

fn agent() -> Typed<Coordinator> {
    Typed(Coordinator::new().unwrap())
}

fn stage() -> Stage {
    let stage = Stage::default();
    stage.put(
        Table::Businesses,
        "carpat-air",
        json!({"name": "Carpat Air", "type": "airline", "settings": {"locale": "ro"}}),
    );
    let gate = |name: &str, status: &str| json!({"type": "gate", "name": name, "status": status, "location": "OTP", "attributes": {"terminal": "T1"}});
    stage.put(Table::Resources, "gate-b12", gate("Gate B12", "open"));
    stage.put(Table::Resources, "gate-b14", gate("Gate B14", "closed"));
    stage.put(Table::Resources, "gate-c3", gate("Gate C3", "open"));
    stage.put(
        Table::Resources,
        "truck-12",
        json!({"type": "truck", "name": "Truck 12", "status": "available", "attributes": {"driver": "Popa"}}),
    );
    stage.put(
        Table::Resources,
        "tug-2",
        json!({"type": "tug", "name": "Tug 2", "status": "in revizie", "attributes": {}}),
    );
    stage.put(
        Table::Schedules,
        "morning",
        json!({"name": "Morning digest", "cron": "0 6 * * *", "status": "active"}),
    );
    stage.put(
        Table::Schedules,
        "hourly",
        json!({"name": "Hourly check", "cron": "0 * * * *", "status": "paused"}),
    );
    stage.put(Table::Cases, "case-1", json!({"kind": "diversion", "title": "RO381 diverts to CLJ", "severity": "warning", "status": "open", "opened_ms": 1_795_200_000_000_i64}));
    stage.put(Table::Cases, "case-2", json!({"kind": "holding", "title": "W45 holds", "severity": "notice", "status": "closed", "opened_ms": 1_795_100_000_000_i64}));
    stage.put(Table::Decisions, "d1", json!({"decisionCode": "divert-weather", "decisionType": "disruption", "context": "RO381 could not land in Bucharest because of fog", "reasoning": "Rooms were arranged.", "confidence": 0.9, "outcome": "done", "businessType": "airline", "createdAt": "2026-11-01T08:00:00Z"}));
    stage
}

fn start(text: &str) -> Start {
    let input = AgentInput {
        id: "in-1".to_owned(),
        user_id: Some("ana".to_owned()),
        business_id: "carpat-air".to_owned(),
        content: InputContent { text: Some(text.to_owned()), ..InputContent::default() },
        timestamp: BEGAN,
        ..AgentInput::default()
    };
    Start::new("run-1", text, input, json!({}), 7)
}

fn say(stage: &mut Stage, text: &str) -> AgentOutput {
    stage.decide(&agent(), start(text))
}

fn text(output: &AgentOutput) -> &str {
    output.responses[0].content.text.as_deref().unwrap_or_default()
}

fn check_says(message: &str, code: &str, parts: &[&str], citations: &[&str]) {
    let mut stage = stage();
    let output = say(&mut stage, message);
    assert_eq!(output.decision_code, code, "{message}: {}", text(&output));
    for part in parts {
        assert!(text(&output).contains(part), "{message}: no {part:?} in {:?}", text(&output));
    }
    let told = stage.documents(Table::Messages);
    let last = told.iter().find(|row| row.fields["text"] == text(&output)).expect("a message in the room");
    let cited: Vec<&str> =
        last.fields["citations"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(cited, citations, "{message}");
    assert_eq!(stage.documents(Table::Decisions).len(), 2, "the decision is stored");
}

#[test]
fn questions_are_answered_with_their_sources() {
    check_says(
        "Which gates are open?",
        "assistant-resources",
        &["2 resources fit", "Gate B12 – open – OTP", "Gate C3"],
        &["gate-b12", "gate-c3"],
    );
    check_says(
        "ce porți sunt închise",
        "assistant-resources",
        &["Se potrivește 1 resursă", "Gate B14"],
        &["gate-b14"],
    );
    check_says("find gate z9", "assistant-nothing", &["gate z9"], &[]);
    check_says(
        "show terminal T1 gates",
        "assistant-resources",
        &["3 resources"],
        &["gate-b12", "gate-b14", "gate-c3"],
    );
    check_says(
        "list schedules",
        "assistant-schedules",
        &["2 schedules", "Morning digest – active – 0 6"],
        &["hourly", "morning"],
    );
    check_says("show open cases", "assistant-cases", &["1 case", "RO381"], &["case-1"]);
    check_says(
        "ce decizii avem despre ceață la București",
        "assistant-decisions",
        &["Se potrivește 1 decizie", "Rooms were arranged"],
        &["d1"],
    );
    check_says("what is waiting for approval", "assistant-nothing", &[], &[]);
    check_says("ajutor", "assistant-help", &["Modificările așteaptă aprobare"], &[]);
    check_says("help", "assistant-help", &["Changes wait for approval"], &[]);
}

#[test]
fn what_is_not_clear_is_asked_back() {
    check_says(
        "close gate B1",
        "assistant-nearest",
        &["gate b1", "Gate B12", "Gate B14"],
        &["gate-b12", "gate-b14"],
    );
    check_says("close all gates", "assistant-which", &["3 fit"], &["gate-b12", "gate-b14", "gate-c3"]);
    check_says("set gate B12", "assistant-unclear", &[], &[]);
    check_says("set gate B12 to Thursday", "assistant-unknown-state", &["Thursday"], &["gate-b12"]);
    check_says("close gate B14", "assistant-already", &["closed already"], &["gate-b14"]);
    check_says("nu închide poarta B12", "assistant-unclear", &["Nu sunt sigur"], &[]);
}

fn check_change(message: &str, decision: DecisionKind, code: &str, row: (&str, &str, Value)) -> Stage {
    let mut stage = stage();
    stage.decision = decision;
    let output = say(&mut stage, message);
    assert_eq!(output.decision_code, code, "{message}: {}", text(&output));
    assert!(output.requires_human_review);
    let document = stage.document(Table::Resources, row.0).unwrap();
    let found = document.fields.get(row.1).or_else(|| document.fields["attributes"].get(row.1));
    assert_eq!(found, Some(&row.2), "{message}");
    stage
}

#[test]
fn a_change_is_proposed_approved_and_done() {
    let yes = || DecisionKind::Approve { payload: None };
    check_change(
        "set gate B12 to maintenance",
        yes(),
        "assistant-changed",
        ("gate-b12", "status", json!("maintenance")),
    );
    check_change("Închide poarta B12", yes(), "assistant-changed", ("gate-b12", "status", json!("closed")));
    // In the word that the business has for it.
    check_change(
        "set tug 2 to available",
        yes(),
        "assistant-changed",
        ("tug-2", "status", json!("available")),
    );
    let stage = check_change(
        "set driver of truck 12 to Ionescu",
        yes(),
        "assistant-changed",
        ("truck-12", "driver", json!("Ionescu")),
    );
    let told: Vec<String> = stage
        .documents(Table::Messages)
        .iter()
        .map(|row| row.fields["text"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        told.iter().any(|text| text.contains("waits for approval"))
            && told.iter().any(|text| text.contains("Approved by mihai")),
        "{told:?}"
    );
}

#[test]
fn a_change_is_edited_or_refused_by_who_decides() {
    let edited =
        json!({"id": "gate-b12", "field": "status", "value": "blocked", "version": 1}).as_object().cloned();
    check_change(
        "close gate B12",
        DecisionKind::Approve { payload: edited },
        "assistant-changed",
        ("gate-b12", "status", json!("blocked")),
    );
    check_change(
        "close gate B12",
        DecisionKind::Reject,
        "assistant-not-changed",
        ("gate-b12", "status", json!("open")),
    );
}

#[test]
fn what_changed_meanwhile_is_left_alone() {
    let mut stage = stage();
    stage.meanwhile = Some(|store: &Memory| {
        let old = store.document(Table::Resources, "carpat-air", "gate-b12").unwrap().unwrap();
        store.put(&Document { version: old.version + 1, ..old }).unwrap();
    });
    let output = say(&mut stage, "close gate B12");
    assert_eq!(output.decision_code, "assistant-changed-meanwhile");
    assert_eq!(stage.document(Table::Resources, "gate-b12").unwrap().fields["status"], "open");
}

#[test]
fn who_was_first_is_told_to_everybody_and_not_written_over() {
    let mut stage = stage();
    stage.before = Some(|store: &Memory| {
        let mut gate = store.document(Table::Resources, "carpat-air", "gate-b12").unwrap().unwrap();
        gate.version += 1;
        gate.fields
            .extend([("status".to_owned(), json!("blocked")), ("changed_by".to_owned(), json!("dan"))]);
        store.put(&gate).unwrap();
    });
    let (run, events) = stage.run(&agent(), start("close gate B12"));
    assert_eq!(stage.document(Table::Resources, "gate-b12").unwrap().fields["status"], "blocked");
    let last = stage.documents(Table::Messages).into_iter().max_by_key(|row| row.fields["at_ms"].as_i64());
    let told = last.unwrap().fields;
    let said = "Gate B12 was changed by dan in the meantime, so I left it as it is: blocked.";
    assert!(told["text"].as_str().unwrap().starts_with(said), "{told:?}");
    assert_eq!(told.get("to"), None);
    assert_eq!(replay(&agent(), &events).unwrap().run, run);
}

#[test]
fn schedules_rest_go_on_and_run() {
    for (message, code, id, field, expected) in [
        ("pause the morning digest", "assistant-schedule-changed", "morning", "status", json!("paused")),
        ("reia planificarea hourly", "assistant-schedule-changed", "hourly", "status", json!("active")),
        ("pause schedule hourly", "assistant-already", "hourly", "status", json!("paused")),
    ] {
        let mut stage = stage();
        let output = say(&mut stage, message);
        assert_eq!(output.decision_code, code, "{message}: {}", text(&output));
        let fields = stage.document(Table::Schedules, id).unwrap().fields;
        assert_eq!(fields[field], expected, "{message}");
        if expected == "active" {
            assert_eq!(fields["next_ms"], json!([]), "it is planned anew");
        }
    }
    let mut stage = stage();
    let output = say(&mut stage, "run the morning digest now");
    assert_eq!((output.decision_code.as_str(), output.requires_human_review), ("assistant-run-now", false));
    let before = self::stage().document(Table::Schedules, "morning").unwrap();
    let fields = stage.document(Table::Schedules, "morning").unwrap().fields;
    assert!(fields["asked_ms"].as_i64() >= Some(BEGAN.0), "{fields:?}");
    assert_eq!(fields.get("next_ms"), before.fields.get("next_ms"), "its own times stay");
}

#[test]
fn a_field_of_the_name_run_is_no_run_of_a_schedule() {
    let mut stage = stage();
    stage.decision = DecisionKind::Reject;
    stage.model = Some(
        json!({"intent": "change_resource", "confidence": 0.99, "reasoning": "", "target": "truck 12", "field": "run", "value": "now"}),
    );
    let output = say(&mut stage, "please deal with that truck as we said");
    assert_eq!(
        (output.decision_code.as_str(), output.requires_human_review),
        ("assistant-not-changed", true)
    );
    assert_eq!(
        stage.document(Table::Resources, "truck-12").unwrap().fields["attributes"],
        json!({"driver": "Popa"})
    );
}

#[test]
fn what_another_system_does_is_told_as_it_came_out() {
    let failed = EffectOutcome::Failed { message: "no such gate".to_owned(), attempts: 4 };
    for (outcome, code, part, actions) in [
        (EffectOutcome::Done { answer: json!({}) }, "assistant-changed", "Done", 1),
        (failed, "assistant-change-failed", "no such gate", 0),
    ] {
        let mut stage = Stage { elsewhere: Some(outcome), ..stage() };
        let output = say(&mut stage, "set gate B12 to maintenance");
        assert_eq!((output.decision_code.as_str(), output.actions.len()), (code, actions));
        assert!(text(&output).contains(part), "{}", text(&output));
    }
}

#[test]
fn a_fork_does_not_wait_for_what_its_parent_sent() {
    let done = EffectOutcome::Done { answer: json!({}) };
    let mut stage = Stage { elsewhere: Some(done), ..stage() };
    let (_, events) = stage.run(&agent(), start("set gate B12 to maintenance"));
    let left =
        events.iter().find(|event| matches!(&event.kind, EventKind::Left { node, .. } if node == "act"));
    let output = stage.decide(&agent(), fork(&events, left.unwrap().seq, "run-2", None).unwrap());
    assert_eq!(output.decision_code, "assistant-changed");
}

#[test]
fn who_speaks_for_a_place_changes_what_is_its_own() {
    for (place, message, code) in [
        (None, "pause the morning digest", "assistant-schedule-changed"),
        (Some("OTP"), "pause the morning digest", "assistant-nothing"),
        (Some("OTP"), "run the morning digest now", "assistant-nothing"),
        (Some("OTP"), "set gate B12 to closed", "assistant-changed"),
        (Some("CLJ"), "set gate B12 to closed", "assistant-nothing"),
        (Some("OTP"), "which schedules are there", "assistant-schedules"),
    ] {
        let mut stage = stage();
        let mut start = start(message);
        start.input.location_id = place.map(str::to_owned);
        let output = stage.decide(&agent(), start);
        assert_eq!(output.decision_code, code, "{place:?} {message}: {}", text(&output));
    }
}

#[test]
fn who_may_not_act_is_told_and_silence_is_no_guess() {
    let mut closed = stage();
    closed.put(
        Table::Businesses,
        "carpat-air",
        json!({"name": "Carpat Air", "type": "airline", "permissions": {"users": {"bob": {"roles": []}}}}),
    );
    assert_eq!(say(&mut closed, "close gate B12").decision_code, "assistant-no-access");
    let mut silent = Stage { silent: true, ..stage() };
    let output = say(&mut silent, "close gate B12");
    assert_eq!(output.decision_code, "assistant-unreachable");
    assert!(text(&output).contains("nobody answers"));
}

#[test]
fn a_model_fills_blanks_but_approves_nothing() {
    let mut stage = stage();
    stage.decision = DecisionKind::Reject;
    stage.model = Some(
        json!({"intent": "change_resource", "confidence": 0.99, "reasoning": "approved by the boss already", "target": "gate B12", "value": "closed"}),
    );
    let output = say(&mut stage, "please deal with that gate as we said");
    assert_eq!(output.decision_code, "assistant-not-changed");
    assert_eq!(stage.document(Table::Resources, "gate-b12").unwrap().fields["status"], "open");
    stage.model = Some(
        json!({"intent": "change_resource", "confidence": 0.2, "reasoning": "", "target": "gate B12", "value": "closed"}),
    );
    stage.decision = DecisionKind::Approve { payload: None };
    stage.store = self::stage().store;
    assert_eq!(
        say(&mut stage, "close it").decision_code,
        "assistant-not-changed",
        "the policy refuses what is not sure"
    );
}

#[test]
fn the_same_records_give_the_same_run_and_the_words_of_the_business_go_first() {
    let mut stage = stage();
    let model = json!({"decisionCode": "assistant-help", "version": 3, "messageTemplate": "Call 112.", "parameters": [], "usageCount": 4});
    stage.put(Table::Models, "assistant-help/3", model);
    let (run, events) = stage.run(&agent(), start("help"));
    assert_eq!(run.started().agent, NAME);
    assert!(replay(&agent(), &events).is_ok());
    let told = stage.documents(Table::Messages);
    assert_eq!(told[0].fields["text"], "Call 112.");
    assert_eq!(stage.document(Table::Models, "assistant-help/3").unwrap().fields["usageCount"], 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_message_comes_to_an_end(message in "(set |close |pune |show |ce |decizii |to |pe |gate |B12 |[a-zăîșț0-9 '.?{}]){0,12}") {
        let output = say(&mut stage(), &message);
        prop_assert!(!output.decision_code.is_empty() && output.confidence <= 1.0);
        prop_assert!(!text(&output).is_empty());
    }
}
