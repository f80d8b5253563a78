//! The engine in a Web Worker, speaking inflight.v1 over a message port.
//!
//! The page posts the address of a recording as text, or a file, then client frames as bytes; server frames come
//! back as bytes, and while a recording is read, numbers from 0 to 1. To the page the worker is a server that plays one recording for one client.

mod load;
mod session;

use crate::session::Session;
use inflight_engine::summary::summarise;
use inflight_sky::{Recording, freshness};
use inflight_wire::limits::TICK_MS;
use js_sys::Uint8Array;
use load::What;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setInterval)]
    fn set_interval(callback: &JsValue, milliseconds: f64) -> JsValue;
}

/// Listens for messages, if this scope is a worker's.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let session = Rc::new(RefCell::new(Session::default()));

    let (tick_scope, tick_session) = (scope.clone(), Rc::clone(&session));
    let tick = Closure::<dyn FnMut()>::new(move || {
        let frames = tick_session.borrow_mut().tick(now_ms(&tick_scope));
        post(&tick_scope, &frames);
    });
    set_interval(tick.as_ref(), TICK_MS as f64);
    tick.forget();

    let message_scope = scope.clone();
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        take_message(&message_scope, &session, &event.data());
    });
    scope.set_onmessage(Some(message.as_ref().unchecked_ref()));
    message.forget();
}

/// Plays a recording (decompressed JSONL) through the engine and returns the summary as JSON text; the test of
/// native against wasm compares its `state_hash`.
///
/// # Errors
/// When the bytes are no recording.
#[wasm_bindgen]
pub fn replay_summary(bytes: Vec<u8>) -> Result<String, JsError> {
    let recording = Recording::open(bytes)?;
    Ok(summarise(&recording, freshness::STALE_AFTER_MS).to_json(""))
}

fn take_message(scope: &DedicatedWorkerGlobalScope, session: &Rc<RefCell<Session>>, data: &JsValue) {
    if let Some(what) = What::of(data) {
        let (scope, session) = (scope.clone(), Rc::clone(session));
        spawn_local(async move {
            let recording = load::recording(&scope, &what).await;
            let frames = session.borrow_mut().open(recording, &what.name(), now_ms(&scope));
            post(&scope, &frames);
        });
    } else {
        let bytes = Uint8Array::new(data).to_vec();
        let frames = session.borrow_mut().take(&bytes, now_ms(scope));
        post(scope, &frames);
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, frames: &[Vec<u8>]) {
    for frame in frames {
        // Posting bytes to the own page cannot fail; a page that is gone takes the worker with it.
        let _ = scope.post_message(&Uint8Array::from(frame.as_slice()));
    }
}

fn now_ms(scope: &DedicatedWorkerGlobalScope) -> i64 {
    scope.performance().map_or(0.0, |performance| performance.now()) as i64
}
