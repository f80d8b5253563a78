//! Buttons for what a drag or a wheel does, so that nothing needs either.

use crate::desk::{Desk, use_desk, word};
use crate::live;
use crate::parts::{Icon, icon};
use crate::stage::Centre;
use crate::text::Text;
use inflight_globe::Key;
use leptos::prelude::*;

/// Tilt from which the tilt button lays the view flat again, in degrees.
const TILTED_DEG: f64 = 5.0;

/// Tilt that the button gives, in steps of the key.
const TILT_STEPS: usize = 5;

/// The buttons.
#[component]
pub fn GlobeControls() -> impl IntoView {
    view! {
        <div class="globe-controls" role="group" aria-label=word(Text::GlobeControls)>
            <Control text=Text::ZoomIn picture=Icon::Plus act=zoom_in />
            <Control text=Text::ZoomOut picture=Icon::Minus act=zoom_out />
            <Control text=Text::NorthUp picture=Icon::North act=north />
            <Control text=Text::TiltView picture=Icon::Tilt act=tilt />
            <Control text=Text::ShowAll picture=Icon::Fit act=show_all />
            <Control text=Text::RangeRings picture=Icon::Rings act=toggle_rings />
        </div>
    }
}

/// Shows all traffic and ends following.
pub fn show_all(desk: Desk) {
    desk.take_seat(None);
    desk.set_focus(desk.focus.get_untracked().drag());
    if let Some(client) = desk.client_now() {
        client.with_stage(|stage, _| stage.show_all());
    }
}

/// Moves the camera, or the head of who rides, as a key does; going away ends following.
pub fn press(desk: Desk, key: Key) {
    let Some(client) = desk.client_now() else { return };
    if client.with_stage(|stage, _| stage.press_on_ride(key)) {
        return;
    }
    if matches!(key, Key::Left | Key::Right | Key::Up | Key::Down) {
        desk.set_focus(desk.focus.get_untracked().drag());
    }
    client.with_stage(|stage, _| stage.camera.press(key));
}

/// Rings around the selected aircraft or else the middle of the picture, or none.
pub fn toggle_rings(desk: Desk) {
    let Some(client) = desk.client_now() else { return };
    let middle = || client.with_stage(|stage, _| Centre::Place(stage.camera.destination().target));
    let selected = desk.focus.get_untracked().selected.map(|_| Centre::Selected);
    desk.rings
        .update(|rings| *rings = if rings.is_some() { None } else { Some(selected.unwrap_or_else(middle)) });
}

#[component]
fn Control(text: Text, picture: Icon, act: fn(Desk)) -> impl IntoView {
    let desk = use_desk();
    view! {
        <button type="button" class="tool" aria-label=word(text) title=word(text) on:click=live::press(move || act(desk))>
            {icon(picture)}
        </button>
    }
}

fn north(desk: Desk) {
    press(desk, Key::North);
}

fn zoom_in(desk: Desk) {
    press(desk, Key::ZoomIn);
}

fn zoom_out(desk: Desk) {
    press(desk, Key::ZoomOut);
}

fn tilt(desk: Desk) {
    let Some(client) = desk.client_now() else { return };
    client.with_stage(|stage, _| {
        if stage.camera.destination().tilt_deg > TILTED_DEG {
            let flat = inflight_globe::Pose { tilt_deg: 0.0, ..stage.camera.destination() };
            stage.camera.fly_to(flat);
        } else {
            (0..TILT_STEPS).for_each(|_| stage.camera.press(Key::TiltUp));
        }
    });
}
