//! The few things that the screen asks the browser for. Called only from effects and events, never while rendering.

mod frames;
mod page;

pub use frames::{FrameLoop, Next};
pub use page::{
    copy_text, focus, is_hidden, load, prefers_reduced_motion, query, replace_query, save, set_root,
};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

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

/// A listener on the window that is taken off when it is dropped.
pub struct Listener {
    name: &'static str,
    callback: Closure<dyn FnMut()>,
}

/// Calls back on an event of the window.
pub fn on_window(name: &'static str, callback: impl FnMut() + 'static) -> Listener {
    let callback = Closure::<dyn FnMut()>::new(callback);
    if let Some(window) = web_sys::window() {
        let _ = window.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
    }
    Listener { name, callback }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ =
                window.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
        }
    }
}
