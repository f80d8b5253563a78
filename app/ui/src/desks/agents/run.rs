//! One run: its graph, its steps, what it asked and was answered, what it cost, and what can be made of it.

use crate::desks::agents::graph::graph;
use crate::desks::agents::html::{
    button, chip, facts, flag, folded, link, note, percent, refusal, since, tag, wrap,
};
use crate::desks::agents::review_form::changes;
use crate::desks::agents::run_state::{fork, state};
use crate::desks::agents::split::{nothing, title};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::diff::changes as difference;
use crate::state::agents::office::Office;
use crate::state::agents::place::{Place, Section};
use crate::state::agents::room::Kind;
use crate::state::agents::run::{Opened, Step};
use crate::state::system::json::json;
use crate::text::{Locale, Term, fixed, integer, took};
use inflight_wire::Datum;

/// The run that is open, or what stands in its place.
pub fn view(office: &Office, locale: Locale) -> String {
    if office.place.id.is_none() {
        return nothing(office, locale);
    }
    match (&office.watch.opened, &office.watch.refused) {
        (Some(run), _) => opened(office, locale, run),
        (None, Some(why)) => note("alarm", &refusal(locale, why)),
        (None, None) => tag("p", "working", Term::Loading.of(locale)),
    }
}

/// The row of the run, newer by the room than by the answer.
fn row<'a>(office: &'a Office, run: &'a Opened) -> &'a Datum {
    office.room.row(Kind::Run, run.run.text("id")).unwrap_or(&run.run)
}

fn opened(office: &Office, locale: Locale, run: &Opened) -> String {
    let row = row(office, run);
    let (tone, words) = states::run(row.text("status"));
    let name = if row.text("title").is_empty() { row.text("id") } else { row.text("title") };
    let mut above = String::new();
    if !row.text("error").is_empty() {
        above.push_str(&note("alarm", row.text("error")));
    }
    if !row.text("degraded").is_empty() {
        above.push_str(&note(
            "attention",
            &[Term::RunDegraded.of(locale), " ", row.text("degraded")].concat(),
        ));
    }
    for why in run.effects.iter().filter_map(|effect| failure(locale, effect)) {
        above.push_str(&note("alarm", &Term::EffectFailedWhy.of(locale).replace("{}", &why)));
    }
    above.push_str(&states::sealed(locale, row));
    if run.withheld {
        above.push_str(&note("attention", Term::RunWithheld.of(locale)));
        let title = title(name, &chip(tone, words.of(locale)), "");
        let parts = [title, above, about(office, locale, row), done(office, locale, run)];
        return wrap("div", "detail run", &parts.concat());
    }
    let (_, here) = office.step();
    let parts = [
        title(name, &chip(tone, words.of(locale)), &actions(office, locale, row)),
        above,
        verified(office, locale),
        about(office, locale, row),
        budgets(locale, row.get("budget")),
        [
            "<div class=\"run-picture\">",
            &graph(locale, run, &run.trace(here)),
            &steps(office, locale, run),
            "</div>",
        ]
        .concat(),
        state(office, locale, run),
        fork(office, locale),
        done(office, locale, run),
        all_events(locale, run),
    ];
    wrap("div", "detail run", &parts.concat())
}

fn actions(office: &Office, locale: Locale, row: &Datum) -> String {
    let id = row.text("id");
    let may = !office.is_read_only();
    let is_on_way = matches!(row.text("status"), "running" | "waiting" | "review");
    let mut html = button(
        "button",
        "verify",
        id,
        flag("disabled", office.watch.verifying),
        Term::Verify.of(locale),
        Some(Icon::Well),
    );
    if may {
        let pressed =
            if office.watch.fork.is_some() { "aria-pressed=\"true\"" } else { "aria-pressed=\"false\"" };
        html.push_str(&button("button", "fork", id, pressed, Term::Fork.of(locale), Some(Icon::StepOn)));
    }
    html.push_str(&button("button", "export", id, "", Term::Export.of(locale), Some(Icon::Export)));
    if may && is_on_way {
        html.push_str(&button(
            "button danger",
            "cancel-run",
            id,
            "",
            Term::CancelRun.of(locale),
            Some(Icon::Close),
        ));
    }
    html
}

