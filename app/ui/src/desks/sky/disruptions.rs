//! Disruptions: how many are open, the list of them, and an aircraft's own.

use crate::browser::is_wide;
use crate::desk::{Desk, Panel, use_desk, word};
use crate::desks::sky::alarms::reveal;
use crate::link::Ways;
use crate::live::{Live, changing, live, press, truth};
use crate::parts::{Icon, PanelFrame, icon};
use crate::text::{Text, clock, disruption_kind, evidence};
use inflight_domain::{Disruption, Icao24, Severity, UnixMillis};
use leptos::prelude::*;

/// A disruption as it stands in the list.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    icao24: Icao24,
    began: UnixMillis,
    open: bool,
    severity: Severity,
    /// Kind and name.
    head: String,
    /// Since when, or from when to when.
    time: String,
    words: String,
}

/// The button that opens the list, with the number of what is open.
#[component]
pub fn DisruptionsButton() -> impl IntoView {
    let desk = use_desk();
    let open = Memo::new(move |_| {
        let severities = rows(desk, |row| row.ended.is_none(), |row| row.severity);
        (severities.len(), severities.into_iter().max())
    });
    let label = live(move || {
        let (count, _) = open.get();
        [Text::Disruptions.of(desk.locale()), ": ", &count.to_string()].concat()
    });
    view! {
        <button
            type="button"
            class="tool disruptions-button"
            data-opens="disruptions"
            data-severity=live(move || open.get().1.map_or("", Severity::name))
            aria-label=label
            aria-expanded=truth(move || desk.panel.get() == Some(Panel::Disruptions))
            on:click=press(move || desk.toggle_panel(Panel::Disruptions))
        >
            {icon(Icon::Warning)}
            <span class="disruptions-count">{live(move || open.get().0.to_string())}</span>
        </button>
    }
}

/// The list: what is open first, then what has ended, each with the newest first.
#[component]
pub fn DisruptionsPanel() -> impl IntoView {
    let desk = use_desk();
    let lines = Memo::new(move |_| {
        let mut lines = rows(desk, |_| true, |row| line(desk, row));
        lines.sort_by_key(|line| core::cmp::Reverse((line.open, line.severity, line.began)));
        lines
    });
    // Buttons are made anew only when they change places, so that the one that has the focus keeps it.
    let order = Memo::new(move |_| {
        lines.read().iter().map(|line| (line.icao24, line.began, line.open)).collect::<Vec<_>>()
    });
    let beside = use_context::<Ways>().and_then(|ways| ways.beside);
    let list = move || {
        let order = order.get();
        if order.is_empty() {
            return view! { <p class="hint">{word(Text::DisruptionsNone)}</p> }.into_any();
        }
        let button = |(place, (icao24, _, open)): (usize, (Icao24, UnixMillis, bool))| {
            let part = move |of: fn(&Line) -> String| {
                live(move || lines.read().get(place).map(of).unwrap_or_default())
            };
            view! {
                <li>
                    <button
                        type="button"
                        class="disruption"
                        data-open=if open { "true" } else { "false" }
                        data-severity=part(|line| line.severity.name().to_owned())
                        on:click=press(move || show(desk, icao24))
                    >
                        <span class="disruption-head">{part(|line| line.head.clone())}</span>
                        <span class="disruption-time">{part(|line| line.time.clone())}</span>
                        <span class="disruption-words">{part(|line| line.words.clone())}</span>
                    </button>
                </li>
            }
        };
        view! { <ul class="disruptions">{order.into_iter().enumerate().map(button).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <PanelFrame panel=Panel::Disruptions name="disruptions" title=Text::Disruptions>
            {beside.map(|beside| (beside.view)(desk))}
            {changing(list)}
        </PanelFrame>
    }
    .into_any()
}

/// Shows an aircraft; where there is no room for both, the list makes way for it.
fn show(desk: Desk, icao24: Icao24) {
    if !is_wide() {
        desk.panel.set(None);
    }
    reveal(desk, icao24);
}

/// What is open of an aircraft, in words; empty where nothing is.
pub fn open_of(desk: Desk, icao24: Option<Icao24>) -> String {
    let lines = rows(
        desk,
        |row| row.ended.is_none() && Some(row.icao24) == icao24 && row.severity != Severity::Alarm,
        |row| [disruption_kind(row.kind).of(desk.locale()), &evidence_of(desk, row)].join(": "),
    );
    lines.join("\n")
}

/// The line of an aircraft's disruptions, for the inspector.
pub fn open_line(desk: Desk) -> Live {
    live(move || open_of(desk, desk.focus.read().selected))
}

fn line(desk: Desk, row: &Disruption) -> Line {
    let began = clock(row.began);
    Line {
        icao24: row.icao24,
        began: row.began,
        open: row.ended.is_none(),
        severity: row.severity,
        head: [disruption_kind(row.kind).of(desk.locale()), &name(row)].join(" · "),
        time: row.ended.map_or_else(|| began.clone(), |ended| [began.as_str(), &clock(ended)].join(" – ")),
        words: evidence_of(desk, row),
    }
}

fn name(row: &Disruption) -> String {
    row.callsign.as_ref().map_or_else(|| row.icao24.to_string(), |callsign| callsign.as_str().to_owned())
}

fn evidence_of(desk: Desk, row: &Disruption) -> String {
    let settings = desk.settings.read();
    evidence(settings.locale, settings.units, row)
}

/// Reads rows of the topic; told whenever rows change.
fn rows<T>(desk: Desk, wanted: impl Fn(&Disruption) -> bool, of: impl Fn(&Disruption) -> T) -> Vec<T> {
    desk.revision.track();
    let Some(client) = desk.client() else { return Vec::new() };
    client.with_board(|board| board.mirror.disruptions().values().filter(|row| wanted(row)).map(of).collect())
}
