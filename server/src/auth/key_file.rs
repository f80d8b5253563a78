//! `keys.json`: the API keys with hashes instead of secrets, read and written whole.

use crate::auth::principal::Role;
use crate::auth::secret;
use inflight_domain::{UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Every key ever created; revoked ones stay, so that the file tells what was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// The keys, the oldest first.
    pub keys: Vec<KeyRecord>,
}

/// What is kept of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// What the key is called in lists and logs.
    pub id: String,
    /// The user that it stands for.
    pub name: String,
    /// SHA-256 of the secret, as hex digits.
    pub sha256: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// For which businesses; `*` stands for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub businesses: Vec<String>,
    /// At which of their locations; none named stands for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
    /// When it was created, in seconds since 1970, as all times here.
    pub created: UnixMillis,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<UnixMillis>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<UnixMillis>,
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The user that it stands for.
    pub name: UserId,
    /// What it may do.
    pub roles: Vec<Role>,
    /// For which businesses.
    pub businesses: Vec<String>,
    /// At which locations.
    pub locations: Vec<String>,
    /// When it ends by itself.
    pub expires: Option<UnixMillis>,
}

/// A key file with nobody else writing to it.
#[derive(Debug)]
pub struct Locked {
    path: PathBuf,
    /// What it holds.
    pub file: KeyFile,
    _lock: File,
}

/// How all keys begin, so that one that leaks is recognised.
pub const PREFIX: &str = "ifk_";

/// Where the keys of this folder are.
#[must_use]
pub fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("keys.json")
}

impl KeyFile {
    /// Reads a file; no keys if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no key file.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Keys that are good at this moment.
    pub fn good(&self, now: UnixMillis) -> impl Iterator<Item = &KeyRecord> {
        self.keys.iter().filter(move |key| key.is_good(now))
    }

    /// Adds a key; its id, and the text that is shown once.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn create(&mut self, new: NewKey, now: UnixMillis) -> io::Result<(String, String)> {
        let (id, secret) = (secret::random_hex::<6>()?, secret::random_hex::<32>()?);
        self.keys.push(KeyRecord {
            id: id.clone(),
            name: new.name.to_string(),
            sha256: secret::hex(&secret::hash(&secret)),
            roles: new.roles,
            businesses: new.businesses,
            locations: new.locations,
            created: UnixMillis(now.0 / 1000 * 1000),
            expires: new.expires,
            revoked: None,
        });
        Ok((id.clone(), format!("{PREFIX}{id}_{secret}")))
    }

    /// Revokes a key; false if there is none of this id, or it was revoked before.
    pub fn revoke(&mut self, id: &str, now: UnixMillis) -> bool {
        let key = self.keys.iter_mut().find(|key| key.id == id && key.revoked.is_none());
        key.map(|key| key.revoked = Some(UnixMillis(now.0 / 1000 * 1000))).is_some()
    }
}

impl KeyRecord {
    /// Neither revoked nor expired.
    #[must_use]
    pub fn is_good(&self, now: UnixMillis) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| expires > now)
    }
}

impl Locked {
    /// Reads the keys of a folder, which is made if it is not there, and keeps others from writing meanwhile.
    ///
    /// # Errors
    /// The folder or the files cannot be used.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(data_dir)?;
        let lock = private().write(true).create(true).truncate(false).open(data_dir.join("keys.lock"))?;
        lock.lock()?;
        let path = path_in(data_dir);
        Ok(Self { file: KeyFile::read(&path)?, path, _lock: lock })
    }

    /// Puts the new file in the place of the old one, in one step.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self) -> io::Result<()> {
        let fresh = self.path.with_extension("json.new");
        drop(fs::remove_file(&fresh));
        let mut file = private().write(true).create_new(true).open(&fresh)?;
        let mut text = serde_json::to_vec_pretty(&self.file)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        // The name is on the disk too only when its folder is.
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

/// Files that only the owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
