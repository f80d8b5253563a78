//! The hub's task: ticks, advances the engine, encodes each cut once per form, answers requests.

use crate::clock;
use crate::history::{History, Recorder};
use crate::hub::form::Form;
use crate::hub::pulse::{Body, CatchUp, Pulse, PulseKind};
use crate::hub::status::Status;
use crate::hub::variant::{VARIANTS, Variant, Watchers};
use crate::hub::{ControlError, HubHandle, PULSES, QUEUE, Request};
use crate::metrics::Metrics;
use core::time::Duration;
use inflight_domain::{Cut, Epoch, UnixMillis};
use inflight_engine::{Engine, Input, Now, Outputs, Player};
use inflight_wire::frame::StreamClock;
use inflight_wire::limits::{DIGEST_MS, HEARTBEAT_MS};
use inflight_wire::{Format, ReplayCommand, Resume};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::info;

/// What moves the World.
#[derive(Debug)]
pub enum Drive {
    /// Sources that feed the hub; the time is the wall's.
    Live,
    /// A recording; its player keeps the time.
    Replay {
        /// The player.
        player: Box<Player>,
        /// Whether clients may move it.
        controllable: bool,
    },
}

/// How the hub works.
#[derive(Clone, Copy, Debug)]
pub struct HubConfig {
    /// Time between ticks.
    pub tick: Duration,
    /// Age after which an unlisted aircraft goes.
    pub stale_after: Duration,
    /// Epoch to start in; rises from one start of the process to the next.
    pub epoch: Epoch,
}

/// The task's state.
pub struct Hub {
    config: HubConfig,
    engine: Engine,
    drive: Drive,
    metrics: Metrics,
    requests: mpsc::Receiver<Request>,
    pulses: broadcast::Sender<Arc<Pulse>>,
    status: watch::Sender<Arc<Status>>,
    watchers: Arc<Watchers>,
    started: Instant,
    pending: Vec<Input>,
    flights_cut: Cut,
    spoke_at: Instant,
    proved_at: Instant,
    proved: Resume,
    snapshots: [Option<CatchUp>; VARIANTS],
    history: Option<History>,
    recorder: Option<Recorder>,
}

impl Hub {
    /// A hub and the way to it; it does nothing until [`Hub::run`].
    #[must_use]
    pub fn new(config: HubConfig, drive: Drive, metrics: Metrics) -> (Self, HubHandle) {
        let engine =
            Engine::new(config.epoch, i64::try_from(config.stale_after.as_millis()).unwrap_or(i64::MAX));
        let (request_sender, requests) = mpsc::channel(QUEUE);
        let (pulses, _) = broadcast::channel(PULSES);
        let (status, status_receiver) = watch::channel(Arc::new(Status::of(&engine)));
        let watchers = Arc::new(Watchers::default());
        let handle = HubHandle {
            requests: request_sender,
            pulses: pulses.clone(),
            status: status_receiver,
            watchers: Arc::clone(&watchers),
            tick_ms: u64::try_from(config.tick.as_millis()).unwrap_or(u64::MAX),
        };
        let now = Instant::now();
        let hub = Self {
            proved: engine.position(),
            config,
            engine,
            drive,
            metrics,
            requests,
            pulses,
            status,
            watchers,
            started: now,
            pending: Vec::new(),
            flights_cut: Cut(0),
            spoke_at: now,
            proved_at: now,
            snapshots: [const { None }; VARIANTS],
            history: None,
            recorder: None,
        };
        (hub, handle)
    }

    /// Keeps what is taken in, and tells what is kept.
    #[must_use]
    pub fn keep(self, history: History, recorder: Option<Recorder>) -> Self {
        Self { history: Some(history), recorder, ..self }
    }

