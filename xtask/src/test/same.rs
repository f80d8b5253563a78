//! Engine and agents give the same natively and in Wasm, to the last bit: one replay on both sides, one hash.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::browser::server;
use crate::shell::{e2e_dir, root, run as run_command, say, site_dir};
use crate::wasm::{self, Entry};
use crate::{fresh, needs};

/// Replays each recording on both sides and compares.
///
/// # Errors
/// When a replay fails or two hashes differ.
pub fn run() -> Result<()> {
    needs::node_packages()?;
    let files = recordings();
    if files.is_empty() {
        bail!("there is no recording to replay");
    }
    let mut script = Command::new("node");
    script.current_dir(root()).arg(e2e_dir().join("hash.mjs"));
    script.arg(site_dir().join("pkg")).arg(server()?).args(files);
    run_command(&mut script).and(runs())
}

/// Does the frozen runs of agents again in Wasm; natively a unit test does, to the same last hash.
fn runs() -> Result<()> {
    wasm::compile(&[Entry::Corpus])?;
    wasm::bind(Entry::Corpus)?;
    let mut script = Command::new("node");
    script.current_dir(root()).arg(e2e_dir().join("runs.mjs"));
    let is_run = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "jsonl");
    script.arg(wasm::bound_dir(Entry::Corpus));
    script.args(fresh::files_below(&root().join("fixtures/runs")).into_iter().filter(is_run));
    run_command(&mut script)
}

/// The bundled recording, and those beside the project when they are there.
fn recordings() -> Vec<PathBuf> {
    let beside = root().join("../shared/data/flight");
    if !beside.is_dir() {
        say("same", &format!("{} is absent: only the bundled recording is replayed", beside.display()));
    }
    let is_recording = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")
    };
    let bundled =
        [root().join("fixtures/opensky_nyc_sample.jsonl")].into_iter().filter(|path| path.is_file());
    bundled.chain(fresh::files_below(&beside).into_iter().filter(is_recording)).collect()
}
