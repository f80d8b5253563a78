//! Frames for who shows rows of any kind as they came: the `system` topic and entries of event topics.

use crate::datum::Datum;
use crate::frame::Header;
use crate::read::{Map, ReadError, read_header};
use crate::unpack::{Value, unpack};

/// A frame with its rows as they came.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsFrame {
    /// What it is.
    pub header: Header,
    /// Whole rows of `system`.
    pub updated: Vec<Datum>,
    /// Keys of rows of `system` that are gone.
    pub removed: Vec<String>,
    /// Entries of event topics, in order.
    pub entries: Vec<Datum>,
    /// How many entries can no longer be had.
    pub lost: u64,
}

/// Reads what a server sent in MessagePack; segments of other topics are read over.
///
/// # Errors
/// When the bytes are no frame.
pub fn decode_rows(bytes: &[u8]) -> Result<RowsFrame, ReadError> {
    let Value::Array(parts) = unpack(bytes)? else { return Err(ReadError::Shape) };
    let (header, segments) = parts.split_first().ok_or(ReadError::Shape)?;
    let header = read_header(Map::of(header).ok_or(ReadError::Shape)?)?;
    let mut frame =
        RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries: Vec::new(), lost: 0 };
    let known = if frame.header == Header::Unknown { &[] } else { segments };
    for segment in known {
        let segment = Map::of(segment).ok_or(ReadError::Shape)?;
        match segment.str("topic")? {
            "system" => {
                frame.updated.extend(segment.array("updated")?.iter().map(Datum::of));
                frame.removed.extend(segment.texts("removed")?);
            }
            "events" => {
                frame.entries.extend(segment.array("entries")?.iter().map(Datum::of));
                frame.lost += segment.unsigned("lost").unwrap_or(0);
            }
            _ => {}
        }
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use serde_json::{Value as Json, json};

    fn check(frame: &Json, expected: Result<(usize, usize, usize, u64), &str>) {
        let read = decode_rows(&Format::Msgpack.encode(frame));
        match (read, expected) {
            (Ok(frame), expected) => {
                let counts = (frame.updated.len(), frame.removed.len(), frame.entries.len(), frame.lost);
                assert_eq!(Ok(counts), expected);
            }
            (Err(error), expected) => assert!(error.to_string().contains(expected.unwrap_err()), "{error}"),
        }
    }

    #[test]
    fn rows_of_any_kind_are_kept() {
        let tick = json!({"type": "tick", "epoch": 1, "base": 1, "cut": 2, "stream_ms": 0, "rate": 1});
        let rows = json!([{"kind": "later", "x": [1, null, 2.5]}, {"kind": "alert", "code": "lag"}]);
        check(
            &json!([tick, {"topic": "system", "updated": rows, "removed": ["alert/old"]}]),
            Ok((2, 1, 0, 0)),
        );
        check(
            &json!([tick, {"topic": "events", "entries": [{"offset": 7}], "lost": 3}, {"topic": "later"}]),
            Ok((0, 0, 1, 3)),
        );
        check(&json!([{"type": "later"}, {"topic": "system"}]), Ok((0, 0, 0, 0)));
        check(&json!([tick, {"topic": "system", "updated": 5}]), Err("`updated`"));
        check(&json!({}), Err("an array"));
    }

    #[test]
    fn the_typed_reader_tells_alerts_apart_and_a_mirror_keeps_them() {
        let tick = json!({"type": "snapshot", "epoch": 1, "cut": 2, "part": 0, "parts": 1, "stream_ms": 0, "rate": 1});
        let alert =
            |code: &str, ended: Json| json!({"kind": "alert", "code": code, "text": "t", "ended": ended});
        let rows = json!([alert("a", Json::Null), alert("b", json!(5))]);
        let segment = json!({"topic": "system", "updated": rows, "removed": []});
        let frame = crate::decode_server(&Format::Msgpack.encode(&json!([tick, segment]))).unwrap();
        let mut mirror = crate::Mirror::new(|_, _| unreachable!());
        mirror.apply(&frame).unwrap();
        let open: Vec<bool> = mirror.alerts().iter().map(|alert| alert.open).collect();
        assert_eq!(open, [true, false]);
        let tick = json!({"type": "tick", "epoch": 1, "base": 2, "cut": 3, "stream_ms": 0, "rate": 1});
        let segment = json!({"topic": "system", "updated": [], "removed": ["alert/a"]});
        let frame = crate::decode_server(&Format::Msgpack.encode(&json!([tick, segment]))).unwrap();
        mirror.apply(&frame).unwrap();
        assert_eq!(mirror.alerts().len(), 1);
    }

    #[test]
    fn the_typed_reader_reads_reads_over_rows_of_kinds_that_it_does_not_know() {
        let tick = json!({"type": "tick", "epoch": 1, "base": 1, "cut": 2, "stream_ms": 0, "rate": 1});
        let rows = json!([{"kind": "later"}, {"kind": "history", "from": 1, "to": 2, "raw_bytes": 3}]);
        let frame = json!([tick, {"topic": "system", "updated": rows, "removed": []}]);
        let frame = crate::decode_server(&Format::Msgpack.encode(&frame)).unwrap();
        let crate::Segment::System { updated, .. } = &frame.segments[0] else { panic!("{frame:?}") };
        assert_eq!(updated.len(), 1);
    }
}
