//! Opens a WebSocket to the Realtime API over the one HTTP client that we have, so that its TLS and proxies serve here too.

use crate::outgoing::retry_after;
use crate::reason::chat::bearer;
use crate::reason::failure::Failure;
use crate::settings::Secret;
use crate::sources::opensky::http::is_loopback;
use core::time::Duration;
use futures_util::{SinkExt, StreamExt};
use reqwest::header::{
    AUTHORIZATION, CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Client, StatusCode, Upgraded, Url, redirect};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// An open connection.
pub type Socket = WebSocketStream<Upgraded>;

/// What opens connections.
#[derive(Clone, Debug)]
pub struct Dialer {
    client: Client,
    url: Url,
    key: Option<Secret>,
}

/// A message may have so many bytes; sound would be longer, and is not asked for.
const MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Opening takes no longer.
const OPENING: Duration = Duration::from_secs(10);

/// A ping is sent this often, and something must be heard within three of them.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What is read of an answer that is no upgrade.
const ERROR_BYTES: usize = 64 * 1024;

impl Dialer {
    /// Connects to `url` (`ws`, `wss`, `http` or `https`), where this model answers.
    ///
    /// # Errors
    /// The address or the key cannot be used, or TLS could not be set up.
    pub fn new(url: &Url, model: &str, key: Option<Secret>) -> Result<Self, String> {
        let mut url = url.clone();
        let scheme = if matches!(url.scheme(), "wss" | "https") { "https" } else { "http" };
        // An address of another scheme cannot take ours over; what is left of it is the same.
        let text = url.as_str().split_once(':').map_or("", |(_, rest)| rest);
        url = Url::parse(&format!("{scheme}:{text}")).map_err(|error| error.to_string())?;
        url.query_pairs_mut().append_pair("model", model);
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let mut builder = Client::builder()
            .default_headers(headers)
            .http1_only()
            .connect_timeout(OPENING)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| "cannot set up TLS".to_owned())?;
        Ok(Self { client, url, key })
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// It was refused, or nobody is there.
    pub async fn open(&self) -> Result<Socket, Failure> {
        let opened = timeout(OPENING, self.handshake()).await;
        opened.unwrap_or_else(|_| Err(Failure::Unavailable("timeout".to_owned())))
    }

    async fn handshake(&self) -> Result<Socket, Failure> {
        let challenge = generate_key();
        let request = self
            .client
            .get(self.url.clone())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &challenge);
        let sent = request.send().await;
        let mut response = sent.map_err(|error| {
            Failure::Unavailable(if error.is_connect() { "connection" } else { "broken_off" }.to_owned())
        })?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status().as_u16();
            let retry_after = retry_after(response.headers());
            let mut body = Vec::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > ERROR_BYTES {
                    break;
                }
            }
            return Err(match status {
                200..=399 => not_a_socket(),
                _ => Failure::of_status(status, retry_after, &body, self.key.as_ref()),
            });
        }
        let expected = HeaderValue::try_from(derive_accept_key(challenge.as_bytes())).ok();
        if response.headers().get(SEC_WEBSOCKET_ACCEPT) != expected.as_ref() {
            return Err(not_a_socket());
        }
        let upgraded = response.upgrade().await.map_err(|_| Failure::Unavailable("broken_off".to_owned()))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES))
            .max_frame_size(Some(MESSAGE_BYTES));
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
    }
}

/// Carries texts both ways until one side ends it; why comes back. The end of `outgoing` closes it.
pub async fn carry(
    socket: Socket,
    mut outgoing: mpsc::UnboundedReceiver<String>,
    mut heard: impl FnMut(String),
) -> Failure {
    let (mut sink, mut stream) = socket.split();
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    loop {
        let sent = tokio::select! {
            message = stream.next() => {
                heard_at = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => heard(text.to_string()),
                    Some(Ok(Message::Close(frame))) => return closed(frame.as_ref()),
                    Some(Ok(_)) => {}
                    Some(Err(Error::Capacity(_))) => return Failure::Incomplete("too long".to_owned()),
                    Some(Err(_)) | None => return Failure::Unavailable("broken_off".to_owned()),
                }
                continue;
            }
            text = outgoing.recv() => match text {
                Some(text) => sink.send(Message::text(text)).await,
                None => {
                    drop(timeout(Duration::from_secs(1), sink.close()).await);
                    return Failure::Unavailable("closed".to_owned());
                }
            },
            _ = pings.tick() => {
                if heard_at.elapsed() > PING_EVERY * 3 {
                    return Failure::Unavailable("silent".to_owned());
                }
                sink.send(Message::Ping(bytes::Bytes::new())).await
            }
        };
        if sent.is_err() {
            return Failure::Unavailable("broken_off".to_owned());
        }
    }
}

/// Codes from 3000 on are the API's own, and mean that we may not come in.
fn closed(frame: Option<&CloseFrame>) -> Failure {
    let code = frame.map_or(1005, |frame| u16::from(frame.code));
    match code {
        3000 | 4000 | 1008 => Failure::Refused { code: format!("closed_{code}"), message: String::new() },
        _ => Failure::Unavailable(format!("closed_{code}")),
    }
}

fn not_a_socket() -> Failure {
    Failure::Refused {
        code: "no_websocket".to_owned(),
        message: "this address speaks no WebSocket".to_owned(),
    }
}
