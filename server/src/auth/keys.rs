//! The keys of a running server: follows `keys.json`, and ends the sessions of keys that are no longer good.

use crate::auth::key_file::{KeyFile, KeyRecord, PREFIX};
use crate::auth::names;
use crate::auth::principal::{Grants, Principal, Roles, Via};
use crate::auth::secret;
use crate::clock;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The keys that are good.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stamp: Option<Stamp>,
    keys: BTreeMap<String, Live>,
}

/// What became of a key while the server ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key.
    pub id: String,
    /// The user that it stands for.
    pub user: String,
    /// What became of it.
    pub fate: Fate,
}

/// What may become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is good now.
    Created,
    /// Somebody revoked, changed or removed it.
    Revoked,
    /// Its time is over.
    Expired,
}

/// How a change of the file is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    bytes: u64,
    /// A file that was replaced is another one, even within one tick of the disk's clock.
    number: u64,
}

#[derive(Debug)]
struct Live {
    record: KeyRecord,
    ended: CancellationToken,
}

impl Keys {
    /// Follows the file at this path.
    ///
    /// # Errors
    /// It is there but cannot be read.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let keys = Self { path, state: Mutex::default() };
        let file = KeyFile::read(&keys.path)?;
        keys.take(file, stamp(&keys.path));
        Ok(keys)
    }

    /// Looks whether the file has changed or a key has expired since, and ends the sessions of what is gone. A file
    /// that cannot be read leaves everything as it was.
    pub fn follow(&self) -> Vec<Change> {
        let now_stamp = stamp(&self.path);
        let mut changes = Vec::new();
        if now_stamp != self.state().stamp {
            match KeyFile::read(&self.path) {
                Ok(file) => changes = self.take(file, now_stamp),
                Err(error) => {
                    self.state().stamp = now_stamp;
                    warn!(file = %self.path.display(), %error, "the keys stay as they were");
                }
            }
        }
        let now = clock::now();
        self.state().keys.retain(|_, live| live.keep(live.record.is_good(now), &mut changes));
        changes
    }

    /// Whom a key stands for, and what ends with it, if it is good.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(Principal, CancellationToken)> {
        let (id, secret) = key.strip_prefix(PREFIX)?.split_once('_')?;
        let hash = secret::hash(secret);
        let state = self.state();
        let live = state.keys.get(id)?;
        let same = parse_hash(&live.record.sha256).is_some_and(|kept| secret::same(&kept, &hash));
        (same && live.record.is_good(clock::now())).then(|| (live.principal(), live.ended.clone()))
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().keys.is_empty()
    }

    fn take(&self, file: KeyFile, stamp: Option<Stamp>) -> Vec<Change> {
        let now = clock::now();
        let mut fresh: BTreeMap<String, KeyRecord> =
            file.keys.into_iter().filter(|key| key.is_good(now)).map(|key| (key.id.clone(), key)).collect();
        let (mut state, mut changes) = (self.state(), Vec::new());
        // What stays as it was goes on; what changed in any way begins anew.
        state.keys.retain(|id, live| {
            let same = fresh.get(id) == Some(&live.record);
            if same {
                fresh.remove(id);
            }
            live.keep(same, &mut changes)
        });
        for (id, record) in fresh {
            changes.push(Change { id: id.clone(), user: record.name.clone(), fate: Fate::Created });
            state.keys.insert(id, Live { record, ended: CancellationToken::new() });
        }
        state.stamp = stamp;
        changes
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn keep(&self, keep: bool, changes: &mut Vec<Change>) -> bool {
        if !keep {
            let (id, user) = (self.record.id.clone(), self.record.name.clone());
            let is_over = self.record.expires.is_some_and(|expires| expires <= clock::now());
            let fate = if is_over { Fate::Expired } else { Fate::Revoked };
            changes.push(Change { id, user, fate });
            self.ended.cancel();
        }
        keep
    }

    fn principal(&self) -> Principal {
        let record = &self.record;
        let user = names::holder(&record.name);
        let grants = Grants::of(&record.businesses, &record.locations);
        let roles = Roles::of(record.roles.iter().copied());
        let known = Principal::known(user, roles, grants, Via::Key(record.id.clone()));
        Principal { expires_at: record.expires, ..known }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&found);
    #[cfg(not(unix))]
    let number = 0;
    Some(Stamp { modified: found.modified().ok()?, bytes: found.len(), number })
}

