//! The search field and palette: a combobox over callsigns, addresses, and all that can be done.

use crate::browser::focus;
use crate::desk::{Desk, Sheet, use_desk, word};
use crate::desks::sky::act_on;
use crate::live::{changing, flag, hear, live, live_option, truth};
use crate::parts::{Icon, icon};
use crate::state::keys::{Action, BINDINGS, Binding};
use crate::state::search::{LISTED, search};
use crate::text::{Locale, Noun, Text, counted, read};
use inflight_domain::Icao24;
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;

/// Puts the cursor into the field.
pub fn focus_search() {
    focus("#search");
}

/// A line of the results.
#[derive(Clone, Debug, PartialEq)]
struct ResultLine {
    target: Target,
    name: String,
    note: String,
}

/// What a line leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    Aircraft(Icao24),
    Action(Action),
}

/// What was found, and which line is chosen.
#[derive(Clone, Copy)]
struct Results {
    typed: RwSignal<String>,
    open: RwSignal<bool>,
    chosen: RwSignal<usize>,
    lines: Memo<(Vec<ResultLine>, usize)>,
}

/// The field and its results.
#[component]
pub fn SearchBox() -> impl IntoView {
    let desk = use_desk();
    let typed = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let lines = Memo::new(move |_| if open.get() { find(desk, &typed.read()) } else { (Vec::new(), 0) });
    let results = Results { typed, open, chosen: RwSignal::new(0), lines };
    let input = move |event: Event| {
        typed.set(event_target_value(&event));
        results.chosen.set(0);
        open.set(true);
    };
    view! {
        <div class="search" role="search" data-open=truth(move || open.get())>
            <label class="search-field">
                {icon(Icon::Search)}
                <input
                    id="search"
                    type="text"
                    inputmode="search"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    role="combobox"
                    aria-label=word(Text::Search)
                    aria-controls="search-results"
                    aria-autocomplete="list"
                    aria-expanded=truth(move || open.get())
                    aria-activedescendant=live_option(move || active_id(results))
                    placeholder=word(Text::Search)
                    prop:value=live(move || typed.get())
                    on:input=hear(input)
                    on:focus=hear(move |_| open.set(true))
                    on:blur=hear(move |_| open.set(false))
                    on:keydown=hear(move |event| key_pressed(desk, results, &event))
                />
                <kbd class="search-key" aria-hidden="true">"/"</kbd>
            </label>
            <ResultList results />
        </div>
    }
    .into_any()
}

#[component]
fn ResultList(results: Results) -> impl IntoView {
    let desk = use_desk();
    let total = move || {
        let (lines, total) = results.lines.get();
        match (results.typed.read().trim().is_empty(), lines.is_empty()) {
            (true, _) => Text::SearchHint.of(desk.locale()).to_owned(),
            (_, true) => Text::SearchNothing.of(desk.locale()).to_owned(),
            _ => counted(desk.locale(), total as u64, Noun::Result),
        }
    };
    let items = move || {
        let line = |(index, line): (usize, ResultLine)| {
            let target = line.target;
            view! {
                <li
                    id=format!("result-{index}")
                    class="result"
                    role="option"
                    aria-selected=truth(move || results.chosen.get() == index)
                    on:mousedown=hear(move |event: MouseEvent| {
                        event.prevent_default();
                        go(desk, results, target);
                    })
                >
                    <span class="result-name">{line.name}</span>
                    <span class="result-note">{line.note}</span>
                </li>
            }
        };
        results.lines.get().0.into_iter().enumerate().map(line).collect_view().into_any()
    };
    view! {
        <div class="results" hidden=flag(move || !results.open.get())>
            <ul id="search-results" role="listbox" aria-label=word(Text::SearchResults)>{changing(items)}</ul>
            <p class="results-total" role="status">{live(total)}</p>
        </div>
    }
}

fn find(desk: Desk, typed: &str) -> (Vec<ResultLine>, usize) {
    desk.beat.track();
    let Some(client) = desk.client() else { return (Vec::new(), 0) };
    let settings = desk.settings.get();
    let found = client.with_board(|board| search(board.shown().map(|row| &row.aircraft), typed));
    let now = client.stream_now().unwrap_or_default();
    let line = |icao24: Icao24| {
        let reading = read(settings.locale, settings.units, &client.aircraft(icao24)?, now);
        let altitude = reading.altitude.text();
        Some(ResultLine {
            target: Target::Aircraft(icao24),
            name: reading.name().to_owned(),
            note: format!("{} · {altitude}", reading.hex),
        })
    };
    let actions = find_actions(settings.locale, typed);
    let total = found.total + actions.len();
    (found.listed.into_iter().filter_map(line).chain(actions).collect(), total)
}

/// What can be done whose words hold the text.
fn find_actions(locale: Locale, typed: &str) -> Vec<ResultLine> {
    let wanted = typed.trim().to_ascii_lowercase();
    let line = |binding: &Binding| {
        let name = binding.does.of(locale);
        let fits = !wanted.is_empty() && name.to_ascii_lowercase().contains(&wanted) && !binding.is_echo();
        Some(ResultLine {
            target: Target::Action(binding.action.filter(|_| fits)?),
            name: name.to_owned(),
            note: binding.caps.join(" "),
        })
    };
    BINDINGS.iter().filter_map(line).take(LISTED).collect()
}

fn active_id(results: Results) -> Option<String> {
    let count = results.lines.read().0.len();
    (count > 0).then(|| format!("result-{}", results.chosen.get().min(count - 1)))
}

fn key_pressed(desk: Desk, results: Results, event: &KeyboardEvent) {
    let lines = results.lines.get_untracked().0;
    let last = lines.len().saturating_sub(1);
    match event.key().as_str() {
        "ArrowDown" => {
            results.chosen.update(|chosen| *chosen = if *chosen >= last { 0 } else { *chosen + 1 });
        }
        "ArrowUp" => results.chosen.update(|chosen| *chosen = if *chosen == 0 { last } else { *chosen - 1 }),
        "Enter" => {
            if let Some(line) = lines.get(results.chosen.get_untracked().min(last)) {
                go(desk, results, line.target);
            }
        }
        "Escape" => {
            event.stop_propagation();
            results.typed.set(String::new());
            focus("#globe");
        }
        _ => return,
    }
    event.prevent_default();
}

/// Selects the aircraft and flies to it, or does what the line says.
fn go(desk: Desk, results: Results, target: Target) {
    results.open.set(false);
    results.typed.set(String::new());
    focus("#globe");
    match target {
        Target::Action(action) => _ = act_on(desk, action),
        Target::Aircraft(icao24) => {
            desk.sheet.set(Sheet::Peek);
            desk.select(Some(icao24));
            if let Some(client) = desk.client_now() {
                client.with_stage(|stage, now| stage.visit(icao24, now));
            }
        }
    }
}
