//! `inflight bench`: what the program promises, measured; one room per promise.

pub mod decide;
mod disruptions;
pub mod echo;
pub mod engine;
pub mod fanout;
pub mod motion;
pub mod options;
pub mod search;
pub mod session;
pub mod snapshot;
pub mod wire;

use crate::exit::AppError;
use crate::http::listen;
use crate::server::prepare;
use axum::Router;
use core::time::Duration;
use options::BenchCommand;
use std::io;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// Measures and prints.
///
/// # Errors
/// What is to be measured cannot be read.
pub fn run(command: &BenchCommand) -> Result<(), AppError> {
    match command {
        BenchCommand::Motion(args) => motion::run(args),
        BenchCommand::Wire(args) => wire::run(args),
        BenchCommand::Disruptions(args) => disruptions::run(args),
        BenchCommand::Engine(args) => engine::run(args),
        BenchCommand::Fanout(args) => fanout::run(args),
        BenchCommand::Echo(args) => echo::run(args),
        BenchCommand::Snapshot(args) => runtime()?.block_on(snapshot::run(args)),
        BenchCommand::Decide(args) => decide::run(args),
        BenchCommand::Search(args) => search::run(args),
        BenchCommand::Session(args) => runtime()?.block_on(session::run(args)),
    }
}

fn runtime() -> Result<Runtime, AppError> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| AppError::Other(format!("cannot start the runtime: {error}")))
}

/// Time that headers may take.
const HEADERS: Duration = Duration::from_secs(5);

/// Serves on this machine until it is interrupted, and says where.
async fn listen_and_serve(port: u16, router: Router) -> Result<(), AppError> {
    let host = "127.0.0.1";
    let listener = TcpListener::bind((host, port)).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => AppError::PortTaken { host: host.to_owned(), port },
        _ => AppError::Listen { host: host.to_owned(), port, cause },
    })?;
    let failed = |error: io::Error| AppError::Other(error.to_string());
    println!("ws://{}", listener.local_addr().map_err(failed)?);
    let serving = listen::serve(listener, router, CancellationToken::new(), || HEADERS, prepare);
    tokio::select! {
        served = serving => served.map_err(failed),
        () = crate::shutdown::signal() => Ok(()),
    }
}
