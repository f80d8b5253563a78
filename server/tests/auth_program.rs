//! The program from outside: no secret reaches its log at any level (S3), silent sockets cost little (S4).

mod common;

use common::{Folder, PATIENCE};
use inflight_server::clock;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Program {
    child: Child,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    for spec in inflight_server::settings::spec::SPECS {
        command.env_remove(spec.name);
    }
    command.current_dir(&folder.0);
    command
}

/// A program that asks everybody who they are, and says everything it can.
fn serve(folder: &Folder, level: &str) -> Program {
    let log = std::fs::File::create(folder.0.join("log")).unwrap();
    let mut command = command(folder);
    command.args(["serve", "--source", "sbs=127.0.0.1:1", "--port", "0", "--log-level", level]);
    command.env("JWT_SECRET", SECRET).env("ALLOW_API_KEY_IN_URL", "true").env("HISTORY_MINUTES", "0");
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().to_owned();
    Program { child, address }
}

impl Program {
    /// The answer to a request, as far as it comes within a moment.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (host, length) = (&self.address, body.len());
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A socket that is open; the bytes after the upgrade are for the caller.
    fn open(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        let text = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: inflight.v1.json\r\n{headers}\r\n"
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut byte = [0];
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        stream
    }

    #[cfg(target_os = "linux")]
    fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// A text message as a client frames it, with a mask of zeros.
fn framed(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

#[test]
fn no_secret_reaches_the_log() {
    let folder = Folder::new();
    let made =
        command(&folder).args(["keys", "create", "--name", "ana", "--role", "admin"]).output().unwrap();
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    let claims = json!({"sub": "dan", "exp": clock::now().0 / 1000 + 600});
    let signer = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &signer).unwrap();
    let program = serve(&folder, "trace");
    let mut secrets = vec![SECRET.to_owned(), key.rsplit('_').next().unwrap().to_owned()];
    for good in [&key, &token] {
        let header = format!("authorization: Bearer {good}\r\n");
        assert!(program.ask("GET", "/api/v1/me", &header, "").starts_with("HTTP/1.1 200"));
        assert!(
            program
                .ask("GET", "/api/v1/me", &format!("x-api-key: {good}\r\n"), "")
                .starts_with("HTTP/1.1 200")
        );
        drop(program.open(&format!("/stream/ws?apiKey={good}"), ""));
        let ticket = program.ask("POST", "/api/v1/tickets", &header, "");
        let ticket: Value = serde_json::from_str(ticket.split_once("\r\n\r\n").unwrap().1).unwrap();
        let ticket = ticket["ticket"].as_str().unwrap().to_owned();
        drop(program.open(&format!("/stream/ws?ticket={ticket}"), ""));
        let mut socket = program.open("/stream/ws", "");
        let said = json!({"type": "authenticate", "token": good}).to_string();
        socket.write_all(&framed(&said)).unwrap();
        let mut hello = [0; 64];
        socket.read_exact(&mut hello).unwrap();
        assert!(String::from_utf8_lossy(&hello).contains("hello"));
        let form = format!("to=%2F&token={good}");
        let form_headers = format!(
            "origin: http://{}\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            program.address
        );
        let answer = program.ask("POST", "/sign-in", &form_headers, &form);
        let cookie = answer.split_once("set-cookie: ").unwrap().1.split(';').next().unwrap().to_owned();
        assert!(
            program
                .ask("GET", "/api/v1/me", &format!("cookie: {cookie}\r\n"), "")
                .starts_with("HTTP/1.1 200")
        );
        secrets.extend([ticket, cookie.split_once('=').unwrap().1.to_owned()]);
    }
    secrets.push(token.rsplit('.').next().unwrap().to_owned());
    let bad = format!("{key}00");
    assert!(
        program.ask("GET", "/api/v1/me", &format!("x-api-key: {bad}\r\n"), "").starts_with("HTTP/1.1 401")
    );
    drop(program);
    let log = std::fs::read(folder.0.join("log")).unwrap();
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("signed in") && log.contains("/api/v1/me"), "requests are in the log: {log}");
    for secret in secrets {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let found = log.lines().find(|line| line.contains(&secret) || line.contains(&hex));
        assert_eq!(found, None, "{secret}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_silent_sockets_cost_little_and_go() {
    let folder = Folder::new();
    let program = serve(&folder, "info");
    drop(program.open("/stream/ws", ""));
    let before_kb = program.resident_kb();
    let begun = Instant::now();
    let mut sockets: Vec<TcpStream> = (0..1000).map(|_| program.open("/stream/ws", "")).collect();
    let grown_kb = program.resident_kb().saturating_sub(before_kb);
    let opened = begun.elapsed();
    println!("1000 silent sockets: {grown_kb} KB, opened in {opened:?}");
    assert!(grown_kb <= 10 * 1024, "{grown_kb} KB");
    let mut shortest = Duration::MAX;
    for socket in &mut sockets {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = [0; 2];
        socket.read_exact(&mut head).unwrap();
        shortest = shortest.min(begun.elapsed());
    }
    assert!(shortest >= Duration::from_millis(4900), "{shortest:?}");
    // Five seconds each, of which the last began when all were open.
    let went = begun.elapsed();
    assert!(went < opened + Duration::from_secs(10), "opened in {opened:?}, gone after {went:?}");
}
