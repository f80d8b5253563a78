//! Sources as cards, and what of them was turned away.

use crate::desks::system::System;
use crate::desks::system::ages::stream_age;
use crate::desks::system::card::{Column, above_rows, card, cell, facts, grid, html, state, text};
use crate::desks::system::client::SystemClient;
use crate::parts::badge::factor;
use crate::parts::markup::escaped;
use crate::state::system::choices::Section;
use crate::text::{
    DASH, Locale, Text, Word, bytes, clock, drop_reason, fixed, integer, moment, source_state,
};
use inflight_domain::{DropReason, SourceRow, SourceState};
use inflight_wire::Datum;
use leptos::prelude::*;

/// Entries that are shown.
const LETTERS: usize = 20;

const DROPS: &[Column] = &[Column("reason", Word::Reason, false), Column("count", Word::Count, true)];

/// The sources.
#[component]
pub fn Sources() -> impl IntoView {
    let body = view! {
        {html("card-note", |system| above_rows(system, no_rows(system, "source").then_some(Word::SourcesNone)))}
        {html("source-cards", sources)}
    };
    card(Section::Sources, |client| rows(client, "source"), None, body.into_any())
}

/// What was turned away.
#[component]
pub fn TurnedAway() -> impl IntoView {
    let data = |client: &SystemClient| {
        let member = |name: &str, kind| (name.to_owned(), rows(client, kind));
        Datum::Map(vec![member("drops", "drops"), member("dead_letters", "dead_letter")])
    };
    let empty = |system: System| {
        let none = counts(system).is_empty() && no_rows(system, "dead_letter");
        above_rows(system, none.then_some(Word::LettersNone))
    };
    let body = view! {
        {html("card-note", empty)}
        {grid(Word::TurnedAway, DROPS, None, drops)}
        {html("letters", letters)}
    };
    card(Section::TurnedAway, data, None, body.into_any())
}

/// All rows of a kind.
pub fn rows(client: &SystemClient, kind: &str) -> Datum {
    client.with_table(|table| Datum::List(table.kind(kind).cloned().collect()))
}

/// Whether there is no row of a kind.
pub fn no_rows(system: System, kind: &str) -> bool {
    system.client().is_none_or(|client| client.with_table(|table| table.kind(kind).next().is_none()))
}

fn sources(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let cards: String = client.with_table(|table| table.sources().map(|row| source(locale, &row)).collect());
    let past = client.with_table(|table| {
        let row = table.row("history");
        let (from, to) = (row.time("from")?, row.time("to")?);
        let size = row.get("raw_bytes").number().unwrap_or(0.0);
        let pairs = [
            (Word::KeptFrom, moment(from)),
            (Word::KeptTo, moment(to)),
            (Word::KeptBytes, bytes(locale, size)),
        ];
        Some(article(Word::KeptPast.of(locale), "", &facts(locale, &pairs)))
    });
    cards + &past.unwrap_or_default()
}

fn article(title: &str, state: &str, body: &str) -> String {
    format!("<article class=\"source\"><h3><span>{}</span>{state}</h3>{body}</article>", escaped(title))
}

fn source(locale: Locale, source: &SourceRow) -> String {
    let mut pairs: Vec<(Text, String)> = Vec::new();
    if let Some(replay) = &source.replay {
        pairs.push((Text::Recording, escaped(&replay.recording)));
        pairs.push((Text::ReplaySpeed, factor(locale, (replay.speed * 1000.0).round() as i64)));
    }
    pairs.push((Text::NewestData, source.newest_poll.map_or_else(|| DASH.to_owned(), stream_age)));
    let tenths = (source.poll_interval_s * 10.0).round() as i64;
    let every = if tenths % 10 == 0 { integer(locale, tenths / 10) } else { fixed(locale, tenths, 1) };
    pairs.push((Text::PollEvery, format!("{every}\u{a0}s")));
    pairs.push((Text::Polls, integer(locale, source.polls as i64)));
    pairs.extend(source.credits_remaining.map(|left| (Text::Credits, integer(locale, left as i64))));
    pairs.extend(source.retry_at.map(|at| (Text::NextAttempt, clock(at))));
    if !source.code.is_empty() {
        pairs.push((Text::Code, format!("<code>{}</code>", escaped(&source.code))));
    }
    let pair = |(word, value): &(Text, String)| {
        format!("<div class=\"detail\"><dt>{}</dt><dd>{value}</dd></div>", word.of(locale))
    };
    let details = pairs.iter().map(pair).collect::<String>();
    let how = state(source_state(source.state).of(locale), tone(source.state));
    article(&source.name, &how, &format!("<dl class=\"details\">{details}</dl>"))
}

fn tone(state: SourceState) -> &'static str {
    match state {
        SourceState::Live => "good",
        SourceState::Unauthorised => "alarm",
        SourceState::Starting | SourceState::Replay | SourceState::Idle => "quiet",
        _ => "attention",
    }
}

/// Reasons with their counts, the most frequent first.
fn counts(system: System) -> Vec<(String, i64)> {
    let Some(client) = system.client() else { return Vec::new() };
    let mut counts: Vec<(String, i64)> = client.with_table(|table| {
        let counts =
            table.kind("drops").map(|row| (row.text("reason").to_owned(), row.integer("count").unwrap_or(0)));
        counts.filter(|(_, count)| *count > 0).collect()
    });
    counts.sort_by_key(|(_, count)| -count);
    counts
}

fn drops(system: System) -> String {
    let locale = system.locale();
    let line = |(reason, count): &(String, i64)| {
        format!("<tr>{}{}</tr>", cell(&why(locale, reason), false), cell(&integer(locale, *count), true))
    };
    counts(system).iter().map(line).collect()
}

fn why(locale: Locale, reason: &str) -> String {
    let known = DropReason::ALL.into_iter().find(|known| known.name() == reason);
    known.map_or_else(|| escaped(reason), |known| drop_reason(known).of(locale).to_owned())
}

fn letters(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let mut newest: Vec<Datum> =
        client.with_table(|table| table.kind("dead_letter").map(|row| row.get("letter").clone()).collect());
    if newest.is_empty() {
        return String::new();
    }
    newest.sort_by_key(|letter| {
        let at = letter.time("at").unwrap_or_default();
        (-at.0, letter.integer("line").map(|line| -line))
    });
    let line = |letter: &Datum| {
        let place =
            Text::LinePlace.of(locale).replace("{}", &letter.integer("line").unwrap_or(0).to_string());
        format!(
            "<li class=\"letter\"><span class=\"letter-reason\">{}</span><span class=\"letter-place\">{} · {} · {place}</span>\
             <span class=\"letter-detail\">{}</span><code>{}</code></li>",
            why(locale, letter.text("reason")),
            text(letter, "source"),
            letter.time("at").map(clock).unwrap_or_default(),
            text(letter, "detail"),
            text(letter, "excerpt"),
        )
    };
    let lines: String = newest.iter().take(LETTERS).map(line).collect();
    format!("<h3>{}</h3><ul>{lines}</ul>", Word::Newest.of(locale))
}
