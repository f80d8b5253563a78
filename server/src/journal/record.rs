//! One line of the journal: eight hex digits of the CRC-32 of the rest, a blank, and a JSON object.

use crate::events;
use core::fmt;
use inflight_domain::{Cut, Entry, Epoch, EventData, TopicName, UnixMillis, UserId};
use inflight_engine::Logged;
use inflight_wire::Resume;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An entry.
    Entry(Logged),
    /// Positions of this epoch were handed out.
    Epoch(Epoch),
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub cause: String,
}

#[derive(Serialize)]
struct Written<'a> {
    offset: u64,
    epoch: u64,
    cut: u64,
    topic: &'a TopicName,
    at_ms: i64,
    r#type: &'a str,
    data: &'a EventData,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a UserId>,
}

#[derive(Deserialize)]
struct Read {
    offset: u64,
    epoch: u64,
    cut: u64,
    topic: String,
    at_ms: i64,
    r#type: String,
    data: Value,
    by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    epoch: u64,
}

/// The line of an entry, with its line break.
pub fn write_entry(logged: &Logged, out: &mut Vec<u8>) {
    let entry = &logged.entry;
    let written = Written {
        offset: entry.offset,
        epoch: logged.position.epoch.0,
        cut: logged.position.cut.0,
        topic: &entry.topic,
        at_ms: entry.at.0,
        r#type: entry.data.kind(),
        data: &entry.data,
        by: entry.by.as_ref(),
    };
    write(&written, out);
}

/// The line of an epoch, with its line break.
pub fn write_epoch(epoch: Epoch, out: &mut Vec<u8>) {
    write(&Begun { epoch: epoch.0 }, out);
}

/// Reads a line without its line break.
///
/// # Errors
/// What is wrong with it.
pub fn read(line: &[u8]) -> Result<Record, String> {
    let (sum, text) = line.split_at_checked(9).ok_or("too short")?;
    let sum = core::str::from_utf8(sum).ok().and_then(|sum| u32::from_str_radix(sum.trim_end(), 16).ok());
    if sum != Some(crc32fast::hash(text)) {
        return Err("its checksum is another".to_owned());
    }
    if let Ok(begun) = serde_json::from_slice::<Begun>(text) {
        return Ok(Record::Epoch(Epoch(begun.epoch)));
    }
    let read: Read = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let topic =
        TopicName::parse(&read.topic).ok_or_else(|| format!("topic {:?} is not known", read.topic))?;
    let at = UnixMillis(read.at_ms);
    let body = json!({"type": read.r#type, "data": read.data});
    let data = events::read(&topic, body, at).map_err(|mistake| mistake.to_string())?;
    let by = match read.by {
        Some(by) => Some(UserId::new(&by).ok_or("by: expected the name of a user")?),
        None => None,
    };
    let position = Resume { epoch: Epoch(read.epoch), cut: Cut(read.cut) };
    Ok(Record::Entry(Logged { entry: Entry { offset: read.offset, topic, at, data, by }, position }))
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.file, self.line, self.cause)
    }
}

fn write<T: Serialize>(what: &T, out: &mut Vec<u8>) {
    // Our own rows go into memory; that cannot fail, and JSON has no bare line break.
    let text = serde_json::to_vec(what).unwrap_or_default();
    out.extend_from_slice(format!("{:08x} ", crc32fast::hash(&text)).as_bytes());
    out.extend_from_slice(&text);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_to_the_last_digit() {
        let topic = TopicName::parse("load/L1").unwrap();
        for number in ["18446744073071655915", "1.8446744073071655e19", "0.1234567890123456789", "5e-324"] {
            let body: Value =
                serde_json::from_str(&format!(r#"{{"type":"load.updated","data":{{"n":{number}}}}}"#))
                    .unwrap();
            let data = events::read(&topic, body, UnixMillis(0)).unwrap();
            let entry = Entry { offset: 1, topic: topic.clone(), at: UnixMillis(0), data, by: None };
            let logged = Logged { entry, position: Resume { epoch: Epoch(1), cut: Cut(2) } };
            let mut line = Vec::new();
            write_entry(&logged, &mut line);
            assert_eq!(read(line.trim_ascii_end()), Ok(Record::Entry(logged)), "{number}");
        }
    }
}
