//! The book on its own: what is sent, told and closed, with time and chance given.

use crate::reason::failure::Failure;
use crate::reason::realtime::book::{Book, BookConfig, Do, Link, Told};
use crate::reason::realtime::client_event::ClientBody;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::sync::Arc;

/// A book, and what it wanted done since somebody looked.
struct Bench {
    book: Book,
    now: i64,
    todo: Vec<Do>,
}

const DEADLINE_MS: i64 = 1_000_000_000;

impl Bench {
    fn new() -> Self {
        let book = Book::new(BookConfig { key: None, retries_max: 2, chance: || 1.0 });
        Self { book, now: 0, todo: Vec::new() }
    }

    /// One that has a session.
    fn ready() -> Self {
        let mut bench = Self::new();
        let number = bench.ask(DEADLINE_MS);
        bench.greet(1, 10_000);
        bench.hear(1, &created(number, "r"));
        bench.hear(1, &done("r", "completed"));
        bench.todo.clear();
        bench
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(self.now)
    }

    fn ask(&mut self, within_ms: i64) -> u64 {
        let deadline = UnixMillis(self.now + within_ms);
        let (number, todo) = self.book.ask((Arc::default(), u64::MAX), deadline, self.now());
        self.todo.extend(todo);
        number
    }

    fn greet(&mut self, link: Link, lasts_s: i64) {
        self.todo.extend(self.book.opened(link, Ok(()), UnixMillis(self.now)));
        let session = json!({"type": "realtime", "model": "m", "expires_at": self.now / 1000 + lasts_s});
        self.hear(link, &json!({"type": "session.created", "session": session}));
        self.hear(link, &json!({"type": "session.updated", "session": session}));
    }

    fn hear(&mut self, link: Link, event: &Value) {
        let now = self.now();
        self.todo.extend(self.book.heard(link, &event.to_string(), now));
    }

    fn close(&mut self, link: Link, failure: &Failure) {
        let now = self.now();
        self.todo.extend(self.book.closed(link, failure, now));
    }

    /// Goes on from wake to wake, as the keeper does.
    fn pass(&mut self, ms: i64) {
        let end = self.now + ms;
        for _ in 0..100 {
            match self.book.wake_at().filter(|at| at.0 <= end) {
                Some(at) => self.now = self.now.max(at.0),
                None => self.now = end,
            }
            let now = self.now();
            self.todo.extend(self.book.tick(now));
            if self.now == end {
                return;
            }
        }
        panic!("wakes again and again at {}", self.now);
    }

    /// What was wanted since the last look, in short.
    fn check(&mut self, expected: &[&str]) {
        let short = |step: Do| match step {
            Do::Connect(link) => format!("connect {link}"),
            Do::Close(link) => format!("close {link}"),
            Do::Tell(number, Told::Piece(text)) => format!("tell {number} {text}"),
            Do::Tell(number, Told::Restarted) => format!("restart {number}"),
            Do::Tell(number, Told::Paid(tokens)) => {
                format!("paid {number} {}+{}", tokens.input, tokens.output)
            }
            Do::Tell(number, Told::Done(Ok(reply))) => format!("answer {number} {}", reply.text),
            Do::Tell(number, Told::Done(Err(failure))) => format!("fail {number} {}", failure.code()),
            Do::Send(link, event) => match event.body {
                ClientBody::SessionUpdate { .. } => format!("{link}: set"),
                ClientBody::ResponseCreate { .. } => format!("{link}: ask {}", event.event_id.unwrap()),
                ClientBody::ResponseCancel { response_id } => {
                    format!("{link}: cancel {}", response_id.unwrap())
                }
                body => panic!("{body:?}"),
            },
        };
        let found: Vec<String> = core::mem::take(&mut self.todo).into_iter().map(short).collect();
        assert_eq!(found, expected);
    }
}

fn created(number: u64, id: &str) -> Value {
    let metadata = json!({"inflight_question": number.to_string()});
    json!({"type": "response.created", "response": {"id": id, "status": "in_progress", "metadata": metadata}})
}

fn delta(id: &str, text: &str) -> Value {
    json!({"type": "response.output_text.delta", "response_id": id, "item_id": "i", "delta": text})
}

fn done(id: &str, status: &str) -> Value {
    json!({"type": "response.done", "response": {"id": id, "status": status, "output": []}})
}

fn error(code: &str, event_id: Option<&str>) -> Value {
    let kind = "invalid_request_error";
    json!({"type": "error", "error": {"type": kind, "code": code, "message": "", "event_id": event_id}})
}

