//! All that is selected, as a list in the inspector.

use crate::desk::{Desk, use_desk, word};
use crate::live::{changing, flag, press, truth};
use crate::parts::{Icon, icon};
use crate::state::follow::Focus;
use crate::text::{Text, read};
use inflight_domain::Icao24;
use leptos::prelude::*;

/// The list; there while more than one is selected.
#[component]
pub fn Selection() -> impl IntoView {
    let desk = use_desk();
    let lines = move || {
        let picks = desk.picks.get();
        picks.all.into_iter().map(|icao24| line(desk, icao24)).collect_view().into_any()
    };
    view! {
        <ul class="picks" aria-label=word(Text::Selection) hidden=flag(move || desk.picks.read().all.len() < 2)>
            {changing(lines)}
        </ul>
    }
    .into_any()
}

fn line(desk: Desk, icao24: Icao24) -> AnyView {
    let settings = desk.settings.get_untracked();
    let reading = desk.client_now().and_then(|client| {
        Some(read(settings.locale, settings.units, &client.aircraft(icao24)?, client.stream_now()?))
    });
    let name = reading.as_ref().map_or_else(|| icao24.to_string(), |reading| reading.name().to_owned());
    let note = reading.map(|reading| format!("{} · {}", reading.altitude.text(), reading.speed.text()));
    let label = Text::Remove.of(settings.locale).replace("{}", &name);
    let show = move || desk.set_focus(Focus { selected: Some(icao24), following: false });
    view! {
        <li class="pick">
            <button
                type="button"
                class="pick-name"
                aria-pressed=truth(move || desk.focus.read().selected == Some(icao24))
                on:click=press(show)
            >
                <span class="result-name">{name}</span>
                <span class="result-note">{note}</span>
            </button>
            <button type="button" class="tool" aria-label=label on:click=press(move || desk.pick(icao24))>
                {icon(Icon::Close)}
            </button>
        </li>
    }
    .into_any()
}
