//! What the hub hands to all connections at once, and to one that fell behind.

use crate::hub::events::Shown;
use crate::hub::form::{Form, deflate};
use crate::hub::interest::Interest;
use crate::hub::variant::{VARIANTS, Variant};
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use inflight_domain::{Cut, Epoch};
use inflight_wire::frame::{Digest, StreamClock, TickHeader};
use inflight_wire::{Header, Resume, events};
use std::sync::{Arc, Mutex};

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
    /// A new cut of the tables.
    Cut,
    /// New entries of event topics, in a cut of their own.
    Events,
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
    /// The oldest cut that a stream may be at to use it: between it and `cut` no table changed.
    pub base: Cut,
    /// The cut that a plain feed must be at to use it; none if the aircraft did not change.
    pub flights_base: Option<Cut>,
    /// The clock of what is shown.
    pub clock: StreamClock,
    /// The message in each form that somebody wanted, for who is at `base`.
    pub bodies: [Option<Body>; VARIANTS],
    /// What changed, in the same forms, for who is at a later cut of events.
    pub segments: [Vec<Vec<u8>>; VARIANTS],
    /// The hash, in a digest.
    pub digest: String,
    /// The new entries.
    pub entries: Vec<Arc<Shown>>,
    /// Messages for who is elsewhere, made when first asked for.
    pub others: Others,
}

/// Messages of a pulse by form, cut and entries, made when first asked for and then shared.
#[derive(Debug, Default)]
pub struct Others(Mutex<Vec<(Asked, Body)>>);

