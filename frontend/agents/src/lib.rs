//! Wakes the server-rendered Agents desk, with a WebSocket to the server that it came from.

use inflight_ui::link::{Ways, WebSocketLink};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page, when the program is loaded. Leptos asks for it by this name.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    inflight_ui::hydrate_agents_with(Ways {
        link: WebSocketLink::to_server,
        worker: "/pkg/worker.js",
        alone: false,
        beside: None,
    });
}
