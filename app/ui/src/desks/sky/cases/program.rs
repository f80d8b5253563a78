//! The watcher's program in a worker: JSON text goes there, plain objects come back.

use crate::browser::datum;
use inflight_wire::Datum;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// What comes from the program.
pub enum Said {
    /// What it says.
    Data(Datum),
    /// It could not be loaded, or broke.
    Lost,
}

/// The program; it ends when this is dropped.
pub struct Worked {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Worked {
    /// Starts it. None where there are no workers.
    pub fn start(script: &str, hear: Rc<dyn Fn(Said)>) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options).ok()?;
        let lost = Rc::clone(&hear);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hear(Said::Data(datum(&event.data())));
        });
        let error = Closure::<dyn FnMut(Event)>::new(move |_| lost(Said::Lost));
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Self { worker, _message: message, _error: error })
    }

    /// Says something.
    pub fn say(&self, message: &str) {
        // Text can always be cloned, which is all that posting asks for.
        let _ = self.worker.post_message(&JsValue::from_str(message));
    }

    /// Ends it: it neither works nor says anything any more.
    pub fn end(&self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Drop for Worked {
    fn drop(&mut self) {
        self.end();
    }
}
