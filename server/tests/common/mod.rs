//! What the tests of the server share: a small recording, a server on a free port, clients of its sockets.
#![expect(dead_code, reason = "each test file uses its own part")]

pub mod access;
pub mod desk;
pub mod services;

use flate2::{Decompress, FlushDecompress, Status};
use futures_util::{SinkExt, StreamExt};
use inflight_server::hub::form::{DICTIONARY, Form};
use inflight_server::server::{Server, listen};
use inflight_server::settings::Settings;
use inflight_server::settings::origin::Inputs;
use inflight_server::sources::opensky::core::RetryConfig;
use inflight_wire::{ClientFrame, Format, Header, ServerFrame, Subscribe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest, http::Response};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::task::AbortOnDropHandle;

/// Time of the recording's first poll, in seconds since 1970.
pub const START_S: i64 = 1_700_000_000;

/// Polls of the recording, one a second.
pub const POLLS: i64 = 600;

/// Aircraft of the recording.
pub const AIRCRAFT: usize = 8;

/// Nothing in these tests takes this long unless it is broken, however slow the machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long nothing was done here since it was begun, because the machine did other things: a time that the tests hold
/// the server to is of a machine that has time for it.
pub struct Standstill {
    lost: watch::Receiver<Duration>,
    _task: AbortOnDropHandle<()>,
}

impl Standstill {
    pub fn watch() -> Self {
        const STEP: Duration = Duration::from_millis(5);
        // The clock of timers goes in whole milliseconds.
        const EXACT: Duration = Duration::from_millis(2);
        let (tell, lost) = watch::channel(Duration::ZERO);
        let task = tokio::spawn(async move {
            loop {
                let due = Instant::now() + STEP;
                sleep_until(due).await;
                tell.send_modify(|lost| *lost += due.elapsed().saturating_sub(EXACT));
            }
        });
        Self { lost, _task: AbortOnDropHandle::new(task) }
    }

