//! `cargo xtask sums`: the sha256 of every fixture, in the form that `sha256sum -c` reads, in the folder of the fixture.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::fresh;
use crate::shell::root;

const FILE: &str = "SHA256SUMS";

/// Writes them all.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run() -> Result<()> {
    let mut sums: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in fresh::files_below(&root().join("fixtures")) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name == FILE || name == "README.md" || name.contains("manifest") {
            continue;
        }
        let digest = Sha256::digest(fresh::read(&path)?);
        let hex = digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let lines = sums.entry(path.with_file_name(FILE)).or_default();
        let _ = writeln!(lines, "{hex}  {name}");
    }
    sums.iter().try_for_each(|(path, lines)| fresh::write(path, lines.as_bytes()))
}
