//! The folder that the server serves: `public/`, the style sheet and the programs, each with its brotli sibling.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::fresh;
use crate::shell::{root, site_dir, step};
use crate::style;
use crate::wasm::{self, Entry};

/// Files of these kinds gain from compression; pictures and fonts are compressed already.
const SQUEEZED: [&str; 11] =
    ["bin", "css", "html", "js", "json", "jsonl", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Below this a sibling costs more than it saves.
const SQUEEZED_MIN_BYTES: u64 = 1024;

/// Brings the server's site up to date with compiled programs and sources.
///
/// # Errors
/// When a part cannot be made or written.
pub fn assemble() -> Result<()> {
    let site = site_dir();
    let mut made = copy_public(&site)?;
    let page = wasm::bind(Entry::Page)?;
    let system = wasm::bind(Entry::System)?;
    let agents = wasm::bind(Entry::Agents)?;
    let worker = wasm::bind(Entry::Worker)?;
    let css = style::bundle()?;
    let package: [(&str, &[u8]); 9] = [
        ("inflight.js", &page.js),
        // cargo-leptos drops the `_bg`, and the pages ask for the name that it gives.
        ("inflight.wasm", &page.wasm),
        ("inflight.css", css.as_bytes()),
        ("system.js", &system.js),
        ("system.wasm", &system.wasm),
        ("agents.js", &agents.js),
        ("agents.wasm", &agents.wasm),
        ("worker.js", &worker.js),
        ("worker_bg.wasm", &worker.wasm),
    ];
    for (name, bytes) in package {
        let path = site.join("pkg").join(name);
        fresh::write(&path, bytes)?;
        made.insert(path);
    }
    remove_strays(&site, &made)?;
    squeeze(&site)
}

/// `cargo xtask programs`: what cargo-leptos does not build, into the site that it serves while it watches.
///
/// # Errors
/// When a part does not build or cannot be written.
pub fn run_programs() -> Result<()> {
    wasm::compile(&[Entry::System, Entry::Agents, Entry::Worker])?;
    let folder = root().join("target/site-watched/pkg");
    for (entry, name) in [(Entry::System, "system"), (Entry::Agents, "agents")] {
        let bound = wasm::bind(entry)?;
        fresh::write(&folder.join(format!("{name}.js")), &bound.js)?;
        fresh::write(&folder.join(format!("{name}.wasm")), &bound.wasm)?;
    }
    let worker = wasm::bind(Entry::Worker)?;
    fresh::write(&folder.join("worker.js"), &worker.js)?;
    fresh::write(&folder.join("worker_bg.wasm"), &worker.wasm)
}

/// Copies `public/` into a folder and returns the paths that it wrote.
///
/// # Errors
/// When a file cannot be copied.
pub fn copy_public(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let public = root().join("public");
    let mut made = BTreeSet::new();
    // A README tells where the files beside it come from, to who reads the source.
    let is_served = |path: &PathBuf| path.extension().is_none_or(|kind| kind != "md");
    for source in fresh::files_below(&public).into_iter().filter(is_served) {
        let path = folder.join(source.strip_prefix(&public)?);
        fresh::write(&path, &fresh::read(&source)?)?;
        made.insert(path);
    }
    Ok(made)
}

/// The size of these bytes as brotli's best.
///
/// # Errors
/// When the compressor fails.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters).context("brotli")?;
    Ok(out)
}

/// Writes the `.br` sibling of each file that has none or an old one.
fn squeeze(folder: &Path) -> Result<()> {
    let is_waiting = |path: &PathBuf| {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let length_bytes = fs::metadata(path).map_or(0, |data| data.len());
        SQUEEZED.contains(&kind)
            && length_bytes >= SQUEEZED_MIN_BYTES
            && !fresh::is_newer(&sibling(path), path)
    };
    let waiting: Vec<PathBuf> = fresh::files_below(folder).into_iter().filter(is_waiting).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    step("brotli", || {
        std::thread::scope(|scope| {
            let workers: Vec<_> = waiting.iter().map(|path| scope.spawn(|| squeeze_file(path))).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|_| anyhow::bail!("a thread died")))
        })
    })
}

fn squeeze_file(path: &Path) -> Result<()> {
    let small = brotli(&fresh::read(path)?)?;
    let sibling = sibling(path);
    fs::write(&sibling, small).with_context(|| format!("could not write {}", sibling.display()))
}

fn sibling(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

/// Takes away what an earlier build left behind.
fn remove_strays(site: &Path, made: &BTreeSet<PathBuf>) -> Result<()> {
    for path in fresh::files_below(site) {
        let original = if path.extension().is_some_and(|kind| kind == "br") {
            path.with_extension("")
        } else {
            path.clone()
        };
        if !made.contains(&original) {
            fs::remove_file(&path).with_context(|| format!("could not remove {}", path.display()))?;
        }
    }
    Ok(())
}
