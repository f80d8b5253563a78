//! Gets one answer of a source that is asked: from OpenSky, from any address, or from a file.

use crate::settings::{SourceSettings, Target};
use crate::sources::opensky::failure::Failure;
use crate::sources::opensky::http::{Http, STATES_BYTES, StatesAnswer, checked, is_loopback, read_body};
use bytes::Bytes;
use core::time::Duration;
use reqwest::{Client, Url, redirect};
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;

/// Where answers come from.
pub enum Fetch {
    /// OpenSky, with its tokens.
    OpenSky(Box<Http>),
    /// An address.
    Web(Client, Url),
    /// A file that a receiver writes anew again and again.
    File(PathBuf),
}

impl Fetch {
    /// The way to a receiver or a service.
    ///
    /// # Errors
    /// The system's TLS or resolver could not be set up.
    pub fn new(settings: &SourceSettings) -> Result<Self, reqwest::Error> {
        let url = match &settings.target {
            Target::Url(url) => url.clone(),
            Target::File(path) => return Ok(Self::File(path.clone())),
            // What has neither address nor file is asked in vain and says so.
            Target::OpenSky | Target::Address(_) => return Ok(Self::File(PathBuf::new())),
        };
        let mut builder = Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .redirect(redirect::Policy::limited(3))
            .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        Ok(Self::Web(builder.build()?, url))
    }

    /// Asks.
    ///
    /// # Errors
    /// No complete answer came.
    pub async fn answer(&self) -> Result<StatesAnswer, Failure> {
        let body = match self {
            Self::OpenSky(http) => return http.states().await,
            Self::Web(client, url) => {
                let response = checked(client.get(url.clone()).send().await)?;
                read_body(response, STATES_BYTES).await?
            }
            Self::File(path) => read_file(path).await?,
        };
        Ok(StatesAnswer { body, credits_remaining: None })
    }
}

async fn read_file(path: &Path) -> Result<Bytes, Failure> {
    let failure = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Body("no_such_file"),
        _ => Failure::Body("unreadable_file"),
    };
    let file = tokio::fs::File::open(path).await.map_err(failure)?;
    let mut body = Vec::new();
    let limit = STATES_BYTES as u64 + 1;
    file.take(limit).read_to_end(&mut body).await.map_err(failure)?;
    if body.len() > STATES_BYTES {
        return Err(Failure::Body("body_too_large"));
    }
    Ok(body.into())
}
