//! What the hub hands to all connections at once, and to one that fell behind.

use crate::hub::form::{Form, deflate};
use crate::hub::variant::{VARIANTS, Variant};
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use inflight_domain::{Cut, Epoch};
use inflight_wire::Resume;
use std::sync::Arc;

/// An encoded message; clones share the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// JSON.
    Text(Utf8Bytes),
    /// MessagePack.
    Binary(Bytes),
}

/// Why a pulse was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PulseKind {
    /// A new cut.
    Cut,
    /// Nothing happened for a while.
    Heartbeat,
    /// The hash of the table.
    Digest,
}

/// Something for every connection.
#[derive(Debug)]
pub struct Pulse {
    /// Why.
    pub kind: PulseKind,
    /// Epoch of the cuts.
    pub epoch: Epoch,
    /// The cut that it holds for, or leads to.
    pub cut: Cut,
    /// The cut that a stream must be at to use it.
    pub base: Cut,
    /// The cut that a plain feed must be at to use it; none if the aircraft did not change.
    pub flights_base: Option<Cut>,
    /// The message in each form that somebody wanted.
    pub bodies: [Option<Body>; VARIANTS],
}

/// What one connection needs to be up to date.
#[derive(Clone, Debug)]
pub struct CatchUp {
    /// Messages in order.
    pub bodies: Arc<[Body]>,
    /// Where the client is afterwards.
    pub position: Resume,
    /// `snapshot` or `changes`, for the metrics.
    pub kind: &'static str,
}

/// What a connection does with a pulse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send this; afterwards the client is at the pulse's cut.
    Forward(Body),
    /// Nothing new for this client.
    Skip,
    /// Ask the hub what changed since the client's cut.
    CatchUp,
}

impl Body {
    /// A message that was written in the form's format, as it travels.
    #[must_use]
    pub fn new(form: Form, bytes: Vec<u8>) -> Self {
        match form {
            Form::Msgpack => Self::Binary(bytes.into()),
            Form::Deflate => Self::Binary(deflate(&bytes).into()),
            // serde_json writes nothing but UTF-8.
            Form::Json => Self::Text(String::from_utf8(bytes).unwrap_or_default().into()),
        }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Pulse {
    /// What a client that is at `cursor` does.
    #[must_use]
    pub fn verdict(&self, cursor: Resume, variant: Variant) -> Verdict {
        let here = Resume { epoch: self.epoch, cut: self.cut };
        if self.kind != PulseKind::Cut {
            let body = self.bodies[variant.index()].clone();
            return body.filter(|_| cursor == here).map_or(Verdict::Skip, Verdict::Forward);
        }
        let base = match variant {
            Variant::Stream(..) => Some(self.base),
            Variant::Flights(_) => self.flights_base,
        };
        let known = (self.epoch, self.cut) <= (cursor.epoch, cursor.cut);
        match (known, base) {
            (true, _) => Verdict::Skip,
            (false, None) if cursor.epoch == self.epoch => Verdict::Skip,
            (false, Some(base)) if (cursor.epoch, cursor.cut) == (self.epoch, base) => {
                self.bodies[variant.index()].clone().map_or(Verdict::CatchUp, Verdict::Forward)
            }
            (false, _) => Verdict::CatchUp,
        }
    }

    /// Where a client is after this pulse.
    #[must_use]
    pub fn position(&self) -> Resume {
        Resume { epoch: self.epoch, cut: self.cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_engine::Topics;

    fn check(kind: PulseKind, flights_base: Option<u64>, cursor: (u64, u64), expected: [&str; 2]) {
        let body = Body::Text("x".into());
        let pulse = Pulse {
            kind,
            epoch: Epoch(2),
            cut: Cut(9),
            base: if kind == PulseKind::Cut { Cut(8) } else { Cut(9) },
            flights_base: flights_base.map(Cut),
            bodies: core::array::from_fn(|_| Some(body.clone())),
        };
        let cursor = Resume { epoch: Epoch(cursor.0), cut: Cut(cursor.1) };
        let variants =
            [Variant::Stream(Form::Json, Topics::ALL), Variant::Flights(inflight_wire::Format::Json)];
        let found = variants.map(|variant| match pulse.verdict(cursor, variant) {
            Verdict::Forward(_) => "forward",
            Verdict::Skip => "skip",
            Verdict::CatchUp => "catch up",
        });
        assert_eq!(found, expected, "{kind:?} {flights_base:?} {cursor:?}");
    }

    #[test]
    fn only_who_is_in_step_gets_the_shared_frame() {
        use PulseKind::{Cut, Digest, Heartbeat};
        check(Cut, Some(8), (2, 8), ["forward", "forward"]);
        check(Cut, Some(6), (2, 6), ["catch up", "forward"]);
        check(Cut, Some(6), (2, 8), ["forward", "catch up"]);
        check(Cut, Some(8), (2, 9), ["skip", "skip"]);
        check(Cut, Some(8), (2, 10), ["skip", "skip"]);
        check(Cut, None, (2, 8), ["forward", "skip"]);
        check(Cut, None, (2, 3), ["catch up", "skip"]);
        check(Cut, Some(8), (1, 8), ["catch up", "catch up"]);
        check(Cut, None, (1, 50), ["catch up", "catch up"]);
        check(Cut, Some(8), (3, 1), ["skip", "skip"]);
        check(Heartbeat, None, (2, 9), ["forward", "forward"]);
        check(Heartbeat, None, (2, 8), ["skip", "skip"]);
        check(Digest, None, (2, 9), ["forward", "forward"]);
        check(Digest, None, (1, 9), ["skip", "skip"]);
    }
}
