//! A business without a server: what a browser does with disruptions, step by step on a given clock.

use crate::advance::RunInput;
use crate::ports::embedded::{Embedded, Services};
use crate::ports::{Port, question};
use crate::question::Question;
use crate::refused::Refused;
use crate::replay::replay;
use crate::rows::ReviewStatus;
use crate::run::Run;
use crate::solo::{BUSINESS, Solo, UNDO_MS, Unmoved, Wish};
use crate::store::{ReviewFilter, Store, Table};
use crate::typed::Typed;
use crate::watcher::Watcher;
use crate::withdrawal;
use crate::{RunEvent, locale::Locale};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

const NOW: UnixMillis = UnixMillis(1_795_300_000_000);

fn later(ms: i64) -> UnixMillis {
    UnixMillis(NOW.0 + ms)
}

fn row(kind: &str, confidence_pct: u8, evidence: Value, ended: Option<i64>) -> Value {
    json!({
        "id": format!("a13f1c/{kind}/1679015040"), "kind": kind, "icao24": "a13f1c", "callsign": "ROT381", "began": 1_679_015_040, "last_seen": 1_679_015_100,
        "ended": ended, "severity": "attention", "confidence_pct": confidence_pct, "place": [44.5, 26.1], "airport": "LROP", "evidence": evidence,
    })
}

fn emergency() -> (Solo, String, String) {
    let mut solo = Solo::new(Locale::En, NOW).unwrap();
    let run = solo.take(row("emergency", 99, json!({"squawk": 7700}), None), 7, NOW).unwrap().unwrap();
    let review = solo.cases()[0]["review"]["id"].as_str().unwrap().to_owned();
    (solo, run, review)
}

/// What a case says after these steps: standing of its review, of itself, and what was sent.
fn check(solo: &Solo, review: &str, status: &str, told: Option<&str>) {
    let case = &solo.cases()[0];
    assert_eq!((&case["review"]["status"], &case["status"]), (&json!(review), &json!(status)));
    assert_eq!(case["told"], json!(told));
}

#[test]
fn a_disruption_becomes_a_case_that_says_why() {
    let (solo, run, _) = emergency();
    let case = &solo.cases()[0];
    assert_eq!((&case["run"], &case["severity"]), (&json!(run), &json!("critical")));
    assert_eq!(case["why"]["because"]["rule"], "an emergency");
    assert_eq!(case["why"]["numbers"]["squawk"], json!(7700.0));
    assert_eq!(case["review"]["because"]["rule"], "critical");
    let steps = case["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["kind"], &steps[1]["of"]), (&json!("started"), &json!("assess")));
    check(&solo, "open", "proposed", None);
}

#[test]
fn the_same_news_is_taken_once() {
    let (mut solo, _, _) = emergency();
    assert_eq!(solo.take(row("emergency", 99, json!({"squawk": 7700}), None), 8, later(10)).unwrap(), None);
    assert_eq!(solo.take(json!({"kind": 7}), 8, later(10)).unwrap(), None);
    assert!(
        solo.take(row("emergency", 99, json!({"squawk": 7700}), Some(1_679_015_200)), 9, later(20))
            .unwrap()
            .is_some()
    );
    assert_eq!((solo.cases().len(), &solo.cases()[0]["status"]), (1, &json!("closed")));
}

#[test]
fn what_is_approved_holds_after_a_while_and_is_taken_back_before() {
    let (mut solo, run, review) = emergency();
    solo.decide(&review, Wish::Approve(None), later(1000)).unwrap();
    check(&solo, "approved", "proposed", None);
    solo.undo(&review, later(2000)).unwrap();
    check(&solo, "open", "proposed", None);
    solo.decide(&review, Wish::Approve(Some("Call Maria.".to_owned())), later(3000)).unwrap();
    assert!(!solo.tick(later(3000 + UNDO_MS - 1)).unwrap());
    assert_eq!(solo.next_tick(), Some(later(3000 + UNDO_MS)));
    assert!(solo.tick(later(3000 + UNDO_MS)).unwrap());
    check(&solo, "edited", "open", Some("ROT381 declares an emergency (LROP). Call Maria."));
    let refused = solo.undo(&review, later(9000)).unwrap_err();
    assert_eq!(refused.to_string(), "the run has ended");
    assert!(solo.verify(&run).unwrap().steps >= 3);
}

#[test]
fn what_nobody_wants_or_decides_is_not_sent() {
    let (mut solo, _, review) = emergency();
    solo.decide(&review, Wish::Reject(Some("a drill".to_owned())), later(1000)).unwrap();
    solo.tick(later(1000 + UNDO_MS)).unwrap();
    check(&solo, "rejected", "open", None);
    let (mut solo, _, _) = emergency();
    solo.tick(later(20 * 60_000)).unwrap();
    check(&solo, "expired", "open", None);
    assert_eq!(solo.next_tick(), None);
}

#[test]
fn what_a_case_goes_on_without_is_withdrawn_and_not_sent() {
    let over = || row("emergency", 99, json!({"squawk": 7700}), Some(1_679_015_200));
    let (mut solo, run, review) = emergency();
    solo.take(over(), 9, later(1000)).unwrap();
    check(&solo, "withdrawn", "closed", None);
    let late = solo.decide(&review, Wish::Approve(None), later(2000)).unwrap_err();
    assert!(matches!(late, Unmoved::Refused(Refused::Decided(_))), "{late:?}");
    assert!(solo.verify(&run).is_ok());
    let told = solo.cases()[0]["steps"].as_array().unwrap().iter().any(|step| step["kind"] == "withdrawn");
    assert!(told);
    // Neither is what was approved a moment ago, and cannot be taken back any more.
    let (mut solo, run, review) = emergency();
    solo.decide(&review, Wish::Approve(None), later(1000)).unwrap();
    solo.take(over(), 9, later(2000)).unwrap();
    check(&solo, "withdrawn", "closed", None);
    assert!(solo.undo(&review, later(3000)).is_err());
    assert_eq!(solo.next_tick(), None);
    assert!(solo.verify(&run).is_ok());
}

#[test]
fn a_graver_disruption_takes_the_place_of_what_was_proposed_before() {
    let mut solo = Solo::new(Locale::En, NOW).unwrap();
    let silent =
        |silence_s: u32| row("signal_lost", 70, json!({"silence_s": silence_s, "neighbours_heard": 9}), None);
    solo.take(silent(300), 7, NOW).unwrap();
    let earlier = solo.cases()[0]["review"]["id"].as_str().unwrap().to_owned();
    check(&solo, "open", "proposed", None);
    solo.take(silent(700), 8, later(60_000)).unwrap();
    let case = &solo.cases()[0];
    assert_eq!((&case["severity"], case["review"]["id"] == earlier), (&json!("critical"), false));
    check(&solo, "open", "proposed", None);
    let open = ReviewFilter { status: Some(ReviewStatus::Open), limit: 9, ..ReviewFilter::default() };
    assert_eq!(solo.store.reviews(&open).unwrap().len(), 1);
    let was = solo.store.review(&earlier).unwrap().unwrap();
    assert_eq!((was.status, was.reason.as_deref()), (ReviewStatus::Withdrawn, Some(withdrawal::SUPERSEDED)));
    assert!(solo.decide(&earlier, Wish::Approve(None), later(61_000)).is_err());
    assert!(solo.store.documents(Table::Messages, None).unwrap().is_empty());
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let (mut solo, run, review) = emergency();
    let before = solo.export(&run);
    for (review, text) in [(review.as_str(), ""), ("nobody", "x")] {
        assert!(solo.decide(review, Wish::Approve(Some(text.to_owned())), later(10)).is_err());
    }
    assert_eq!(solo.export(&run), before);
    check(&solo, "open", "proposed", None);
}

#[test]
fn an_export_is_read_and_replayed_elsewhere() {
    let (mut solo, run, review) = emergency();
    solo.decide(&review, Wish::Approve(None), later(1000)).unwrap();
    solo.tick(later(1000 + UNDO_MS)).unwrap();
    let lines = solo.export(&run);
    let events: Vec<RunEvent> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().map(RunEvent::line).eq(lines.lines()));
    let agent = Typed(Watcher::new().unwrap());
    let replayed = replay(&agent, &events).unwrap();
    assert_eq!(replayed.run, Run::fold(events).unwrap());
    assert_eq!(solo.verify(&run).unwrap().hash, crate::canonical::hex(&replayed.run.hash()));
}

