//! How much a connection and a user may do: buckets for messages, counts of connections, numbers that may change.

use core::time::Duration;
use inflight_domain::UserId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The numbers; a reload of the settings reaches connections that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages that a connection, and all connections of a user together, may send in a minute.
    pub messages_per_minute: u32,
    /// Messages that may come at once after a pause.
    pub message_burst: u32,
    /// Connections of all together.
    pub connections_max: u32,
    /// Connections of one user; people without a name count only to all.
    pub connections_per_user: u32,
    /// Time until a connection has said who it is, and until headers have come.
    pub sign_in: Duration,
}

/// A token bucket as one moment: when the bucket will be full again. Exact, however long it runs.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    full_at: Instant,
}

/// What connections share: how many there are, of whom, and what was refused.
#[derive(Debug, Default)]
pub struct Counts {
    open: AtomicU32,
    most: AtomicU32,
    refused: AtomicU64,
    rate_limited: AtomicU64,
    users: Mutex<HashMap<UserId, Arc<Share>>>,
}

/// What the connections of one user share.
#[derive(Debug)]
pub struct Share {
    bucket: Mutex<Bucket>,
    open: AtomicU32,
}

/// Buckets by where requests come from.
#[derive(Debug, Default)]
pub struct Addresses(Mutex<HashMap<IpAddr, Bucket>>);

/// Addresses that are remembered at most; beyond, nobody is held to a bucket.
const ADDRESSES: usize = 10_000;

/// A connection's place among all; free again when dropped.
#[derive(Debug)]
pub struct Place(Arc<Counts>);

/// A connection's place among those of its user; free again when dropped.
#[derive(Debug)]
pub struct Seat(Arc<Share>);

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The server has all it takes.
    Server,
    /// The user has all they may have.
    User,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_per_minute: 100,
            message_burst: 100,
            connections_max: 10_000,
            connections_per_user: 100,
            sign_in: Duration::from_secs(5),
        }
    }
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes one out of a bucket that holds `burst` and is refilled by `per_minute`; false if it is empty.
    pub fn take(&mut self, now: Instant, per_minute: u32, burst: u32) -> bool {
        let each = each(per_minute);
        let full_at = self.full_at.max(now);
        if full_at - now > each * burst.saturating_sub(1) {
            return false;
        }
        self.full_at = full_at + each;
        true
    }

    /// Puts one back.
    pub fn put_back(&mut self, per_minute: u32) {
        self.full_at = self.full_at.checked_sub(each(per_minute)).unwrap_or(self.full_at);
    }
}

fn each(per_minute: u32) -> Duration {
    Duration::from_secs(60) / per_minute.max(1)
}

impl Counts {
    /// Connections that are open now.
    pub fn open(&self) -> u32 {
        self.open.load(Ordering::Relaxed)
    }

    /// The most that were open at once.
    pub fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    /// Connections that were refused because there was no place.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Messages that were refused because there were too many.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limited.load(Ordering::Relaxed)
    }

    /// Users with a name who are connected.
    pub fn users(&self) -> usize {
        self.shares().values().filter(|share| share.open.load(Ordering::Relaxed) > 0).count()
    }

    /// Counts a message that was refused.
    pub fn note_rate_limited(&self) {
        self.rate_limited.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a place among all.
    ///
    /// # Errors
    /// There is none.
    pub fn enter(self: &Arc<Self>, limits: &Limits) -> Result<Place, Full> {
        let open = take_one(&self.open, limits.connections_max).ok_or_else(|| self.refuse(Full::Server))?;
        self.most.fetch_max(open, Ordering::Relaxed);
        Ok(Place(self.clone()))
    }

    /// Takes a place among those of a user.
    ///
    /// # Errors
    /// There is none.
    pub fn sit(&self, user: &UserId, limits: &Limits) -> Result<Seat, Full> {
        // Counted under the lock, so that a sweep does not take it away between.
        let mut shares = self.shares();
        let share = shares.entry(user.clone()).or_insert_with(Share::fresh).clone();
        take_one(&share.open, limits.connections_per_user).ok_or_else(|| self.refuse(Full::User))?;
        Ok(Seat(share))
    }

    /// Takes a request out of a user's bucket; false if it is empty.
    pub fn take(&self, user: &UserId, now: Instant, limits: &Limits) -> bool {
        let mut shares = self.shares();
        let share = shares.entry(user.clone()).or_insert_with(Share::fresh);
        let mut bucket = share.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(now, limits.messages_per_minute, limits.message_burst)
    }

    /// Forgets users who are gone and whose buckets are full again.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.shares().retain(|_, share| {
            share.open.load(Ordering::Relaxed) > 0
                || share.bucket.lock().unwrap_or_else(PoisonError::into_inner).full_at > now
        });
    }

    fn shares(&self) -> MutexGuard<'_, HashMap<UserId, Arc<Share>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, full: Full) -> Full {
        self.refused.fetch_add(1, Ordering::Relaxed);
        full
    }
}

