//! What the book makes of what it hears.

use crate::reason::failure::{Failure, is_about_access};
use crate::reason::realtime::book::{Book, Do, HELD_MS, Link, Told, cancel, send};
use crate::reason::realtime::client_event::ClientBody;
use crate::reason::realtime::convert;
use crate::reason::realtime::item::Response;
use crate::reason::realtime::line::Phase;
use crate::reason::realtime::server_event::ServerEvent;
use crate::reason::reply::Reply;
use inflight_domain::UnixMillis;

impl Book {
    pub(super) fn event(&mut self, link: Link, event: ServerEvent, now: UnixMillis, out: &mut Vec<Do>) {
        match event {
            ServerEvent::SessionCreated { session } => {
                if let Some(line) = self.lines.get_mut(&link) {
                    line.learn(&session, now);
                    line.phase = Phase::Setting;
                }
                let body = ClientBody::SessionUpdate { session: convert::session() };
                out.push(send(link, format!("s{link}"), body));
            }
            ServerEvent::SessionUpdated { session } => {
                self.failures = 0;
                if let Some(line) = self.lines.get_mut(&link) {
                    line.learn(&session, now);
                    line.phase = Phase::Ready;
                }
            }
            ServerEvent::ResponseCreated { response } => {
                let number = convert::number(&response);
                if let (Some(_), Some(line)) = (number, self.lines.get_mut(&link)) {
                    line.echoes = true;
                }
                match number.or_else(|| self.only_one_waiting(link)) {
                    Some(number) if self.is_asked_on(number, link) => {
                        if let Some(question) = self.questions.get_mut(&number) {
                            question.response = Some(response.id);
                        }
                    }
                    // Nobody waits for it any more.
                    Some(number) => out.push(cancel(link, number, response.id)),
                    None => {}
                }
            }
            ServerEvent::OutputItemAdded { response_id, item } => {
                let is_answer = item.name.as_deref() == Some(convert::ANSWER);
                if let (true, Some(id), Some((_, question))) =
                    (is_answer, item.id, self.of(link, &response_id))
                {
                    question.answers.insert(id);
                }
            }
            ServerEvent::TextDelta { place, delta } => {
                if let Some((number, question)) = self.of(link, &place.response_id) {
                    question.heard.push_str(&delta);
                    out.push(Do::Tell(number, Told::Piece(delta)));
                }
            }
            ServerEvent::ArgumentsDelta { place, delta } => {
                let question = self.of(link, &place.response_id);
                if let Some((number, question)) =
                    question.filter(|(_, question)| question.answers.contains(&place.item_id))
                {
                    question.heard.push_str(&delta);
                    out.push(Do::Tell(number, Told::Piece(delta)));
                }
            }
            ServerEvent::ResponseDone { response } => {
                let number = self.of(link, &response.id).map(|(number, _)| number);
                // The response may have begun before we listened for it.
                let number = number
                    .or_else(|| convert::number(&response).filter(|number| self.is_asked_on(*number, link)));
                if let Some(number) = number {
                    self.finish(number, &response, now, out);
                }
                self.let_go(link, now);
            }
            ServerEvent::Error { error } => {
                let code = error.code.unwrap_or_default();
                let failure = Failure::of_error(&error.kind, &code, &error.message, self.config.key.as_ref());
                self.complained(link, error.event_id.as_deref(), &code, &failure, now, out);
            }
            _ => {}
        }
    }

    /// The server did not take something.
    fn complained(
        &mut self,
        link: Link,
        event_id: Option<&str>,
        code: &str,
        failure: &Failure,
        now: UnixMillis,
        out: &mut Vec<Do>,
    ) {
        let asked = event_id.and_then(|id| id.strip_prefix('q')?.split('.').next()?.parse::<u64>().ok());
        match asked.filter(|number| self.is_asked_on(*number, link)) {
            Some(number) if code == "conversation_already_has_active_response" => {
                if let Some(line) = self.lines.get_mut(&link) {
                    line.one_at_a_time = true;
                }
                if let Some(question) = self.questions.get_mut(&number) {
                    question.link = None;
                    question.not_before = UnixMillis(now.0 + HELD_MS);
                }
            }
            Some(number) => self.fail(number, failure, now, out),
            // Cancelling what has ended already is no mistake that anybody made.
            None if event_id.is_some_and(|id| id.starts_with('c')) => {}
            None if event_id == Some(&format!("s{link}"))
                || is_about_access(code)
                || code == "session_expired" =>
            {
                self.lose(link, failure, now, out);
                out.push(Do::Close(link));
            }
            None => self.unread += 1,
        }
    }

    fn finish(&mut self, number: u64, response: &Response, now: UnixMillis, out: &mut Vec<Do>) {
        let Some(question) = self.questions.get(&number) else { return };
        match convert::outcome(response, &question.heard, self.config.key.as_ref()) {
            Ok(reply) => {
                let line = question.link.and_then(|link| self.lines.get(&link));
                let model = line.map(|line| line.model.clone()).unwrap_or_default();
                let reply = Reply { model, ..reply };
                self.questions.remove(&number);
                out.push(Do::Tell(number, Told::Done(Ok(reply))));
            }
            Err(failure) => {
                self.bill(number, convert::tokens(response), out);
                self.fail(number, &failure, now, out);
            }
        }
    }

    /// Those that were held back until a response had ended.
    fn let_go(&mut self, link: Link, now: UnixMillis) {
        if self.lines.get(&link).is_some_and(|line| line.one_at_a_time) {
            for held in self.questions.values_mut().filter(|question| question.link.is_none()) {
                held.not_before = held.not_before.min(now);
            }
        }
    }
}
