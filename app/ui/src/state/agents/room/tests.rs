//! What a room holds while frames, snapshots and answers come in any order.

use super::*;
use crate::state::agents::doing::{Refusal, Then};
use crate::state::agents::office::Office;
use crate::state::agents::parse::parse;
use crate::state::agents::place::Place;
use inflight_domain::{Cut, Epoch};
use inflight_wire::frame::{SnapshotHeader, TickHeader};

fn entry(offset: i64, kind: &str, data: &str) -> Datum {
    let text =
        format!("{{\"offset\":{offset},\"topic\":\"business/b\",\"type\":\"{kind}\",\"data\":{data}}}");
    parse(&text).unwrap()
}

fn tick(room: &mut Room, entries: Vec<Datum>, lost: u64) -> News {
    let header = TickHeader { epoch: Epoch(1), base: Cut(1), cut: Cut(1), stream_ms: 0, rate: 1.0 };
    let header = Header::Tick(header);
    room.take(RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries, lost }, 0.0)
}

fn room() -> Room {
    let mut room = Room::default();
    let _ = room.enter("b");
    let header = SnapshotHeader { epoch: Epoch(1), cut: Cut(1), part: 0, parts: 1, stream_ms: 0, rate: 1.0 };
    let header = Header::Snapshot(header);
    room.take(
        RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries: Vec::new(), lost: 0 },
        0.0,
    );
    room
}

