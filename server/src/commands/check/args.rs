//! The words of `inflight check`: which fault, for how long, with how many clients.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A promise of the delivery and the faults that it is held against.
#[derive(Clone, Debug, Subcommand)]
pub enum CheckCommand {
    /// Clients come back within the horizon, beyond it, and after a restart; each gets what it lacks and no more
    Resume(CheckArgs),
    /// The server is killed every few seconds; tables and entries are those of a model that never failed
    Kill(CheckArgs),
    /// A bad line of cuts, half-open connections, delays and drips for each client, each with a seed of its own
    Toxic(CheckArgs),
    /// Readers that stop, read a byte a second, or a tenth of what is sent
    Conflate(CheckArgs),
    /// All clients come back at once, after a restart that was announced and after one that was not
    Storm(CheckArgs),
    /// The server is asked to end: who is told what, and how soon it is gone
    Shutdown(CheckArgs),
    /// One client sends ten thousand messages a second while others follow
    Flood(CheckArgs),
    /// Frames that no client should send: --clients built ones, and a hundred times --rows random ones
    Frames(CheckArgs),
    /// Clients come and go, 50 a second, while memory and tasks are watched
    Soak(CheckArgs),
    /// The same over WebSocket and Server-Sent Events, both cut off again and again
    Parity(CheckArgs),
    /// A driver of agents is killed at every boundary of a run with three effects
    Decide(DecideArgs),
}

/// Arguments of `check decide`.
#[derive(Clone, Debug, Args)]
pub struct DecideArgs {
    /// Only every fourth boundary
    #[arg(long)]
    pub short: bool,
    /// The check's own child: drives the run that is kept in this folder
    #[arg(long, hide = true, requires = "hook")]
    pub child: Option<PathBuf>,
    /// Where the child calls the other system
    #[arg(long, hide = true)]
    pub hook: Option<String>,
    /// What all checks share.
    #[command(flatten)]
    pub check: CheckArgs,
}

/// What all checks share; each has its own defaults where nothing is said.
#[derive(Clone, Copy, Debug, Args)]
pub struct CheckArgs {
    /// Length of the faults in seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: Option<u32>,
    /// Clients that follow
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub clients: Option<u32>,
    /// Aircraft in the table
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub rows: Option<u32>,
    /// Number that all made-up traffic and faults follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// On a machine that is busy with other things, times may be this many times longer; counts may not
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub patience: f64,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}
