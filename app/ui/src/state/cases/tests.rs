//! The book of cases: what it says to the program, and what it makes of the answers.

use crate::state::cases::{Book, Check, Program};
use crate::testing::disruption;
use crate::text::Locale;
use inflight_domain::{Disruption, DisruptionKind, Measure};
use inflight_wire::Datum;

fn map(members: &[(&str, Datum)]) -> Datum {
    Datum::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn text(words: &str) -> Datum {
    Datum::Text(words.to_owned())
}

fn emergency() -> Disruption {
    disruption(DisruptionKind::Emergency, &[(Measure::Squawk, 7700.0)])
}

/// What the program tells of one case.
fn cases(status: &str, steps: usize) -> Datum {
    let payload = map(&[("text", text("Call the duty manager."))]);
    let review = map(&[
        ("id", text("review-1")),
        ("status", text(status)),
        ("action", map(&[("payload", payload)])),
        ("undo_until_ms", if status == "open" { Datum::Nil } else { Datum::Integer(6000) }),
    ]);
    let kind = if status == "done" { "finished" } else { "entered" };
    let step = map(&[("seq", Datum::Integer(1)), ("kind", text(kind)), ("of", text("assess"))]);
    let case = map(&[
        ("id", text("sky-1")),
        ("title", text("ROT381 declares an emergency")),
        ("run", text("run-1")),
        ("review", review),
        ("steps", Datum::List(vec![step; steps])),
    ]);
    map(&[("cases", Datum::List(vec![case]))])
}

/// A book whose program has told of a proposal; what it had to say is taken.
fn waiting() -> Book {
    let mut book = Book::default();
    book.follow(2, Locale::En, vec![emergency()]);
    assert_eq!(book.hear(&cases("open", 3)).as_deref(), Some("ROT381 declares an emergency"));
    book.outbox.clear();
    book
}

/// What stands in the messages, without blanks.
fn said(book: &mut Book) -> String {
    let all: String = book.outbox.drain(..).collect();
    all.split_whitespace().collect()
}

#[test]
fn the_first_disruption_asks_for_the_program_and_each_is_told_once() {
    let mut book = Book::default();
    book.follow(2, Locale::En, Vec::new());
    assert!(!book.needs_program() && book.outbox.is_empty());
    book.follow(2, Locale::En, vec![emergency()]);
    assert!(book.needs_program());
    let message = said(&mut book);
    assert!(message.starts_with(r#"{"do":"take","locale":"en","rows":[{"id":""#), "{message}");
    assert!(message.contains(r#""kind":"emergency""#) && message.contains(r#""evidence":{"squawk":7700}"#));
    book.follow(2, Locale::En, vec![emergency()]);
    assert_eq!(said(&mut book), "");
    book.follow(2, Locale::Ro, vec![emergency()]);
    assert_eq!(said(&mut book), r#"{"do":"speak","locale":"ro"}"#);
}

#[test]
fn another_round_begins_anew() {
    let mut book = waiting();
    book.follow(3, Locale::En, vec![emergency()]);
    assert_eq!((book.cases.len(), said(&mut book).as_str()), (1, ""), "nobody loses what waits");
    book.hear(&cases("done", 5));
    book.follow(4, Locale::En, vec![emergency()]);
    assert!(book.cases.is_empty());
    assert!(said(&mut book).starts_with(r#"{"do":"begin","locale":"en"}{"do":"take","#));
}

#[test]
fn a_proposal_is_edited_and_approved() {
    let mut book = waiting();
    assert!(book.waiting() == 1 && book.is_open(&book.cases[0]));
    book.act("edit", "sky-1", "");
    assert_eq!(book.draft("review-1"), Some("Call the duty manager."));
    book.act("type", "sky-1", " ");
    book.act("approve", "sky-1", "");
    assert_eq!(said(&mut book), "", "nothing is not approved");
    book.act("type", "sky-1", "Maria.");
    book.act("approve", "sky-1", "");
    assert_eq!(said(&mut book), r#"{"do":"approve","review":"review-1","text":"Maria."}"#);
    assert_eq!(book.hear(&cases("edited", 5)), None);
    let review = book.cases[0].review.clone().unwrap();
    assert_eq!((review.undo_ms(5000), review.undo_ms(6000)), (Some(1000), None));
    assert!(book.waiting() == 0 && book.is_open(&book.cases[0]), "it stays open under the hand");
    book.act("undo", "sky-1", "");
    assert_eq!(said(&mut book), r#"{"do":"undo","review":"review-1"}"#);
}

#[test]
fn a_proposal_as_it_stands_is_approved_without_a_text() {
    for act in ["approve", "reject"] {
        let mut book = waiting();
        book.act(act, "sky-1", "");
        assert_eq!(said(&mut book), format!(r#"{{"do":"{act}","review":"review-1"}}"#));
    }
}

#[test]
fn what_was_verified_holds_until_the_run_goes_on() {
    let mut book = waiting();
    book.act("verify", "sky-1", "");
    assert_eq!(said(&mut book), r#"{"do":"verify","run":"run-1"}"#);
    book.hear(&map(&[
        ("run", text("run-1")),
        ("verified", Datum::Bool(true)),
        ("events", Datum::Integer(3)),
        ("hash", text("ab")),
    ]));
    assert_eq!(book.check(&book.cases[0]), Some(&Check::Holds(3, "ab".to_owned())));
    book.hear(&cases("approved", 4));
    assert_eq!(book.check(&book.cases[0]), None);
}

#[test]
fn what_went_wrong_is_told() {
    let mut book = waiting();
    book.hear(&map(&[("review", text("review-1")), ("refused", text("the run has ended"))]));
    assert_eq!(book.refusal("review-1"), Some("the run has ended"));
    book.hear(&map(&[("run", text("run-1")), ("lines", text("{}\n"))]));
    assert_eq!(book.exported, Some(("run-1".to_owned(), "{}\n".to_owned())));
    book.lost();
    assert!(book.program == Program::Failed && book.cases.is_empty());
    book.follow(2, Locale::En, vec![emergency()]);
    book.program = Program::Unasked;
    assert!(!book.needs_program());
    book.follow(2, Locale::En, vec![emergency()]);
    assert!(book.needs_program(), "it is told everything anew");
}
