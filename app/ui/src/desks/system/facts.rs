//! Topics, dependencies, limits and features: small tables of rows.

use crate::desks::system::ages::since;
use crate::desks::system::card::{Column, above_rows, card, cell, facts, grid, hint, html, state, text};
use crate::desks::system::client::SystemClient;
use crate::desks::system::sources::{no_rows, rows};
use crate::desks::system::{System, told, use_system};
use crate::live::{flag, press};
use crate::parts::markup::escaped;
use crate::state::system::choices::Section;
use crate::text::{DASH, Locale, Word, bytes, integer, milliseconds};
use inflight_wire::Datum;
use leptos::prelude::*;

const TOPICS: &[Column] = &[
    Column("name", Word::Topic, false),
    Column("form", Word::Kind, false),
    Column("rows", Word::Rows, true),
    Column("subscribers", Word::Subscribers, true),
    Column("digest_mismatches", Word::Mismatches, true),
];

const DEPENDENCIES: &[Column] = &[
    Column("name", Word::Name, false),
    Column("state", Word::State, false),
    Column("code", Word::Code, false),
    Column("since", Word::For, false),
];

/// Topics.
#[component]
pub fn Topics() -> impl IntoView {
    let empty = |system| above_rows(system, no_rows(system, "topic").then_some(Word::TopicsNone));
    let body = view! { {html("card-note", empty)} {grid(Word::Topics, TOPICS, None, topics)} };
    card(Section::Topics, |client| rows(client, "topic"), None, body.into_any())
}

/// Dependencies.
#[component]
pub fn Dependencies() -> impl IntoView {
    let empty = |system| above_rows(system, no_rows(system, "dependency").then_some(Word::DependenciesNone));
    let body =
        view! { {html("card-note", empty)} {grid(Word::Dependencies, DEPENDENCIES, None, dependencies)} };
    card(Section::Dependencies, |client| rows(client, "dependency"), None, body.into_any())
}

/// Limits and features.
#[component]
pub fn Limits() -> impl IntoView {
    let data = |client: &SystemClient| client.with_table(|table| table.row("limits").clone());
    let system = use_system();
    let may = Memo::new(move |_| system.client().is_some_and(|client| client.may_administer()));
    let reload = move || system.client_now().iter().for_each(|client| client.reload_settings());
    let tools = view! {
        <button type="button" class="tool tool-text" hidden=flag(move || !may.get()) on:click=press(reload)>
            {told(Word::ReloadSettings)}
        </button>
    };
    let body = html("limits", limits);
    card(Section::Limits, data, Some(tools.into_any()), body)
}

fn each(system: System, kind: &str, line: impl Fn(Locale, &Datum) -> String) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    client.with_table(|table| table.kind(kind).map(|row| line(locale, row)).collect())
}

fn topics(system: System) -> String {
    each(system, "topic", |locale, row| {
        let form = if row.text("form") == "event" { Word::Event } else { Word::State };
        let mismatches = match row.integer("digest_mismatches") {
            Some(0) => "0".to_owned(),
            Some(count) => state(&integer(locale, count), "alarm"),
            None => DASH.to_owned(),
        };
        let number =
            |member| row.integer(member).map_or_else(|| DASH.to_owned(), |count| integer(locale, count));
        let cells = [
            cell(&format!("<code>{}</code>", text(row, "name")), false),
            cell(form.of(locale), false),
            cell(&number("rows"), true),
            cell(&number("subscribers"), true),
            cell(&mismatches, true),
        ];
        format!("<tr>{}</tr>", cells.concat())
    })
}

fn dependencies(system: System) -> String {
    each(system, "dependency", |locale, row| {
        let how = match row.text("state") {
            "up" => state(Word::Up.of(locale), "good"),
            "degraded" => state(Word::Degraded.of(locale), "attention"),
            "down" => state(Word::Down.of(locale), "alarm"),
            other => escaped(other),
        };
        let cells = [
            cell(&text(row, "name"), false),
            cell(&how, false),
            cell(&format!("<code>{}</code>", text(row, "code")), false),
            cell(&row.time("since").map(since).unwrap_or_default(), false),
        ];
        format!("<tr>{}</tr>", cells.concat())
    })
}

fn limits(system: System) -> String {
    let locale = system.locale();
    let row = system.client().map(|client| client.with_table(|table| table.row("limits").clone()));
    let Some(row) = row.filter(|row| *row != Datum::Nil) else {
        return above_rows(system, Some(Word::Loading));
    };
    let figure = |member: &str, tell: fn(Locale, f64) -> String| {
        row.get(member).number().map_or_else(|| DASH.to_owned(), |value| tell(locale, value))
    };
    let count = |locale, value: f64| integer(locale, value as i64);
    let pairs = [
        (Word::MessagesPerMinute, figure("messages_per_minute", count)),
        (Word::Burst, figure("burst", count)),
        (Word::ConnectionsMost, figure("connections", count)),
        (Word::ConnectionsPerUser, figure("connections_per_user", count)),
        (Word::MessageBytes, figure("message_bytes", bytes)),
        (Word::SignInWithin, figure("sign_in_ms", milliseconds)),
        (Word::StallAfter, figure("stall_ms", milliseconds)),
        (Word::RateLimited, figure("rate_limited", count)),
    ];
    let features = row.get("features").list();
    let feature = |feature: &Datum| {
        let (word, tone) =
            if feature.is("on") { (Word::FeatureOn, "good") } else { (Word::FeatureOff, "quiet") };
        let name = text(feature, "name");
        format!("<li class=\"feature\"><code>{name}</code>{}</li>", state(word.of(locale), tone))
    };
    let list = if features.is_empty() {
        hint(Word::FeaturesNone.of(locale))
    } else {
        format!("<ul class=\"features\">{}</ul>", features.iter().map(feature).collect::<String>())
    };
    format!(
        "{}{}<h3>{}</h3>{list}{}",
        above_rows(system, None),
        facts(locale, &pairs),
        Word::Features.of(locale),
        hint(Word::LimitsHint.of(locale))
    )
}
