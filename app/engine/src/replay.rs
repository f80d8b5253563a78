//! Plays a recording: paced by the time of its polls, with speed, pause, seek and loop.
//!
//! The player has no clock; the driver calls [`Player::step`] with the wall time and hands what is due to the
//! engine. Server and worker use the same player.

use crate::engine::Input;
use inflight_domain::system::ReplayRow;
use inflight_domain::{Icao24, SmallMap, SourceRow, SourceState, TrailPoint, UnixMillis};
use inflight_sky::{Poll, Recording, Trail};
use inflight_wire::ReplayCommand;
use inflight_wire::frame::StreamClock;
use std::ops::RangeInclusive;

/// Legal speeds in stream seconds per second.
pub const SPEEDS: RangeInclusive<f64> = 0.1..=100.0;

/// Polls of this many milliseconds before a seek's target are played at once, so that motion is known there.
const WARM_UP_MS: i64 = 120_000;

/// The last poll is shown for as long as polls lie apart, within these milliseconds, before a loop closes.
const TAIL_MS: RangeInclusive<f64> = 1_000.0..=15_000.0;

/// A recording and where it stands.
#[derive(Clone, Debug)]
pub struct Player {
    recording: Recording,
    name: String,
    next: usize,
    stream_ms: f64,
    wall_ms: Option<i64>,
    speed: f64,
    paused: bool,
    looped: bool,
    restart: bool,
    polls: u64,
    /// Polls of each source that was recorded by name.
    recorded: SmallMap<String, u64>,
}

/// What is due.
#[derive(Clone, Debug)]
pub struct Step {
    /// Inputs for the engine, in order.
    pub inputs: Vec<Input>,
    /// The clock of the stream.
    pub clock: StreamClock,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CommandError {
    /// The speed is not a number in [`SPEEDS`].
    #[error("speed is {0}, expected a number from {min} to {max}", min = SPEEDS.start(), max = SPEEDS.end())]
    Speed(f64),
}

/// Who is said to say so: the source that was recorded, where the recording tells.
pub(crate) fn name_of(poll: &Poll) -> String {
    poll.source.clone().unwrap_or_else(|| "replay".to_owned())
}

impl Player {
    /// A player at the start of a recording; `name` is what people see, without its folder.
    #[must_use]
    pub fn new(recording: Recording, name: impl Into<String>, speed: f64, looped: bool) -> Self {
        let stream_ms = recording.start().0 as f64;
        let speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
        let name = name.into();
        Self {
            recording,
            name,
            next: 0,
            stream_ms,
            wall_ms: None,
            speed,
            paused: false,
            looped,
            restart: false,
            polls: 0,
            recorded: SmallMap::default(),
        }
    }