/// What came of replaying the run.
fn verified(office: &Office, locale: Locale) -> String {
    if office.watch.verifying {
        return tag("p", "working", Term::Verifying.of(locale));
    }
    match &office.watch.verified {
        None => String::new(),
        Some(Err(why)) => note("alarm", &[Term::NotVerified.of(locale), " ", &refusal(locale, why)].concat()),
        Some(Ok(answer)) if answer.is("ok") => {
            let steps = answer.integer("steps").unwrap_or(0);
            note("good", &Term::VerifiedWell.of(locale).replace("{}", &integer(locale, steps)))
        }
        Some(Ok(answer)) => {
            let divergence = answer.get("divergence");
            let words = Term::Diverged
                .of(locale)
                .replacen("{}", &divergence.integer("seq").unwrap_or(0).to_string(), 1)
                .replacen("{}", divergence.text("node"), 1);
            let found = difference(divergence.get("expected"), divergence.get("got"));
            [note("alarm", &words), changes(locale, Term::ExpectedGot, &found)].concat()
        }
    }
}

fn about(office: &Office, locale: Locale, row: &Datum) -> String {
    let agent = [
        &escaped(row.text("agent")),
        " <span class=\"muted\">v",
        &escaped(&crate::state::agents::form::shown(row.get("version"))),
        "</span>",
    ]
    .concat();
    let review = if row.is("requiresHumanReview") { Term::Yes.of(locale).to_owned() } else { String::new() };
    let lasted =
        row.integer("changed_ms").zip(row.integer("started_ms")).map(|(to, from)| took(locale, to - from));
    let forked = row.text("forked_from");
    let forked = if forked.is_empty() {
        String::new()
    } else {
        link("", &office.place.to(Section::Runs, Some(forked)), "", &escaped(forked))
    };
    let pairs = [
        (Term::Agent, agent),
        (Term::Node, code(row.text("node"))),
        (Term::Decision, code(row.text("decisionCode"))),
        (Term::Confidence, percent(locale, row.get("confidence").number())),
        (Term::NeedsReview, review),
        (Term::Started, since(locale, row.integer("started_ms"), office.now_ms)),
        (Term::Lasted, lasted.unwrap_or_default()),
        (Term::Source, escaped(row.text("input_source"))),
        (Term::Correlation, code(row.text("correlation"))),
        (Term::ForkedFrom, forked),
    ];
    facts(locale, &pairs)
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { ["<code>", &escaped(text), "</code>"].concat() }
}

/// A budget: its word, the members for what is used and for the limit, and how a number of it is told.
type Meter<'a> = (Term, &'static str, &'static str, &'a dyn Fn(i64) -> String);

/// Budgets as meters; those without a limit are left out, and money that nobody counts.
pub fn budgets(locale: Locale, budget: &Datum) -> String {
    let money = |micro: i64| ["$", &fixed(locale, micro / 100, 4)].concat();
    let count = |number: i64| integer(locale, number);
    let span = |ms: i64| took(locale, ms);
    let all: [Meter<'_>; 4] = [
        (Term::Tokens, "tokens", "tokens_max", &count),
        (Term::Cost, "cost_microusd", "cost_max_microusd", &money),
        (Term::Steps, "steps", "steps_max", &count),
        (Term::TimeUsed, "time_ms", "time_max_ms", &span),
    ];
    let meter = |(word, used, most, told): &Meter<'_>| {
        let is_unknown = *word == Term::Cost && budget.is("unpriced");
        let (Some(used), Some(most), false) =
            (budget.integer(used), budget.integer(most).filter(|most| *most > 0), is_unknown)
        else {
            return String::new();
        };
        let share = (used.clamp(0, most) * 1000 / most).clamp(0, 1000);
        let tone = match share {
            1000.. => "alarm",
            800.. => "attention",
            _ => "accent",
        };
        let words = Term::Of.of(locale).replacen("{}", &told(used), 1).replacen("{}", &told(most), 1);
        [
            "<div class=\"meter\" data-tone=\"",
            tone,
            "\"><span class=\"meter-word\">",
            word.of(locale),
            "</span><span class=\"meter-value number\">",
            &escaped(&words),
            "</span><span class=\"meter-bar\" aria-hidden=\"true\"><span style=\"width:",
            &crate::text::decimal(share, 1),
            "%\"></span></span></div>",
        ]
        .concat()
    };
    let html: String = all.iter().map(meter).collect();
    if html.is_empty() { html } else { wrap("div", "meters", &html) }
}

