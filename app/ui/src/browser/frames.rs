//! Animation frames on demand: one at most is asked for, and none while nothing moves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// When the next frame is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// As soon as the browser paints again.
    Frame,
    /// After this many milliseconds.
    After(f64),
    /// When somebody wakes the loop.
    Rest,
}

/// The loop; clones are the same one.
#[derive(Clone)]
pub struct FrameLoop(Rc<Inner>);

/// A callback that the browser holds.
type Held<T> = RefCell<Option<Closure<dyn FnMut(T)>>>;

struct Inner {
    frame: Cell<Option<i32>>,
    timer: Cell<Option<i32>>,
    stopped: Cell<bool>,
    on_frame: Held<f64>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl FrameLoop {
    /// A loop that calls `tick` with the page's clock.
    #[must_use]
    pub fn new(mut tick: impl FnMut(f64) -> Next + 'static) -> Self {
        let inner = Rc::new(Inner {
            frame: Cell::new(None),
            timer: Cell::new(None),
            stopped: Cell::new(false),
            on_frame: RefCell::new(None),
            on_timer: RefCell::new(None),
        });
        let weak = Rc::downgrade(&inner);
        *inner.on_frame.borrow_mut() = Some(Closure::new(move |now_ms: f64| {
            let Some(inner) = weak.upgrade() else { return };
            inner.frame.set(None);
            let next = tick(now_ms);
            inner.schedule(next);
        }));
        let weak = Rc::downgrade(&inner);
        *inner.on_timer.borrow_mut() = Some(Closure::new(move || {
            let Some(inner) = weak.upgrade() else { return };
            inner.timer.set(None);
            inner.request();
        }));
        Self(inner)
    }

    /// Asks for a frame now.
    pub fn wake(&self) {
        self.0.request();
    }

    /// Ends the loop for good.
    pub fn stop(&self) {
        self.0.stopped.set(true);
        self.0.clear_timer();
        if let (Some(window), Some(frame)) = (web_sys::window(), self.0.frame.take()) {
            let _ = window.cancel_animation_frame(frame);
        }
    }
}

impl Inner {
    fn schedule(&self, next: Next) {
        match next {
            Next::Frame => self.request(),
            // Below two frames a timer only adds lateness.
            Next::After(wait_ms) if wait_ms < 34.0 => self.request(),
            Next::After(wait_ms) => self.wait(wait_ms),
            Next::Rest => {}
        }
    }

    fn request(&self) {
        self.clear_timer();
        if self.frame.get().is_some() || self.stopped.get() {
            return;
        }
        if let (Some(window), Some(callback)) = (web_sys::window(), self.on_frame.borrow().as_ref()) {
            self.frame.set(window.request_animation_frame(callback.as_ref().unchecked_ref()).ok());
        }
    }

    fn wait(&self, wait_ms: f64) {
        if self.timer.get().is_some() || self.frame.get().is_some() || self.stopped.get() {
            return;
        }
        if let (Some(window), Some(callback)) = (web_sys::window(), self.on_timer.borrow().as_ref()) {
            let callback = callback.as_ref().unchecked_ref();
            let timer =
                window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, wait_ms as i32);
            self.timer.set(timer.ok());
        }
    }

    fn clear_timer(&self) {
        if let (Some(window), Some(timer)) = (web_sys::window(), self.timer.take()) {
            window.clear_timeout_with_handle(timer);
        }
    }
}
