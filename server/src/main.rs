//! The program `inflight`: reads the command line, runs one command, ends with its exit code.

use clap::Parser;
use inflight_server::cli::{Cli, Command};
use inflight_server::commands;
use inflight_server::commands::bench::options::BenchCommand;
use inflight_server::exit::AppError;
use inflight_server::memory;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse_from(words());
    if matches!(cli.command, Command::Serve(_) | Command::Bench(BenchCommand::Fanout(_))) {
        memory::share_one_pool();
    }
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

fn run(cli: &Cli) -> Result<(), AppError> {
    match &cli.command {
        Command::Audit(command) => commands::audit::run(command),
        Command::Bench(command) => commands::bench::run(command),
        Command::Check(command) => runtime()?.block_on(commands::check::run(command)),
        Command::CheckConfig(args) => commands::check_config::run(args),
        Command::Dev(command) => runtime()?.block_on(commands::dev::run(command)),
        Command::Keys(args) => commands::keys::run(args),
        Command::Record(args) => runtime()?.block_on(commands::record::run(args)),
        Command::Replay(args) => commands::replay::run(args),
        Command::Serve(args) => runtime()?.block_on(commands::serve::run(args)),
    }
}

/// The words of the command line. cargo-leptos starts a program without any, and means that it serves.
fn words() -> Vec<OsString> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if words.len() == 1 && std::env::var_os("LEPTOS_SITE_ADDR").is_some() {
        words.push("serve".into());
    }
    words
}

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| AppError::Other(format!("cannot start the runtime: {error}")))
}
