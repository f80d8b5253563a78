//! What a connection carries as long as it is open: who it is, when that ends, and what it may still do.

use crate::auth::Auth;
use crate::auth::limits::{Bucket, Full, Limits, Place, Seat};
use crate::auth::principal::Principal;
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Who somebody is, for as long as that holds.
#[derive(Debug)]
pub struct Session {
    /// Who.
    pub principal: Principal,
    /// Cancelled when they are signed out or their key is revoked; whoever serves them stops within a second.
    pub ended: CancellationToken,
    /// When it ends by itself.
    pub until: Option<Instant>,
    /// Kept while the session is in use, so that it does not count as idle.
    pub(in crate::auth) _in_use: Option<Arc<()>>,
}

/// Whose a connection is now, for those who ask later; follows when it is signed in anew.
#[derive(Clone, Debug)]
pub struct Rights(Arc<RwLock<Arc<Session>>>);

/// A connection's papers.
#[derive(Debug)]
pub struct Pass {
    session: Arc<Session>,
    rights: Rights,
    auth: Auth,
    limits: watch::Receiver<Limits>,
    own: Bucket,
    free: Bucket,
    refused: u32,
    signed_in: bool,
    hurry: bool,
    seat: Option<Seat>,
    _place: Place,
}

/// Why somebody could not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// What they said is not good.
    Unknown,
    /// There is no place for them.
    Full(Full),
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It may be read.
    Taken,
    /// It is dropped; the first of several in a row is answered.
    Refused {
        /// Whether the client is to be told.
        tell: bool,
    },
    /// The client does not stop: close.
    Flood,
}

/// Messages that may be refused in a row before the connection is closed.
const REFUSED_MAX: u32 = 10;

/// Messages that cost nothing, such as a move of the box, are limited too: so many a minute, and at once.
const FREE_PER_MINUTE: u32 = 1200;
const FREE_BURST: u32 = 60;

impl Session {
    /// A session of this principal that nobody ends.
    #[must_use]
    pub fn of(principal: Principal) -> Arc<Self> {
        Self::ending(principal, CancellationToken::new(), None)
    }

    /// A session that ends with this token.
    #[must_use]
    pub fn ending(principal: Principal, ended: CancellationToken, in_use: Option<Arc<()>>) -> Arc<Self> {
        let now = crate::clock::now();
        let until = principal.expires_at.map(|at| {
            let left_ms = u64::try_from(at.0 - now.0).unwrap_or_default();
            Instant::now() + Duration::from_millis(left_ms)
        });
        Arc::new(Self { principal, ended, until, _in_use: in_use })
    }

    /// Waits until the session is over.
    pub async fn over(&self) {
        tokio::select! {
            () = self.ended.cancelled() => {}
            () = async {
                match self.until {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => core::future::pending().await,
                }
            } => {}
        }
    }
}

impl Rights {
    /// The session that counts now.
    #[must_use]
    pub fn session(&self) -> Arc<Session> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Pass {
    /// Papers of a connection that has its place.
    pub(in crate::auth) fn new(
        auth: Auth,
        session: Arc<Session>,
        signed_in: bool,
        (place, seat): (Place, Option<Seat>),
    ) -> Self {
        let (now, limits) = (Instant::now(), auth.limits());
        let (own, free) = (Bucket::full(now), Bucket::full(now));
        let rights = Rights(Arc::new(RwLock::new(session.clone())));
        Self {
            auth,
            limits,
            session,
            rights,
            own,
            free,
            refused: 0,
            signed_in,
            hurry: false,
            seat,
            _place: place,
        }
    }

    /// The login that it came with is over: it has no time to say otherwise.
    #[must_use]
    pub fn hurried(self, hurry: bool) -> Self {
        Self { hurry, ..self }
    }

    /// Who it is and until when.
    #[must_use]
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Who it is.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.session.principal
    }

    /// Whether it may be served; until then it has [`Pass::limits`] to say who it is.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// How long it has to say who it is.
    #[must_use]
    pub fn patience(&self) -> Duration {
        if self.hurry { Duration::ZERO } else { self.limits().sign_in }
    }

    /// Somebody says on the open connection who they are. A connection of one user does not become another's.
    ///
    /// # Errors
    /// That is not good, or there is no place for this user.
    pub fn sign_in(&mut self, key_or_token: &str) -> Result<(), SignInError> {
        let session = self.auth.session_of(key_or_token).ok_or(SignInError::Unknown)?;
        let (before, now) = (self.principal(), &session.principal);
        if !before.is_anonymous() {
            if before.user != now.user {
                return Err(SignInError::Unknown);
            }
            self.hand_over(session);
            return Ok(());
        }
        let seat = self.auth.counts().sit(&now.user, &self.limits()).map_err(SignInError::Full)?;
        self.hand_over(session);
        (self.seat, self.signed_in) = (Some(seat), true);
        Ok(())
    }

    fn hand_over(&mut self, session: Arc<Session>) {
        *self.rights.0.write().unwrap_or_else(PoisonError::into_inner) = session.clone();
        self.session = session;
    }

    /// Whose it is now and later.
    #[must_use]
    pub fn rights(&self) -> Rights {
        self.rights.clone()
    }

    /// The numbers as they are now.
    #[must_use]
    pub fn limits(&self) -> Limits {
        *self.limits.borrow()
    }

    /// Counts a message that came in.
    pub fn spend(&mut self) -> Spent {
        let (now, limits) = (Instant::now(), self.limits());
        let taken = self.own.take(now, limits.messages_per_minute, limits.message_burst)
            && self.seat.as_ref().is_none_or(|seat| {
                let taken = seat.take(now, &limits);
                if !taken {
                    self.own.put_back(limits.messages_per_minute);
                }
                taken
            });
        if taken {
            self.refused = 0;
            return Spent::Taken;
        }
        self.auth.counts().note_rate_limited();
        self.refused += 1;
        if self.refused > REFUSED_MAX { Spent::Flood } else { Spent::Refused { tell: self.refused == 1 } }
    }

    /// The message was one that costs nothing.
    pub fn refund(&mut self) {
        let limits = self.limits();
        if self.free.take(Instant::now(), FREE_PER_MINUTE, FREE_BURST) {
            self.own.put_back(limits.messages_per_minute);
            if let Some(seat) = &self.seat {
                seat.put_back(&limits);
            }
        }
    }
}
