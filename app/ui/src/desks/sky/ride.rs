//! The ride over the picture: who is ridden with, which seat, the way out, and the instruments.

use crate::desk::{use_desk, word};
use crate::desks::sky::inspector::{Shown, newest};
use crate::live::{live, press, while_true};
use crate::parts::{Icon, Segmented, icon};
use crate::stage::Hud;
use crate::state::view::{SEATS, seat_name};
use crate::text::Text;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The bar and the instruments, while somebody rides.
#[component]
pub fn RideView() -> impl IntoView {
    let desk = use_desk();
    let is_riding = Memo::new(move |_| desk.seat.read().is_some());
    while_true(is_riding, || view! { <Instruments /> }.into_any())
}

#[component]
fn Instruments() -> impl IntoView {
    let desk = use_desk();
    let shown =
        Memo::new(move |before: Option<&Option<Shown>>| newest(desk, before.and_then(Option::as_ref)));
    let place: NodeRef<Div> = NodeRef::new();
    Effect::new(move |_| {
        let (Some(client), Some(place), settings) = (desk.client(), place.get(), desk.settings.get()) else {
            return;
        };
        let hud = Hud::new(place.unchecked_into(), (settings.locale, settings.units));
        client.with_stage(|stage, _| stage.set_hud(hud));
    });
    on_cleanup(move || {
        if let Some(client) = desk.client_now() {
            client.with_stage(|stage, _| stage.set_hud(None));
        }
    });
    let name =
        live(move || shown.read().as_ref().map(|shown| shown.reading.name().to_owned()).unwrap_or_default());
    let note = live(move || {
        let (locale, shown) = (desk.locale(), shown.read());
        match shown.as_ref() {
            Some(shown) if shown.gone => Text::RideGone.of(locale).to_owned(),
            Some(shown) if shown.reading.ghost => {
                Text::RideGhost.of(locale).replace("{}", &shown.reading.position_age)
            }
            _ => String::new(),
        }
    });
    let numbers = live(move || {
        let shown = shown.read();
        let Some(shown) = shown.as_ref() else { return String::new() };
        let reading = &shown.reading;
        let parts = [
            reading.speed.text(),
            reading.altitude.text(),
            reading.vertical_rate.text(),
            reading.track.clone(),
        ];
        parts.join(", ")
    });
    let chosen = Signal::derive(move || desk.seat.get().map_or("", seat_name));
    let pick = move |name: &'static str| {
        desk.take_seat(SEATS.into_iter().find(|(seat, _)| *seat == name).map(|(_, seat)| seat));
    };
    view! {
        <section class="ride" aria-label=word(Text::Ride)>
            <div class="hud" role="img" aria-label=numbers node_ref=place></div>
            <div class="ride-bar">
                <strong>{name}</strong>
                <Segmented
                    label=Text::Ride
                    name="seat"
                    options=&[("cockpit", Text::SeatCockpit), ("chase", Text::SeatChase), ("top", Text::SeatTop)]
                    chosen=chosen
                    on_pick=pick
                />
                <button type="button" class="tool" aria-label=word(Text::RideLeave) title=word(Text::RideLeave) on:click=press(move || desk.take_seat(None))>
                    {icon(Icon::Close)}
                </button>
            </div>
            <p class="ride-note" role="status">{note}</p>
        </section>
    }
}
