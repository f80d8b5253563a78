//! What becomes of disruptions.

use crate::approval::DecisionKind;
use crate::event::{EventKind, RunEvent};
use crate::locale::Locale;
use crate::rehearsal::{BEGAN, Stage};
use crate::replay::replay;
use crate::run::End;
use crate::spec::{AgentInput, InputContent, InputSource, InputType};
use crate::start::Start;
use crate::store::{Store, Table};
use crate::typed::Typed;
use crate::watcher::Watcher;
use crate::watcher::assess::{Seen, assess};
use serde_json::{Value, json};

fn row(kind: &str, confidence_pct: u8, evidence: Value, ended: Option<i64>) -> Value {
    json!({
        "id": format!("a13f1c/{kind}/1679015040"), "kind": kind, "icao24": "a13f1c", "callsign": "ROT381", "began": 1_679_015_040, "last_seen": 1_679_015_100,
        "ended": ended, "severity": "attention", "confidence_pct": confidence_pct, "place": [44.5, 26.1], "airport": "LROP", "evidence": evidence,
    })
}

fn start(run: &str, row: Value) -> Start {
    let input = AgentInput {
        id: format!("in-{run}"),
        source: InputSource::ExternalApi,
        business_id: "carpat-air".to_owned(),
        kind: InputType::Webhook,
        content: InputContent {
            data: json!({"event": "disruption", "disruption": row}).as_object().cloned(),
            ..InputContent::default()
        },
        timestamp: BEGAN,
        ..AgentInput::default()
    };
    Start::new(run, "sky", input, json!({}), 7)
}

#[test]
fn rules_say_how_grave_it_is_and_with_which_numbers() {
    for (kind, confidence, evidence, severity, why, proposal) in [
        ("emergency", 95, json!({"squawk": 7700}), "critical", "an emergency", "checklist for ROT381"),
        ("emergency", 95, json!({"squawk": 7500}), "critical", "squawk 7500 = 7500", "authorities"),
        ("emergency", 95, json!({"squawk": 7600}), "warning", "code 7600", "no radio"),
        ("diversion", 80, json!({"airport_distance_m": 40_000}), "warning", "it diverts", "handling at LROP"),
        ("diversion", 50, json!({}), "notice", "confidence_pct 50 < 60", "Keep watching"),
        ("return_to_origin", 90, json!({}), "warning", "it returns", "stand and crew"),
        (
            "signal_lost",
            70,
            json!({"silence_s": 700, "neighbours_heard": 9}),
            "critical",
            "silence_s 700 ≥ 600",
            "overdue",
        ),
        (
            "signal_lost",
            70,
            json!({"silence_s": 300, "neighbours_heard": 9}),
            "warning",
            "neighbours_heard 9 ≥ 3",
            "last heard",
        ),
        ("holding", 90, json!({"turns_flown": 2.1}), "notice", "it holds", "late at LROP"),
        ("holding", 90, json!({"turns_flown": 4.5}), "warning", "turns_flown 4.5 ≥ 4", "late at LROP"),
        ("holding", 90, json!({"duration_s": 1300, "turns_flown": 2}), "warning", "twenty minutes", "late"),
        ("go_around", 90, json!({}), "notice", "it goes around", "late"),
        ("level_off", 90, json!({}), "notice", "descent stopped", "Keep watching"),
        ("implausible_jump", 90, json!({}), "notice", "anything else", "Keep watching"),
    ] {
        let seen = Seen::of(&row(kind, confidence, evidence, None)).unwrap();
        let found = assess(&seen, Locale::En);
        assert_eq!(found.severity, severity, "{kind}: {}", found.reasoning);
        assert!(found.reasoning.contains(why), "{kind}: {}", found.reasoning);
        assert!(found.proposal.contains(proposal), "{kind}: {}", found.proposal);
        assert_ne!(assess(&seen, Locale::Ro).proposal, found.proposal);
        assert_ne!(seen.title(Locale::Ro), seen.title(Locale::En));
    }
    assert_eq!(Seen::of(&json!({"kind": "holding"})), None);
}

