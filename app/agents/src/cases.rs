//! What people do with a case: close, reopen, note, take. Each is a change of its row with a note of who did it.

use crate::effect::CHANGED_BY;
use crate::spec::Data;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use thiserror::Error;

/// Longest note, in letters.
pub const NOTE_LETTERS: usize = 2000;

/// Notes that a case keeps; the oldest but the first go.
pub const NOTES_MAX: usize = 100;

/// What somebody does with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseAct {
    /// It is over.
    Close,
    /// It is not over after all.
    Reopen,
    /// Something to remember.
    Note,
    /// They look after it.
    Take,
    /// They look after it no more.
    Release,
}

/// Why it was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CaseRefusal {
    /// It is so already.
    #[error("it is {0} already")]
    Already(&'static str),
    /// A note has words.
    #[error("expected 1 to {NOTE_LETTERS} letters")]
    Words,
}

impl CaseAct {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Close, Self::Reopen, Self::Note, Self::Take, Self::Release];

    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Note => "note",
            Self::Take => "take",
            Self::Release => "release",
        }
    }

    /// The act of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }
}

/// The fields of a case after somebody did something with it, perhaps with words of their own.
///
/// # Errors
/// It is so already, or a note has no words.
pub fn act(
    case: &Data,
    act: CaseAct,
    by: &str,
    words: Option<&str>,
    now: UnixMillis,
) -> Result<Data, CaseRefusal> {
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    let too_long = words.is_some_and(|words| words.chars().count() > NOTE_LETTERS);
    if too_long || (words.is_none() && act == CaseAct::Note) {
        return Err(CaseRefusal::Words);
    }
    let is_closed = case.get("status").and_then(Value::as_str) == Some("closed");
    let assignee = case.get("assignee").and_then(Value::as_str);
    let already = match act {
        CaseAct::Close => is_closed.then_some("closed"),
        CaseAct::Reopen => (!is_closed).then_some("open"),
        CaseAct::Note => None,
        CaseAct::Take if is_closed => Some("closed"),
        CaseAct::Take => (assignee == Some(by)).then_some("theirs"),
        CaseAct::Release => assignee.is_none().then_some("nobody's"),
    };
    if let Some(already) = already {
        return Err(CaseRefusal::Already(already));
    }
    let mut after = case.clone();
    let mut set = |name: &str, value: Value| drop(after.insert(name.to_owned(), value));
    match act {
        CaseAct::Close => {
            set("status", "closed".into());
            set("closed_ms", now.0.into());
            set("closed_by", by.into());
        }
        CaseAct::Reopen => {
            set("status", "open".into());
            set("reopened_ms", now.0.into());
        }
        CaseAct::Take => set("assignee", by.into()),
        CaseAct::Note | CaseAct::Release => {}
    }
    let mut note = json!({"at_ms": now.0, "by": by, "text": words.unwrap_or_default()});
    if act != CaseAct::Note {
        note["act"] = act.name().into();
    }
    let notes = noted(case.get("notes"), note);
    set("notes", notes.into());
    set(CHANGED_BY, by.into());
    let gone: &[&str] = match act {
        CaseAct::Reopen => &["closed_ms", "closed_by", "stale"],
        CaseAct::Release => &["assignee"],
        _ => &[],
    };
    after.retain(|name, _| !gone.contains(&name.as_str()));
    Ok(after)
}

/// The notes of a case with one more. The first tells why there is a case, and stays.
#[must_use]
pub fn noted(notes: Option<&Value>, note: Value) -> Vec<Value> {
    let mut notes = notes.and_then(Value::as_array).cloned().unwrap_or_default();
    notes.push(note);
    let too_many = notes.len().saturating_sub(NOTES_MAX);
    if too_many > 0 {
        notes.drain(1..=too_many);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closing::object;

    /// What of `expected` differs in the row after the act.
    fn check(before: Value, name: &str, words: &str, expected: Result<Value, CaseRefusal>) {
        let done = CaseAct::parse(name).map(|one| {
            act(&object(&before), one, "ana", Some(words), UnixMillis(9)).map(|mut after| {
                assert_eq!(after.remove(CHANGED_BY), Some("ana".into()));
                let notes = after.remove("notes").unwrap_or_default();
                (Value::Object(after), notes[notes.as_array().map_or(0, Vec::len) - 1].clone())
            })
        });
        let note = |act: &str| {
            let mut note = json!({"at_ms": 9, "by": "ana", "text": words.trim()});
            if act != "note" {
                note["act"] = act.into();
            }
            note
        };
        assert_eq!(done, Some(expected.map(|after| (after, note(name)))), "{name}");
    }

    #[test]
    fn each_act_changes_what_it_says_and_leaves_a_note() {
        let open = || json!({"status": "open", "title": "t"});
        let closed = || json!({"status": "closed", "title": "t", "closed_ms": 3, "closed_by": "watcher"});
        let now_closed = json!({"status": "closed", "title": "t", "closed_ms": 9, "closed_by": "ana"});
        check(open(), "close", " landed safely ", Ok(now_closed));
        check(closed(), "close", "", Err(CaseRefusal::Already("closed")));
        check(closed(), "reopen", "", Ok(json!({"status": "open", "title": "t", "reopened_ms": 9})));
        check(open(), "reopen", "", Err(CaseRefusal::Already("open")));
        check(open(), "note", "called them", Ok(open()));
        check(closed(), "note", "afterwards", Ok(closed()));
        check(open(), "note", "  ", Err(CaseRefusal::Words));
        check(open(), "note", &"x".repeat(NOTE_LETTERS + 1), Err(CaseRefusal::Words));
        check(open(), "take", "", Ok(json!({"status": "open", "title": "t", "assignee": "ana"})));
        check(json!({"assignee": "ana"}), "take", "", Err(CaseRefusal::Already("theirs")));
        check(json!({"assignee": "mihai"}), "take", "", Ok(json!({"assignee": "ana"})));
        check(closed(), "take", "", Err(CaseRefusal::Already("closed")));
        check(json!({"assignee": "mihai"}), "release", "", Ok(json!({})));
        check(open(), "release", "", Err(CaseRefusal::Already("nobody's")));
        assert_eq!(CaseAct::parse("delete"), None);
    }

    #[test]
    fn the_first_note_and_the_newest_stay() {
        let mut notes = Value::Null;
        for at in 0..NOTES_MAX + 7 {
            notes = noted(Some(&notes), json!(at)).into();
        }
        let notes = notes.as_array().cloned().unwrap_or_default();
        let ends = (notes.len(), notes[0].clone(), notes[1].clone(), notes[NOTES_MAX - 1].clone());
        assert_eq!(ends, (NOTES_MAX, json!(0), json!(8), json!(NOTES_MAX + 6)));
    }
}
