//! What needs a person, then the figures that matter.

use crate::desks::system::ages::since;
use crate::desks::system::card::{above_rows, card, hint, html, state};
use crate::desks::system::client::SystemClient;
use crate::desks::system::{System, told as word, use_system};
use crate::live::{flag, styled};
use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::badge::{Badge, Tone};
use crate::state::system::alerts::{Alert, Level, alerts};
use crate::state::system::choices::Section;
use crate::state::system::remote::Ask;
use crate::text::{DASH, Locale, Word, alert_text, clock, integer, measure};
use inflight_domain::SourceState;
use inflight_wire::Datum;
use leptos::prelude::*;

/// Ended alerts that are shown.
const ENDED: usize = 5;

/// Notices that are shown.
const NOTICES: usize = 20;

/// The figures: where a click leads, the series or member of a row, and its title.
const FIGURES: [(Section, &str, Word); 6] = [
    (Section::Connections, "connections", Word::Connections),
    (Section::Connections, "messages_per_s", Word::Messages),
    (Section::Sources, "aircraft", Word::Aircraft),
    (Section::Process, "cpu_pct", Word::Cpu),
    (Section::Process, "memory_bytes", Word::Memory),
    (Section::Process, "tick_p95_ms", Word::TickP95),
];

/// The section.
#[component]
pub fn Summary() -> impl IntoView {
    let body = view! {
        {html("headline", headline)}
        {html("alerts-open", open_alerts)}
        {html("tiles", tiles)}
        {html("alerts-ended", ended_alerts)}
        <Notices />
    };
    card(Section::Summary, data, None, body.into_any())
}

/// The newest notices, behind a line that opens them.
#[component]
fn Notices() -> impl IntoView {
    let system = use_system();
    let lines = Memo::new(move |_| notices(system));
    view! {
        <details class="notices" hidden=flag(move || lines.read().is_empty())>
            <summary>{word(Word::Notices)}</summary>
            <ol class="alerts-list" inner_html=styled(move || lines.get())></ol>
        </details>
    }
}

/// Notices as lines, the newest first.
fn notices(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let line = |entry: &Datum| {
        let (alert, at) =
            (entry.get("data").get("alerts").list().first(), entry.time("at").unwrap_or_default());
        let words = alert.map_or_else(|| entry.get("data").text("health"), |alert| alert.text("message"));
        let (word, tone) = level_of(alert.map_or("", |alert| alert.text("level")));
        format!(
            "<li class=\"alert\" data-tone=\"quiet\">{}<span class=\"alert-text\">{}</span>\
             <span class=\"alert-facts\">{} · <code>{}</code></span></li>",
            state(word.of(locale), tone),
            escaped(words),
            clock(at),
            escaped(entry.text("type"))
        )
    };
    client.with_table(|table| table.notices().iter().rev().take(NOTICES).map(line).collect())
}

/// The word and the tone of a level as specification 002 or an alert names it.
fn level_of(name: &str) -> (Word, &'static str) {
    match name {
        "alarm" | "critical" | "error" => (Word::LevelAlarm, "alarm"),
        "attention" | "warning" => (Word::LevelAttention, "attention"),
        _ => (Word::LevelInfo, "quiet"),
    }
}

fn data(client: &SystemClient) -> Datum {
    let rows = client.with_table(|table| table.kind("alert").cloned().collect());
    let process = client.with_table(|table| table.row("process").clone());
    let connections = client.with_table(|table| table.row("connections").clone());
    let member = |name: &str, value: Datum| (name.to_owned(), value);
    Datum::Map(vec![
        member("alerts", Datum::List(rows)),
        member("process", process),
        member("connections", connections),
    ])
}

/// Sources that are worse than quiet, where no alert of the server speaks of them.
fn troubled(client: &SystemClient, open: &[Alert]) -> Vec<(String, SourceState, String)> {
    let told = |name: &str| open.iter().any(|alert| alert.code.ends_with(&format!("/{name}")));
    let is_bad = |state| {
        use SourceState::{Degraded, RateLimited, Stopped, Unauthorised};
        matches!(state, Degraded | RateLimited | Stopped | Unauthorised)
    };
    client.with_table(|table| {
        let sources = table.sources().filter(|source| is_bad(source.state) && !told(&source.name));
        sources.map(|source| (source.name, source.state, source.code)).collect()
    })
}

fn open_of(client: &SystemClient) -> Vec<Alert> {
    client.with_table(|table| alerts(table).into_iter().filter(|alert| alert.ended.is_none()).collect())
}

