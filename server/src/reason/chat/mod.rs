//! Chat Completions over HTTP, streamed: OpenAI, and whoever speaks the same (Ollama, llama.cpp, vLLM).

mod chunk;
mod leaving;
pub mod request;
mod sse;

use crate::outgoing::retry_after;
use crate::reason::chat::chunk::{Answer, Chunk};
use crate::reason::chat::leaving::Leaving;
use crate::reason::chat::request::Shape;
use crate::reason::chat::sse::Lines;
use crate::reason::failure::Failure;
use crate::reason::reply::{Bill, Listener, Piece, Purse, Reply, Tokens};
use crate::settings::Secret;
use crate::sources::opensky::http::is_loopback;
use bytes::Bytes;
use core::time::Duration;
use inflight_agents::ModelQuestion;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, Response, Url, redirect};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::debug;

/// Where the provider is and how patient we are.
#[derive(Clone, Debug)]
pub struct ChatSettings {
    /// Base address, up to and with `/v1`.
    pub base_url: Url,
    /// Key, if it wants one.
    pub key: Option<Secret>,
    /// Model to ask.
    pub model: String,
    /// How often a question is asked again.
    pub retries_max: u32,
    /// Wait before it is asked again the first time; it doubles.
    pub retry_delay: Duration,
}

/// The client; clones share its connections.
#[derive(Clone, Debug)]
pub struct Chat {
    client: Client,
    url: Url,
    settings: ChatSettings,
}

/// An answer may have so many bytes, with all that is around its pieces.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// What is read of an answer that is an error.
const ERROR_BYTES: usize = 64 * 1024;

/// The list of models is waited for no longer than this.
const PROBE: Duration = Duration::from_secs(10);

/// No wait between two attempts is longer, unless the provider asks for it.
const DELAY_MAX: Duration = Duration::from_secs(8);

impl Chat {
    /// A client for these settings.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up, or the key is no header.
    pub fn new(settings: ChatSettings) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let mut builder = Client::builder()
            .default_headers(headers)
            .connect_timeout(Duration::from_secs(10))
            // A redirect could carry the key to another host.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&settings.base_url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| "cannot set up TLS".to_owned())?;
        let mut url = settings.base_url.clone();
        url.set_path(&format!("{}/chat/completions", url.path().trim_end_matches('/')));
        Ok(Self { client, url, settings })
    }

    /// Asks, again where that may help and the purse pays for it, until the deadline.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn ask(
        &self,
        question: &ModelQuestion,
        deadline: Instant,
        listener: Listener<'_>,
        purse: &mut Purse,
    ) -> Result<Reply, Failure> {
        let mut shape = Shape::Schema;
        let mut attempt = 0;
        loop {
            let mut heard = false;
            let mut listening = |piece: Piece<'_>| {
                heard = true;
                listener(piece);
            };
            let (mut bill, left) = (None, Arc::default());
            let trying = self.attempt(question, shape, &mut listening, (&mut bill, &left));
            let asked = timeout_at(deadline, trying).await;
            let untold = if left.load(Ordering::Relaxed) { Bill::Unknown } else { Bill::Nothing };
            purse.spent += bill.unwrap_or(untold).tokens(question);
            let failure = match asked {
                Err(_) => return Err(Failure::Deadline),
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(failure)) => failure,
            };
            debug!(code = failure.code(), attempt, "a chat completion failed");
            if heard {
                listener(Piece::Restarted);
            }
            if !purse.pays(question) {
                return Err(failure);
            }
            // llama.cpp and older servers do not know every form of an answer; then the words ask for it alone.
            if shape == Shape::Schema && question.schema.is_some() && is_about_shape(&failure) {
                shape = Shape::Words;
                continue;
            }
            if !failure.is_passing() || attempt == self.settings.retries_max {
                return Err(failure);
            }
            let wait = match failure {
                Failure::Limited { retry_after: Some(wait) } => wait,
                _ => delay(self.settings.retry_delay, attempt),
            };
            if Instant::now() + wait >= deadline {
                return Err(failure);
            }
            sleep(wait).await;
            attempt += 1;
        }
    }

    /// Asks for the list of models, which is free. None where that tells nothing of how a question would fare.
    pub async fn probe(&self) -> Option<Result<(), Failure>> {
        let mut url = self.settings.base_url.clone();
        url.set_path(&format!("{}/models", url.path().trim_end_matches('/')));
        let mut response = match self.client.get(url).timeout(PROBE).send().await {
            Ok(response) => response,
            Err(error) => return Some(Err(broken(&error))),
        };
        match response.status().as_u16() {
            200 => Some(Ok(())),
            status @ (401 | 403 | 500..) => {
                let body = read(&mut response, ERROR_BYTES).await.unwrap_or_default();
                Some(Err(Failure::of_status(status, None, &body, self.settings.key.as_ref())))
            }
            _ => None,
        }
    }

    async fn attempt(
        &self,
        question: &ModelQuestion,
        shape: Shape,
        listener: Listener<'_>,
        (bill, left): (&mut Option<Bill>, &Arc<AtomicBool>),
    ) -> Result<Reply, Failure> {
        let body = request::body(question, &self.settings.model, shape, is_openai(&self.url));
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        let body = Leaving { bytes: Some(body.to_string().into()), left: Arc::clone(left) };
        let sent = request.body(Body::wrap(body)).send().await;
        let mut response = sent.map_err(|error| broken(&error))?;
        let status = response.status().as_u16();
        let key = self.settings.key.as_ref();
        if status != 200 {
            *bill = Some(Bill::Nothing);
            let retry_after = retry_after(response.headers());
            let body = read(&mut response, ERROR_BYTES).await.unwrap_or_default();
            return Err(Failure::of_status(status, retry_after, &body, key));
        }
        let is_stream = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
            kind.to_str().is_ok_and(|kind| kind.to_ascii_lowercase().starts_with("text/event-stream"))
        });
        let mut answer = Answer::default();
        let read = if is_stream {
            stream(&mut response, &mut answer, listener, key).await
        } else {
            let body = read(&mut response, ANSWER_BYTES).await;
            body.and_then(|body| take(&mut answer, &body, listener, key))
        };
        let counted = answer.tokens;
        if !counted.is_none() {
            *bill = Some(Bill::Counted(counted));
        }
        read?;
        let reply = answer.whole()?;
        if counted.is_none() {
            *bill = Some(Bill::Counted(Tokens::about(question, &reply)));
        }
        Ok(reply)
    }
}

