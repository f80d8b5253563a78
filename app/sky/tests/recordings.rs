//! Every recording of the data folder gives the counts of its manifest.

mod common;

use inflight_sky::{Recording, Tracker};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn counts_are_those_of_the_manifest() {
    let Some(folder) = common::folder() else { return };
    let text = common::read(&folder.join("manifest.json"));
    let manifest: BTreeMap<String, Value> = serde_json::from_slice(&text).unwrap();
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(stem) = name.strip_suffix(".states.jsonl.gz").or(name.strip_suffix(".envelopes.jsonl.gz"))
        else {
            continue;
        };
        let recording = Recording::open(common::read(&path)).unwrap();
        check(&name, &recording, counts_of(&manifest, stem));
        checked += 1;
    }
    println!("{checked} recordings agree with their manifest");
    assert!(checked >= 13, "only {checked} recordings found");
}

fn check(name: &str, recording: &Recording, expected: [u64; 3]) {
    let totals = recording.totals();
    assert_eq!([totals.polls, totals.observations, totals.aircraft_seen], expected, "{name}");
    assert_eq!(recording.len() as u64, totals.polls, "{name}");
    let mut tracker = Tracker::default();
    let (mut entries, mut accepted) = (0, 0);
    let mut dropped: BTreeMap<&str, u64> = BTreeMap::new();
    for index in 0..recording.len() {
        let poll = recording.poll(index).unwrap();
        assert_eq!(Some(poll.time), recording.time_of(index), "{name}");
        assert_eq!(poll.entries, (poll.observations.len() + poll.dropped.len()) as u64, "{name}");
        entries += poll.entries;
        let judged = tracker.accept(0, poll.time, poll);
        accepted += judged.observations.len() as u64;
        judged.dropped.iter().for_each(|problem| *dropped.entry(problem.reason.name()).or_default() += 1);
    }
    println!("{name}: accepted {accepted} of {entries}, dropped {dropped:?}");
    assert_eq!(entries, totals.observations, "{name}");
    assert_eq!(accepted + dropped.values().sum::<u64>(), entries, "{name}");
}

/// Polls, states and aircraft of the set that a file belongs to; names of sets carry remarks after a blank.
fn counts_of(manifest: &BTreeMap<String, Value>, stem: &str) -> [u64; 3] {
    let first_word = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    let exact = manifest.iter().find(|(name, _)| first_word(name) == stem);
    let longer = || manifest.iter().find(|(name, _)| name.starts_with(stem) && name.contains("raw"));
    let (_, set) = exact.or_else(longer).unwrap_or_else(|| panic!("{stem} is not in the manifest"));
    ["polls", "states", "aircraft"].map(|key| set[key].as_u64().unwrap())
}