    /// Runs until every handle is gone.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(self.config.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // A tick that is due comes first, so that nobody is told of an empty World at the start.
                biased;
                _ = ticks.tick() => self.tick(),
                request = self.requests.recv() => match request {
                    Some(request) => self.answer(request),
                    None => return,
                },
            }
        }
    }

    fn answer(&mut self, request: Request) {
        // Whoever asked may be gone by now; then nobody needs the answer.
        match request {
            Request::Inputs(inputs) => self.pending.extend(inputs),
            Request::CatchUp { variant, from, reply } => drop(reply.send(self.catch_up(variant, from))),
            Request::Control { command, reply } => {
                let result = self.control(command);
                let moved = result.is_ok();
                drop(reply.send(result));
                if moved {
                    self.tick();
                }
            }
        }
    }

    fn control(&mut self, command: ReplayCommand) -> Result<(), ControlError> {
        let wall_ms = self.wall_ms();
        match &mut self.drive {
            Drive::Replay { player, controllable: true } => {
                info!(?command, "recording moved");
                player.command(wall_ms, command).map_err(|error| ControlError::BadValue(error.to_string()))
            }
            Drive::Replay { .. } | Drive::Live => Err(ControlError::NotControllable),
        }
    }

    fn tick(&mut self) {
        let begun = Instant::now();
        self.snapshots = [const { None }; VARIANTS];
        let wall_ms = self.wall_ms();
        let mut inputs = core::mem::take(&mut self.pending);
        let stream = match &mut self.drive {
            Drive::Live => StreamClock { stream_ms: clock::now().0, rate: 1.0 },
            Drive::Replay { player, controllable } => {
                let step = player.step(wall_ms);
                inputs.extend(step.inputs);
                inputs.push(Input::Source(player.row(*controllable)));
                step.clock
            }
        };
        self.count_polls(&inputs);
        self.record(&inputs, UnixMillis(stream.stream_ms));
        inputs.extend(self.history.as_ref().and_then(History::row).map(Input::History));
        let outputs = self.engine.advance(Now { wall_ms, stream }, inputs);
        self.count(&outputs);
        if outputs.cut {
            self.publish(&outputs);
            self.metrics.tick_seconds.record(begun.elapsed());
        }
        self.prove();
        if self.spoke_at.elapsed() >= Duration::from_millis(HEARTBEAT_MS) {
            self.pulse(PulseKind::Heartbeat, None);
        }
    }

    fn publish(&mut self, outputs: &Outputs) {
        self.metrics.ticks.increment(1);
        self.status.send_replace(Arc::new(Status::of(&self.engine)));
        if outputs.restarted {
            self.metrics.resets.increment(1);
            self.flights_cut = Cut(0);
        }
        let changed = self.engine.flights().is_changed() || outputs.restarted;
        let flights_base = changed.then_some(self.flights_cut);
        self.pulse(PulseKind::Cut, flights_base);
        if changed {
            self.flights_cut = self.engine.position().cut;
        }
    }

    /// Lets clients prove their tables every now and then, if there is something new to prove.
    fn prove(&mut self) {
        let position = self.engine.position();
        if self.proved != position && self.proved_at.elapsed() >= Duration::from_millis(DIGEST_MS) {
            self.proved = position;
            self.proved_at = Instant::now();
            self.pulse(PulseKind::Digest, None);
        }
    }

    fn pulse(&mut self, kind: PulseKind, flights_base: Option<Cut>) {
        // Not everybody gets digests, so they are no sign of life.
        if kind != PulseKind::Digest {
            self.spoke_at = Instant::now();
        }
        let position = self.engine.position();
        let mut bodies = [const { None }; VARIANTS];
        for variant in Variant::all().filter(|variant| self.watchers.any(*variant)) {
            let bytes = self.encode(kind, variant, flights_base);
            bodies[variant.index()] = bytes.map(|bytes| Body::new(variant.form(), bytes));
        }
        let base = if kind == PulseKind::Cut { Cut(position.cut.0.saturating_sub(1)) } else { position.cut };
        let pulse = Pulse { kind, epoch: position.epoch, cut: position.cut, base, flights_base, bodies };
        // Without connections there is nobody to hear it.
        drop(self.pulses.send(Arc::new(pulse)));
    }

    fn encode(&self, kind: PulseKind, variant: Variant, flights_base: Option<Cut>) -> Option<Vec<u8>> {
        match (kind, variant) {
            (PulseKind::Cut, Variant::Stream(form, topics)) => Some(self.engine.tick(form.format(), topics)),
            (PulseKind::Cut, Variant::Flights(format)) => {
                let from = Resume { epoch: self.engine.position().epoch, cut: flights_base? };
                self.engine.flights_delta(from, format)
            }
            (PulseKind::Heartbeat, Variant::Stream(form, _)) => Some(self.engine.heartbeat(form.format())),
            (PulseKind::Digest, variant) => self.proof(variant),
            (PulseKind::Heartbeat, Variant::Flights(_)) => None,
        }
    }

    /// The digest, for clients that hold all columns of the aircraft: payloads in JSON lack two of them.
    fn proof(&self, variant: Variant) -> Option<Vec<u8>> {
        let proves =
            matches!(variant, Variant::Stream(Form::Msgpack | Form::Deflate, topics) if topics.flights);
        proves.then(|| self.engine.digest(Format::Msgpack))
    }

    fn catch_up(&mut self, variant: Variant, from: Option<Resume>) -> CatchUp {
        let changes = from.and_then(|from| match variant {
            Variant::Stream(form, topics) => self.engine.changes_since(from, form.format(), topics),
            Variant::Flights(format) => self.engine.flights_delta(from, format),
        });
        let catch_up = match changes {
            Some(bytes) => CatchUp {
                bodies: Arc::new([Body::new(variant.form(), bytes)]),
                position: self.engine.position(),
                kind: "changes",
            },
            None => self.snapshot(variant),
        };
        self.metrics.catch_up(catch_up.kind);
        catch_up
    }

    /// A snapshot is encoded once per tick, however many ask for it; its clock must not be older than that.
    fn snapshot(&mut self, variant: Variant) -> CatchUp {
        let proof = self.proof(variant);
        let place = &mut self.snapshots[variant.index()];
        place
            .get_or_insert_with(|| {
                let frames = match variant {
                    Variant::Stream(form, topics) => self.engine.snapshot(form.format(), topics),
                    Variant::Flights(format) => vec![self.engine.flights_snapshot(format)],
                };
                let bodies =
                    frames.into_iter().chain(proof).map(|bytes| Body::new(variant.form(), bytes)).collect();
                CatchUp { bodies, position: self.engine.position(), kind: "snapshot" }
            })
            .clone()
    }

    fn count_polls(&self, inputs: &[Input]) {
        for input in inputs {
            if let Input::Poll { poll, .. } = input {
                self.metrics.current_flights.set(poll.observations.len() as f64);
                if matches!(self.drive, Drive::Replay { .. }) {
                    self.metrics.poll("success");
                }
            }
        }
    }

    /// Leaves what came in for the history. Clocks of live sources differ, so that the stream's own counts; a
    /// recording hands out many polls at once after a jump, so that theirs do.
    fn record(&mut self, inputs: &[Input], now: UnixMillis) {
        let Some(recorder) = &mut self.recorder else { return };
        for input in inputs {
            match input {
                Input::Restart => recorder.restart(),
                Input::Poll { source, poll } => {
                    let live = matches!(self.drive, Drive::Live);
                    recorder.poll(source, if live { now } else { poll.time }, poll);
                }
                _ => {}
            }
        }
    }

    fn count(&self, outputs: &Outputs) {
        self.metrics.published.iter().for_each(|topic| topic.increment(outputs.accepted));
        outputs.dropped.iter().for_each(|(reason, count)| self.metrics.dropped(*reason, *count));
        outputs.disrupted.iter().for_each(|(kind, count)| self.metrics.disrupted(*kind, *count));
        self.metrics.aircraft.set(self.engine.flights().len() as f64);
    }

    fn wall_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}
