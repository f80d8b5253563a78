//! The hub's task: ticks, advances the World, answers requests.

mod catch_up;
mod events;
mod frames;

use crate::clock;
use crate::history::{History, Recorder};
use crate::hub::events::PublishError;
use crate::hub::pulse::{CatchUp, Pulse};
use crate::hub::status::Status;
use crate::hub::task::catch_up::Made;
use crate::hub::task::events::Publisher;
use crate::hub::variant::{Variant, Watchers};
use crate::hub::{ControlError, HubHandle, PULSES, QUEUE, Request};
use crate::journal::{Answer, Journal};
use crate::metrics::Metrics;
use core::time::Duration;
use inflight_domain::{Cut, Epoch, UnixMillis};
use inflight_engine::tiles::Tiles;
use inflight_engine::{Engine, EventLog, Input, Now, Outputs, Player, World};
use inflight_wire::frame::StreamClock;
use inflight_wire::limits::HEARTBEAT_MS;
use inflight_wire::{ReplayCommand, Resume};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{error, info};

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
    world: World,
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
    snapshots: Vec<((Variant, Option<Tiles>), CatchUp)>,
    made: Made,
    history: Option<History>,
    recorder: Option<Recorder>,
    journal: Option<Journal>,
    answers: mpsc::UnboundedReceiver<Answer>,
    publishers: VecDeque<Publisher>,
}

impl Hub {
    /// A hub and the way to it; it does nothing until [`Hub::run`].
    #[must_use]
    pub fn new(config: HubConfig, drive: Drive, metrics: Metrics) -> (Self, HubHandle) {
        let engine =
            Engine::new(config.epoch, i64::try_from(config.stale_after.as_millis()).unwrap_or(i64::MAX));
        let world = World::new(engine, EventLog::default());
        let (request_sender, requests) = mpsc::channel(QUEUE);
        let (pulses, _) = broadcast::channel(PULSES);
        let (status, status_receiver) = watch::channel(Arc::new(Status::of(&world)));
        let watchers = Arc::new(Watchers::default());
        let now = Instant::now();
        let handle = HubHandle {
            requests: request_sender,
            pulses: pulses.clone(),
            status: status_receiver,
            watchers: Arc::clone(&watchers),
            journal: None,
            started: now,
            tick_ms: u64::try_from(config.tick.as_millis()).unwrap_or(u64::MAX),
        };
        let hub = Self {
            proved: world.position(),
            config,
            world,
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
            snapshots: Vec::new(),
            made: Made::new(),
            history: None,
            recorder: None,
            journal: None,
            answers: mpsc::unbounded_channel().1,
            publishers: VecDeque::new(),
        };
        (hub, handle)
    }

    /// Keeps what is taken in, and tells what is kept.
    #[must_use]
    pub fn keep(self, history: History, recorder: Option<Recorder>) -> Self {
        Self { history: Some(history), recorder, ..self }
    }

    /// Takes entries of event topics, and goes on with those that a journal held.
    #[must_use]
    pub fn journal(
        self,
        handle: &mut HubHandle,
        (journal, answers): (Journal, mpsc::UnboundedReceiver<Answer>),
        log: EventLog,
    ) -> Self {
        handle.journal = Some(journal.follow());
        journal.begin_epoch(self.world.position().epoch);
        let world = World::new(self.world.engine().clone(), log);
        Self { world, journal: Some(journal), answers, ..self }
    }

