//! Which question is under way on which session, and what to do next: a state machine whose only clock is its input.
//!
//! Many questions run beside each other on one session, each a response of its own out of the conversation, so that
//! one that is lost can be asked again on the next session without harm.

use crate::reason::failure::Failure;
use crate::reason::realtime::client_event::{ClientBody, ClientEvent};
use crate::reason::realtime::convert;
use crate::reason::realtime::line::{Line, Phase};
use crate::reason::realtime::server_event::{ServerEvent, read};
use crate::reason::reply::{Purse, Reply, Tokens};
use crate::settings::Secret;
use inflight_agents::ModelQuestion;
use inflight_domain::UnixMillis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod hear;

/// Number of a connection.
pub type Link = u64;

/// How the machine behaves.
#[derive(Clone, Debug)]
pub struct BookConfig {
    /// Key, to be kept out of what is told.
    pub key: Option<Secret>,
    /// How often a question is asked again.
    pub retries_max: u32,
    /// What chance adds to waiting times, 0 to 1.
    pub chance: fn() -> f64,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Do {
    /// Open a connection.
    Connect(Link),
    /// Say something.
    Send(Link, Box<ClientEvent>),
    /// Tell who asked.
    Tell(u64, Told),
    /// Close a connection.
    Close(Link),
}

/// What who asked is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The next piece of text.
    Piece(String),
    /// It begins anew.
    Restarted,
    /// So much is to be paid for what was no answer.
    Paid(Tokens),
    /// The answer, or why there is none. Nothing follows.
    Done(Result<Reply, Failure>),
}

/// The machine.
#[derive(Debug)]
pub struct Book {
    config: BookConfig,
    questions: BTreeMap<u64, Question>,
    lines: BTreeMap<Link, Line>,
    numbers: u64,
    links: Link,
    failures: u32,
    connect_at: UnixMillis,
    asked_at: UnixMillis,
    /// Events that were not understood.
    pub unread: u64,
}

#[derive(Debug)]
struct Question {
    asked: Arc<ModelQuestion>,
    purse: Purse,
    deadline: UnixMillis,
    attempt: u32,
    /// The session that it was sent on.
    link: Option<Link>,
    response: Option<String>,
    not_before: UnixMillis,
    heard: String,
    /// Items of the response whose arguments are the answer.
    answers: BTreeSet<String>,
}

const BACKOFF_MS: i64 = 500;
const BACKOFF_MAX_MS: i64 = 8_000;

/// Opening and greeting take no longer than this.
const GREETING_MS: i64 = 10_000;

/// A session on which nobody asks is closed.
const IDLE_MS: i64 = 300_000;

/// A session that answers one question at a time is asked again after this, should its end go unheard.
const HELD_MS: i64 = 1_000;

impl Book {
    /// A machine with nothing under way.
    #[must_use]
    pub fn new(config: BookConfig) -> Self {
        let never = UnixMillis(i64::MIN);
        Self {
            config,
            questions: BTreeMap::new(),
            lines: BTreeMap::new(),
            numbers: 0,
            links: 0,
            failures: 0,
            connect_at: never,
            asked_at: never,
            unread: 0,
        }
    }

    /// Asks, which may cost so many tokens with all that is tried; the number of the question comes back.
    pub fn ask(
        &mut self,
        (asked, most): (Arc<ModelQuestion>, u64),
        deadline: UnixMillis,
        now: UnixMillis,
    ) -> (u64, Vec<Do>) {
        self.numbers += 1;
        let question = Question {
            asked,
            purse: Purse::of(most),
            deadline,
            attempt: 0,
            link: None,
            response: None,
            not_before: now,
            heard: String::new(),
            answers: BTreeSet::new(),
        };
        self.questions.insert(self.numbers, question);
        self.asked_at = now;
        (self.numbers, self.tick(now))
    }

    /// Nobody waits for this question any more.
    pub fn cancel(&mut self, number: u64, now: UnixMillis) -> Vec<Do> {
        let mut out = Vec::new();
        self.drop_question(number, &mut out);
        self.settle(now, &mut out);
        out
    }

    /// A connection is open, or could not be opened.
    pub fn opened(&mut self, link: Link, opened: Result<(), Failure>, now: UnixMillis) -> Vec<Do> {
        let mut out = Vec::new();
        match (opened, self.lines.get_mut(&link)) {
            (Ok(()), Some(line)) => line.phase = Phase::Greeting,
            (Ok(()), None) => out.push(Do::Close(link)),
            (Err(failure), _) => self.lose(link, &failure, now, &mut out),
        }
        self.settle(now, &mut out);
        out
    }

    /// A connection ended by itself.
    pub fn closed(&mut self, link: Link, failure: &Failure, now: UnixMillis) -> Vec<Do> {
        let mut out = Vec::new();
        self.lose(link, failure, now, &mut out);
        self.settle(now, &mut out);
        out
    }

