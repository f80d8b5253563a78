//! What a press or a word asks for, and what the desk then asks of the browser and of the server.

use crate::state::agents::place::Place;
use crate::state::agents::room::Kind;
use crate::text::{Locale, Term};
use inflight_wire::{ClientFrame, Datum};

/// Something that was pressed or typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Act<'a> {
    /// What: the `data-act` of the element, or what a key stands for.
    pub act: &'a str,
    /// On what: its `data-id`.
    pub id: &'a str,
    /// Which field: its `data-name`.
    pub name: &'a str,
    /// What stands in the field.
    pub value: &'a str,
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Do {
    /// Ask the server.
    Ask(Box<Request>),
    /// Send a frame.
    Send(Box<ClientFrame>),
    /// Go to a place; it takes the place of the one before in the browser's history if that is said.
    Go(Box<Place>, bool),
    /// Put the focus on what a selector finds.
    Focus(&'static str),
    /// Tell in passing: words, and what stands at their `{}`.
    Toast(Term, String),
    /// Hand out a file: its name and text.
    Download(String, String),
    /// Keep this in the browser's storage.
    Keep(&'static str, String),
    /// Come back to [`crate::state::agents::office::Office::soon`] when nothing was typed for a moment.
    Soon,
}

/// A question to the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Where.
    pub address: String,
    /// What is sent along.
    pub body: Option<Datum>,
    /// What the answer is for.
    pub then: Then,
}

/// What an answer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Who looks at this.
    Me,
    /// All rows of this business; of none to learn which there are.
    Snapshot(String),
    /// The message of this identifier was sent.
    Sent(String),
    /// Rows of this kind before a moment.
    Older(Kind, i64),
    /// Decisions were looked for: the address that asked.
    Found(String),
    /// These reviews were decided; the words tell how.
    Decided(Vec<String>, bool),
    /// A decision was taken back.
    Undone(String),
    /// A run was opened.
    Run(String),
    /// The state of a run after this event.
    State(String, i64),
    /// A run was replayed.
    Verified(String),
    /// A run was forked.
    Forked,
    /// A run was cancelled.
    Cancelled,
    /// A form was saved: its key.
    Saved(String),
    /// Something was done to a schedule, told in these words.
    Done(Term),
    /// The business of this name.
    Business(String),
    /// The versions of a model.
    Versions(String),
    /// The preview of a model in a language.
    Previewed(String, Locale),
    /// A run is handed out as a file.
    Export(String),
}

/// Why the server did not do it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The status; 0 where there was no answer.
    pub status: u16,
    /// A word that can be searched.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The field that is wrong.
    pub field: String,
}

impl Refusal {
    /// Reads the body of an error; what is none leaves the status alone.
    #[must_use]
    pub fn read(status: Option<u16>, body: &Datum) -> Self {
        let error = body.get("error");
        let status = status.unwrap_or(0);
        let code = error.text("code");
        Self {
            status,
            code: match (code, status) {
                ("", 0) => "offline".to_owned(),
                ("", _) => format!("http_{status}"),
                _ => code.to_owned(),
            },
            message: error.text("message").to_owned(),
            field: error.text("field").to_owned(),
        }
    }

    /// Whether trying again can help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self.status, 0 | 408 | 429 | 500..)
    }
}

/// A question without a body.
#[must_use]
pub fn get(address: String, then: Then) -> Do {
    Do::Ask(Box::new(Request { method: "GET", address, body: None, then }))
}

/// Something that the server is to do.
#[must_use]
pub fn send(method: &'static str, address: String, body: Datum, then: Then) -> Do {
    Do::Ask(Box::new(Request { method, address, body: Some(body), then }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;

    #[test]
    fn refusals_are_read_in_the_shape_of_the_house() {
        let body = parse(r#"{"error":{"code":"bad_value","message":"no","field":"cron"}}"#).unwrap();
        let refusal = Refusal::read(Some(400), &body);
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_str(), refusal.may_pass()),
            ("bad_value", "cron", false)
        );
        assert_eq!(Refusal::read(Some(502), &Datum::Nil).code, "http_502");
        let offline = Refusal::read(None, &Datum::Nil);
        assert_eq!((offline.code.as_str(), offline.may_pass()), ("offline", true));
    }
}
