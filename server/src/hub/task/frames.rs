//! What the hub sends: each cut encoded once per form, and what brings one client up to date.

use crate::hub::events::Shown;
use crate::hub::form::Form;
use crate::hub::interest::Interest;
use crate::hub::pulse::{Body, CatchUp, Others, Pulse, PulseKind};
use crate::hub::status::Status;
use crate::hub::task::Hub;
use crate::hub::variant::{VARIANTS, Variant};
use core::time::Duration;
use inflight_domain::Cut;
use inflight_engine::{Missed, Outputs};
use inflight_wire::limits::DIGEST_MS;
use inflight_wire::{Format, Resume, events};
use std::sync::Arc;
use tokio::time::Instant;

/// Entries of event topics that a snapshot holds.
const NEWEST: usize = 100;

impl Hub {
    /// Sends the newest cut of the tables.
    pub(super) fn show(&mut self, outputs: &Outputs) {
        self.metrics.ticks.increment(1);
        self.status.send_replace(Arc::new(Status::of(self.world.engine())));
        if outputs.restarted {
            self.metrics.resets.increment(1);
            self.flights_cut = Cut(0);
            if let Some(journal) = &self.journal {
                journal.begin_epoch(self.world.position().epoch);
            }
        }
        let changed = self.world.engine().flights().is_changed() || outputs.restarted;
        let flights_base = changed.then_some(self.flights_cut);
        self.pulse(PulseKind::Cut, flights_base, Vec::new());
        if changed {
            self.flights_cut = self.world.position().cut;
        }
    }

    /// Lets clients prove their tables every now and then, if there is something new to prove.
    pub(super) fn prove(&mut self) {
        let position = self.world.state_position();
        if self.proved != position && self.proved_at.elapsed() >= Duration::from_millis(DIGEST_MS) {
            self.proved = position;
            self.proved_at = Instant::now();
            self.pulse(PulseKind::Digest, None, Vec::new());
        }
    }

    /// Tells that nothing happened.
    pub(super) fn heartbeat(&mut self) {
        self.pulse(PulseKind::Heartbeat, None, Vec::new());
    }

    pub(super) fn pulse(&mut self, kind: PulseKind, flights_base: Option<Cut>, entries: Vec<Arc<Shown>>) {
        // Not everybody gets digests and entries, so they are no sign of life.
        if matches!(kind, PulseKind::Cut | PulseKind::Heartbeat) {
            self.spoke_at = Instant::now();
        }
        let engine = self.world.engine();
        let position = engine.position();
        let base = if kind == PulseKind::Cut { engine.base() } else { engine.state_cut() };
        let (mut bodies, mut segments) = ([const { None }; VARIANTS], [const { Vec::new() }; VARIANTS]);
        for variant in Variant::all().filter(|variant| self.watchers.any(*variant)) {
            let place = variant.index();
            let bytes = match (kind, variant) {
                (PulseKind::Cut, Variant::Stream(form, topics)) => {
                    segments[place] = engine.tick_segments(form.format(), topics);
                    Some(engine.frame(form.format(), base, position.cut, &segments[place]))
                }
                (PulseKind::Cut, Variant::Flights(format)) => flights_base.and_then(|base| {
                    engine.flights_delta(Resume { epoch: position.epoch, cut: base }, format)
                }),
                (PulseKind::Heartbeat, Variant::Stream(form, _)) => {
                    Some(engine.frame(form.format(), base, base, &[]))
                }
                (PulseKind::Digest, variant) => self.proof(variant),
                (PulseKind::Heartbeat, Variant::Flights(_)) | (PulseKind::Events, _) => None,
            };
            bodies[place] = bytes.map(|bytes| Body::new(variant.form(), bytes));
        }
        let digest = if kind == PulseKind::Digest {
            format!("{:016x}", engine.flights().digest())
        } else {
            String::new()
        };
        let pulse = Pulse {
            kind,
            epoch: position.epoch,
            cut: position.cut,
            base,
            flights_base,
            clock: engine.clock(),
            bodies,
            segments,
            digest,
            entries,
            others: Others::default(),
        };
        // Without connections there is nobody to hear it.
        drop(self.pulses.send(Arc::new(pulse)));
    }

