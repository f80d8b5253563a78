//! Frozen runs done again where browsers run their programs: for the test of native against wasm, and for nobody else.

use inflight_agents::clerk::Clerk;
use inflight_agents::{RunEvent, Typed, canonical, replay};
use wasm_bindgen::prelude::*;

/// Does a run of `fixtures/runs` again and gives the hash that it ends with.
///
/// # Errors
/// A line that is no event, or the first event that differs.
#[wasm_bindgen]
pub fn replay_run(lines: &str) -> Result<String, JsError> {
    let events: Result<Vec<RunEvent>, _> = lines.lines().map(serde_json::from_str).collect();
    let replayed = replay(&Typed(Clerk::new()?), &events?)?;
    Ok(canonical::hex(&replayed.run.hash()))
}