#[test]
fn questions_run_beside_each_other_on_one_session() {
    let mut bench = Bench::new();
    let (one, two) = (bench.ask(DEADLINE_MS), bench.ask(DEADLINE_MS));
    bench.check(&["connect 1"]);
    bench.greet(1, 3600);
    bench.check(&["1: set", "1: ask q1.0", "1: ask q2.0"]);
    bench.hear(1, &created(two, "b"));
    bench.hear(1, &created(one, "a"));
    for event in [delta("b", "B1"), delta("a", "A1"), delta("b", "B2"), done("b", "completed")] {
        bench.hear(1, &event);
    }
    bench.check(&["tell 2 B1", "tell 1 A1", "tell 2 B2", "answer 2 B1B2"]);
    bench.hear(1, &json!({"type": "response.wink"}));
    bench.hear(1, &done("a", "completed"));
    bench.check(&["answer 1 A1"]);
    assert_eq!(bench.book.unread, 1);
}

#[test]
fn what_a_lost_session_owes_is_asked_again() {
    let mut bench = Bench::ready();
    let number = bench.ask(DEADLINE_MS);
    bench.hear(1, &created(number, "x"));
    bench.hear(1, &delta("x", "half"));
    bench.close(1, &Failure::Unavailable("broken_off".to_owned()));
    bench.check(&["1: ask q2.0", "tell 2 half", "restart 2", "connect 2"]);
    bench.greet(2, 3600);
    bench.hear(1, &delta("x", "late"));
    bench.hear(2, &created(number, "y"));
    bench.hear(2, &delta("y", "whole"));
    bench.hear(2, &done("y", "completed"));
    bench.check(&["2: set", "2: ask q2.1", "tell 2 whole", "answer 2 whole"]);
}

#[test]
fn who_is_not_there_is_asked_again_ever_more_seldom() {
    let mut bench = Bench::new();
    bench.ask(DEADLINE_MS);
    let down = Failure::Unavailable("connection".to_owned());
    for (link, wait_ms) in [(1, 500), (2, 1000)] {
        bench.check(&[&format!("connect {link}")]);
        bench.todo.extend(bench.book.opened(link, Err(down.clone()), bench.now()));
        bench.pass(wait_ms - 1);
        bench.check(&[]);
        bench.pass(1);
    }
    bench.check(&["connect 3"]);
    bench.todo.extend(bench.book.opened(3, Err(down), bench.now()));
    bench.check(&["fail 1 connection"]);
    bench.pass(100_000);
    bench.check(&[]);
    bench.ask(DEADLINE_MS);
    bench.check(&["connect 4"]);
    bench.pass(10_000);
    bench.check(&["close 4"]);
}

#[test]
fn a_session_is_renewed_while_the_old_one_answers() {
    let mut bench = Bench::ready();
    let old = bench.ask(DEADLINE_MS);
    bench.hear(1, &created(old, "x"));
    bench.check(&["1: ask q2.0"]);
    // A session of an hour at most, and half of it or five minutes are for what is left.
    bench.pass(55 * 60_000);
    bench.check(&[]);
    bench.ask(DEADLINE_MS);
    bench.check(&["connect 2"]);
    bench.greet(2, 3600);
    bench.hear(1, &delta("x", "still"));
    bench.hear(1, &done("x", "completed"));
    bench.check(&["2: set", "2: ask q3.0", "tell 2 still", "answer 2 still", "close 1"]);
}

#[test]
fn a_clock_that_is_wrong_ends_no_session() {
    let mut bench = Bench::new();
    bench.now = 10_000_000;
    bench.ask(DEADLINE_MS);
    bench.greet(1, -3600);
    bench.pass(54 * 60_000);
    bench.check(&["connect 1", "1: set", "1: ask q1.0"]);
}

#[test]
fn what_an_ended_session_still_owes_goes_to_the_next() {
    let mut bench = Bench::ready();
    let old = bench.ask(DEADLINE_MS);
    bench.hear(1, &created(old, "x"));
    bench.pass(60 * 60_000);
    bench.check(&["1: ask q2.0", "close 1", "connect 2"]);
}

#[test]
fn nobody_waits_longer_than_the_deadline() {
    let mut bench = Bench::ready();
    let number = bench.ask(1_000);
    bench.hear(1, &created(number, "x"));
    let unheard = bench.ask(1_000);
    bench.pass(1_000);
    bench.check(&["1: ask q2.0", "1: ask q3.0", "1: cancel x", "fail 2 deadline", "fail 3 deadline"]);
    bench.hear(1, &created(unheard, "y"));
    bench.hear(1, &error("response_cancel_not_active", Some("c2")));
    bench.hear(1, &done("x", "cancelled"));
    bench.check(&["1: cancel y"]);
    let number = bench.ask(1_000);
    bench.hear(1, &created(number, "z"));
    bench.todo.extend(bench.book.cancel(number, bench.now()));
    bench.check(&["1: ask q4.0", "1: cancel z"]);
}

