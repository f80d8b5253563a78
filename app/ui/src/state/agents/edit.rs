//! Changing schedules, message models and resources: from what was typed to what is sent.

use crate::state::agents::cron::Cron;
use crate::state::agents::doing::{Act, Do, Refusal, Then, send};
use crate::state::agents::form::{map, text};
use crate::state::agents::office::{Form, Office, address, refused};
use crate::state::agents::parse::parse;
use crate::state::agents::place::{NEW, Section};
use crate::state::agents::room::Kind;
use crate::state::percent::encode;
use crate::text::Term;
use inflight_wire::Datum;

/// Fields of a schedule's form.
pub const SCHEDULE: [&str; 7] = ["name", "cron", "time_zone", "agent", "location", "input", "missed"];

/// The field of a note about a case.
pub const NOTE: &str = "text";

impl Office {
    pub(crate) fn edit(&mut self, act: Act<'_>) -> Option<Vec<Do>> {
        let id = self.place.id.clone();
        Some(match (self.place.section, act.act) {
            (Section::Schedules, "run-now") => vec![post(&["schedules", &id?, "run"], Term::SaidRunNow)],
            (Section::Schedules, "pause") => vec![post(&["schedules", &id?, "pause"], Term::Paused)],
            (Section::Schedules, "resume") => vec![post(&["schedules", &id?, "resume"], Term::SaidResumed)],
            (Section::Schedules, "cancel-schedule") => {
                let address = address(&["schedules", &id?]);
                vec![send("DELETE", address, Datum::Nil, Then::Done(Term::Cancelled))]
            }
            (Section::Schedules, "save") => self.save(&id?, Self::schedule),
            (Section::Models, "save") => self.save(&id?, Self::model),
            (Section::Resources, "save") => self.save(&id?, Self::resource),
            (Section::Business, "save") => self.save(self.business_form(), Self::business),
            (Section::Business, "location-add") => self.add_location(),
            (Section::Business, "location-remove") => self.remove_location(act.id.parse().ok()?),
            (Section::Business, "person-add") => self.add_person(),
            (Section::Business, "person-remove") => self.remove_person(act.id.parse().ok()?, true),
            (Section::Business, "person-back") => self.remove_person(act.id.parse().ok()?, false),
            (Section::Resources, "delete") => {
                let (business, id) = (encode(&self.place.business), encode(&id?));
                let address = format!("{}?business={business}&id={id}", address(&["resources"]));
                vec![send("DELETE", address, Datum::Nil, Then::Done(Term::SaidDeleted))]
            }
            (Section::Cases, "close" | "reopen" | "take" | "release" | "note") => self.case(&id?, act.act),
            (Section::Models, "parameter-add") => {
                let count = self.parameters(&id?).len();
                self.set_parameters(count + 1);
                vec![Do::Soon]
            }
            (Section::Models, "parameter-remove") => self.remove_parameter(&id?, act.id.parse().ok()?),
            (Section::Models, "restore") => self.restore(&id?),
            _ => return None,
        })
    }

    /// Something is done with the case in front; what was typed as a note goes along.
    fn case(&mut self, id: &str, act: &str) -> Vec<Do> {
        let words = self.typed(id, NOTE, "").trim().to_owned();
        let key = self.form_key(id);
        let form = self.forms.entry(key.clone()).or_default();
        if form.busy {
            return Vec::new();
        }
        if act == "note" && words.is_empty() {
            form.refused = Some(fault(NOTE));
            return vec![Do::Focus("#detail [aria-invalid=true]")];
        }
        (form.busy, form.refused) = (true, None);
        let mut members = vec![("business", text(&self.place.business)), ("act", text(act))];
        if !words.is_empty() {
            members.push((NOTE, text(&words)));
        }
        vec![send("POST", address(&["cases", id]), map(&members), Then::Saved(key))]
    }

