//! The three programs that run in a browser: compiled by cargo, bound by wasm-bindgen, shrunk by wasm-opt.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::fresh;
use crate::needs::WASM_TARGET;
use crate::shell::{cargo, e2e_dir, run, step, target_dir};

/// The profile that all of them are built with.
pub const PROFILE: &str = "wasm-release";

/// Flags that accept what rustc writes, for every wasm-opt since 108.
const WASM_OPT_FLAGS: [&str; 7] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Lets `worker.js` load its own program: a page only names the file.
const WORKER_START: &str = include_str!("worker_start.js");

/// One program of `frontend/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Hydrates the pages of the server.
    Page,
    /// The engine in a Web Worker.
    Worker,
    /// The static demo.
    Demo,
}

/// What a browser loads of one program.
pub struct Bound {
    /// The JavaScript that loads it.
    pub js: Vec<u8>,
    /// The program.
    pub wasm: Vec<u8>,
}

impl Entry {
    /// Its package in the workspace.
    pub fn package(self) -> &'static str {
        match self {
            Self::Page => "inflight-hydrate",
            Self::Worker => "inflight-worker",
            Self::Demo => "inflight-demo",
        }
    }

    /// The stem of its files.
    pub fn out_name(self) -> &'static str {
        match self {
            Self::Page | Self::Demo => "inflight",
            Self::Worker => "worker",
        }
    }

    fn artifact(self) -> PathBuf {
        let file = match self {
            Self::Page => "inflight_hydrate.wasm",
            Self::Worker => "inflight_worker.wasm",
            Self::Demo => "inflight.wasm",
        };
        target_dir().join(WASM_TARGET).join(PROFILE).join(file)
    }

    fn bound_dir(self) -> PathBuf {
        target_dir().join("xtask").join(self.package())
    }
}

/// Compiles programs in one call of cargo. The worker belongs to every call, and `ui` switches on what any of them
/// needs of a shared crate: so cargo resolves the same features each time, and compiles each dependency once.
///
/// # Errors
/// When cargo fails.
pub fn compile(entries: &[Entry]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--profile", PROFILE, "--target", WASM_TARGET]);
    for entry in entries {
        build.args(["--package", entry.package()]);
    }
    run(&mut build)
}

/// The files of a compiled program. With `shrink`, wasm-opt has been over it; without, that is left as it was last time.
///
/// # Errors
/// When wasm-bindgen or wasm-opt fails.
pub fn bind(entry: Entry, shrink: bool) -> Result<Bound> {
    let compiled = fresh::read(&entry.artifact())?;
    let plain = fresh::fingerprint(&compiled);
    let shrunk = format!("{plain} shrunk");
    let folder = entry.bound_dir();
    let stamp = folder.join("stamp");
    let js = folder.join(format!("{}.js", entry.out_name()));
    let wasm = folder.join(format!("{}_bg.wasm", entry.out_name()));
    let have = fs::read_to_string(&stamp).unwrap_or_default();
    let is_there = js.is_file() && wasm.is_file();
    if !is_there || (have != plain && have != shrunk) {
        step(&format!("bind {}", entry.out_name()), || {
            let mut bindgen = Bindgen::new();
            bindgen.input_bytes(entry.out_name(), compiled).web(true)?.typescript(false);
            bindgen.remove_name_section(true).remove_producers_section(true);
            bindgen.generate(&folder)
        })?;
        fresh::write(&stamp, plain.as_bytes())?;
    }
    if shrink && fs::read_to_string(&stamp).unwrap_or_default() != shrunk {
        step(&format!("shrink {}", entry.out_name()), || shrink_file(&wasm))?;
        fresh::write(&stamp, shrunk.as_bytes())?;
    }
    if folder.join("snippets").exists() {
        bail!("{} brings JavaScript snippets, which the site does not carry", entry.package());
    }
    let mut bound = Bound { js: fresh::read(&js)?, wasm: fresh::read(&wasm)? };
    if entry == Entry::Worker {
        bound.js.extend_from_slice(WORKER_START.as_bytes());
    }
    Ok(bound)
}

fn shrink_file(wasm: &PathBuf) -> Result<()> {
    let small = wasm.with_extension("small");
    let mut tool = Command::new("node");
    tool.arg(e2e_dir().join("node_modules/binaryen/bin/wasm-opt")).args(WASM_OPT_FLAGS);
    tool.arg(wasm).arg("-o").arg(&small);
    run(&mut tool)?;
    fs::rename(&small, wasm).with_context(|| format!("could not replace {}", wasm.display()))
}
