//! The clients that know the protocol only from its document, in two languages, against a running server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::browser::server;
use crate::needs;
use crate::shell::{e2e_dir, run as run_command, say, site_dir, succeeds, target_dir};

/// Runs both.
///
/// # Errors
/// When something is missing, or two tables differ.
pub fn run() -> Result<()> {
    needs::node_packages()?;
    let mut clients = Command::new("node");
    clients.current_dir(e2e_dir()).arg("harness/clients.js");
    clients.env("INFLIGHT_BIN", server()?).env("INFLIGHT_SITE", site_dir());
    let python = python().or_else(|| {
        needs::debian_packages(&["python3", "python3-venv"]).ok()?;
        python()
    });
    let Some(python) = python else {
        bail!("the Python client needs Python 3 with venv and pip: apt-get install python3 python3-venv");
    };
    clients.env("PYTHON", python);
    run_command(&mut clients)
}

/// An interpreter that has what the Python client needs: the named one, or one in an environment of its own.
fn python() -> Option<PathBuf> {
    let has_modules =
        |python: &Path| succeeds(Command::new(python).args(["-c", "import msgpack, websockets"]));
    let named = std::env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    if has_modules(&named) {
        return Some(named);
    }
    let folder = target_dir().join("xtask/python");
    let own = folder.join("bin/python");
    if !has_modules(&own) {
        say("clients", "installing the packages of the Python client");
        let requirements = e2e_dir().join("clients/requirements.txt");
        let made = succeeds(Command::new(&named).args(["-m", "venv"]).arg(&folder))
            && succeeds(Command::new(&own).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements));
        if !made || !has_modules(&own) {
            return None;
        }
    }
    Some(own)
}
