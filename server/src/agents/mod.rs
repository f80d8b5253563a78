//! Agents: what drives their runs, keeps them, and tells everybody.

pub mod api;
pub mod businesses;
pub mod clients;
pub mod db;
pub mod driver;
pub mod example;
pub mod feed;
pub mod json;
pub mod known;
pub mod outbox;
pub mod registry;
pub mod retention;
pub mod said;
pub mod schedule;
pub mod service;
pub mod sight;
pub mod signature;
pub mod store;
pub mod stream;
pub mod tell;
pub mod watching;

use crate::agents::driver::answers::StoreAnswers;
use crate::agents::registry::Registry;
use crate::agents::service::{Agents, Journalled, Outside};
use crate::agents::store::SqliteStore;
use crate::watch::Watch;
use inflight_agents::StoreError;
use inflight_domain::system::DependencyState;
use std::path::PathBuf;
use std::sync::Arc;
use tracing::{error, info};

/// Opens the agents' folder and lets their runs go on. Without a store there are no agents, and the server says so.
pub async fn open(folder: PathBuf, outside: Outside, watch: &Watch, journal: Journalled) -> Option<Agents> {
    let (of, example, end) = (folder.clone(), outside.settings.example, journal.end);
    let opening = move || {
        let (hub, reasoner) = (outside.hub.clone(), outside.reasoner.clone());
        let answers = |store: &SqliteStore, beside| {
            let answers = StoreAnswers::new(Arc::new(store.clone()), Some(hub), Some(reasoner));
            Arc::new(answers.beside(beside)) as _
        };
        let agents = Agents::open(&of, outside, Registry::of_this_build(), answers)?;
        if example {
            example::begin(agents.store())?;
        }
        stream::begin(agents.store(), end)?;
        Ok(agents)
    };
    let opened = tokio::task::spawn_blocking(opening).await;
    match opened.unwrap_or_else(|_| Err(StoreError::Failed("a defect".to_owned()))) {
        Ok(agents) => {
            agents.run(journal, watch);
            watch.tell("agents", DependencyState::Up, "");
            info!(folder = %folder.display(), "agents");
            Some(agents)
        }
        Err(cause) => {
            error!(folder = %folder.display(), %cause, "no agents");
            watch.tell("agents", DependencyState::Down, "not_opened");
            None
        }
    }
}
