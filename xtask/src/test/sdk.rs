//! The client library in TypeScript: its types, its parts, and the whole against a running server.

use std::process::Command;

use anyhow::Result;

use super::browser::server;
use crate::needs;
use crate::shell::{run as run_command, sdk_dir, site_dir};

/// Builds it and runs its tests.
///
/// # Errors
/// When something is missing, does not compile or fails.
pub fn run() -> Result<()> {
    needs::node_packages_of(&sdk_dir())?;
    let node = |words: &[&str]| {
        let mut node = Command::new("node");
        node.current_dir(sdk_dir()).args(words);
        node
    };
    // With the tests last, so that they read what was just built.
    for project in ["tsconfig.json", "tsconfig.test.json"] {
        run_command(&mut node(&["node_modules/typescript/bin/tsc", "--project", project]))?;
    }
    // By name: later versions of Node take no folder here.
    let mut tests = node(&["--test", "--test-reporter=dot", "test/parts.test.js", "test/server.test.js"]);
    run_command(tests.env("INFLIGHT_BIN", server()?).env("INFLIGHT_SITE", site_dir()))
}
