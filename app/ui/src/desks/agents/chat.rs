//! The conversation with the assistant: what was said, what is being written, and the field to say more.

use crate::desks::agents::composer::{composer, outgoing};
use crate::desks::agents::html::{button, chip, link, note, tag, time, wrap};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::office::Office;
use crate::state::agents::place::{Place, Section};
use crate::state::agents::queue::waiting;
use crate::state::agents::room::Kind;
use crate::state::agents::search::BEGINS;
use crate::text::{Locale, Term, clock};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// What can be said first.
const SUGGESTIONS: [Term; 4] = [Term::Suggest1, Term::Suggest2, Term::Suggest3, Term::Suggest4];

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let said = office.conversation();
    let mut log: String = said.iter().map(|row| message(office, locale, row)).collect();
    if said.is_empty() && office.outgoing.is_empty() {
        log = welcome(office, locale);
    }
    if office.room.older(Kind::Message).is_some() {
        let older = button("button older", "older", "messages", "", Term::OlderMessages.of(locale), None);
        log.insert_str(0, &older);
    }
    log.push_str(&going_on(office, locale, said.last().copied()));
    let column = [
        states::above(office, locale),
        [
            "<div class=\"chat-log\" id=\"chat-log\" role=\"log\" tabindex=\"0\" aria-label=\"",
            &escaped(Term::Conversation.of(locale)),
            "\">",
            &log,
            "</div>",
        ]
        .concat(),
        composer(office, locale),
    ]
    .concat();
    ["<div class=\"chat\"><div class=\"chat-column\">", &column, "</div>", &aside(office, locale), "</div>"]
        .concat()
}

/// What stands where nothing was said yet.
fn welcome(office: &Office, locale: Locale) -> String {
    if !office.room.has_data {
        return states::waiting(office, locale);
    }
    let off = office.is_read_only();
    let suggestion = |term: Term| {
        button(
            "suggestion",
            "suggest",
            term.of(locale),
            super::html::flag("disabled", off),
            term.of(locale),
            None,
        )
    };
    let hint = if office.hint_read {
        String::new()
    } else {
        let close = button("button", "hint", "", "", Term::HintRead.of(locale), None);
        wrap("div", "first", &[tag("p", "", Term::FirstHint.of(locale)), close].concat())
    };
    let list: String = SUGGESTIONS.into_iter().map(suggestion).collect();
    [
        "<div class=\"welcome\"><h2>",
        Term::Welcome.of(locale),
        "</h2><p class=\"hint\">",
        Term::WelcomeHint.of(locale),
        "</p>",
        &hint,
        "<div class=\"suggestions\">",
        &list,
        "</div></div>",
    ]
    .concat()
}

/// Something that was said.
fn message(office: &Office, locale: Locale, row: &Datum) -> String {
    let is_agent = row.text("from") == "agent";
    let who = match (is_agent, row.text("by")) {
        (true, _) => Term::Assistant.of(locale),
        (false, "") => Term::You.of(locale),
        (false, by) => by,
    };
    let at = row.integer("at_ms").map(|at_ms| time(at_ms, &clock(UnixMillis(at_ms)))).unwrap_or_default();
    let mut parts = vec![
        ["<header><span class=\"message-who\">", &escaped(who), "</span>", &at, "</header>"].concat(),
        steps(locale, row),
        if row.text("text").is_empty() { String::new() } else { tag("p", "message-text", row.text("text")) },
        states::sealed(locale, row),
        citations(office, locale, row),
    ];
    if !row.text("error").is_empty() {
        parts.push(note("alarm", row.text("error")));
    }
    let mut foot = String::new();
    if !row.text("error").is_empty()
        && let Some(words) = question(office, row)
    {
        foot.push_str(&button("button", "suggest", &words, "", Term::TryAgain.of(locale), Some(Icon::Loop)));
    }
    if let Some(id) = review_of(office, row).filter(|_| is_agent) {
        foot.push_str(&review(office, locale, id));
    }
    if is_agent && !row.text("run").is_empty() {
        let place = office.place.to(Section::Runs, Some(row.text("run")));
        foot.push_str(&link("quiet-link", &place, "", Term::HowCame.of(locale)));
    }
    if !foot.is_empty() {
        parts.push(wrap("footer", "", &foot));
    }
    article(row.text("id"), if is_agent { "agent" } else { "user" }, "", &parts.concat())
}

