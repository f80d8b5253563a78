//! Every socket, file and clock of Inflight: sources, the hub, pages, metrics and the command line.
//!
//! The engine is driven from one task ([`hub`]); everything else talks to it by messages.

pub mod agents;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod events;
pub mod exit;
pub mod history;
pub mod http;
pub mod hub;
pub mod journal;
pub mod memory;
pub mod metrics;
pub mod outgoing;
pub mod reason;
pub mod reload;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod sources;
pub mod telemetry;
pub mod watch;
pub mod ws;