/// Who asks: the place of the form, the cut, and the places of the entries.
type Asked = (usize, Cut, Vec<u32>);

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
    /// Send this; afterwards the client is there.
    Forward(Body, Resume),
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
    pub fn verdict(&self, cursor: Resume, variant: Variant, interest: &Interest) -> Verdict {
        let in_step = cursor.epoch == self.epoch && (self.base..=self.cut).contains(&cursor.cut);
        if matches!(self.kind, PulseKind::Heartbeat | PulseKind::Digest) {
            let body = if in_step { self.body(variant, cursor.cut, Vec::new()) } else { None };
            return body.map_or(Verdict::Skip, |body| Verdict::Forward(body, cursor));
        }
        if (self.epoch, self.cut) <= (cursor.epoch, cursor.cut) {
            return Verdict::Skip;
        }
        let body = match (self.kind, variant) {
            (PulseKind::Events, Variant::Flights(_)) => return Verdict::Skip,
            (PulseKind::Events, Variant::Stream(..)) => {
                let wanted =
                    self.entries.iter().enumerate().filter(|(_, shown)| interest.wants(shown.entry()));
                let wanted: Vec<u32> = wanted.map(|(place, _)| place as u32).collect();
                match (wanted.is_empty(), in_step) {
                    (true, _) if cursor.epoch == self.epoch || interest.is_empty() => return Verdict::Skip,
                    (false, true) => self.body(variant, cursor.cut, wanted),
                    _ => None,
                }
            }
            (_, Variant::Stream(..)) if in_step => self.body(variant, cursor.cut, Vec::new()),
            (_, Variant::Stream(..)) => None,
            (_, Variant::Flights(_)) => match self.flights_base {
                None if cursor.epoch == self.epoch => return Verdict::Skip,
                Some(base) if (cursor.epoch, cursor.cut) == (self.epoch, base) => {
                    self.bodies[variant.index()].clone()
                }
                _ => None,
            },
        };
        body.map_or(Verdict::CatchUp, |body| Verdict::Forward(body, self.position()))
    }

    /// Where a client is after this pulse.
    #[must_use]
    pub fn position(&self) -> Resume {
        Resume { epoch: self.epoch, cut: self.cut }
    }

    /// The message for who is at `from`, with these entries.
    fn body(&self, variant: Variant, from: Cut, entries: Vec<u32>) -> Option<Body> {
        let place = variant.index();
        if self.kind != PulseKind::Events {
            let shared = self.bodies[place].as_ref()?;
            if from == self.base {
                return Some(shared.clone());
            }
        }
        // All forms of one format carry the same entries.
        let form = variant.form();
        let place = if self.kind == PulseKind::Cut { place } else { form as usize };
        let asked = (place, from, entries);
        let Ok(mut others) = self.others.0.lock() else { return None };
        if let Some((_, body)) = others.iter().find(|(made, _)| *made == asked) {
            return Some(body.clone());
        }
        let body = Body::new(form, self.message(variant, from, &asked.2));
        others.push((asked, body.clone()));
        Some(body)
    }

    fn message(&self, variant: Variant, from: Cut, entries: &[u32]) -> Vec<u8> {
        let format = variant.form().format();
        let tick = |cut| {
            let StreamClock { stream_ms, rate } = self.clock;
            Header::Tick(TickHeader { epoch: self.epoch, base: from, cut, stream_ms, rate })
        };
        match self.kind {
            PulseKind::Cut => {
                let segments: Vec<&[u8]> = self.segments[variant.index()].iter().map(Vec::as_slice).collect();
                format.assemble(&tick(self.cut), &segments)
            }
            PulseKind::Events => {
                let entries = entries.iter().filter_map(|place| self.entries.get(*place as usize));
                let entries: Vec<_> = entries.map(|shown| shown.encoded(format)).collect();
                format.assemble(&tick(self.cut), &[&events::segment(format, &entries, 0)])
            }
            PulseKind::Heartbeat => format.assemble(&tick(from), &[]),
            PulseKind::Digest => {
                let flights = self.digest.clone();
                format.assemble(&Header::Digest(Digest { epoch: self.epoch, cut: from, flights }), &[])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_engine::Topics;

    fn pulse(kind: PulseKind, flights_base: Option<u64>) -> Pulse {
        let body = Body::Text("x".into());
        Pulse {
            kind,
            epoch: Epoch(2),
            cut: Cut(9),
            base: if kind == PulseKind::Cut { Cut(7) } else { Cut(9) },
            flights_base: flights_base.map(Cut),
            clock: StreamClock::default(),
            bodies: core::array::from_fn(|_| Some(body.clone())),
            segments: [const { Vec::new() }; VARIANTS],
            digest: String::new(),
            entries: Vec::new(),
            others: Others::default(),
        }
    }

    fn check(kind: PulseKind, flights_base: Option<u64>, cursor: (u64, u64), expected: [&str; 2]) {
        let cursor = Resume { epoch: Epoch(cursor.0), cut: Cut(cursor.1) };
        let variants =
            [Variant::Stream(Form::Json, Topics::ALL), Variant::Flights(inflight_wire::Format::Json)];
        let pulse = pulse(kind, flights_base);
        let found = variants.map(|variant| match pulse.verdict(cursor, variant, &Interest::default()) {
            Verdict::Forward(Body::Text(text), _) if text == "x" => "forward",
            Verdict::Forward(..) => "own",
            Verdict::Skip => "skip",
            Verdict::CatchUp => "catch up",
        });
        assert_eq!(found, expected, "{kind:?} {flights_base:?} {cursor:?}");
    }

    #[test]
    fn only_who_is_in_step_gets_the_shared_frame() {
        use PulseKind::{Cut, Digest, Heartbeat};
        check(Cut, Some(7), (2, 7), ["forward", "forward"]);
        check(Cut, Some(6), (2, 6), ["catch up", "forward"]);
        check(Cut, Some(6), (2, 7), ["forward", "catch up"]);
        check(Cut, Some(6), (2, 8), ["own", "catch up"]);
        check(Cut, Some(7), (2, 9), ["skip", "skip"]);
        check(Cut, Some(7), (2, 10), ["skip", "skip"]);
        check(Cut, None, (2, 7), ["forward", "skip"]);
        check(Cut, None, (2, 3), ["catch up", "skip"]);
        check(Cut, Some(7), (1, 7), ["catch up", "catch up"]);
        check(Cut, None, (1, 50), ["catch up", "catch up"]);
        check(Cut, Some(7), (3, 1), ["skip", "skip"]);
        check(Heartbeat, None, (2, 9), ["forward", "forward"]);
        check(Heartbeat, None, (2, 8), ["skip", "skip"]);
        check(Digest, None, (2, 9), ["forward", "forward"]);
        check(Digest, None, (1, 9), ["skip", "skip"]);
    }

    #[test]
    fn who_is_at_a_later_cut_of_events_shares_a_frame_too() {
        let pulse = pulse(PulseKind::Cut, None);
        let variant = Variant::Stream(Form::Msgpack, Topics::ALL);
        let at = Resume { epoch: Epoch(2), cut: Cut(8) };
        let bodies = [0, 1].map(|_| match pulse.verdict(at, variant, &Interest::default()) {
            Verdict::Forward(Body::Binary(bytes), _) => bytes,
            other => panic!("{other:?}"),
        });
        assert_eq!(bodies[0].as_ptr(), bodies[1].as_ptr());
        let frame = inflight_wire::decode_server(&bodies[0]).unwrap();
        let Header::Tick(header) = frame.header else { panic!("{frame:?}") };
        assert_eq!((header.base, header.cut), (Cut(8), Cut(9)));
    }
}
