//! The one port: pages, static files, WebSockets, health, metrics and the plain interface.

pub mod api;
pub mod assets;
pub mod audit;
pub mod body;
pub mod entrance;
pub mod error;
pub mod headers;
pub mod health;
pub mod history;
pub mod listen;
pub mod me;
pub mod origin;
pub mod pages;
pub mod publish;
pub mod router;
pub mod sign_in;
pub mod sse;
pub mod switches;
pub mod system;
pub mod tickets;
pub mod upgrade;

use crate::agents::service::Agents;
use crate::audit::Audit;
use crate::auth::Auth;
use crate::history::History;
use crate::hub::HubHandle;
use crate::metrics::Metrics;
use crate::reload::Reload;
use crate::watch::Watch;
use leptos::config::LeptosOptions;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    /// The way to the engine.
    pub hub: HubHandle,
    /// What was observed.
    pub history: History,
    /// Who may do what.
    pub auth: Auth,
    /// All metrics.
    pub metrics: Metrics,
    /// Who did what.
    pub audit: Audit,
    /// The way to read settings anew.
    pub reload: Reload,
    /// The agents; none if their store could not be opened.
    pub agents: Option<Agents>,
    /// What the server knows of itself.
    pub watch: Watch,
    /// Ends every connection.
    pub stop: CancellationToken,
    /// Connections that still run.
    pub connections: TaskTracker,
    /// Origins of other pages that may connect.
    pub allowed_origins: Arc<[String]>,
    /// Whether only this machine reaches the listener.
    pub loopback: bool,
    /// Folder of the built client.
    pub site_root: Arc<PathBuf>,
    /// What the pages need to know.
    pub leptos: LeptosOptions,
}