#[test]
fn what_was_said_while_the_snapshot_came_follows_it_and_nothing_goes_back() {
    let mut room = room();
    tick(&mut room, vec![entry(4, "agent.case", r#"{"id":"c","status":"open"}"#)], 0);
    tick(&mut room, vec![entry(7, "agent.case", r#"{"id":"c","status":"closed"}"#)], 0);
    room.fill(
        &parse(r#"{"offset":5,"cases":[{"id":"c","status":"proposed"}],"reasoner":{"kind":"local"}}"#)
            .unwrap(),
    );
    assert_eq!(room.row(Kind::Case, "c").unwrap().text("status"), "closed");
    let news = tick(&mut room, vec![entry(6, "agent.case", r#"{"id":"c","status":"open"}"#)], 0);
    assert!(news.rows.is_empty(), "it was known already");
    let news = tick(&mut room, vec![entry(8, "agent.model", r#"{"decisionCode":"D"}"#)], 0);
    assert_eq!(news.rows[0].0, Kind::Model);
    assert!(room.row(Kind::Model, "D").is_some());
    tick(&mut room, vec![entry(9, "agent.reasoner", r#"{"kind":"chat","status":"degraded"}"#)], 0);
    assert_eq!(room.reasoner.text("kind"), "chat");
}

#[test]
fn an_answer_takes_the_place_of_its_pieces() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":0}"#).unwrap());
    tick(&mut room, vec![entry(1, "agent.reply", r#"{"id":"x","run":"r","text":"Two ga"}"#)], 0);
    assert_eq!(room.rows(Kind::Reply).count(), 1);
    tick(
        &mut room,
        vec![entry(2, "agent.message", r#"{"id":"m","run":"r","from":"agent","text":"Two gates"}"#)],
        0,
    );
    assert_eq!((room.rows(Kind::Reply).count(), room.rows(Kind::Message).count()), (0, 1));
    tick(&mut room, vec![entry(3, "agent.message", r#"{"id":"m","deleted":true}"#)], 0);
    assert_eq!(room.rows(Kind::Message).count(), 0);
}

#[test]
fn a_piece_that_comes_after_its_answer_is_nothing_new() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":0}"#).unwrap());
    let answer = r#"{"id":"m","run":"r","from":"agent","text":"Two gates","at_ms":9}"#;
    tick(&mut room, vec![entry(1, "agent.message", answer)], 0);
    tick(&mut room, vec![entry(2, "agent.reply", r#"{"id":"x","run":"r","text":"Two ga","at_ms":5}"#)], 0);
    assert_eq!(room.rows(Kind::Reply).count(), 0);
    tick(&mut room, vec![entry(3, "agent.reply", r#"{"id":"y","run":"r","text":"And","at_ms":12}"#)], 0);
    assert_eq!(room.rows(Kind::Reply).count(), 1, "more is being said");
}

#[test]
fn lost_entries_ask_for_a_new_snapshot() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":3}"#).unwrap());
    let news = tick(&mut room, vec![entry(9, "agent.case", r#"{"id":"late"}"#)], 8);
    assert!(news.snapshot && room.ask(0) && !room.ask(1), "one at a time");
    assert!(!room.fill(&parse(r#"{"offset":8}"#).unwrap()));
    assert!(room.row(Kind::Case, "late").is_some() && room.ask(2));
    tick(&mut room, vec![entry(19, "agent.case", r#"{"id":"later"}"#)], 2);
    assert!(room.fill(&parse(r#"{"offset":15}"#).unwrap()), "it is older than what was lost");
    assert!(room.row(Kind::Case, "late").is_none() && room.row(Kind::Case, "later").is_some());
}

#[test]
fn what_is_said_while_a_snapshot_is_asked_again_is_shown_and_outlives_it() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":3}"#).unwrap());
    assert!(room.ask(0));
    let news =
        tick(&mut room, vec![entry(5, "agent.case", r#"{"id":"c","version":2,"status":"proposed"}"#)], 0);
    assert_eq!((news.rows.len(), room.row(Kind::Case, "c").unwrap().text("status")), (1, "proposed"));
    tick(&mut room, vec![entry(6, "agent.resource", r#"{"id":"g","version":7}"#)], 0);
    room.fill(
        &parse(r#"{"offset":4,"cases":[{"id":"c","version":1}],"resources":[{"id":"g","version":8}]}"#)
            .unwrap(),
    );
    assert_eq!(room.row(Kind::Case, "c").unwrap().text("status"), "proposed");
    assert_eq!(room.row(Kind::Resource, "g").unwrap().integer("version"), Some(8), "it was newer");
    assert!(room.waiting.is_empty());
}

#[test]
fn whoever_joins_anew_may_have_missed_what_is_before_the_newest_hundred() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":3}"#).unwrap());
    let many = |from: i64| -> Vec<Datum> {
        (from..from + NEWEST as i64).map(|offset| entry(offset, "agent.case", r#"{"id":"c"}"#)).collect()
    };
    assert!(!tick(&mut room, many(4), 0).snapshot, "they follow");
    assert!(tick(&mut room, many(900), 0).snapshot);
    // A frame that does not follow: what comes after it begins with the newest.
    let header = TickHeader { epoch: Epoch(1), base: Cut(7), cut: Cut(8), stream_ms: 0, rate: 1.0 };
    let header = Header::Tick(header);
    let frame = RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries: Vec::new(), lost: 0 };
    let news = room.take(frame, 0.0);
    assert!(news.snapshot && news.reaction.send.is_some());
}

#[test]
fn no_more_is_kept_than_fits_and_the_rest_is_asked_for_again() {
    let mut room = room();
    assert!(room.ask(0));
    for offset in 1..=MOST_WAITING as i64 + 5 {
        tick(&mut room, vec![entry(offset, "agent.case", r#"{"id":"c"}"#)], 0);
    }
    assert_eq!(room.waiting.len(), MOST_WAITING);
    assert!(room.fill(&parse(r#"{"offset":4}"#).unwrap()));
    assert!(!room.is_overdue(PATIENCE_MS) && room.ask(0) && room.is_overdue(PATIENCE_MS));
}

#[test]
fn another_business_has_other_rows() {
    let mut room = room();
    room.fill(&parse(r#"{"offset":3,"cases":[{"id":"c"}]}"#).unwrap());
    let ClientFrame::Subscribe(subscribe) = room.enter("other") else { panic!("a subscription") };
    assert_eq!(subscribe.topics, ["system", "notice", "business/other"]);
    assert!(subscribe.resume.is_none() && !room.has_data && room.row(Kind::Case, "c").is_none());
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_changes_nothing() {
    let mut office = Office::at(Place::of("/agents?business=b"));
    office.begin(None);
    let mut answer = |text: &str| {
        let answer = parse(text).map_err(|_| Refusal::default());
        office.answered(Then::Snapshot("b".to_owned()), answer);
        office.room.row(Kind::Case, "c").unwrap().text("status").to_owned()
    };
    assert_eq!(answer(r#"{"offset":9,"cases":[{"id":"c","status":"closed"}]}"#), "closed");
    assert_eq!(answer(r#"{"offset":3,"cases":[{"id":"c","status":"open"}]}"#), "closed");
}

#[test]
fn what_runs_cost_is_added_to_what_was_spent_today() {
    let mut room = Room::default();
    room.enter("b");
    let text = r#"{"offset":5,"spent":{"tokens":100,"tokens_max":900,"cost_microusd":7},"runs":[{"id":"r","budget":{"tokens":40,"cost_microusd":2}}]}"#;
    room.fill(&parse(text).unwrap());
    tick(&mut room, vec![entry(6, "agent.run", r#"{"id":"r","budget":{"tokens":60,"cost_microusd":3}}"#)], 0);
    tick(&mut room, vec![entry(7, "agent.run", r#"{"id":"s","budget":{"tokens":5,"cost_microusd":0}}"#)], 0);
    let spent = ["tokens", "tokens_max", "cost_microusd"].map(|name| room.spent.integer(name).unwrap());
    assert_eq!(spent, [125, 900, 8]);
}

#[test]
fn what_was_spent_before_midnight_is_not_of_today() {
    let mut room = Room::default();
    room.enter("b");
    let day_ms = 86_400_000;
    room.fill(&parse(r#"{"offset":5,"spent":{"tokens":100,"until_ms":172800000}}"#).unwrap());
    let run = |id: &str, started_ms: i64| {
        format!(r#"{{"id":"{id}","started_ms":{started_ms},"budget":{{"tokens":50}}}}"#)
    };
    tick(&mut room, vec![entry(6, "agent.run", &run("old", day_ms - 1))], 0);
    assert_eq!(room.spent.integer("tokens"), Some(100), "what it cost today nobody knows");
    tick(&mut room, vec![entry(7, "agent.run", &run("new", day_ms))], 0);
    assert_eq!(room.spent.integer("tokens"), Some(150));
    // Of a snapshot that has newer ones: what it cost is in the sum already.
    let known = run("known", day_ms + 9);
    let snapshot =
        format!(r#"{{"offset":7,"spent":{{"tokens":100,"until_ms":172800000}},"runs":[{known}]}}"#);
    room.fill(&parse(&snapshot).unwrap());
    tick(&mut room, vec![entry(8, "agent.run", &run("approved late", day_ms + 8))], 0);
    assert_eq!(room.spent.integer("tokens"), Some(100));
    let due = [2 * day_ms - 1, 2 * day_ms, 2 * day_ms + 1000, 2 * day_ms + 60_000];
    assert_eq!(due.map(|now_ms| room.is_of_yesterday(now_ms)), [false, true, false, true]);
}
