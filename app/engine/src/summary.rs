//! Runs a whole recording through an engine as fast as possible and says what became of it.

use crate::engine::{Engine, Input, Now};
use crate::replay::name_of;
use inflight_domain::{DropReason, Epoch, SmallMap};
use inflight_sky::Recording;
use inflight_wire::frame::StreamClock;

/// What a recording holds and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Polls as read.
    pub polls: u64,
    /// Observations as read, before anything was dropped.
    pub observations: u64,
    /// Different aircraft as read.
    pub aircraft_seen: u64,
    /// Observations that reached the table.
    pub accepted: u64,
    /// Entries that were turned away, by reason.
    pub dropped: SmallMap<DropReason, u64>,
    /// Aircraft in the table at the end.
    pub aircraft_now: u64,
    /// Hash of the final state.
    pub state_hash: String,
}

/// Plays every poll in order, each as one advance at the newest time so far.
#[must_use]
pub fn summarise(recording: &Recording, stale_after_ms: i64) -> Summary {
    let mut engine = Engine::new(Epoch(0), stale_after_ms);
    let (mut accepted, mut dropped) = (0, SmallMap::default());
    let mut newest_ms = i64::MIN;
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        newest_ms = newest_ms.max(poll.time.0);
        let now = Now { wall_ms: newest_ms, stream: StreamClock { stream_ms: newest_ms, rate: 1.0 } };
        let out = engine.advance(now, [Input::Poll { source: name_of(&poll), poll }]);
        accepted += out.accepted;
        for (reason, count) in out.dropped {
            *dropped.get_or_insert_with(reason, || 0) += count;
        }
    }
    let totals = recording.totals();
    Summary {
        polls: totals.polls,
        observations: totals.observations,
        aircraft_seen: totals.aircraft_seen,
        accepted,
        dropped,
        aircraft_now: engine.flights().len() as u64,
        state_hash: engine.state_hash(),
    }
}

impl Summary {
    /// The summary as one JSON object, with `extra` members (already JSON) at its end.
    #[must_use]
    pub fn to_json(&self, extra: &str) -> String {
        let dropped: Vec<String> =
            self.dropped.iter().map(|(reason, count)| format!("\"{}\":{count}", reason.name())).collect();
        format!(
            "{{\"polls\":{},\"observations\":{},\"aircraft_seen\":{},\"accepted\":{},\"dropped\":{{{}}},\
             \"aircraft_now\":{},\"state_hash\":\"{}\"{extra}}}",
            self.polls,
            self.observations,
            self.aircraft_seen,
            self.accepted,
            dropped.join(","),
            self.aircraft_now,
            self.state_hash,
        )
    }
}
