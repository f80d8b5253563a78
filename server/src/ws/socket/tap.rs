//! The connection as the parser sees it: it reads the real bytes, and what it answers is kept for the outbox.

use bytes::Bytes;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, ReadBuf};

/// Reads without waiting; what is written to it waits until it is taken.
#[derive(Debug)]
pub struct Tap<S> {
    /// The connection.
    pub io: S,
    waker: Waker,
    replies: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Tap<S> {
    /// Nothing said yet.
    pub fn new(io: S) -> Self {
        Self { io, waker: Waker::noop().clone(), replies: Vec::new() }
    }

    /// Whom to wake when there is something to read.
    pub fn wake(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    /// Bytes that the parser has said and that were not taken.
    pub fn unsaid(&self) -> usize {
        self.replies.len()
    }

    /// What the parser has said, in whole frames.
    pub fn take(&mut self) -> Bytes {
        core::mem::take(&mut self.replies).into()
    }

    /// Reads over all that comes, until the other side is done.
    pub fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 2048];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.io).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Read for Tap<S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(bytes);
        let mut context = Context::from_waker(&self.waker);
        match Pin::new(&mut self.io).poll_read(&mut context, &mut buffer) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(read) => read.map(|()| buffer.filled().len()),
        }
    }
}

impl<S> Write for Tap<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.replies.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
