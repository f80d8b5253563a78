//! Who may do what, and how much of it: principals, credentials, sessions, limits.

pub mod caller;
pub mod door;
pub mod limits;
pub mod pass;
pub mod policy;
pub mod principal;

pub use caller::Caller;
pub use door::Door;
pub use inflight_domain::UserId;
pub use limits::{Counts, Full, Limits};
pub use pass::{Pass, Session, Spent};
pub use policy::Scope;
pub use principal::{Grants, Principal, Reach, Role, Roles, Via};

use std::sync::Arc;
use tokio::sync::watch;

/// Everything about access that a server shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    door: Door,
    limits: watch::Sender<Limits>,
    counts: Arc<Counts>,
    /// Whoever comes without a name; none where a name is needed.
    anonymous: Option<Arc<Session>>,
    nobody: Arc<Session>,
}

impl Auth {
    /// Access through this door.
    #[must_use]
    pub fn new(door: Door, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            door,
            limits: watch::Sender::new(limits),
            counts: Arc::default(),
            anonymous: door.anonymous().map(Session::of),
            nobody: Session::of(Principal::nobody()),
        }))
    }

    /// What is asked of whoever comes without a name.
    #[must_use]
    pub fn door(&self) -> Door {
        self.0.door
    }

    /// Follows the limits.
    #[must_use]
    pub fn limits(&self) -> watch::Receiver<Limits> {
        self.0.limits.subscribe()
    }

    /// Sets other limits; they hold at once, for open connections too.
    pub fn set_limits(&self, limits: Limits) {
        self.0.limits.send_replace(limits);
    }

    /// How many connections there are, and what was refused.
    #[must_use]
    pub fn counts(&self) -> &Arc<Counts> {
        &self.0.counts
    }

    /// Whoever comes without a name, if that is let in.
    #[must_use]
    pub fn anonymous(&self) -> Option<Arc<Session>> {
        self.0.anonymous.clone()
    }

    /// Papers for a connection of this session; without one it has to sign in first.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn admit(&self, session: Option<Arc<Session>>) -> Result<Pass, Full> {
        let limits = *self.0.limits.borrow();
        let place = self.0.counts.enter(&limits)?;
        let signed_in = session.is_some();
        let session = session.unwrap_or_else(|| self.0.nobody.clone());
        let seat = self.seat(&session.principal, &limits)?;
        Ok(Pass::new(session, signed_in, self.limits(), self.0.counts.clone(), (place, seat)))
    }

    /// People without a name are not one user, so they share nothing but the places of all.
    fn seat(&self, principal: &Principal, limits: &Limits) -> Result<Option<limits::Seat>, Full> {
        if principal.is_anonymous() {
            return Ok(None);
        }
        self.0.counts.sit(&principal.user, limits).map(Some)
    }
}
