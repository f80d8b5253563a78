//! Frames to bytes and back, in MessagePack and in JSON.
//!
//! A frame is one array: the header, then the segments. A server puts an array marker and a header of its own
//! before segments that were encoded once for everybody.

use crate::client::ClientFrame;
use crate::frame::ServerFrame;
use crate::pack::pack;
use crate::read::{ReadError, decode_client};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// How frames are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Binary.
    Msgpack,
    /// Text.
    Json,
}

/// Why bytes are no frame.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Not MessagePack, or not of a known shape.
    #[error("not a frame: {0}")]
    Msgpack(#[from] ReadError),
    /// Not JSON, or not of a known shape.
    #[error("not a frame: {0}")]
    Json(#[from] serde_json::Error),
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Msgpack, Self::Json];

    /// Encodes a value by itself: a header, a segment, or a message of `/ws/flights`.
    #[must_use]
    pub fn encode<T: Serialize>(self, value: &T) -> Vec<u8> {
        // Our own types serialise into memory; neither codec can fail on them.
        match self {
            // Only servers speak JSON: what reads and writes it for each type is a tenth of the worker.
            _ if cfg!(target_family = "wasm") => pack(value).unwrap_or_default(),
            Self::Msgpack => pack(value).unwrap_or_default(),
            Self::Json => serde_json::to_vec(value).unwrap_or_default(),
        }
    }

    /// Puts a header before segments that are encoded already.
    #[must_use]
    pub fn assemble<H: Serialize>(self, header: &H, segments: &[&[u8]]) -> Vec<u8> {
        let header = self.encode(header);
        let mut out =
            Vec::with_capacity(header.len() + segments.iter().map(|s| s.len() + 1).sum::<usize>() + 2);
        match self {
            Self::Msgpack => {
                // At most one segment per topic, so the count fits the one-byte marker.
                out.push(0x90 | (1 + segments.len().min(14)) as u8);
                out.extend_from_slice(&header);
                segments.iter().for_each(|segment| out.extend_from_slice(segment));
            }
            Self::Json => {
                out.push(b'[');
                out.extend_from_slice(&header);
                for segment in segments {
                    out.push(b',');
                    out.extend_from_slice(segment);
                }
                out.push(b']');
            }
        }
        out
    }

    /// Reads what a client sent; the error says what was expected.
    ///
    /// # Errors
    /// When the bytes are no frame.
    pub fn decode_client(self, bytes: &[u8]) -> Result<ClientFrame, CodecError> {
        match self {
            _ if cfg!(target_family = "wasm") => Ok(decode_client(bytes)?),
            Self::Msgpack => Ok(decode_client(bytes)?),
            Self::Json => Ok(serde_json::from_slice(bytes)?),
        }
    }
}

impl Serialize for ServerFrame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(1 + self.segments.len()))?;
        seq.serialize_element(&self.header)?;
        for segment in &self.segments {
            seq.serialize_element(segment)?;
        }
        seq.end()
    }
}
