//! A stand-in for the OpenAI Realtime API in its GA form: what a client without a key, or a test, talks to.
//!
//! Close code 3000 for a bad key is a guess; the rest follows the API's document, its client and reports of its users.

mod answer;
mod demands;
mod session;
mod writer;

use core::time::Duration;
use session::Session;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_util::task::AbortOnDropHandle;

/// How it behaves.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Time between two words.
    pub word_pause: Duration,
    /// How long a session lasts.
    pub lasts: Duration,
    /// The only key that opens it; any does without.
    pub key: Option<String>,
    /// One response at a time, even out of the conversation.
    pub one_at_a_time: bool,
}

/// One that listens until it is dropped.
#[derive(Debug)]
pub struct StandIn {
    /// Where.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    hang_up: watch::Sender<u64>,
    _task: AbortOnDropHandle<()>,
}

/// What it saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Connections that were opened.
    pub connections: u64,
    /// Questions that were asked.
    pub asked: u64,
    /// Responses that were cancelled.
    pub cancelled: u64,
    /// Headers of the last connection, names and values.
    pub headers: Vec<(String, String)>,
    /// What the last connection asked for, as `/v1/realtime?model=m`.
    pub target: String,
}

/// How many know what was seen.
pub(super) type Shared = Arc<Mutex<Seen>>;

impl Default for Manner {
    fn default() -> Self {
        let (word_pause, lasts) = (Duration::from_millis(2), Duration::from_secs(3600));
        Self { word_pause, lasts, key: None, one_at_a_time: false }
    }
}

impl StandIn {
    /// Address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}/v1/realtime", self.address)
    }

    /// What it saw so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        note(&self.seen, |seen| seen.clone())
    }

    /// Breaks off every connection, in the middle of what it says.
    pub fn hang_up(&self) {
        self.hang_up.send_modify(|times| *times += 1);
    }
}

/// Listens on the loopback.
///
/// # Errors
/// The port is taken.
pub async fn start(port: u16, manner: Manner) -> io::Result<StandIn> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let (address, seen) = (listener.local_addr()?, Shared::default());
    let (hang_up, hung_up) = watch::channel(0);
    let serving = serve(listener, manner, Arc::clone(&seen), hung_up);
    Ok(StandIn { address, seen, hang_up, _task: AbortOnDropHandle::new(tokio::spawn(serving)) })
}

async fn serve(listener: TcpListener, manner: Manner, seen: Shared, hung_up: watch::Receiver<u64>) {
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let mut hung_up = hung_up.clone();
        hung_up.mark_unchanged();
        let (manner, seen) = (manner.clone(), Arc::clone(&seen));
        tasks.spawn(async move {
            tokio::select! {
                () = connection(stream, manner, seen) => {}
                _ = hung_up.changed() => {}
            }
        });
        while tasks.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, manner: Manner, seen: Shared) {
    let mut headers = Vec::new();
    let mut target = String::new();
    #[expect(clippy::result_large_err, reason = "the signature of the callback")]
    let callback = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        target = request.uri().to_string();
        for (name, value) in request.headers() {
            headers.push((name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        }
        if request.uri().path().ends_with("/realtime") {
            return Ok(response);
        }
        let mut refused = ErrorResponse::new(Some("{\"error\":{\"message\":\"not found\"}}".to_owned()));
        *refused.status_mut() = tungstenite::http::StatusCode::NOT_FOUND;
        Err(refused)
    };
    let Ok(socket) = accept_hdr_async(stream, callback).await else { return };
    note(&seen, |seen| {
        seen.connections += 1;
        seen.headers.clone_from(&headers);
        seen.target.clone_from(&target);
    });
    let header =
        |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let refusal = demands::refusal(header("openai-beta"), header("authorization"), manner.key.as_deref());
    let model =
        target.split(['?', '&']).find_map(|pair| pair.strip_prefix("model=")).unwrap_or("gpt-realtime");
    Session::new(socket, model, manner, seen).run(refusal).await;
}

/// Changes or reads what was seen.
pub(super) fn note<T>(seen: &Shared, change: impl FnOnce(&mut Seen) -> T) -> T {
    // A test that failed while it looked does not make what was seen wrong.
    change(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}