    /// What is sent of the schedule in front.
    fn schedule(&self, id: &str) -> Result<(&'static str, String, Datum), Refusal> {
        let row = self.room.row(Kind::Schedule, id).cloned().unwrap_or_default();
        let value = |name: &'static str| {
            let before = if name == "input" { input_text(&row) } else { row.text(name).to_owned() };
            let typed = self.typed(id, name, &before).trim().to_owned();
            if typed.is_empty() { schedule_default(name, &self.zone).to_owned() } else { typed }
        };
        let name = value("name");
        if name.is_empty() {
            return Err(fault("name"));
        }
        if Cron::parse(&value("cron")).is_err() {
            return Err(fault("cron"));
        }
        let mut members: Vec<(&str, Datum)> = vec![("business", text(&self.place.business))];
        members
            .extend(SCHEDULE.iter().filter(|name| **name != "input").map(|name| (*name, text(&value(name)))));
        members.push(("input", input_with(row.get("input"), &value("input"))));
        if row.get("version") != &Datum::Nil {
            members.push(("version", row.get("version").clone()));
        }
        let (method, parts): (_, &[&str]) =
            if id == NEW { ("POST", &["schedules"]) } else { ("PUT", &["schedules", id]) };
        Ok((method, address(parts), map(&members)))
    }

    /// What is sent of the resource in front.
    fn resource(&self, id: &str) -> Result<(&'static str, String, Datum), Refusal> {
        let row = self.room.row(Kind::Resource, id).cloned().unwrap_or_default();
        let value = |name: &str| self.typed(id, name, row.text(name)).trim().to_owned();
        let own = if id == NEW { value("id") } else { id.to_owned() };
        for (name, value) in [("id", &own), ("type", &value("type")), ("name", &value("name"))] {
            if value.is_empty() {
                return Err(fault(name));
            }
        }
        let attributes = self.typed(id, "attributes", &attributes_text(&row));
        let attributes = parse(if attributes.trim().is_empty() { "{}" } else { &attributes });
        let Ok(attributes @ Datum::Map(_)) = attributes else { return Err(fault("attributes")) };
        let mut members = vec![("business", text(&self.place.business)), ("id", text(&own))];
        members.extend(["type", "name", "status"].map(|name| (name, text(&value(name)))));
        if !value("location").is_empty() {
            members.push(("location", text(&value("location"))));
        }
        members.push(("attributes", attributes));
        if id != NEW {
            members.push(("version", row.get("version").clone()));
        }
        Ok(("PUT", address(&["resources"]), map(&members)))
    }

    #[expect(clippy::type_complexity, reason = "what is sent: method, address and body")]
    fn save(
        &mut self,
        id: &str,
        make: fn(&Self, &str) -> Result<(&'static str, String, Datum), Refusal>,
    ) -> Vec<Do> {
        let made = make(self, id);
        let key = self.form_key(id);
        let form = self.forms.entry(key.clone()).or_default();
        if form.busy {
            return Vec::new();
        }
        match made {
            Ok((method, address, body)) => {
                (form.busy, form.refused) = (true, None);
                vec![send(method, address, body, Then::Saved(key))]
            }
            Err(refusal) => {
                form.refused = Some(refusal);
                vec![Do::Focus("#detail [aria-invalid=true]")]
            }
        }
    }

    pub(crate) fn saved(&mut self, key: &str, answer: Result<Datum, Refusal>) -> Vec<Do> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => {
                let words = refused(&refusal);
                let form = self.forms.entry(key.to_owned()).or_default();
                *form = Form { typed: core::mem::take(&mut form.typed), busy: false, refused: Some(refusal) };
                return vec![words, Do::Focus("#detail [aria-invalid=true]")];
            }
        };
        self.forms.remove(key);
        if key.starts_with(Section::Business.path()) {
            return self.business_saved(&answer);
        }
        let mut doing = vec![Do::Toast(Term::SaidSaved, String::new())];
        let (kind, member) = match self.place.section {
            Section::Schedules => (Kind::Schedule, "schedule"),
            Section::Models => (Kind::Model, "model"),
            Section::Cases => (Kind::Case, "case"),
            _ => (Kind::Resource, "resource"),
        };
        let row = if *answer.get(member) == Datum::Nil { &answer } else { answer.get(member) };
        let id = kind.id(row);
        if !id.is_empty() && key.starts_with(self.place.section.path()) {
            self.room.put(kind, row.clone());
            if self.place.id.as_deref() == Some(NEW) {
                doing.extend(self.go(self.place.to(self.place.section, Some(&id))));
            } else if kind == Kind::Model {
                self.versions = Default::default();
                doing.extend(self.look_at_model());
            }
        }
        doing
    }

    pub(crate) fn put_schedule(&mut self, answer: &Datum) {
        let row = if *answer.get("schedule") == Datum::Nil { answer } else { answer.get("schedule") };
        if !row.text("cron").is_empty() {
            self.room.put(Kind::Schedule, row.clone());
        }
    }
}

/// The text of a schedule's input.
#[must_use]
pub fn input_text(row: &Datum) -> String {
    match row.get("input") {
        Datum::Text(text) => text.clone(),
        input if !input.text("text").is_empty() => input.text("text").to_owned(),
        input => input.get("content").text("text").to_owned(),
    }
}

/// The input as it was read, with these words in it; what else is in it stays.
fn input_with(before: &Datum, words: &str) -> Datum {
    match before {
        Datum::Map(members) => {
            let is_inside = before.text("text").is_empty() && !before.get("content").text("text").is_empty();
            let name = if is_inside { "content" } else { "text" };
            let value = if is_inside { input_with(before.get("content"), words) } else { text(words) };
            let mut members = members.clone();
            match members.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => *own = value,
                None if words.is_empty() => {}
                None => members.push((name.to_owned(), value)),
            }
            Datum::Map(members)
        }
        Datum::Nil | Datum::Text(_) => map(&[("text", text(words))]),
        // A list or a number, as another system may have put it.
        other if words.is_empty() => other.clone(),
        other => map(&[("text", text(words)), ("data", map(&[("input", other.clone())]))]),
    }
}

