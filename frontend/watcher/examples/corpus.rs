//! Frozen runs done again where browsers run their programs: for the test of native against wasm, and for nobody else.

use inflight_agents::clerk::Clerk;
use inflight_agents::coordinator::Coordinator;
use inflight_agents::digest::Digest;
use inflight_agents::watcher::Watcher;
use inflight_agents::{Agent, EventKind, RunEvent, Typed, canonical, replay};
use wasm_bindgen::prelude::*;

/// Does a run of `fixtures/runs` again and gives the hash that it ends with.
///
/// # Errors
/// A line that is no event, or the first event that differs.
#[wasm_bindgen]
pub fn replay_run(lines: &str) -> Result<String, JsError> {
    let events: Result<Vec<RunEvent>, _> = lines.lines().map(serde_json::from_str).collect();
    let events = events?;
    let agents: [Box<dyn Agent>; 4] = [
        Box::new(Typed(Clerk::new()?)),
        Box::new(Typed(Coordinator::new()?)),
        Box::new(Typed(Digest::new()?)),
        Box::new(Typed(Watcher::new()?)),
    ];
    let Some(EventKind::Started(started)) = events.first().map(|event| &event.kind) else {
        return Err(JsError::new("expected a run that began"));
    };
    let agent = agents.iter().find(|agent| agent.graph().name() == started.agent);
    let replayed = replay(agent.ok_or_else(|| JsError::new("no such agent"))?.as_ref(), &events)?;
    Ok(canonical::hex(&replayed.run.hash()))
}