#[test]
fn a_case_is_opened_once_follows_and_closes() {
    let agent = Typed(Watcher::new().unwrap());
    let mut stage = Stage::default();
    let mut feed = |run: &str, row: Value| {
        let output = stage.decide(&agent, start(run, row));
        let outcome = stage.document(Table::Decisions, &output.id).unwrap().fields["outcome"].clone();
        let cases = stage.documents(Table::Cases);
        let case = cases.first().map(|case| (case.fields["status"].clone(), case.fields["severity"].clone()));
        (outcome.as_str().unwrap_or_default().to_owned(), cases.len(), case)
    };
    let case = |status: &str, severity: &str| Some((json!(status), json!(severity)));
    let turns = |turns: f64| row("holding", 95, json!({"turns_flown": turns}), None);
    assert_eq!(
        feed("r0", row("holding", 95, json!({}), Some(1_679_015_200))),
        ("over_already".into(), 0, None)
    );
    assert_eq!(feed("r1", turns(2.0)), ("opened".into(), 1, case("open", "notice")));
    assert_eq!(feed("r2", turns(3.0)), ("unchanged".into(), 1, case("open", "notice")));
    assert_eq!(feed("r3", turns(5.0)), ("proposal_sent".into(), 1, case("open", "warning")));
    assert_eq!(
        feed("r4", row("holding", 95, json!({}), Some(1_679_015_200))),
        ("closed".into(), 1, case("closed", "warning"))
    );
    assert_eq!(feed("r5", turns(5.0)), ("closed_already".into(), 1, case("closed", "warning")));
}

#[test]
fn a_grave_one_is_sent_by_a_person_as_edited_or_not_at_all() {
    let agent = Typed(Watcher::new().unwrap());
    let emergency = || row("emergency", 99, json!({"squawk": 7700}), None);
    let mut stage = Stage { decision: DecisionKind::Reject, ..Stage::default() };
    let output = stage.decide(&agent, start("r1", emergency()));
    assert!(
        output.requires_human_review
            && output.actions.is_empty()
            && stage.documents(Table::Messages).is_empty()
    );
    let case = &stage.documents(Table::Cases)[0].fields;
    assert_eq!((&case["status"], &case["proposal_status"]), (&json!("open"), &json!("declined")));
    assert_eq!(
        (&case["decided_by"], &case["notes"][1]["text"]),
        (&json!("mihai"), &json!("The proposal was declined."))
    );
    // Nobody looked at what the policy let pass, and what people take is no work of the agent's.
    let mut stage = Stage::default();
    let by_itself = stage.decide(&agent, start("r2", row("holding", 95, json!({"turns_flown": 5}), None)));
    assert!(!by_itself.requires_human_review && !by_itself.actions.is_empty());

    let edited = json!({"title": "ROT381 declares an emergency (LROP)", "text": "Call Maria.", "case": "sky-a13f1c-emergency-1679015040"});
    let payload = edited.as_object().cloned();
    let mut stage = Stage { decision: DecisionKind::Approve { payload }, ..Stage::default() };
    let (_, events) = stage.run(&agent, start("r1", emergency()));
    assert_eq!(
        stage.documents(Table::Messages)[0].fields["text"],
        "ROT381 declares an emergency (LROP). Call Maria."
    );
    assert_eq!(stage.documents(Table::Cases)[0].fields["decided_by"], "mihai");
    assert!(replay(&agent, &events).is_ok());
}

/// The case after a decision on the proposal of an emergency, while which something was done to the case.
fn meanwhile(decision: DecisionKind, meanwhile: fn(&crate::memory::Memory)) -> Value {
    let agent = Typed(Watcher::new().unwrap());
    let mut stage = Stage { decision, meanwhile: Some(meanwhile), ..Stage::default() };
    let row = row("emergency", 99, json!({"squawk": 7700}), None);
    let (_, events) = stage.run(&agent, start("r1", row));
    assert!(replay(&agent, &events).is_ok());
    Value::Object(stage.documents(Table::Cases)[0].fields.clone())
}

fn write(store: &crate::memory::Memory, fields: &Value) {
    let mut case = store.documents(Table::Cases, None).unwrap().remove(0);
    case.fields.extend(fields.as_object().cloned().unwrap());
    case.version += 1;
    store.put(&case).unwrap();
}

#[test]
fn a_decision_leaves_alone_what_became_of_the_case_meanwhile() {
    let approve = || DecisionKind::Approve { payload: None };
    let closed = |store: &crate::memory::Memory| {
        write(
            store,
            &json!({"status": "closed", "notes": [{"text": "first"}, {"by": "ana", "text": "landed"}]}),
        );
    };
    let case = meanwhile(approve(), closed);
    assert_eq!((&case["status"], &case["proposal_status"]), (&json!("closed"), &json!("sent")));
    assert_eq!(case["notes"][1]["text"], "landed");
    let case = meanwhile(DecisionKind::Reject, closed);
    assert_eq!((&case["status"], &case["proposal_status"]), (&json!("closed"), &json!("declined")));
    assert_eq!(
        (&case["notes"][1]["text"], case["notes"].as_array().map(Vec::len)),
        (&json!("landed"), Some(3))
    );
    let graver = |store: &crate::memory::Memory| write(store, &json!({"run": "r2"}));
    let case = meanwhile(approve(), graver);
    assert_eq!((&case["status"], case.get("proposal_status")), (&json!("proposed"), None));
}

