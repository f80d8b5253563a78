//! The audit trail: newest first, by action, with whether its chain holds, and as a file.

use crate::browser::{download, wall_ms};
use crate::desks::system::card::{Column, above_answers, card, cell, grid, html, state, text};
use crate::desks::system::{System, told, use_system};
use crate::live::{flag, hear, live, press};
use crate::parts::markup::{escaped, svg};
use crate::parts::{Icon, icon};
use crate::state::system::choices::Section;
use crate::state::system::json::{csv, json};
use crate::state::system::remote::Ask;
use crate::text::{Word, moment, stamp};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;
use leptos::ev::Event;
use leptos::prelude::*;

/// What is noted, as the server names it.
const ACTIONS: [&str; 12] = [
    "connect",
    "disconnect",
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "key_created",
    "key_revoked",
    "command",
    "publish",
    "decision",
    "settings_reloaded",
    "refused",
];

const COLUMNS: &[Column] = &[
    Column("at", Word::At, false),
    Column("actor", Word::Actor, false),
    Column("action", Word::ActionTaken, false),
    Column("target", Word::Target, false),
    Column("result", Word::Result, false),
    Column("correlation_id", Word::Correlation, false),
    Column("hash", Word::Chain, false),
];

/// Columns of the file.
const FILE: &[&str] = &["seq", "at", "actor", "action", "target", "result", "correlation_id", "hash"];

/// The section.
#[component]
pub fn Audit() -> impl IntoView {
    let system = use_system();
    let any = Memo::new(move |_| !entries(system).is_empty());
    let file = move |as_csv: bool| hand_out(system, as_csv);
    let tools = view! {
        <span class="card-tools" hidden=flag(move || !any.get())>
            <Actions />
            <button type="button" class="tool tool-worded" aria-label=told(Word::ExportCsv) on:click=press(move || file(true))>
                {icon(Icon::Export)} "CSV"
            </button>
            <button type="button" class="tool tool-worded" aria-label=told(Word::ExportJson) on:click=press(move || file(false))>
                {icon(Icon::Export)} "JSON"
            </button>
        </span>
    };
    let first = Memo::new(move |_| {
        let client = system.client()?;
        client.audit().last()?.integer("seq")
    });
    let older = move || system.client_now().iter().for_each(|client| client.ask_older());
    let end = move || if first.get() == Some(1) { Word::AuditEnd.of(system.locale()) } else { "" };
    let body = view! {
        {html("card-note", verified)}
        {html("card-note", |system| above_answers(system, Ask::Audit, entries(system).is_empty().then_some(Word::AuditNone)))}
        {grid(Word::Audit, COLUMNS, None, lines)}
        <button type="button" class="button" hidden=flag(move || first.get().is_none_or(|first| first <= 1)) on:click=press(older)>
            {told(Word::Older)}
        </button>
        <p class="hint">{live(end)}</p>
    };
    card(Section::Audit, |client| Datum::List(client.audit()), Some(tools.into_any()), body.into_any())
}

/// Which actions are shown.
#[component]
fn Actions() -> impl IntoView {
    let system = use_system();
    let option = |name: &'static str| {
        view! { <option value=name selected=flag(move || system.choices.read().action == name)>{name}</option> }
    };
    let chosen =
        move |event: Event| system.choices.update(|choices| choices.action = event_target_value(&event));
    view! {
        <select class="select" aria-label=told(Word::ActionTaken) on:change=hear(chosen)>
            <option value="">{told(Word::AllActions)}</option>
            {ACTIONS.map(option).collect_view()}
        </select>
    }
}

fn entries(system: System) -> Vec<Datum> {
    let action = system.choices.read().action.clone();
    let Some(client) = system.client() else { return Vec::new() };
    let all = client.audit().into_iter();
    all.filter(|entry| action.is_empty() || entry.text("action") == action).collect()
}

fn verified(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let holds = client.with_remote(Ask::Audit, |remote| Some(remote.data.as_ref()?.get("verified").clone()));
    match holds {
        Some(Datum::Bool(true)) => {
            format!(
                "<p class=\"mark\" data-tone=\"good\">{}{}</p>",
                svg(Icon::Well),
                Word::Verified.of(locale)
            )
        }
        Some(Datum::Bool(false)) => state(Word::Broken.of(locale), "alarm"),
        _ => String::new(),
    }
}

fn lines(system: System) -> String {
    // What is said of moments depends on the person's clock.
    system.screen.settings.track();
    let line = |entry: &Datum| {
        let hash: String = entry.text("hash").chars().take(12).collect();
        let cells = [
            cell(&entry.time("at").map(moment).unwrap_or_default(), false),
            cell(&text(entry, "actor"), false),
            cell(&format!("<code>{}</code>", text(entry, "action")), false),
            cell(&text(entry, "target"), false),
            cell(&text(entry, "result"), false),
            cell(&format!("<code>{}</code>", text(entry, "correlation_id")), false),
            cell(&format!("<code title=\"{}\">{}</code>", text(entry, "hash"), escaped(&hash)), false),
        ];
        format!("<tr>{}</tr>", cells.concat())
    };
    entries(system).iter().map(line).collect()
}

/// Hands out what is shown.
fn hand_out(system: System, as_csv: bool) {
    let rows = untrack(|| entries(system));
    let time = stamp(UnixMillis(wall_ms()));
    if as_csv {
        download(&format!("inflight-audit-{time}.csv"), "text/csv", &csv(FILE, &rows));
    } else {
        download(&format!("inflight-audit-{time}.json"), "application/json", &json(&Datum::List(rows)));
    }
}
