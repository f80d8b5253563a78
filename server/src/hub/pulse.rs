//! What the hub hands to all connections at once, and to one that fell behind.

use crate::hub::Origin;
use crate::hub::events::Shown;
use crate::hub::form::{Form, deflate};
use crate::hub::interest::Interest;
use crate::hub::variant::{VARIANTS, Variant};
use bytes::Bytes;
use inflight_domain::{Cut, Epoch, TopicName, UserId};
use inflight_engine::presence::Changes;
use inflight_engine::tiles::Tiles;
use inflight_wire::events::{self, Remark};
use inflight_wire::frame::{Digest, StreamClock, TickHeader};
use inflight_wire::{Format, Header, Resume};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use tungstenite::Utf8Bytes;

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
    /// What is not the same for all.
    pub own: Own,
    /// Messages for who is elsewhere or wants something of its own, made when first asked for.
    pub others: Others,
}

/// What only some clients get of a pulse.
#[derive(Debug, Default)]
pub struct Own {
    /// The new entries.
    pub entries: Vec<Arc<Shown>>,
    /// Who came, changed and went.
    pub presence: Changes,
    /// What changed on tiles, in each format that somebody wanted; nothing where nothing did. In the order of the tiles.
    pub areas: Vec<(Tiles, [Option<Vec<u8>>; 2])>,
    /// The hash of what is on tiles, in their order.
    pub digests: Vec<(Tiles, String)>,
}

/// Messages of a pulse, made when first asked for and then shared by all who ask the same.
#[derive(Debug, Default)]
pub struct Others(Mutex<HashMap<Asked, Arc<OnceLock<Body>>>>);

/// Who asks: the place of the form, the cut, and the places of what it wants of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Asked {
    form: usize,
    from: Cut,
    entries: Vec<u32>,
    updated: Vec<u32>,
    removed: Vec<u32>,
    area: Option<usize>,
}

