//! How messages travel: text, MessagePack, or MessagePack that is deflated by itself.

use flate2::{Compress, Compression, FlushCompress, Status};
use inflight_wire::{Format, SUBPROTOCOL_DEFLATE, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};

/// What both ends know before the first message; a deflated message refers to it.
pub const DICTIONARY: &[u8] = include_bytes!("../../../fixtures/wire/dictionary.bin");

/// Higher levels of deflate take longer and find nothing more in messages this small.
const LEVEL: u32 = 6;

/// How a client wants its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// MessagePack.
    Msgpack,
    /// JSON.
    Json,
    /// MessagePack, each message a raw deflate stream against [`DICTIONARY`].
    Deflate,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Msgpack, Self::Json, Self::Deflate];

    /// How the message is written before it is deflated.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Msgpack | Self::Deflate => Format::Msgpack,
            Self::Json => Format::Json,
        }
    }

    /// The subprotocol that asks for it.
    #[must_use]
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Msgpack => SUBPROTOCOL_MSGPACK,
            Self::Json => SUBPROTOCOL_JSON,
            Self::Deflate => SUBPROTOCOL_DEFLATE,
        }
    }

    /// The word under which it is counted.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Msgpack => "msgpack",
            Self::Json => "json",
            Self::Deflate => "deflate",
        }
    }
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Msgpack => Self::Msgpack,
            Format::Json => Self::Json,
        }
    }
}

/// One message as a raw deflate stream against [`DICTIONARY`]; nothing is kept from one to the next.
#[must_use]
pub fn deflate(message: &[u8]) -> Vec<u8> {
    let mut stream = Compress::new(Compression::new(LEVEL), false);
    // Cannot fail on a fresh stream; without it the message would still be one.
    let _ = stream.set_dictionary(DICTIONARY);
    let mut out = Vec::with_capacity(message.len() / 2 + 64);
    while let Ok(Status::Ok | Status::BufError) = {
        let taken = stream.total_in() as usize;
        stream.compress_vec(&message[taken..], &mut out, FlushCompress::Finish)
    } {
        out.reserve(out.len().max(1024));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Decompress, FlushDecompress};

    fn check(message: &[u8], at_most: usize) {
        let deflated = deflate(message);
        let mut stream = Decompress::new(false);
        stream.set_dictionary(DICTIONARY).unwrap();
        let mut back = Vec::with_capacity(message.len() + 1);
        let status = stream.decompress_vec(&deflated, &mut back, FlushDecompress::Finish).unwrap();
        assert_eq!((status, back.as_slice()), (Status::StreamEnd, message));
        assert!(deflated.len() <= at_most, "{} of {}", deflated.len(), message.len());
    }

    #[test]
    fn messages_come_back_and_most_are_smaller() {
        check(b"", 8);
        check(include_bytes!("../../../fixtures/wire/heartbeat.msgpack"), 45);
        check(include_bytes!("../../../fixtures/wire/digest.msgpack"), 50);
        check(&[7; 100_000], 200);
        let noise: Vec<u8> = (0..300_000_u32).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 23) as u8).collect();
        check(&noise, 301_000);
    }
}
