//! Which rows a message means: those that all its words fit, else those that come near.

use crate::coordinator::lexicon;
use crate::coordinator::understand::Slots;
use crate::search::glossary;
use crate::words;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What fits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picked {
    /// Everything that was said fits these.
    pub exact: Vec<Value>,
    /// Part of it fits these.
    pub near: Vec<Value>,
}

const NEAR_MAX: usize = 5;

/// Resources by name, kind and state; for a change the state is what is to be, not what is.
#[must_use]
pub fn resources(rows: &[Value], slots: &Slots, for_change: bool) -> Picked {
    let wanted = slots.status.as_deref().filter(|_| !for_change);
    // A business may keep its tugs among its vehicles: then what it calls them says what they are.
    let is_kept = slots.kind.as_deref().is_some_and(|kind| rows.iter().any(|row| is_kind(row, kind)));
    let is_meant = |row: &Value, kind: &str| is_kind(row, kind) || (!is_kept && is_called(row, kind));
    let fits = |row: &Value, wanted: Option<&str>| {
        let kind = slots.kind.as_deref().is_none_or(|kind| is_meant(row, kind));
        let state = wanted.is_none_or(|state| is_state(row, state));
        (kind && state).then(|| scores(row, &slots.target))
    };
    let picked = choose(rows, slots.target.len(), |row| fits(row, wanted));
    let is_named = wanted.is_some() && !slots.target.is_empty();
    if is_named && picked.exact.is_empty() && picked.near.is_empty() {
        // Whoever asks whether one thing is free hears how it is.
        let mut anyhow = choose(rows, slots.target.len(), |row| fits(row, None));
        anyhow.near.splice(0..0, anyhow.exact.drain(..));
        anyhow.near.truncate(NEAR_MAX);
        return anyhow;
    }
    picked
}

/// Schedules and whatever else is known by its name alone.
#[must_use]
pub fn named(rows: &[Value], target: &[String]) -> Picked {
    choose(rows, target.len(), |row| Some(scores(row, target)))
}

/// A field of a row that is text.
#[must_use]
pub fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn choose(rows: &[Value], wanted: usize, fits: impl Fn(&Value) -> Option<(usize, usize)>) -> Picked {
    let scored: Vec<((usize, usize), &Value)> =
        rows.iter().filter_map(|row| Some((fits(row)?, row))).collect();
    let exact: Vec<Value> =
        scored.iter().filter(|((whole, _), _)| *whole >= wanted).map(|(_, row)| (*row).clone()).collect();
    if !exact.is_empty() {
        return Picked { exact, near: Vec::new() };
    }
    let best = scored.iter().map(|((_, near), _)| *near).max().unwrap_or(0);
    let near =
        scored.iter().filter(|((_, near), _)| *near == best && best > 0).map(|(_, row)| (*row).clone());
    Picked { exact, near: near.take(NEAR_MAX).collect() }
}

fn is_kind(row: &Value, kind: &str) -> bool {
    let own = words::fold(text(row, "type"));
    own == kind || lexicon::kind(&own) == Some(kind)
}

fn is_called(row: &Value, kind: &str) -> bool {
    words::tokens(text(row, "name")).any(|word| lexicon::kind(&word) == Some(kind))
}

fn is_state(row: &Value, state: &str) -> bool {
    let own = words::fold(text(row, "status"));
    own == state || lexicon::state(&own) == Some(state)
}

/// Whether a word is the name of a field of a row, perhaps in the other language.
pub(super) fn names_field(row: &Value, word: &str) -> bool {
    let fields = row.get("attributes").and_then(Value::as_object).into_iter().flatten();
    fields.map(|(name, _)| name).any(|name| is_name_of(name, word))
}

/// Whether a word is this name of a field, or part of it, perhaps in the other language.
pub(super) fn is_name_of(name: &str, word: &str) -> bool {
    words::tokens(name).any(|own| {
        own == word
            || (glossary::meaning(&own).is_some() && glossary::meaning(&own) == glossary::meaning(word))
    })
}

/// How many of the words the row has, and how many it has or begins with. Words with digits may stand apart in one and
/// together in the other; a short one must be whole, so that `B1` is not `B12`.
fn scores(row: &Value, target: &[String]) -> (usize, usize) {
    let mut own: Vec<String> = Vec::new();
    for name in ["id", "name", "type", "status", "location"] {
        own.extend(words::tokens(text(row, name)));
    }
    let together = ["id", "name"].map(|name| words::tokens(text(row, name)).collect::<String>());
    for (name, value) in row.get("attributes").and_then(Value::as_object).into_iter().flatten() {
        own.extend(words::tokens(name));
        own.extend(value.as_str().into_iter().flat_map(words::tokens));
    }
    let (mut whole, mut near) = (0, 0);
    for word in target {
        let plain: String = words::tokens(word).collect();
        let begins = own.iter().any(|other| other.starts_with(plain.as_str()));
        let same = own.iter().any(|other| lexicon::is_same_time(&plain, other)) || names_field(row, &plain);
        let is_long = plain.len() >= 3;
        let numbered = is_long && plain.bytes().any(|byte| byte.is_ascii_digit());
        let apart = numbered && together.iter().any(|other| other.contains(plain.as_str()));
        whole += usize::from((begins && is_long) || own.contains(&plain) || apart || same);
        near += usize::from(begins || apart || same);
    }
    (whole, near)
}
