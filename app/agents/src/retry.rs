//! When to try again: full jitter, doubling, within a deadline; the clock and the jitter come from outside.

use crate::spec::RetryPolicy;
use inflight_domain::UnixMillis;

/// What to do after a try that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Try at this time.
    At(UnixMillis),
    /// Enough.
    Never,
}

/// What follows the try number `attempts` (1 is the first) that failed now. The wait is between nothing and
/// the delay, which doubles from try to try up to its maximum: so callers that failed together do not come
/// back together. A deadline that would pass while waiting means never, as does a wait that the other side
/// asked for (`Retry-After`) if it is longer than what is left.
#[must_use]
pub fn after(
    policy: &RetryPolicy,
    attempts: u16,
    now: UnixMillis,
    random: u64,
    asked_ms: Option<u32>,
    deadline: Option<UnixMillis>,
) -> Again {
    if attempts > policy.max_retries {
        return Again::Never;
    }
    let doubled = u64::from(policy.retry_delay) << attempts.saturating_sub(1).min(31);
    let longest = doubled.min(u64::from(policy.max_delay));
    let wait = (random % (longest + 1)).max(u64::from(asked_ms.unwrap_or(0)));
    let at = UnixMillis(now.0.saturating_add_unsigned(wait));
    if deadline.is_some_and(|deadline| at >= deadline) { Again::Never } else { Again::At(at) }
}

/// The end of one try: its own limit or the deadline of the whole, whichever comes first.
#[must_use]
pub fn try_until(policy: &RetryPolicy, now: UnixMillis, deadline: Option<UnixMillis>) -> UnixMillis {
    let own = UnixMillis(now.0 + i64::from(policy.timeout));
    deadline.map_or(own, |deadline| own.min(deadline))
}
