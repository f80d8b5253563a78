//! What a chore needs on this machine: it is installed when that is possible, or named exactly when it is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::fresh;
use crate::shell::{cargo, e2e_dir, output_of, root, run, say, succeeds};

/// The target that the client is built for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Rust's standard library for the browser.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub fn wasm_target() -> Result<()> {
    let mut ask = Command::new("rustc");
    ask.current_dir(root()).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let folder = output_of(&mut ask)?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    say("target", &format!("adding {WASM_TARGET}"));
    let mut add = Command::new("rustup");
    add.current_dir(root()).args(["target", "add", WASM_TARGET]);
    run(&mut add).with_context(|| {
        format!("the Rust target {WASM_TARGET} is missing: install it, with rustup or your distribution")
    })
}

/// `cargo fmt` and `cargo clippy`.
///
/// # Errors
/// When one is missing and rustup cannot add it.
pub fn rust_components() -> Result<()> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(subcommand, _)| !succeeds(cargo().args([subcommand, "--version"])))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say("components", &format!("adding {}", missing.join(", ")));
    let mut add = Command::new("rustup");
    add.current_dir(root()).args(["component", "add"]).args(&missing);
    run(&mut add).with_context(|| format!("install {} for this Rust", missing.join(" and ")))
}

/// Node's packages for the browser tests.
///
/// # Errors
/// When Node 20 or later is missing, or npm fails.
pub fn node_packages() -> Result<()> {
    node_packages_of(&e2e_dir())
}

/// Node's packages that the lock file in a folder names.
///
/// # Errors
/// When Node 20 or later is missing, or npm fails.
pub fn node_packages_of(folder: &Path) -> Result<()> {
    let version = output_of(Command::new("node").arg("--version"))
        .context("Node 20 or later is needed: apt-get install nodejs npm, or nodejs.org")?;
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|part| part.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node 20 or later is needed, this is {}", version.trim());
    }
    let lock = fresh::read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.xtask-stamp");
    let wanted = fresh::fingerprint(&lock);
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    say("npm", &format!("installing the packages of {}", folder.display()));
    let mut install = Command::new("npm");
    install.current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run(&mut install)?;
    fresh::write(&stamp, wanted.as_bytes())
}

/// The browser that the tests drive.
///
/// # Errors
/// When there is none and it cannot be installed here.
pub fn chromium() -> Result<PathBuf> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    let packages = ["chromium", "fonts-liberation"];
    let advice =
        format!("Chromium is needed: apt-get install {}, or set CHROMIUM to its path", packages.join(" "));
    debian_packages(&packages).context(advice.clone())?;
    find_chromium().context(advice)
}

/// Installs Debian's packages.
///
/// # Errors
/// When this is not Debian's root, or apt-get fails.
pub fn debian_packages(packages: &[&str]) -> Result<()> {
    let is_root = output_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !succeeds(Command::new("apt-get").arg("--version")) {
        bail!("only root can install with apt-get, on Debian");
    }
    say("apt-get", &format!("installing {}", packages.join(" ")));
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}

fn find_chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.is_file())
}