    /// Runs until every handle is gone.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(self.config.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // A tick that is due comes first, so that nobody is told of an empty World at the start.
                biased;
                _ = ticks.tick() => self.survive(Self::tick),
                answer = self.answers.recv(), if self.journal.is_some() => self.survive(|hub| match answer {
                    Some(answer) => hub.journalled(answer),
                    None => hub.journal_ended(),
                }),
                request = self.requests.recv() => match request {
                    Some(request) => self.survive(|hub| hub.answer(request)),
                    None => return,
                },
            }
        }
    }

    /// Acts, and goes on after a defect: what waited is thrown away, for it may have brought it about, and the World
    /// starts anew in another epoch, for nobody knows how it was left. Entries of event topics stay.
    fn survive(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            error!(thrown_away = self.pending.len(), "the hub starts its World anew after a defect");
            self.metrics.survived("hub");
            // The new epoch must not wait for what may never have reached the journal.
            self.refuse_all(&PublishError::Unknown);
            self.pending = vec![Input::Restart];
        }
    }

    fn answer(&mut self, request: Request) {
        // Whoever asked may be gone by now; then nobody needs the answer.
        match request {
            #[cfg(test)]
            Request::Defect => panic!("a test asks for it"),
            Request::Inputs(inputs) => self.pending.extend(inputs),
            request @ Request::CatchUp { .. } => self.bring(request),
            Request::Present { who, rooms, heard_at } => self.present(who, rooms, heard_at),
            Request::Absent { who: (user, connection), rooms } => {
                self.world.presence_mut().leave(&rooms, &user, connection);
            }
            Request::Publish { draft, reply } => self.propose(draft, reply),
            Request::Missed { interest, from, reply } => drop(reply.send(self.missed(&interest, from))),
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
        self.snapshots.clear();
        self.made.clear();
        let watched = self.watchers.areas().clone();
        self.world.keep_areas(|tiles| watched.contains_key(&tiles));
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
        if self.world.must_wait(&inputs) {
            self.pending = inputs;
            return;
        }
        self.count_polls(&inputs);
        self.record(&inputs, UnixMillis(stream.stream_ms));
        inputs.extend(self.history.as_ref().and_then(History::row).map(Input::History));
        let outputs = self.world.advance(Now { wall_ms, stream }, inputs);
        self.count(&outputs);
        if outputs.cut {
            self.show(&outputs);
            self.metrics.tick_seconds.record(begun.elapsed());
        }
        self.prove();
        if self.spoke_at.elapsed() >= Duration::from_millis(HEARTBEAT_MS) {
            self.heartbeat();
        }
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
        self.metrics.aircraft.set(self.world.engine().flights().len() as f64);
    }

    fn wall_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{Draft, EventData, Json, RoomEvent, TopicName};

    #[tokio::test]
    async fn a_defect_costs_an_epoch_and_not_the_hub() {
        let metrics = Metrics::new(&["a".to_owned(), "b".to_owned()]);
        let config = HubConfig {
            tick: Duration::from_millis(5),
            stale_after: Duration::from_secs(60),
            epoch: Epoch(7),
        };
        let (hub, handle) = Hub::new(config, Drive::Live, metrics.clone());
        let task = tokio::spawn(hub.run());
        let mut status = handle.follow_status();
        handle.requests.send(Request::Defect).await.unwrap();
        status.wait_for(|status| status.epoch == Epoch(8)).await.unwrap();
        assert!(metrics.render().contains("inflight_panics_total{part=\"hub\"} 1"));
        assert_eq!(metrics.tally.counts().panics, 1);
        let (reply, answer) = tokio::sync::oneshot::channel();
        let command = ReplayCommand::Play {};
        handle.requests.send(Request::Control { command, reply }).await.unwrap();
        assert_eq!(answer.await.unwrap(), Err(ControlError::NotControllable));
        assert!(!task.is_finished());
    }

    #[tokio::test]
    async fn a_journal_that_ends_fails_who_waits_and_holds_nothing_up() {
        let metrics = Metrics::new(&["a".to_owned(), "b".to_owned()]);
        let tick = Duration::from_millis(5);
        let config = HubConfig { tick, stale_after: Duration::from_secs(60), epoch: Epoch(7) };
        let (hub, mut handle) = Hub::new(config, Drive::Live, metrics);
        let (journal, answers, ends) = Journal::silent();
        let hub = hub.journal(&mut handle, (journal, answers), EventLog::default());
        tokio::spawn(hub.run());
        let draft = || Draft {
            topic: TopicName::parse("load/1").unwrap(),
            data: EventData::Room(RoomEvent {
                kind: "message.sent".to_owned(),
                data: Json::Object(Vec::new()),
            }),
            by: None,
        };
        let mut waits = std::pin::pin!(handle.publish(draft()));
        assert!(tokio::time::timeout(tick * 4, &mut waits).await.is_err(), "the journal says nothing");
        handle.feed(vec![Input::Restart]).await.unwrap();
        drop(ends);
        assert_eq!(waits.await.unwrap_err(), PublishError::Unknown);
        let mut status = handle.follow_status();
        status.wait_for(|status| status.epoch == Epoch(8)).await.unwrap();
        assert!(matches!(handle.publish(draft()).await, Err(PublishError::Journal { .. })));
    }
}
