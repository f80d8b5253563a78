//! What brings one client up to date: what changed since it was there, or everything.

use crate::hub::form::Form;
use crate::hub::interest::Interest;
use crate::hub::pulse::{Body, CatchUp, key};
use crate::hub::task::Hub;
use crate::hub::variant::Variant;
use crate::hub::{Origin, Request};
use inflight_domain::Cut;
use inflight_engine::presence::Changes;
use inflight_engine::tiles::Tiles;
use inflight_engine::{Logged, Missed};
use inflight_wire::frame::{StreamClock, TickHeader};
use inflight_wire::{Format, Header, Resume, events};
use std::sync::Arc;

/// Entries of event topics that a snapshot holds.
const NEWEST: usize = 100;

/// Entries that are told in one message weigh no more than this, so that no answer keeps the hub from others.
const TOLD_BYTES: usize = 256 * 1024;

/// The newest entries that a snapshot brings weigh no more than this.
const NEWEST_BYTES: usize = 4 * 1024 * 1024;

/// Messages made since the last tick that others may want too, and how many of them are kept.
pub(super) type Made = Vec<(Asked, Body)>;
const MOST_MADE: usize = 64;

/// Who may want the same: its form, where it is and will be, and the entries that it missed.
type Asked = (Variant, Resume, Resume, Vec<u64>);

impl Hub {
    /// Answers a request for it.
    pub(super) fn bring(&mut self, request: Request) {
        if let Request::CatchUp { variant, interest, origin, reply } = request {
            // Whoever asked may be gone by now; then nobody needs the answer.
            drop(reply.send(self.catch_up(variant, &interest, origin)));
        }
    }

    fn catch_up(&mut self, variant: Variant, interest: &Interest, origin: Origin) -> CatchUp {
        if let Some(tiles) = interest.area {
            self.world.follow(tiles);
        }
        let wants = |entry: &_| interest.wants(entry);
        let missed = match origin.entries() {
            _ if interest.is_empty() => Missed::default(),
            Some(from) => self.world.log().since(from, wants),
            None => Missed { entries: self.world.log().newest(NEWEST, wants), lost: 0 },
        };
        let changes = match origin {
            Origin::At(from, tiles) => self.changes(variant, interest, (from, tiles), &missed, false),
            Origin::Back(from) => self.changes(variant, interest, (from, None), &missed, true),
            Origin::Nowhere | Origin::Entries(_) | Origin::Recalling { .. } => None,
        };
        let catch_up = match (changes, origin.place()) {
            (Some(changes), _) => changes,
            (None, Some(at)) => self.recall(variant, interest, at, &missed),
            (None, None) => self.everything(variant, interest, missed),
        };
        self.metrics.catch_up(catch_up.kind);
        catch_up
    }

    /// What changed since a position, for who looked at these tiles then; none if a snapshot is needed.
    fn changes(
        &mut self,
        variant: Variant,
        interest: &Interest,
        (from, before): (Resume, Option<Tiles>),
        missed: &Missed,
        comes_back: bool,
    ) -> Option<CatchUp> {
        let position = if interest.is_empty() { self.world.state_position() } else { self.world.position() };
        // Tables that are newer than the entries come again with the rest of these.
        let (told, more) = missed.oldest(TOLD_BYTES);
        let last = told.last().filter(|_| more).map(|logged| logged.position);
        let position = last.filter(|last| last.epoch == position.epoch).unwrap_or(position);
        // Who is further than the tables, at a cut of entries, stays there.
        let position = Resume { cut: position.cut.max(from.cut), ..position };
        let is_shared = interest.area.is_none() && !interest.presence && missed.lost == 0;
        let offsets = told.iter().map(|logged| logged.entry.offset).collect();
        let wanted = (variant, from, position, offsets);
        let next = more.then_some(Origin::At(position, interest.area));
        if is_shared && let Some((_, body)) = self.made.iter().find(|(made, _)| *made == wanted) {
            return Some(CatchUp { bodies: Arc::new([body.clone()]), position, next, kind: "changes" });
        }
        let engine = self.world.engine();
        let frames = match variant {
            Variant::Flights(format) => vec![engine.flights_delta(from, format)?],
            Variant::Stream(form, topics) => {
                let format = form.format();
                let mut segments = engine.segments_since(from, format, topics)?;
                let area = |tiles| self.world.area(tiles);
                if let Some(area) = before.and_then(area) {
                    segments.push(engine.area_segment(format, area, from.cut)?);
                }
                segments.extend(self.presence_segment(format, interest, Some(from.cut), comes_back)?);
                segments.extend(events_segment(format, told, lost(missed)));
                let mut frames = vec![engine.frame(format, from.cut, position.cut, &segments)];
                if let (Some(before), Some(now)) = (before, interest.area)
                    && before != now
                {
                    let moved = engine.moved_segment(format, area(before)?, area(now)?);
                    frames.push(engine.frame(format, position.cut, position.cut, &[moved]));
                }
                frames
            }
        };
        let bodies: Arc<[Body]> = frames.into_iter().map(|bytes| Body::new(variant.form(), bytes)).collect();
        if is_shared && self.made.len() < MOST_MADE {
            self.made.extend(bodies.first().map(|body| (wanted, body.clone())));
        }
        Some(CatchUp { bodies, position, next, kind: "changes" })
    }

