//! Fields that people fill in: what they hold as text, what they mean, and what is wrong with them.

use crate::state::agents::diff::{Change, changes};
use crate::text::{decimal, parse_decimal};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;
use std::collections::BTreeMap;

/// What was typed, by the name of the field.
pub type Typed = BTreeMap<String, String>;

/// A field of the payload that who decides may change.
#[derive(Clone, Debug, PartialEq)]
pub struct Editable {
    /// The payload's member.
    pub name: String,
    /// `text`, `number`, `choice`, `boolean` or `time`.
    pub kind: String,
    /// What people read.
    pub label: String,
    /// Of a choice: values.
    pub choices: Vec<String>,
    /// Of a number: the least.
    pub min: Option<f64>,
    /// Of a number: the greatest.
    pub max: Option<f64>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Something must stand here.
    Empty,
    /// A number is expected.
    NoNumber,
    /// The least that may stand here.
    Below(f64),
    /// The greatest.
    Above(f64),
    /// One of the choices is expected.
    NoChoice,
    /// A time with its zone is expected.
    NoTime,
}

/// A payload as it was edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// All of it.
    pub payload: Datum,
    /// What differs from the proposed one.
    pub changes: Vec<Change>,
    /// What is wrong, by the name of the field.
    pub faults: Vec<(String, Fault)>,
}

impl Editable {
    /// The fields that a review lets people change.
    #[must_use]
    pub fn of(review: &Datum) -> Vec<Self> {
        let read = |row: &Datum| {
            let name = row.text("name").to_owned();
            let label = row.text("label");
            let plain =
                |value: &Datum| if let Datum::Text(text) = value { text.clone() } else { shown(value) };
            Self {
                label: if label.is_empty() { name.clone() } else { label.to_owned() },
                name,
                kind: row.text("type").to_owned(),
                choices: row.get("choices").list().iter().map(plain).collect(),
                min: row.get("min").number(),
                max: row.get("max").number(),
            }
        };
        review.get("editable").list().iter().map(read).collect()
    }

    /// What a text in this field means. What was not a text before is none after it.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(&self, text: &str) -> Result<Datum, Fault> {
        let text = text.trim();
        match self.kind.as_str() {
            "boolean" => Ok(Datum::Bool(text == "true")),
            "number" => self.number(text),
            _ if text.is_empty() => Err(Fault::Empty),
            "choice" if !self.choices.iter().any(|choice| choice == text) => Err(Fault::NoChoice),
            "time" if UnixMillis::parse_rfc3339(text).is_none() => Err(Fault::NoTime),
            _ => Ok(Datum::Text(text.to_owned())),
        }
    }

    fn number(&self, text: &str) -> Result<Datum, Fault> {
        let text = text.replace(',', ".").replace(['\u{a0}', ' '], "").replace('\u{2212}', "-");
        let scaled = parse_decimal(&text, 6).ok_or(Fault::NoNumber)?;
        let number = scaled as f64 / 1e6;
        if let Some(min) = self.min.filter(|min| number < *min) {
            return Err(Fault::Below(min));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            return Err(Fault::Above(max));
        }
        let whole = scaled % 1_000_000 == 0;
        Ok(if whole { Datum::Integer(scaled / 1_000_000) } else { Datum::Float(number) })
    }
}

/// A value as it stands in a field.
#[must_use]
pub fn shown(value: &Datum) -> String {
    match value {
        Datum::Nil => String::new(),
        Datum::Text(text) => text.clone(),
        Datum::Bool(truth) => truth.to_string(),
        Datum::Integer(number) => number.to_string(),
        Datum::Float(number) => number_text(*number),
        other => crate::state::system::json::json(other),
    }
}

/// A number as people type it: at most six decimals.
#[must_use]
pub fn number_text(number: f64) -> String {
    decimal((number * 1e6).round() as i64, 6)
}

/// The payload of a review with what was typed in its fields.
#[must_use]
pub fn edited(review: &Datum, typed: &Typed) -> Edited {
    let before = review.get("action").get("payload");
    let Datum::Map(mut members) = before.clone() else {
        return Edited { payload: before.clone(), changes: Vec::new(), faults: Vec::new() };
    };
    let mut faults = Vec::new();
    for field in Editable::of(review) {
        let Some(text) = typed.get(&field.name) else { continue };
        let old = before.get(&field.name);
        // What was not touched stays what it was, whatever the field makes of it.
        if *text == shown(old) {
            continue;
        }
        match field.read(text) {
            Ok(value) => match members.iter_mut().find(|(name, _)| *name == field.name) {
                Some((_, own)) => *own = value,
                None => members.push((field.name, value)),
            },
            Err(fault) => faults.push((field.name, fault)),
        }
    }
    let payload = Datum::Map(members);
    let changes = changes(before, &payload);
    Edited { payload, changes, faults }
}

/// A map of texts as a value, for requests.
#[must_use]
pub fn map(members: &[(&str, Datum)]) -> Datum {
    Datum::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// A text as a value.
#[must_use]
pub fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::system::json::json;

    const REVIEW: &str = r#"{
        "action": {"payload": {"price": 120.5, "gate": "A1", "urgent": false, "at": "2026-11-21T20:00:00Z", "note": "x"}},
        "editable": [
            {"name": "price", "type": "number", "label": "Price", "min": 100, "max": 200},
            {"name": "gate", "type": "choice", "label": "Gate", "choices": ["A1", "B2"]},
            {"name": "urgent", "type": "boolean"},
            {"name": "at", "type": "time"},
            {"name": "note", "type": "text"}
        ]
    }"#;

    fn check(name: &str, value: &str, expected: Result<(&str, &str), Fault>) {
        let review = parse(REVIEW).unwrap();
        let typed = Typed::from([(name.to_owned(), value.to_owned())]);
        let edited = edited(&review, &typed);
        match expected {
            Ok(("", to)) => {
                assert_eq!((to, edited.changes.len(), edited.faults.len()), ("", 0, 0), "{name} {value}");
            }
            Ok((path, to)) => {
                let change = edited.changes.first().unwrap_or_else(|| panic!("{name} {value}: {edited:?}"));
                assert_eq!((change.path.as_str(), json(change.to.as_ref().unwrap()).as_str()), (path, to));
            }
            Err(fault) => assert_eq!(edited.faults, [(name.to_owned(), fault)], "{name} {value}"),
        }
    }

    #[test]
    fn an_edit_is_checked_and_told_as_a_difference() {
        check("price", "150", Ok(("price", "150")));
        check("price", "150,25", Ok(("price", "150.25")));
        check("price", "120.5", Ok(("", "")));
        check("price", "99.9", Err(Fault::Below(100.0)));
        check("price", "201", Err(Fault::Above(200.0)));
        check("price", "much", Err(Fault::NoNumber));
        check("gate", "B2", Ok(("gate", "\"B2\"")));
        check("gate", "C3", Err(Fault::NoChoice));
        check("urgent", "true", Ok(("urgent", "true")));
        check("at", "2026-11-21T21:00:00+01:00", Ok(("at", "\"2026-11-21T21:00:00+01:00\"")));
        check("at", "tomorrow", Err(Fault::NoTime));
        check("note", " ", Err(Fault::Empty));
        check("other", "1", Ok(("", "")));
    }
}
