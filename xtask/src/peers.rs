//! `cargo xtask peers`: the fan-out of ours and of others in one run, on this machine, and the ratios.
//!
//! The load generator and the servers of the peers stand in a folder of their own (`fanbench.rs`, `servers/`).

mod install;
mod peer;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::program;
use crate::shell::{cache_dir, output_of, root, say, step};
use peer::{PEERS, Peer};
use table::Run;

/// What is measured, in the words of the load generator.
const KINDS: [(&str, &[&str]); 3] = [
    ("saturation", &["--n", "1000", "--size", "1024", "--window", "8", "--secs", "4"]),
    ("paced 5 Hz", &["--n", "1000", "--size", "1024", "--rate", "5", "--secs", "8"]),
    ("20 of 70 stalled", &["--n", "50", "--size", "16384", "--rate", "100", "--stall", "20", "--secs", "13"]),
];

const USAGE: &str = "\
cargo xtask peers [--bench FOLDER] [--binary PATH] [--rounds N] [--only NAME,NAME]

Runs the fan-out benchmark against `inflight bench fanout`, Bun, ws, Socket.IO, Nchan and NATS in turn and prints
medians and ratios. FOLDER holds fanbench.rs and servers/ (default ../shared/bench/realtime). What npm and apt-get
can give is installed into the user's cache; what cannot be had is left out and named.
";

/// Runs all that can be had.
///
/// # Errors
/// When the folder is absent, or ours does not run.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{USAGE}");
        return Ok(());
    }
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let bench = option("--bench").map_or_else(|| root().join("../shared/bench/realtime"), PathBuf::from);
    let rounds: usize = option("--rounds").unwrap_or_else(|| "3".to_owned()).parse().context("--rounds")?;
    let only = option("--only");
    let cache = cache_dir()?.join("peers");
    let generator = generator(&bench, &cache)?;
    let place = peer::Place { bench, cache, ours: program::binary(arguments)? };
    let chosen =
        |peer: &&Peer| only.as_ref().is_none_or(|only| only.split(',').any(|name| name == peer.name));
    let mut runs: Vec<Run> = Vec::new();
    for peer in PEERS.iter().filter(chosen) {
        if let Err(problem) = install::install(peer, &place) {
            say("peers", &format!("{} is left out: {problem:#}", peer.name));
            continue;
        }
        for (kind, words) in KINDS {
            for _ in 0..rounds {
                match measure(peer, &place, &generator, words) {
                    Ok(line) => {
                        println!("{line}");
                        runs.extend(Run::read(peer.name, kind, &line));
                    }
                    Err(problem) => say("peers", &format!("{}, {kind}: {problem:#}", peer.name)),
                }
            }
        }
    }
    if !runs.iter().any(|run| run.peer == PEERS[0].name) && only.is_none() {
        bail!("ours was not measured");
    }
    print!("{}", table::table(&runs, &KINDS.map(|(kind, _)| kind)));
    Ok(())
}

/// Compiles the load generator where that was not done.
fn generator(bench: &Path, cache: &Path) -> Result<PathBuf> {
    let source = bench.join("fanbench.rs");
    if !source.is_file() {
        bail!("{} is absent: say with --bench where the load generator is", source.display());
    }
    let program = cache.join("fanbench");
    std::fs::create_dir_all(cache)?;
    step("fanbench", || {
        let mut compile = Command::new("rustc");
        output_of(compile.args(["-O", "--edition", "2021"]).arg(&source).arg("-o").arg(&program))
    })?;
    Ok(program)
}

fn measure(peer: &Peer, place: &peer::Place, generator: &Path, words: &[&str]) -> Result<String> {
    let server = peer.start(place)?;
    // So that what it does at its start is over.
    sleep(Duration::from_millis(700));
    let mut bench = Command::new(generator);
    bench.args(["--label", peer.name, "--port", &peer.port.to_string(), "--mode", peer.mode]);
    Ok(output_of(bench.args(words).args(["--pid", &server.pids()]))?.trim().to_owned())
}
