//! Connections: how many of which kind, and for who may observe each of them.

use crate::desks::system::ages::since;
use crate::desks::system::card::{Column, above_answers, above_rows, card, cell, facts, grid, html, text};
use crate::desks::system::client::SystemClient;
use crate::desks::system::{System, told, use_system};
use crate::live::{flag, hear, live, press};
use crate::parts::markup::escaped;
use crate::state::system::choices::Section;
use crate::state::system::order::ordered;
use crate::state::system::remote::Ask;
use crate::text::{DASH, Word, bytes, integer, measure};
use inflight_wire::Datum;
use leptos::ev::Event;
use leptos::prelude::*;

/// Single connections that are shown at first, and with each press more.
pub const PAGE: usize = 100;

const BY: &[Column] = &[
    Column("endpoint", Word::Endpoint, false),
    Column("form", Word::Form, false),
    Column("open", Word::Open, true),
    Column("messages_per_s", Word::Messages, true),
    Column("bytes_per_s", Word::Sent, true),
];

const SINGLE: &[Column] = &[
    Column("user", Word::User, false),
    Column("role", Word::Role, false),
    Column("endpoint", Word::Endpoint, false),
    Column("form", Word::Form, false),
    Column("since", Word::Connected, false),
    Column("messages_sent", Word::Messages, true),
    Column("bytes_sent", Word::Sent, true),
    Column("lag_cuts", Word::Lag, true),
    Column("topics", Word::TopicsOf, false),
];

/// The section.
#[component]
pub fn Connections() -> impl IntoView {
    let data = |client: &SystemClient| {
        let all = client.with_table(|table| table.row("connections").clone());
        let single = client.with_remote(Ask::Connections, |remote| remote.data.clone()).unwrap_or_default();
        let member = |name: &str, value| (name.to_owned(), value);
        Datum::Map(vec![member("all", all), member("single", single.get("connections").clone())])
    };
    let body = view! {
        {html("card-note", |system| above_rows(system, totals(system).is_empty().then_some(Word::ByNone)))}
        {html("totals", totals)}
        {grid(Word::Connections, BY, None, by)}
        <Single />
    };
    card(Section::Connections, data, None, body.into_any())
}

/// Each connection.
#[component]
fn Single() -> impl IntoView {
    let system = use_system();
    let none = move || {
        above_answers(system, Ask::Connections, single(system).is_empty().then_some(Word::SingleNone))
    };
    let count = Memo::new(move |_| (found(system).len(), single(system).len()));
    let find = move |event: Event| {
        system.choices.update(|choices| choices.find = event_target_value(&event));
        system.shown.set(PAGE);
    };
    let more = move || Word::ShowMore.of(system.locale()).replace("{}", &PAGE.to_string());
    let shown_of = move || {
        let (found, all) = count.get();
        let words = Word::ShownOf.of(system.locale());
        let shown = integer(system.locale(), found.min(system.shown.get()) as i64);
        words.replacen("{}", &shown, 1).replacen("{}", &integer(system.locale(), all as i64), 1)
    };
    view! {
        <div class="card-part">
            <div class="card-row">
                <h3>{told(Word::Single)}</h3>
                <span class="number muted" hidden=flag(move || count.get().1 == 0)>{live(shown_of)}</span>
                <label class="field find" hidden=flag(move || count.get().1 == 0)>
                    <span class="unseen">{told(Word::Find)}</span>
                    <input
                        type="text"
                        id="find"
                        placeholder=told(Word::Find)
                        prop:value=live(move || system.choices.read().find.clone())
                        on:input=hear(find)
                    />
                </label>
            </div>
            {html("card-note", move |_| none())}
            {html("card-note", move |system| {
                let (found, all) = count.get();
                if found == 0 && all > 0 { super::card::hint(Word::NoneFits.of(system.locale())) } else { String::new() }
            })}
            {grid(Word::Single, SINGLE, Some(sort), lines)}
            <button
                type="button"
                class="button"
                hidden=flag(move || count.get().0 <= system.shown.get())
                on:click=press(move || system.shown.update(|shown| *shown += PAGE))
            >
                {live(more)}
            </button>
        </div>
    }
}

/// Orders by a column; by the same one again, the other way round.
fn sort(system: System, member: &'static str) {
    system.choices.update(|choices| {
        choices.falling = choices.sort == member && !choices.falling;
        member.clone_into(&mut choices.sort);
    });
}

fn single(system: System) -> Vec<Datum> {
    let Some(client) = system.client() else { return Vec::new() };
    client.with_remote(Ask::Connections, |remote| {
        remote.data.as_ref().map_or_else(Vec::new, |data| data.get("connections").list().to_vec())
    })
}

fn found(system: System) -> Vec<Datum> {
    let choices = system.choices.get();
    let rows = single(system);
    ordered(&rows, &choices.find, &choices.sort, choices.falling).into_iter().cloned().collect()
}

fn totals(system: System) -> String {
    let locale = system.locale();
    let row = system.client().map(|client| client.with_table(|table| table.row("connections").clone()));
    let Some(row) = row.filter(|row| *row != Datum::Nil) else { return String::new() };
    let count = |member| row.integer(member).map_or_else(|| DASH.to_owned(), |count| integer(locale, count));
    let pairs = [
        (Word::Open, count("open")),
        (Word::Most, count("most")),
        (Word::Users, count("users")),
        (Word::Refused, count("refused")),
    ];
    facts(locale, &pairs)
}

fn by(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let line = |row: &Datum| {
        let told = |member| {
            let value = row.get(member).number();
            cell(&value.map_or_else(|| DASH.to_owned(), |value| measure(locale, member, value)), true)
        };
        format!(
            "<tr>{}{}{}{}{}</tr>",
            cell(&text(row, "endpoint"), false),
            cell(&text(row, "form"), false),
            told("open"),
            told("messages_per_s"),
            told("bytes_per_s")
        )
    };
    client.with_table(|table| table.row("connections").get("by").list().iter().map(line).collect())
}

fn lines(system: System) -> String {
    let locale = system.locale();
    let line = |row: &Datum| {
        let count =
            |member| row.integer(member).map_or_else(|| DASH.to_owned(), |count| integer(locale, count));
        let topics: Vec<String> = row.get("topics").list().iter().filter_map(topic).collect();
        let sent = row.get("bytes_sent").number().map_or_else(|| DASH.to_owned(), |sent| bytes(locale, sent));
        let cells = [
            cell(&text(row, "user"), false),
            cell(&text(row, "role"), false),
            cell(&text(row, "endpoint"), false),
            cell(&text(row, "form"), false),
            cell(&row.time("since").map(since).unwrap_or_default(), false),
            cell(&count("messages_sent"), true),
            cell(&sent, true),
            cell(&count("lag_cuts"), true),
            cell(&topics.join(", "), false),
        ];
        format!("<tr>{}</tr>", cells.concat())
    };
    found(system).iter().take(system.shown.get()).map(line).collect()
}

fn topic(name: &Datum) -> Option<String> {
    if let Datum::Text(name) = name { Some(escaped(name)) } else { None }
}
