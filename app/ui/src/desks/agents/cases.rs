//! Cases: what happened, what is proposed, and where the aircraft is.

use crate::desks::agents::html::{chip, empty, facts, folded, link, members, since, tag, time, wrap};
use crate::desks::agents::split::{Head, Line, holds, list, nothing, split, title};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::agents::office::Office;
use crate::state::agents::place::Section;
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::state::system::json::json;
use crate::text::{Locale, Term, clock, lower};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let is_closed = office.place.show == "closed";
    let fits = |row: &&Datum| (row.text("status") == "closed") == is_closed && holds(row, &office.place.find);
    let mut rows: Vec<&Datum> =
        office.room.newest(Kind::Case, "changed_ms").into_iter().filter(fits).collect();
    if !is_closed {
        sort(&mut rows, &|row| {
            let gravity = match row.text("severity") {
                "critical" => 0,
                "warning" => 1,
                _ => 2,
            };
            (gravity, 0, String::new())
        });
    }
    let lines = rows.iter().map(|row| line(office, locale, row)).collect();
    let none = if is_closed || !office.place.find.is_empty() {
        empty(Term::NoneFits.of(locale), Term::NoneFitsHint.of(locale))
    } else {
        empty(Term::NoCases.of(locale), Term::NoCasesHint.of(locale))
    };
    let head = Head {
        tabs: vec![("", Term::OpenTab), ("closed", Term::ClosedTab)],
        has_find: true,
        ..Head::default()
    };
    let detail = office
        .open_row(Kind::Case)
        .map_or_else(|| nothing(office, locale), |row| detail(office, locale, row));
    split(office, locale, &list(office, locale, head, lines, &none), &detail)
}

fn line<'a>(office: &Office, locale: Locale, row: &'a Datum) -> Line<'a> {
    let (tone, words) = states::severity(row.text("severity"));
    let (_, status) = states::case(row.text("status"));
    let mut below = vec![escaped(row.text("kind")), lower(status.of(locale))];
    let named = ["callsign", "aircraft"].map(|name| row.text(name)).into_iter().find(|text| !text.is_empty());
    below.extend(named.map(escaped));
    below.push(since(locale, row.integer("changed_ms"), office.now_ms));
    Line {
        id: row.text("id"),
        title: row.text("title"),
        end: chip(tone, words.of(locale)),
        below: below.join(" · "),
        before: String::new(),
    }
}

fn detail(office: &Office, locale: Locale, row: &Datum) -> String {
    let (tone, severity) = states::severity(row.text("severity"));
    let (status_tone, status) = states::case(row.text("status"));
    let state = [chip(tone, severity.of(locale)), chip(status_tone, status.of(locale))].concat();
    let parts = [
        title(row.text("title"), &state, &sky(locale, row)),
        states::sealed(locale, row),
        about(office, locale, row),
        proposal(office, locale, row),
        notes(locale, row),
        folded(locale, "raw-case", Term::Raw.of(locale), &json(row)),
    ];
    wrap("div", "detail", &parts.concat())
}

/// The way to the aircraft on the Sky desk.
fn sky(locale: Locale, row: &Datum) -> String {
    let aircraft = row.text("aircraft");
    if aircraft.is_empty() {
        return String::new();
    }
    let words = Term::OnSky
        .of(locale)
        .replace("{}", if row.text("callsign").is_empty() { aircraft } else { row.text("callsign") });
    [
        "<a class=\"button\" href=\"/?icao=",
        &escaped(aircraft),
        "&follow=1\">",
        &svg(Icon::Sky),
        "<span>",
        &escaped(&words),
        "</span></a>",
    ]
    .concat()
}

fn about(office: &Office, locale: Locale, row: &Datum) -> String {
    let run = row.text("run");
    let run = if run.is_empty() {
        String::new()
    } else {
        link("", &office.place.to(Section::Runs, Some(run)), "", &escaped(run))
    };
    let pairs = [
        (Term::KindOf, escaped(row.text("kind"))),
        (Term::Callsign, escaped(row.text("callsign"))),
        (Term::Aircraft, escaped(row.text("aircraft"))),
        (Term::Airport, escaped(row.text("airport"))),
        (Term::Opened, since(locale, row.integer("opened_ms"), office.now_ms)),
        (Term::Changed, since(locale, row.integer("changed_ms"), office.now_ms)),
        (Term::Run, run),
    ];
    facts(locale, &pairs)
}

/// What an agent proposes, with the review that waits for it.
fn proposal(office: &Office, locale: Locale, row: &Datum) -> String {
    let proposal = row.get("proposal");
    let run = row.text("run");
    let is_its =
        |review: &&Datum| !run.is_empty() && review.text("run") == run && review.text("status") == "open";
    let review = office.room.rows(Kind::Review).find(is_its);
    if *proposal == Datum::Nil && review.is_none() {
        return String::new();
    }
    let go = review.map(|review| {
        let place = office.place.to(Section::Reviews, Some(review.text("id")));
        link("button primary", &place, "", Term::GoToReview.of(locale))
    });
    let body = if *proposal == Datum::Nil { String::new() } else { members(proposal) };
    [
        "<section class=\"block\"><h3>",
        Term::WhatIsProposed.of(locale),
        "</h3><p><span class=\"pill\" data-tone=\"agent\">",
        Term::ProposedByAgent.of(locale),
        "</span></p>",
        &body,
        &go.unwrap_or_default(),
        "</section>",
    ]
    .concat()
}

fn notes(locale: Locale, row: &Datum) -> String {
    let notes = row.get("notes").list();
    if notes.is_empty() {
        return String::new();
    }
    let one = |note: &Datum| {
        let at =
            note.integer("at_ms").map(|at_ms| time(at_ms, &clock(UnixMillis(at_ms)))).unwrap_or_default();
        [
            "<li>",
            &at,
            " ",
            &tag("span", "muted", note.text("by")),
            " ",
            &tag("span", "note-text", note.text("text")),
            "</li>",
        ]
        .concat()
    };
    let list: String = notes.iter().rev().map(one).collect();
    [
        "<section class=\"block\"><h3>",
        Term::Notes.of(locale),
        "</h3><ul class=\"plain-list\">",
        &list,
        "</ul></section>",
    ]
    .concat()
}
