//! The server looks at itself: samples every few seconds, rows of the `system` topic, alerts, the last hour.

pub mod alerts;
pub mod connection;
mod memory;
pub mod notice;
pub mod process;
pub mod roster;
mod rows;
pub mod rules;
pub mod sampler;
pub mod sent;
pub mod trend;

use crate::watch::roster::Roster;
use crate::watch::trend::Trend;
use inflight_domain::system::{AlertRow, DependencyRow, DependencyState};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is known of the server; clones know the same.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    roster: Roster,
    trend: Mutex<Trend>,
    vitals: Mutex<Vitals>,
    dependencies: Mutex<BTreeMap<String, DependencyRow>>,
}

/// How the server is, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// All is well.
    #[default]
    Healthy,
    /// It serves, and something is not as it should be.
    Degraded,
    /// Somebody must act.
    Unhealthy,
}

/// What the newest sample found.
#[derive(Clone, Debug, Default)]
pub struct Vitals {
    /// Messages to and from clients, per second.
    pub messages_per_s: f64,
    /// Errors of clients, per second.
    pub errors_per_s: f64,
    /// Processor time as a share of all cores.
    pub cpu_share: Option<f64>,
    /// Resident memory as a share of what there is.
    pub memory_share: Option<f64>,
    /// Milliseconds below which 95 of 100 ticks stayed.
    pub tick_p95_ms: Option<f64>,
    /// Alerts that stand.
    pub alerts: Vec<AlertRow>,
}

impl Health {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl Watch {
    /// Who is connected.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.0.roster
    }

    /// The last hour.
    #[must_use]
    pub fn trend(&self) -> Trend {
        locked(&self.0.trend).clone()
    }

    /// What the newest sample found.
    #[must_use]
    pub fn vitals(&self) -> Vitals {
        locked(&self.0.vitals).clone()
    }

    /// What the server needs, by name.
    #[must_use]
    pub fn dependencies(&self) -> Vec<DependencyRow> {
        locked(&self.0.dependencies).values().cloned().collect()
    }

    /// Tells how something is that the server needs; `code` is empty when all is well.
    pub fn tell(&self, name: &str, state: DependencyState, code: &str) {
        let mut dependencies = locked(&self.0.dependencies);
        if dependencies.get(name).is_none_or(|row| row.state != state || row.code != code) {
            let row = DependencyRow {
                name: name.to_owned(),
                state,
                code: code.to_owned(),
                since: crate::clock::now(),
            };
            dependencies.insert(name.to_owned(), row);
        }
    }

    /// How the server is: what is down or alarming makes it unhealthy, any other fault degraded.
    #[must_use]
    pub fn health(&self) -> Health {
        use inflight_domain::system::AlertLevel;
        let dependencies = self.dependencies();
        let worst = dependencies.iter().map(|row| match row.state {
            DependencyState::Up => Health::Healthy,
            DependencyState::Degraded => Health::Degraded,
            DependencyState::Down => Health::Unhealthy,
        });
        let alerts = self.vitals().alerts;
        let alarming = alerts.iter().map(|row| match row.level {
            AlertLevel::Info => Health::Healthy,
            AlertLevel::Attention => Health::Degraded,
            AlertLevel::Alarm => Health::Unhealthy,
        });
        worst.chain(alarming).max().unwrap_or_default()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
