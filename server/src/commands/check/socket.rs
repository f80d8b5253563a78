//! A WebSocket client of the checks' own. A library's client writes only what is right and reads as fast as it can;
//! faults need frames that are wrong, readers that stop, and bytes that are counted. It also shares no code with
//! the server that it judges.

use bytes::{Buf, Bytes, BytesMut};
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A connection after the upgrade.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    rest: BytesMut,
    message: Vec<u8>,
    /// Bytes that came after the upgrade.
    pub bytes: u64,
}

/// How to connect.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    /// Subprotocol to ask for; none if empty.
    pub subprotocol: &'static str,
    /// More header lines, each with its line end.
    pub headers: String,
    /// Bytes that the system may hold unread for us; its own choice if 0.
    pub unread_bytes: u32,
    /// Address to come from, so that one machine has room for many connections.
    pub from: Option<SocketAddr>,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A text or binary message.
    Message(Bytes),
    /// The server closes, with its code and reason; no code is 1005.
    Close(u16, String),
    /// The connection broke.
    Ended,
}

/// Kinds of frames.
pub mod opcode {
    /// Text.
    pub const TEXT: u8 = 1;
    /// Bytes.
    pub const BINARY: u8 = 2;
    /// The end.
    pub const CLOSE: u8 = 8;
    /// Asks for a sign of life.
    pub const PING: u8 = 9;
    /// The sign of life.
    pub const PONG: u8 = 10;
}

/// A frame that is whole: no more of the message follows.
pub const FIN: u8 = 0x80;

/// A key that is seen in what is sent; there is no proxy that could be deceived.
const MASK: [u8; 4] = [0x49, 0x46, 0x4c, 0x54];

const CONNECT: Duration = Duration::from_secs(10);

impl Socket {
    /// Connects and upgrades.
    ///
    /// # Errors
    /// Nobody listens, or the server refuses; then with its status line.
    pub async fn connect(address: SocketAddr, path: &str, dial: &Dial) -> io::Result<Self> {
        let upgraded = timeout(CONNECT, async {
            let mut socket = Self {
                stream: open(address, dial).await?,
                rest: BytesMut::new(),
                message: Vec::new(),
                bytes: 0,
            };
            socket.upgrade(address, path, dial).await?;
            Ok(socket)
        });
        upgraded.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Sends a whole frame as it should be.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&frame(FIN | opcode, payload)).await
    }

    /// Sends bytes, whatever they are.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next message; pings are answered. May be dropped and called again.
    pub async fn next(&mut self) -> Received {
        loop {
            while let Some((head, payload)) = self.take_frame() {
                match head & 0x0f {
                    opcode::PING => {
                        let pong = frame(FIN | opcode::PONG, &payload);
                        if self.stream.write_all(&pong).await.is_err() {
                            return Received::Ended;
                        }
                    }
                    opcode::PONG => {}
                    opcode::CLOSE => return self.farewell(&payload).await,
                    _ if head & FIN != 0 && self.message.is_empty() => return Received::Message(payload),
                    _ => {
                        self.message.extend_from_slice(&payload);
                        if head & FIN != 0 {
                            return Received::Message(core::mem::take(&mut self.message).into());
                        }
                    }
                }
            }
            if !self.read_some().await {
                return Received::Ended;
            }
        }
    }

    /// Takes at most so many bytes off the connection, without reading what they say yet. None at its end.
    pub async fn sip(&mut self, most: usize) -> Option<usize> {
        let mut taken = vec![0; most];
        let count = self.stream.read(&mut taken).await.ok().filter(|count| *count > 0)?;
        self.rest.extend_from_slice(&taken[..count]);
        self.bytes += count as u64;
        Some(count)
    }

    /// Ends the connection without a farewell, and leaves nothing of it in the system.
    pub fn break_off(self) {
        // If the system does not take the wish, the connection only ends more slowly.
        drop(socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)));
    }

    /// Our own port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.stream.local_addr().map_or(0, |address| address.port())
    }

    async fn farewell(&mut self, payload: &[u8]) -> Received {
        // The server may be gone already.
        drop(self.stream.write_all(&frame(FIN | opcode::CLOSE, payload)).await);
        match payload {
            [high, low, reason @ ..] => {
                Received::Close(u16::from_be_bytes([*high, *low]), String::from_utf8_lossy(reason).into())
            }
            _ => Received::Close(1005, String::new()),
        }
    }

    async fn read_some(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.rest).await.unwrap_or_default();
        self.bytes += read as u64;
        read > 0
    }

    /// First byte and payload of the next frame, if it is whole.
    fn take_frame(&mut self) -> Option<(u8, Bytes)> {
        let (head, length, skip) = match *self.rest {
            [head, length @ 0..126, ..] => (head, usize::from(length), 2),
            [head, 126, a, b, ..] => (head, usize::from(u16::from_be_bytes([a, b])), 4),
            [head, 127, a, b, c, d, e, f, g, h, ..] => {
                (head, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize, 10)
            }
            _ => return None,
        };
        if self.rest.len() - skip < length {
            self.rest.reserve(length);
            return None;
        }
        self.rest.advance(skip);
        Some((head, self.rest.split_to(length).freeze()))
    }

    async fn upgrade(&mut self, address: SocketAddr, path: &str, dial: &Dial) -> io::Result<()> {
        let subprotocol = match dial.subprotocol {
            "" => String::new(),
            name => format!("sec-websocket-protocol: {name}\r\n"),
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: aW5mbGlnaHQgY2hlY2tzLg==\r\n{subprotocol}{}\r\n",
            dial.headers
        );
        self.stream.write_all(request.as_bytes()).await?;
        loop {
            if let Some(end) = self.rest.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.rest.split_to(end + 4);
                self.bytes = self.rest.len() as u64;
                let head = String::from_utf8_lossy(&head);
                let first = head.lines().next().unwrap_or_default();
                let accepted = first.split(' ').nth(1) == Some("101");
                return if accepted { Ok(()) } else { Err(io::Error::other(first.to_owned())) };
            }
            if !self.read_some().await {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// A masked frame.
#[must_use]
pub fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![head];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

async fn open(address: SocketAddr, dial: &Dial) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = dial.from {
        socket.bind(from)?;
    }
    if dial.unread_bytes > 0 {
        socket.set_recv_buffer_size(dial.unread_bytes)?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