#[test]
fn errors_go_to_whoever_caused_them() {
    let mut bench = Bench::ready();
    let (_, other) = (bench.ask(DEADLINE_MS), bench.ask(DEADLINE_MS));
    bench.hear(1, &error("invalid_value", Some("q2.0")));
    bench.hear(1, &error("invalid_event", Some("theirs")));
    bench.hear(1, &created(other, "x"));
    let failed =
        json!({"id": "x", "status": "failed", "status_details": {"error": {"code": "rate_limit_exceeded"}}});
    bench.hear(1, &json!({"type": "response.done", "response": failed}));
    bench.check(&["1: ask q2.0", "1: ask q3.0", "fail 2 invalid_value"]);
    bench.pass(500);
    bench.check(&["1: ask q3.1"]);
}

#[test]
fn who_may_not_come_in_is_told_why() {
    for code in ["invalid_api_key", "beta_api_shape_disabled"] {
        let mut bench = Bench::new();
        bench.ask(DEADLINE_MS);
        bench.todo.extend(bench.book.opened(1, Ok(()), UnixMillis(0)));
        bench.hear(1, &error(code, None));
        bench.close(1, &Failure::Unavailable("closed_4000".to_owned()));
        bench.check(&["connect 1", &format!("fail 1 {code}"), "close 1"]);
    }
    let mut bench = Bench::new();
    bench.ask(DEADLINE_MS);
    bench.todo.extend(bench.book.opened(1, Ok(()), UnixMillis(0)));
    bench.hear(1, &json!({"type": "session.created", "session": {}}));
    bench.hear(1, &error("unknown_parameter", Some("s1")));
    bench.check(&["connect 1", "1: set", "fail 1 unknown_parameter", "close 1"]);
}

#[test]
fn a_server_that_answers_one_at_a_time_is_asked_one_at_a_time() {
    let mut bench = Bench::ready();
    let (one, two) = (bench.ask(DEADLINE_MS), bench.ask(DEADLINE_MS));
    bench.hear(1, &created(one, "a"));
    bench.hear(1, &error("conversation_already_has_active_response", Some("q3.0")));
    bench.check(&["1: ask q2.0", "1: ask q3.0"]);
    bench.pass(5_000);
    bench.ask(DEADLINE_MS);
    bench.check(&[]);
    bench.hear(1, &done("a", "completed"));
    bench.check(&["answer 2 ", "1: ask q3.0"]);
    bench.hear(1, &created(two, "b"));
    bench.hear(1, &done("b", "completed"));
    bench.check(&["answer 3 ", "1: ask q4.0"]);
}

#[test]
fn a_server_that_names_no_question_is_not_trusted_with_two() {
    let mut bench = Bench::new();
    bench.ask(1_000);
    bench.greet(1, 3600);
    bench.pass(1_000);
    bench.check(&["connect 1", "1: set", "1: ask q1.0", "fail 1 deadline", "close 1"]);
    let number = bench.ask(DEADLINE_MS);
    bench.greet(2, 3600);
    bench.hear(2, &json!({"type": "response.created", "response": {"id": "x"}}));
    bench.hear(2, &delta("x", "mine"));
    bench.hear(2, &done("x", "completed"));
    bench.check(&["connect 2", "2: set", "2: ask q2.0", "tell 2 mine", &format!("answer {number} mine")]);
}

#[test]
fn a_session_that_nobody_needs_is_closed() {
    let mut bench = Bench::ready();
    bench.pass(299_000);
    bench.check(&[]);
    bench.pass(2_000);
    bench.check(&["close 1"]);
    bench.pass(10_000_000);
    bench.check(&[]);
}

#[test]
fn what_was_sent_and_lost_is_paid() {
    let mut bench = Bench::ready();
    let asked = inflight_agents::ModelQuestion { max_tokens: 40, ..Default::default() };
    let (number, todo) = bench.book.ask((Arc::new(asked), 90), UnixMillis(DEADLINE_MS), bench.now());
    bench.todo.extend(todo);
    bench.hear(1, &created(number, "x"));
    let usage = json!({"input_tokens": 7, "output_tokens": 3});
    let cut = json!({"id": "x", "status": "failed", "output": [], "usage": usage});
    bench.hear(1, &json!({"type": "response.done", "response": cut}));
    bench.check(&["1: ask q2.0", "paid 2 7+3"]);
    bench.pass(1000);
    bench.check(&["1: ask q2.1"]);
    bench.close(1, &Failure::Unavailable("closed_1006".to_owned()));
    bench.check(&["paid 2 0+40", "connect 2"]);
    // What was not sent yet is not.
    bench.close(2, &Failure::Unavailable("connection".to_owned()));
    bench.check(&["fail 2 connection"]);
}

#[test]
fn it_is_not_asked_again_beyond_what_was_set_aside() {
    let mut bench = Bench::ready();
    let asked = inflight_agents::ModelQuestion { max_tokens: 40, ..Default::default() };
    let (_, todo) = bench.book.ask((Arc::new(asked), 79), UnixMillis(DEADLINE_MS), bench.now());
    bench.todo.extend(todo);
    bench.close(1, &Failure::Unavailable("closed_1006".to_owned()));
    bench.check(&["1: ask q2.0", "paid 2 0+40", "fail 2 closed_1006"]);
}
