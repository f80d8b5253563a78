//! The program `inflight`: reads the command line, runs one command, ends with its exit code.

use clap::Parser;
use inflight_server::cli::{Cli, Command};
use inflight_server::commands;
use inflight_server::exit::AppError;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

fn run(cli: &Cli) -> Result<(), AppError> {
    match &cli.command {
        Command::CheckConfig(args) => commands::check_config::run(args),
        Command::Record(args) => runtime()?.block_on(commands::record::run(args)),
        Command::Replay(args) => commands::replay::run(args),
        Command::Serve(args) => runtime()?.block_on(commands::serve::run(args)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| AppError::Other(format!("cannot start the runtime: {error}")))
}
