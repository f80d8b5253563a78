//! The fields of a proposal while they are edited, and differences as a table.

use crate::desks::agents::html::{Field, members, value, wrap};
use crate::parts::markup::escaped;
use crate::state::agents::diff::Change;
use crate::state::agents::form::{Editable, Fault, number_text, shown};
use crate::state::agents::office::Office;
use crate::text::{Locale, Term};
use inflight_wire::Datum;

/// The fields that may be changed, and what else is in the payload.
pub fn form(office: &Office, locale: Locale, row: &Datum) -> String {
    let (id, payload) = (row.text("id"), row.get("action").get("payload"));
    let faults = office.edited(row).faults;
    let field = |field: &Editable| {
        let typed = office.typed(id, &field.name, &shown(payload.get(&field.name)));
        let wrong =
            faults.iter().find(|(name, _)| *name == field.name).map(|(_, fault)| fault_words(locale, fault));
        let hint = match (field.min, field.max, field.kind.as_str()) {
            (Some(min), Some(max), _) => Term::Between
                .of(locale)
                .replacen("{}", &number_text(min), 1)
                .replacen("{}", &number_text(max), 1),
            (Some(min), None, _) => Term::AtLeast.of(locale).replace("{}", &number_text(min)),
            (None, Some(max), _) => Term::AtMost.of(locale).replace("{}", &number_text(max)),
            (_, _, "time") => Term::TimeHint.of(locale).to_owned(),
            _ => String::new(),
        };
        let made = Field {
            form: id,
            name: &field.name,
            label: &field.label,
            value: &typed,
            hint: &hint,
            wrong: wrong.as_deref().unwrap_or_default(),
            off: false,
        };
        match field.kind.as_str() {
            "choice" => made.choice(
                &field.choices.iter().map(|choice| (choice.as_str(), choice.as_str())).collect::<Vec<_>>(),
            ),
            "boolean" => made.tick(),
            "number" => made.line(" inputmode=\"decimal\""),
            _ => made.line(""),
        }
    };
    let fields: String = Editable::of(row).iter().map(field).collect();
    let rest = match payload {
        Datum::Map(all) => {
            let fixed =
                all.iter().filter(|(name, _)| !Editable::of(row).iter().any(|field| field.name == *name));
            Datum::Map(fixed.cloned().collect())
        }
        other => other.clone(),
    };
    let rest = if rest == Datum::Map(Vec::new()) { String::new() } else { members(&rest) };
    [wrap("div", "edit-form", &fields), rest].concat()
}

/// What is wrong with a field, in words that say what is expected.
fn fault_words(locale: Locale, fault: &Fault) -> String {
    match fault {
        Fault::Empty => Term::FaultEmpty.of(locale).to_owned(),
        Fault::NoNumber => Term::FaultNumber.of(locale).to_owned(),
        Fault::Below(least) => Term::AtLeast.of(locale).replace("{}", &number_text(*least)),
        Fault::Above(most) => Term::AtMost.of(locale).replace("{}", &number_text(*most)),
        Fault::NoChoice => Term::FaultChoice.of(locale).to_owned(),
        Fault::NoTime => Term::TimeHint.of(locale).to_owned(),
    }
}

/// Differences as a table: where, from what, to what.
pub fn changes(locale: Locale, caption: Term, all: &[Change]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let side = |name: &str, own: &Option<Datum>| {
        own.as_ref().map(|own| wrap(name, "", &value(own))).unwrap_or_default()
    };
    let line = |change: &Change| {
        let path = if change.path.is_empty() { "–" } else { &change.path };
        [
            "<tr><th scope=\"row\">",
            &escaped(path),
            "</th><td>",
            &side("del", &change.from),
            "</td><td>",
            &side("ins", &change.to),
            "</td></tr>",
        ]
        .concat()
    };
    [
        "<table class=\"pairs changes\"><caption>",
        caption.of(locale),
        "</caption><thead class=\"unseen\"><tr><th scope=\"col\">",
        Term::FieldName.of(locale),
        "</th><th scope=\"col\">",
        Term::Before.of(locale),
        "</th><th scope=\"col\">",
        Term::After.of(locale),
        "</th></tr></thead><tbody>",
        &all.iter().map(line).collect::<String>(),
        "</tbody></table>",
    ]
    .concat()
}