/// What was asked before an answer that failed.
fn question(office: &Office, answer: &Datum) -> Option<String> {
    let before = answer.integer("at_ms");
    let mut said = office.conversation().into_iter();
    said.rfind(|row| row.text("from") == "user" && row.integer("at_ms") <= before)
        .map(|row| row.text("text").to_owned())
}

/// A message as an element of the log.
pub fn article(key: &str, from: &str, more: &str, html: &str) -> String {
    [
        "<article class=\"message\" data-from=\"",
        from,
        "\" data-key=\"m-",
        &escaped(key),
        "\" ",
        more,
        ">",
        html,
        "</article>",
    ]
    .concat()
}

/// The review that an answer names, or the open one of its run.
fn review_of<'a>(office: &'a Office, row: &'a Datum) -> Option<&'a str> {
    let run = row.text("run");
    let is_its =
        |review: &&Datum| !run.is_empty() && review.text("run") == run && review.text("status") == "open";
    match row.text("review") {
        "" => office.room.rows(Kind::Review).find(is_its).map(|review| review.text("id")),
        named => Some(named),
    }
}

/// What waits for a person because of an answer.
fn review(office: &Office, locale: Locale, id: &str) -> String {
    let status = office.room.row(Kind::Review, id).map_or("open", |row| row.text("status"));
    let (tone, words) = states::review(status);
    let place = office.place.to(Section::Reviews, Some(id));
    let place = if status == "open" { place } else { Place { show: "decided".to_owned(), ..place } };
    link("pill-link", &place, "", &chip(tone, words.of(locale)))
}

/// The tools that were used, with their time; open while the answer is being written.
fn steps(locale: Locale, row: &Datum) -> String {
    let all = row.get("steps").list();
    if all.is_empty() {
        return String::new();
    }
    let line = |step: &Datum| {
        let (tone, words) = match step.text("status") {
            "failed" | "error" => ("alarm", Term::StepFailed),
            "running" | "started" => ("quiet", Term::StepRunning),
            _ => ("good", Term::StepDone),
        };
        let took =
            step.get("took_ms").number().map(|ms| crate::text::took(locale, ms as i64)).unwrap_or_default();
        [
            "<li data-tone=\"",
            tone,
            "\"><span class=\"unseen\">",
            words.of(locale),
            " </span><code>",
            &escaped(step.text("name")),
            "</code> ",
            &tag("span", "step-detail", step.text("detail")),
            &tag("span", "step-took number", &took),
            "</li>",
        ]
        .concat()
    };
    let sum: f64 = all.iter().filter_map(|step| step.get("took_ms").number()).sum();
    let count = crate::text::counted_steps(locale, all.len());
    let title = [&count, " · ", &crate::text::took(locale, sum as i64)].concat();
    let lines: String = all.iter().map(line).collect();
    ["<details class=\"steps\"><summary>", &escaped(&title), "</summary><ol>", &lines, "</ol></details>"]
        .concat()
}

/// Where an answer comes from.
fn citations(office: &Office, locale: Locale, row: &Datum) -> String {
    let all = row.get("citations").list();
    if all.is_empty() {
        return String::new();
    }
    let one = |citation: &Datum| {
        let (id, title) = (citation.text("id"), citation.text("title"));
        let (word, place) = match citation.text("kind") {
            "case" => (Term::Case, Some(office.place.to(Section::Cases, Some(id)))),
            "model" => (Term::Model, Some(office.place.to(Section::Models, Some(id)))),
            "schedule" => (Term::Schedule, Some(office.place.to(Section::Schedules, Some(id)))),
            "review" => (Term::Review, Some(office.place.to(Section::Reviews, Some(id)))),
            "run" => (Term::Run, Some(office.place.to(Section::Runs, Some(id)))),
            "decision" => {
                let run = id.strip_prefix(BEGINS).unwrap_or(id);
                (Term::Decision, Some(office.place.to(Section::Runs, Some(run))))
            }
            "aircraft" => (Term::Aircraft, None),
            _ => (Term::Resource, Some(office.place.to(Section::Resources, Some(id)))),
        };
        let shown = if title.is_empty() { id } else { title };
        let html = [tag("span", "muted", word.of(locale)), " ".to_owned(), escaped(shown)].concat();
        let anchor = match place {
            Some(place) => link("citation", &place, "", &html),
            None => ["<a class=\"citation\" href=\"/?icao=", &escaped(id), "\">", &html, "</a>"].concat(),
        };
        ["<li>", &anchor, "</li>"].concat()
    };
    let list: String = all.iter().map(one).collect();
    ["<ul class=\"citations\" aria-label=\"", Term::SourcesOf.of(locale), "\">", &list, "</ul>"].concat()
}

