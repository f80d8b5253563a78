//! The people of a business in its form: who they are, what they may, and where.

use crate::desks::agents::html::{Field, button, flag, tag};
use crate::desks::agents::listed::{listed, remove};
use crate::parts::Icon;
use crate::state::agents::office::Office;
use crate::state::agents::people::{MOST_PEOPLE, Person, field};
use crate::text::{Locale, More, Term};

/// The list; `wrong` says what is wrong with a field that holds something.
pub fn people(office: &Office, locale: Locale, wrong: &dyn Fn(&str, &str) -> String) -> String {
    let off = !office.may_edit();
    let all = office.people();
    let line = |(place, person): (usize, &Person)| {
        let key = ["u", &place.to_string()].concat();
        if person.is_gone {
            return ("parameter person", key, gone(locale, place, person));
        }
        let form = office.business_form();
        let control = |name: &str, label: &str, value: &str, how: &dyn Fn(&Field<'_>) -> String| {
            let name = field(place, name);
            let wrong = wrong(&name, value);
            how(&Field { form, name: &name, label, value, hint: "", wrong: &wrong, off })
        };
        let plain = |field: &Field<'_>| field.line(" spellcheck=\"false\"");
        let mut html = control("user", More::Person.of(locale), &person.user, &plain);
        html += &control("roles", Term::Role.of(locale), &person.roles, &|field| {
            field.choice(&roles(locale, &person.roles))
        });
        html += &control("locations", More::PersonPlaces.of(locale), &person.locations, &plain);
        if !off {
            html +=
                &remove("person-remove", place, &More::RemovePerson.of(locale).replace("{}", &person.user));
        }
        ("parameter person", key, html)
    };
    let lines: Vec<_> = all.iter().enumerate().map(line).collect();
    let more = ["id=\"person-add\" ", flag("disabled", all.len() >= MOST_PEOPLE)].concat();
    let add = if off {
        String::new()
    } else {
        button("button", "person-add", "", &more, More::AddPerson.of(locale), Some(Icon::Plus))
    };
    let hint = if lines.is_empty() { String::new() } else { tag("p", "hint", More::PeopleHint.of(locale)) };
    listed(More::People.of(locale), More::NoPeople.of(locale), &lines, &[hint, add].concat())
}

/// Who leaves the list, until it is saved.
fn gone(locale: Locale, place: usize, person: &Person) -> String {
    let words = More::PersonGone.of(locale).replace("{}", &person.user);
    let back = button("button", "person-back", &place.to_string(), "", Term::Undo.of(locale), None);
    [tag("span", "muted", &words), back].concat()
}

/// What one may be, and what somebody is already who has several roles.
fn roles(locale: Locale, now: &str) -> Vec<(&str, &'static str)> {
    let mut all = vec![
        ("coordinator", More::RoleCoordinator.of(locale)),
        ("viewer", More::RoleViewer.of(locale)),
        ("trader", More::RoleTrader.of(locale)),
        ("admin", More::RoleAdmin.of(locale)),
        ("", More::RoleAny.of(locale)),
    ];
    if !all.iter().any(|(role, _)| *role == now) {
        all.insert(0, (now, More::RoleSeveral.of(locale)));
    }
    all
}
