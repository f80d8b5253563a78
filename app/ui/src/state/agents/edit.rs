//! Changing schedules, message models and resources: from what was typed to what is sent.

use crate::state::agents::cron::Cron;
use crate::state::agents::doing::{Act, Do, Refusal, Then, get, send};
use crate::state::agents::form::{map, text};
use crate::state::agents::office::{Form, Office, address, refused};
use crate::state::agents::parse::parse;
use crate::state::agents::place::{NEW, Place, Section};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::state::percent::encode;
use crate::text::{Term, parse_decimal};
use inflight_wire::Datum;

/// Fields of a schedule's form.
pub const SCHEDULE: [&str; 6] = ["name", "cron", "time_zone", "agent", "input", "missed"];

/// Fields of a parameter in a model's form, each after its number: `0.name`.
pub const PARAMETER: [&str; 5] = ["name", "type", "required", "description", "choices"];

/// What is typed of a parameter, in the order of [`PARAMETER`].
pub type Parameter = [String; 5];

/// Parameters of a model at most.
pub const MOST_PARAMETERS: usize = 40;

impl Office {
    pub(crate) fn edit(&mut self, act: Act<'_>) -> Option<Vec<Do>> {
        let id = self.place.id.clone();
        Some(match (self.place.section, act.act) {
            (Section::Schedules, "run-now") => vec![post(&["schedules", &id?, "run"], Term::SaidRunNow)],
            (Section::Schedules, "pause") => vec![post(&["schedules", &id?, "pause"], Term::SaidPaused)],
            (Section::Schedules, "resume") => vec![post(&["schedules", &id?, "resume"], Term::SaidResumed)],
            (Section::Schedules, "cancel-schedule") => {
                let address = address(&["schedules", &id?]);
                vec![send("DELETE", address, Datum::Nil, Then::Done(Term::SaidScheduleCancelled))]
            }
            (Section::Schedules, "save") => self.save(&id?, Self::schedule),
            (Section::Models, "save") => self.save(&id?, Self::model),
            (Section::Resources, "save") => self.save(&id?, Self::resource),
            (Section::Resources, "delete") => {
                let (business, id) = (encode(&self.place.business), encode(&id?));
                let address = format!("{}?business={business}&id={id}", address(&["resources"]));
                vec![send("DELETE", address, Datum::Nil, Then::Done(Term::SaidDeleted))]
            }
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

    /// The parameters of the model in front as they are typed: name, type, whether required, description.
    #[must_use]
    pub fn parameters(&self, id: &str) -> Vec<Parameter> {
        let row = self.room.row(Kind::Model, id).unwrap_or(&Datum::Nil).get("parameters").list();
        let count = self.typed(id, "parameters", &row.len().to_string()).parse().unwrap_or(0);
        let read = |place: usize| {
            let before = row.get(place).unwrap_or(&Datum::Nil);
            PARAMETER.map(|name| {
                let old = match name {
                    "required" => before.is("required").to_string(),
                    "type" if before.text("type").is_empty() => "text".to_owned(),
                    "choices" => choices_text(before),
                    name => before.text(name).to_owned(),
                };
                self.typed(id, &format!("{place}.{name}"), &old)
            })
        };
        (0..count.min(MOST_PARAMETERS)).map(read).collect()
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
        members.push(("input", map(&[("text", text(&value("input")))])));
        let (method, parts): (_, &[&str]) =
            if id == NEW { ("POST", &["schedules"]) } else { ("PUT", &["schedules", id]) };
        Ok((method, address(parts), map(&members)))
    }

    /// What is sent of the model in front.
    fn model(&self, id: &str) -> Result<(&'static str, String, Datum), Refusal> {
        let code = if id == NEW { self.typed(id, "decisionCode", "") } else { id.to_owned() };
        if code.trim().is_empty() {
            return Err(fault("decisionCode"));
        }
        if self.template(id).trim().is_empty() {
            return Err(fault("messageTemplate"));
        }
        let Datum::Map(mut members) = self.model_body(id) else { return Err(fault("messageTemplate")) };
        members.insert(0, ("decisionCode".to_owned(), text(code.trim())));
        members.insert(0, ("business".to_owned(), text(&self.place.business)));
        if let Some(row) = self.room.row(Kind::Model, id) {
            members.push(("version".to_owned(), row.get("version").clone()));
        }
        Ok(("PUT", address(&["models"]), Datum::Map(members)))
    }

    /// The template in front as it is typed.
    #[must_use]
    pub fn template(&self, id: &str) -> String {
        let row = self.room.row(Kind::Model, id).map_or("", |row| row.text("messageTemplate"));
        self.typed(id, "messageTemplate", row)
    }

    fn model_body(&self, id: &str) -> Datum {
        let row = self.room.row(Kind::Model, id).cloned().unwrap_or_default();
        let parameter = |[name, kind, required, description, choices]: Parameter| {
            let mut members = vec![
                ("name", text(name.trim())),
                ("type", text(&kind)),
                ("required", Datum::Bool(required == "true")),
            ];
            if !description.trim().is_empty() {
                members.push(("description", text(description.trim())));
            }
            if kind == "choice" {
                let each = choices.split(',').map(str::trim).filter(|choice| !choice.is_empty());
                members.push(("choices", Datum::List(each.map(text).collect())));
            }
            map(&members)
        };
        let named = self.parameters(id).into_iter().filter(|parameter| !parameter[0].trim().is_empty());
        let mut members = vec![
            ("messageTemplate", text(&self.template(id))),
            ("parameters", Datum::List(named.map(parameter).collect())),
        ];
        for name in ["businessType", "locationContext"] {
            let value = self.typed(id, name, row.text(name));
            if !value.trim().is_empty() {
                members.push((name, text(value.trim())));
            }
        }
        map(&members)
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
        let mut doing = vec![Do::Toast(Term::SaidSaved, String::new())];
        let (kind, member) = match self.place.section {
            Section::Schedules => (Kind::Schedule, "schedule"),
            Section::Models => (Kind::Model, "model"),
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

    pub(crate) fn look_at_model(&mut self) -> Vec<Do> {
        let Some(code) = self.place.id.clone() else { return Vec::new() };
        (self.preview, self.preview_due) = (None, false);
        let mut doing = self.ask_preview();
        if code != NEW && self.versions.0 != code {
            let query =
                format!("{}?business={}", address(&["models", &code, "versions"]), self.place.business);
            doing.push(get(query, Then::Versions(code)));
        }
        doing
    }

    /// The versions of a model, as far as they are known, the newest first.
    #[must_use]
    pub fn versions_of(&self, code: &str) -> &[Datum] {
        if self.versions.0 == code { &self.versions.1 } else { &[] }
    }

    pub(crate) fn versions_came(&mut self, code: String, answer: &Datum) -> Vec<Do> {
        let list = if answer.list().is_empty() { answer.get("versions").list() } else { answer.list() };
        let mut versions: Vec<&Datum> = list.iter().collect();
        sort(&mut versions, &|row| (-row.integer("version").unwrap_or(0), 0, String::new()));
        self.versions = (code, versions.into_iter().cloned().collect());
        Vec::new()
    }

    pub(crate) fn ask_preview(&self) -> Vec<Do> {
        let wanted = self.place.section == Section::Models && self.may_edit();
        let Some(id) = self.place.id.clone().filter(|_| wanted) else { return Vec::new() };
        let Datum::Map(mut members) = self.model_body(&id) else { return Vec::new() };
        let values = self.parameters(&id).into_iter().filter_map(|[name, kind, ..]| {
            let value = self.typed(&id, &["value.", &name].concat(), "");
            (!value.is_empty()).then(|| (name, sample(&kind, value)))
        });
        members.retain(|(name, _)| matches!(name.as_str(), "messageTemplate" | "parameters"));
        members.push(("values".to_owned(), Datum::Map(values.collect())));
        vec![send("POST", address(&["models", "preview"]), Datum::Map(members), Then::Previewed(id))]
    }

    fn set_parameters(&mut self, count: usize) {
        let id = self.place.id.clone().unwrap_or_default();
        let form = self.forms.entry(self.form_key(&id)).or_default();
        form.typed.insert("parameters".to_owned(), count.min(MOST_PARAMETERS).to_string());
        self.preview_due = true;
    }

    fn remove_parameter(&mut self, id: &str, gone: usize) -> Vec<Do> {
        let mut all = self.parameters(id);
        if gone < all.len() {
            all.remove(gone);
        }
        self.write_parameters(id, &all);
        vec![Do::Soon]
    }

    fn write_parameters(&mut self, id: &str, all: &[Parameter]) {
        let form = self.forms.entry(self.form_key(id)).or_default();
        for (place, parameter) in all.iter().enumerate() {
            for (name, value) in PARAMETER.iter().zip(parameter) {
                form.typed.insert(format!("{place}.{name}"), value.clone());
            }
        }
        self.set_parameters(all.len());
    }

    /// Puts the version that is looked at into the form; nothing is sent before it is saved.
    fn restore(&mut self, id: &str) -> Vec<Do> {
        let wanted = self.place.version;
        let found = self.versions_of(id).iter().find(|row| row.integer("version") == wanted);
        let Some(version) = found.cloned() else { return Vec::new() };
        let read = |row: &Datum| {
            [
                row.text("name").to_owned(),
                row.text("type").to_owned(),
                row.is("required").to_string(),
                row.text("description").to_owned(),
                choices_text(row),
            ]
        };
        let parameters: Vec<Parameter> = version.get("parameters").list().iter().map(read).collect();
        let form = self.forms.entry(self.form_key(id)).or_default();
        form.typed.insert("messageTemplate".to_owned(), version.text("messageTemplate").to_owned());
        self.write_parameters(id, &parameters);
        let place = Place { version: None, ..self.place.clone() };
        let mut doing = self.go(place);
        doing.extend([Do::Soon, Do::Toast(Term::SaidRestored, String::new())]);
        doing
    }
}

/// What was typed as a sample, as a value of its type.
fn sample(kind: &str, typed: String) -> Datum {
    let number = parse_decimal(&typed.replace(',', "."), 6).filter(|_| kind == "number");
    match (kind, number) {
        ("list", _) => Datum::List(typed.split(',').map(|part| text(part.trim())).collect()),
        (_, Some(scaled)) if scaled % 1_000_000 == 0 => Datum::Integer(scaled / 1_000_000),
        (_, Some(scaled)) => Datum::Float(scaled as f64 / 1e6),
        _ => Datum::Text(typed),
    }
}

/// The choices of a parameter as they are typed.
fn choices_text(parameter: &Datum) -> String {
    let plain = |choice: &Datum| if let Datum::Text(text) = choice { text.clone() } else { String::new() };
    parameter.get("choices").list().iter().map(plain).collect::<Vec<_>>().join(", ")
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

fn fault(field: &str) -> Refusal {
    Refusal { field: field.to_owned(), code: "bad_value".to_owned(), ..Refusal::default() }
}

fn post(parts: &[&str], words: Term) -> Do {
    send("POST", address(parts), map(&[]), Then::Done(words))
}