    /// Moves the stream to the wall time and returns what is due.
    pub fn step(&mut self, wall_ms: i64) -> Step {
        self.run(wall_ms);
        let mut inputs = Vec::new();
        if std::mem::take(&mut self.restart) {
            inputs.push(Input::Restart);
        }
        while self.recording.time_of(self.next).is_some_and(|time| time.0 as f64 <= self.stream_ms) {
            let poll = self.recording.poll(self.next);
            if let Some(poll) = poll {
                inputs.extend(poll.source.is_some().then(|| self.recorded(&poll)));
                inputs.push(Input::Poll { source: name_of(&poll), poll });
            }
            self.next += 1;
            self.polls += 1;
        }
        Step { inputs, clock: StreamClock { stream_ms: self.stream_ms as i64, rate: self.rate() } }
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// A value that is out of range; the player then stands as before.
    pub fn command(&mut self, wall_ms: i64, command: ReplayCommand) -> Result<(), CommandError> {
        self.run(wall_ms);
        match command {
            ReplayCommand::Play {} if self.at_end() => {
                self.paused = false;
                self.seek(self.recording.start());
            }
            ReplayCommand::Play {} => self.paused = false,
            ReplayCommand::Pause {} => self.paused = true,
            ReplayCommand::Speed { value } if SPEEDS.contains(&value) => self.speed = value,
            ReplayCommand::Speed { value } => return Err(CommandError::Speed(value)),
            ReplayCommand::Seek { to } => self.seek(to),
            ReplayCommand::Loop { on } => self.looped = on,
            ReplayCommand::Step { polls } => self.move_by(polls),
        }
        Ok(())
    }

    /// The recording's row of the `system` topic.
    #[must_use]
    pub fn row(&self, controllable: bool) -> SourceRow {
        let newest = self.next.checked_sub(1).and_then(|index| self.recording.time_of(index));
        SourceRow {
            name: "replay".to_owned(),
            number: 0,
            state: SourceState::Replay,
            code: if self.at_end() { "recording_ended".to_owned() } else { String::new() },
            retry_at: None,
            newest_poll: newest,
            poll_interval_s: (self.interval_ms() / 100.0) as i64 as f64 / 10.0,
            polls: self.polls,
            credits_remaining: None,
            replay: Some(ReplayRow {
                recording: self.name.clone(),
                start: self.recording.start(),
                end: self.recording.end(),
                speed: self.speed,
                paused: self.paused || self.at_end(),
                looped: self.looped,
                controllable,
            }),
        }
    }

    /// The recording that is played.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Where an aircraft has been, up to the poll that is shown.
    #[must_use]
    pub fn trail(&self, icao24: Icao24) -> Vec<TrailPoint> {
        let mut trail = Trail::of(icao24);
        trail.take(self.recording.lines_before(self.next));
        trail.points()
    }

    /// Stands still so many polls further on or back.
    fn move_by(&mut self, polls: i64) {
        self.paused = true;
        let last = self.recording.len() - 1;
        let here = self.next.saturating_sub(1).min(last);
        let distance = usize::try_from(polls.unsigned_abs()).unwrap_or(usize::MAX);
        let target =
            if polls < 0 { here.saturating_sub(distance) } else { here.saturating_add(distance).min(last) };
        let Some(time) = self.recording.time_of(target) else { return };
        if target < here {
            self.seek(time);
        } else {
            self.stream_ms = self.stream_ms.max(time.0 as f64);
        }
    }

    /// The row of a source that was recorded by its name, so that what rows call it can be read.
    fn recorded(&mut self, poll: &Poll) -> Input {
        let name = name_of(poll);
        let polls = self.recorded.get_or_insert_with(name.clone(), || 0);
        *polls += 1;
        let polls = *polls;
        Input::Source(SourceRow {
            name,
            polls,
            newest_poll: Some(poll.time),
            replay: None,
            ..self.row(false)
        })
    }

    fn run(&mut self, wall_ms: i64) {
        let elapsed_ms = self.wall_ms.map_or(0, |before| (wall_ms - before).max(0));
        self.wall_ms = Some(wall_ms);
        self.stream_ms += elapsed_ms as f64 * self.rate();
        let end_ms = self.recording.end().0 as f64;
        if !self.looped {
            self.stream_ms = self.stream_ms.min(end_ms);
        } else if self.stream_ms >= end_ms + self.tail_ms() && self.next >= self.recording.len() {
            self.seek(self.recording.start());
        }
    }

    /// Mean time between polls; that of a recording with one poll is unknown, and it is shown longest.
    fn interval_ms(&self) -> f64 {
        let span_ms = self.recording.end().since(self.recording.start()) as f64;
        span_ms / (self.recording.len() as f64 - 1.0).max(1.0)
    }

    fn tail_ms(&self) -> f64 {
        if self.recording.len() == 1 {
            return *TAIL_MS.end();
        }
        self.interval_ms().clamp(*TAIL_MS.start(), *TAIL_MS.end())
    }

    fn rate(&self) -> f64 {
        if self.paused || self.at_end() { 0.0 } else { self.speed }
    }

    fn at_end(&self) -> bool {
        !self.looped && self.stream_ms >= self.recording.end().0 as f64
    }

    fn seek(&mut self, to: UnixMillis) {
        let target = to.clamp(self.recording.start(), self.recording.end());
        self.stream_ms = target.0 as f64;
        self.next = self.recording.index_at(UnixMillis(target.0 - WARM_UP_MS));
        self.restart = true;
        self.recorded.clear();
        self.polls = 0;
    }
}
