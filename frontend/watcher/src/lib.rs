//! The disruption watcher in a Web Worker: the runtime of agents without a server, for the static demo.
//!
//! The page posts what happened as JSON text; all cases come back as one object after each change, and `{run, ...}`
//! where something was asked about a run.

mod session;
mod values;

use inflight_domain::UnixMillis;
use serde_json::Value;
use session::Session;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// How often time is looked at: a decision holds at most so much later than it says.
const BEAT_MS: f64 = 250.0;

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

    let (beat_scope, beat_session) = (scope.clone(), Rc::clone(&session));
    let beat = Closure::<dyn FnMut()>::new(move || post(&beat_scope, beat_session.borrow_mut().tick(now())));
    set_interval(beat.as_ref(), BEAT_MS);
    beat.forget();

    let message_scope = scope.clone();
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let seed = (js_sys::Math::random() * 9e15) as u64;
        post(&message_scope, session.borrow_mut().hear(&values::from_page(&event.data()), seed, now()));
    });
    scope.set_onmessage(Some(message.as_ref().unchecked_ref()));
    message.forget();
}

fn post(scope: &DedicatedWorkerGlobalScope, said: Vec<Value>) {
    for value in said {
        // Posting plain objects to the own page cannot fail; a page that is gone takes the worker with it.
        let _ = scope.post_message(&values::to_page(&value));
    }
}

fn now() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as i64)
}
