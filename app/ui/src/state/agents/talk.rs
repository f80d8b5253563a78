//! Talking with the assistant: the message that is written, sent, confirmed, and sent again.

use crate::state::agents::doing::{Act, Do, Refusal, Then, send};
use crate::state::agents::form::{map, text};
use crate::state::agents::office::{Office, address};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::state::agents::rows::{UNTOLD, known_kept};
use inflight_wire::Datum;

/// A message is at most this long, in letters.
pub const LONGEST: usize = 4000;

/// A message that nobody confirmed by then is offered to be sent again.
const UNCONFIRMED_MS: i64 = 10_000;

/// A message of one's own that the server has not confirmed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outgoing {
    /// By this the server takes it once, however often it is sent.
    pub id: String,
    /// In words.
    pub words: String,
    /// For one of the places.
    pub location: String,
    /// It is sealed where it is stored.
    pub is_sensitive: bool,
    /// When it was sent last.
    pub sent_ms: i64,
    /// How it is.
    pub way: Way,
}

/// How far a message got.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Way {
    /// It is on its way.
    #[default]
    Sending,
    /// Nobody knows whether it was taken.
    Unconfirmed,
    /// It was not taken.
    Refused(Refusal),
}

impl Office {
    /// Something was done about a message.
    pub(crate) fn talk(&mut self, act: Act<'_>) -> Vec<Do> {
        match act.act {
            "compose" => {
                self.composer = act.value.chars().take(LONGEST).collect();
                Vec::new()
            }
            "sensitive" => {
                self.is_sensitive = act.value == "true";
                Vec::new()
            }
            "suggest" => self.say(act.id.to_owned()),
            "retry" => self.send_again(act.id),
            "drop" => {
                self.outgoing.retain(|message| message.id != act.id);
                vec![Do::Focus("#composer")]
            }
            _ => {
                let words = core::mem::take(&mut self.composer);
                self.say(words)
            }
        }
    }

    /// The conversation at this location, the oldest first.
    #[must_use]
    pub fn conversation(&self) -> Vec<&Datum> {
        let at = &self.place.location;
        let is_here =
            |row: &&Datum| at.is_empty() || row.text("location").is_empty() || row.text("location") == at;
        let mut said: Vec<&Datum> = self.room.rows(Kind::Message).filter(is_here).collect();
        sort(&mut said, &|row| (row.integer("at_ms").unwrap_or(0), 0, String::new()));
        said
    }

    /// A message of a person was told to all: one of those that are on their way, perhaps.
    pub(crate) fn said(&mut self, row: &Datum) {
        let Some(at) = self.outgoing.iter().position(|message| message.id == row.text("id")) else { return };
        let own = self.outgoing.remove(at);
        // Rooms hear nothing of what is sealed, but who wrote it knows it.
        if row.text("text") == UNTOLD {
            let known = map(&[("text", text(&own.words))]);
            self.room.put(Kind::Message, known_kept(row.clone(), Some(&known)));
        }
    }

    pub(crate) fn sent(&mut self, id: &str, answer: Result<Datum, Refusal>) -> Vec<Do> {
        let Some(at) = self.outgoing.iter().position(|message| message.id == id) else { return Vec::new() };
        match answer {
            // It is taken, whether the room says so or not.
            Ok(answer) => {
                let own = self.outgoing.remove(at);
                let mut members = vec![
                    ("id", text(id)),
                    ("from", text("user")),
                    ("text", text(&own.words)),
                    ("at_ms", Datum::Integer(own.sent_ms)),
                    ("run", answer.get("run").clone()),
                    ("location", text(&own.location)),
                ];
                if own.is_sensitive {
                    members.push(("sensitive", Datum::Bool(true)));
                }
                if self.room.row(Kind::Message, id).is_none() {
                    self.room.put(Kind::Message, map(&members));
                }
            }
            Err(refusal) if refusal.may_pass() => self.outgoing[at].way = Way::Unconfirmed,
            Err(refusal) => self.outgoing[at].way = Way::Refused(refusal),
        }
        Vec::new()
    }

