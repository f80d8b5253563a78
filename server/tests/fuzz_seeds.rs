//! The targets of `cargo xtask fuzz`, for a second each: their seeds, the golden bytes, and small changes of both.

#[path = "../fuzz/src/targets.rs"]
mod targets;

use inflight_server::ws::plain;
use inflight_server::{events, hub, journal};
use std::path::{Path, PathBuf};

/// Longer ones are left to the fuzzer.
const LONGEST: usize = 8 * 1024;

/// Changes of one seed.
const CHANGES: usize = 60;

fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = paths.iter().filter_map(|path| std::fs::read(path).ok());
    read.filter(|bytes| bytes.len() <= LONGEST).collect()
}

/// A frame behind its length, as `delta_apply` wants it.
fn behind_its_length(mut frame: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(frame.len()).unwrap().to_le_bytes();
    frame.splice(0..0, length);
    frame
}

#[test]
fn strangers_bytes_are_taken_or_turned_away() {
    let mut random = fastrand::Rng::with_seed(7);
    let golden = files("../fixtures/wire");
    assert!(golden.len() > 20);
    for (name, target) in targets::ALL {
        let own = files(&format!("fuzz/seeds/{name}"));
        let mut seeds = [own, golden.clone()].concat();
        if name == "delta_apply" {
            seeds = seeds.into_iter().map(behind_its_length).collect();
        }
        for seed in seeds {
            target(&seed);
            for _ in 0..CHANGES {
                let mut changed = seed.clone();
                for _ in 0..random.usize(1..4) {
                    match (random.u8(0..4), changed.len()) {
                        (_, 0) => changed.push(random.u8(..)),
                        (0, length) => changed.truncate(random.usize(..length)),
                        (1, length) => changed.insert(random.usize(..length), random.u8(..)),
                        (2, length) => changed[random.usize(..length)] ^= 1 << random.u8(..8),
                        (_, length) => changed[random.usize(..length)] = random.u8(..),
                    }
                }
                target(&changed);
            }
        }
    }
}
