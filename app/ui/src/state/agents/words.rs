//! Changing message models: parameters, previews in both languages, versions, and what is sent.

use crate::state::agents::doing::{Do, Refusal, Then, get, send};
use crate::state::agents::edit::fault;
use crate::state::agents::form::{map, text};
use crate::state::agents::office::{Office, address};
use crate::state::agents::place::{NEW, Place, Section};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::state::percent::encode;
use crate::text::{Locale, Term, parse_decimal};
use inflight_wire::Datum;

/// Fields of a parameter in a model's form, each after its number: `0.name`.
pub const PARAMETER: [&str; 5] = ["name", "type", "required", "description", "choices"];

/// What is typed of a parameter, in the order of [`PARAMETER`].
pub type Parameter = [String; 5];

/// Parameters of a model at most.
pub const MOST_PARAMETERS: usize = 40;

impl Office {
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

    /// What is sent of the model in front.
    pub(crate) fn model(&self, id: &str) -> Result<(&'static str, String, Datum), Refusal> {
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

    pub(crate) fn look_at_model(&mut self) -> Vec<Do> {
        let Some(code) = self.place.id.clone() else { return Vec::new() };
        (self.previews, self.preview_due) = ([None, None], false);
        let mut doing = self.ask_previews();
        if code != NEW && self.versions.0 != code {
            let query = format!(
                "{}?business={}",
                address(&["models", &code, "versions"]),
                encode(&self.place.business)
            );
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

    /// Asks what the model in front looks like, in both languages.
    pub(crate) fn ask_previews(&self) -> Vec<Do> {
        let wanted = self.place.section == Section::Models && self.may_edit();
        let Some(id) = self.place.id.clone().filter(|_| wanted) else { return Vec::new() };
        let Datum::Map(mut members) = self.model_body(&id) else { return Vec::new() };
        let values = self.parameters(&id).into_iter().filter_map(|[name, kind, ..]| {
            let value = self.typed(&id, &["value.", &name].concat(), "");
            (!value.is_empty()).then(|| (name, sample(&kind, value)))
        });
        members.retain(|(name, _)| matches!(name.as_str(), "messageTemplate" | "parameters"));
        members.push(("values".to_owned(), Datum::Map(values.collect())));
        let ask = |locale: Locale| {
            let mut members = members.clone();
            members.push(("locale".to_owned(), text(locale.tag())));
            let then = Then::Previewed(id.clone(), locale);
            send("POST", address(&["models", "preview"]), Datum::Map(members), then)
        };
        [Locale::En, Locale::Ro].into_iter().map(ask).collect()
    }

    pub(crate) fn set_parameters(&mut self, count: usize) {
        let id = self.place.id.clone().unwrap_or_default();
        let form = self.forms.entry(self.form_key(&id)).or_default();
        form.typed.insert("parameters".to_owned(), count.min(MOST_PARAMETERS).to_string());
        self.preview_due = true;
    }

    pub(crate) fn remove_parameter(&mut self, id: &str, gone: usize) -> Vec<Do> {
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
    pub(crate) fn restore(&mut self, id: &str) -> Vec<Do> {
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