    /// For who stands where tables cannot be brought up to date from: first the entries up to those that are there now,
    /// said where it stands, then these; what came later follows from there. So a connection that breaks at any moment
    /// leaves nothing out.
    fn recall(&mut self, variant: Variant, interest: &Interest, at: Resume, missed: &Missed) -> CatchUp {
        let (tables, clock) = (self.world.state_position(), self.world.engine().clock());
        let (told, more) = missed.oldest(TOLD_BYTES);
        let is_later = |position: Resume| (position.epoch, position.cut) > (tables.epoch, tables.cut);
        let (told, later) = told.split_at(told.partition_point(|logged| !is_later(logged.position)));
        let format = variant.form().format();
        let said = events_segment(format, told, lost(missed)).map(|segment| {
            let StreamClock { stream_ms, rate } = clock;
            let here = TickHeader { epoch: at.epoch, base: at.cut, cut: at.cut, stream_ms, rate };
            Body::new(variant.form(), format.assemble(&Header::Tick(here), &[&segment]))
        });
        if let (true, true, Some(last)) = (more, later.is_empty(), told.last()) {
            let next = Some(Origin::Recalling { at, told: last.position });
            return CatchUp { bodies: said.into_iter().collect(), position: at, next, kind: "entries" };
        }
        let snapshot = self.snapshot(variant, interest.area);
        let position = snapshot.position;
        let presence = self.presence_segment(format, interest, None, true).flatten().map(|segment| {
            let frame = self.world.engine().frame(format, position.cut, position.cut, &[segment]);
            Body::new(variant.form(), frame)
        });
        let bodies = said.into_iter().chain(snapshot.bodies.iter().cloned()).chain(presence).collect();
        let next = (more || !later.is_empty()).then_some(Origin::At(position, interest.area));
        CatchUp { bodies, next, ..snapshot }
    }

    /// A snapshot, then what is not the same for all: so most of it is made once.
    fn everything(&mut self, variant: Variant, interest: &Interest, mut missed: Missed) -> CatchUp {
        missed.keep_newest(NEWEST_BYTES);
        let snapshot = self.snapshot(variant, interest.area);
        let format = variant.form().format();
        let presence = self.presence_segment(format, interest, None, true).flatten();
        let told = in_messages(format, &missed);
        if told.is_empty() && presence.is_none() {
            return snapshot;
        }
        let (engine, position) = (self.world.engine(), self.world.position());
        let (base, last) = (snapshot.position.cut, told.len().saturating_sub(1));
        let mut told = told.into_iter();
        let first: Vec<_> = presence.into_iter().chain(told.next()).collect();
        let messages = core::iter::once(first).chain(told.map(|segment| vec![segment]));
        let frames = messages.enumerate().map(|(place, segments)| {
            let cut = if place == last { position.cut } else { base };
            Body::new(variant.form(), engine.frame(format, base, cut, &segments))
        });
        let bodies = snapshot.bodies.iter().cloned().chain(frames).collect();
        CatchUp { bodies, position, ..snapshot }
    }

