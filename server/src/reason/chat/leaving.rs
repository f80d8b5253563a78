//! A body that knows whether it has begun to leave: none is asked for its bytes before there is a connection.

use bytes::Bytes;
use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll};
use http_body::{Body, Frame, SizeHint};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The body of one request.
#[derive(Debug)]
pub(super) struct Leaving {
    /// What it says, until it has.
    pub bytes: Option<Bytes>,
    /// Whether it has begun to leave.
    pub left: Arc<AtomicBool>,
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.left.store(true, Ordering::Relaxed);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, Bytes::len) as u64)
    }
}
