//! Segments of event topics and of presence: different for each client, from parts that are the same for all.
//!
//! Only servers write them: a browser's worker has no event topics and no rooms.

use crate::codec::Format;
use inflight_domain::presence::PresenceRow;
use serde::Serialize;

/// Name of the segment.
pub const SEGMENT_EVENTS: &str = "events";

/// Name of the topic that tells who is in the rooms of a client.
pub const TOPIC_PRESENCE: &str = "presence";

#[derive(Serialize)]
struct PresenceSegment<'a> {
    topic: &'static str,
    updated: &'a [&'a PresenceRow],
    removed: &'a [String],
}

/// A segment of who came, changed and went.
#[must_use]
pub fn presence_segment(format: Format, updated: &[&PresenceRow], removed: &[String]) -> Vec<u8> {
    format.encode(&PresenceSegment { topic: TOPIC_PRESENCE, updated, removed })
}

/// A segment of entries in this order; `lost` of others are no longer at hand.
#[must_use]
pub fn segment<E: AsRef<[u8]>>(format: Format, entries: &[E], lost: u64) -> Vec<u8> {
    let bytes: usize = entries.iter().map(|entry| entry.as_ref().len() + 1).sum();
    let mut out = Vec::with_capacity(bytes + 48);
    match format {
        Format::Msgpack => {
            out.push(if lost > 0 { 0x83 } else { 0x82 });
            out.extend(format.encode(&"topic"));
            out.extend(format.encode(&SEGMENT_EVENTS));
            out.extend(format.encode(&"entries"));
            // The marker for a list of any length.
            out.push(0xdd);
            out.extend_from_slice(&(entries.len() as u32).to_be_bytes());
            entries.iter().for_each(|entry| out.extend_from_slice(entry.as_ref()));
            if lost > 0 {
                out.extend(format.encode(&"lost"));
                out.extend(format.encode(&lost));
            }
        }
        Format::Json => {
            out.extend_from_slice(br#"{"topic":"events","entries":["#);
            for (place, entry) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(entry.as_ref());
            }
            out.push(b']');
            if lost > 0 {
                out.extend_from_slice(format!(r#","lost":{lost}"#).as_bytes());
            }
            out.push(b'}');
        }
    }
    out
}