    /// Whether a message is on its way; the next one waits in its field.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.outgoing.iter().any(|message| message.way == Way::Sending)
    }

    /// Once a second: what nobody confirmed in time is told as that.
    pub(crate) fn overdue(&mut self) {
        let room = &self.room;
        self.outgoing.retain(|message| room.row(Kind::Message, &message.id).is_none());
        for message in &mut self.outgoing {
            if message.way == Way::Sending && self.now_ms - message.sent_ms >= UNCONFIRMED_MS {
                message.way = Way::Unconfirmed;
            }
        }
    }

    fn say(&mut self, words: String) -> Vec<Do> {
        let words = words.trim().to_owned();
        if words.is_empty() || self.is_read_only() {
            return Vec::new();
        }
        if self.is_sending() || !self.places_to_choose().is_empty() {
            // One after the other: what was written waits in its field.
            self.composer = words;
            let focus = Do::Focus("#composer-place");
            return if self.is_sending() { Vec::new() } else { vec![focus] };
        }
        self.said_count += 1;
        let id = ["desk-", &self.visit, "-", &self.said_count.to_string()].concat();
        let only = self.own_places().into_iter().next().filter(|_| self.place.location.is_empty());
        let location = only.unwrap_or_else(|| self.place.location.clone());
        let is_sensitive = core::mem::take(&mut self.is_sensitive);
        self.outgoing.push(Outgoing { id: id.clone(), words, location, is_sensitive, ..Outgoing::default() });
        self.send_again(&id)
    }

    fn send_again(&mut self, id: &str) -> Vec<Do> {
        let now_ms = self.now_ms;
        let Some(message) = self.outgoing.iter_mut().find(|message| message.id == id) else {
            return Vec::new();
        };
        (message.way, message.sent_ms) = (Way::Sending, now_ms);
        let mut members = vec![
            ("businessId", text(&self.place.business)),
            ("id", text(id)),
            ("text", text(&message.words)),
        ];
        if !message.location.is_empty() {
            members.push(("locationId", text(&message.location)));
        }
        if message.is_sensitive {
            members.push(("metadata", map(&[("sensitive", Datum::Bool(true))])));
        }
        let then = Then::Sent(id.to_owned());
        vec![send("POST", address(&["messages"]), map(&members), then), Do::Focus("#composer")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;

    fn act<'a>(act: &'a str, id: &'a str, value: &'a str) -> Act<'a> {
        Act { act, id, value, ..Act::default() }
    }

    fn office(me: &str) -> Office {
        let mut office = Office::at(Place::of("/agents?business=b"));
        (office.visit, office.me) = ("7".to_owned(), parse(me).ok());
        office
    }

    /// The body of what is sent for these words.
    fn said(office: &mut Office, words: &str) -> Option<Datum> {
        office.act(act("compose", "", words));
        match office.act(act("send", "", "")).into_iter().next()? {
            Do::Ask(request) => request.body,
            _ => None,
        }
    }

    const ANA: &str = r#"{"roles":["coordinator"],"locations":["*"]}"#;

    #[test]
    fn a_message_has_an_id_of_its_own_and_keeps_it_when_it_is_sent_again() {
        let mut office = office(ANA);
        let body = said(&mut office, " two gates ").unwrap();
        assert_eq!((body.text("id"), body.text("text")), ("desk-7-1", "two gates"));
        assert_eq!((body.get("locationId"), body.get("metadata")), (&Datum::Nil, &Datum::Nil));
        assert!(said(&mut office, "more").is_none(), "one after the other");
        assert_eq!(office.composer, "more");
        office.beat(9_999);
        assert!(office.is_sending());
        office.beat(10_000);
        assert_eq!(office.outgoing[0].way, Way::Unconfirmed);
        assert_eq!(said(&mut office, "more").unwrap().text("id"), "desk-7-2", "nothing is held up by it");
        let again = office.act(act("retry", "desk-7-1", ""));
        assert!(
            matches!(&again[0], Do::Ask(request) if request.body.as_ref().unwrap().text("id") == "desk-7-1")
        );
        office.said(&parse(r#"{"id":"desk-7-1","text":"two gates"}"#).unwrap());
        assert_eq!(office.outgoing.len(), 1);
        office.act(act("drop", "desk-7-2", ""));
        assert!(office.outgoing.is_empty());
    }

    #[test]
    fn an_answer_confirms_a_message_though_the_room_is_silent() {
        let mut office = office(ANA);
        said(&mut office, "two gates");
        let id = || Then::Sent("desk-7-1".to_owned());
        let refusal = |status| Refusal { status, ..Refusal::default() };
        office.answered(id(), Err(refusal(502)));
        assert_eq!(office.outgoing[0].way, Way::Unconfirmed);
        office.answered(id(), Err(refusal(422)));
        assert_eq!(office.outgoing[0].way, Way::Refused(refusal(422)));
        office.answered(id(), Ok(parse(r#"{"id":"desk-7-1","run":"r"}"#).unwrap()));
        assert!(office.outgoing.is_empty());
        let row = office.room.row(Kind::Message, "desk-7-1").unwrap();
        assert_eq!((row.text("text"), row.text("run")), ("two gates", "r"));
    }

    #[test]
    fn what_is_marked_sensitive_is_sent_as_that_and_known_to_who_wrote_it() {
        let mut office = office(ANA);
        office.act(act("sensitive", "", "true"));
        let body = said(&mut office, "passport X1").unwrap();
        assert!(body.get("metadata").is("sensitive") && !office.is_sensitive, "it is for one message");
        let told = r#"{"id":"desk-7-1","text":"•••","from":"user","sensitive":true}"#;
        office.said(&parse(told).unwrap());
        assert_eq!(office.room.row(Kind::Message, "desk-7-1").unwrap().text("text"), "passport X1");
    }

    #[test]
    fn whoever_is_bound_to_places_says_for_which_one() {
        let mut one = office(r#"{"roles":["coordinator"],"locations":["EWR"]}"#);
        assert_eq!(said(&mut one, "hi").unwrap().text("locationId"), "EWR");
        let mut two = office(r#"{"roles":["coordinator"],"locations":["EWR","JFK"]}"#);
        assert!(said(&mut two, "hi").is_none());
        assert_eq!((two.places_to_choose().len(), two.composer.as_str()), (2, "hi"));
        two.act(act("location", "", "JFK"));
        assert_eq!(said(&mut two, "hi").unwrap().text("locationId"), "JFK");
        let mut admin = office(r#"{"roles":["admin"],"locations":["EWR","JFK"]}"#);
        assert!(said(&mut admin, "hi").is_some());
    }

    #[test]
    fn a_business_that_is_gone_leads_to_the_first_one_there_is() {
        let mut office = Office::at(Place::of("/agents?business=gone"));
        office.begin(None);
        let refusal = Refusal { status: 404, ..Refusal::default() };
        let doing = office.answered(Then::Snapshot("gone".to_owned()), Err(refusal));
        let asked = doing.iter().find_map(|doing| match doing {
            Do::Ask(request) => Some(request.address.as_str()),
            _ => None,
        });
        assert_eq!(asked, Some("/api/v1/agents"));
        let answer = parse(r#"{"businesses":[{"businessId":"b"}]}"#).map_err(|_| Refusal::default());
        office.answered(Then::Snapshot(String::new()), answer);
        assert_eq!(office.place.business, "b");
    }

    #[test]
    fn who_may_only_look_says_nothing() {
        let mut office = office(r#"{"roles":["viewer"]}"#);
        assert!(said(&mut office, "x").is_none());
    }
}
