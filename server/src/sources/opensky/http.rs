//! Sends requests to OpenSky: one client, one request at a time, bodies bounded, secrets unlogged.

use crate::outgoing::retry_after;
use crate::settings::{OpenSkySettings, Secret};
use crate::sources::opensky::failure::Failure;
use bytes::{Bytes, BytesMut};
use core::time::Duration;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, Url, redirect};
use serde::Deserialize;

/// The client with its token.
pub struct Http {
    client: Client,
    settings: OpenSkySettings,
    states_url: Url,
    token: Option<Secret>,
}

/// An answer with states.
pub struct StatesAnswer {
    /// The body, decompressed.
    pub body: Bytes,
    /// Credits left today.
    pub credits_remaining: Option<u64>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default = "usual_lifetime_s")]
    expires_in: f64,
}

/// The whole world is about 2 MB from OpenSky, and ten times as much with all that receivers tell.
pub const STATES_BYTES: usize = 64 * 1024 * 1024;

const TOKEN_BYTES: usize = 64 * 1024;

const CREDITS_HEADER: &str = "x-rate-limit-remaining";

const RETRY_HEADER: &str = "x-rate-limit-retry-after-seconds";

impl Http {
    /// A client for these settings.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up.
    pub fn new(settings: OpenSkySettings) -> Result<Self, reqwest::Error> {
        let mut builder = Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            // A redirect could carry the client's secret or the token to another host.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        if [&settings.states_url, &settings.token_url].into_iter().all(is_loopback) {
            builder = builder.no_proxy();
        }
        let mut states_url = settings.states_url.clone();
        let bbox = settings.bbox;
        states_url
            .query_pairs_mut()
            .append_pair("lamin", &bbox.lat_min.to_string())
            .append_pair("lomin", &bbox.lon_min.to_string())
            .append_pair("lamax", &bbox.lat_max.to_string())
            .append_pair("lomax", &bbox.lon_max.to_string())
            .append_pair("extended", "1");
        Ok(Self { client: builder.build()?, settings, states_url, token: None })
    }

    /// Asks for a token and keeps it; its lifetime comes back.
    ///
    /// # Errors
    /// No token came; the old one is forgotten.
    pub async fn renew_token(&mut self) -> Result<Duration, Failure> {
        self.token = None;
        let Some(credentials) = &self.settings.credentials else {
            return Err(Failure::Body("no_credentials"));
        };
        let form = form_body(&[
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", credentials.client_secret.reveal()),
        ]);
        let request = self
            .client
            .post(self.settings.token_url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let response = checked(request.send().await)?;
        let body = read_body(response, TOKEN_BYTES).await?;
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| Failure::Body("bad_token"))?;
        let lifetime =
            Duration::try_from_secs_f64(answer.expires_in).map_err(|_| Failure::Body("bad_token"))?;
        self.token = Some(Secret::new(answer.access_token));
        Ok(lifetime)
    }

    /// Asks for all states in the box.
    ///
    /// # Errors
    /// No complete answer of status 200 came.
    pub async fn states(&self) -> Result<StatesAnswer, Failure> {
        let mut request = self.client.get(self.states_url.clone());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.reveal());
        }
        let response = checked(request.send().await)?;
        let credits_remaining = number_in(response.headers(), CREDITS_HEADER);
        let body = read_body(response, STATES_BYTES).await?;
        Ok(StatesAnswer { body, credits_remaining })
    }
}

fn usual_lifetime_s() -> f64 {
    1800.0
}

/// The response, if its status is 200.
///
/// # Errors
/// No response, or another status.
pub fn checked(result: Result<Response, reqwest::Error>) -> Result<Response, Failure> {
    let response = result.map_err(|error| failure_of(&error))?;
    match response.status().as_u16() {
        200 => Ok(response),
        code => Err(Failure::Status { code, retry_after: pause(response.headers()) }),
    }
}

fn failure_of(error: &reqwest::Error) -> Failure {
    // The error's own text may hold the address with its query, never a secret, but it is not needed either.
    if error.is_timeout() {
        Failure::Timeout
    } else if error.is_decode() {
        Failure::Body("bad_body")
    } else {
        Failure::Connection
    }
}

/// The whole body, if it is not longer than `limit`.
///
/// # Errors
/// It is longer, or breaks off.
pub async fn read_body(mut response: Response, limit: usize) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure_of(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::Body("body_too_large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn number_in(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// OpenSky's own header, else `Retry-After`.
fn pause(headers: &HeaderMap) -> Option<Duration> {
    number_in(headers, RETRY_HEADER).map(Duration::from_secs).or_else(|| retry_after(headers))
}

fn form_body(pairs: &[(&str, &str)]) -> String {
    let mut url = Url::parse("form:").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

/// A proxy of the system has no business with addresses of this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form_body(&[("a", "x y"), ("b", "p&q=r")]), "a=x+y&b=p%26q%3Dr");
    }

    #[test]
    fn waiting_times_are_read() {
        let headers = |pairs: &[(&'static str, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
        };
        for (pairs, expected) in [
            (vec![], None),
            (vec![(RETRY_HEADER, "30")], Some(30)),
            (vec![("retry-after", "7"), (RETRY_HEADER, "30")], Some(30)),
            (vec![("retry-after", "7")], Some(7)),
        ] {
            assert_eq!(pause(&headers(&pairs)).map(|wait| wait.as_secs()), expected, "{pairs:?}");
        }
    }
}
