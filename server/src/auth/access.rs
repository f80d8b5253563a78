//! From the settings to who may enter; nobody by accident.

use crate::auth::door::{OpenByAccident, Situation};
use crate::auth::key_file::path_in;
use crate::auth::keys::Keys;
use crate::auth::tokens::Tokens;
use crate::auth::{Auth, Door, Proofs};
use crate::exit::AppError;
use crate::settings::{Mode, Settings};
use std::net::IpAddr;
use tracing::warn;

/// A shorter secret of HS256 can be found from one token.
const SECRET_BYTES: usize = 32;

const SHORT: &str = "whoever sees one token can find it; take what `openssl rand -hex 32` prints";

/// Access as the settings say, on a listener that only this machine reaches or also others.
///
/// # Errors
/// The server would stand open by accident, or the keys cannot be read.
pub fn of(settings: &Settings, loopback: bool) -> Result<Auth, AppError> {
    let path = path_in(&settings.data_dir);
    let keys = Keys::open(path.clone()).map_err(|cause| AppError::file(path, &cause))?;
    let door = door(settings, loopback, &keys).map_err(|error| AppError::Usage(error.to_string()))?;
    if door == Door::Local {
        warn!(
            "live data without keys or JWT_SECRET: whoever uses this machine may look, nobody may change anything"
        );
    }
    let access = &settings.access;
    let short = access.jwt_secrets.iter().any(|secret| secret.reveal().len() < SECRET_BYTES);
    if short && !loopback {
        return Err(AppError::Usage(format!("JWT_SECRET is shorter than {SECRET_BYTES} bytes: {SHORT}")));
    }
    if short {
        warn!("JWT_SECRET is shorter than {SECRET_BYTES} bytes, which will do on this machine only: {SHORT}");
    }
    let tokens = (!access.jwt_secrets.is_empty())
        .then(|| Tokens::new(&access.jwt_secrets, access.jwt_audience.as_deref()));
    let proofs = Proofs { keys: Some(keys), tokens, key_in_url: access.key_in_url };
    Ok(Auth::proving(door, settings.limits, proofs))
}

/// What would keep a server with these settings from starting, as far as can be told without listening.
///
/// # Errors
/// The same.
pub fn check(settings: &Settings) -> Result<(), AppError> {
    let loopback = settings.host == "localhost"
        || settings.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    of(settings, loopback).map(drop)
}

fn door(settings: &Settings, loopback: bool, keys: &Keys) -> Result<Door, OpenByAccident> {
    Door::of(Situation {
        replay: settings.mode == Mode::Replay,
        loopback,
        public_demo: settings.access.public_demo,
        credentials: !keys.is_empty() || !settings.access.jwt_secrets.is_empty(),
    })
}
