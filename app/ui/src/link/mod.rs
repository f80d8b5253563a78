//! The link to whoever holds the World: a server's socket or a worker's port. The screen cannot tell which.

mod port;
mod retry;
mod socket;

pub use port::PortLink;
pub use socket::WebSocketLink;

use crate::desks::sky::cases::Beside;
use inflight_wire::ClientFrame;
use std::rc::Rc;

/// What a link reports.
#[derive(Debug)]
pub enum LinkEvent {
    /// Open: the caller subscribes now.
    Opened,
    /// What was asked for is being read; this share is done.
    Progress(f64),
    /// One frame of `inflight.v1.msgpack`.
    Frame(Vec<u8>),
    /// Lost; the next attempt comes at this moment of the page's clock.
    Lost {
        /// Page clock in milliseconds.
        retry_at_ms: f64,
    },
    /// The next attempt is being made.
    Retrying,
}

/// Where a link reports to. It may call back into the link.
pub type LinkSink = Rc<dyn Fn(LinkEvent)>;

/// Makes the link of a page; handed in by the entry of the page, called once in the browser.
pub type MakeLink = fn(LinkSink) -> Rc<dyn Link>;

/// How a page gets at what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// Makes the link.
    pub link: MakeLink,
    /// The script of the worker that plays recordings.
    pub worker: &'static str,
    /// The link plays a recording for this page alone, so that an address may say where in it.
    pub alone: bool,
    /// What else runs in this page, beside the disruptions.
    pub beside: Option<Beside>,
}

/// A way to and from the World that comes back by itself when it is lost.
pub trait Link {
    /// Sends a frame; it is dropped if the link is not open, because what matters is sent again on opening.
    fn send(&self, frame: &ClientFrame);

    /// Does not wait for the next attempt.
    fn retry_now(&self);

    /// The other end asks to come back no sooner than after this time.
    fn hold_off(&self, retry_ms: u64);

    /// Ends the link for good.
    fn close(&self);
}
