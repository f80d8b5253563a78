//! The frames themselves: what is wrong with each, and as bytes.

use crate::commands::check::socket::{FIN, frame, opcode};
use inflight_wire::limits::MESSAGE_BYTES;
use inflight_wire::{SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};

/// Something that no client should send.
#[derive(Debug)]
pub struct Bad {
    /// What is wrong with it.
    pub name: &'static str,
    /// The subprotocol of the connection that it is sent on.
    pub subprotocol: &'static str,
    /// What is sent.
    pub bytes: Vec<u8>,
    /// The client closes in it, and its own code may come back.
    is_close: bool,
}

/// Codes with which an offender is closed.
const PROMISED: [u16; 4] = [1002, 1007, 1009, 4000];

/// How many kinds of structured frames there are.
pub const STRUCTURED: usize = 32;

/// A message that no MessagePack begins with: it ends a connection that still waits for one.
const NEVER_USED: u8 = 0xc1;

impl Bad {
    /// Whether the server keeps its promise by closing with this code.
    #[must_use]
    pub fn may_close(&self, code: u16) -> bool {
        PROMISED.contains(&code) || (self.is_close && code != 1006)
    }
}

/// The structured frame of this number; what the kind leaves open is random.
#[must_use]
pub fn structured(number: usize, random: &mut fastrand::Rng) -> Bad {
    let kind = number % STRUCTURED;
    let (name, bytes) = match kind {
        0..=12 => framing(kind, random),
        13..=18 => too_much(kind, random),
        19..=23 => text(kind, random),
        _ => packed(kind, random),
    };
    let subprotocol = if (19..=23).contains(&kind) { SUBPROTOCOL_JSON } else { SUBPROTOCOL_MSGPACK };
    Bad { name, subprotocol, bytes, is_close: false }
}

/// A frame of random head and payload whose length is as it says, then one that ends the connection in any case.
#[must_use]
pub fn random(random: &mut fastrand::Rng) -> Bad {
    let head = random.u8(..);
    let length = match random.u8(0..4) {
        0 => random.usize(0..8),
        1..=2 => random.usize(0..126),
        _ => random.usize(0..2000),
    };
    let payload: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
    let mut bytes = frame(head, &payload);
    if random.u8(0..4) == 0 {
        // The length or the mask says something else.
        let place = random.usize(1..bytes.len().min(10));
        bytes[place] = random.u8(..);
        // Whatever it waits for comes now, and makes no sense.
        bytes.resize(bytes.len() + 70_000, 0xff);
    }
    bytes.extend(frame(FIN | opcode::BINARY, &[NEVER_USED]));
    // In the middle of a message that frame is itself an error; a message that ended is none before.
    bytes.extend(frame(FIN | opcode::BINARY, &[NEVER_USED]));
    let is_close = head & 0x0f == opcode::CLOSE || bytes.len() > 70_000;
    Bad { name: "random", subprotocol: SUBPROTOCOL_MSGPACK, bytes, is_close }
}

/// Wrong as a WebSocket frame.
fn framing(kind: usize, random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let payload = [random.u8(..); 5];
    let wild = |head: u8| frame(head, &payload);
    match kind {
        0 => ("no mask", [&[FIN | opcode::BINARY, 5][..], &payload].concat()),
        1 => ("RSV1", wild(FIN | 0x40 | opcode::BINARY)),
        2 => ("RSV2", wild(FIN | 0x20 | opcode::BINARY)),
        3 => ("RSV3", wild(FIN | 0x10 | opcode::TEXT)),
        4 => ("reserved opcode", wild(FIN | random.u8(3..8))),
        5 => ("reserved control opcode", wild(FIN | random.u8(11..16))),
        6 => ("ping in pieces", wild(opcode::PING)),
        7 => ("ping of 126 bytes", frame(FIN | opcode::PING, &[0; 126])),
        8 => ("continuation of nothing", wild(FIN)),
        9 => ("message within a message", [wild(opcode::BINARY), wild(FIN | opcode::BINARY)].concat()),
        10 => ("close of one byte", frame(FIN | opcode::CLOSE, &[3])),
        11 => ("close with a code that none may send", frame(FIN | opcode::CLOSE, &1006_u16.to_be_bytes())),
        _ => ("close whose reason is no UTF-8", frame(FIN | opcode::CLOSE, &[0x03, 0xe8, 0xff, 0xfe])),
    }
}

/// More than the server takes.
fn too_much(kind: usize, random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let claims = |length: u64| {
        let mut bytes = vec![FIN | opcode::BINARY, 0x80 | 127];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7]);
        bytes
    };
    let half = vec![random.u8(..); MESSAGE_BYTES / 2 + 1];
    match kind {
        13 => ("length of 2^63", claims(1 << 63)),
        14 => ("length of 2^62", claims(1 << 62)),
        15 => ("length of 4 GiB", claims(1 << 32)),
        16 => ("a byte too many", frame(FIN | opcode::BINARY, &vec![0x90; MESSAGE_BYTES + 1])),
        17 => ("two halves that are too much", [frame(opcode::BINARY, &half), frame(FIN, &half)].concat()),
        _ => {
            let pieces =
                (0..40).flat_map(|number| frame(if number == 0 { opcode::BINARY } else { 0 }, &half));
            ("pieces without end", pieces.collect())
        }
    }
}

/// Wrong on a connection that speaks JSON.
fn text(kind: usize, random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let depth = random.usize(200..30_000);
    match kind {
        19 => ("text that is no UTF-8", frame(FIN | opcode::TEXT, &[b'"', 0xc3, 0x28, b'"'])),
        20 => {
            let halves = [frame(opcode::TEXT, &[b'"', 0xe2, 0x82]), frame(FIN, b"\"")];
            ("UTF-8 that is split and does not go on", halves.concat())
        }
        21 => ("arrays in arrays", frame(FIN | opcode::TEXT, "[".repeat(depth).as_bytes())),
        22 => {
            let deep = format!("{{\"type\":\"subscribe\",\"topics\":{}", "[{\"a\":".repeat(depth / 3));
            ("objects in a subscription", frame(FIN | opcode::TEXT, deep.as_bytes()))
        }
        _ => {
            let number = format!("{{\"type\":\"ping\",\"id\":1e{depth}}}");
            ("a number beyond all", frame(FIN | opcode::TEXT, number.as_bytes()))
        }
    }
}

/// Wrong as MessagePack.
fn packed(kind: usize, random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let depth = random.usize(200..60_000);
    let (name, payload) = match kind {
        24 => ("arrays in arrays, packed", vec![0x91; depth]),
        25 => ("maps in maps, packed", [0x81, 0xa1, b'a'].repeat(depth / 3)),
        26 => ("map of 2^32", vec![0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, b'a', 1]),
        27 => ("array of 2^32", vec![0xdd, 0xff, 0xff, 0xff, 0xff, 1]),
        28 => ("text of 2^32 bytes", vec![0xdb, 0xff, 0xff, 0xff, 0xff, b'a']),
        29 => ("bytes of 2^32", vec![0x81, 0xa4, b't', b'y', b'p', b'e', 0xc6, 0xff, 0xff, 0xff, 0xff, 1]),
        30 => ("nothing", Vec::new()),
        _ => {
            return (
                "text where packed is spoken",
                frame(FIN | opcode::TEXT, b"{\"type\":\"ping\",\"id\":1}"),
            );
        }
    };
    (name, frame(FIN | opcode::BINARY, &payload))
}
