//! Settings that are read anew while the program runs: on a hang-up, by an admin, and never by halves.
#![cfg(unix)]

mod common;

use common::Folder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// The program, ended with the test.
struct Program {
    child: Child,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop((self.child.kill(), self.child.wait()));
    }
}

impl Program {
    fn start(folder: &Folder) -> Self {
        folder.recording();
        let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
        for spec in inflight_server::settings::spec::SPECS {
            command.env_remove(spec.name);
        }
        command.current_dir(&folder.0).args(["serve", "--replay", "test.jsonl", "--port", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().to_owned();
        Self { child, address }
    }

    fn hang_up(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }

    fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        write!(stream, "{head}content-length: 0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// Asks until the newest entries of this action are so many; the newest of them.
    fn entries(&self, count: usize) -> Value {
        let started = std::time::Instant::now();
        loop {
            let (_, body) = self.ask("GET", "/api/v1/audit");
            let all = body["entries"].as_array().cloned().unwrap_or_default();
            let mut found = all.into_iter().filter(|entry| entry["action"] == "settings_reloaded");
            let newest = found.next();
            if let (Some(newest), true) = (newest, found.count() + 1 == count) {
                return newest;
            }
            assert!(started.elapsed() < common::PATIENCE, "{body}");
        }
    }
}

#[test]
fn settings_change_without_a_restart_and_never_by_halves() {
    let folder = Folder::new();
    let env = folder.0.join(".env");
    std::fs::write(&env, "FEATURES=-plain\n").unwrap();
    let program = Program::start(&folder);
    let history = |program: &Program| program.ask("GET", "/api/v1/history").0;
    assert_eq!(history(&program), 200);

    std::fs::write(&env, "FEATURES=-history\nMESSAGES_PER_MINUTE=50\nBACKEND_PORT=4299\n").unwrap();
    program.hang_up();
    let entry = program.entries(1);
    assert_eq!((&entry["result"], &entry["actor"]), (&"done".into(), &"system".into()));
    assert_eq!(entry["target"], "MESSAGES_PER_MINUTE,FEATURES");
    let (status, body) = program.ask("GET", "/api/v1/history");
    assert_eq!((status, &body["error"]["code"]), (503, &"switched_off".into()), "{body}");

    std::fs::write(&env, "FEATURES=\nMESSAGES_PER_MINUTE=many\n").unwrap();
    program.hang_up();
    assert_eq!(program.entries(2)["result"], "bad_settings");
    assert_eq!(history(&program), 503);

    // Nobody is an admin here.
    let (status, body) = program.ask("POST", "/api/v1/settings/reload");
    assert_eq!((status, &body["error"]["code"]), (403, &"not_allowed".into()), "{body}");
}