/// What one connection needs to be up to date.
#[derive(Clone, Debug)]
pub struct CatchUp {
    /// Messages in order.
    pub bodies: Arc<[Body]>,
    /// Where the client is afterwards.
    pub position: Resume,
    /// From where there is more to tell at once, if there is.
    pub next: Option<Origin>,
    /// `snapshot`, `changes` or `entries`, for the metrics.
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
            let asked = Asked { area: self.digest_of(interest), ..Asked::default() };
            let body = if in_step { self.body(variant, cursor.cut, asked) } else { None };
            return body.map_or(Verdict::Skip, |body| Verdict::Forward(body, cursor));
        }
        if (self.epoch, self.cut) <= (cursor.epoch, cursor.cut) {
            return Verdict::Skip;
        }
        let body = match (self.kind, variant) {
            (PulseKind::Events, Variant::Flights(_)) => return Verdict::Skip,
            (PulseKind::Events, Variant::Stream(..)) => {
                let entries = places(&self.own.entries, |shown| interest.wants(shown.entry()));
                match (entries.is_empty(), in_step) {
                    (true, _) if cursor.epoch == self.epoch || interest.is_empty() => return Verdict::Skip,
                    (false, true) => self.body(variant, cursor.cut, Asked { entries, ..Asked::default() }),
                    _ => None,
                }
            }
            (_, Variant::Stream(..)) if in_step => {
                self.asked(interest, variant).and_then(|asked| self.body(variant, cursor.cut, asked))
            }
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

    /// The new entries for a client that is still being brought to an earlier position.
    #[must_use]
    pub fn early(&self, variant: Variant, interest: &Interest, position: Resume) -> Option<Body> {
        let known = (self.epoch, self.cut) <= (position.epoch, position.cut);
        let entries = self.own.entries.iter().filter(|shown| interest.wants(shown.entry()));
        let format = variant.form().format();
        let entries: Vec<_> = entries.map(|shown| shown.encoded(format)).collect();
        let is_news = self.kind == PulseKind::Events && !known && !entries.is_empty();
        is_news.then(|| Body::new(variant.form(), events::early(format, self.epoch, self.cut, &entries)))
    }

    /// What a client wants of a cut of the tables beside what all get; none if it is not here.
    fn asked(&self, interest: &Interest, variant: Variant) -> Option<Asked> {
        let mut asked = Asked::default();
        if let Some(tiles) = interest.area {
            let place = place_of(&self.own.areas, tiles)?;
            let is_changed = self.own.areas[place].1[variant.form().format() as usize].is_some();
            asked.area = is_changed.then_some(place);
        }
        if interest.presence {
            let Changes { updated, removed } = &self.own.presence;
            asked.updated = places(updated, |row| interest.looks_into(&row.room));
            asked.removed = places(removed, |(room, _)| interest.looks_into(room));
        }
        Some(asked)
    }

    fn digest_of(&self, interest: &Interest) -> Option<usize> {
        interest.area.and_then(|tiles| place_of(&self.own.digests, tiles))
    }

    /// The message for who is at `from` and wants this.
    fn body(&self, variant: Variant, from: Cut, asked: Asked) -> Option<Body> {
        let place = variant.index();
        if asked == Asked::default() && self.kind != PulseKind::Events {
            let shared = self.bodies[place].as_ref()?;
            if from == self.base {
                return Some(shared.clone());
            }
        }
        // Only the tables differ between variants of one form.
        let form = if self.kind == PulseKind::Cut { place } else { variant.form() as usize };
        let asked = Asked { form, from, ..asked };
        let made = Arc::clone(self.others.0.lock().ok()?.entry(asked.clone()).or_default());
        // Who asks for the same waits for it, who asks for another does not.
        Some(made.get_or_init(|| Body::new(variant.form(), self.message(variant, &asked))).clone())
    }

    fn message(&self, variant: Variant, asked: &Asked) -> Vec<u8> {
        let (format, from) = (variant.form().format(), asked.from);
        let tick = |cut| {
            let StreamClock { stream_ms, rate } = self.clock;
            Header::Tick(TickHeader { epoch: self.epoch, base: from, cut, stream_ms, rate })
        };
        match self.kind {
            PulseKind::Cut => {
                let area = asked.area.and_then(|place| self.own.areas[place].1[format as usize].as_ref());
                let presence = self.presence_segment(format, asked);
                let shared = self.segments[variant.index()].iter();
                let segments: Vec<&[u8]> = shared.chain(area).chain(&presence).map(Vec::as_slice).collect();
                format.assemble(&tick(self.cut), &segments)
            }
            PulseKind::Events => {
                let entries = asked.entries.iter().filter_map(|place| self.own.entries.get(*place as usize));
                let entries: Vec<_> = entries.map(|shown| shown.encoded(format)).collect();
                format.assemble(&tick(self.cut), &[&events::segment(format, &entries, Remark::default())])
            }
            PulseKind::Heartbeat => format.assemble(&tick(from), &[]),
            PulseKind::Digest => {
                let flights = asked.area.map_or(&self.digest, |place| &self.own.digests[place].1).clone();
                format.assemble(&Header::Digest(Digest { epoch: self.epoch, cut: from, flights }), &[])
            }
        }
    }

    fn presence_segment(&self, format: Format, asked: &Asked) -> Option<Vec<u8>> {
        if asked.updated.is_empty() && asked.removed.is_empty() {
            return None;
        }
        let Changes { updated, removed } = &self.own.presence;
        let updated: Vec<_> = asked.updated.iter().map(|place| &updated[*place as usize]).collect();
        let removed: Vec<_> = asked.removed.iter().map(|place| key(&removed[*place as usize])).collect();
        Some(events::presence_segment(format, &updated, &removed))
    }
}

/// The places of what is wanted.
fn places<T>(all: &[T], wanted: impl Fn(&T) -> bool) -> Vec<u32> {
    all.iter().enumerate().filter(|(_, one)| wanted(one)).map(|(place, _)| place as u32).collect()
}

/// The place of tiles in a list that is in their order.
fn place_of<T>(all: &[(Tiles, T)], tiles: Tiles) -> Option<usize> {
    all.binary_search_by_key(&tiles, |(known, _)| *known).ok()
}

/// The key of somebody who left a room.
#[must_use]
pub fn key((room, user): &(TopicName, UserId)) -> String {
    format!("{room}/{user}")
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
            own: Own::default(),
            others: Others::default(),
        }
    }

    fn check(kind: PulseKind, flights_base: Option<u64>, cursor: (u64, u64), expected: [&str; 2]) {
        let cursor = Resume { epoch: Epoch(cursor.0), cut: Cut(cursor.1) };
        let variants = [Variant::Stream(Form::Json, Topics::ALL), Variant::Flights(Format::Json)];
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
