//! The state of a run after a step: what the step changed, what happened in it, and the editor for a fork.

use crate::desks::agents::html::{button, copy, flag, folded, members, refusal, tag, time, wrap};
use crate::desks::agents::review_form::changes;
use crate::parts::markup::escaped;
use crate::state::agents::diff::changes as difference;
use crate::state::agents::doing::Refusal;
use crate::state::agents::office::Office;
use crate::state::agents::run::{Opened, Step, kind_of};
use crate::state::system::json::json;
use crate::text::{Locale, Term, clock, mistake};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// The state after the step in front, and what that step changed.
pub fn state(office: &Office, locale: Locale, run: &Opened) -> String {
    let (_, here) = office.step();
    let step = here.checked_sub(1).and_then(|place| run.steps.get(place));
    let after = office.watch.state(office.seq());
    let before = office.watch.state(run.seq_after(here.saturating_sub(1)));
    let patch = match (before, after, step) {
        (Some(before), Some(after), Some(_)) => changes(locale, Term::Changes, &difference(before, after)),
        (_, _, Some(step)) if matches!(step.patch, Datum::Map(_)) => members(&step.patch),
        (_, _, Some(_)) => tag("p", "working", Term::Loading.of(locale)),
        _ => String::new(),
    };
    let patch = if patch.is_empty() && step.is_some() {
        tag("p", "hint", Term::NothingChanged.of(locale))
    } else {
        patch
    };
    let events: String = step.map(|step| events(locale, run, step)).unwrap_or_default();
    let body = match after {
        Some(after) => [
            "<div class=\"code\">",
            &copy(locale, "state"),
            "<pre id=\"state\" tabindex=\"0\">",
            &escaped(&json(after)),
            "</pre></div>",
        ]
        .concat(),
        None => tag("p", "working", Term::Loading.of(locale)),
    };
    let name = step.map_or_else(|| Term::TheBeginning.of(locale).to_owned(), |step| step.node.clone());
    [
        "<section class=\"block\"><h3>",
        &escaped(&[&here.to_string(), ". ", &name].concat()),
        "</h3>",
        &patch,
        &events,
        "<details class=\"fold\" data-key=\"state-fold\"><summary>",
        Term::WholeState.of(locale),
        "</summary>",
        &body,
        "</details></section>",
    ]
    .concat()
}

/// What happened in a step, with questions and answers as they were recorded.
fn events(locale: Locale, run: &Opened, step: &Step) -> String {
    let one = |(place, event): (usize, &Datum)| {
        let (name, body) = kind_of(event);
        let at = crate::state::agents::run::moment(event);
        let at = at.map(|at_ms| time(at_ms, &clock(UnixMillis(at_ms)))).unwrap_or_default();
        let words = match name {
            "asked" => Term::EventAsked,
            "answered" => Term::EventAnswered,
            "answer_failed" => Term::EventFailed,
            "approval_asked" => Term::EventReview,
            "approval_decided" => Term::EventDecided,
            "effect_intended" => Term::EventEffect,
            "effect_settled" => Term::EventSettled,
            "budget_crossed" => Term::EventBudget,
            "guardrail_tripped" => Term::EventGuardrail,
            "waiting" => Term::EventWaiting,
            // Entered, left, recorded and reserved say nothing that is not told already.
            _ => return String::new(),
        };
        let id = format!("e{place}");
        ["<li data-key=\"", &id, "\">", &at, &folded(locale, &id, words.of(locale), &json(body)), "</li>"]
            .concat()
    };
    let places = run.events.get(step.events.clone()).unwrap_or_default();
    let html: String =
        places.iter().enumerate().map(|(place, event)| one((step.events.start + place, event))).collect();
    if html.is_empty() { html } else { wrap("ol", "events", &html) }
}

/// What a fork begins with: the state as it was, or as it is edited by who may say what agents go by.
pub fn fork(office: &Office, locale: Locale) -> String {
    let Some(text) = &office.watch.fork else { return String::new() };
    let (_, here) = office.step();
    let wrong = office.watch.mistake().map(|wrong| mistake(locale, wrong));
    let wrong =
        wrong.or_else(|| office.watch.fork_refused.as_ref().map(|why: &Refusal| refusal(locale, why)));
    let may = office.may_edit();
    let hint = if may { Term::ForkHint } else { Term::ForkAsItWas };
    let says = [
        "<span id=\"fork-says\" class=\"",
        if wrong.is_some() { "field-error" } else { "field-hint" },
        "\">",
        &escaped(wrong.as_deref().unwrap_or(hint.of(locale))),
        "</span>",
    ]
    .concat();
    let label = Term::ForkState.of(locale).replace("{}", &here.to_string());
    let editor = [
        "<label for=\"fork-state\">",
        &escaped(&label),
        "</label><textarea class=\"mono\" id=\"fork-state\" rows=\"12\" spellcheck=\"false\" \
         data-act=\"fork-type\" aria-invalid=\"",
        if wrong.is_some() { "true" } else { "false" },
        "\" aria-describedby=\"fork-says\">\n",
        &escaped(text),
        "</textarea>",
    ]
    .concat();
    [
        "<section class=\"block\" id=\"fork\"><div class=\"field\">",
        if may { &editor } else { "" },
        &says,
        "</div><div class=\"acts\">",
        &button(
            "button primary",
            "fork-now",
            "",
            flag("disabled", office.watch.mistake().is_some()),
            Term::ForkNow.of(locale),
            None,
        ),
        &button("button", "fork", "", "", Term::GiveUp.of(locale), None),
        "</div></section>",
    ]
    .concat()
}