/// All steps, with the slider that goes through them.
fn steps(office: &Office, locale: Locale, run: &Opened) -> String {
    let (count, here) = office.step();
    let told = Term::Of.of(locale).replacen("{}", &here.to_string(), 1).replacen("{}", &count.to_string(), 1);
    let slider = [
        "<div class=\"scrub\"><label for=\"scrub\">",
        Term::StateAfter.of(locale),
        " <output class=\"number\">",
        &told,
        "</output></label>",
        "<input type=\"range\" id=\"scrub\" data-act=\"step\" min=\"0\" max=\"",
        &count.to_string(),
        "\" value=\"",
        &here.to_string(),
        "\" aria-valuetext=\"",
        &escaped(&told),
        "\"></div>",
    ]
    .concat();
    let line = |(place, step): (usize, &Step)| {
        let number = place + 1;
        let current = if number == here { "aria-current=\"step\"" } else { "" };
        let to = Place { step: (number < count).then_some(number), ..office.place.clone() };
        let took = step.took_ms.map(|ms| took(locale, ms)).unwrap_or_default();
        let html = [
            "<span class=\"step-number number\">",
            &number.to_string(),
            "</span><span class=\"step-node\">",
            &escaped(&step.node),
            "</span>",
            "<span class=\"step-took number\">",
            &took,
            "</span>",
        ]
        .concat();
        [
            "<li data-key=\"s",
            &number.to_string(),
            "\" data-past=\"",
            if number <= here { "true" } else { "false" },
            "\">",
            &link("step-link", &to, &["data-replace ", current].concat(), &html),
            "</li>",
        ]
        .concat()
    };
    let lines: String = run.steps.iter().enumerate().map(line).collect();
    let list = if lines.is_empty() {
        tag("p", "hint", Term::NoSteps.of(locale))
    } else {
        ["<ol class=\"step-list\">", &lines, "</ol>"].concat()
    };
    ["<div class=\"run-steps\">", &slider, &list, "</div>"].concat()
}

/// What the run did to the world, and what people were asked.
fn done(office: &Office, locale: Locale, run: &Opened) -> String {
    let effect = |effect: &Datum| {
        let what = effect.get("effect");
        let name = ["target", "type", "kind"]
            .map(|member| what.text(member))
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or("–");
        let (tone, status) = match (effect.get("outcome"), failure(locale, effect)) {
            (Datum::Nil, _) => ("quiet", Term::EffectWaits),
            (_, Some(_)) => ("alarm", Term::EffectFailed),
            (outcome, _) if *outcome.get("done") == Datum::Nil => ("quiet", Term::EffectWithdrawn),
            _ => ("good", Term::EffectDone),
        };
        let row = what.get("kind").text("row");
        let name = if row.is_empty() { name.to_owned() } else { [row, " · ", name].concat() };
        let key = effect.text("key");
        let id = ["effect-", key].concat();
        [
            "<li data-key=\"",
            &escaped(&id),
            "\">",
            &chip(tone, status.of(locale)),
            &folded(locale, &escaped(&id), &name, &json(effect)),
            "</li>",
        ]
        .concat()
    };
    let review = |row: &Datum| {
        let row = office.room.row(Kind::Review, row.text("id")).unwrap_or(row);
        let (tone, words) = states::review(row.text("status"));
        let place = office.place.to(Section::Reviews, Some(row.text("id")));
        let place =
            if row.text("status") == "open" { place } else { Place { show: "decided".to_owned(), ..place } };
        ["<li>", &chip(tone, words.of(locale)), &link("", &place, "", &escaped(row.text("title"))), "</li>"]
            .concat()
    };
    let block = |word: Term, html: String| {
        if html.is_empty() {
            html
        } else {
            [
                "<section class=\"block\"><h3>",
                word.of(locale),
                "</h3><ul class=\"plain-list\">",
                &html,
                "</ul></section>",
            ]
            .concat()
        }
    };
    [
        block(Term::Effects, run.effects.iter().map(effect).collect()),
        block(Term::Reviews, run.reviews.iter().map(review).collect()),
    ]
    .concat()
}

/// Why an effect did not come about; other ends than being done or withdrawn are failures, whatever their name.
fn failure(locale: Locale, effect: &Datum) -> Option<String> {
    let (name, why) = match effect.get("outcome") {
        Datum::Map(outcome) => outcome.first().map(|(name, why)| (name.as_str(), why))?,
        Datum::Text(name) => (name.as_str(), &Datum::Nil),
        _ => return None,
    };
    Some(match (name, why.text("by"), why.text("message")) {
        ("done" | "withdrawn", ..) => return None,
        ("conflicted", "", _) => Term::ChangedMeanwhile.of(locale).to_owned(),
        ("conflicted", by, _) => Term::ChangedMeanwhileBy.of(locale).replace("{}", by),
        (name, _, "") => name.to_owned(),
        (.., message) => message.to_owned(),
    })
}

/// All events as they were recorded.
fn all_events(locale: Locale, run: &Opened) -> String {
    let title = Term::AllEvents.of(locale).replace("{}", &run.events.len().to_string());
    folded(locale, "all-events", &title, &json(&Datum::List(run.events.clone())))
}
