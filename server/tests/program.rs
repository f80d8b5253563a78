//! The program as a person runs it: exit codes, one clear line for each mistake, reports.

mod common;

use common::{AIRCRAFT, Folder, POLLS};
use serde_json::Value;
use std::process::{Command, Output};

fn inflight(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    for spec in inflight_server::settings::spec::SPECS {
        command.env_remove(spec.name);
    }
    command.current_dir(&folder.0).args(arguments).output().unwrap()
}

fn check(arguments: &[&str], code: i32, expected: &str) {
    let folder = Folder::new();
    let output = inflight(&folder, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
}

#[test]
fn mistakes_have_codes() {
    check(&["serve", "--replay", "none.jsonl", "--port", "0"], 3, "error: none.jsonl: there is no such file");
    check(&["serve", "--port", "0"], 3, "error: fixtures/opensky_nyc_sample.jsonl: there is no such file");
    check(&["serve", "--bbox", "1,2,3"], 2, "expected four numbers LAT_MIN,LAT_MAX,LON_MIN,LON_MAX, found 3");
    check(
        &["serve", "--bbox", "41,40,-74,-73"],
        2,
        "BBOX_LAT_MIN=41 (from --bbox): expected less than BBOX_LAT_MAX",
    );
    check(&["serve", "--bbox", "-91,40,-74,-73"], 2, "expected a number from -90 to 90");
    check(&["serve", "--port", "99999"], 2, "BACKEND_PORT=99999 (from --port)");
    check(&["serve", "--env-file", "none.env"], 3, "none.env: there is no such file");
    check(&["replay", "none.jsonl", "--headless"], 3, "there is no such file");
    check(&["bench", "motion", "none.jsonl"], 3, "none.jsonl: there is no such file");
    check(&["record", "--out", "none/x.jsonl"], 3, "there is no such folder");
    check(
        &["serve", "--source", "radar", "--port", "0"],
        2,
        "SOURCES=radar (from --source): expected opensky",
    );
    check(
        &["serve", "--source", "readsb=gopher://pi"],
        2,
        "expected an http address or a file after readsb=",
    );
    let open = ["serve", "--host", "0.0.0.0", "--port", "0"];
    check(&open, 2, "anybody could look: create a key with `inflight keys create");
    check(&[&open[..], &["--source", "sbs"]].concat(), 2, "or set JWT_SECRET, or listen on 127.0.0.1");
    check(
        &[&open[..], &["--source", "sbs", "--public-demo"]].concat(),
        2,
        "live data needs keys or JWT_SECRET",
    );
    check(&["keys", "revoke", "nobody"], 2, "there is no key nobody that is good");
    check(&["keys", "create", "--name", "a b", "--role", "viewer"], 2, "1 to 128 characters without blanks");
    check(&["record", "--out", "x.jsonl", "--minutes", "0"], 2, "--minutes 0: expected a number above 0");
}

#[test]
fn a_taken_port_is_named() {
    let folder = Folder::new();
    folder.recording();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let output =
        inflight(&folder, &["serve", "--replay", "test.jsonl", "--port", &port, "--log-level", "error"]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("error: port {port} on 127.0.0.1 is taken; choose another with --port or BACKEND_PORT\n")
    );
}

#[test]
fn a_headless_replay_reports() {
    let folder = Folder::new();
    folder.recording();
    let output = inflight(&folder, &["replay", "test.jsonl", "--headless", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let polls = POLLS as usize;
    assert_eq!(report["polls"], polls);
    assert_eq!(report["observations"], polls * (AIRCRAFT + 1));
    assert_eq!(report["aircraft_seen"], AIRCRAFT + 1);
    assert_eq!(report["accepted"], polls * AIRCRAFT);
    assert_eq!(report["aircraft_now"], AIRCRAFT);
    assert_eq!(
        report["dropped"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(),
        POLLS as u64
    );
    assert_eq!(report["state_hash"].as_str().unwrap().len(), 16);
    assert!(report["seconds"].is_f64());
}

#[test]
fn what_is_recorded_of_several_sources_plays_again() {
    let folder = Folder::new();
    let answer = r#"{"now":1700000000,"aircraft":[{"hex":"a00001","lat":40.5,"lon":-74,"t":"B738"}]}"#;
    std::fs::write(folder.0.join("aircraft.json"), answer).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let sbs = format!("sbs={}", listener.local_addr().unwrap());
    let receiver = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let line = "MSG,3,1,1,A00002,1,2023/11/14,22:13:20.000,2023/11/14,22:13:20.000,,35000,,,40.5,-74.0,,,0,0,0,0\r\n";
        // Until the program has ended and the connection with it.
        while std::io::Write::write_all(&mut stream, line.as_bytes()).is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let sources = ["--source", "readsb=aircraft.json", "--source", &sbs];
    let arguments = [&["record", "--out", "sky.jsonl.gz", "--minutes", "0.05"], &sources[..]].concat();
    let output = inflight(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    receiver.join().unwrap();
    let output = inflight(&folder, &["replay", "sky.jsonl.gz", "--headless", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["aircraft_seen"], 2);
    assert!(report["polls"].as_u64() >= Some(3) && report["accepted"].as_u64() >= Some(2), "{report}");
}

#[test]
fn settings_are_explained() {
    let folder = Folder::new();
    std::fs::write(folder.0.join(".env"), "BACKEND_PORT=4000\nOPENSKY_PASSWORD=hunter2\nBACKEND_PROT=1\n")
        .unwrap();
    let output = inflight(&folder, &["check-config", "--json", "--host", "::1"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let setting = |name: &str| {
        let settings = report["settings"].as_array().unwrap();
        settings.iter().find(|setting| setting["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (&setting("BACKEND_HOST")["value"], &setting("BACKEND_HOST")["from"]),
        (&"::1".into(), &"--host".into())
    );
    assert_eq!(setting("BACKEND_PORT")["from"], ".env line 1");
    assert_eq!(
        (&setting("OPENSKY_PASSWORD")["value"], &setting("OPENSKY_PASSWORD")["used"]),
        (&"********".into(), &false.into())
    );
    assert_eq!(report["unknown"], serde_json::json!([{"name": "BACKEND_PROT", "line": 3}]));
    assert_eq!((&report["ok"], output.status.code()), (&true.into(), Some(0)));
    let output = inflight(&folder, &["check-config", "--json", "--port", "x"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["ok"], output.status.code()), (&false.into(), Some(2)));
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let folder = Folder::new();
    let create = ["keys", "create", "--name", "ana", "--role", "trader", "--business", "B1", "--json"];
    let made: Value = serde_json::from_slice(&inflight(&folder, &create).stdout).unwrap();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with(&format!("ifk_{id}_")) && key.len() == 4 + 12 + 1 + 64, "{made}");
    let list = || -> Value {
        serde_json::from_slice(&inflight(&folder, &["keys", "list", "--json"]).stdout).unwrap()
    };
    let listed = list();
    assert_eq!((&listed[0]["good"], &listed[0]["businesses"][0]), (&true.into(), &"B1".into()));
    let secret = key.rsplit('_').next().unwrap();
    assert!(!std::fs::read_to_string(folder.0.join("data/keys.json")).unwrap().contains(secret));
    assert_eq!(inflight(&folder, &["keys", "revoke", id]).status.code(), Some(0));
    assert_eq!(list()[0]["good"], false);
    let plain = inflight(&folder, &["keys", "create", "--name", "dan", "--role", "viewer"]);
    let text = String::from_utf8(plain.stdout).unwrap();
    assert!(text.starts_with("ifk_") && text.lines().count() == 1, "only the key, for scripts: {text}");
}

#[test]
fn what_would_stand_open_is_told_before_it_does() {
    let folder = Folder::new();
    let output = inflight(&folder, &["check-config", "--json", "--host", "0.0.0.0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("inflight keys create"));
    std::fs::write(folder.0.join(".env"), "JWT_SECRET=secret\n").unwrap();
    let output = inflight(&folder, &["check-config", "--host", "0.0.0.0"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("JWT_SECRET is shorter than 32 bytes"));
    assert_eq!(inflight(&folder, &["check-config"]).status.code(), Some(0));
}
