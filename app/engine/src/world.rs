//! The World of a server: the tables of the engine, and the log of event topics beside them, on one line of cuts.
//!
//! The browser's worker has no event topics and drives an [`Engine`] alone.

use crate::engine::{Engine, Input, Now, Outputs};
use crate::events::{EventLog, Logged};
use crate::flights::area::Area;
use crate::presence::Presence;
use crate::tiles::Tiles;
use inflight_domain::{Cut, Draft, UnixMillis};
use inflight_wire::Resume;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What moves the log.
#[derive(Clone, Debug)]
pub enum EventInput {
    /// Somebody wants something said.
    Publish {
        /// What.
        draft: Draft,
        /// The time of it.
        at: UnixMillis,
    },
    /// The journal holds everything up to this offset.
    Appended(u64),
    /// The journal refused what waits up to this offset.
    Refused(u64),
}

/// What an input did to the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventOutputs {
    /// The journal must take this before it is seen.
    pub append: Option<Arc<Logged>>,
    /// These are seen from now on; the World is at a cut of their own.
    pub shown: Vec<Arc<Logged>>,
}

/// The World.
#[derive(Clone, Debug)]
pub struct World {
    engine: Engine,
    log: EventLog,
    presence: Presence,
    areas: BTreeMap<Tiles, Area>,
}

impl World {
    /// A World that goes on with a log.
    #[must_use]
    pub fn new(engine: Engine, log: EventLog) -> Self {
        Self { engine, log, presence: Presence::default(), areas: BTreeMap::new() }
    }

    /// The tables.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    /// Who is in which room.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The same, for connections that come and go; the next tick shows it.
    pub fn presence_mut(&mut self) -> &mut Presence {
        &mut self.presence
    }

    /// Follows who is on some tiles, until [`World::keep_areas`] says otherwise.
    pub fn follow(&mut self, tiles: Tiles) -> &Area {
        let (flights, cut) = (self.engine.flights(), self.engine.state_cut());
        self.areas.entry(tiles).or_insert_with(|| Area::new(tiles, flights, cut))
    }

    /// Who is on some tiles that are followed.
    #[must_use]
    pub fn area(&self, tiles: Tiles) -> Option<&Area> {
        self.areas.get(&tiles)
    }

    /// Follows these tiles only.
    pub fn keep_areas(&mut self, keep: impl Fn(Tiles) -> bool) {
        self.areas.retain(|tiles, _| keep(*tiles));
    }

    /// Whether a tick with these inputs must wait for the journal: an entry keeps the epoch and the cut that it was
    /// journalled with, so neither may be used up before it is seen.
    #[must_use]
    pub fn must_wait(&self, inputs: &[Input]) -> bool {
        let next = self.engine.position().cut.next();
        self.log
            .waits_for()
            .is_some_and(|cut| next >= cut || inputs.iter().any(|input| matches!(input, Input::Restart)))
    }

    /// Takes inputs of the tables in and closes a cut if anything changed; not while [`World::must_wait`].
    pub fn advance(&mut self, now: Now, inputs: impl IntoIterator<Item = Input>) -> Outputs {
        let mut out = self.engine.advance(now, inputs);
        if out.restarted {
            let (flights, cut) = (self.engine.flights(), self.engine.state_cut());
            self.presence.restart(cut);
            self.areas.iter_mut().for_each(|(tiles, area)| *area = Area::new(*tiles, flights, cut));
        } else if out.cut {
            let flights = self.engine.flights();
            self.areas.values_mut().for_each(|area| area.update(flights, now.wall_ms));
        }
        let cut = if out.cut { self.state_cut() } else { self.position().cut.next() };
        if self.presence.settle(cut, now.wall_ms) && !out.cut {
            self.engine.close();
            out.cut = true;
        }
        out
    }

    /// Takes an input of the log in.
    pub fn take(&mut self, input: EventInput) -> EventOutputs {
        match input {
            EventInput::Publish { draft, at } => {
                let append = self.log.propose(draft, at, self.engine.position());
                EventOutputs { append: Some(append), shown: Vec::new() }
            }
            EventInput::Appended(up_to) => {
                let shown = self.log.confirm(up_to);
                if let Some(newest) = shown.last() {
                    self.engine.pass(newest.position.cut);
                }
                EventOutputs { append: None, shown }
            }
            EventInput::Refused(up_to) => {
                self.log.refuse(up_to);
                EventOutputs::default()
            }
        }
    }

    /// The newest position: where a client stands that has everything.
    #[must_use]
    pub fn position(&self) -> Resume {
        self.engine.position()
    }

    /// The newest position at which a table changed: where a client stands that has no event topics.
    #[must_use]
    pub fn state_position(&self) -> Resume {
        Resume { epoch: self.position().epoch, cut: self.state_cut() }
    }

    /// The last cut in which a table changed.
    #[must_use]
    pub fn state_cut(&self) -> Cut {
        self.engine.state_cut()
    }
}
