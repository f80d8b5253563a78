//! `inflight dev`: what only those need who work on the program.

pub mod ask;
pub mod realtime;

use crate::exit::AppError;
use clap::{Args, Subcommand};
use core::time::Duration;
use realtime::Manner;

/// What there is for them.
#[derive(Debug, Subcommand)]
pub enum DevCommand {
    /// Stand in for the OpenAI Realtime API: it echoes, calls the first tool it is given, and fills in schemas
    Realtime(RealtimeArgs),
    /// Ask whoever answers for agents with these settings one question, and show the answer while it comes
    Ask(ask::AskArgs),
}

/// Arguments of `dev realtime`.
#[derive(Debug, Args)]
pub struct RealtimeArgs {
    /// Port to listen on, 0 takes a free one
    #[arg(long, default_value_t = 4990)]
    pub port: u16,
    /// Milliseconds between two words
    #[arg(long, value_name = "MS", default_value_t = 20)]
    pub word_ms: u64,
    /// Seconds that a session lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub lasts: u32,
}

/// Runs one of them until it is interrupted.
///
/// # Errors
/// The port is taken, the settings are wrong, or nobody answers.
pub async fn run(command: &DevCommand) -> Result<(), AppError> {
    match command {
        DevCommand::Realtime(args) => stand_in(args).await,
        DevCommand::Ask(args) => ask::run(args).await,
    }
}

async fn stand_in(args: &RealtimeArgs) -> Result<(), AppError> {
    let manner = Manner {
        word_pause: Duration::from_millis(args.word_ms),
        lasts: Duration::from_secs(args.lasts.into()),
        ..Manner::default()
    };
    let failed = |cause| AppError::Listen { host: "127.0.0.1".to_owned(), port: args.port, cause };
    let stand_in = realtime::start(args.port, manner).await.map_err(failed)?;
    println!("ws://{}/v1/realtime", stand_in.address);
    // Fails only where the system has no signals; then nothing could end it either.
    drop(tokio::signal::ctrl_c().await);
    Ok(())
}