    /// Something was heard on a connection.
    pub fn heard(&mut self, link: Link, text: &str, now: UnixMillis) -> Vec<Do> {
        let mut out = Vec::new();
        if self.lines.contains_key(&link) {
            match read(text) {
                Ok(ServerEvent::Other) | Err(_) => self.unread += 1,
                Ok(event) => self.event(link, event, now, &mut out),
            }
        }
        self.settle(now, &mut out);
        out
    }

    /// Time goes on.
    pub fn tick(&mut self, now: UnixMillis) -> Vec<Do> {
        let mut out = Vec::new();
        self.settle(now, &mut out);
        out
    }

    /// When to tick next, if nothing else happens.
    #[must_use]
    pub fn wake_at(&self) -> Option<UnixMillis> {
        let deadlines = self.questions.values().map(|question| question.deadline);
        let current = self.current().and_then(|link| Some((link, self.lines.get(&link)?)));
        let from = match current {
            None => Some(self.connect_at),
            // What is heard on one that holds questions back wakes us.
            Some((link, line)) if line.phase == Phase::Ready => {
                let is_held = line.one_at_a_time && self.in_flight().contains(&link);
                (!is_held).then_some(UnixMillis(i64::MIN))
            }
            Some(_) => None,
        };
        let waiting = self.questions.values().filter(|question| question.link.is_none());
        let waiting = waiting.filter_map(|question| from.map(|from| question.not_before.max(from)));
        let idle_at =
            if self.questions.is_empty() { self.asked_at.0.saturating_add(IDLE_MS) } else { i64::MAX };
        let lines = self.lines.values().map(|line| line.wake_at(idle_at, GREETING_MS));
        deadlines.chain(waiting).chain(lines).min()
    }

    /// What was sent and is no answer costs what was counted, or all that was set aside where nothing was.
    fn bill(&mut self, number: u64, counted: Tokens, out: &mut Vec<Do>) {
        let Some(question) = self.questions.get_mut(&number).filter(|question| question.link.is_some())
        else {
            return;
        };
        let tokens = if counted.is_none() { Tokens::reserved(&question.asked) } else { counted };
        question.purse.spent += tokens;
        if !tokens.is_none() {
            out.push(Do::Tell(number, Told::Paid(tokens)));
        }
    }

    /// Asks it again if what was set aside pays for that, or gives it up.
    fn fail(&mut self, number: u64, failure: &Failure, now: UnixMillis, out: &mut Vec<Do>) {
        let Some(question) = self.questions.get_mut(&number) else { return };
        let may = failure.is_passing() && question.purse.pays(&question.asked);
        if !may || question.attempt >= self.config.retries_max {
            self.questions.remove(&number);
            out.push(Do::Tell(number, Told::Done(Err(failure.clone()))));
            return;
        }
        let wait = backoff(question.attempt, self.config.chance);
        question.attempt += 1;
        question.link = None;
        question.response = None;
        question.answers.clear();
        question.not_before = UnixMillis(now.0 + wait);
        if !core::mem::take(&mut question.heard).is_empty() {
            out.push(Do::Tell(number, Told::Restarted));
        }
    }

