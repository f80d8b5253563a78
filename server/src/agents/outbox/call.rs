//! One call of another system: only where the settings let agents call, never with more than the effect says.

use crate::outgoing::retry_after;
use core::time::Duration;
use inflight_agents::rows::OutboxRow;
use reqwest::{Client, StatusCode, Url, redirect};
use serde_json::{Value, json};

/// Calls other systems.
#[derive(Clone, Debug)]
pub struct Calls {
    client: Client,
    places: Vec<Place>,
}

/// Where agents may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Addresses that begin like this.
    Below(String),
    /// This address, by a name.
    Named {
        /// The name.
        name: String,
        /// The address.
        address: String,
    },
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// For people, without secrets.
    pub message: String,
    /// Another try may help.
    pub again: bool,
    /// The other side asks for so long a pause.
    pub after: Option<Duration>,
    /// It went out, or was to; not so where there was no room for it, or the other side is left in peace.
    pub tried: bool,
}

/// Of an answer so much is kept.
const ANSWER_BYTES: usize = 16 * 1024;

/// The longest pause that another side may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

impl Calls {
    /// Calls to these places and nowhere else.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up.
    pub fn new(places: Vec<Place>) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            // Another address was not allowed.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        let local = places.iter().all(|place| Url::parse(place.address()).is_ok_and(|url| is_loopback(&url)));
        let builder = if local { builder.no_proxy() } else { builder };
        Ok(Self { client: builder.build()?, places })
    }

    /// The address, if agents may call it.
    ///
    /// # Errors
    /// They may not, or it is none.
    pub fn address(&self, target: &str) -> Result<Url, CallFailure> {
        let named = self.places.iter().find_map(|place| match place {
            Place::Named { name, address } if name == target => Some(address.as_str()),
            _ => None,
        });
        let wrong = |_| never(format!("{target:?} is neither an address nor a name in AGENT_CALLS_TO"));
        let url = Url::parse(named.unwrap_or(target)).map_err(wrong)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let below = |place: &Place| matches!(place, Place::Below(start) if url.as_str().starts_with(start));
        if named.is_some() || (plain && self.places.iter().any(below)) {
            return Ok(url);
        }
        let origin = url.origin().ascii_serialization();
        Err(never(format!("agents may not call {origin}: AGENT_CALLS_TO lists where they may")))
    }

    /// Sends what an effect says; whoever gets it twice knows it by the key.
    ///
    /// # Errors
    /// No answer came, or one that says no.
    pub async fn send(&self, row: &OutboxRow) -> Result<Value, CallFailure> {
        let url = self.address(&row.effect.target)?;
        let mut request = self
            .client
            .post(url)
            .timeout(Duration::from_millis(row.effect.retry.timeout.into()))
            .header("content-type", "application/json")
            .header("idempotency-key", &row.key.0)
            .body(json!(row.effect.payload).to_string());
        if let Some(correlation) = &row.correlation {
            request = request.header("x-request-id", correlation);
        }
        let response = request.send().await.map_err(|error| again(described(&error)))?;
        let after = retry_after(response.headers()).map(|pause| pause.min(LONGEST_PAUSE));
        let status = response.status();
        let text = head(response).await.map_err(|error| again(described(&error)))?;
        if status.is_success() {
            let value = serde_json::from_str::<Value>(&text).unwrap_or(Value::String(text));
            return Ok(json!({"status": status.as_u16(), "body": value}));
        }
        let message = format!("it answered {status}");
        Err(CallFailure { message, again: is_passing(status), after, tried: true })
    }
}

impl Place {
    /// This address, by a name.
    #[must_use]
    pub fn named(name: &str, address: &str) -> Self {
        Self::Named { name: name.to_owned(), address: address.to_owned() }
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named { name, .. } => Some(name),
            Self::Below(_) => None,
        }
    }

    fn address(&self) -> &str {
        match self {
            Self::Below(address) | Self::Named { address, .. } => address,
        }
    }
}

pub(super) fn never(message: String) -> CallFailure {
    CallFailure { message, again: false, after: None, tried: true }
}

pub(super) fn again(message: String) -> CallFailure {
    CallFailure { message, again: true, after: None, tried: true }
}

/// What may be otherwise next time.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_MANY_REQUESTS
                | StatusCode::TOO_EARLY
                | StatusCode::LOCKED
        )
}

/// The beginning of an answer.
async fn head(mut response: reqwest::Response) -> Result<String, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await? {
        bytes.extend_from_slice(&piece[..piece.len().min(ANSWER_BYTES - bytes.len())]);
        if bytes.len() == ANSWER_BYTES {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What went wrong, without the address: it may carry a secret.
fn described(error: &reqwest::Error) -> String {
    let sort = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "there is no connection"
    } else {
        "the connection broke"
    };
    sort.to_owned()
}

fn is_loopback(url: &Url) -> bool {
    crate::sources::opensky::http::is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, expected: Result<&str, &str>) {
        let below = |start: &str| Place::Below(start.to_owned());
        let places = vec![
            below("https://hooks.example/agents"),
            below("http://127.0.0.1:9/"),
            Place::named("ops", "https://ops.example/in"),
        ];
        let found = Calls::new(places).unwrap().address(target);
        let found = found.as_ref().map(Url::as_str).map_err(|failure| failure.message.as_str());
        assert_eq!(found, expected, "{target}");
    }

    #[test]
    fn only_what_is_listed_is_called() {
        check("https://hooks.example/agents/1", Ok("https://hooks.example/agents/1"));
        check("HTTPS://HOOKS.example/agents", Ok("https://hooks.example/agents"));
        check("http://127.0.0.1:9/x", Ok("http://127.0.0.1:9/x"));
        let no = |origin| format!("agents may not call {origin}: AGENT_CALLS_TO lists where they may");
        for (target, origin) in [
            ("https://hooks.example/other", "https://hooks.example"),
            ("https://hooks.example/agents/../other", "https://hooks.example"),
            ("https://hooks.example.evil.example/agents", "https://hooks.example.evil.example"),
            ("https://user@hooks.example/agents", "https://hooks.example"),
            ("http://127.0.0.1:91/", "http://127.0.0.1:91"),
        ] {
            check(target, Err(&no(origin)));
        }
        check("ops", Ok("https://ops.example/in"));
        check("nowhere", Err("\"nowhere\" is neither an address nor a name in AGENT_CALLS_TO"));
    }
}
