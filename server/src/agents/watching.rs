//! What is told of runs as a whole: how they end, decisions that were unsure, and how the reasoner stands.

use crate::agents::service::Agents;
use crate::agents::tell::{self, Telling};
use crate::clock;
use crate::metrics::Metrics;
use crate::metrics::tally::Tally;
use crate::watch::Watch;
use core::time::Duration;
use inflight_agents::breaker::BreakerState;
use inflight_agents::rows::RunRow;
use inflight_agents::{Status, Table};
use inflight_domain::system::DependencyState;
use tokio::time::timeout;
use tracing::{info, warn};

/// The clock on the wall may be put right meanwhile.
const LONGEST_WAIT_MS: u64 = 30_000;

/// Counts how a run ended. Called where its end is written, so that no end is missed however fast they come.
pub fn ended(metrics: &Metrics, low_confidence: f64, row: &RunRow) {
    let correlation = row.correlation.as_deref().unwrap_or_default();
    match row.status {
        Status::Failed => {
            Tally::add(&metrics.tally.agent_failures);
            // What follows may quote what was said.
            let error = row.error.as_deref().and_then(|error| error.split(':').next());
            warn!(run = row.id, agent = row.agent, correlation, error, "a run failed; its row says why");
            metrics.agent_run("failed");
        }
        Status::Cancelled => metrics.agent_run("cancelled"),
        _ => {
            let confidence = row.confidence.unwrap_or(1.0);
            info!(run = row.id, agent = row.agent, correlation, confidence, "a run is done");
            metrics.agent_run("done");
            if confidence < low_confidence {
                Tally::add(&metrics.tally.agent_doubts);
            }
        }
    }
}

/// Tells how the services that other systems have stand: at the start, and each time that a breaker opens or closes.
pub async fn services(agents: Agents, watch: Watch) {
    let mut changes = agents.services().changes();
    loop {
        changes.mark_unchanged();
        for service in agents.services().services() {
            let (state, code) = match agents.services().breaker(service) {
                Some(BreakerState::Open | BreakerState::HalfOpen) => {
                    (DependencyState::Degraded, "not_answering")
                }
                Some(BreakerState::Closed) | None => (DependencyState::Up, ""),
            };
            watch.tell(service.name(), state, code);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Tells every room how the reasoner stands: at the start, and each time that it changes.
pub async fn reasoner(agents: Agents, watch: Watch) {
    let reasoner = agents.outside().reasoner.clone();
    let mut changes = reasoner.changes();
    let probed = reasoner.clone();
    agents.driver().spawn(async move { probed.probe().await });
    loop {
        changes.mark_unchanged();
        let row = agents.reasoner();
        let well = row["status"] != "degraded";
        let (state, code) =
            if well { (DependencyState::Up, "") } else { (DependencyState::Degraded, "not_answering") };
        watch.tell("reasoner", state, code);
        let businesses = agents.driver().with_store(|store| store.documents(Table::Businesses, None)).await;
        for business in businesses.unwrap_or_default() {
            let telling = Telling { business: business.id, kind: "agent.reasoner", row: row.clone() };
            tell::at_once(&agents.outside().hub, telling).await;
        }
        let changed = async {
            while let Some(at) = reasoner.trial_at() {
                let wait_ms = u64::try_from(at.0 - clock::now().0).unwrap_or_default();
                let wait = Duration::from_millis(wait_ms.min(LONGEST_WAIT_MS));
                match timeout(wait, changes.changed()).await {
                    Ok(changed) => return changed,
                    Err(_) => reasoner.look(),
                }
            }
            changes.changed().await
        };
        if changed.await.is_err() {
            return;
        }
    }
}