fn headline(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client().filter(|client| client.with_table(|table| table.has_data)) else {
        return above_rows(system, None);
    };
    let tone = system.screen.badge.with(Badge::tone);
    let open = open_of(&client);
    let count =
        open.iter().filter(|alert| alert.level > Level::Info).count() + troubled(&client, &open).len();
    let worst = open.iter().map(|alert| alert.level).max();
    let (picture, tone, words) = match (count, worst) {
        (0, _) if tone == Tone::Alarm => {
            (Icon::Warning, "alarm", crate::text::Text::Offline.of(locale).to_owned())
        }
        (0, _) => (Icon::Well, "good", Word::AllWell.of(locale).to_owned()),
        (1, worst) => (Icon::Warning, tone_of(worst), Word::NeedsYou.of(locale).replace("{}", "1")),
        (count, worst) => {
            (Icon::Warning, tone_of(worst), Word::NeedYou.of(locale).replace("{}", &count.to_string()))
        }
    };
    let hint =
        if words == Word::AllWell.of(locale) { hint(Word::AllWellHint.of(locale)) } else { String::new() };
    format!(
        "{}<p class=\"headline-words\" data-tone=\"{tone}\">{}{}</p>{hint}",
        above_rows(system, None),
        svg(picture),
        escaped(&words)
    )
}

fn tone_of(level: Option<Level>) -> &'static str {
    if level == Some(Level::Alarm) { "alarm" } else { "attention" }
}

fn open_alerts(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let open = open_of(&client);
    let sources = troubled(&client, &open);
    if open.is_empty() && sources.is_empty() {
        return String::new();
    }
    let mut lines: String = open.iter().map(|alert| line(locale, alert)).collect();
    for (name, how, code) in sources {
        let how = format!("{} {code}", crate::text::source_state(how).of(locale));
        let words = Word::SourceFails.of(locale).replacen("{}", &name, 1).replacen("{}", how.trim(), 1);
        let level = state(Word::LevelAttention.of(locale), "attention");
        lines.push_str(&format!(
            "<li class=\"alert\" data-tone=\"attention\">{level}<span class=\"alert-text\">{}</span></li>",
            escaped(&words)
        ));
    }
    format!("<h3>{}</h3><ul class=\"alerts-list\">{lines}</ul>", Word::Alerts.of(locale))
}

fn ended_alerts(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let all = client.with_table(alerts);
    let lines: String = all
        .iter()
        .filter(|alert| alert.ended.is_some())
        .take(ENDED)
        .map(|alert| line(locale, alert))
        .collect();
    if lines.is_empty() {
        return lines;
    }
    format!("<h3>{}</h3><ul class=\"alerts-list\">{lines}</ul>", Word::EndedAlerts.of(locale))
}

fn line(locale: Locale, alert: &Alert) -> String {
    let (word, tone) = match alert.level {
        Level::Info => (Word::LevelInfo, "quiet"),
        Level::Attention => (Word::LevelAttention, "attention"),
        Level::Alarm => (Word::LevelAlarm, "alarm"),
    };
    let tone = if alert.ended.is_some() { "quiet" } else { tone };
    let mut facts = vec![format!("<code>{}</code>", escaped(&alert.code))];
    if let Some((_, threshold)) = alert.measured {
        facts.push(Word::Threshold.of(locale).replace("{}", &measure(locale, alert.unit(), threshold)));
    }
    match (alert.since, alert.ended) {
        (_, Some(ended)) => facts.push(Word::Ended.of(locale).replace("{}", &clock(ended))),
        (Some(began), None) => {
            facts.push(format!("{} · {}", Word::Since.of(locale).replace("{}", &clock(began)), since(began)));
        }
        _ => {}
    }
    format!(
        "<li class=\"alert\" data-tone=\"{tone}\">{}<span class=\"alert-text\">{}</span><span class=\"alert-facts\">{}</span></li>",
        state(word.of(locale), tone),
        escaped(&alert_text(locale, alert)),
        facts.join(" · ")
    )
}

fn tiles(system: System) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return String::new() };
    let tile = |(section, name, title): (Section, &str, Word)| {
        let value = figure(&client, name).map_or_else(|| DASH.to_owned(), |value| told(locale, name, value));
        let (section, title) = (section.name(), title.of(locale));
        format!(
            "<a class=\"tile\" href=\"#section-{section}\"><span>{title}</span><strong class=\"number\">{value}</strong></a>"
        )
    };
    FIGURES.map(tile).concat()
}

fn told(locale: Locale, name: &str, value: f64) -> String {
    if matches!(name, "connections" | "aircraft") {
        integer(locale, value as i64)
    } else {
        measure(locale, name, value)
    }
}

/// The newest value of a figure: from the rows, which are newer, or else from the last hour.
fn figure(client: &SystemClient, name: &str) -> Option<f64> {
    let from_rows = client.with_table(|table| match name {
        "connections" => table.row("connections").get("open").number(),
        "aircraft" => table.row("topic/flights").get("rows").number(),
        "messages_per_s" => {
            let by = table.row("connections").get("by").list();
            let sum: f64 = by.iter().filter_map(|row| row.get("messages_per_s").number()).sum();
            (!by.is_empty()).then_some(sum)
        }
        _ => table.row("process").get(name).number(),
    });
    let from_past = || {
        client.with_remote(Ask::Past, |remote| {
            let values = remote.data.as_ref()?.get("series").get(name).list();
            values.iter().rev().find_map(Datum::number)
        })
    };
    from_rows.or_else(from_past)
}
