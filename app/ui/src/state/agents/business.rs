//! The business itself: what it is called, where it is, and by what its agents go; from what was typed to what is sent.

use crate::state::agents::doing::{Do, Refusal, Then, get};
use crate::state::agents::edit::fault;
use crate::state::agents::form::{map, shown, text};
use crate::state::agents::office::{Office, address};
use crate::state::agents::place::{NEW, Place, Section};
use crate::text::{Term, parse_decimal};
use inflight_wire::Datum;

/// The name of the form of the business that is there.
pub const OWN: &str = "business";

/// What is typed of a place, each after its number: `0.locationId`.
pub const LOCATION: [&str; 3] = ["locationId", "name", "type"];

/// Places of a business at most.
pub const MOST_LOCATIONS: usize = 100;

/// Settings that agents go by. The server refuses others, which older rows may have.
pub const SETTINGS: [&str; 7] =
    ["locale", "timeZone", "confidenceMin", "amountMax", "fleet", "streams", "budget"];

/// Limits of one run that agents go by.
pub const RUN_LIMITS: [&str; 5] = ["tokens", "costDollars", "steps", "timeSeconds", "onCrossing"];

/// Settings that are numbers, with the largest value that is taken.
const NUMBERS: [(&str, f64); 2] = [("confidenceMin", 1.0), ("amountMax", 1e12)];

/// Limits of one run, with the largest value that is taken.
const LIMITS: [(&str, f64); 2] = [("tokens", 1e9), ("costDollars", 1e6)];

/// What stands before the names of limits of a run.
const BUDGET: &str = "budget.";

/// The business in front as the server has it.
#[derive(Debug, Default)]
pub struct Own {
    /// Its row.
    pub row: Datum,
    /// Why it is not known.
    pub refused: Option<Refusal>,
}