    pub fn so_far(&self) -> Duration {
        *self.lost.borrow()
    }
}

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One raw response; all aircraft move a little from poll to poll, and each has one bad neighbour.
pub fn response(poll: i64) -> String {
    let time = START_S + poll;
    let rows: Vec<String> = (0..AIRCRAFT)
        .map(|number| {
            let latitude = 40.5 + number as f64 * 0.05 + poll as f64 * 0.0005;
            format!(
                "[\"a0000{number}\",\"TEST{number}   \",\"Nowhere\",{time},{time},-74.0,{latitude:.4},3048.0,false,\
                 55.6,0.0,0.0,null,3100.0,\"1200\",false,0]"
            )
        })
        .collect();
    format!("{{\"time\":{time},\"states\":[{},[\"zzzzzz\",null]]}}", rows.join(","))
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("inflight-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The recording in this folder.
    pub fn recording(&self) -> PathBuf {
        let path = self.0.join("test.jsonl");
        let lines: Vec<String> = (0..POLLS).map(response).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A folder for what a test does not put elsewhere, among cargo's own leavings. Nobody else's: a server takes up what
/// one before it left under the same port, and ports come again.
fn leavings() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Processes' numbers come again too.
    drop(std::fs::remove_dir_all(&path));
    path
}

pub fn settings(environment: &[(&str, &str)]) -> Settings {
    let own = leavings();
    let data = [("DATA_DIR", own.to_str().unwrap()), ("AGENTS_EXAMPLE", "false")];
    let environment =
        data.iter().chain(environment).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut settings =
        Settings::from_inputs(&Inputs { environment: environment.collect(), ..Inputs::default() }).unwrap();
    settings.port = 0;
    settings.audit = None;
    settings.history.keep_min = 0;
    // One sample at the start: tests of frames count them.
    settings.sample_every = Duration::from_secs(3600);
    settings.delta_interval = Duration::from_millis(20);
    settings.journal.folder = own;
    settings
}

/// A server that replays the recording at the given speed.
pub async fn replaying(folder: &Folder, speed: f64) -> Server {
    let mut settings = settings(&[]);
    settings.replay.file = folder.recording();
    settings.replay.speed = speed;
    settings.history.keep_min = 60;
    settings.history.folder = folder.0.join("history");
    settings.journal.folder = folder.0.clone();
    settings.site_root = folder.0.clone();
    start(&settings).await
}

pub async fn start(settings: &Settings) -> Server {
    let listener = listen(settings).await.unwrap();
    Server::start(listener, settings, RetryConfig::default()).await.unwrap()
}

/// Opens a socket; an answer that is no upgrade comes back as the error.
pub async fn connect(
    server: &Server,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, Response<Option<Vec<u8>>>> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match timeout(PATIENCE, connect_async(request)).await.unwrap() {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(*response),
        Err(error) => panic!("{error}"),
    }
}

/// A client of `/stream/ws` in one of the forms.
pub struct Client {
    pub socket: Socket,
    form: Form,
}

impl Client {
    pub async fn open(server: &Server, form: impl Into<Form>) -> Self {
        let form = form.into();
        let offer = [("sec-websocket-protocol", form.subprotocol())];
        let socket = connect(server, "/stream/ws", &offer).await.unwrap();
        Self { socket, form }
    }

    /// Over a socket that is open already.
    pub fn over(socket: Socket, form: impl Into<Form>) -> Self {
        Self { socket, form: form.into() }
    }

    pub async fn send(&mut self, frame: &ClientFrame) {
        let bytes = self.form.format().encode(frame);
        let message = match self.form.format() {
            Format::Msgpack => Message::Binary(bytes.into()),
            Format::Json => Message::Text(String::from_utf8(bytes).unwrap().into()),
        };
        self.socket.send(message).await.unwrap();
    }

    pub async fn subscribe(&mut self, resume: Option<inflight_wire::Resume>) {
        self.send(&ClientFrame::Subscribe(Subscribe::to(&["flights", "system"], resume))).await;
    }

    /// The next message as it came.
    pub async fn message(&mut self) -> Message {
        next(&mut self.socket).await
    }

    /// The next frame of the binary form.
    pub async fn frame(&mut self) -> ServerFrame {
        let bytes = match self.message().await {
            Message::Binary(bytes) if self.form == Form::Deflate => inflated(&bytes),
            Message::Binary(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        };
        let frame = inflight_wire::decode_server(&bytes).unwrap();
        // Clients read over what they do not know; of what this server says that is one type only.
        let is_early = || bytes.windows(6).any(|part| part == b"\xa5early");
        assert!(frame.header != Header::Unknown || is_early(), "{:?}", String::from_utf8_lossy(&bytes));
        frame
    }

    /// The next frame of the JSON form.
    pub async fn json(&mut self) -> serde_json::Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// Publishes as the server itself would; the body is what `POST /api/v1/events/{topic}` takes.
pub async fn publish(server: &Server, topic: &str, body: serde_json::Value) -> u64 {
    let topic = inflight_domain::TopicName::parse(topic).unwrap();
    let data = inflight_server::events::read(&topic, body, inflight_server::clock::now()).unwrap();
    server.hub.publish(inflight_domain::Draft { topic, data, by: None }).await.unwrap().offset
}

/// An event of specification 002, as it stands there.
pub fn signal(id: &str) -> serde_json::Value {
    serde_json::json!({
        "id": id,
        "source": "twitter",
        "content": "Bitcoin adoption increasing",
        "scores": {"fused": 0.85, "sentiment": 0.8, "relevance": 0.9, "novelty": 0.7, "credibility": 0.8},
        "confidences": {"fused": 0.8},
        "timestamp": "2024-01-15T10:30:00Z"
    })
}

/// A reader of `/stream/sse`.
pub struct Events {
    lines: tokio::io::Lines<tokio::io::BufReader<TcpStream>>,
    /// The newest `id`, as an EventSource keeps it.
    pub last_id: Option<String>,
    /// The head of the answer, in small letters.
    pub head: String,
}

/// One event of `/stream/sse`.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub data: serde_json::Value,
    pub retry: Option<u64>,
}

impl Events {
    /// Asks in HTTP/1.0, so that the answer comes as it is.
    pub async fn open(server: &Server, query: &str, headers: &str) -> Self {
        use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let text = format!("GET /stream/sse{query} HTTP/1.0\r\nhost: {}\r\n{headers}\r\n", server.address);
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        let mut head = String::new();
        loop {
            let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
            if line.is_empty() {
                return Self { lines, last_id: None, head };
            }
            head += &format!("{}\n", line.to_ascii_lowercase());
        }
    }

    /// The next event; none at the end.
    pub async fn next(&mut self) -> Option<Event> {
        let mut event = Event { name: "message".to_owned(), data: serde_json::Value::Null, retry: None };
        loop {
            let line = timeout(PATIENCE, self.lines.next_line()).await.unwrap().unwrap()?;
            match line.split_once(": ") {
                None if line.is_empty() && !event.data.is_null() => return Some(event),
                None => {}
                Some(("id", id)) => self.last_id = Some(id.to_owned()),
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(("retry", retry)) => event.retry = retry.parse().ok(),
                Some(other) => panic!("{other:?}"),
            }
        }
    }
}

/// A deflated message as it was before.
pub fn inflated(message: &[u8]) -> Vec<u8> {
    let mut stream = Decompress::new(false);
    stream.set_dictionary(DICTIONARY).unwrap();
    let mut whole = Vec::with_capacity(1 << 20);
    let status = stream.decompress_vec(message, &mut whole, FlushDecompress::Finish).unwrap();
    assert_eq!(status, Status::StreamEnd);
    whole
}

/// The next message that is neither ping nor pong.
pub async fn next(socket: &mut Socket) -> Message {
    loop {
        match timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

/// Reads until the close frame; its code and reason.
pub async fn close_of(socket: &mut Socket) -> (u16, String) {
    loop {
        if let Message::Close(frame) = next(socket).await {
            let frame = frame.unwrap();
            // Reading on sends our half of the farewell.
            drop(timeout(PATIENCE, socket.next()).await);
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

/// A plain request; status, headers as text, body.
pub async fn get(server: &Server, path: &str) -> (u16, String, String) {
    request(server, "GET", path, "").await
}

/// Sends a form as a page does.
pub async fn send_form(server: &Server, path: &str, headers: &str, form: &str) -> (u16, String, String) {
    let kind = "content-type: application/x-www-form-urlencoded\r\n";
    let length = form.len();
    ask(server, "POST", path, &format!("{kind}content-length: {length}\r\n{headers}"), form).await
}

pub async fn request(server: &Server, method: &str, path: &str, headers: &str) -> (u16, String, String) {
    ask(server, method, path, headers, "").await
}

async fn ask(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        server.address
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}
