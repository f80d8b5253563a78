//! What goes otherwise than planned in the sky, as inputs for the agents of each business that it concerns.

use crate::agents::driver::DriveError;
use crate::agents::service::{Agents, SubmitError};
use crate::clock;
use inflight_agents::controller::{concerns, disruption_input};
use inflight_agents::ports::rows;
use inflight_agents::spec::BusinessInfo;
use inflight_agents::{AgentInput, StoreError, Table};
use inflight_domain::Disruption;
use std::collections::BTreeSet;
use tracing::warn;

/// Follows the disruptions until the hub ends.
pub async fn run(agents: Agents) {
    let mut status = agents.outside().hub.follow_status();
    let mut known = BTreeSet::new();
    loop {
        let disruptions = status.borrow_and_update().disruptions.clone();
        if !disruptions.is_empty() && agents.are_on() {
            take(&agents, &disruptions, &mut known).await;
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Hands on what is new. What was handed on before a restart has the same identifier, and is not taken twice.
async fn take(agents: &Agents, disruptions: &[Disruption], known: &mut BTreeSet<(String, String)>) {
    let businesses = match businesses(agents).await {
        Ok(businesses) => businesses,
        Err(cause) => return warn!(%cause, "disruptions wait: businesses cannot be read"),
    };
    let all = businesses.iter().flat_map(|business| {
        let concerned = disruptions.iter().filter(|disruption| concerns(business, disruption));
        concerned.map(|disruption| disruption_input(&business.business_id, disruption, clock::now()))
    });
    let all: Vec<AgentInput> = all.collect();
    let key = |input: &AgentInput| (input.business_id.clone(), input.id.clone());
    let now: BTreeSet<_> = all.iter().map(key).collect();
    known.retain(|key| now.contains(key));
    for input in all {
        let key = key(&input);
        if known.contains(&key) {
            continue;
        }
        match agents.submit(input).await {
            Ok(_) => drop(known.insert(key)),
            Err(SubmitError::Off) => return,
            Err(SubmitError::Drive(DriveError::Store(cause))) => {
                return warn!(input = key.1, %cause, "disruptions wait for the disk");
            }
            // It alone is not taken; the others may be.
            Err(cause) => warn!(input = key.1, %cause, "a disruption was not taken"),
        }
    }
}

async fn businesses(agents: &Agents) -> Result<Vec<BusinessInfo>, StoreError> {
    let found = agents.driver().with_store(|store| store.documents(Table::Businesses, None)).await?;
    Ok(found.iter().filter_map(rows::business).collect())
}
