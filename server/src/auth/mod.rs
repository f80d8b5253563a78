//! Who may do what, and how much of it: principals, credentials, sessions, limits.

pub mod access;
pub mod caller;
pub mod credential;
pub mod door;
pub mod key_file;
pub mod keys;
pub mod limits;
pub mod logins;
pub mod names;
pub mod pass;
pub mod policy;
pub mod principal;
pub mod secret;
pub mod tokens;

pub use caller::{Caller, Entrant};
pub use door::Door;
pub use inflight_domain::UserId;
pub use limits::{Addresses, Counts, Full, Limits};
pub use pass::{Pass, Rights, Session, Spent};
pub use policy::Scope;
pub use principal::{Grants, Principal, Reach, Role, Roles, Via};

use crate::audit::{Audit, Entry};
use crate::auth::key_file::PREFIX;
use crate::auth::keys::{Change, Fate, Keys};
use crate::auth::logins::{Logins, Tickets};
use crate::auth::tokens::Tokens;
use core::time::Duration;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::info;

/// Everything about access that a server shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth(Arc<Inner>);

/// What proves who somebody is.
#[derive(Debug, Default)]
pub struct Proofs {
    /// API keys.
    pub keys: Option<Keys>,
    /// What checks tokens.
    pub tokens: Option<Tokens>,
    /// `?apiKey=` is taken.
    pub key_in_url: bool,
}

#[derive(Debug)]
struct Inner {
    door: Door,
    proofs: Proofs,
    logins: Logins,
    tickets: Tickets,
    /// Failed attempts to sign in.
    attempts: Addresses,
    /// Requests of people without a name.
    strangers: Addresses,
    limits: watch::Sender<Limits>,
    counts: Arc<Counts>,
    /// Whoever comes without a name; none where a name is needed.
    anonymous: Option<Arc<Session>>,
    nobody: Arc<Session>,
}

/// How often keys, logins and tickets are looked at; sooner than the second that is promised.
const LOOK_EVERY: Duration = Duration::from_millis(400);

impl Auth {
    /// Access through this door, where nobody can prove who they are.
    #[must_use]
    pub fn new(door: Door, limits: Limits) -> Self {
        Self::proving(door, limits, Proofs::default())
    }

    /// Access through this door with these proofs.
    #[must_use]
    pub fn proving(door: Door, limits: Limits, proofs: Proofs) -> Self {
        Self(Arc::new(Inner {
            door,
            proofs,
            logins: Logins::default(),
            tickets: Tickets::default(),
            attempts: Addresses::default(),
            strangers: Addresses::default(),
            limits: watch::Sender::new(limits),
            counts: Arc::default(),
            anonymous: door.anonymous().map(Session::of),
            nobody: Session::of(Principal::nobody()),
        }))
    }

    /// Ends what is over, for ever: revoked keys, old logins, tickets that nobody took.
    pub async fn keep_order(self, audit: Audit) {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let inner = self.0.clone();
            // Reads a file now and then.
            let follow = move || inner.proofs.keys.as_ref().map(Keys::follow).unwrap_or_default();
            let changes = tokio::task::spawn_blocking(follow).await.unwrap_or_default();
            changes.into_iter().for_each(|change| tell(&audit, change));
            let now = Instant::now();
            self.0.logins.sweep(now);
            self.0.tickets.sweep(now);
            self.0.counts.sweep();
        }
    }

    /// What is asked of whoever comes without a name.
    #[must_use]
    pub fn door(&self) -> Door {
        self.0.door
    }

    /// Whether anybody can prove here who they are.
    #[must_use]
    pub fn has_proofs(&self) -> bool {
        self.0.proofs.tokens.is_some() || self.0.proofs.keys.as_ref().is_some_and(|keys| !keys.is_empty())
    }

    /// Whether `?apiKey=` is taken.
    #[must_use]
    pub fn takes_key_in_url(&self) -> bool {
        self.0.proofs.key_in_url
    }

    /// Logins of people in browsers.
    #[must_use]
    pub fn logins(&self) -> &Logins {
        &self.0.logins
    }

    /// One-time tickets.
    #[must_use]
    pub fn tickets(&self) -> &Tickets {
        &self.0.tickets
    }

    /// Failed attempts to sign in.
    #[must_use]
    pub fn attempts(&self) -> &Addresses {
        &self.0.attempts
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

    /// The session that a key or a token opens, if it is good.
    #[must_use]
    pub fn session_of(&self, key_or_token: &str) -> Option<Arc<Session>> {
        let (principal, ended) = if key_or_token.starts_with(PREFIX) {
            self.0.proofs.keys.as_ref()?.find(key_or_token)?
        } else {
            let found = self.0.proofs.tokens.as_ref()?.principal(key_or_token, crate::clock::now())?;
            (found, Default::default())
        };
        // Whoever has no role here may do nothing here.
        (!principal.roles.is_empty()).then(|| Session::ending(self.0.door.raise(principal), ended, None))
    }

    /// Whether one more request that changes something is taken: of a user with a name, or of an address without one.
    #[must_use]
    pub fn takes_request(&self, session: Option<&Session>, from: Option<IpAddr>) -> bool {
        let (limits, now) = (*self.0.limits.borrow(), Instant::now());
        let taken = match session.map(|session| &session.principal).filter(|who| !who.is_anonymous()) {
            Some(who) => self.0.counts.take(&who.user, now, &limits),
            None => {
                let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
                self.0.strangers.take(from, now, limits.messages_per_minute, limits.message_burst)
            }
        };
        if !taken {
            self.0.counts.note_rate_limited();
        }
        taken
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
        Ok(Pass::new(self.clone(), session, signed_in, (place, seat)))
    }

    /// People without a name are not one user, so they share nothing but the places of all.
    fn seat(&self, principal: &Principal, limits: &Limits) -> Result<Option<limits::Seat>, Full> {
        if principal.is_anonymous() {
            return Ok(None);
        }
        self.0.counts.sit(&principal.user, limits).map(Some)
    }
}

/// A key was made or ended by somebody at this machine, or by time.
fn tell(audit: &Audit, Change { id, user, fate }: Change) {
    info!(key = id, user, ?fate, "a key has changed");
    let action = match fate {
        Fate::Created => "key_created",
        Fate::Revoked => "key_revoked",
        Fate::Expired => "key_expired",
    };
    audit.note(Entry {
        actor: "local".to_owned(),
        action,
        target: format!("key/{id} of {user}"),
        result: "done".to_owned(),
        correlation_id: String::new(),
    });
}
