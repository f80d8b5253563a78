//! The page without a server: the same screen over the engine in a Web Worker.

use inflight_ui::link::{Link, LinkSink, PortLink};
use std::rc::Rc;
use wasm_bindgen::{JsValue, UnwrapThrowExt};
use web_sys::{Worker, WorkerOptions, WorkerType};

/// The worker's file; all addresses are relative to the page, which may lie anywhere.
const WORKER: &str = "pkg/worker.js";

/// What the worker plays. It loads from its own place, one folder below the page.
const RECORDING: &str = "../fixtures/opensky_nyc_sample.jsonl";

fn main() {
    console_error_panic_hook::set_once();
    inflight_ui::mount_with(link_to_worker);
}

fn link_to_worker(sink: LinkSink) -> Rc<dyn Link> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(WORKER, &options).expect_throw("a browser with Web Workers");
    // Nothing to clone in a string, so posting it cannot fail.
    let _ = worker.post_message(&JsValue::from_str(RECORDING));
    PortLink::to_worker(worker, sink)
}