impl Office {
    /// The name of the form in front.
    #[must_use]
    pub fn business_form(&self) -> &'static str {
        if self.place.id.as_deref() == Some(NEW) { NEW } else { OWN }
    }

    /// Whether there is no business at all that whoever looks may see.
    #[must_use]
    pub fn has_no_business(&self) -> bool {
        self.room.has_data && self.room.businesses.is_empty()
    }

    pub(crate) fn look_at_business(&mut self) -> Vec<Do> {
        let id = self.place.business.clone();
        if self.place.section != Section::Business || id.is_empty() || self.business_form() == NEW {
            return Vec::new();
        }
        vec![get(address(&["businesses", &id]), Then::Business(id))]
    }

    pub(crate) fn business_came(&mut self, id: &str, answer: Result<Datum, Refusal>) -> Vec<Do> {
        if id == self.place.business {
            self.own = match answer {
                Ok(answer) => Own { row: answer.get("business").clone(), refused: None },
                Err(refusal) => Own { row: core::mem::take(&mut self.own.row), refused: Some(refusal) },
            };
        }
        Vec::new()
    }

    /// The row that the form in front begins with.
    #[must_use]
    pub fn business_row(&self) -> &Datum {
        if self.business_form() == NEW { &Datum::Nil } else { &self.own.row }
    }

    /// What stands in a field of the form.
    #[must_use]
    pub fn business_value(&self, name: &str) -> String {
        let row = self.business_row();
        let settings = row.get("settings");
        let before = match name {
            "name" | "type" => row.text(name).to_owned(),
            "fleet" => {
                let all: Vec<String> = settings.get("fleet").list().iter().map(shown).collect();
                all.join(", ")
            }
            "timeZone" if self.business_form() == NEW => self.zone.clone(),
            name => match name.strip_prefix(BUDGET) {
                Some(limit) => shown(settings.get("budget").get(limit)),
                None => shown(settings.get(name)),
            },
        };
        self.typed(self.business_form(), name, &before)
    }

    /// The places as they are typed.
    #[must_use]
    pub fn locations(&self) -> Vec<[String; 3]> {
        let (form, rows) = (self.business_form(), self.business_row().get("locations").list());
        let count = self.typed(form, "locations", &rows.len().to_string()).parse().unwrap_or(0);
        let read = |place: usize| {
            let before = rows.get(place).unwrap_or(&Datum::Nil);
            LOCATION.map(|name| self.typed(form, &format!("{place}.{name}"), before.text(name)))
        };
        (0..count.min(MOST_LOCATIONS)).map(read).collect()
    }

    pub(crate) fn add_location(&mut self) -> Vec<Do> {
        let mut all = self.locations();
        all.push(Default::default());
        self.write_locations(&all);
        vec![Do::Focus(".location:last-child input")]
    }

    pub(crate) fn remove_location(&mut self, gone: usize) -> Vec<Do> {
        let mut all = self.locations();
        if gone < all.len() {
            all.remove(gone);
        }
        self.write_locations(&all);
        vec![Do::Focus("#location-add")]
    }

    fn write_locations(&mut self, all: &[[String; 3]]) {
        let form = self.forms.entry(self.form_key(self.business_form())).or_default();
        for (place, location) in all.iter().enumerate() {
            for (name, value) in LOCATION.iter().zip(location) {
                form.typed.insert(format!("{place}.{name}"), value.clone());
            }
        }
        form.typed.insert("locations".to_owned(), all.len().min(MOST_LOCATIONS).to_string());
    }

    /// Settings that agents do not go by, which do not stay when the business is saved.
    #[must_use]
    pub fn left_out(&self) -> String {
        let settings = self.business_row().get("settings");
        let of = |value: &Datum, names: &[&str], way: &str| -> Vec<String> {
            let Datum::Map(members) = value else { return Vec::new() };
            let others = members.iter().filter(|(name, _)| !names.contains(&name.as_str()));
            others.map(|(name, _)| [way, name].concat()).collect()
        };
        let mut all = of(settings, &SETTINGS, "");
        all.extend(of(settings.get("budget"), &RUN_LIMITS, BUDGET));
        all.join(", ")
    }

    /// What is sent: the whole row, so that what is not shown here stays if agents go by it.
    pub(crate) fn business(&self, _: &str) -> Result<(&'static str, String, Datum), Refusal> {
        let is_new = self.business_form() == NEW;
        let value = |name: &str| self.business_value(name).trim().to_owned();
        let id = if is_new { value("id") } else { self.place.business.clone() };
        for (name, value) in [("id", &id), ("name", &value("name")), ("type", &value("type"))] {
            if value.is_empty() {
                return Err(fault(name));
            }
        }
        let row = self.business_row();
        let mut settings = known(row.get("settings"), &SETTINGS);
        for name in ["locale", "timeZone"] {
            settings = with(settings, name, Some(text(&value(name))).filter(|_| !value(name).is_empty()));
        }
        for (name, most) in NUMBERS {
            settings = with(settings, name, number(&value(name), most).ok_or_else(|| fault(name))?);
        }
        let mut budget = known(settings.get("budget"), &RUN_LIMITS);
        for (name, most) in LIMITS {
            let field = [BUDGET, name].concat();
            budget = with(budget, name, number(&value(&field), most).ok_or_else(|| fault(&field))?);
        }
        let then = value("budget.onCrossing");
        budget = with(budget, "onCrossing", Some(text(&then)).filter(|_| !then.is_empty()));
        let has_budget = matches!(&budget, Datum::Map(members) if !members.is_empty());
        settings = with(settings, "budget", Some(budget).filter(|_| has_budget));
        let fleet: Vec<Datum> =
            value("fleet").split([',', ' ']).filter(|one| !one.is_empty()).map(text).collect();
        settings = with(settings, "fleet", Some(Datum::List(fleet.clone())).filter(|_| !fleet.is_empty()));
        let mut body = row.clone();
        for name in ["id", "business", "businessId", "changed_ms"] {
            body = with(body, name, None);
        }
        for name in ["name", "type"] {
            body = with(body, name, Some(text(&value(name))));
        }
        body = with(body, "settings", Some(settings));
        body = with(body, "locations", Some(Datum::List(self.locations_sent()?)));
        if let Some(people) = self.people_sent()? {
            body = with(body, "permissions", Some(people));
        }
        // One of this name that is there already is not written over.
        if is_new {
            body = with(body, "version", Some(Datum::Integer(0)));
        }
        Ok(("PUT", address(&["businesses", &id]), body))
    }

    /// The places, each with what is not shown of it.
    fn locations_sent(&self) -> Result<Vec<Datum>, Refusal> {
        let known = self.business_row().get("locations").list();
        let mut sent = Vec::new();
        for (place, [id, name, kind]) in self.locations().iter().enumerate() {
            let [id, name, kind] = [id.trim(), name.trim(), kind.trim()];
            if id.is_empty() && name.is_empty() && kind.is_empty() {
                continue;
            }
            if id.is_empty() {
                return Err(fault(&format!("{place}.locationId")));
            }
            let before = known.iter().find(|row| row.text("locationId") == id).cloned();
            let mut location = with(before.unwrap_or_default(), "locationId", Some(text(id)));
            location = with(location, "name", Some(text(if name.is_empty() { id } else { name })));
            sent.push(with(location, "type", Some(text(kind)).filter(|_| !kind.is_empty())));
        }
        Ok(sent)
    }

    pub(crate) fn business_saved(&mut self, answer: &Datum) -> Vec<Do> {
        let row = answer.get("business").clone();
        let id = row.text("id").to_owned();
        let mut doing = vec![Do::Toast(Term::SaidSaved, String::new())];
        if self.business_form() == NEW {
            let place = Place { business: id, ..self.place.to(Section::Business, None) };
            doing.extend(self.go(place));
        } else {
            // Rooms are not told of it: what the bar shows comes with all the rest.
            doing.extend(self.ask_snapshot());
        }
        self.own = Own { row, refused: None };
        doing
    }
}