#[test]
fn a_proposal_that_nobody_decides_says_so_in_its_case() {
    let state = super::State {
        seen: Seen::of(&row("emergency", 99, json!({}), None)).unwrap(),
        ..Default::default()
    };
    let case = json!({"status": "proposed", "run": "r1", "notes": []});
    let verdict = crate::approval::Verdict::Rejected { by: "clock".to_owned(), reason: None };
    let (outcome, fields) = super::case::decided(&state, "r1", Some(&case), &verdict, BEGAN);
    assert_eq!(
        (outcome, &fields["status"], &fields["proposal_status"]),
        ("proposal_expired", &json!("open"), &json!("expired"))
    );
    assert_eq!(
        (&fields["notes"][0]["by"], &fields["notes"][0]["text"]),
        (&json!("watcher"), &json!("Nobody decided in time."))
    );
}

#[test]
fn a_graver_case_names_the_run_that_proposes_now() {
    let agent = Typed(Watcher::new().unwrap());
    let mut stage = Stage { decision: DecisionKind::Reject, ..Stage::default() };
    let mut feed = |run: &str, turns: f64| {
        stage.decide(&agent, start(run, row("holding", 80, json!({"turns_flown": turns}), None)));
        let case = stage.documents(Table::Cases).remove(0).fields;
        (case["run"].clone(), case["severity"].clone(), case.get("proposal_status").cloned())
    };
    assert_eq!(feed("r1", 2.0), (json!("r1"), json!("notice"), None));
    assert_eq!(feed("r2", 5.0), (json!("r2"), json!("warning"), Some(json!("declined"))));
    assert_eq!(feed("r3", 2.0), (json!("r3"), json!("notice"), None));
}

#[test]
fn a_case_of_which_nothing_is_heard_closes_unless_somebody_looks_after_it() {
    let agent = Typed(Watcher::new().unwrap());
    for (hands, status, stale) in [
        (json!({}), "closed", None),
        (json!({"assignee": "ana"}), "open", Some(json!(true))),
        (json!({"reopened_ms": 5}), "open", Some(json!(true))),
    ] {
        let mut stage = Stage::default();
        stage.decide(&agent, start("r1", row("holding", 95, json!({"turns_flown": 2}), None)));
        write(&stage.store, &hands);
        let lost = json!({"id": "a13f1c-holding-1679015040", "kind": "holding", "ended": 1, "lost": true});
        stage.decide(&agent, start("r2", lost));
        let case = stage.documents(Table::Cases).remove(0).fields;
        assert_eq!((&case["status"], case.get("stale").cloned()), (&json!(status), stale));
        let notes = case["notes"].as_array().unwrap();
        assert!(notes[1]["text"].as_str().unwrap().contains("never seen"), "{notes:?}");
    }
}

#[test]
fn what_is_proposed_for_a_place_of_the_business_says_so() {
    let agent = Typed(Watcher::new().unwrap());
    for (locations, expected) in [
        (json!([{"locationId": "LROP", "name": "Otopeni"}]), Some("LROP")),
        (json!([{"locationId": "OTP", "name": "Otopeni", "metadata": {"icao": "LROP"}}]), Some("OTP")),
        (json!([{"locationId": "CLJ", "name": "Cluj"}]), None),
    ] {
        let mut stage = Stage { decision: DecisionKind::Reject, ..Stage::default() };
        stage.put(
            Table::Businesses,
            "carpat-air",
            json!({"businessId": "carpat-air", "name": "Carpat Air", "type": "airline", "locations": locations}),
        );
        let (run, _) = stage.run(&agent, start("r1", row("emergency", 99, json!({"squawk": 7700}), None)));
        let (id, item) = run.items().iter().next().unwrap();
        assert_eq!(crate::projection::review_row(&run, id, item).location.as_deref(), expected);
        let case = stage.documents(Table::Cases).remove(0).fields;
        assert_eq!(case.get("location").and_then(Value::as_str), expected);
    }
}

