//! `cargo xtask dist`: a folder that runs on another machine.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::{root, say, site_dir, step, target_dir};
use crate::{fresh, serve};

/// Builds `target/dist/`: the binary `inflight`, its site, the bundled recording.
///
/// # Errors
/// When a part does not build or cannot be copied.
pub fn run() -> Result<()> {
    step("client", serve::build_client)?;
    let server = step("server", serve::build_server)?;
    let folder = target_dir().join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("could not empty {}", folder.display()))?;
    }
    copy_below(&site_dir(), &folder.join("site"))?;
    copy_below(&root().join("fixtures"), &folder.join("fixtures"))?;
    fs::copy(&server, folder.join("inflight")).context("could not copy the binary")?;
    say("dist", &format!("{}: run it there with ./inflight serve --site-root site", folder.display()));
    Ok(())
}

fn copy_below(from: &Path, to: &Path) -> Result<()> {
    for source in fresh::files_below(from) {
        fresh::write(&to.join(source.strip_prefix(from)?), &fresh::read(&source)?)?;
    }
    Ok(())
}
