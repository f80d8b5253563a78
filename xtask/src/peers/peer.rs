//! The servers that are compared, and how each is started.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell::output_of;

/// A server to compare.
pub struct Peer {
    /// Its name.
    pub name: &'static str,
    /// How the load generator talks to it.
    pub mode: &'static str,
    /// Where it listens.
    pub port: u16,
    /// What has to be there.
    pub from: From,
}

/// Where a peer comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// This project.
    Here,
    /// A package for Node.
    Npm(&'static str),
    /// Packages of Debian.
    Apt(&'static [&'static str]),
}

/// Where things are.
pub struct Place {
    /// The folder of the benchmark.
    pub bench: PathBuf,
    /// Where peers are installed.
    pub cache: PathBuf,
    /// Our binary.
    pub ours: PathBuf,
}

/// A server that runs; it ends when this is dropped.
pub struct Server(Child);

/// Ours first: ratios are against it.
pub const PEERS: [Peer; 6] = [
    Peer { name: "inflight", mode: "ws", port: 9010, from: From::Here },
    Peer { name: "bun", mode: "ws", port: 9003, from: From::Npm("bun@1") },
    Peer { name: "ws", mode: "ws", port: 9001, from: From::Npm("ws@8") },
    Peer { name: "socket.io", mode: "sio", port: 9002, from: From::Npm("socket.io@4") },
    Peer {
        name: "nchan",
        mode: "nchan",
        port: 9005,
        from: From::Apt(&["nginx", "libnginx-mod-nchan", "libhiredis0.14"]),
    },
    Peer { name: "nats", mode: "nats", port: 9004, from: From::Apt(&["nats-server"]) },
];

impl Peer {
    /// Starts the server and waits until it listens.
    ///
    /// # Errors
    /// When it does not.
    pub fn start(&self, place: &Place) -> Result<Server> {
        let mut command = self.command(place)?;
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Server(child.with_context(|| format!("cannot start {}", self.name))?);
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(server);
            }
            sleep(Duration::from_millis(100));
        }
        bail!("nobody listens on port {}", self.port)
    }

    fn command(&self, place: &Place) -> Result<Command> {
        let port = self.port.to_string();
        let node = place.cache.join("node");
        let debian = place.cache.join("debian");
        let run = |program: PathBuf, script: Option<&str>| {
            let mut command = Command::new(program);
            command.current_dir(&node).args(script.map(|script| node.join(script))).arg(&port);
            command
        };
        Ok(match self.name {
            "bun" => run(node.join("node_modules/bun/bin/bun.exe"), Some("bun_server.js")),
            "ws" => run("node".into(), Some("ws_server.js")),
            "socket.io" => run("node".into(), Some("sio_server.js")),
            "nats" => {
                let mut command = Command::new(debian.join("usr/sbin/nats-server"));
                command.arg("-c").arg(place.bench.join("servers/nats.conf"));
                command
            }
            "nchan" => {
                let text = fs::read_to_string(place.bench.join("servers/nchan.conf"))?
                    .replace("MODDIR", &debian.join("usr/lib/nginx/modules").to_string_lossy())
                    .replace("PIDFILE", &debian.join("nginx.pid").to_string_lossy())
                    .replace("LOGDIR", &debian.to_string_lossy());
                let file = debian.join("nchan.conf");
                fs::write(&file, text)?;
                let mut command = Command::new(debian.join("usr/sbin/nginx"));
                command.env("LD_LIBRARY_PATH", debian.join("usr/lib/x86_64-linux-gnu"));
                command.arg("-p").arg(&debian).arg("-c").arg(file);
                command
            }
            _ => {
                let mut command = Command::new(&place.ours);
                command.args(["bench", "fanout", "--port", &port]);
                command
            }
        })
    }
}

impl Server {
    /// Its processes, as the load generator wants to have them.
    pub fn pids(&self) -> String {
        let own = self.0.id().to_string();
        let children = output_of(Command::new("pgrep").args(["-P", &own])).unwrap_or_default();
        core::iter::once(own.as_str()).chain(children.split_whitespace()).collect::<Vec<_>>().join(",")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx takes its workers with it only when it is asked to end.
        let pid = self.0.id().to_string();
        drop(Command::new("kill").arg(&pid).status());
        drop(self.0.wait());
    }
}