    /// What brings a client to the newest cut: what changed since its own, or everything.
    pub(super) fn catch_up(
        &mut self,
        variant: Variant,
        interest: &Interest,
        from: Option<Resume>,
    ) -> CatchUp {
        let (engine, log) = (self.world.engine(), self.world.log());
        let wants = |entry: &_| interest.wants(entry);
        let missed = match from {
            _ if interest.is_empty() => Missed::default(),
            Some(from) => log.since(from, wants),
            None => Missed { entries: log.newest(NEWEST, wants), lost: 0 },
        };
        let position = if interest.is_empty() { self.world.state_position() } else { self.world.position() };
        let changes = from.and_then(|from| match variant {
            Variant::Stream(form, topics) => {
                let mut segments = engine.segments_since(from, form.format(), topics)?;
                segments.extend(events_segment(form.format(), &missed));
                // Who is further than the tables, at a cut of events, stays there.
                let cut = position.cut.max(from.cut);
                Some((engine.frame(form.format(), from.cut, cut, &segments), Resume { cut, ..position }))
            }
            Variant::Flights(format) => Some((engine.flights_delta(from, format)?, position)),
        });
        let catch_up = match changes {
            Some((bytes, position)) => {
                let bodies = Arc::new([Body::new(variant.form(), bytes)]);
                CatchUp { bodies, position, kind: "changes" }
            }
            None => self.with_entries(variant, &missed),
        };
        self.metrics.catch_up(catch_up.kind);
        catch_up
    }

    /// A snapshot, then the entries: so the snapshot is the same for all.
    fn with_entries(&mut self, variant: Variant, missed: &Missed) -> CatchUp {
        let snapshot = self.snapshot(variant);
        let format = variant.form().format();
        let Some(segment) = events_segment(format, missed) else { return snapshot };
        let (engine, cut) = (self.world.engine(), self.world.position().cut);
        let bytes = engine.frame(format, snapshot.position.cut, cut, &[segment]);
        let body = Body::new(variant.form(), bytes);
        let bodies = snapshot.bodies.iter().cloned().chain([body]).collect();
        CatchUp { bodies, position: self.world.position(), ..snapshot }
    }

    /// A snapshot is encoded once per tick, however many ask for it; its clock must not be older than that.
    fn snapshot(&mut self, variant: Variant) -> CatchUp {
        let proof = self.proof(variant);
        let (engine, position) = (self.world.engine(), self.world.state_position());
        let place = &mut self.snapshots[variant.index()];
        place
            .get_or_insert_with(|| {
                let frames = match variant {
                    Variant::Stream(form, topics) => engine.snapshot(form.format(), topics),
                    Variant::Flights(format) => vec![engine.flights_snapshot(format)],
                };
                let bodies =
                    frames.into_iter().chain(proof).map(|bytes| Body::new(variant.form(), bytes)).collect();
                CatchUp { bodies, position, kind: "snapshot" }
            })
            .clone()
    }

    /// The digest, for clients that hold all columns of the aircraft: payloads in JSON lack two of them.
    fn proof(&self, variant: Variant) -> Option<Vec<u8>> {
        let proves =
            matches!(variant, Variant::Stream(Form::Msgpack | Form::Deflate, topics) if topics.flights);
        proves.then(|| self.world.engine().digest(Format::Msgpack))
    }
}

/// The entries that a client missed; none if there are none.
fn events_segment(format: Format, missed: &Missed) -> Option<Vec<u8>> {
    let entries: Vec<_> = missed.entries.iter().map(|logged| format.encode(&logged.entry)).collect();
    (!entries.is_empty() || missed.lost > 0).then(|| events::segment(format, &entries, missed.lost))
}