/// The header that says who we are, marked so that nobody prints it.
///
/// # Errors
/// The key holds what no header may.
pub fn bearer(key: &Secret) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", key.reveal()))
        .map_err(|_| "expected a key of visible ASCII characters".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The wait before attempt `attempt + 1`: doubled each time, and up to half of it left to chance.
#[must_use]
pub fn delay(first: Duration, attempt: u32) -> Duration {
    let whole = first.saturating_mul(1 << attempt.min(10)).min(DELAY_MAX.max(first));
    whole.mul_f64(0.5 + 0.5 * fastrand::f64())
}

async fn stream(
    response: &mut Response,
    answer: &mut Answer,
    listener: Listener<'_>,
    key: Option<&Secret>,
) -> Result<(), Failure> {
    let mut lines = Lines::default();
    let mut total = 0;
    while let Some(bytes) = response.chunk().await.map_err(|error| broken(&error))? {
        total += bytes.len();
        if total > ANSWER_BYTES {
            return Err(Failure::Incomplete("too long".to_owned()));
        }
        lines.push(&bytes);
        while let Some(data) = lines.next() {
            if data == b"[DONE]" {
                answer.done = true;
                return Ok(());
            }
            take(answer, &data, listener, key)?;
        }
    }
    Ok(())
}

fn take(
    answer: &mut Answer,
    data: &[u8],
    listener: Listener<'_>,
    key: Option<&Secret>,
) -> Result<(), Failure> {
    let unreadable = |_| Failure::Unavailable("unreadable_answer".to_owned());
    let chunk: Chunk = serde_json::from_slice(data).map_err(unreadable)?;
    if let Some(error) = &chunk.error {
        return Err(error.failure(key));
    }
    if let Some(text) = answer.take(chunk) {
        listener(Piece::Text(&text));
    }
    Ok(())
}

async fn read(response: &mut Response, limit: usize) -> Result<Bytes, Failure> {
    let mut body = bytes::BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::Incomplete("too long".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The error's own text is not used: it may hold an address with more in it than it should.
fn broken(error: &reqwest::Error) -> Failure {
    let code = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connection"
    } else {
        "broken_off"
    };
    Failure::Unavailable(code.to_owned())
}

fn is_about_shape(failure: &Failure) -> bool {
    let Failure::Refused { message, .. } = failure else { return false };
    ["response_format", "json_schema", "grammar"].iter().any(|word| message.contains(word))
}

/// Its newer models refuse `max_tokens`; others know nothing else.
fn is_openai(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "api.openai.com" || host.ends_with(".openai.azure.com"))
}