/// What is on its way, failed to go out, or is being written.
fn going_on(office: &Office, locale: Locale, last: Option<&Datum>) -> String {
    let mut html = outgoing(office, locale);
    let replies: Vec<&Datum> = office.room.rows(Kind::Reply).collect();
    for reply in &replies {
        let head =
            ["<header><span class=\"message-who\">", Term::Assistant.of(locale), "</span></header>"].concat();
        let body = [
            head,
            steps(locale, reply),
            tag("p", "message-text", reply.text("text")),
            citations(office, locale, reply),
        ]
        .concat();
        html.push_str(&article(&["r-", reply.text("id")].concat(), "agent", "data-writing=\"true\"", &body));
    }
    let run = last
        .filter(|row| row.text("from") == "user")
        .and_then(|row| office.room.row(Kind::Run, row.text("run")));
    let waits = last.is_some_and(|row| row.text("from") == "user");
    if waits && replies.is_empty() {
        match run.map(|run| (run.text("status"), run)) {
            Some(("failed", run)) => {
                let again = last.map_or("", |row| row.text("text"));
                let again =
                    button("button", "suggest", again, "", Term::TryAgain.of(locale), Some(Icon::Loop));
                html.push_str(&wrap(
                    "div",
                    "failed",
                    &[
                        note("alarm", &[Term::NoAnswerCame.of(locale), " ", run.text("error")].concat()),
                        again,
                    ]
                    .concat(),
                ));
            }
            Some(("done" | "cancelled" | "review", _)) => {}
            Some((_, run)) => html.push_str(&working(locale, run.text("node"))),
            None => html.push_str(&working(locale, "")),
        }
    }
    html
}

fn working(locale: Locale, node: &str) -> String {
    let node = if node.is_empty() { String::new() } else { ["<code>", &escaped(node), "</code>"].concat() };
    [
        "<p class=\"working\"><span class=\"pulse\" aria-hidden=\"true\"></span>",
        Term::Working.of(locale),
        " ",
        &node,
        "</p>",
    ]
    .concat()
}

/// What needs somebody, beside the conversation where there is room.
fn aside(office: &Office, locale: Locale) -> String {
    let reviews = waiting(office.room.rows(Kind::Review));
    let open = |row: &&&Datum| row.text("status") != "closed";
    let newest = office.room.newest(Kind::Case, "changed_ms");
    let cases: Vec<&&Datum> = newest.iter().filter(open).collect();
    let line = |section: Section, row: &Datum, tone: &str| {
        let place = office.place.to(section, Some(row.text("id")));
        let html = [
            ["<span class=\"dot\" data-tone=\"", tone, "\"></span>"].concat(),
            tag("span", "", row.text("title")),
        ]
        .concat();
        ["<li>", &link("aside-link", &place, "", &html), "</li>"].concat()
    };
    let list = |title: Term, none: Term, lines: String, section: Section, count: usize| {
        let more = match count {
            0..=4 => String::new(),
            _ => link(
                "quiet-link",
                &office.place.to(section, None),
                "",
                &Term::AllOf.of(locale).replace("{}", &count.to_string()),
            ),
        };
        let body = if lines.is_empty() { tag("p", "hint", none.of(locale)) } else { wrap("ul", "", &lines) };
        ["<section><h2>", title.of(locale), "</h2>", &body, &more, "</section>"].concat()
    };
    let review_lines: String = reviews
        .iter()
        .take(4)
        .map(|row| line(Section::Reviews, row, if row.is("escalated") { "alarm" } else { "attention" }))
        .collect();
    let case_lines: String = cases
        .iter()
        .take(4)
        .map(|row| line(Section::Cases, row, states::severity(row.text("severity")).0))
        .collect();
    [
        "<aside class=\"chat-aside\" aria-label=\"",
        &escaped(Term::WhatNeedsYou.of(locale)),
        "\">",
        &list(Term::WaitingForYou, Term::NothingWaits, review_lines, Section::Reviews, reviews.len()),
        &list(Term::OpenCases, Term::NoCases, case_lines, Section::Cases, cases.len()),
        "</aside>",
    ]
    .concat()
}