    /// A snapshot is encoded once per tick, however many ask for it; its clock must not be older than that.
    fn snapshot(&mut self, variant: Variant, tiles: Option<Tiles>) -> CatchUp {
        let made = self.snapshots.iter().find(|(made, _)| *made == (variant, tiles));
        if let Some((_, snapshot)) = made {
            return snapshot.clone();
        }
        let (engine, position) = (self.world.engine(), self.world.state_position());
        let area = tiles.and_then(|tiles| self.world.area(tiles));
        let mut frames = match variant {
            Variant::Stream(form, topics) => {
                let own = area.map(|area| engine.area_pieces(form.format(), area));
                engine.snapshot_with(form.format(), topics, own.unwrap_or_default())
            }
            Variant::Flights(format) => vec![engine.flights_snapshot(format)],
        };
        frames.extend(match area {
            Some(area) if variant.form().format() == Format::Msgpack => {
                let digest = format!("{:016x}", area.digest(engine.flights()));
                Some(engine.digest_of(Format::Msgpack, digest))
            }
            Some(_) => None,
            None => self.proof(variant),
        });
        let bodies = frames.into_iter().map(|bytes| Body::new(variant.form(), bytes)).collect();
        let snapshot = CatchUp { bodies, position, next: None, kind: "snapshot" };
        self.snapshots.push(((variant, tiles), snapshot.clone()));
        snapshot
    }

    /// Who left the rooms of a client, and who is in them or came since; none (outside) if that is no longer known.
    fn presence_segment(
        &self,
        format: Format,
        interest: &Interest,
        since: Option<Cut>,
        all: bool,
    ) -> Option<Option<Vec<u8>>> {
        if !interest.presence {
            return Some(None);
        }
        let presence = self.world.presence();
        let Changes { mut updated, removed } = match since {
            Some(since) => presence.changes_since(since)?,
            None => Changes::default(),
        };
        if all {
            updated = presence.rows().collect();
        }
        updated.retain(|row| interest.looks_into(&row.room));
        let removed: Vec<_> = removed.iter().filter(|(room, _)| interest.looks_into(room)).map(key).collect();
        let is_empty = updated.is_empty() && removed.is_empty();
        let updated: Vec<_> = updated.iter().collect();
        Some((!is_empty).then(|| events::presence_segment(format, &updated, &removed)))
    }

    /// The digest, for clients that hold all columns of the aircraft: payloads in JSON lack two of them.
    pub(super) fn proof(&self, variant: Variant) -> Option<Vec<u8>> {
        let proves =
            matches!(variant, Variant::Stream(Form::Msgpack | Form::Deflate, topics) if topics.flights);
        proves.then(|| self.world.engine().digest(Format::Msgpack))
    }
}

/// Entries from before a client came, in parts that a message holds; that something is lost is said with the first.
fn in_messages(format: Format, missed: &Missed) -> Vec<Vec<u8>> {
    let mut remark = events::Remark { earlier: true, ..lost(missed) };
    let (mut parts, mut from) = (Vec::new(), 0);
    while from < missed.entries.len() {
        let rest = &missed.entries[from..];
        let mut bytes = 0;
        let fits = |logged: &&Arc<Logged>| {
            bytes += logged.entry.data.weight();
            bytes <= TOLD_BYTES
        };
        let count = rest.iter().take_while(fits).count().max(1);
        parts.extend(events_segment(format, &rest[..count], remark));
        (remark.lost, from) = (0, from + count);
    }
    parts
}

fn lost(missed: &Missed) -> events::Remark {
    events::Remark { lost: missed.lost, earlier: false }
}

/// Entries with what is said of them; none if there is nothing to say.
fn events_segment(format: Format, entries: &[Arc<Logged>], remark: events::Remark) -> Option<Vec<u8>> {
    let told: Vec<_> = entries.iter().map(|logged| format.encode(&logged.entry)).collect();
    (!told.is_empty() || remark.lost > 0).then(|| events::segment(format, &told, remark))
}