#[test]
fn a_proposal_is_worded_by_the_model_of_its_business_for_its_place() {
    let agent = Typed(Watcher::new().unwrap());
    let mut stage = Stage::default();
    let model = |text: &str, place: Option<&str>, version: u32| {
        json!({
            "decisionCode": "case-proposal", "version": version, "messageTemplate": text, "locationContext": place,
            "parameters": [{"name": "title", "type": "text"}, {"name": "proposal", "type": "text"}],
        })
    };
    stage.put(Table::Models, "case-proposal/1", model("All: {title}", None, 1));
    stage.put(Table::Models, "case-proposal/2", model("OTP: {title}", Some("OTP"), 2));
    for (run, place, expected) in [("r1", None, "All: "), ("r2", Some("OTP"), "OTP: ")] {
        let mut start = start(run, row("emergency", 99, json!({"squawk": 7700}), None));
        start.input.location_id = place.map(str::to_owned);
        start.input.content.data.as_mut().unwrap()["disruption"]["id"] = json!(format!("{run}/emergency/1"));
        let output = stage.decide(&agent, start);
        let said = output.responses[0].content.text.clone().unwrap();
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(stage.document(Table::Models, "case-proposal/2").unwrap().fields["usageCount"], 1);
}

#[test]
fn whoever_decides_sees_what_was_decided_before() {
    let agent = Typed(Watcher::new().unwrap());
    let mut stage = Stage::default();
    let emergency = |run: &str, address: &str| {
        let mut row = row("emergency", 99, json!({"squawk": 7700}), None);
        row["id"] = json!(format!("{address}/emergency/1"));
        start(run, row)
    };
    let whys = |events: &[RunEvent]| -> Vec<String> {
        let why = |event: &RunEvent| match &event.kind {
            EventKind::ApprovalAsked { request, .. } => Some(request.why.clone()),
            _ => None,
        };
        events.iter().filter_map(why).collect()
    };
    let (_, first) = stage.run(&agent, emergency("r1", "a13f1c"));
    assert!(!whys(&first)[0].contains("Decided before"), "{:?}", whys(&first));
    let (run, second) = stage.run(&agent, emergency("r2", "a13f1d"));
    assert!(
        whys(&second)[0].contains("ROT381 declares an emergency (LROP): proposal_sent"),
        "{:?}",
        whys(&second)
    );
    assert_eq!(run.state()["rag_context"]["similarDecisions"][0]["id"], "decision-r1");
    let said = stage.documents(Table::Messages);
    assert!(said.iter().any(|said| said.fields["citations"][1]["id"] == "decision-r1"), "{said:?}");
    assert!(replay(&agent, &second).is_ok());
}

#[test]
fn a_case_that_others_change_at_the_same_time_is_looked_at_again() {
    let agent = Typed(Watcher::new().unwrap());
    let turns = |turns: f64| row("holding", 95, json!({"turns_flown": turns}), None);
    let mut stage = Stage::default();
    stage.decide(&agent, start("r1", turns(2.0)));
    // Somebody adds a note each time, and the watcher gives up in the end: nothing of theirs is lost.
    stage.before = Some(|store| write(store, &json!({"notes": [{"by": "ana", "text": "seen"}]})));
    let (run, events) = stage.run(&agent, start("r2", turns(5.0)));
    assert!(matches!(run.end(), Some(End::Failed(failure)) if failure.message.contains("again and again")));
    assert_eq!(replay(&agent, &events).unwrap().run, run);
    stage.before = Some(|store| {
        if store.documents(Table::Cases, None).unwrap()[0].fields["notes"][0]["text"] == "seen" {
            write(store, &json!({"notes": [{"by": "ana", "text": "seen twice"}]}));
        }
    });
    stage.decide(&agent, start("r3", turns(5.0)));
    let notes = stage.documents(Table::Cases)[0].fields["notes"].clone();
    assert_eq!((&notes[0]["text"], notes.as_array().unwrap().len()), (&json!("seen twice"), 2));
}

#[test]
fn what_is_written_while_a_decision_is_noted_is_not_lost() {
    let agent = Typed(Watcher::new().unwrap());
    let before: fn(&crate::memory::Memory) = |store| {
        let case = store.documents(Table::Cases, None).unwrap().pop();
        if case.is_some_and(|case| case.version == 1) {
            write(store, &json!({"status": "closed", "notes": [{"by": "ana", "text": "landed"}]}));
        }
    };
    let mut stage = Stage { before: Some(before), decision: DecisionKind::Reject, ..Stage::default() };
    let (run, events) = stage.run(&agent, start("r1", row("emergency", 99, json!({"squawk": 7700}), None)));
    let case = stage.documents(Table::Cases).remove(0).fields;
    assert_eq!((&case["status"], &case["proposal_status"]), (&json!("closed"), &json!("declined")));
    assert_eq!((&case["notes"][0]["text"], &case["changed_by"]), (&json!("landed"), &json!("mihai")));
    assert_eq!(replay(&agent, &events).unwrap().run, run);
}

#[test]
fn what_is_no_disruption_fails_and_says_what_was_expected() {
    let agent = Typed(Watcher::new().unwrap());
    let (run, events) = Stage::default().run(&agent, start("r1", json!({"kind": 7})));
    assert!(run.status().is_over());
    assert!(events.last().unwrap().line().contains("expected data.disruption with id and kind"));
}
