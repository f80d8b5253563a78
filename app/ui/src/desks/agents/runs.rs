//! Runs of agents: the list of them, or of the decisions that they came to.

use crate::desks::agents::html::{button, chip, empty, since};
use crate::desks::agents::split::{Head, Line, holds, list, split};
use crate::desks::agents::{decisions, run, states};
use crate::parts::markup::escaped;
use crate::state::agents::office::Office;
use crate::state::agents::room::Kind;
use crate::state::agents::search::DECISIONS;
use crate::text::{Locale, Term};
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let tabs = vec![
        ("", Term::AllRuns),
        ("open", Term::OpenRuns),
        ("failed", Term::FailedRuns),
        (DECISIONS, Term::DecisionsTab),
    ];
    let head = Head { tabs, has_find: true, ..Head::default() };
    let listed = if office.is_searching() {
        decisions::found(office, locale, head)
    } else {
        runs(office, locale, head)
    };
    split(office, locale, &listed, &run::view(office, locale))
}

fn runs(office: &Office, locale: Locale, head: Head) -> String {
    let fits = |row: &&Datum| {
        let status = row.text("status");
        let shown = match office.place.show.as_str() {
            "open" => matches!(status, "running" | "waiting" | "review"),
            "failed" => status == "failed",
            _ => true,
        };
        shown && holds(row, &office.place.find)
    };
    let rows: Vec<&Datum> = office.room.newest(Kind::Run, "started_ms").into_iter().filter(fits).collect();
    let lines = rows.iter().map(|row| line(office, locale, row)).collect();
    let is_filtered = !office.place.show.is_empty() || !office.place.find.is_empty();
    let none = if is_filtered {
        empty(Term::NoneFits.of(locale), Term::NoneFitsHint.of(locale))
    } else {
        empty(Term::NoRuns.of(locale), Term::NoRunsHint.of(locale))
    };
    let mut html = list(office, locale, head, lines, &none);
    if office.room.older(Kind::Run).is_some() {
        html.push_str(&button("button older", "older", "runs", "", Term::OlderRuns.of(locale), None));
    }
    html
}

fn line<'a>(office: &Office, locale: Locale, row: &'a Datum) -> Line<'a> {
    let (tone, words) = states::run(row.text("status"));
    let title = if row.text("title").is_empty() { row.text("agent") } else { row.text("title") };
    let mut below = vec![escaped(row.text("agent"))];
    if !row.text("decisionCode").is_empty() {
        below.push(["<code>", &escaped(row.text("decisionCode")), "</code>"].concat());
    }
    below.push(since(locale, row.integer("started_ms"), office.now_ms));
    Line {
        id: row.text("id"),
        title,
        end: chip(tone, words.of(locale)),
        below: below.join(" · "),
        before: String::new(),
    }
}
