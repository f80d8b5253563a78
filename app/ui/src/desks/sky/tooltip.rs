//! What is under the mouse, in three lines.

use crate::desk::{Hovered, use_desk};
use crate::text::{Reading, read};
use leptos::prelude::*;

/// The tooltip. It says nothing that the inspector does not, so assistive technology is spared it.
#[component]
pub fn Tooltip() -> impl IntoView {
    let desk = use_desk();
    let reading = Memo::new(move |_| -> Option<(Hovered, Reading)> {
        let hovered = desk.hovered.get()?;
        let (client, settings) = (desk.client()?, desk.settings.get());
        let reading =
            read(settings.locale, settings.units, &client.aircraft(hovered.icao24)?, client.stream_now()?);
        Some((hovered, reading))
    });
    let lines = move || {
        let (_, reading) = reading.get()?;
        let settings = desk.settings.get_untracked();
        let speed_unit = settings.units.speed_unit().of(settings.locale);
        let altitude = if reading.on_ground {
            reading.altitude.clone()
        } else {
            format!("{} {}", reading.altitude, settings.units.altitude_unit())
        };
        Some(view! {
            <strong>{reading.name().to_owned()}</strong>
            <span class="tooltip-hex">{reading.callsign.is_some().then(|| reading.hex.clone())}</span>
            <span>{altitude}" · "{reading.speed}" "{speed_unit}</span>
        })
    };
    let place = move || {
        reading
            .get()
            .map(|(hovered, _)| format!("transform:translate({}px,{}px)", hovered.x as i32, hovered.y as i32))
    };
    view! {
        <div class="tooltip" aria-hidden="true" hidden=move || reading.read().is_none() style=place>
            <div class="tooltip-box">{lines}</div>
        </div>
    }
}
