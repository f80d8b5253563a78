//! `cargo xtask serve`: from a clean clone to a running server in one command.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::needs;
use crate::shell::{cargo, root, run as run_command, say, site_dir, step, target_dir};
use crate::site;
use crate::wasm::{self, Entry};

/// Builds everything that changed and becomes the server.
///
/// # Errors
/// When a part does not build, or the server cannot be started.
pub fn run(arguments: &[String]) -> Result<()> {
    step("client", build_client)?;
    let server = step("server", build_server)?;
    let passed = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    let mut command = Command::new(server);
    command.current_dir(root()).arg("serve").args(passed).env("LEPTOS_SITE_ROOT", site_dir());
    say("start", "inflight serve");
    become_command(&mut command)
}

/// The optimised server.
///
/// # Errors
/// When cargo fails.
pub fn build_server() -> Result<PathBuf> {
    run_command(cargo().args(["build", "--release", "--package", "inflight-server"]))?;
    Ok(target_dir().join("release").join(format!("inflight{}", std::env::consts::EXE_SUFFIX)))
}

/// The site of the server.
///
/// # Errors
/// When a part does not build.
pub fn build_client() -> Result<()> {
    needs::wasm_target()?;
    wasm::compile(&[Entry::Page, Entry::System, Entry::Agents, Entry::Worker])?;
    site::assemble()
}

/// Replaces this process, so that signals reach the server itself.
#[cfg(unix)]
fn become_command(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("could not start the server")
}

#[cfg(not(unix))]
fn become_command(command: &mut Command) -> Result<()> {
    run_command(command).context("the server")
}
