//! What `inflight bench` understands.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// How far drawn aircraft are from where they truly were, between the polls of a recording
    Motion(BenchMotionArgs),
    /// Bytes that an aircraft's update costs a client in step, beside other ways to send it
    Wire(BenchWireArgs),
    /// Time from a poll to its delta, and memory, with so many aircraft that all change
    Engine(BenchEngineArgs),
    /// What the detectors of disruptions find on a recording, and how right that is where labels tell
    Disruptions(BenchDisruptionsArgs),
    /// Serve one publisher's messages to many subscribers through the product's sockets, for a load generator
    Fanout(BenchFanoutArgs),
    /// Answer each message with itself through the product's sockets, for suites that check WebSocket
    Echo(BenchEchoArgs),
    /// Time until a newcomer has a large table, and what others notice of that
    Snapshot(BenchSnapshotArgs),
    /// How good the search of decisions is on a labelled set, beside what LIKE finds
    Search(BenchSearchArgs),
    /// Memory of a connection that holds three topics and nothing to do
    Session(BenchSessionArgs),
    /// Time from an input to its recorded decision with the Local reasoner, in memory and on disk
    Decide(BenchDecideArgs),
}

/// Arguments of `bench decide`.
#[derive(Debug, Args)]
pub struct BenchDecideArgs {
    /// How many inputs, one after the other and then at once
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub runs: u32,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench snapshot`.
#[derive(Debug, Args)]
pub struct BenchSnapshotArgs {
    /// How many aircraft
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub aircraft: u32,
    /// Seconds without newcomers, and then as many with them
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench search`.
#[derive(Debug, Args)]
pub struct BenchSearchArgs {
    /// Folder of the labelled set
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/search")]
    pub folder: PathBuf,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench session`.
#[derive(Debug, Args)]
pub struct BenchSessionArgs {
    /// How many connections
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub clients: u32,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench fanout`.
#[derive(Debug, Args)]
pub struct BenchFanoutArgs {
    /// Port on 127.0.0.1, 0 takes a free one; /pub takes messages, /sub gives them
    #[arg(long, value_name = "PORT", default_value_t = 9010)]
    pub port: u16,
}

/// Arguments of `bench echo`.
#[derive(Debug, Args)]
pub struct BenchEchoArgs {
    /// Port on 127.0.0.1, 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 9011)]
    pub port: u16,
}

/// Arguments of `bench disruptions`.
#[derive(Debug, Args)]
pub struct BenchDisruptionsArgs {
    /// The recording; `cargo xtask fixture --scene disruptions` writes one with labels
    pub recording: PathBuf,
    /// What truly happened, as `cargo xtask fixture` writes it beside a recording
    #[arg(long, value_name = "JSON")]
    pub labels: Option<PathBuf>,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench wire`.
#[derive(Debug, Args)]
pub struct BenchWireArgs {
    /// Recordings; several are pooled by update
    #[arg(required = true)]
    pub recordings: Vec<PathBuf>,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench engine`.
#[derive(Debug, Args)]
pub struct BenchEngineArgs {
    /// How many aircraft
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub aircraft: u32,
    /// Polls that are timed, after some that are not
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub polls: u32,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench motion`.
#[derive(Debug, Args)]
pub struct BenchMotionArgs {
    /// The recording: envelopes, answers of any source or SBS messages, one per line, plain or .gz
    pub recording: PathBuf,
    /// Where the aircraft truly were: CSV, plain or .gz, with the columns icao24, time_position, lat, lon and
    /// baro_altitude_m [default: what the later polls of the recording say]
    #[arg(long, value_name = "CSV")]
    pub truth: Option<PathBuf>,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}
