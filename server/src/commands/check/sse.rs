//! A reader of `/stream/sse`, as an EventSource is one: lines, the newest id, the time to stay away.

use bytes::{Buf, BytesMut};
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The reader.
#[derive(Debug)]
pub struct Events {
    stream: TcpStream,
    rest: BytesMut,
    /// What came of the next event.
    begun: Event,
    /// The newest `id`.
    pub last_id: Option<String>,
    /// The newest `retry`, in milliseconds.
    pub retry_ms: Option<u64>,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Its name; a message has none.
    pub name: String,
    /// What it says.
    pub data: Value,
}

impl Events {
    /// Asks for topics, from `last_id` on if there is one; `headers` are whole lines.
    ///
    /// # Errors
    /// Nobody answers, or it is refused; then with the status line.
    pub async fn open(
        address: SocketAddr,
        topics: &str,
        last_id: Option<&str>,
        headers: &str,
    ) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let last = last_id.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        // In HTTP/1.0 the answer comes as it is, without chunks.
        let request =
            format!("GET /stream/sse?topics={topics} HTTP/1.0\r\nhost: {address}\r\n{last}{headers}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let last_id = last_id.map(str::to_owned);
        let mut events =
            Self { stream, rest: BytesMut::new(), begun: Event::default(), last_id, retry_ms: None };
        let mut status: Option<String> = None;
        while let Some(line) = events.line().await {
            if line.is_empty() {
                let status = status.unwrap_or_default();
                let accepted = status.split(' ').nth(1) == Some("200");
                return if accepted { Ok(events) } else { Err(io::Error::other(status)) };
            }
            status.get_or_insert(line);
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// The next event; none at the end. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                None if line.is_empty() && !self.begun.data.is_null() => {
                    return Some(core::mem::take(&mut self.begun));
                }
                Some(("id", id)) => self.last_id = Some(id.to_owned()),
                Some(("event", name)) => self.begun.name = name.to_owned(),
                Some(("data", data)) => self.begun.data = serde_json::from_str(data).unwrap_or_default(),
                Some(("retry", retry)) => self.retry_ms = retry.parse().ok(),
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line = self.rest.split_to(end);
                self.rest.advance(1);
                let line = String::from_utf8_lossy(&line);
                return Some(line.trim_end_matches('\r').to_owned());
            }
            let read = self.stream.read_buf(&mut self.rest).await;
            read.ok().filter(|count| *count > 0)?;
        }
    }
}
