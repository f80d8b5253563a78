//! Resources of the business: gates, crews, vehicles and what else there is, found and changed.

use crate::desks::agents::html::{Field, button, chip, empty, facts, members, since, tag, wrap};
use crate::desks::agents::schedules::framed;
use crate::desks::agents::split::{Head, Line, holds, list, nothing, split, title, try_again};
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::edit::attributes_text;
use crate::state::agents::office::Office;
use crate::state::agents::parse::parse;
use crate::state::agents::place::{NEW, Place};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::text::{Locale, More, Term, mistake};
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let at = &office.place.location;
    let fits = |row: &&Datum| {
        let kind = office.place.show.is_empty() || row.text("type") == office.place.show;
        let here = at.is_empty() || row.text("location").is_empty() || row.text("location") == at;
        kind && here && holds(row, &office.place.find)
    };
    let mut rows: Vec<&Datum> = office.room.rows(Kind::Resource).filter(fits).collect();
    sort(&mut rows, &|row| (0, 0, [row.text("type"), "\u{1}", row.text("name")].concat()));
    let lines = rows.iter().map(|row| line(row)).collect();
    let is_filtered = !office.place.show.is_empty() || !office.place.find.is_empty();
    let unreached = office.kept_by().map_or(&Datum::Nil, |service| service.get("unreached"));
    let none = if *unreached != Datum::Nil && unreached.integer("known_ms").is_none() {
        let words = empty(More::Unreached.of(locale), More::UnreachedHint.of(locale));
        [words, wrap("div", "blank-foot", &try_again(locale))].concat()
    } else if is_filtered {
        empty(Term::NoneFits.of(locale), Term::NoneFitsHint.of(locale))
    } else {
        empty(Term::NoResources.of(locale), Term::NoResourcesHint.of(locale))
    };
    let new = office.may_edit().then_some(Term::NewResource);
    let head = Head { has_find: true, new, more: kinds(office, locale), ..Head::default() };
    let detail = match office.place.id.as_deref() {
        Some(NEW) => form(office, locale, NEW, &Datum::Nil),
        _ => office
            .open_row(Kind::Resource)
            .map_or_else(|| nothing(office, locale), |row| detail(office, locale, row)),
    };
    split(office, locale, &list(office, locale, head, lines, &none), &detail)
}

/// The kinds that there are, to choose one.
fn kinds(office: &Office, locale: Locale) -> String {
    let mut all: Vec<&str> = Vec::new();
    for row in office.room.rows(Kind::Resource) {
        if !all.contains(&row.text("type")) {
            all.push(row.text("type"));
        }
    }
    if all.len() < 2 {
        return String::new();
    }
    let tab = |show: &str, words: &str| {
        let here = if office.place.show == show { "aria-current=\"true\"" } else { "" };
        let place = Place { show: show.to_owned(), id: None, ..office.place.clone() };
        super::html::link("tab", &place, here, &escaped(words))
    };
    let tabs: String = all.into_iter().map(|kind| tab(kind, kind)).collect();
    wrap("div", "tabs", &[tab("", Term::AllRuns.of(locale)), tabs].concat())
}

fn line(row: &Datum) -> Line<'_> {
    let mut below = vec![escaped(row.text("type"))];
    if !row.text("location").is_empty() {
        below.push(escaped(row.text("location")));
    }
    below.push(["<code>", &escaped(row.text("id")), "</code>"].concat());
    Line {
        id: row.text("id"),
        title: row.text("name"),
        end: chip("quiet", row.text("status")),
        below: below.join(" · "),
        before: String::new(),
    }
}

fn detail(office: &Office, locale: Locale, row: &Datum) -> String {
    let pairs = [
        (Term::Type, escaped(row.text("type"))),
        (Term::Location, escaped(row.text("location"))),
        (Term::Version, crate::state::agents::form::shown(row.get("version"))),
        (Term::Changed, since(locale, row.integer("changed_ms"), office.now_ms)),
    ];
    let delete = if office.may_edit() {
        button("button danger", "delete", row.text("id"), "", Term::Delete.of(locale), Some(Icon::Close))
    } else {
        String::new()
    };
    let attributes = if office.may_edit() { String::new() } else { members(row.get("attributes")) };
    let head = [
        title(row.text("name"), &chip("quiet", row.text("status")), &delete),
        facts(locale, &pairs),
        attributes,
    ]
    .concat();
    let form = if office.may_edit() { form(office, locale, row.text("id"), row) } else { String::new() };
    [wrap("div", "detail", &head), form].concat()
}

fn form(office: &Office, locale: Locale, id: &str, row: &Datum) -> String {
    let bad = office.form(id).and_then(|form| form.refused.as_ref());
    let field = |name: &str, label: Term, before: &str, hint: Term, how: &dyn Fn(&Field<'_>) -> String| {
        let value = office.typed(id, name, before);
        let own = bad.filter(|why| why.field == name);
        let mut wrong = own
            .map(|why| {
                if why.message.is_empty() {
                    Term::FaultEmpty.of(locale).to_owned()
                } else {
                    why.message.clone()
                }
            })
            .unwrap_or_default();
        if name == "attributes" && !value.trim().is_empty() {
            wrong = match parse(&value) {
                Err(wrong) => mistake(locale, wrong),
                Ok(Datum::Map(_)) => wrong,
                Ok(_) => Term::FaultObject.of(locale).to_owned(),
            };
        }
        how(&Field {
            form: id,
            name,
            label: label.of(locale),
            value: &value,
            hint: hint.of(locale),
            wrong: &wrong,
            off: false,
        })
    };
    let line = |field: &Field<'_>| field.line("");
    let attributes = attributes_text(row);
    let own = if id == NEW { field("id", Term::Id, "", Term::IdHint, &line) } else { String::new() };
    let fields = [
        own,
        field("name", Term::Name, row.text("name"), Term::NameHint, &line),
        field("type", Term::Type, row.text("type"), Term::TypeHint, &line),
        field("status", Term::Status, row.text("status"), Term::StatusHint, &line),
        field("location", Term::Location, row.text("location"), Term::LocationHint, &line),
        field("attributes", Term::Attributes, &attributes, Term::AttributesHint, &|field| {
            field.lines(8, " class=\"mono\" spellcheck=\"false\"")
        }),
    ];
    let changed = if id == NEW || office.form(id).is_none() {
        String::new()
    } else {
        tag("p", "hint", Term::ResourceHint.of(locale))
    };
    framed(
        office,
        locale,
        id,
        if id == NEW { Term::NewResource } else { Term::EditResource }.of(locale),
        &[fields.concat(), changed].concat(),
    )
}
