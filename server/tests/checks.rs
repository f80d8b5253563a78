//! The short forms of `inflight check`: every promise of the delivery against a server of its own, for a few seconds.

use serde_json::Value;
use std::process::Command;
use std::sync::Mutex;

/// The checks with their sizes, and figures that must be above 0: a check that met nothing has proved nothing.
const CHECKS: [(&str, &[&str]); 11] = [
    ("decide --short", &["boundaries", "killed"]),
    ("kill --seconds 3 --clients 4 --rows 300", &["kills", "recoveries", "entries_acknowledged"]),
    ("resume --seconds 2 --clients 4 --rows 300", &["resumes", "changed_rows"]),
    ("soak --seconds 4 --clients 4 --rows 50", &["connections", "tasks_before"]),
    ("conflate --seconds 4 --clients 14 --rows 1000", &["stalled_readers", "tenth_bytes_taken"]),
    ("storm --clients 60 --rows 50", &["killed_all_back_s"]),
    ("flood --seconds 6 --clients 5 --rows 50", &["flood_connections", "taken_of_a_patient_sender"]),
    ("frames --clients 64 --rows 10", &["closed_1002", "closed_1007", "closed_1009", "closed_4000"]),
    ("toxic --clients 20 --rows 100", &["bad_spells", "tables_compared"]),
    ("shutdown --clients 30 --rows 50", &["entries_acknowledged"]),
    ("parity --seconds 3 --rows 100", &["rows", "entries", "socket_connections", "events_connections"]),
];

/// Most of the time a check waits, so that several share the machine.
const AT_ONCE: usize = 5;

/// Runs a check on few clients and rows; times may be long on a machine that builds beside it, counts are exact.
fn check(words: &str, told: &[&str]) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    let arguments = words.split(' ').chain(["--patience", "50", "--json"]);
    let output = command.arg("check").args(arguments).output().map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| format!("{words}: {stderr}"))?;
    let met = |name: &&str| report["figures"][name]["value"].as_f64() > Some(0.0);
    let kept = output.status.success() && report["passed"] == true && told.iter().all(met);
    if kept { Ok(()) } else { Err(format!("{words}: {stderr}\n{report:#}")) }
}

#[test]
fn promises_are_kept() {
    let waiting = Mutex::new(CHECKS.iter());
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((words, told)) = waiting.lock().unwrap().next() else { return };
                    broken.lock().unwrap().extend(check(words, told).err());
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
