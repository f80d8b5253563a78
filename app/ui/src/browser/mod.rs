//! The few things that the screen asks the browser for. Called only from effects and events, never while rendering.

mod frames;
mod json;
mod morph;
mod page;
mod zone;

pub use frames::{FrameLoop, Next};
pub use json::{datum, fetch_json, post, request};
pub use morph::morph;
pub use page::{
    address, compile, copy_text, country_namer, download, each_element, element, fetch_bytes, focus,
    is_hidden, is_narrow, is_wide, language, load, minutes_ahead, nothing_focused, pixel_ratio,
    prefers_reduced_motion, query, replace_query, root_language, save, set_body, set_field, set_root,
    sign_in, text_scale, wall_ms,
};
pub use zone::{own_zone, zone_offset};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// The page's own clock in milliseconds: it never jumps.
#[must_use]
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// A random number in [0, 1).
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// A listener that is taken off when it is dropped.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls back on an event of a target.
    pub fn on(target: &EventTarget, name: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        // Fails only for callbacks that are none.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.name, callback);
    }
}

/// Calls back on an event of the window.
pub fn on_window(name: &'static str, mut callback: impl FnMut() + 'static) -> Option<Listener> {
    web_sys::window().map(|window| Listener::on(&window, name, move |_| callback()))
}

/// Calls back when the answer to a media query changes.
pub fn on_media(query: &str, mut callback: impl FnMut() + 'static) -> Option<Listener> {
    let list = web_sys::window()?.match_media(query).ok()??;
    Some(Listener::on(&list, "change", move |_| callback()))
}
