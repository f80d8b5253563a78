//! The bar of the desk: business and place, how answers come about, who looks at this; and the way between views.

use crate::desks::agents::html::{chip, choices, link, tag};
use crate::desks::agents::run::budgets;
use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::agents::office::Office;
use crate::state::agents::place::Section;
use crate::state::agents::room::Kind;
use crate::text::{Locale, Term, ago};
use inflight_wire::Datum;

/// Business, place and reasoner.
pub fn bar(office: &Office, locale: Locale) -> String {
    [businesses(office, locale), locations(office, locale), reasoner(office, locale), person(office, locale)]
        .concat()
}

fn businesses(office: &Office, locale: Locale) -> String {
    let name = |row: &Datum| {
        let (id, name) = (row.text("businessId").to_owned(), row.text("name").to_owned());
        let shown = if name.is_empty() { id.clone() } else { name };
        (id, shown)
    };
    let all: Vec<(String, String)> = office.room.businesses.iter().map(name).collect();
    match all.as_slice() {
        [] => String::new(),
        [(_, only)] => tag("span", "business", only),
        all => {
            let options: Vec<(&str, &str)> =
                all.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
            select("business", Term::Business.of(locale), &office.place.business, &options)
        }
    }
}

fn locations(office: &Office, locale: Locale) -> String {
    let business = office.room.businesses.iter().find(|row| row.text("businessId") == office.place.business);
    let all = business.map_or(&[][..], |row| row.get("locations").list());
    if all.is_empty() {
        return String::new();
    }
    let mut options = vec![("", Term::AllLocations.of(locale))];
    for row in all {
        let id = row.text("locationId");
        let name = row.text("name");
        options.push((id, if name.is_empty() { id } else { name }));
    }
    select("location", Term::Location.of(locale), &office.place.location, &options)
}

fn select(act: &str, label: &str, chosen: &str, options: &[(&str, &str)]) -> String {
    [
        "<select class=\"select\" data-act=\"",
        act,
        "\" aria-label=\"",
        &escaped(label),
        "\">",
        &choices(chosen, options),
        "</select>",
    ]
    .concat()
}

/// How answers come about, and why not better; opens on a press.
fn reasoner(office: &Office, locale: Locale) -> String {
    let row = &office.room.reasoner;
    if row.text("kind").is_empty() {
        return String::new();
    }
    let (word, why) = match row.text("kind") {
        "local" => (Term::ReasonerLocal, Term::ReasonerLocalWhy),
        "realtime" => (Term::ReasonerRealtime, Term::ReasonerModelWhy),
        _ => (Term::ReasonerChat, Term::ReasonerModelWhy),
    };
    // Local rules are what there is without a model, and nothing is wrong with them.
    let (tone, state, state_why) = match (office.room.is_off, row.text("kind"), row.text("status")) {
        (true, ..) => ("alarm", Some(Term::ReasonerOff), Term::ReasonerOffWhy),
        (_, _, "degraded") => ("attention", Some(Term::ReasonerDegraded), Term::ReasonerDegradedWhy),
        (_, "local", _) | (.., "ok") => ("good", None, why),
        (.., "unasked") => ("quiet", None, Term::ReasonerUnaskedWhy),
        _ => ("attention", Some(Term::ReasonerDegraded), Term::ReasonerDegradedWhy),
    };
    let model = row.text("model");
    let short = state
        .map_or_else(|| if model.is_empty() { word.of(locale) } else { model }, |state| state.of(locale));
    let mut lines = vec![tag("p", "why-word", word.of(locale)), tag("p", "", state_why.of(locale))];
    if !model.is_empty() {
        lines.push(["<p>", Term::Model.of(locale), ": <code>", &escaped(model), "</code></p>"].concat());
    }
    if !matches!(row.text("reason"), "" | "no_key") {
        lines.push(["<p>", Term::Why.of(locale), ": ", &escaped(row.text("reason")), "</p>"].concat());
    }
    if row.is("unpriced") {
        lines.push(tag("p", "hint", Term::ReasonerUnpriced.of(locale)));
    }
    match row.text("breaker") {
        "open" => lines.push(tag("p", "hint", Term::BreakerOpen.of(locale))),
        "half_open" => lines.push(tag("p", "hint", Term::BreakerHalfOpen.of(locale))),
        _ => {}
    }
    if let Some(since_ms) = row.integer("since_ms").filter(|since_ms| *since_ms > 0 && office.now_ms > 0) {
        let words = Term::Since.of(locale).replace("{}", &ago(locale, office.now_ms - since_ms));
        lines.push(tag("p", "hint", &words));
    }
    let spent = budgets(locale, &office.room.spent);
    if !spent.is_empty() {
        lines.extend([tag("p", "why-word", Term::SpentToday.of(locale)), spent]);
    }
    [
        "<details class=\"reasoner\" data-key=\"reasoner\" data-tone=\"",
        tone,
        "\"><summary aria-label=\"",
        &escaped(&[Term::Reasoner.of(locale), ": ", short].concat()),
        "\"><span class=\"badge-dot\"></span><span>",
        &escaped(short),
        "</span></summary><div class=\"reasoner-why\">",
        &lines.concat(),
        "</div></details>",
    ]
    .concat()
}