/// Whether an input holds more than words.
#[must_use]
pub fn input_has_more(row: &Datum) -> bool {
    match row.get("input") {
        Datum::Map(members) => members.iter().any(|(name, _)| name != "text"),
        Datum::Nil | Datum::Text(_) => false,
        _ => true,
    }
}

/// The attributes of a resource as text.
#[must_use]
pub fn attributes_text(row: &Datum) -> String {
    match row.get("attributes") {
        Datum::Nil => "{}".to_owned(),
        attributes => crate::state::system::json::json(attributes),
    }
}

/// What stands in a field of a new schedule.
#[must_use]
pub fn schedule_default<'a>(name: &str, zone: &'a str) -> &'a str {
    match name {
        "cron" => "0 6 * * *",
        "time_zone" if zone.is_empty() => "UTC",
        "time_zone" => zone,
        "agent" => "digest",
        "missed" => "once",
        _ => "",
    }
}

/// A field in which something else is expected.
pub(crate) fn fault(field: &str) -> Refusal {
    Refusal { field: field.to_owned(), code: "bad_value".to_owned(), ..Refusal::default() }
}

fn post(parts: &[&str], words: Term) -> Do {
    send("POST", address(parts), map(&[]), Then::Done(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::place::Place;
    use crate::state::system::json::json;

    /// The input that is sent for a schedule with this one, once these words were typed.
    fn check(input: &str, words: Option<&str>, expected: &str) {
        let mut office = Office::at(Place::of("/agents/schedules?business=b&id=s"));
        let row = r#"{"schedules":[{"id":"s","name":"S","cron":"0 6 * * *","version":4,"input":INPUT}]}"#;
        office.room.fill(&parse(&row.replace("INPUT", input)).unwrap());
        if let Some(words) = words {
            office.act(Act { act: "type", id: "s", name: "input", value: words });
        }
        let doing = office.act(Act { act: "save", id: "s", ..Act::default() });
        let Some(Do::Ask(request)) = doing.first() else { panic!("{doing:?}") };
        let body = request.body.as_ref().unwrap();
        assert_eq!(body.integer("version"), Some(4));
        let sent: String = json(body.get("input")).split_whitespace().collect();
        assert_eq!(sent, expected, "{input} {words:?}");
    }

    #[test]
    fn a_note_goes_along_with_what_is_done_with_a_case_and_the_answer_shows_it() {
        let mut office = Office::at(Place::of("/agents/cases?business=b&id=c"));
        office.room.fill(&parse(r#"{"cases":[{"id":"c","status":"open","version":1}]}"#).unwrap());
        let press = |act| Act { act, id: "c", ..Act::default() };
        assert!(matches!(office.act(press("note"))[..], [Do::Focus(_)]), "a note has words");
        office.act(Act { act: "type", id: "c", name: NOTE, value: " landed " });
        let doing = office.act(press("close"));
        let Some(Do::Ask(request)) = doing.first() else { panic!("{doing:?}") };
        let sent: String = json(request.body.as_ref().unwrap()).split_whitespace().collect();
        assert_eq!(
            (request.address.as_str(), sent.as_str()),
            ("/api/v1/agents/cases/c", r#"{"business":"b","act":"close","text":"landed"}"#)
        );
        assert!(office.act(press("close")).is_empty(), "it is on its way");
        let answer = r#"{"case":{"id":"c","status":"closed","version":2}}"#;
        office.answered(request.then.clone(), parse(answer).map_err(|_| Refusal::default()));
        assert_eq!(office.room.row(Kind::Case, "c").unwrap().text("status"), "closed");
        assert!(office.form("c").is_none());
    }

    #[test]
    fn an_edit_leaves_the_fields_of_an_input_that_it_does_not_show() {
        check(r#"{"data":{"gates":["B12"]}}"#, None, r#"{"data":{"gates":["B12"]}}"#);
        check(r#"{"text":"a","data":{"n":1}}"#, Some("b"), r#"{"text":"b","data":{"n":1}}"#);
        check(r#"{"n":1}"#, Some("b"), r#"{"n":1,"text":"b"}"#);
        check(r#"{"content":{"text":"a","data":{}}}"#, Some("b"), r#"{"content":{"text":"b","data":{}}}"#);
        check(r#"[1]"#, None, "[1]");
        check(r#""a""#, Some("b"), r#"{"text":"b"}"#);
        check("null", Some("b"), r#"{"text":"b"}"#);
    }
}
