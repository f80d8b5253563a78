//! The recordings in `../shared/data/flight`, which may not be part of the project.

use flate2::read::GzDecoder;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder, none if it is absent; then this says so.
pub fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/flight");
    if folder.join("manifest.json").is_file() {
        return Some(folder);
    }
    println!("absent: {} (the recordings may not be distributed); nothing was tested", folder.display());
    None
}

/// A file of the folder, decompressed.
#[expect(clippy::disallowed_methods, reason = "the ban is for the core; a test may read its data")]
pub fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut plain = Vec::new();
    GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
    plain
}
