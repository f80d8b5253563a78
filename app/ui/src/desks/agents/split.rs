//! A list and what is open of it: beside each other on a wide screen, one after the other on a phone.

use crate::desks::agents::html::{button, flag, link, note, wrap};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::agents::office::Office;
use crate::state::agents::place::{NEW, Place};
use crate::text::{Locale, More, Term, ago};
use inflight_wire::Datum;

/// A line of a list.
pub struct Line<'a> {
    /// What it leads to.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// HTML at its end: state or time.
    pub end: String,
    /// HTML below the title.
    pub below: String,
    /// HTML before the link, such as a box to tick.
    pub before: String,
}

/// What stands above a list.
#[derive(Default)]
pub struct Head {
    /// Kinds of rows: the value of `show` and words.
    pub tabs: Vec<(&'static str, Term)>,
    /// Whether there is a field to find rows by.
    pub has_find: bool,
    /// What makes a new one; none where nobody may.
    pub new: Option<Term>,
    /// More HTML.
    pub more: String,
}

/// The view: list and detail.
pub fn split(office: &Office, locale: Locale, list: &str, detail: &str) -> String {
    let is_open = if office.place.id.is_some() { "true" } else { "false" };
    let back = link(
        "tool tool-worded back",
        &office.place.to(office.place.section, None),
        "",
        &[svg(Icon::StepBack), ["<span>", Term::Back.of(locale), "</span>"].concat()].concat(),
    );
    [
        "<div class=\"split\" data-open=\"",
        is_open,
        "\"><div class=\"split-list\">",
        &states::above(office, locale),
        list,
        "</div><div class=\"split-detail\" id=\"detail\" tabindex=\"-1\">",
        &back,
        detail,
        "</div></div>",
    ]
    .concat()
}

/// A list with its head; `none` stands where it is empty.
pub fn list(office: &Office, locale: Locale, head: Head, lines: Vec<Line<'_>>, none: &str) -> String {
    let body = if !office.room.has_data {
        states::waiting(office, locale)
    } else if lines.is_empty() {
        none.to_owned()
    } else {
        let label = escaped(office.place.section.title().of(locale));
        let items: String = lines.iter().map(|line| item(office, line)).collect();
        ["<ul class=\"lines\" id=\"list\" aria-label=\"", &label, "\">", &items, "</ul>"].concat()
    };
    [head_html(office, locale, head), body].concat()
}

fn item(office: &Office, line: &Line<'_>) -> String {
    let here = if office.place.id.as_deref() == Some(line.id) { "aria-current=\"true\"" } else { "" };
    let place = Place { step: None, version: None, id: Some(line.id.to_owned()), ..office.place.clone() };
    let html = [
        "<span class=\"line-title\">",
        &escaped(line.title),
        "</span><span class=\"line-end\">",
        &line.end,
        "</span><span class=\"line-below\">",
        &line.below,
        "</span>",
    ]
    .concat();
    [
        "<li class=\"line\" data-key=\"l-",
        &escaped(line.id),
        "\">",
        &line.before,
        &link("line-link", &place, here, &html),
        "</li>",
    ]
    .concat()
}

fn head_html(office: &Office, locale: Locale, head: Head) -> String {
    let tab = |(show, words): &(&'static str, Term)| {
        let here = if office.place.show == *show { "aria-current=\"true\"" } else { "" };
        let place = Place {
            show: (*show).to_owned(),
            code: String::new(),
            outcome: String::new(),
            ..office.place.clone()
        };
        let place = Place { id: None, step: None, ..place };
        link("tab", &place, here, words.of(locale))
    };
    let tabs: String = head.tabs.iter().map(tab).collect();
    let tabs = if tabs.is_empty() { tabs } else { wrap("div", "tabs", &tabs) };
    let find = if head.has_find {
        [
            "<input class=\"find-field\" type=\"search\" data-act=\"find\" id=\"find\" aria-label=\"",
            &escaped(Term::Find.of(locale)),
            "\" placeholder=\"",
            &escaped(Term::Find.of(locale)),
            "\" value=\"",
            &escaped(&office.place.find),
            "\">",
        ]
        .concat()
    } else {
        String::new()
    };
    let new = head.new.map(|words| {
        let html = [svg(Icon::Plus), ["<span>", words.of(locale), "</span>"].concat()].concat();
        link("button", &office.place.to(office.place.section, Some(NEW)), "", &html)
    });
    let elsewhere = office.kept_by().map(|service| elsewhere(office, locale, service));
    let html = [tabs, find, new.unwrap_or_default(), head.more].concat();
    let head = if html.is_empty() { html } else { wrap("div", "list-head", &html) };
    [head, elsewhere.unwrap_or_default()].concat()
}

/// That another system keeps what is shown, and how old it is while that cannot be reached.
fn elsewhere(office: &Office, locale: Locale, service: &Datum) -> String {
    let unreached = service.get("unreached");
    if let Some(known_ms) = unreached.integer("known_ms") {
        let since = Term::Ago.of(locale).replace("{}", &ago(locale, office.now_ms - known_ms));
        let words = More::UnreachedKnown.of(locale).replace("{}", &since);
        return [note("attention", &words), wrap("div", "batch", &try_again(locale))].concat();
    }
    // The list says so itself.
    if *unreached != Datum::Nil {
        return String::new();
    }
    let well = service.text("breaker") == "closed";
    let words = if well { Term::KeptElsewhere } else { Term::KeptElsewhereAway };
    note(if well { "quiet" } else { "attention" }, words.of(locale))
}

/// Asks for everything anew.
pub fn try_again(locale: Locale) -> String {
    button("button", "reload", "", "", Term::TryAgain.of(locale), Some(Icon::Loop))
}

/// The head of what is open: its title, state and what can be done.
pub fn title(title: &str, state: &str, actions: &str) -> String {
    let actions = if actions.is_empty() { String::new() } else { wrap("div", "acts", actions) };
    [
        "<header class=\"detail-head\"><div class=\"detail-title\"><h2>",
        &escaped(title),
        "</h2>",
        state,
        "</div>",
        &actions,
        "</header>",
    ]
    .concat()
}

/// What stands in the detail while nothing is open.
pub fn nothing(office: &Office, locale: Locale) -> String {
    if !office.room.has_data {
        return String::new();
    }
    let words = if office.place.id.is_some() { Term::NotThere } else { Term::ChooseOne };
    [
        "<p class=\"hint nothing\" ",
        flag("role=status", office.place.id.is_some()),
        ">",
        words.of(locale),
        "</p>",
    ]
    .concat()
}

/// Whether a row holds what is looked for, in any of its texts.
pub fn holds(row: &Datum, find: &str) -> bool {
    let wanted = crate::text::lower(find.trim());
    wanted.is_empty()
        || !crate::state::system::order::ordered(core::slice::from_ref(row), &wanted, "", false).is_empty()
}