/// What agents go by of it: the server refuses to be told what they do not.
fn known(value: &Datum, names: &[&str]) -> Datum {
    let Datum::Map(members) = value else { return Datum::Nil };
    Datum::Map(members.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect())
}

/// The value with this member, or without it.
fn with(value: Datum, name: &str, member: Option<Datum>) -> Datum {
    let Datum::Map(mut members) = value else {
        return member.map_or_else(|| map(&[]), |member| map(&[(name, member)]));
    };
    match (members.iter_mut().find(|(own, _)| own == name), member) {
        (Some((_, own)), Some(member)) => *own = member,
        (None, Some(member)) => members.push((name.to_owned(), member)),
        (_, None) => members.retain(|(own, _)| own != name),
    }
    Datum::Map(members)
}

/// A number from 0 to `most`, or none where nothing was typed.
fn number(typed: &str, most: f64) -> Option<Option<Datum>> {
    if typed.is_empty() {
        return Some(None);
    }
    let scaled = parse_decimal(&typed.replace(',', ".").replace(['\u{a0}', ' '], ""), 6)?;
    let number = scaled as f64 / 1e6;
    let value =
        if scaled % 1_000_000 == 0 { Datum::Integer(scaled / 1_000_000) } else { Datum::Float(number) };
    (number >= 0.0 && number <= most).then_some(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::doing::Act;
    use crate::state::agents::parse::parse;
    use crate::state::system::json::json;

    const ROW: &str = r#"{"id":"b","business":"b","businessId":"b","version":7,"changed_ms":5,"name":"Carpat","type":"airline",
        "settings":{"locale":"ro","retention":{"days":3},"confidenceMin":0.5,"fleet":["ROT","4a"],"streams":["signal"]},
        "locations":[{"locationId":"OTP","name":"Otopeni","metadata":{"icao":"LROP"}},{"locationId":"CLJ","name":"Cluj"}],
        "permissions":{"users":{"ana":{}}}}"#;

    fn office() -> Office {
        let mut office = Office::at(Place::of("/agents/business?business=b"));
        let answer = parse(&format!("{{\"business\":{ROW}}}")).map_err(|_| Refusal::default());
        office.answered(Then::Business("b".to_owned()), answer);
        office
    }

    fn write(office: &mut Office, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            office.act(Act { act: "type", id: office.business_form(), name, value });
        }
    }

    /// The body that is sent, or the field that is wrong.
    fn check(office: &mut Office, fields: &[(&str, &str)], expected: Result<&str, &str>) {
        write(office, fields);
        let doing = office.act(Act { act: "save", ..Act::default() });
        let sent = match doing.first() {
            Some(Do::Ask(request)) => Ok(json(request.body.as_ref().unwrap())),
            _ => Err(office.form(office.business_form()).unwrap().refused.as_ref().unwrap().field.clone()),
        };
        let plain = |text: String| text.split_whitespace().collect::<String>();
        assert_eq!(sent.map(plain), expected.map(|text| plain(text.to_owned())).map_err(str::to_owned));
    }

    #[test]
    fn what_is_not_shown_of_a_business_stays_if_agents_go_by_it() {
        assert_eq!(office().left_out(), "retention");
        let fields = [("name", "Carpat Air"), ("confidenceMin", "0,75"), ("fleet", "ROT"), ("locale", "")];
        let expected = r#"{"version":7,"name":"CarpatAir","type":"airline",
            "settings":{"confidenceMin":0.75,"fleet":["ROT"],"streams":["signal"]},
            "locations":[{"locationId":"OTP","name":"Otopeni","metadata":{"icao":"LROP"}},{"locationId":"CLJ","name":"Cluj"}],
            "permissions":{"users":{"ana":{}}}}"#;
        check(&mut office(), &fields, Ok(expected));
        check(&mut office(), &[("confidenceMin", "2")], Err("confidenceMin"));
        check(&mut office(), &[("budget.tokens", "-1")], Err("budget.tokens"));
        let mut office = office();
        write(&mut office, &[("budget.costDollars", "0.25"), ("budget.onCrossing", "ask")]);
        let (.., body) = office.business("").unwrap();
        let budget: String = json(body.get("settings").get("budget")).split_whitespace().collect();
        assert_eq!(budget, r#"{"costDollars":0.25,"onCrossing":"ask"}"#);
        let mut office = self::office();
        check(&mut office, &[("amountMax", "much")], Err("amountMax"));
        check(&mut office, &[("amountMax", ""), ("name", " ")], Err("name"));
    }

    #[test]
    fn places_come_and_go_with_what_they_hold() {
        let mut office = office();
        office.act(Act { act: "location-remove", id: "1", ..Act::default() });
        office.act(Act { act: "location-add", ..Act::default() });
        assert_eq!(office.locations().len(), 2);
        check(&mut office, &[("1.name", "Iași")], Err("1.locationId"));
        write(&mut office, &[("1.locationId", "IAS")]);
        let sent = office.locations_sent().unwrap();
        let texts: Vec<&str> = sent.iter().map(|row| row.text("locationId")).collect();
        assert_eq!((texts, sent[0].get("metadata").text("icao")), (vec!["OTP", "IAS"], "LROP"));
    }

    #[test]
    fn the_first_business_is_made_and_looked_at() {
        let mut office = Office::at(Place::of("/agents/business?id=new"));
        office.zone = "Europe/Bucharest".to_owned();
        office.room.fill(&parse(r#"{"businesses":[]}"#).unwrap());
        assert!(office.has_no_business());
        check(&mut office, &[("name", "Carpat"), ("type", "airline")], Err("id"));
        let expected = r#"{"name":"Carpat","type":"airline","settings":{"timeZone":"Europe/Bucharest"},"locations":[],"version":0}"#;
        check(&mut office, &[("id", "carpat")], Ok(expected));
        let answer = r#"{"business":{"id":"carpat","name":"Carpat","version":1}}"#;
        let doing = office.answered(
            Then::Saved("/agents/business#new".to_owned()),
            parse(answer).map_err(|_| Refusal::default()),
        );
        assert_eq!(office.place.address(), "/agents/business?business=carpat");
        let asks = |address: &str| {
            doing.iter().any(|one| matches!(one, Do::Ask(request) if request.address == address))
        };
        assert!(asks("/api/v1/agents?business=carpat"), "{doing:?}");
        assert_eq!(office.business_row().integer("version"), Some(1));
    }
}
