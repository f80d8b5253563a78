//! Logins of people in browsers, and one-time tickets: both in memory, both kept as hashes of their secrets.

use crate::auth::pass::Session;
use crate::auth::principal::{Principal, Via};
use crate::auth::secret::{self, Hash};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A login that nobody uses ends after this time. An open connection is use.
pub const IDLE: Duration = Duration::from_secs(30 * 60);

/// A login ends after this time, used or not.
pub const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// A ticket is good for this long.
pub const TICKET: Duration = Duration::from_secs(30);

/// Logins and tickets that are kept at most; the oldest goes first.
const MOST: usize = 10_000;

/// All logins.
#[derive(Debug, Default)]
pub struct Logins(Mutex<HashMap<Hash, Login>>);

/// All tickets.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<Hash, (Arc<Session>, Instant)>>);

#[derive(Debug)]
struct Login {
    principal: Principal,
    ended: CancellationToken,
    begun: Instant,
    used: Instant,
    in_use: Arc<()>,
}

impl Logins {
    /// Opens a login for whom a key or token stands; the secret of its cookie. It ends with that key or token.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn open(&self, by: &Session, now: Instant) -> Result<String, getrandom::Error> {
        let (id, secret) = (secret::random_hex::<6>()?, secret::random_hex::<32>()?);
        let principal = Principal { via: Via::Session(id), ..by.principal.clone() };
        let ended = by.ended.child_token();
        let login = Login { principal, ended, begun: now, used: now, in_use: Arc::default() };
        let mut logins = self.all();
        if logins.len() >= MOST
            && let Some(oldest) = logins.iter().min_by_key(|(_, login)| login.used).map(|(hash, _)| *hash)
            && let Some(login) = logins.remove(&oldest)
        {
            login.ended.cancel();
        }
        logins.insert(secret::hash(&secret), login);
        Ok(secret)
    }

    /// The session of a cookie.
    #[must_use]
    pub fn session(&self, secret: &str, now: Instant) -> Option<Arc<Session>> {
        let mut logins = self.all();
        let login = logins.get_mut(&secret::hash(secret)).filter(|login| !login.is_over(now))?;
        login.used = now;
        let ended = login.ended.clone();
        Some(Session::ending(login.principal.clone(), ended, Some(login.in_use.clone())))
    }

    /// Ends a login and all connections of it; whose it was.
    pub fn close(&self, secret: &str) -> Option<Principal> {
        let login = self.all().remove(&secret::hash(secret))?;
        login.ended.cancel();
        Some(login.principal)
    }

    /// Ends what is over.
    pub fn sweep(&self, now: Instant) {
        self.all().retain(|_, login| {
            if Arc::strong_count(&login.in_use) > 1 {
                login.used = now;
            }
            let over = login.is_over(now);
            if over {
                login.ended.cancel();
            }
            !over
        });
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Hash, Login>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Login {
    fn is_over(&self, now: Instant) -> bool {
        let expired = self.principal.expires_at.is_some_and(|at| at <= crate::clock::now());
        expired || self.ended.is_cancelled() || now - self.begun >= LONGEST || now - self.used >= IDLE
    }
}

impl Tickets {
    /// A ticket for this session.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn issue(&self, session: Arc<Session>, now: Instant) -> Result<String, getrandom::Error> {
        let ticket = secret::random_hex::<24>()?;
        let mut tickets = self.all();
        tickets.retain(|_, (_, until)| *until > now);
        if tickets.len() >= MOST
            && let Some(oldest) = tickets.iter().min_by_key(|(_, (_, until))| *until).map(|(hash, _)| *hash)
        {
            tickets.remove(&oldest);
        }
        tickets.insert(secret::hash(&ticket), (session, now + TICKET));
        Ok(ticket)
    }

    /// Takes a ticket; it is good once.
    #[must_use]
    pub fn take(&self, ticket: &str, now: Instant) -> Option<Arc<Session>> {
        let (session, until) = self.all().remove(&secret::hash(ticket))?;
        (until > now && !session.ended.is_cancelled()).then_some(session)
    }

    /// Forgets those that nobody took.
    pub fn sweep(&self, now: Instant) {
        self.all().retain(|_, (_, until)| *until > now);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Hash, (Arc<Session>, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn logins_end_idle_old_and_with_their_key() {
        let (logins, start) = (Logins::default(), Instant::now());
        let by = Session::of(Principal::anonymous(false, false));
        let after = |minutes: u64| start + Duration::from_secs(minutes * 60);
        let secret = logins.open(&by, start).unwrap();
        assert!(logins.session("0", start).is_none());
        assert!(logins.session(&secret, after(29)).is_some() && logins.session(&secret, after(58)).is_some());
        assert!(logins.session(&secret, after(58 + 30)).is_none(), "idle");
        logins.sweep(after(58 + 30));
        assert_eq!(logins.count(), 0);
        let secret = logins.open(&by, start).unwrap();
        let connected = logins.session(&secret, start).unwrap();
        for minutes in (0..12 * 60).step_by(20) {
            logins.sweep(after(minutes));
        }
        assert!(!connected.ended.is_cancelled(), "a connection is use");
        logins.sweep(after(12 * 60));
        assert!(connected.ended.is_cancelled(), "twelve hours are the most");
        let secret = logins.open(&by, start).unwrap();
        let connected = logins.session(&secret, start).unwrap();
        by.ended.cancel();
        assert!(connected.ended.is_cancelled() && logins.session(&secret, start).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn signing_out_ends_connections_and_tickets() {
        let (logins, tickets, now) = (Logins::default(), Tickets::default(), Instant::now());
        let by = Session::of(Principal::anonymous(false, false));
        let secret = logins.open(&by, now).unwrap();
        let connected = logins.session(&secret, now).unwrap();
        let ticket = tickets.issue(connected.clone(), now).unwrap();
        assert!(tickets.take(&ticket, now).is_some() && tickets.take(&ticket, now).is_none(), "once");
        let late = tickets.issue(connected.clone(), now).unwrap();
        assert!(tickets.take(&late, now + TICKET).is_none());
        let ticket = tickets.issue(connected.clone(), now).unwrap();
        assert!(logins.close(&secret).is_some() && logins.close(&secret).is_none());
        assert!(connected.ended.is_cancelled() && tickets.take(&ticket, now).is_none());
        assert!(!by.ended.is_cancelled(), "the key itself goes on");
    }
}