/// Who looks at this, and the way out or in.
fn person(office: &Office, locale: Locale) -> String {
    let Some(me) = &office.me else { return String::new() };
    if me.is("signed_in") {
        return ["<span class=\"person-name\">", &escaped(me.text("user")), "</span>"].concat();
    }
    let to = crate::state::percent::encode(&office.place.address());
    ["<a class=\"tool tool-text\" href=\"/sign-in?to=", &to, "\">", Term::SignIn.of(locale), "</a>"].concat()
}

/// The way between views, with what waits in each.
pub fn nav(office: &Office, locale: Locale) -> String {
    let item = |section: Section| {
        let here = if section == office.place.section { "aria-current=\"page\"" } else { "" };
        let count = match section {
            Section::Reviews => office.waiting(),
            Section::Cases => {
                office.room.rows(Kind::Case).filter(|row| row.text("status") != "closed").count()
            }
            Section::Runs => {
                office.room.rows(Kind::Run).filter(|row| row.text("status") == "running").count()
            }
            _ => 0,
        };
        let count = match (count, section) {
            (0, _) => String::new(),
            (count, Section::Reviews) => chip("attention", &count.to_string()),
            (count, _) => chip("quiet", &count.to_string()),
        };
        let words = tag("span", "", section.title().of(locale));
        let place = office.place.to(section, None);
        ["<li>", &link("section-link", &place, here, &[words, count].concat()), "</li>"].concat()
    };
    ["<ul>", &Section::ALL.into_iter().map(item).collect::<String>(), "</ul>"].concat()
}

/// What was decided last, as long as it can be undone.
pub fn undo(office: &Office, locale: Locale) -> String {
    let undoable = office.undoable();
    let Some(left_ms) = undoable.iter().map(|(_, left_ms)| *left_ms).min() else { return String::new() };
    let approved = undoable.iter().all(|(row, _)| row.text("status") != "rejected");
    let words = match (&undoable[..], approved) {
        ([(row, _)], true) => Term::WasApproved.of(locale).replace("{}", row.text("title")),
        ([(row, _)], false) => Term::WasRejected.of(locale).replace("{}", row.text("title")),
        (all, true) => Term::WereApproved.of(locale).replace("{}", &all.len().to_string()),
        (all, false) => Term::WereRejected.of(locale).replace("{}", &all.len().to_string()),
    };
    let seconds = (left_ms + 999) / 1000;
    let left = Term::UndoLeft.of(locale).replace("{}", &seconds.to_string());
    [
        "<div class=\"undo\">",
        &svg(Icon::Well),
        &tag("span", "undo-words", &words),
        "<button type=\"button\" class=\"button\" data-act=\"undo\" data-id=\"\" aria-keyshortcuts=\"z\">",
        &escaped(Term::Undo.of(locale)),
        " <kbd>Z</kbd></button>",
        &tag("span", "undo-left number", &left),
        "</div>",
    ]
    .concat()
}
