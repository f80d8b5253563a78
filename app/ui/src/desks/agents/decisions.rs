//! Past decisions, looked through by words, code and outcome; each leads to the run that it came of.

use crate::desks::agents::html::{button, chip, choices, empty, percent, refusal, since, tag, wrap};
use crate::desks::agents::split::{Head, Line, list};
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::office::Office;
use crate::state::agents::room::Kind;
use crate::state::agents::search::run_of;
use crate::text::{Locale, Term};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// Outcomes that agents give; others are offered once they are found.
const OUTCOMES: [&str; 8] = ["answered", "done", "rejected", "failed", "stale", "opened", "closed", "told"];

/// The list, with its filters.
pub fn found(office: &Office, locale: Locale, head: Head) -> String {
    let head = Head { more: filters(office, locale), ..head };
    let none = match &office.search.found {
        None => tag("p", "working", Term::Loading.of(locale)),
        Some(Err(why)) => {
            let again = button("button", "reload", "", "", Term::TryAgain.of(locale), Some(Icon::Loop));
            let why = empty(Term::CannotShow.of(locale), &refusal(locale, why));
            [&why, "<div class=\"blank-foot\">", &again, "</div>"].concat()
        }
        Some(Ok(_)) if office.is_narrowed() => {
            empty(Term::NoDecisionFits.of(locale), Term::NoDecisionFitsHint.of(locale))
        }
        Some(Ok(_)) => empty(Term::NoDecisions.of(locale), Term::NoDecisionsHint.of(locale)),
    };
    let lines = rows(office).iter().map(|row| line(office, locale, row)).collect();
    list(office, locale, head, lines, &none)
}

fn rows(office: &Office) -> &[Datum] {
    match &office.search.found {
        Some(Ok(found)) => found,
        _ => &[],
    }
}

fn line<'a>(office: &Office, locale: Locale, row: &'a Datum) -> Line<'a> {
    let outcome = row.text("outcome");
    let tone = match outcome {
        "done" | "approved" | "answered" | "told" => "good",
        "failed" | "stale" => "alarm",
        _ => "quiet",
    };
    let mut below = vec![["<code>", &escaped(row.text("decisionCode")), "</code>"].concat()];
    let sure = percent(locale, row.get("confidence").number());
    if !sure.is_empty() {
        below.push([&sure, " ", Term::Sure.of(locale)].concat());
    }
    let made = UnixMillis::parse_rfc3339(row.text("createdAt"));
    below.push(since(locale, made.map(|at| at.0), office.now_ms));
    let about = row.text("context");
    Line {
        id: run_of(row).unwrap_or(row.text("id")),
        title: if about.is_empty() { row.text("reasoning") } else { about },
        end: chip(tone, word(locale, outcome)),
        below: below.join(" · "),
        before: String::new(),
    }
}

/// An outcome in words; those that other systems make up stay as they are.
fn word(locale: Locale, outcome: &str) -> &str {
    let term = match outcome {
        "answered" => Term::OutcomeAnswered,
        "done" => Term::EffectDone,
        "rejected" => Term::Rejected,
        "failed" => Term::Failed,
        "opened" => Term::OpenCase,
        "closed" => Term::Closed,
        "told" => Term::OutcomeTold,
        "stale" => Term::OutcomeStale,
        other => return other,
    };
    term.of(locale)
}

/// Only those of one code, and with one outcome.
fn filters(office: &Office, locale: Locale) -> String {
    let place = &office.place;
    let known = office.room.rows(Kind::Model).chain(rows(office)).map(|row| row.text("decisionCode"));
    let outcomes = OUTCOMES.into_iter().chain(rows(office).iter().map(|row| row.text("outcome")));
    let html = [
        select("code", Term::DecisionCode, (&place.code, Term::AllCodes), known, locale),
        select("outcome", Term::Outcome, (&place.outcome, Term::AllOutcomes), outcomes, locale),
    ];
    wrap("div", "filters", &html.concat())
}

fn select<'a>(
    act: &str,
    label: Term,
    (chosen, all): (&'a str, Term),
    known: impl Iterator<Item = &'a str>,
    locale: Locale,
) -> String {
    let mut options = vec![("", all.of(locale))];
    for value in known.chain([chosen]) {
        if !value.is_empty() && !options.iter().any(|(own, _)| *own == value) {
            options.push((value, word(locale, value)));
        }
    }
    [
        "<select class=\"select\" data-act=\"",
        act,
        "\" aria-label=\"",
        &escaped(label.of(locale)),
        "\">",
        &choices(chosen, &options),
        "</select>",
    ]
    .concat()
}
