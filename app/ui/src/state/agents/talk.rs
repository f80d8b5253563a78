//! Talking with the assistant: the message that is written, sent, and tried again.

use crate::state::agents::doing::{Act, Do, Refusal, Then, send};
use crate::state::agents::form::{map, text};
use crate::state::agents::office::{Office, address};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use inflight_wire::Datum;

/// A message is at most this long, in letters.
pub const LONGEST: usize = 4000;

impl Office {
    /// Something was done about a message.
    pub(crate) fn talk(&mut self, act: Act<'_>) -> Vec<Do> {
        match act.act {
            "compose" => {
                self.composer = act.value.chars().take(LONGEST).collect();
                Vec::new()
            }
            "suggest" => self.say(act.id.to_owned()),
            "retry" => match self.unsent.take() {
                Some((words, _)) => self.say(words),
                None => self.say(act.id.to_owned()),
            },
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

    /// A message of a person was told to all: the one that is on its way, if it is the same.
    pub(crate) fn said(&mut self, row: &Datum) {
        if self.sending.as_deref().is_some_and(|words| words.trim() == row.text("text").trim()) {
            self.sending = None;
        }
    }

    pub(crate) fn sent(&mut self, answer: Result<Datum, Refusal>) -> Vec<Do> {
        if let Err(refusal) = answer
            && let Some(words) = self.sending.take()
        {
            self.unsent = Some((words, refusal));
        }
        Vec::new()
    }

    fn say(&mut self, words: String) -> Vec<Do> {
        let words = words.trim().to_owned();
        if words.is_empty() || self.is_read_only() {
            return Vec::new();
        }
        if self.sending.is_some() {
            // One after the other: what was written waits in its field.
            self.composer = words;
            return Vec::new();
        }
        let mut members = vec![("businessId", text(&self.place.business)), ("text", text(&words))];
        if !self.place.location.is_empty() {
            members.push(("locationId", text(&self.place.location)));
        }
        self.unsent = None;
        self.sending = Some(words);
        vec![send("POST", address(&["messages"]), map(&members), Then::Sent), Do::Focus("#composer")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;

    fn act<'a>(act: &'a str, value: &'a str) -> Act<'a> {
        Act { act, value, ..Act::default() }
    }

    #[test]
    fn a_message_that_does_not_get_through_can_be_tried_again() {
        let mut office = Office::at(Place::of("/agents?business=b"));
        office.act(act("compose", " two gates "));
        let doing = office.act(act("send", ""));
        assert!(
            matches!(&doing[0], Do::Ask(request) if request.body.as_ref().is_some_and(|body| body.text("text") == "two gates"))
        );
        office.act(act("compose", "more"));
        assert!(office.act(act("send", "")).is_empty(), "one after the other");
        assert_eq!(office.composer, "more");
        office.answered(Then::Sent, Err(Refusal::default()));
        assert_eq!(office.unsent.as_ref().map(|(words, _)| words.as_str()), Some("two gates"));
        assert_eq!(office.act(act("retry", "")).len(), 2);
        office.said(&parse(r#"{"text":"two gates"}"#).unwrap());
        assert!(office.sending.is_none() && office.unsent.is_none());
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
        let mut office = Office::at(Place::of("/agents?business=b"));
        office.me = parse(r#"{"roles":["viewer"]}"#).ok();
        office.act(act("compose", "x"));
        assert!(office.act(act("send", "")).is_empty());
    }
}
