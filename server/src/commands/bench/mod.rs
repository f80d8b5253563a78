//! `inflight bench`: what the program promises, measured; one room per promise.

pub mod disruptions;
pub mod engine;
pub mod motion;
pub mod wire;

use crate::cli::BenchCommand;
use crate::exit::AppError;

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
    }
}
