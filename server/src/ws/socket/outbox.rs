//! What is to leave a connection, in order: shared bytes under small headers, all of it in one vectored write.

use bytes::Bytes;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use tokio::io::AsyncWrite;

/// Frames that the system has not taken yet. What is half written goes on where it stopped.
#[derive(Debug, Default)]
pub struct Outbox {
    pieces: VecDeque<Piece>,
    /// Bytes of the first piece that are written.
    written: usize,
    /// Bytes that were ever written, so that it is seen whether somebody takes them.
    taken: u64,
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// UTF-8.
    Text = 1,
    /// Anything.
    Binary = 2,
    /// A question whether the other side lives.
    Ping = 9,
}

#[derive(Debug)]
struct Piece {
    header: [u8; HEADER_BYTES],
    header_len: u8,
    payload: Bytes,
}

/// Two bytes, and eight of a long length; a server does not mask.
const HEADER_BYTES: usize = 10;

/// Slices of one system call, two a frame.
const SLICES: usize = 64;

/// Room that an empty outbox keeps.
const PIECES_KEPT: usize = 4;

impl Outbox {
    /// Puts a whole message behind what waits.
    pub fn frame(&mut self, opcode: Opcode, payload: Bytes) {
        let (header, header_len) = header(opcode, payload.len());
        self.pieces.push_back(Piece { header, header_len, payload });
    }

    /// Puts frames behind what waits that have their headers already.
    pub fn framed(&mut self, frames: Bytes) {
        self.pieces.push_back(Piece { header: [0; HEADER_BYTES], header_len: 0, payload: frames });
    }

    /// Bytes that the system has taken by now.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Writes until nothing waits.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn poll_write<W: AsyncWrite + Unpin>(
        &mut self,
        writer: &mut W,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.pieces.is_empty() {
            // Mostly one frame waits, and to empty a kilobyte for it costs more than to fill in what is needed.
            let (mut few, mut many);
            let slices: &mut [IoSlice<'_>] = if self.pieces.len() <= 2 {
                few = [IoSlice::new(&[]); 4];
                &mut few
            } else {
                many = [IoSlice::new(&[]); SLICES];
                &mut many
            };
            let count = self.slices(slices);
            let written = ready!(Pin::new(&mut *writer).poll_write_vectored(context, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        if self.pieces.capacity() > 4 * PIECES_KEPT {
            self.pieces.shrink_to(PIECES_KEPT);
        }
        Poll::Ready(Ok(()))
    }

    fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let (mut count, mut skip) = (0, self.written);
        for piece in &self.pieces {
            for part in [&piece.header[..usize::from(piece.header_len)], &piece.payload[..]] {
                let skipped = skip.min(part.len());
                skip -= skipped;
                if skipped < part.len() && count < slices.len() {
                    slices[count] = IoSlice::new(&part[skipped..]);
                    count += 1;
                }
            }
            if count + 2 > slices.len() {
                break;
            }
        }
        count
    }

    fn advance(&mut self, written: usize) {
        self.written += written;
        self.taken += written as u64;
        while let Some(piece) = self.pieces.front() {
            let len = usize::from(piece.header_len) + piece.payload.len();
            if self.written < len {
                return;
            }
            self.written -= len;
            self.pieces.pop_front();
        }
    }
}

/// A final frame's header: the shortest that tells the length, as the standard demands.
fn header(opcode: Opcode, len: usize) -> ([u8; HEADER_BYTES], u8) {
    let mut header = [0; HEADER_BYTES];
    header[0] = 0x80 | opcode as u8;
    let header_len = match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..=125), _) => {
            header[1] = len;
            2
        }
        (_, Ok(len)) => {
            header[1] = 126;
            header[2..4].copy_from_slice(&len.to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    };
    (header, header_len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::task::Waker;
    use proptest::prelude::*;

    /// Takes so many bytes a call and says "not now" in between.
    struct Trickle {
        taken: Vec<u8>,
        steps: Vec<usize>,
        calls: usize,
    }

    impl AsyncWrite for Trickle {
        fn poll_write(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(context, &[IoSlice::new(bytes)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.calls += 1;
            let step = self.steps[self.calls % self.steps.len()];
            if step == 0 {
                return Poll::Pending;
            }
            let before = self.taken.len();
            for slice in slices {
                let room = before + step - self.taken.len();
                let most = slice.len().min(room);
                self.taken.extend_from_slice(&slice[..most]);
            }
            Poll::Ready(Ok(self.taken.len() - before))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn check_header(len: usize, expected: &[u8]) {
        let (header, header_len) = header(Opcode::Binary, len);
        assert_eq!(&header[..usize::from(header_len)], expected, "{len}");
    }

    #[test]
    fn headers_are_the_shortest_that_tell_the_length() {
        check_header(0, &[0x82, 0]);
        check_header(125, &[0x82, 125]);
        check_header(126, &[0x82, 126, 0, 126]);
        check_header(65_535, &[0x82, 126, 255, 255]);
        check_header(65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn what_waits_leaves_in_one_call() {
        let mut outbox = Outbox::default();
        for _ in 0..SLICES / 2 {
            outbox.frame(Opcode::Text, Bytes::from_static(b"abc"));
        }
        let mut writer = Trickle { taken: Vec::new(), steps: vec![usize::MAX / 2], calls: 0 };
        let mut context = Context::from_waker(Waker::noop());
        assert!(outbox.poll_write(&mut writer, &mut context).is_ready());
        assert_eq!((writer.calls, writer.taken.len()), (1, SLICES / 2 * 5));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_however_little_is_taken(
            sizes in prop::collection::vec(0_usize..400, 1..80),
            steps in prop::collection::vec(0_usize..700, 1..12),
        ) {
            prop_assume!(steps.iter().any(|step| *step > 0));
            let (mut outbox, mut expected) = (Outbox::default(), Vec::new());
            let mut writer = Trickle { taken: Vec::new(), steps, calls: 0 };
            let mut context = Context::from_waker(Waker::noop());
            for (number, size) in sizes.iter().enumerate() {
                let payload = Bytes::from(vec![number as u8; *size]);
                let (header, header_len) = header(Opcode::Binary, *size);
                if number % 3 == 0 {
                    outbox.framed([&header[..usize::from(header_len)], &payload].concat().into());
                } else {
                    outbox.frame(Opcode::Binary, payload.clone());
                }
                expected.extend_from_slice(&header[..usize::from(header_len)]);
                expected.extend_from_slice(&payload);
                // A send that is given up half way.
                let _ = outbox.poll_write(&mut writer, &mut context);
            }
            while outbox.poll_write(&mut writer, &mut context).is_pending() {}
            prop_assert_eq!(writer.taken, expected);
        }
    }
}
