//! Who calls for help, over the picture, whatever is filtered: callsign, code and what the code means.

use crate::desk::{Desk, use_desk};
use crate::desks::sky::actions::{filter, isolate};
use crate::live::{changing, live, press};
use crate::parts::{Icon, icon};
use crate::state::filter::Filter;
use crate::text::{Reading, read};
use inflight_domain::Icao24;
use leptos::prelude::*;

/// The alarms; each is said once when it comes up.
#[component]
pub fn Alarms() -> impl IntoView {
    let desk = use_desk();
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<Vec<Icao24>>| {
        let alarms = desk.alarms.get();
        let before = before.unwrap_or_default();
        let fresh = alarms.iter().filter(|icao24| !before.contains(icao24));
        let words: Vec<String> = fresh.filter_map(|icao24| Some(told(&reading(desk, *icao24)?))).collect();
        if !words.is_empty() {
            said.set(words.join(", "));
        }
        alarms
    });
    let chips = move || {
        desk.settings.track();
        let chip = |icao24: Icao24| {
            let words = told(&reading(desk, icao24)?);
            Some(view! {
                <button type="button" class="alarm" data-hex=icao24.to_string() on:click=press(move || go(desk, icao24))>
                    {icon(Icon::Warning)}
                    {words}
                </button>
            })
        };
        desk.alarms.get().into_iter().filter_map(chip).collect_view().into_any()
    };
    view! {
        <div class="alarms">{changing(chips)}</div>
        <p class="unseen" role="alert">{live(move || said.get())}</p>
    }
    .into_any()
}

fn reading(desk: Desk, icao24: Icao24) -> Option<Reading> {
    let (client, settings) = (desk.client_now()?, desk.settings.get_untracked());
    Some(read(settings.locale, settings.units, &client.aircraft(icao24)?, client.stream_now()?))
}

fn told(reading: &Reading) -> String {
    format!("{} · {} · {}", reading.name(), reading.squawk, reading.emergency.unwrap_or_default())
}

/// Selects it and flies there; what hides it is taken away.
fn go(desk: Desk, icao24: Icao24) {
    let Some(client) = desk.client_now() else { return };
    if !client.with_board(|board| board.sieve.shows(icao24)) {
        filter(desk, Filter::default());
        if desk.picks.read_untracked().isolated {
            isolate(desk);
        }
    }
    desk.select(Some(icao24));
    client.with_stage(|stage, now| stage.visit(icao24, now));
}
