//! Settings that change without a restart: limits, features and the log's filter, all or none of them.

use crate::audit::{Audit, Entry};
use crate::auth::Auth;
use crate::exit::AppError;
use crate::settings::Settings;
use crate::settings::features::Features;
use crate::settings::origin::{Inputs, Resolved};
use crate::telemetry;
use serde::Serialize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::watch;
use tracing::{info, warn};

/// Where settings are read from anew.
pub type Source = Box<dyn Fn() -> Result<Inputs, AppError> + Send + Sync>;

/// A way to read the settings anew; clones are the same.
#[derive(Clone)]
pub struct Reload(Arc<Inner>);

struct Inner {
    source: OnceLock<Source>,
    known: Mutex<Vec<Resolved>>,
    auth: Auth,
    audit: Audit,
    features: watch::Sender<Features>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reloaded {
    /// Settings that changed and hold from now on.
    pub applied: Vec<&'static str>,
    /// Settings that changed and take a restart.
    pub needs_restart: Vec<&'static str>,
}

/// Why nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReloadError {
    /// This server was not started from settings that can be read again.
    #[error("this server was not started from settings that can be read again")]
    NoSource,
    /// They are not acceptable; every problem is named.
    #[error("{0}")]
    Bad(String),
}

/// What is applied at once.
const AT_ONCE: [&str; 7] = [
    "CONNECTIONS_MAX",
    "CONNECTIONS_PER_USER",
    "FEATURES",
    "LOG_LEVEL",
    "MESSAGES_PER_MINUTE",
    "MESSAGE_BURST",
    "SIGN_IN_SECONDS",
];

impl Reload {
    /// Settings as the server was started with.
    #[must_use]
    pub fn new(settings: &Settings, auth: Auth, audit: Audit) -> Self {
        let features = watch::Sender::new(settings.features);
        let (source, known) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Inner { source, known, auth, audit, features }))
    }

    /// Reads from `source` when asked to; the server was started with `inputs`.
    pub fn read_from(&self, inputs: &Inputs, source: Source) {
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = inputs.resolve();
        drop(self.0.source.set(source));
    }

    /// Follows what is switched on.
    #[must_use]
    pub fn features(&self) -> watch::Receiver<Features> {
        self.0.features.subscribe()
    }

    /// Reads all settings anew and applies what can be, if every one of them is acceptable.
    ///
    /// # Errors
    /// Something is not, and nothing was applied.
    pub fn run(&self, actor: &str, correlation_id: &str) -> Result<Reloaded, ReloadError> {
        let reloaded = self.apply();
        let (target, result) = match &reloaded {
            Ok(reloaded) => {
                info!(applied = ?reloaded.applied, needs_restart = ?reloaded.needs_restart, "settings read anew");
                (reloaded.applied.join(","), "done".to_owned())
            }
            Err(error) => {
                warn!(%error, "settings stay as they are");
                (String::new(), "bad_settings".to_owned())
            }
        };
        let (actor, correlation_id) = (actor.to_owned(), correlation_id.to_owned());
        self.0.audit.note(Entry { actor, action: "settings_reloaded", target, result, correlation_id });
        reloaded
    }

    fn apply(&self) -> Result<Reloaded, ReloadError> {
        let source = self.0.source.get().ok_or(ReloadError::NoSource)?;
        let inputs = source().map_err(|error| ReloadError::Bad(error.to_string()))?;
        let settings = Settings::from_inputs(&inputs).map_err(|error| ReloadError::Bad(error.to_string()))?;
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reloaded = Reloaded::default();
        for fresh in inputs.resolve() {
            let name = fresh.spec.name;
            let Some(before) = known.iter_mut().find(|before| before.spec.name == name) else { continue };
            if before.value == fresh.value {
                continue;
            }
            if AT_ONCE.contains(&name) {
                reloaded.applied.push(name);
                // What takes a restart is told each time until there was one.
                *before = fresh;
            } else {
                reloaded.needs_restart.push(name);
            }
        }
        self.0.auth.set_limits(settings.limits);
        self.0.features.send_replace(settings.features);
        telemetry::filter(&settings.log.filter);
        Ok(reloaded)
    }
}

impl core::fmt::Debug for Reload {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Reload")
    }
}
