//! `cargo xtask test`: every check of the project, each with its name and its seconds.

mod browser;
mod clients;
mod same;
mod sdk;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::needs::{self, WASM_TARGET};
use crate::shell::{cargo, root, run as run_command, say};
use crate::wasm::{self, Entry, PROFILE};
use crate::{demo, site, size};

/// One check: its name and what it does.
type Step = (&'static str, fn() -> Result<()>);

/// In the order that tells the most the soonest.
const STEPS: [Step; 11] = [
    ("format", format),
    ("clippy", clippy),
    ("unit", unit),
    ("wasm", build_wasm),
    ("clippy-wasm", clippy_wasm),
    ("site", build_site),
    ("size", budget),
    ("same", same::run),
    ("clients", clients::run),
    ("sdk", sdk::run),
    ("browser", browser::run),
];

/// The native half without this tool: one selection for clippy, tests and the server of the browser tests, so that cargo
/// resolves one set of features and compiles each dependency once.
pub const NATIVE: [&str; 15] = [
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "inflight-hydrate",
    "--exclude",
    "inflight-system",
    "--exclude",
    "inflight-agents-desk",
    "--exclude",
    "inflight-demo",
    "--exclude",
    "inflight-worker",
    "--exclude",
    "inflight-watcher",
];

/// Runs all steps, or those that are named, to the end even when one fails.
///
/// # Errors
/// When a step is unknown or one failed; the message names them.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--list") {
        STEPS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    if let Some(unknown) = arguments.iter().find(|argument| !STEPS.iter().any(|(name, _)| name == argument)) {
        bail!("no step is called `{unknown}`; `cargo xtask test --list` names them");
    }
    let chosen: Vec<Step> = STEPS
        .into_iter()
        .filter(|(name, _)| arguments.is_empty() || arguments.iter().any(|argument| argument == name))
        .collect();
    let started = Instant::now();
    let ended: Vec<(&str, f64, Option<String>)> = chosen.iter().map(run_step).collect();
    println!("\nsummary");
    for (name, seconds, error) in &ended {
        println!("  {name:<12} {seconds:>7.1} s  {}", error.as_deref().unwrap_or("ok"));
    }
    println!("  {:<12} {:>7.1} s", "all", started.elapsed().as_secs_f64());
    let failed: Vec<&str> =
        ended.iter().filter(|(_, _, error)| error.is_some()).map(|(name, ..)| *name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn run_step((name, work): &Step) -> (&'static str, f64, Option<String>) {
    println!("\n== {name}");
    let started = Instant::now();
    let result = work();
    let seconds = started.elapsed().as_secs_f64();
    let error = result.err().map(|error| format!("{error:#}"));
    println!("== {name}: {} in {seconds:.1} s", error.as_deref().unwrap_or("ok"));
    (name, seconds, error)
}

fn format() -> Result<()> {
    needs::rust_components()?;
    run_command(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    needs::rust_components()?;
    let deny = ["--", "-D", "warnings"];
    let check = ["clippy", "--keep-going", "--all-targets"];
    let native = run_command(cargo().args(check).args(NATIVE).args(deny));
    native.and(run_command(cargo().args(check).args(["--package", "xtask"]).args(deny)))
}

fn unit() -> Result<()> {
    if !root().join("../shared/data/flight").is_dir() {
        say(
            "unit",
            "../shared/data/flight is absent: the tests on real recordings pass without having looked",
        );
    }
    let native = run_command(cargo().args(["test", "--no-fail-fast"]).args(NATIVE));
    native.and(run_command(cargo().args(["test", "--no-fail-fast", "--package", "xtask"])))
}

fn build_wasm() -> Result<()> {
    needs::wasm_target()?;
    wasm::compile(&Entry::ALL)
}

/// In the profile of the client, so that the macros that `wasm` compiled serve here as well.
fn clippy_wasm() -> Result<()> {
    needs::rust_components()?;
    needs::wasm_target()?;
    let mut lint = cargo();
    lint.args(["clippy", "--keep-going", "--profile", PROFILE, "--target", WASM_TARGET]);
    // The crates that differ in the browser are named beside the programs, because what is not named is not linted.
    for package in Entry::ALL.map(Entry::package).into_iter().chain(["inflight-ui", "inflight-globe"]) {
        lint.args(["--package", package]);
    }
    run_command(lint.args(["--", "-D", "warnings"]))
}

fn build_site() -> Result<()> {
    site::assemble()?;
    demo::assemble()
}

fn budget() -> Result<()> {
    size::report(false)
}
