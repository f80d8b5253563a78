//! Cases: what happened, what is proposed, and where the aircraft is.

use crate::desks::agents::html::{
    Field, button, chip, empty, facts, flag, folded, link, members, note, refusal, since, tag, time, wrap,
};
use crate::desks::agents::split::{Head, Line, holds, list, nothing, split, title};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::agents::edit::NOTE;
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
        title(row.text("title"), &state, &[sky(locale, row), actions(office, locale, row)].concat()),
        if row.is("stale") { note("attention", Term::StaleCase.of(locale)) } else { String::new() },
        states::sealed(locale, row),
        about(office, locale, row),
        proposal(office, locale, row),
        notes(office, locale, row),
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

/// What can be done with it.
fn actions(office: &Office, locale: Locale, row: &Datum) -> String {
    if office.is_read_only() {
        return String::new();
    }
    let id = row.text("id");
    let busy = flag("disabled", office.form(id).is_some_and(|form| form.busy));
    let press = |act: &str, words: Term| button("button", act, id, busy, words.of(locale), None);
    if row.text("status") == "closed" {
        return press("reopen", Term::ReopenCase);
    }
    let me = office.me.as_ref().map_or("", |me| me.text("user"));
    let is_mine = !me.is_empty() && row.text("assignee") == me;
    let own = if is_mine { press("release", Term::ReleaseCase) } else { press("take", Term::TakeCase) };
    [own, press("close", Term::CloseCase)].concat()
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
        (Term::Assignee, escaped(row.text("assignee"))),
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

/// What was noted, the newest first, and the field to note more.
fn notes(office: &Office, locale: Locale, row: &Datum) -> String {
    let one = |note: &Datum| {
        let at =
            note.integer("at_ms").map(|at_ms| time(at_ms, &clock(UnixMillis(at_ms)))).unwrap_or_default();
        let act = match note.text("act") {
            "close" => Term::DidClose.of(locale),
            "reopen" => Term::DidReopen.of(locale),
            "take" => Term::DidTake.of(locale),
            "release" => Term::DidRelease.of(locale),
            other => other,
        };
        let who = [note.text("by"), " ", act].concat();
        [
            "<li>",
            &at,
            " ",
            &tag("span", "muted", &who),
            " ",
            &tag("span", "note-text", note.text("text")),
            "</li>",
        ]
        .concat()
    };
    let list: String = row.get("notes").list().iter().rev().map(one).collect();
    let list = if list.is_empty() { list } else { wrap("ul", "plain-list", &list) };
    let more = if office.is_read_only() { String::new() } else { new_note(office, locale, row.text("id")) };
    if list.is_empty() && more.is_empty() {
        return list;
    }
    ["<section class=\"block form\"><h3>", Term::Notes.of(locale), "</h3>", &more, &list, "</section>"]
        .concat()
}

/// The field of a note; what stands in it goes along with closing too.
fn new_note(office: &Office, locale: Locale, id: &str) -> String {
    let form = office.form(id);
    let bad = form.and_then(|form| form.refused.as_ref());
    let is_empty = bad.is_some_and(|why| why.field == NOTE && why.message.is_empty());
    let typed = office.typed(id, NOTE, "");
    let field = Field {
        form: id,
        name: NOTE,
        label: Term::NoteLabel.of(locale),
        value: &typed,
        hint: Term::NoteHint.of(locale),
        wrong: if is_empty { Term::FaultEmpty.of(locale) } else { "" },
        off: false,
    };
    let why = bad.filter(|_| !is_empty).map(|why| note("alarm", &refusal(locale, why))).unwrap_or_default();
    let busy = flag("disabled", form.is_some_and(|form| form.busy));
    let add = button("button", "note", id, busy, Term::AddNote.of(locale), None);
    [field.lines(2, ""), why, wrap("div", "acts", &add)].concat()
}
