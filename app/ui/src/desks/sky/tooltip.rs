//! What is under the mouse, in three lines.

use crate::desk::{Hovered, use_desk};
use crate::live::{flag, live, styled};
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
    let part = move |of: fn(&Reading) -> String| {
        live(move || reading.read().as_ref().map(|(_, reading)| of(reading)).unwrap_or_default())
    };
    let place = styled(move || match reading.read().as_ref() {
        Some((hovered, _)) => format!("transform:translate({}px,{}px)", hovered.x as i32, hovered.y as i32),
        None => String::new(),
    });
    view! {
        <div class="tooltip" aria-hidden="true" hidden=flag(move || reading.read().is_none()) style=place>
            <div class="tooltip-box">
                <strong>{part(|reading| reading.name().to_owned())}</strong>
                <span class="tooltip-hex">{part(|reading| reading.hex.clone())}</span>
                <span>{part(|reading| format!("{} · {}", reading.altitude.text(), reading.speed.text()))}</span>
            </div>
        </div>
    }
}
