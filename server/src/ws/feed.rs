//! A client's place in the stream of cuts: forwards what is shared, asks the hub where it fell behind.

use crate::hub::interest::Interest;
use crate::hub::pulse::{Pulse, PulseKind, Verdict};
use crate::hub::variant::{Looking, Variant, Watching};
use crate::hub::{HubEnded, HubHandle, Origin};
use crate::ws::close::End;
use crate::ws::link::Link;
use crate::ws::transport::Transport;
use core::time::Duration;
use inflight_engine::tiles::{Box4, Tiles};
use inflight_wire::{CloseCode, Resume};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

/// What a client wants.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What is the same for all who want it.
    pub variant: Variant,
    /// What is not.
    pub interest: Interest,
    /// Least time between two ticks of the tables, if any.
    pub pace: Option<Duration>,
}

/// One client's subscription: what it wants, and the last cut that it was sent.
pub struct Feed {
    hub: HubHandle,
    watching: Watching,
    looking: Option<Looking>,
    interest: Interest,
    cursor: Resume,
    pulses: Receiver<Arc<Pulse>>,
    /// When the client was last given a digest to prove its table by.
    proved_at: Option<Instant>,
    pace: Option<Duration>,
    /// No tick of the tables before this, and whether one was left out.
    next_at: Instant,
    owes: bool,
    /// Where the client looks now, and when it is told of that.
    moving: Option<(Tiles, Instant)>,
}

/// News for a client.
#[derive(Debug)]
pub enum News {
    /// From the hub.
    Pulse(Result<Arc<Pulse>, RecvError>),
    /// What was put off is due.
    Due,
}

/// A client that asks for everything again so soon after a digest had another table.
const DISPROVED: Duration = Duration::from_secs(5);

/// A client with more pulses waiting than this gets what changed in one message instead.
const CONFLATE_FROM: usize = 4;

/// Moves within this time are one.
const MOVES: Duration = Duration::from_millis(100);

