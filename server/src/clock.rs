//! The one place that reads the wall clock.

use inflight_domain::UnixMillis;
use std::time::SystemTime;

/// Now; 1970 on a machine whose clock stands before that.
#[must_use]
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
