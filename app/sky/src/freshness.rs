//! When an aircraft turns into a ghost, and when it goes.

use inflight_domain::{Aircraft, UnixMillis};

/// Age of a position in milliseconds beyond which an airborne aircraft is a ghost.
pub const GHOST_AFTER_AIRBORNE_MS: i64 = 15_000;

/// Age of a position in milliseconds beyond which an aircraft on the ground is a ghost.
pub const GHOST_AFTER_GROUND_MS: i64 = 30_000;

/// Default for `stale_after_ms` of [`is_gone`] (specification 003's WS_STALE_THRESHOLD_SECONDS).
pub const STALE_AFTER_MS: i64 = 60_000;

/// Silence in milliseconds after which an aircraft goes even if its source still lists it; OpenSky lists
/// an aircraft for about that long after its last message.
pub const REMOVE_AFTER_MS: i64 = 300_000;

/// Age of the position in milliseconds; never negative.
#[must_use]
pub fn position_age_ms(aircraft: &Aircraft, now: UnixMillis) -> i64 {
    now.since(aircraft.position_time()).max(0)
}

/// Time since anything was heard of the aircraft, in milliseconds; never negative.
#[must_use]
pub fn contact_age_ms(aircraft: &Aircraft, now: UnixMillis) -> i64 {
    now.since(aircraft.last_contact()).max(0)
}

/// Position age in milliseconds beyond which this aircraft is a ghost.
#[must_use]
pub fn ghost_after_ms(on_ground: bool) -> i64 {
    if on_ground { GHOST_AFTER_GROUND_MS } else { GHOST_AFTER_AIRBORNE_MS }
}

/// Whether the position is so old that what is drawn is a guess.
#[must_use]
pub fn is_ghost(aircraft: &Aircraft, now: UnixMillis) -> bool {
    position_age_ms(aircraft, now) > ghost_after_ms(aircraft.on_ground())
}

/// Whether the aircraft leaves the table: silent for longer than `stale_after_ms` and not in the newest
/// poll, or silent for longer than [`REMOVE_AFTER_MS`] (or `stale_after_ms`, if that is more) in any case. In
/// flight an old position counts as silence, whatever else is heard: it may be fifty kilometres from there.
#[must_use]
pub fn is_gone(aircraft: &Aircraft, now: UnixMillis, listed: bool, stale_after_ms: i64) -> bool {
    let longest_ms = REMOVE_AFTER_MS.max(stale_after_ms);
    let limit_ms = if listed { longest_ms } else { stale_after_ms.max(0) };
    let lost = !aircraft.on_ground() && position_age_ms(aircraft, now) > longest_ms;
    lost || contact_age_ms(aircraft, now) > limit_ms
}
