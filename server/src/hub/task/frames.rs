//! What the hub sends to all: each cut encoded once per form, and beside it what only some want.

use crate::hub::pulse::{Body, Others, Own, Pulse, PulseKind};
use crate::hub::status::Status;
use crate::hub::task::Hub;
use crate::hub::variant::{VARIANTS, Variant};
use core::time::Duration;
use inflight_domain::Cut;
use inflight_engine::Outputs;
use inflight_engine::presence::Changes;
use inflight_engine::tiles::Tiles;
use inflight_wire::limits::DIGEST_MS;
use inflight_wire::{Format, Resume};
use std::sync::Arc;
use tokio::time::Instant;

impl Hub {
    /// Sends the newest cut of the tables.
    pub(super) fn show(&mut self, outputs: &Outputs) {
        self.metrics.ticks.increment(1);
        self.status.send_replace(Arc::new(Status::of(&self.world)));
        if outputs.restarted {
            self.metrics.resets.increment(1);
            self.flights_cut = Cut(0);
            if let Some(journal) = &self.journal {
                journal.begin_epoch(self.world.position().epoch);
            }
        }
        let changed = self.world.engine().flights().is_changed() || outputs.restarted;
        let flights_base = changed.then_some(self.flights_cut);
        let own = self.own_changes();
        self.pulse(PulseKind::Cut, flights_base, own);
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
            let own = Own { digests: self.area_digests(), ..Own::default() };
            self.pulse(PulseKind::Digest, None, own);
        }
    }

    /// Tells that nothing happened.
    pub(super) fn heartbeat(&mut self) {
        self.pulse(PulseKind::Heartbeat, None, Own::default());
    }

    pub(super) fn pulse(&mut self, kind: PulseKind, flights_base: Option<Cut>, own: Own) {
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
            own,
            others: Others::default(),
        };
        // Without connections there is nobody to hear it.
        drop(self.pulses.send(Arc::new(pulse)));
    }

    /// What changed for some clients only.
    fn own_changes(&self) -> Own {
        let (engine, base) = (self.world.engine(), self.world.engine().base());
        let presence = if self.world.presence().is_changed() {
            self.world.presence().changes_since(base).unwrap_or_default()
        } else {
            Changes::default()
        };
        let watched = self.watchers.areas().clone();
        let areas = watched.into_iter().filter_map(|(tiles, wanted)| {
            let area = self.world.area(tiles)?;
            let segment = |format: Format| {
                let is_wanted = wanted[format as usize] > 0 && area.is_changed(engine.state_cut());
                if is_wanted { engine.area_segment(format, area, base) } else { None }
            };
            Some((tiles, [Format::Msgpack, Format::Json].map(segment)))
        });
        Own { presence, areas: areas.collect(), ..Own::default() }
    }

    fn area_digests(&self) -> Vec<(Tiles, String)> {
        let flights = self.world.engine().flights();
        let watched = self.watchers.areas().clone();
        let areas = watched.into_keys().filter_map(|tiles| Some((tiles, self.world.area(tiles)?)));
        areas.map(|(tiles, area)| (tiles, format!("{:016x}", area.digest(flights)))).collect()
    }
}
