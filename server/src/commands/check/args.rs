//! The words of `inflight check`: which fault, for how long, with how many clients.

use clap::{Args, Subcommand};

/// A promise of the delivery and the faults that it is held against.
#[derive(Clone, Debug, Subcommand)]
pub enum CheckCommand {
    /// Clients come back within the horizon, beyond it, and after a restart; each gets what it lacks and no more
    Resume(CheckArgs),
    /// The server is killed every few seconds; tables and entries are those of a model that never failed
    Kill(CheckArgs),
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
