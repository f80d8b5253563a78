//! The browser tests: Playwright over the site, the demo and a server that it starts itself.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::NATIVE;
use crate::shell::{cargo, e2e_dir, run as run_command, site_dir, target_dir};
use crate::{demo, needs};

/// Runs them all, on every profile.
///
/// # Errors
/// When something is missing or a test fails.
pub fn run() -> Result<()> {
    needs::node_packages()?;
    let chromium = needs::chromium()?;
    let mut tests = Command::new("node");
    tests.current_dir(e2e_dir()).args(["node_modules/@playwright/test/cli.js", "test"]);
    tests.env("CHROMIUM", chromium);
    tests.env("INFLIGHT_BIN", server()?);
    tests.env("INFLIGHT_SITE", site_dir());
    tests.env("INFLIGHT_DEMO", demo::folder());
    run_command(&mut tests)
}

/// The server as the tests built it.
///
/// # Errors
/// When cargo fails.
pub fn server() -> Result<PathBuf> {
    run_command(cargo().arg("build").args(NATIVE).args(["--bin", "inflight"]))?;
    Ok(target_dir().join("debug").join(format!("inflight{}", std::env::consts::EXE_SUFFIX)))
}
