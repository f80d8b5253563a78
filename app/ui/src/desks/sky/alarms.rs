//! Who calls for help, over the picture, whatever is filtered: callsign, code and what the code means.

use crate::desk::Desk;
use crate::desks::sky::actions::do_said;
use crate::parts::Icon;
use crate::parts::markup::{button, escaped, markup};
use crate::state::filter::Filter;
use crate::text::read;
use inflight_domain::Icao24;
use leptos::prelude::*;

/// The alarms. The place is made anew only when they change, and so each is said once.
#[component]
pub fn Alarms() -> impl IntoView {
    markup("alarms", alarms, do_said)
}

/// Selects an aircraft and flies there; what hides it is taken away.
pub fn reveal(desk: Desk, icao24: Icao24) {
    let Some(client) = desk.client_now() else { return };
    if !client.with_board(|board| board.sieve.shows(icao24)) {
        desk.choose(&mut |choices| choices.picks.isolated = false);
        crate::desks::sky::filters::set(desk, Filter::default());
    }
    desk.select(Some(icao24));
    client.with_stage(|stage, now| stage.visit(icao24, now));
}

fn alarms(desk: Desk) -> String {
    let (settings, choices) = (desk.settings.get(), desk.choices.read());
    let Some(client) = desk.client_now().filter(|_| !choices.alarms.is_empty()) else { return String::new() };
    let chip = |icao24: &Icao24| {
        let (aircraft, now) = (client.aircraft(*icao24)?, client.stream_now()?);
        let reading = read(settings.locale, settings.units, &aircraft, now);
        let meaning = reading.emergency.unwrap_or_default();
        let words = escaped(&format!("{} · {} · {meaning}", reading.name(), reading.squawk));
        let attributes = format!("class=\"alarm\" data-hex=\"{icao24}\"");
        Some(button(&attributes, &format!("reveal:{icao24}"), &words, Some(Icon::Warning)))
    };
    let chips: String = choices.alarms.iter().filter_map(chip).collect();
    format!("<div role=\"alert\">{chips}</div>")
}
