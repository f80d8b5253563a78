//! `inflight keys`: creates, lists and revokes API keys. A running server notices within a second.

use crate::auth::key_file::{KeyFile, KeyRecord, Locked, NewKey, path_in};
use crate::auth::{Role, names};
use crate::cli::{KeysArgs, KeysCommand, KeysCreateArgs};
use crate::clock;
use crate::exit::AppError;
use crate::settings::text_of;
use inflight_domain::UnixMillis;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(Serialize)]
struct Created<'a> {
    id: &'a str,
    key: &'a str,
    name: &'a str,
    roles: &'a [Role],
    expires: Option<UnixMillis>,
}

#[derive(Serialize)]
struct Listed<'a> {
    good: bool,
    #[serde(flatten)]
    key: &'a KeyRecord,
}

/// Runs one of the commands.
///
/// # Errors
/// The key file cannot be used, an argument makes no sense, or there is no such key.
pub fn run(args: &KeysArgs) -> Result<(), AppError> {
    let folder = match &args.data_dir {
        Some(folder) => folder.clone(),
        None => PathBuf::from(text_of(&args.inputs()?.resolve(), "DATA_DIR")),
    };
    match &args.command {
        KeysCommand::Create(new) => create(&folder, new),
        KeysCommand::List { json } => list(&folder, *json),
        KeysCommand::Revoke { id } => revoke(&folder, id),
    }
}

fn create(folder: &Path, args: &KeysCreateArgs) -> Result<(), AppError> {
    let name = names::person(&args.name).ok_or_else(|| {
        let expected =
            "expected 1 to 128 characters without blanks, and no name of the machine's own such as system";
        AppError::Usage(format!("--name {:?}: {expected}", args.name))
    })?;
    let now = clock::now();
    let expires = args.expires_days.map(|days| UnixMillis((now.0 / 1000 + i64::from(days) * 86_400) * 1000));
    let (businesses, locations) = (args.business.clone(), args.location.clone());
    let new = NewKey { name, roles: args.role.clone(), businesses, locations, expires };
    let problem = |cause: io::Error| AppError::file(path_in(folder), &cause);
    let mut locked = Locked::open(folder).map_err(problem)?;
    let (id, key) = locked.file.create(new, now).map_err(problem)?;
    locked.write().map_err(problem)?;
    if args.json {
        return print_json(&Created { id: &id, key: &key, name: &args.name, roles: &args.role, expires });
    }
    println!("{key}");
    eprintln!("key {id} for {} is shown only now: keep it where secrets are kept", args.name);
    Ok(())
}

fn list(folder: &Path, json: bool) -> Result<(), AppError> {
    let path = path_in(folder);
    let file = KeyFile::read(&path).map_err(|cause| AppError::file(path, &cause))?;
    let now = clock::now();
    if json {
        let keys: Vec<_> = file.keys.iter().map(|key| Listed { good: key.is_good(now), key }).collect();
        return print_json(&keys);
    }
    if file.keys.is_empty() {
        println!("no keys; `inflight keys create --name ana --role viewer` makes one");
    }
    for key in &file.keys {
        let roles: Vec<_> = key.roles.iter().map(|role| role.name()).collect();
        let scope =
            if key.businesses.is_empty() { "no business".to_owned() } else { key.businesses.join(",") };
        let state = match (key.revoked, key.expires) {
            (Some(at), _) => format!("revoked {}", date(at)),
            (None, Some(at)) if at <= now => format!("expired {}", date(at)),
            (None, Some(at)) => format!("good until {}", date(at)),
            (None, None) => "good".to_owned(),
        };
        println!("{}  {:20}  {:24}  {scope:20}  {state}", key.id, key.name, roles.join(","));
    }
    Ok(())
}

fn revoke(folder: &Path, id: &str) -> Result<(), AppError> {
    let problem = |cause: io::Error| AppError::file(path_in(folder), &cause);
    let mut locked = Locked::open(folder).map_err(problem)?;
    if !locked.file.revoke(id, clock::now()) {
        return Err(AppError::Usage(format!(
            "there is no key {id} that is good; `inflight keys list` shows all"
        )));
    }
    locked.write().map_err(problem)?;
    println!("key {id} is revoked; a running server closes its connections within a second");
    Ok(())
}

fn print_json(value: &impl Serialize) -> Result<(), AppError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| AppError::Other(error.to_string()))?;
    println!("{text}");
    Ok(())
}

fn date(at: UnixMillis) -> String {
    let since = Duration::from_millis(u64::try_from(at.0).unwrap_or_default());
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since)
}
