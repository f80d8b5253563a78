//! `cargo xtask fuzz`: the targets of `server/fuzz` under libFuzzer, with nightly, one after the other.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{cache_dir, output_of, root, run as run_command, say, step};

/// What cargo-fuzz gives rustc: code that tells the fuzzer where it went, and a sanitiser of addresses.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1 --cfg fuzzing";

const USAGE: &str = "\
cargo xtask fuzz [TARGET...] [--minutes N]

Runs the named targets, or all, for N minutes each (default 10), one at a time and with the lowest priority. It needs
the nightly toolchain and a C++ compiler. What is found stays in the user's cache, and its path is printed.
";

/// Builds and runs.
///
/// # Errors
/// When nightly is missing, or a target broke.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{USAGE}");
        return Ok(());
    }
    let at = arguments.iter().position(|argument| argument == "--minutes");
    let minutes: f64 = match at {
        Some(at) => arguments.get(at + 1).and_then(|text| text.parse().ok()).context("--minutes N")?,
        None => 10.0,
    };
    let named = &arguments[..at.unwrap_or(arguments.len())];
    let folder = root().join("server/fuzz");
    let all = targets(&folder)?;
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!("no target is called {unknown}; there are {}", all.join(", "));
    }
    let cache = cache_dir()?.join("fuzz");
    let programs = build(&folder, &cache)?;
    let chosen: Vec<&String> = if named.is_empty() { all.iter().collect() } else { named.iter().collect() };
    let mut broken = Vec::new();
    for name in chosen {
        if let Err(problem) = fuzz(name, &folder, &programs, &cache, minutes) {
            say("fuzz", &format!("{name}: {problem:#}"));
            broken.push(name.as_str());
        }
    }
    if !broken.is_empty() {
        bail!("broken: {}; what broke them is in {}", broken.join(", "), cache.display());
    }
    Ok(())
}

fn targets(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder.join("fuzz_targets"))?.flatten();
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter_map(|entry| stem(entry.path())).collect();
    names.sort();
    Ok(names)
}

/// Builds all targets; the programs' folder.
fn build(folder: &Path, cache: &Path) -> Result<PathBuf> {
    let host = output_of(Command::new("rustc").arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let built = cache.join("target");
    step("fuzz build", || {
        let mut build = Command::new("rustup");
        build.env("RUSTFLAGS", FLAGS).current_dir(folder);
        build.args(["run", "nightly", "cargo", "build", "--release", "--bins", "--features", "libfuzzer"]);
        run_command(build.args(["--target", host, "--target-dir"]).arg(&built))
            .context("this needs `rustup toolchain install nightly` and a C++ compiler")
    })?;
    Ok(built.join(host).join("release"))
}

fn fuzz(name: &str, folder: &Path, programs: &Path, cache: &Path, minutes: f64) -> Result<()> {
    let (corpus, found) = (cache.join("corpus").join(name), cache.join("found").join(name));
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&found)?;
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(programs.join(name)).arg(&corpus);
    let seeds = [folder.join("seeds").join(name), root().join("fixtures/wire")];
    command.args(seeds.iter().filter(|seeds| seeds.is_dir()));
    command.arg(format!("-max_total_time={:.0}", minutes * 60.0));
    command.arg(format!("-artifact_prefix={}/", found.display()));
    command.args(["-print_final_stats=1", "-rss_limit_mb=1024", "-timeout=60"]);
    let output = command.output().context("cannot start the target")?;
    let words = String::from_utf8_lossy(&output.stderr);
    let figure = |label: &str| {
        words.lines().find_map(|line| line.strip_prefix(label)).map_or("?", str::trim).to_owned()
    };
    let runs = figure("stat::number_of_executed_units:");
    // Each line of progress tells how many edges of the code were reached so far.
    let reached = words.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next());
    println!(
        "{name:<16} {minutes} min, {runs} runs, {} edges: {}",
        reached.unwrap_or("?"),
        if output.status.success() { "ok" } else { "BROKEN" }
    );
    if !output.status.success() {
        let last: Vec<&str> = words.lines().rev().take(40).collect();
        bail!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}
