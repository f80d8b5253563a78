//! Who may act for a business: its own list of people with their roles and places, from what was typed to what is sent.

use crate::state::agents::doing::{Do, Refusal};
use crate::state::agents::edit::fault;
use crate::state::agents::form::{shown, text};
use crate::state::agents::office::Office;
use inflight_wire::Datum;

/// Somebody of the list, as it is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Who, by the name that they sign in with.
    pub user: String,
    /// Roles with commas between; none leaves what they may to the server.
    pub roles: String,
    /// Places with commas between; none means all.
    pub locations: String,
    /// They leave the list when it is saved.
    pub is_gone: bool,
}

/// What is typed of somebody, each after their number: `person.0.user`.
pub const PERSON: [&str; 3] = ["user", "roles", "locations"];

/// People of a business at most.
pub const MOST_PEOPLE: usize = 200;

/// What somebody may do who was just added.
const USUAL: &str = "coordinator";

/// The name of a field of somebody.
#[must_use]
pub fn field(place: usize, name: &str) -> String {
    ["person.", &place.to_string(), ".", name].concat()
}

impl Office {
    /// The people as they are typed.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let form = self.business_form();
        let known = members(self.business_row().get("permissions").get("users"));
        let count = self.typed(form, "people", &known.len().to_string()).parse().unwrap_or(0);
        let read = |place: usize| {
            let of = |name: &str, before: &str| self.typed(form, &field(place, name), before);
            let before = known.get(place);
            let list = |name: &str| before.map(|(_, own)| joined(own.get(name))).unwrap_or_default();
            let roles = if before.is_some() { list("roles") } else { USUAL.to_owned() };
            Person {
                user: of("user", before.map_or("", |(user, _)| user)),
                roles: of("roles", &roles),
                locations: of("locations", &list("locations")),
                is_gone: of("gone", "") == "true",
            }
        };
        // Whoever is on the list stays there, however long it is.
        (0..count.min(MOST_PEOPLE.max(known.len()))).map(read).collect()
    }

    pub(crate) fn add_person(&mut self) -> Vec<Do> {
        let count = self.people().len();
        self.type_of_people("people".to_owned(), &(count + 1).min(MOST_PEOPLE.max(count)).to_string());
        vec![Do::Focus(".person:last-child input")]
    }

    /// Takes somebody off the list, or puts them back; nothing is sent before it is saved.
    pub(crate) fn remove_person(&mut self, place: usize, is_gone: bool) -> Vec<Do> {
        self.type_of_people(field(place, "gone"), if is_gone { "true" } else { "" });
        vec![Do::Focus(if is_gone { ".person [data-act=person-back]" } else { "#person-add" })]
    }

    fn type_of_people(&mut self, name: String, value: &str) {
        let form = self.forms.entry(self.form_key(self.business_form())).or_default();
        form.typed.insert(name, value.to_owned());
        form.refused = None;
    }

    /// What is sent of who may act: none where there is nothing to say.
    pub(crate) fn people_sent(&self) -> Result<Option<Datum>, Refusal> {
        let before = self.business_row().get("permissions");
        let places: Vec<String> = self.locations().into_iter().map(|[id, ..]| id.trim().to_owned()).collect();
        let mut users: Vec<(String, Datum)> = Vec::new();
        for (place, person) in self.people().iter().enumerate().filter(|(_, person)| !person.is_gone) {
            let user = person.user.trim();
            let own = split(&person.locations);
            if user.is_empty() && own.is_empty() && person.roles == USUAL {
                continue;
            }
            if user.is_empty() || users.iter().any(|(known, _)| known == user) {
                return Err(fault(&field(place, "user")));
            }
            if own.iter().any(|one| !places.contains(one)) {
                return Err(fault(&field(place, "locations")));
            }
            let lists = [("roles", split(&person.roles)), ("locations", own)];
            let said = lists.into_iter().filter(|(_, list)| !list.is_empty());
            let list = |list: Vec<String>| Datum::List(list.iter().map(|one| text(one)).collect());
            users.push((
                user.to_owned(),
                Datum::Map(said.map(|(name, all)| (name.to_owned(), list(all))).collect()),
            ));
        }
        let says = !users.is_empty() || !members(before.get("users")).is_empty();
        Ok(says.then(|| Datum::Map(vec![("users".to_owned(), Datum::Map(users))])))
    }

    /// The field of the form that the server means: it names people and not their place in the list.
    #[must_use]
    pub fn field_of_people(&self, refused: &str) -> Option<String> {
        let rest = refused.strip_prefix("permissions.users.")?;
        let is_of = |name: &&&str| rest.strip_suffix(**name).is_some_and(|rest| rest.ends_with('.'));
        let name = PERSON.iter().find(is_of)?;
        let user = &rest[..rest.len() - name.len() - 1];
        let place = self.people().iter().position(|person| person.user.trim() == user && !person.is_gone)?;
        Some(field(place, name))
    }
}

