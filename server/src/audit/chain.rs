//! One line of the audit trail: what happened, the hash of the line before, and its own.

use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What somebody did, without what it was about in full: no payloads, and of a person only the user's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the user; `anonymous` for who did not log in.
    pub actor: String,
    /// `connect`, `disconnect`, `sign_in`, `sign_in_failed`, `sign_out`, `key_created`, `key_revoked`, `command`,
    /// `publish`, `decision`, `settings_reloaded`, `refused`.
    pub action: &'static str,
    /// What it was done to: an endpoint, a topic, the id of a key.
    pub target: String,
    /// `done`, or a code that can be searched.
    pub result: String,
    /// The id of the request, so that logs can be found.
    pub correlation_id: String,
}

/// A line as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// When, on the wall's clock.
    pub at: UnixMillis,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What to.
    pub target: String,
    /// What came of it.
    pub result: String,
    /// The id of the request.
    pub correlation_id: String,
    /// Hash of the line before.
    #[serde(skip_serializing)]
    pub prev: String,
    /// Hash of this line.
    pub hash: String,
}

/// What a line says besides its own hash.
#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    at: UnixMillis,
    actor: &'a str,
    action: &'a str,
    target: &'a str,
    result: &'a str,
    correlation_id: &'a str,
    prev: &'a str,
}

/// The hash before the first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A field is at most so many bytes; who sends longer names is none the wiser for it.
const FIELD_BYTES: usize = 256;

const HASH_MEMBER: &str = ",\"hash\":\"";

/// The line of an entry with its end, and its hash.
#[must_use]
pub fn write(seq: u64, at: UnixMillis, entry: &Entry, prev: &str) -> (String, String) {
    let body = Body {
        seq,
        at,
        actor: short(&entry.actor),
        action: entry.action,
        target: short(&entry.target),
        result: short(&entry.result),
        correlation_id: short(&entry.correlation_id),
        prev,
    };
    // Our own type serialises into memory; that cannot fail.
    let mut line = serde_json::to_string(&body).unwrap_or_default();
    let hash = hash_of(&line);
    line.truncate(line.len().saturating_sub(1));
    line.push_str(HASH_MEMBER);
    line.push_str(&hash);
    line.push_str("\"}\n");
    (line, hash)
}

/// Reads a line without its end; none if it is not as it was written.
#[must_use]
pub fn read(line: &str) -> Option<Line> {
    let at = line.rfind(HASH_MEMBER)?;
    let parsed: Line = serde_json::from_str(line).ok()?;
    let body = format!("{}}}", line.get(..at)?);
    // Nothing may stand behind the hash either.
    let end = format!("{HASH_MEMBER}{}\"}}", hash_of(&body));
    (line.get(at..) == Some(end.as_str())).then_some(parsed)
}

fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn short(text: &str) -> &str {
    let end = (0..=FIELD_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: &str) -> Entry {
        Entry {
            actor: "ana".into(),
            action: "command",
            target: target.into(),
            result: "done".into(),
            correlation_id: "abc/1".into(),
        }
    }

    #[test]
    fn a_line_proves_itself() {
        let (line, hash) = write(7, UnixMillis(1_700_000_000_250), &entry("replay \"seek\""), GENESIS);
        let text = line.strip_suffix('\n').unwrap();
        let read_back = read(text).unwrap();
        assert_eq!((read_back.seq, read_back.at, &read_back.hash), (7, UnixMillis(1_700_000_000_250), &hash));
        for (from, to) in [("ana", "eve"), ("seek", "play"), ("1700000000.25", "1700000001.25"), ("00", "01")]
        {
            assert_eq!(read(&text.replacen(from, to, 1)), None, "{from} to {to}");
        }
        assert_eq!(read(&text[..text.len() - 1]), None);
        assert_eq!(read("{}"), None);
    }

    #[test]
    fn fields_are_short() {
        let (line, _) = write(1, UnixMillis(0), &entry(&"ș".repeat(1000)), GENESIS);
        assert!(line.len() < 600 && read(line.trim_end()).is_some());
    }
}
