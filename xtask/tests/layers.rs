//! The arrows between the crates, and what each crate must say about itself, over `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who may use whom. A crate that is not named here has no place in the house yet.
const ARROWS: [(&str, &[&str]); 15] = [
    ("inflight-domain", &[]),
    ("inflight-wire", &["inflight-domain"]),
    ("inflight-sky", &["inflight-domain"]),
    ("inflight-agents", &["inflight-domain", "inflight-sky"]),
    ("inflight-engine", &["inflight-domain", "inflight-wire", "inflight-sky"]),
    ("inflight-globe", &["inflight-domain"]),
    ("inflight-ui", &["inflight-domain", "inflight-wire", "inflight-sky", "inflight-globe"]),
    (
        "inflight-server",
        &[
            "inflight-domain",
            "inflight-wire",
            "inflight-sky",
            "inflight-agents",
            "inflight-engine",
            "inflight-ui",
        ],
    ),
    // The engine, and the words in which it is spoken to.
    ("inflight-worker", &["inflight-engine", "inflight-domain", "inflight-wire", "inflight-sky"]),
    // The agents, and the time that they are given.
    ("inflight-watcher", &["inflight-agents", "inflight-domain"]),
    ("inflight-hydrate", &["inflight-ui"]),
    ("inflight-system", &["inflight-ui"]),
    ("inflight-agents-desk", &["inflight-ui"]),
    ("inflight-demo", &["inflight-ui"]),
    // Chores fly the fixtures with the domain's geography and write outlines as the globe reads them.
    ("xtask", &["inflight-domain", "inflight-globe"]),
];

/// What tests may use beyond the arrows.
const TEST_ARROWS: [(&str, &[&str]); 1] = [("xtask", &["inflight-sky"])];

/// A crate of these touches no socket, file, clock, thread or DOM.
const PURE: [&str; 5] =
    ["inflight-domain", "inflight-wire", "inflight-sky", "inflight-agents", "inflight-engine"];

/// What a pure crate could only want in order to touch one.
const IMPURE: [&str; 15] = [
    "axum",
    "chrono",
    "console_error_panic_hook",
    "fastrand",
    "getrandom",
    "gloo-net",
    "js-sys",
    "leptos",
    "rand",
    "reqwest",
    "time",
    "tokio",
    "wasm-bindgen",
    "web-sys",
    "web-time",
];

/// The visible top level.
const TOP_LEVEL: [&str; 14] = [
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "Trunk.toml",
    "app",
    "fixtures",
    "frontend",
    "public",
    "rust-toolchain.toml",
    "server",
    "style",
    "xtask",
];

/// Made by builds and by a running server, and ignored by git.
const MADE: [&str; 3] = ["data", "dist", "target"];

#[test]
fn dependencies_follow_the_arrows() {
    let arrows = BTreeMap::from(ARROWS);
    let test_arrows = BTreeMap::from(TEST_ARROWS);
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package, "name");
        let Some(allowed) = arrows.get(name) else {
            wrong.push(format!("{name} has no row in ARROWS"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = text(dependency, "name");
            let is_for_tests = dependency["kind"] == "dev";
            let is_allowed = allowed.contains(&used)
                || (is_for_tests && test_arrows.get(name).is_some_and(|more| more.contains(&used)));
            if arrows.contains_key(used) && !is_allowed {
                wrong.push(format!("{name} uses {used}"));
            }
            if PURE.contains(&name) && IMPURE.contains(&used) && !is_for_tests {
                wrong.push(format!("{name} is pure, and uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_side_builds_the_screen_in_its_own_way() {
    let ways = [
        ("inflight-server", "ssr"),
        ("inflight-hydrate", "hydrate"),
        ("inflight-system", "hydrate"),
        ("inflight-agents-desk", "hydrate"),
        ("inflight-demo", "hydrate"),
    ];
    let packages = packages();
    for (name, way) in ways {
        let package = packages.iter().find(|package| package["name"] == name).expect(name);
        let dependencies = package["dependencies"].as_array().expect("a list");
        let screen =
            dependencies.iter().find(|dependency| dependency["name"] == "inflight-ui").expect("uses the ui");
        assert_eq!(screen["features"], serde_json::json!([way]), "{name}");
        assert_eq!(screen["uses_default_features"], false, "{name}");
    }
}

#[test]
fn each_crate_says_what_it_is() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package, "name");
        if text(&package, "description").len() < 10 {
            wrong.push(format!("{name} has no description"));
        }
        if package["license"] != "MIT" {
            wrong.push(format!("{name} has no licence"));
        }
        let manifest = std::fs::read_to_string(text(&package, "manifest_path")).expect("a manifest");
        for line in ["version.workspace = true", "publish.workspace = true", "[lints]\nworkspace = true"] {
            if !manifest.contains(line) {
                wrong.push(format!("{name} does not say `{}`", line.replace('\n', " ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_is_the_one_that_was_drawn() {
    let entries = std::fs::read_dir(root()).expect("the root").flatten();
    let names: BTreeSet<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let seen: BTreeSet<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !name.starts_with('.') && !MADE.contains(name))
        .collect();
    assert_eq!(seen, BTreeSet::from(TOP_LEVEL));
}

#[test]
fn every_package_comes_from_the_registry_or_from_here() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let sources: BTreeSet<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert!(sources.iter().all(|source| source.starts_with("\"registry+")), "{sources:?}");
}

fn packages() -> Vec<Value> {
    let mut ask = Command::new(env!("CARGO"));
    ask.current_dir(root()).args(["metadata", "--no-deps", "--format-version", "1", "--locked"]);
    let output = ask.output().expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("a list").clone()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}