fn parse_hash(text: &str) -> Option<secret::Hash> {
    let mut hash = secret::Hash::default();
    (text.len() == 64 && text.is_ascii()).then_some(())?;
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::key_file::{Locked, NewKey, path_in};
    use crate::auth::principal::Role;
    use inflight_domain::UnixMillis;
    use inflight_domain::UserId;

    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    fn create(folder: &Path, name: &str, expires: Option<UnixMillis>) -> (String, String) {
        let mut locked = Locked::open(folder).unwrap();
        let new = NewKey {
            name: UserId::new(name).unwrap(),
            roles: vec![Role::Trader],
            businesses: vec!["B1".to_owned()],
            locations: Vec::new(),
            expires,
        };
        let made = locked.file.create(new, clock::now()).unwrap();
        locked.write().unwrap();
        made
    }

    #[test]
    fn keys_are_followed_and_end_their_sessions() {
        let folder = Folder(std::env::temp_dir().join(format!("inflight-keys-{}", std::process::id())));
        let path = path_in(&folder.0);
        let keys = Keys::open(path.clone()).unwrap();
        assert!(keys.is_empty() && keys.find("ifk_a_b").is_none());
        let (id, key) = create(&folder.0, "ana", None);
        let change = |id: &str, user: &str, fate| Change { id: id.to_owned(), user: user.to_owned(), fate };
        assert_eq!(keys.follow(), [change(&id, "ana", Fate::Created)]);
        assert_eq!(keys.follow(), []);
        let (principal, ended) = keys.find(&key).unwrap();
        assert_eq!((principal.user.as_str(), principal.via), ("ana", Via::Key(id)));
        assert!(principal.roles.has(Role::Trader) && principal.grants.businesses.covers("B1"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(key.rsplit('_').next().unwrap()), "the secret is not kept");
        for wrong in [&key[..key.len() - 1], &format!("{key}0"), &key.replace("ifk_", "ifk"), "ifk_", ""] {
            assert!(keys.find(wrong).is_none(), "{wrong}");
        }
        let (_, other) = create(&folder.0, "dan", None);
        keys.follow();
        assert!(!ended.is_cancelled(), "another key changes nothing for this one");
        std::fs::write(&path, "{").unwrap();
        keys.follow();
        assert!(keys.find(&key).is_some(), "half a file changes nothing");
        std::fs::remove_file(&path).unwrap();
        let (id, key) = create(&folder.0, "eva", None);
        keys.follow();
        assert!(ended.is_cancelled() && keys.find(&other).is_none(), "what is gone is over");
        let (_, ended) = keys.find(&key).unwrap();
        let mut locked = Locked::open(&folder.0).unwrap();
        assert!(locked.file.revoke(&id, clock::now()) && !locked.file.revoke(&id, clock::now()));
        locked.write().unwrap();
        drop(locked);
        assert_eq!(keys.follow(), [change(&id, "eva", Fate::Revoked)]);
        assert!(ended.is_cancelled() && keys.find(&key).is_none());
        let (_, late) = create(&folder.0, "ion", Some(UnixMillis(clock::now().0 - 1)));
        keys.follow();
        assert!(keys.find(&late).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder(std::env::temp_dir().join(format!("inflight-keys-mode-{}", std::process::id())));
        create(&folder.0, "ana", None);
        let mode = std::fs::metadata(path_in(&folder.0)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
