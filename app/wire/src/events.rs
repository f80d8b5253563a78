//! Segments of event topics and of presence: different for each client, from parts that are the same for all.
//!
//! Only servers write them: a browser's worker has no event topics and no rooms.

use crate::codec::Format;
use inflight_domain::presence::PresenceRow;
use inflight_domain::{Cut, Epoch};
use serde::Serialize;

/// Name of the segment.
pub const SEGMENT_EVENTS: &str = "events";

/// Name of the topic that tells who is in the rooms of a client.
pub const TOPIC_PRESENCE: &str = "presence";

/// Header of a frame that holds entries ahead of their turn, while a snapshot is on its way: they come again in the
/// tick after it, so that who reads over this type loses nothing.
#[derive(Serialize)]
#[serde(tag = "type", rename = "early")]
struct Early {
    epoch: Epoch,
    cut: Cut,
}

#[derive(Serialize)]
struct PresenceSegment<'a> {
    topic: &'static str,
    updated: &'a [&'a PresenceRow],
    removed: &'a [String],
}

/// A frame of entries that are told while a snapshot is on its way.
#[must_use]
pub fn early<E: AsRef<[u8]>>(format: Format, epoch: Epoch, cut: Cut, entries: &[E]) -> Vec<u8> {
    format.assemble(&Early { epoch, cut }, &[&segment(format, entries, Remark::default())])
}

/// A segment of who came, changed and went.
#[must_use]
pub fn presence_segment(format: Format, updated: &[&PresenceRow], removed: &[String]) -> Vec<u8> {
    format.encode(&PresenceSegment { topic: TOPIC_PRESENCE, updated, removed })
}

/// What a segment says of its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Others up to this offset are no longer at hand; 0 if all are.
    pub lost: u64,
    /// They are from before the client asked for their topics.
    pub earlier: bool,
}

/// A segment of entries in this order.
#[must_use]
pub fn segment<E: AsRef<[u8]>>(format: Format, entries: &[E], remark: Remark) -> Vec<u8> {
    let bytes: usize = entries.iter().map(|entry| entry.as_ref().len() + 1).sum();
    let mut out = Vec::with_capacity(bytes + 64);
    let Remark { lost, earlier } = remark;
    match format {
        Format::Msgpack => {
            out.push(0x82 + u8::from(lost > 0) + u8::from(earlier));
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
            if earlier {
                out.extend(format.encode(&"earlier"));
                out.extend(format.encode(&true));
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
            if earlier {
                out.extend_from_slice(br#","earlier":true"#);
            }
            out.push(b'}');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_told_where_there_are_any() {
        let check = |lost, earlier, expected: &str| {
            let remark = Remark { lost, earlier };
            let json = segment(Format::Json, &["1"], remark);
            assert_eq!(String::from_utf8(json).unwrap(), expected);
            let packed = segment(Format::Msgpack, &[[1]], remark);
            let packed: serde_json::Value = rmp_serde::from_slice(&packed).unwrap();
            assert_eq!(packed, serde_json::from_str::<serde_json::Value>(expected).unwrap());
        };
        check(0, false, r#"{"topic":"events","entries":[1]}"#);
        check(7, false, r#"{"topic":"events","entries":[1],"lost":7}"#);
        check(0, true, r#"{"topic":"events","entries":[1],"earlier":true}"#);
        check(7, true, r#"{"topic":"events","entries":[1],"lost":7,"earlier":true}"#);
    }
}
