//! Seals what is marked sensitive before it is stored: AES-256-GCM in the layout `iv(12) | ciphertext | tag(16)` of specification 001.

use crate::auth::secret::{Hash, hash, hex};
use crate::settings::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Seals and opens. Sealed text is `sealed:KEYID:HEX`, so that several keys may be in use while one is changed.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<Vec<SealKey>>,
    /// Where a key is made and kept, if none was told.
    own: Option<Arc<OwnKey>>,
}

/// Why something was not sealed or opened. Neither key nor content is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with a key that is not there.
    #[error("sealed with the key {key_id}, which is not among those of ENCRYPTION_KEY (known: {known})")]
    UnknownKey {
        /// Id of that key.
        key_id: String,
        /// Ids of the keys that are there.
        known: String,
    },
    /// The text has another shape.
    #[error("not sealed: expected sealed:KEYID:HEX, {0}")]
    Malformed(&'static str),
    /// It was changed after it was sealed, or by another key of the same id.
    #[error("sealed content was changed, or its key {key_id} is not the one it was sealed with")]
    Tampered {
        /// Id of the key.
        key_id: String,
    },
    /// A key is no key.
    #[error("expected 64 hex digits (32 bytes)")]
    NoKey,
    /// The file of the key cannot be used.
    #[error("cannot use {path}: {problem}")]
    KeyFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The system has no randomness to give, or the content is longer than the cipher takes.
    #[error("cannot seal: {0}")]
    Failed(&'static str),
}

struct SealKey {
    id: String,
    key: LessSafeKey,
}

struct OwnKey {
    path: PathBuf,
    made: OnceLock<Result<SealKey, SealError>>,
}

const PREFIX: &str = "sealed:";
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// Name of the file that holds a key of our own, below the folder of the data.
const FILE: &str = "seal.key";

impl Sealer {
    /// Seals with the first of these keys and opens with all of them. Without any, a key is made below `folder`
    /// when it is first needed, and kept there.
    ///
    /// # Errors
    /// A key is not 64 hex digits.
    pub fn new(keys: &[Secret], folder: &Path) -> Result<Self, SealError> {
        let keys = keys.iter().map(|key| SealKey::read(key.reveal())).collect::<Result<Vec<_>, _>>()?;
        let own = keys.is_empty().then(|| OwnKey { path: folder.join(FILE), made: OnceLock::new() });
        Ok(Self { keys: Arc::new(keys), own: own.map(Arc::new) })
    }

    /// Whether a key was told, so that the data alone is not enough to read what is sealed.
    #[must_use]
    pub fn has_told_key(&self) -> bool {
        self.own.is_none()
    }

    /// Seals these bytes as text.
    ///
    /// # Errors
    /// No key could be made or read, or no randomness is there.
    pub fn seal(&self, bytes: &[u8]) -> Result<String, SealError> {
        let key = self.newest()?;
        let mut iv = [0; IV_BYTES];
        getrandom::fill(&mut iv).map_err(|_| SealError::Failed("the system has no randomness"))?;
        Ok(format!("{PREFIX}{}:{}", key.id, hex(&key.seal(iv, bytes)?)))
    }

    /// Opens what [`Sealer::seal`] made.
    ///
    /// # Errors
    /// The text is not sealed, its key is not there, or it was changed.
    pub fn open(&self, sealed: &str) -> Result<Vec<u8>, SealError> {
        let rest = sealed.strip_prefix(PREFIX).ok_or(SealError::Malformed("found another beginning"))?;
        let (id, digits) = rest.split_once(':').ok_or(SealError::Malformed("found no key id"))?;
        let bytes = unhex(digits).ok_or(SealError::Malformed("found no hex digits at its end"))?;
        self.find(id)?.open(bytes)
    }

    /// Whether the key of this id is there.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self, key_id: &str) -> Result<(), SealError> {
        self.find(key_id).map(drop)
    }

    /// Id of the key that this text was sealed with.
    #[must_use]
    pub fn key_id(sealed: &str) -> Option<&str> {
        Some(sealed.strip_prefix(PREFIX)?.split_once(':')?.0)
    }

    /// Whether this text is one that was sealed.
    #[must_use]
    pub fn is_sealed(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    fn newest(&self) -> Result<&SealKey, SealError> {
        match (self.keys.first(), &self.own) {
            (Some(key), _) => Ok(key),
            (None, Some(own)) => own.get(),
            (None, None) => Err(SealError::NoKey),
        }
    }

    fn find(&self, id: &str) -> Result<&SealKey, SealError> {
        let own = self.own.as_ref().map(|own| own.get()).transpose()?;
        let mut known = self.keys.iter().chain(own);
        known.clone().find(|key| key.id == id).ok_or_else(|| SealError::UnknownKey {
            key_id: id.to_owned(),
            known: known
                .next()
                .map(|first| known.fold(first.id.clone(), |text, key| format!("{text}, {}", key.id)))
                .unwrap_or_default(),
        })
    }
}

impl core::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sealer")
    }
}

impl SealKey {
    fn read(text: &str) -> Result<Self, SealError> {
        let bytes = unhex(text.trim()).filter(|bytes| bytes.len() == KEY_BYTES).ok_or(SealError::NoKey)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealError::NoKey)?;
        let digest: Hash = hash(&hex(&bytes));
        Ok(Self { id: hex(&digest[..4]), key: LessSafeKey::new(key) })
    }

    fn seal(&self, iv: [u8; IV_BYTES], bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(IV_BYTES + bytes.len() + TAG_BYTES);
        sealed.extend_from_slice(&iv);
        sealed.extend_from_slice(bytes);
        let nonce = Nonce::assume_unique_for_key(iv);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut sealed[IV_BYTES..]);
        sealed.extend_from_slice(tag.map_err(|_| SealError::Failed("too long"))?.as_ref());
        Ok(sealed)
    }

    fn open(&self, mut sealed: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let iv = sealed.first_chunk::<IV_BYTES>().copied().ok_or(SealError::Malformed("found too little"))?;
        let tampered = || SealError::Tampered { key_id: self.id.clone() };
        let nonce = Nonce::assume_unique_for_key(iv);
        let plain = self.key.open_in_place(nonce, Aad::empty(), &mut sealed[IV_BYTES..]);
        plain.map(|plain| plain.to_vec()).map_err(|_| tampered())
    }
}

impl OwnKey {
    fn get(&self) -> Result<&SealKey, SealError> {
        let made = self.made.get_or_init(|| {
            let failed = |problem: io::Error| SealError::KeyFile {
                path: self.path.display().to_string(),
                problem: problem.to_string(),
            };
            let text = read_or_make(&self.path).map_err(failed)?;
            SealKey::read(&text).map_err(|error| failed(io::Error::other(error.to_string())))
        });
        made.as_ref().map_err(Clone::clone)
    }
}

/// The key in the file; a new one is written whole before it has its name, so that none is ever half there.
fn read_or_make(path: &Path) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read,
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unnamed = path.with_extension(format!("{}.new", std::process::id()));
    write_private(&unnamed, &hex(&key))?;
    // Who comes second finds the file of who came first.
    let named = std::fs::hard_link(&unnamed, path);
    std::fs::remove_file(&unnamed)?;
    match named {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::read_to_string(path),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests;
