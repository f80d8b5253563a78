//! The six programs that run in a browser: compiled by cargo, bound by wasm-bindgen.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::fresh;
use crate::needs::WASM_TARGET;
use crate::prune::prune;
use crate::shell::{cargo, run, step, target_dir};

/// The profile that all of them are built with.
pub const PROFILE: &str = "wasm-release";

/// Lets the script of a worker load its own program: a page only names the file.
const WORKER_START: &str = include_str!("worker_start.js");

/// One program of `frontend/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Hydrates the pages of the server, but for the System and Agents desks.
    Page,
    /// Hydrates the System desk, which would take too much of the budget of the others.
    System,
    /// Hydrates the Agents desk.
    Agents,
    /// The engine in a Web Worker.
    Worker,
    /// The disruption watcher in another one, for the demo alone.
    Watcher,
    /// The static demo.
    Demo,
    /// Frozen runs done again; only tests load it.
    Corpus,
}

/// What a browser loads of one program.
pub struct Bound {
    /// The JavaScript that loads it.
    pub js: Vec<u8>,
    /// The program.
    pub wasm: Vec<u8>,
}

impl Entry {
    /// All that are downloaded.
    pub const ALL: [Self; 6] =
        [Self::Page, Self::System, Self::Agents, Self::Worker, Self::Watcher, Self::Demo];

    /// Those that the demo consists of.
    pub const OF_DEMO: [Self; 3] = [Self::Demo, Self::Worker, Self::Watcher];

    /// Its package in the workspace.
    pub fn package(self) -> &'static str {
        match self {
            Self::Page => "inflight-hydrate",
            Self::System => "inflight-system",
            Self::Agents => "inflight-agents-desk",
            Self::Worker => "inflight-worker",
            Self::Watcher | Self::Corpus => "inflight-watcher",
            Self::Demo => "inflight-demo",
        }
    }

    /// The stem of its files.
    pub fn out_name(self) -> &'static str {
        match self {
            Self::Page | Self::Demo => "inflight",
            Self::System => "system",
            Self::Agents => "agents",
            Self::Worker => "worker",
            Self::Watcher => "watcher",
            Self::Corpus => "corpus",
        }
    }

    fn artifact(self) -> PathBuf {
        let file = match self {
            Self::Page => "inflight_hydrate.wasm",
            Self::System => "inflight_system.wasm",
            Self::Agents => "inflight_agents_desk.wasm",
            Self::Worker => "inflight_worker.wasm",
            Self::Watcher => "inflight_watcher.wasm",
            Self::Demo => "inflight.wasm",
            Self::Corpus => "examples/corpus.wasm",
        };
        target_dir().join(WASM_TARGET).join(PROFILE).join(file)
    }
}

/// Compiles programs. The worker belongs to every call, and `ui` switches on what any of them needs of a shared crate:
/// so cargo resolves the same features each time, and compiles each dependency once. The watcher is compiled apart:
/// agents keep floats to the last bit where they read JSON, which would cost the worker 8 KB that it has no use for.
///
/// # Errors
/// When cargo fails.
pub fn compile(entries: &[Entry]) -> Result<()> {
    let (apart, together): (Vec<Entry>, Vec<Entry>) =
        entries.iter().partition(|entry| entry.package() == Entry::Watcher.package());
    [together, apart].iter().filter(|entries| !entries.is_empty()).try_for_each(|entries| call(entries))
}

fn call(entries: &[Entry]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--profile", PROFILE, "--target", WASM_TARGET]);
    for entry in entries {
        build.args(["--package", entry.package()]);
        if *entry == Entry::Corpus {
            build.args(["--example", entry.out_name()]);
        }
    }
    run(&mut build)
}

/// Where the files of a bound program lie.
pub fn bound_dir(entry: Entry) -> PathBuf {
    let name = if entry == Entry::Corpus { entry.out_name() } else { entry.package() };
    target_dir().join("xtask").join(name)
}

/// The files of a compiled program, bound anew when the program changed.
///
/// wasm-opt is left out on purpose: over what rustc writes with `opt-level = "z"` it takes 17 % off the raw size and
/// puts 3 % onto what is downloaded.
///
/// # Errors
/// When wasm-bindgen fails.
pub fn bind(entry: Entry) -> Result<Bound> {
    let compiled = fresh::read(&entry.artifact())?;
    // The number changes with the options below.
    let wanted = format!("{} 9", fresh::fingerprint(&compiled));
    let folder = bound_dir(entry);
    let stamp = folder.join("stamp");
    if fs::read_to_string(&stamp).unwrap_or_default() != wanted {
        step(&format!("bind {}", entry.out_name()), || {
            let compiled = prune(&compiled)?;
            let mut bindgen = Bindgen::new();
            bindgen.input_bytes(entry.out_name(), compiled).web(true)?.typescript(false);
            // The worker looks for its program beside itself.
            bindgen.omit_default_module_path(false);
            bindgen.remove_name_section(true).remove_producers_section(true);
            bindgen.generate(&folder)
        })?;
        fresh::write(&stamp, wanted.as_bytes())?;
    }
    if folder.join("snippets").exists() {
        bail!("{} brings JavaScript snippets, which the site does not carry", entry.package());
    }
    let read = |suffix: &str| fresh::read(&folder.join(format!("{}{suffix}", entry.out_name())));
    let mut bound = Bound { js: read(".js")?, wasm: read("_bg.wasm")? };
    if matches!(entry, Entry::Worker | Entry::Watcher) {
        bound.js.extend_from_slice(WORKER_START.as_bytes());
    }
    Ok(bound)
}