fn members(map: &Datum) -> &[(String, Datum)] {
    if let Datum::Map(members) = map { members } else { &[] }
}

fn joined(list: &Datum) -> String {
    list.list().iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn split(typed: &str) -> Vec<String> {
    typed.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::doing::{Act, Then};
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;
    use crate::state::system::json::json;

    fn office(permissions: &str) -> Office {
        let mut office = Office::at(Place::of("/agents/business?business=b"));
        let row = [
            r#"{"business":{"id":"b","name":"B","type":"airline","locations":[{"locationId":"OTP"},{"locationId":"CLJ"}],"permissions":"#,
            permissions,
            "}}",
        ];
        office.answered(Then::Business("b".to_owned()), parse(&row.concat()).map_err(|_| Refusal::default()));
        office
    }

    const TWO: &str = r#"{"users":{"ana":{},"dan":{"roles":["coordinator","trader"],"locations":["OTP"]}}}"#;

    /// What is sent after these are typed, or the field that is wrong.
    fn check(permissions: &str, acts: &[Act<'_>], expected: Result<&str, &str>) {
        let mut office = office(permissions);
        for act in acts {
            office.act(Act { id: if act.id.is_empty() { "business" } else { act.id }, ..*act });
        }
        let plain = |sent: Option<Datum>| {
            sent.map_or_else(String::new, |sent| json(&sent).split_whitespace().collect())
        };
        let found = office.people_sent().map(plain).map_err(|why| why.field);
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    fn write<'a>(name: &'a str, value: &'a str) -> Act<'a> {
        Act { act: "type", name, value, ..Act::default() }
    }

    fn press<'a>(act: &'a str, id: &'a str) -> Act<'a> {
        Act { act, id, ..Act::default() }
    }

    #[test]
    fn people_come_change_and_go() {
        check(TWO, &[], Ok(TWO));
        check("null", &[], Ok(""));
        check("null", &[press("person-add", "")], Ok(""));
        let added =
            [press("person-add", ""), write("person.2.user", " vera "), write("person.2.roles", "viewer")];
        let three = TWO.replace("}}}", r#"},"vera":{"roles":["viewer"]}}}"#).replace("]}},", "]},");
        check(TWO, &added, Ok(&three));
        let places = write("person.0.locations", "CLJ, OTP");
        check(TWO, &[places], Ok(&TWO.replace("{}", r#"{"locations":["CLJ","OTP"]}"#)));
        check(TWO, &[press("person-remove", "0"), press("person-remove", "1")], Ok(r#"{"users":{}}"#));
        check(TWO, &[press("person-remove", "1"), press("person-back", "1")], Ok(TWO));
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        check(TWO, &[write("person.0.user", " ")], Err("person.0.user"));
        check(TWO, &[write("person.1.user", "ana")], Err("person.1.user"));
        check(
            TWO,
            &[press("person-remove", "0"), write("person.1.user", "ana")],
            Ok(&TWO.replace(r#""ana":{},"dan""#, r#""ana""#)),
        );
        check(TWO, &[write("person.0.locations", "JFK")], Err("person.0.locations"));
        let office = office(TWO);
        let of = |field: &str| office.field_of_people(field);
        assert_eq!(of("permissions.users.dan.roles").as_deref(), Some("person.1.roles"));
        assert_eq!((of("permissions.users.eva.roles"), of("settings.locale")), (None, None));
    }
}