impl Feed {
    /// Brings a client up to date and keeps its place.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn start<T: Transport>(
        hub: &HubHandle,
        Wish { variant, interest, pace }: Wish,
        origin: Origin,
        link: &mut Link<T>,
    ) -> Result<Self, End> {
        let looking = interest.area.map(|tiles| hub.look(tiles, variant.form().format()));
        let mut feed = Self {
            hub: hub.clone(),
            watching: hub.watch(variant),
            looking,
            interest,
            cursor: Resume::default(),
            pulses: hub.pulses(),
            proved_at: None,
            pace,
            next_at: Instant::now(),
            owes: false,
            moving: None,
        };
        feed.catch_up(origin, link).await?;
        Ok(feed)
    }

    /// The form that the client gets.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.watching.variant
    }

    /// What the client gets beside it.
    #[must_use]
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    /// Whether a client that asks for everything again does so because a digest was not that of its table.
    #[must_use]
    pub fn is_disproved(&self) -> bool {
        self.proved_at.is_some_and(|at| at.elapsed() < DISPROVED)
    }

    /// The client looks elsewhere; whether it may.
    pub fn look_at(&mut self, area: &Box4) -> bool {
        let Some(tiles) = self.interest.area else { return false };
        let now = self.moving.map_or(tiles, |(tiles, _)| tiles);
        if !now.do_for(area) {
            let at = self.moving.map_or_else(|| Instant::now() + MOVES, |(_, at)| at);
            self.moving = Some((Tiles::around(area), at));
        }
        true
    }

    /// Waits for news. May be dropped and called again.
    pub async fn news(&mut self) -> News {
        let owed = self.owes.then_some(self.next_at);
        let due = owed.into_iter().chain(self.moving.map(|(_, at)| at)).min();
        tokio::select! {
            pulse = self.pulses.recv() => News::Pulse(pulse),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => News::Due,
        }
    }

    /// Sends what the news mean to this client.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn deliver<T: Transport>(&mut self, news: News, link: &mut Link<T>) -> Result<(), End> {
        let is_behind = match news {
            News::Pulse(Err(RecvError::Closed)) => return Err(End::from(HubEnded)),
            News::Pulse(Ok(pulse)) if self.puts_off(&pulse) => false,
            News::Pulse(Ok(pulse)) if self.pulses.len() <= CONFLATE_FROM => self.forward(pulse, link).await?,
            News::Pulse(_) | News::Due => true,
        };
        if !is_behind {
            return Ok(());
        }
        // What waits is older than the answer that comes.
        self.pulses = self.hub.pulses();
        let origin = Origin::At(self.cursor, self.interest.area);
        self.turn();
        // Seldom, and so it is no part of what each connection holds.
        Box::pin(self.catch_up(origin, link)).await
    }

    /// Sends what is shared of a pulse and of all that wait behind it, in one go. Whether the client then lacks
    /// something that only the hub can tell.
    async fn forward<T: Transport>(&mut self, first: Arc<Pulse>, link: &mut Link<T>) -> Result<bool, End> {
        let (mut bodies, mut is_behind, mut next) = (Vec::new(), false, Some(first));
        while let Some(pulse) = next {
            match pulse.verdict(self.cursor, self.variant(), &self.interest) {
                _ if self.puts_off(&pulse) => {}
                Verdict::Forward(body, position) => {
                    bodies.push(body);
                    if pulse.kind == PulseKind::Digest {
                        self.proved_at = Some(Instant::now());
                    }
                    self.went_to(position);
                    link.reached(pulse.cut);
                }
                Verdict::Skip => link.reached(pulse.cut),
                // What is said does not wait for the pace, nor break it: it comes again in its turn.
                Verdict::CatchUp if self.owes && pulse.kind == PulseKind::Events => {
                    bodies.extend(pulse.early(self.variant(), &self.interest, self.cursor));
                }
                Verdict::CatchUp => {
                    is_behind = true;
                    break;
                }
            }
            let waiting = self.pulses.try_recv();
            is_behind = matches!(waiting, Err(TryRecvError::Lagged(_)));
            next = waiting.ok();
        }
        if !bodies.is_empty() {
            link.send_all(bodies).await?;
        }
        Ok(is_behind)
    }

    /// Whether a cut of the tables comes too early for this client.
    fn puts_off(&mut self, pulse: &Pulse) -> bool {
        let early = pulse.kind == PulseKind::Cut
            && pulse.epoch == self.cursor.epoch
            && self.pace.is_some()
            && Instant::now() < self.next_at;
        self.owes |= early;
        early
    }

    /// Looks where the client looks now.
    fn turn(&mut self) {
        if let Some((tiles, _)) = self.moving.take() {
            let format = self.variant().form().format();
            self.looking = Some(self.hub.look(tiles, format));
            self.interest.area = Some(tiles);
        }
    }

    async fn catch_up<T: Transport>(&mut self, origin: Origin, link: &mut Link<T>) -> Result<(), End> {
        let mut next = Some(origin);
        // A part at a time: each has been taken before the hub makes the next.
        while let Some(origin) = next {
            next = self.catch_up_once(origin, link).await?;
        }
        Ok(())
    }

    async fn catch_up_once<T: Transport>(
        &mut self,
        origin: Origin,
        link: &mut Link<T>,
    ) -> Result<Option<Origin>, End> {
        let mut pulses = self.hub.pulses();
        let catch_up = self.hub.catch_up(self.variant(), self.interest.clone(), origin).await?;
        for (place, body) in catch_up.bodies.iter().enumerate() {
            // What is said meanwhile does not wait for the rest of a long snapshot.
            while place > 0
                && let Ok(pulse) = pulses.try_recv()
            {
                if let Some(early) = pulse.early(self.variant(), &self.interest, catch_up.position) {
                    link.send(early).await?;
                }
            }
            link.send(body.clone()).await?;
        }
        self.went_to(catch_up.position);
        link.reached(self.cursor.cut);
        Ok(catch_up.next)
    }

    fn went_to(&mut self, position: Resume) {
        self.cursor = position;
        self.owes = false;
        if let Some(pace) = self.pace {
            // All of one pace come at the same moments, so that they share what is made for them.
            self.next_at = self.hub.next_beat(pace);
        }
    }
}

/// The hub ends only when the process does.
impl From<HubEnded> for End {
    fn from(_: HubEnded) -> Self {
        Self::Close(CloseCode::GoingAway)
    }
}
