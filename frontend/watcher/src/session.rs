//! What the page says to the watcher, and what it hears back.

use inflight_agents::locale::Locale;
use inflight_agents::solo::{Solo, Unmoved, Wish};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

/// The worker's whole state.
#[derive(Default)]
pub struct Session {
    solo: Option<Solo>,
}

impl Session {
    /// Does what a message of the page asks for; what there is to say.
    pub fn hear(&mut self, message: &Value, seed: u64, now: UnixMillis) -> Vec<Value> {
        let word = |name: &str| message[name].as_str().unwrap_or_default();
        let locale = Locale::parse(word("locale")).unwrap_or_default();
        if word("do") == "begin" || self.solo.is_none() {
            self.solo = Solo::new(locale, now).ok();
        }
        let Some(solo) = &mut self.solo else { return Vec::new() };
        let (review, run) = (word("review"), word("run"));
        let said =
            |name: &str| message[name].as_str().map(str::to_owned).filter(|text| !text.trim().is_empty());
        let done = match word("do") {
            "take" => taken(solo, &message["rows"], seed, now),
            "speak" => {
                solo.speak(locale, now);
                Ok(false)
            }
            "approve" => solo.decide(review, Wish::Approve(said("text")), now).map(|()| true),
            "reject" => solo.decide(review, Wish::Reject(said("reason")), now).map(|()| true),
            "undo" => solo.undo(review, now).map(|()| true),
            "verify" => return vec![verified(solo, run)],
            "export" => return vec![json!({"run": run, "lines": solo.export(run)})],
            _ => Ok(true),
        };
        match done {
            Ok(true) => vec![cases(solo)],
            Ok(false) => Vec::new(),
            Err(unmoved) => {
                vec![json!({"review": review, "refused": unmoved.to_string()}), cases(solo)]
            }
        }
    }

    /// Time went on.
    pub fn tick(&mut self, now: UnixMillis) -> Vec<Value> {
        let Some(solo) = &mut self.solo else { return Vec::new() };
        // What cannot be kept now cannot be kept later either: this store has no disk that fills.
        if solo.tick(now).unwrap_or(false) { vec![cases(solo)] } else { Vec::new() }
    }
}

/// Whether any of these rows begins a run.
fn taken(solo: &mut Solo, rows: &Value, seed: u64, now: UnixMillis) -> Result<bool, Unmoved> {
    let mut any = false;
    for (row, index) in rows.as_array().into_iter().flatten().zip(0..) {
        any |= solo.take(row.clone(), seed.wrapping_add(index), now)?.is_some();
    }
    Ok(any)
}

fn cases(solo: &Solo) -> Value {
    json!({"cases": solo.cases()})
}

fn verified(solo: &Solo, run: &str) -> Value {
    match solo.verify(run) {
        Ok(whole) => {
            json!({"run": run, "verified": true, "events": whole.events, "nodes": whole.steps, "hash": whole.hash})
        }
        Err(wrong) => json!({"run": run, "verified": false, "seq": wrong.seq, "node": wrong.node}),
    }
}
