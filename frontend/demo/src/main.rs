//! The page without a server: the same screen over the engine in a Web Worker, with the disruption watcher in another.

use inflight_ui::link::{Link, LinkSink, PortLink, Ways};
use std::rc::Rc;
use wasm_bindgen::{JsValue, UnwrapThrowExt};

/// The worker's file; all addresses are relative to the page, which may lie anywhere.
const WORKER: &str = "pkg/worker.js";

/// What the worker plays. It loads from its own place, one folder below the page.
const RECORDING: &str = "../fixtures/opensky_nyc_sample.jsonl";

fn main() {
    console_error_panic_hook::set_once();
    let beside = Some(inflight_ui::WATCHER);
    inflight_ui::mount_with(Ways { link: link_to_worker, worker: WORKER, alone: true, beside });
}

fn link_to_worker(sink: LinkSink) -> Rc<dyn Link> {
    PortLink::open(WORKER, &JsValue::from_str(RECORDING), sink).expect_throw("a browser with Web Workers")
}
