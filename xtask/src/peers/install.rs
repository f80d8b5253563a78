//! Installs peers into the cache of the user: nothing of theirs stands in the project or starts by itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::peer::{From, Peer, Place};
use crate::shell::{output_of, run as run_command, say};

/// Brings what a peer needs, if it is not there.
///
/// # Errors
/// When it cannot be had here.
pub fn install(peer: &Peer, place: &Place) -> Result<()> {
    match peer.from {
        From::Here => Ok(()),
        From::Npm(package) => node(package, place),
        From::Apt(packages) => debian(packages, &place.cache.join("debian")),
    }
}

fn node(package: &str, place: &Place) -> Result<()> {
    let folder = place.cache.join("node");
    let name = package.split('@').next().unwrap_or(package);
    fs::create_dir_all(&folder)?;
    // Node looks for packages beside the script that asks for them.
    for entry in fs::read_dir(place.bench.join("servers"))?.flatten() {
        fs::write(folder.join(entry.file_name()), fs::read(entry.path())?)?;
    }
    if folder.join("node_modules").join(name).is_dir() {
        return Ok(());
    }
    say("peers", &format!("npm installs {package}"));
    fs::write(folder.join("package.json"), "{\"type\":\"module\",\"private\":true}\n")?;
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]);
    // What is not saved is pruned by the next install, so that all are named each time.
    run_command(npm.args(["bun@1", "ws@8", "socket.io@4", "bufferutil@4"]))
        .context("npm could not install it")
}

fn debian(packages: &[&str], folder: &Path) -> Result<()> {
    for package in packages {
        let mark = folder.join(format!(".{package}"));
        if mark.is_file() {
            continue;
        }
        let downloads = folder.join("downloads");
        fs::create_dir_all(&downloads)?;
        say("peers", &format!("apt-get downloads {package}"));
        let mut download = Command::new("apt-get");
        output_of(download.current_dir(&downloads).args(["download", package]))
            .context("apt-get could not download it")?;
        let file = fs::read_dir(&downloads)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().contains(&format!("/{package}_")));
        let Some(file) = file else { bail!("apt-get left no file of {package}") };
        run_command(Command::new("dpkg").arg("-x").arg(file).arg(folder))?;
        fs::write(mark, "")?;
    }
    Ok(())
}