    /// A session is gone, and with it what was under way on it.
    fn lose(&mut self, link: Link, failure: &Failure, now: UnixMillis, out: &mut Vec<Do>) {
        let Some(line) = self.lines.remove(&link) else { return };
        let is_before_ready = !matches!(line.phase, Phase::Ready | Phase::Draining);
        if is_before_ready || !failure.is_passing() {
            self.connect_at = UnixMillis(now.0 + backoff(self.failures, self.config.chance));
            self.failures = self.failures.saturating_add(1);
        }
        let touched = |question: &Question| match question.link {
            Some(on) => on == link,
            // Those that waited for it.
            None => is_before_ready,
        };
        let numbers: Vec<u64> = self
            .questions
            .iter()
            .filter(|(_, question)| touched(question))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            self.bill(number, Tokens::default(), out);
            self.fail(number, failure, now, out);
            // A session that ended while it answered was no fault of the question: it need not wait.
            if let Some(question) = self.questions.get_mut(&number) {
                question.not_before = now;
            }
        }
    }

    /// All that is due.
    fn settle(&mut self, now: UnixMillis, out: &mut Vec<Do>) {
        let late: Vec<u64> = self.numbers_where(|question| question.deadline <= now);
        for number in late {
            self.bill(number, Tokens::default(), out);
            self.drop_question(number, out);
            out.push(Do::Tell(number, Told::Done(Err(Failure::Deadline))));
        }
        let over: Vec<Link> = self.links_where(|line| line.is_over(now, GREETING_MS));
        for link in over {
            let failure = Failure::Unavailable("session_ended".to_owned());
            self.lose(link, &failure, now, out);
            out.push(Do::Close(link));
        }
        for line in self.lines.values_mut().filter(|line| line.phase == Phase::Ready && line.renew_at <= now)
        {
            line.phase = Phase::Draining;
        }
        let is_idle = self.questions.is_empty() && self.asked_at.0.saturating_add(IDLE_MS) <= now.0;
        let busy = self.in_flight();
        let unused: Vec<Link> =
            self.links_where(|line| line.phase == Phase::Draining || (is_idle && line.phase == Phase::Ready));
        for link in unused.into_iter().filter(|link| !busy.contains(link)) {
            self.lines.remove(&link);
            out.push(Do::Close(link));
        }
        let waiting = self.numbers_where(|question| question.link.is_none() && question.not_before <= now);
        let current = self.current();
        match current.and_then(|link| Some((link, self.lines.get(&link)?.phase))) {
            Some((link, Phase::Ready)) => waiting.into_iter().for_each(|number| self.send(number, link, out)),
            Some(_) => {}
            None if !waiting.is_empty() && self.connect_at <= now => {
                self.links += 1;
                self.lines.insert(self.links, Line::opening(now));
                out.push(Do::Connect(self.links));
            }
            None => {}
        }
    }

    fn send(&mut self, number: u64, link: Link, out: &mut Vec<Do>) {
        let one_at_a_time = self.lines.get(&link).is_some_and(|line| line.one_at_a_time);
        if one_at_a_time && self.questions.values().any(|question| question.link == Some(link)) {
            return;
        }
        let Some(question) = self.questions.get_mut(&number) else { return };
        question.link = Some(link);
        let response = Some(convert::wanted(&question.asked, number));
        let event_id = format!("q{number}.{}", question.attempt);
        out.push(send(link, event_id, ClientBody::ResponseCreate { response }));
    }

    /// Forgets a question, and tells the server so.
    fn drop_question(&mut self, number: u64, out: &mut Vec<Do>) {
        let Some(question) = self.questions.remove(&number) else { return };
        let Some(link) = question.link else { return };
        match (question.response, self.lines.get(&link)) {
            (Some(response), _) => out.push(cancel(link, number, response)),
            // A server that does not say what its responses answer could take this one for another.
            (None, Some(line)) if !line.echoes => {
                if let Some(line) = self.lines.get_mut(&link) {
                    line.phase = Phase::Draining;
                }
            }
            _ => {}
        }
    }

    fn of(&mut self, link: Link, response: &str) -> Option<(u64, &mut Question)> {
        let is_it = |question: &Question| {
            question.link == Some(link) && question.response.as_deref() == Some(response)
        };
        let found = self.questions.iter_mut().find(|(_, question)| is_it(question));
        found.map(|(number, question)| (*number, question))
    }

    fn is_asked_on(&self, number: u64, link: Link) -> bool {
        self.questions.get(&number).is_some_and(|question| question.link == Some(link))
    }

    fn only_one_waiting(&self, link: Link) -> Option<u64> {
        let mut waiting = self
            .questions
            .iter()
            .filter(|(_, question)| question.link == Some(link) && question.response.is_none());
        let first = waiting.next().map(|(number, _)| *number);
        first.filter(|_| waiting.next().is_none())
    }

    /// The session that is asked, or will be.
    fn current(&self) -> Option<Link> {
        self.lines.iter().find(|(_, line)| line.phase != Phase::Draining).map(|(link, _)| *link)
    }

    /// Sessions on which something is under way.
    fn in_flight(&self) -> BTreeSet<Link> {
        self.questions.values().filter_map(|question| question.link).collect()
    }

    fn numbers_where(&self, is_it: impl Fn(&Question) -> bool) -> Vec<u64> {
        self.questions.iter().filter(|(_, question)| is_it(question)).map(|(number, _)| *number).collect()
    }

    fn links_where(&self, is_it: impl Fn(&Line) -> bool) -> Vec<Link> {
        self.lines.iter().filter(|(_, line)| is_it(line)).map(|(link, _)| *link).collect()
    }
}

fn backoff(attempt: u32, chance: fn() -> f64) -> i64 {
    let whole = (BACKOFF_MS << attempt.min(8)).min(BACKOFF_MAX_MS);
    whole / 2 + (whole as f64 / 2.0 * chance()) as i64
}

fn send(link: Link, event_id: String, body: ClientBody) -> Do {
    Do::Send(link, Box::new(ClientEvent { event_id: Some(event_id), body }))
}

fn cancel(link: Link, number: u64, response: String) -> Do {
    send(link, format!("c{number}"), ClientBody::ResponseCancel { response_id: Some(response) })
}

#[cfg(test)]
mod tests;
