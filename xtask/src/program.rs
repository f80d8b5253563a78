//! The program `inflight` as a chore starts it: built first, spoken to, and ended with the chore.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::shell::{cargo, run as run_command, target_dir};

/// A program that runs; it ends when this is dropped.
pub struct Program {
    child: Child,
    first_line: String,
}

/// The binary: that of `--binary PATH`, or an optimised one that is built now.
///
/// # Errors
/// When cargo fails, or nothing follows `--binary`.
pub fn binary(arguments: &[String]) -> Result<PathBuf> {
    if let Some(at) = arguments.iter().position(|argument| argument == "--binary") {
        let path = arguments.get(at + 1).context("expected a path after --binary")?;
        return std::path::absolute(path).context("no such path");
    }
    run_command(cargo().args(["build", "--release", "--package", "inflight-server", "--bin", "inflight"]))?;
    Ok(target_dir().join("release").join(format!("inflight{}", std::env::consts::EXE_SUFFIX)))
}

impl Program {
    /// Starts the binary and waits until it has said something.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start(arguments: &[String], words: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary(arguments)?);
        let mut child =
            command.args(words).stdout(Stdio::piped()).spawn().context("cannot start inflight")?;
        let mut first_line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut first_line)?;
        }
        Ok(Self { child, first_line })
    }

    /// Where it listens, as it says in its first line.
    ///
    /// # Errors
    /// When it said something else.
    pub fn address(&self) -> Result<&str> {
        let address = self.first_line.trim();
        if !address.starts_with("ws://") {
            anyhow::bail!("inflight did not say where it listens, but {address:?}");
        }
        Ok(address)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
