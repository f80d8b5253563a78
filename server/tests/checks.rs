//! The short forms of `inflight check`: every promise of the delivery against a server of its own, for a few seconds.

use serde_json::Value;
use std::process::Command;

/// Runs a check on few clients and rows; times may be long on a machine that builds beside it, counts are exact.
fn check(arguments: &[&str], told: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    let output = command.arg("check").args(arguments).args(["--patience", "10", "--json"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    assert!(output.status.success() && report["passed"] == true, "{stderr}\n{report:#}");
    for name in told {
        assert!(report["figures"][name]["value"].as_f64() > Some(0.0), "{name}: {report:#}");
    }
}

#[test]
fn who_comes_back_gets_what_changed() {
    check(&["resume", "--seconds", "2", "--clients", "4", "--rows", "300"], &["resumes", "changed_rows"]);
}

#[test]
fn a_killed_server_comes_back_as_it_should_be() {
    check(&["kill", "--seconds", "3", "--clients", "4", "--rows", "300"], &["kills", "recoveries"]);
}