#[test]
fn a_surer_and_lesser_one_goes_by_itself_and_is_told_in_the_language_of_the_page() {
    let mut solo = Solo::new(Locale::En, NOW).unwrap();
    solo.speak(Locale::Ro, NOW);
    solo.take(row("holding", 95, json!({"turns_flown": 4.5}), None), 7, NOW).unwrap();
    let case = &solo.cases()[0];
    assert_eq!(case["review"], Value::Null);
    assert_eq!(case["why"]["because"]["because"][0]["was"], json!(4.5));
    assert!(case["told"].as_str().unwrap().starts_with("ROT381 zboară în așteptare (LROP)."));
    assert!(case["steps"].as_array().unwrap().iter().any(|step| step["of"] == "sure enough"));
}

#[test]
fn services_answer_as_those_of_a_server_do() {
    let (solo, _, _) = emergency();
    let business = BUSINESS.to_owned();
    let about = Question::Business { business: business.clone(), location: None, user: None };
    let mut embedded = Embedded::default();
    let mut services = Services { store: &solo.store, embedded: &mut embedded };
    let calls = question::calls(&about).unwrap();
    let replies = calls.iter().map(|call| services.call(call, NOW)).collect();
    let theirs = question::answer(&about, replies, &Default::default()).unwrap();
    let ours = solo.answer(&about).unwrap();
    for name in ["businessId", "type", "settings"] {
        assert_eq!(
            theirs.value.as_ref().unwrap()["business"][name],
            ours.value.as_ref().unwrap()["business"][name]
        );
    }
    assert_eq!((&ours.by, &ours.value.unwrap()["allowed"]), (&theirs.by, &theirs.value.unwrap()["allowed"]));
    let id = solo.store.documents(Table::Cases, None).unwrap()[0].id.clone();
    let filters = [("id".to_owned(), id)].into();
    let rows = services.list("cases", BUSINESS, "", &filters, 1).unwrap();
    let known =
        Question::Search { among: "cases".to_owned(), business, query: String::new(), filters, limit: 1 };
    assert_eq!(solo.answer(&known).unwrap().value, Some(json!({ "rows": rows })));
}

#[test]
fn a_changed_event_is_found() {
    let (mut solo, run, _) = emergency();
    let mut events = solo.store.load(&run).unwrap();
    assert_eq!(super::broken_link(&events), None);
    events[3].at = later(1);
    assert_eq!(super::broken_link(&events), Some(4));
    assert_eq!(solo.verify("nothing").unwrap_err().got, "nothing");
    assert!(solo.input("nothing", RunInput::Tick, NOW).is_err());
}
