//! A client's place in the stream of cuts: forwards what is shared, asks the hub where it fell behind.

use crate::hub::interest::Interest;
use crate::hub::pulse::{Pulse, PulseKind, Verdict};
use crate::hub::variant::{Variant, Watching};
use crate::hub::{HubEnded, HubHandle};
use crate::ws::close::End;
use crate::ws::link::Link;
use crate::ws::transport::Transport;
use core::time::Duration;
use inflight_wire::{CloseCode, Resume};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// One client's subscription: its form, and the last cut that it was sent.
pub struct Feed {
    hub: HubHandle,
    watching: Watching,
    interest: Interest,
    cursor: Resume,
    pulses: Receiver<Arc<Pulse>>,
    /// When the client was last given a digest to prove its table by.
    proved_at: Option<Instant>,
}

/// News from the hub.
pub type News = Result<Arc<Pulse>, RecvError>;

/// A client that asks for everything again so soon after a digest had another table.
const DISPROVED: Duration = Duration::from_secs(5);

/// A client with more pulses waiting than this gets what changed in one message instead.
const CONFLATE_FROM: usize = 4;

impl Feed {
    /// Brings a client up to date and keeps its place.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn start<T: Transport>(
        hub: &HubHandle,
        (variant, interest): (Variant, Interest),
        from: Option<Resume>,
        link: &mut Link<T>,
    ) -> Result<Self, End> {
        let (watching, pulses) = (hub.watch(variant), hub.pulses());
        let mut feed =
            Self { hub: hub.clone(), watching, interest, cursor: Resume::default(), pulses, proved_at: None };
        feed.catch_up(from, link).await?;
        Ok(feed)
    }

    /// The form that the client gets.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.watching.variant
    }

    /// The event topics that the client gets.
    #[must_use]
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    /// Whether a client that asks for everything again does so because a digest was not that of its table.
    #[must_use]
    pub fn is_disproved(&self) -> bool {
        self.proved_at.is_some_and(|at| at.elapsed() < DISPROVED)
    }

    /// Waits for news. May be dropped and called again.
    pub async fn news(&mut self) -> News {
        self.pulses.recv().await
    }

    /// Sends what the news mean to this client.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn deliver<T: Transport>(&mut self, news: News, link: &mut Link<T>) -> Result<(), End> {
        let verdict = match news {
            Ok(_) | Err(RecvError::Lagged(_)) if self.pulses.len() > CONFLATE_FROM => Verdict::CatchUp,
            Err(RecvError::Lagged(_)) => Verdict::CatchUp,
            Err(RecvError::Closed) => return Err(End::from(HubEnded)),
            Ok(pulse) => {
                let verdict = pulse.verdict(self.cursor, self.variant(), &self.interest);
                if let Verdict::Forward(body, position) = &verdict {
                    link.send(body.clone()).await?;
                    self.cursor = *position;
                    if pulse.kind == PulseKind::Digest {
                        self.proved_at = Some(Instant::now());
                    }
                }
                if verdict != Verdict::CatchUp {
                    link.reached(pulse.cut);
                    return Ok(());
                }
                verdict
            }
        };
        if verdict == Verdict::CatchUp {
            // What waits is older than the answer that comes.
            self.pulses = self.hub.pulses();
            self.catch_up(Some(self.cursor), link).await?;
        }
        Ok(())
    }

    async fn catch_up<T: Transport>(&mut self, from: Option<Resume>, link: &mut Link<T>) -> Result<(), End> {
        let catch_up = self.hub.catch_up(self.variant(), self.interest.clone(), from).await?;
        for body in catch_up.bodies.iter() {
            link.send(body.clone()).await?;
        }
        self.cursor = catch_up.position;
        link.reached(self.cursor.cut);
        Ok(())
    }
}

/// The hub ends only when the process does.
impl From<HubEnded> for End {
    fn from(_: HubEnded) -> Self {
        Self::Close(CloseCode::GoingAway)
    }
}
