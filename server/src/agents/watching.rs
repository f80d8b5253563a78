//! What is told of runs as a whole: how they end, decisions that were unsure, and how the reasoner stands.

use crate::agents::driver::Change;
use crate::agents::service::Agents;
use crate::agents::tell::{self, Telling};
use crate::metrics::tally::Tally;
use crate::watch::Watch;
use inflight_agents::{Status, Table};
use inflight_domain::system::DependencyState;
use serde_json::to_value;
use tokio::sync::broadcast::error::RecvError;
use tracing::{info, warn};

/// Counts how runs end, until the agents stop.
pub async fn ends(agents: Agents) {
    let mut changes = agents.driver().changes();
    loop {
        match changes.recv().await {
            Ok(change) if change.row.status.is_over() => count(&agents, &change),
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn count(agents: &Agents, change: &Change) {
    let (row, outside) = (&change.row, agents.outside());
    let correlation = row.correlation.as_deref().unwrap_or_default();
    match row.status {
        Status::Failed => {
            Tally::add(&outside.metrics.tally.agent_failures);
            warn!(run = row.id, agent = row.agent, correlation, error = row.error, "a run failed");
            outside.metrics.agent_run("failed");
        }
        Status::Cancelled => outside.metrics.agent_run("cancelled"),
        _ => {
            let confidence = row.confidence.unwrap_or(1.0);
            info!(run = row.id, agent = row.agent, correlation, confidence, "a run is done");
            outside.metrics.agent_run("done");
            if confidence < outside.settings.low_confidence {
                Tally::add(&outside.metrics.tally.agent_doubts);
            }
        }
    }
}

/// Tells every room how the reasoner stands, each time that it changes.
pub async fn reasoner(agents: Agents, watch: Watch) {
    let mut changes = agents.outside().reasoner.changes();
    loop {
        let row = to_value(&*changes.borrow_and_update()).unwrap_or_default();
        let well = row["status"] != "degraded";
        let (state, code) =
            if well { (DependencyState::Up, "") } else { (DependencyState::Degraded, "not_answering") };
        watch.tell("reasoner", state, code);
        if changes.changed().await.is_err() {
            return;
        }
        let row = agents.reasoner();
        let businesses = agents.driver().with_store(|store| store.documents(Table::Businesses, None)).await;
        for business in businesses.unwrap_or_default() {
            let telling = Telling { business: business.id, kind: "agent.reasoner", row: row.clone() };
            tell::at_once(&agents.outside().hub, telling).await;
        }
    }
}