impl Share {
    fn fresh() -> Arc<Self> {
        Arc::new(Self { bucket: Mutex::new(Bucket::full(Instant::now())), open: AtomicU32::new(0) })
    }
}

/// One more, unless there are `most` already; how many there are then.
fn take_one(count: &AtomicU32, most: u32) -> Option<u32> {
    let more = |open: u32| (open < most).then_some(open + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|before| before + 1)
}

impl Addresses {
    /// Takes one out of the bucket of an address; false if it is empty.
    pub fn take(&self, from: IpAddr, now: Instant, per_minute: u32, burst: u32) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ADDRESSES {
            all.retain(|_, bucket| bucket.full_at > now);
        }
        if all.len() >= ADDRESSES && !all.contains_key(&from) {
            return true;
        }
        all.entry(from).or_insert_with(|| Bucket::full(now)).take(now, per_minute, burst)
    }
}

impl Seat {
    /// Takes a message out of the user's bucket.
    pub fn take(&self, now: Instant, limits: &Limits) -> bool {
        let mut bucket = self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(now, limits.messages_per_minute, limits.message_burst)
    }

    /// Puts it back.
    pub fn put_back(&self, limits: &Limits) {
        let mut bucket = self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.put_back(limits.messages_per_minute);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the messages at these moments, in milliseconds, are taken.
    fn check(moments: &[u64], per_minute: u32, burst: u32, expected: usize) {
        let start = Instant::now();
        let mut bucket = Bucket::full(start);
        let taken = moments
            .iter()
            .filter(|ms| bucket.take(start + Duration::from_millis(**ms), per_minute, burst))
            .count();
        assert_eq!(taken, expected, "{per_minute} a minute, burst {burst}");
    }

    #[test]
    fn buckets_take_a_burst_and_then_the_rate() {
        check(&[0; 300], 100, 100, 100);
        check(&[0; 300], 100, 1, 1);
        check(&(0..600_000).step_by(10).collect::<Vec<_>>(), 100, 100, 100 + 999);
        check(&(0..60_000).step_by(10).collect::<Vec<_>>(), 100, 20, 20 + 99);
        check(&[0, 0, 600, 600, 1_200], 100, 1, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_leaves_and_comes_back_gets_no_fresh_burst() {
        let counts = Arc::new(Counts::default());
        let (limits, user) = (Limits { message_burst: 2, ..Limits::default() }, UserId::anonymous());
        let seat = counts.sit(&user, &limits).unwrap();
        let now = Instant::now();
        assert!(seat.take(now, &limits) && seat.take(now, &limits) && !seat.take(now, &limits));
        drop(seat);
        counts.sweep();
        assert!(!counts.sit(&user, &limits).unwrap().take(now, &limits));
        tokio::time::advance(Duration::from_secs(60)).await;
        counts.sweep();
        assert!(counts.shares().is_empty());
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let counts = Arc::new(Counts::default());
        let limits = Limits { connections_max: 2, connections_per_user: 1, ..Limits::default() };
        let first = counts.enter(&limits).unwrap();
        let second = counts.enter(&limits).unwrap();
        assert_eq!((counts.enter(&limits).unwrap_err(), counts.open()), (Full::Server, 2));
        drop(first);
        assert!(counts.enter(&limits).is_ok());
        drop(second);
        assert_eq!((counts.open(), counts.most(), counts.refused()), (0, 2, 1));
        let user = UserId::new("ana").unwrap();
        let seat = counts.sit(&user, &limits).unwrap();
        assert_eq!(counts.sit(&user, &limits).unwrap_err(), Full::User);
        assert_eq!(counts.users(), 1);
        drop(seat);
        assert!(counts.sit(&user, &limits).is_ok());
    }
}
