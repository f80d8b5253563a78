//! From an HTTP request to a socket: what RFC 6455 demands of the request, and the answer to it.

use crate::http::error::HttpError;
use crate::ws::socket::Socket;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use inflight_wire::limits::MESSAGE_BYTES;
use tungstenite::handshake::derive_accept_key;

/// A request that may become a socket.
#[derive(Debug)]
pub struct Handshake {
    accept: String,
    protocol: Option<&'static str>,
    message_bytes: usize,
    on_upgrade: OnUpgrade,
}

/// A socket on a connection that began as HTTP.
pub type HttpSocket = Socket<TokioIo<Upgraded>>;

impl Handshake {
    /// Answers that this subprotocol is spoken; the client must have offered it.
    #[must_use]
    pub fn speaking(self, protocol: &'static str) -> Self {
        Self { protocol: Some(protocol), ..self }
    }

    /// Lets messages of the client hold so many bytes, in place of the protocol's limit.
    #[must_use]
    pub fn message_bytes(self, message_bytes: usize) -> Self {
        Self { message_bytes, ..self }
    }

    /// Hands the socket over in a task of its own, as soon as the answer is out.
    pub fn then<F, T>(self, serve: F) -> Response
    where
        F: FnOnce(HttpSocket) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let Self { accept, protocol, message_bytes, on_upgrade } = self;
        tokio::spawn(async move {
            // A client that has gone in between needs no socket.
            let Ok(upgraded) = on_upgrade.await else { return };
            // A task of its own once more: what stood ready until here goes.
            tokio::spawn(serve(Socket::server(TokioIo::new(upgraded), message_bytes)));
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        // Base64 is always a header.
        if let Ok(accept) = HeaderValue::try_from(accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if let Some(protocol) = protocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let accept = demand(parts).map_err(refusal)?;
        let on_upgrade = parts.extensions.remove::<OnUpgrade>();
        let on_upgrade = on_upgrade.ok_or_else(|| refusal("a connection that can be upgraded"))?;
        Ok(Self { accept, protocol: None, message_bytes: MESSAGE_BYTES, on_upgrade })
    }
}

/// The answer to the client's key, or what is missing.
fn demand(parts: &Parts) -> Result<String, &'static str> {
    let headers = &parts.headers;
    if parts.method != Method::GET {
        return Err("the method GET");
    }
    if !lists(headers, &header::CONNECTION, "upgrade") {
        return Err("the header connection: upgrade");
    }
    if !lists(headers, &header::UPGRADE, "websocket") {
        return Err("the header upgrade: websocket");
    }
    if !lists(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        return Err("the header sec-websocket-version: 13");
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or("the header sec-websocket-key")?;
    Ok(derive_accept_key(key.as_bytes()))
}

fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

fn refusal(missing: &str) -> HttpError {
    let message = format!("this address is for WebSockets: expected {missing}");
    HttpError::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message)
}
