//! The link over a message port: to the engine in a Web Worker, with the same frames as byte arrays.

use crate::link::{Link, LinkEvent, LinkSink};
use inflight_wire::{ClientFrame, Format};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

/// A link to a worker or to a port. The other end speaks first: its `hello` opens the link.
pub struct PortLink {
    end: End,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

enum End {
    Worker(Worker),
    Port(MessagePort),
}

impl PortLink {
    /// Starts a worker from its script and hands it a recording to play: an address or a file. None where there
    /// are no workers.
    #[must_use]
    pub fn open(script: &str, load: &JsValue, sink: LinkSink) -> Option<Rc<dyn Link>> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options).ok()?;
        // Text and files can always be cloned.
        let _ = worker.post_message(load);
        Some(Self::to(End::Worker(worker), sink))
    }

    /// The link to a port; it is started here.
    #[must_use]
    pub fn to_port(port: MessagePort, sink: LinkSink) -> Rc<dyn Link> {
        Self::to(End::Port(port), sink)
    }

    fn to(end: End, sink: LinkSink) -> Rc<dyn Link> {
        let opened = Cell::new(false);
        let lost = Rc::clone(&sink);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = match event.data().dyn_into::<js_sys::Uint8Array>() {
                Ok(bytes) => bytes,
                Err(other) => {
                    return other.as_f64().into_iter().for_each(|share| sink(LinkEvent::Progress(share)));
                }
            };
            if !opened.replace(true) {
                sink(LinkEvent::Opened);
            }
            sink(LinkEvent::Frame(bytes.to_vec()));
        });
        // A worker that failed does not come back; the badge says that nothing arrives.
        let error = Closure::<dyn FnMut(Event)>::new(move |_| lost(LinkEvent::Retrying));
        let on_message = Some(message.as_ref().unchecked_ref());
        let on_error = Some(error.as_ref().unchecked_ref());
        match &end {
            End::Worker(worker) => {
                worker.set_onmessage(on_message);
                worker.set_onerror(on_error);
            }
            End::Port(port) => {
                port.set_onmessage(on_message);
                port.set_onmessageerror(on_error);
            }
        }
        Rc::new(Self { end, _message: message, _error: error })
    }

    fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        match &self.end {
            End::Worker(worker) => worker.post_message(message),
            End::Port(port) => port.post_message(message),
        }
    }
}

impl Link for PortLink {
    fn send(&self, frame: &ClientFrame) {
        let bytes = js_sys::Uint8Array::from(Format::Msgpack.encode(frame).as_slice());
        // A byte array can always be cloned, which is all that posting asks for.
        let _ = self.post(&bytes);
    }

    fn retry_now(&self) {}

    fn hold_off(&self, _retry_ms: u64) {}

    fn close(&self) {
        match &self.end {
            End::Worker(worker) => worker.terminate(),
            End::Port(port) => port.close(),
        }
    }
}
