//! The WebSocket link: opens, listens, notices silence, and comes back with jitter for ever.

use crate::browser::{Listener, now_ms, on_window, random, sign_in};
use crate::link::retry::Retry;
use crate::link::{Link, LinkEvent, LinkSink};
use inflight_wire::limits::SILENCE_MS;
use inflight_wire::{ClientFrame, CloseCode, Format, SUBPROTOCOL_MSGPACK};
use leptos::leptos_dom::helpers::{IntervalHandle, TimeoutHandle};
use leptos::leptos_dom::helpers::{set_interval_with_handle, set_timeout_with_handle};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// After coming back to the page, silence for longer than this is taken for a dead connection, in milliseconds.
const SILENCE_ON_RETURN_MS: f64 = 20_000.0;

/// How often silence is looked for.
const WATCH: Duration = Duration::from_secs(5);

/// An attempt that is neither open nor closed after this time is given up.
const OPENING_MS: f64 = 15_000.0;

/// A link over a WebSocket with the subprotocol `inflight.v1.msgpack`.
pub struct WebSocketLink {
    me: Weak<Self>,
    url: String,
    sink: LinkSink,
    socket: RefCell<Option<Socket>>,
    retry: Cell<Retry>,
    timer: Cell<Option<TimeoutHandle>>,
    watch: Cell<Option<IntervalHandle>>,
    listeners: RefCell<Vec<Listener>>,
    heard_ms: Cell<f64>,
    closed: Cell<bool>,
}

/// A socket with the callbacks that live as long as it.
struct Socket {
    socket: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _open: Closure<dyn FnMut(Event)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl WebSocketLink {
    /// The link to `/stream/ws` of the server that the page came from.
    #[must_use]
    pub fn to_server(sink: LinkSink) -> Rc<dyn Link> {
        let location = web_sys::window().map(|window| window.location());
        let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
            location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
        };
        let scheme = if part(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
        Self::to_url(format!("{scheme}://{}/stream/ws", part(web_sys::Location::host)), sink)
    }

    /// The link to an address.
    #[must_use]
    pub fn to_url(url: String, sink: LinkSink) -> Rc<dyn Link> {
        let link = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            url,
            sink,
            socket: RefCell::new(None),
            retry: Cell::default(),
            timer: Cell::new(None),
            watch: Cell::new(None),
            listeners: RefCell::new(Vec::new()),
            heard_ms: Cell::new(0.0),
            closed: Cell::new(false),
        });
        link.listen();
        link.open();
        link
    }

    fn listen(&self) {
        let back = |me: &Weak<Self>| {
            let me = me.clone();
            move || {
                if let Some(link) = me.upgrade() {
                    link.came_back();
                }
            }
        };
        let names = ["online", "visibilitychange", "pageshow"];
        let listeners = names.into_iter().filter_map(|name| on_window(name, back(&self.me)));
        self.listeners.borrow_mut().extend(listeners);
        let me = self.me.clone();
        let watch = move || {
            if let Some(link) = me.upgrade() {
                link.look_for_silence(SILENCE_MS as f64);
            }
        };
        self.watch.set(set_interval_with_handle(watch, WATCH).ok());
    }

    fn open(&self) {
        self.stop_timer();
        self.drop_socket();
        self.heard_ms.set(now_ms());
        let Ok(socket) = WebSocket::new_with_str(&self.url, SUBPROTOCOL_MSGPACK) else {
            self.lost();
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let me = self.me.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let buffer = event.data().dyn_into::<js_sys::ArrayBuffer>();
            if let (Some(link), Ok(buffer)) = (me.upgrade(), buffer) {
                link.heard(js_sys::Uint8Array::new(&buffer).to_vec());
            }
        });
        let me = self.me.clone();
        let open = Closure::<dyn FnMut(Event)>::new(move |_| {
            if let Some(link) = me.upgrade() {
                link.heard_ms.set(now_ms());
                (link.sink)(LinkEvent::Opened);
            }
        });
        let me = self.me.clone();
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            if let Some(link) = me.upgrade() {
                // Trying again would not help.
                if event.code() == CloseCode::Unauthorised.number() {
                    link.close();
                    sign_in();
                } else {
                    link.lost();
                }
            }
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        *self.socket.borrow_mut() = Some(Socket { socket, _message: message, _open: open, _close: close });
    }

    fn heard(&self, bytes: Vec<u8>) {
        self.heard_ms.set(now_ms());
        let mut retry = self.retry.get();
        retry.proved();
        self.retry.set(retry);
        (self.sink)(LinkEvent::Frame(bytes));
    }

    /// The socket is gone or given up. Its callbacks are silenced here and dropped when the next one opens.
    fn lost(&self) {
        self.silence_socket();
        if self.closed.get() {
            return;
        }
        let mut retry = self.retry.get();
        let wait_ms = retry.lost(random());
        self.retry.set(retry);
        let me = self.me.clone();
        let again = move || {
            if let Some(link) = me.upgrade() {
                link.retry_now();
            }
        };
        self.stop_timer();
        let wait = Duration::from_millis(wait_ms as u64);
        self.timer.set(set_timeout_with_handle(again, wait).ok());
        (self.sink)(LinkEvent::Lost { retry_at_ms: now_ms() + wait_ms });
    }

    fn came_back(&self) {
        if self.closed.get() || crate::browser::is_hidden() {
            return;
        }
        if self.is_waiting() {
            self.retry_now();
        } else {
            self.look_for_silence(SILENCE_ON_RETURN_MS);
        }
    }

    fn look_for_silence(&self, longest_ms: f64) {
        let state = self.socket.borrow().as_ref().map(|socket| socket.socket.ready_state());
        let silent_ms = now_ms() - self.heard_ms.get();
        let dead = match state {
            Some(WebSocket::OPEN) => silent_ms > longest_ms,
            Some(WebSocket::CONNECTING) => silent_ms > OPENING_MS,
            _ => false,
        };
        if dead && !self.is_waiting() {
            self.lost();
        }
    }

    fn is_waiting(&self) -> bool {
        let timer = self.timer.get();
        timer.is_some()
    }

    fn stop_timer(&self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
    }

    fn silence_socket(&self) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            socket.socket.set_onmessage(None);
            socket.socket.set_onopen(None);
            socket.socket.set_onclose(None);
            // Closing a socket that is closed already does nothing.
            let _ = socket.socket.close();
        }
    }

    fn drop_socket(&self) {
        self.silence_socket();
        self.socket.borrow_mut().take();
    }
}

impl Link for WebSocketLink {
    fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = self.socket.borrow().as_ref()
            && socket.socket.ready_state() == WebSocket::OPEN
        {
            // Fails only if the socket is not open any more; what matters is sent again on opening.
            let _ = socket.socket.send_with_u8_array(&Format::Msgpack.encode(frame));
        }
    }

    fn retry_now(&self) {
        if !self.closed.get() && self.is_waiting() {
            (self.sink)(LinkEvent::Retrying);
            self.open();
        }
    }

    fn hold_off(&self, retry_ms: u64) {
        let mut retry = self.retry.get();
        retry.hold_off(retry_ms as f64);
        self.retry.set(retry);
    }

    fn close(&self) {
        self.closed.set(true);
        self.stop_timer();
        if let Some(watch) = self.watch.take() {
            watch.clear();
        }
        self.listeners.borrow_mut().clear();
        self.silence_socket();
    }
}
