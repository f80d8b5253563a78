//! Trails that were damaged, and disks that are full.

use super::*;
use crate::audit::chain::Entry;
use crate::audit::store::{AuditSettings, Disk, Head, Place, Store};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use inflight_domain::UnixMillis;
use std::fs;

const KEEP: AuditSettings = AuditSettings { max_bytes: 1 << 30, keep: None };

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn folder() -> Folder {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Folder(std::env::temp_dir().join(format!("inflight-audit-{}-{number}", std::process::id())))
}

fn entry(number: u64) -> (UnixMillis, Entry) {
    let entry = Entry {
        actor: "ana".into(),
        action: "command",
        target: format!("replay {number}"),
        result: "done".into(),
        correlation_id: "abc".into(),
    };
    (UnixMillis(number as i64), entry)
}

/// Nine lines in three files, then damage; what is found and at which number.
fn check(damage: impl Fn(&Path, &[PathBuf]), expected: Option<(&str, u64)>) {
    let folder = folder();
    {
        let mut store = Store::open_with(&folder.0, 600, |path| Ok(Box::new(append(path)))).unwrap();
        for number in 1..=9 {
            store.append(&[entry(number)]).unwrap();
        }
        store.sync().unwrap();
    }
    let all = files(&folder.0).unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    damage(&folder.0, &all);
    let report = verify(&folder.0).unwrap();
    let found = report.broken.as_ref().map(|broken| (broken.kind, broken.seq));
    assert_eq!(found, expected, "{report:?}");
    if expected.is_none() {
        assert_eq!(report.entries, 9);
    }
}

fn append(path: &Path) -> File {
    fs::OpenOptions::new().create(true).append(true).open(path).unwrap()
}

fn lines(path: &Path, change: impl Fn(&mut Vec<String>)) {
    let mut lines: Vec<String> = fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn the_first_broken_line_is_named() {
    check(|_, _| {}, None);
    check(|_, all| lines(&all[1], |lines| lines[1] = lines[1].replace("ana", "eve")), Some(("tampered", 5)));
    check(|_, all| lines(&all[1], |lines| drop(lines.remove(1))), Some(("missing", 5)));
    check(|_, all| lines(&all[1], |lines| lines.swap(1, 2)), Some(("missing", 5)));
    check(|_, all| lines(&all[2], |lines| lines.insert(1, lines[0].clone())), Some(("reordered", 8)));
    check(|_, all| lines(&all[2], |lines| drop(lines.pop())), Some(("truncated", 9)));
    check(|_, all| fs::remove_file(&all[2]).unwrap(), Some(("truncated", 7)));
    check(|_, all| fs::remove_file(&all[1]).unwrap(), Some(("missing", 4)));
    check(|_, all| fs::remove_file(&all[0]).unwrap(), Some(("missing", 1)));
    check(|_, all| lines(&all[0], |lines| lines[2].push(' ')), Some(("tampered", 3)));
    check(|_, all| fs::write(&all[2], [0xff, 0xfe]).unwrap(), Some(("tampered", 7)));
    // Whoever writes a line anew, with a hash that fits, breaks the next one.
    let forged = |_: &Path, all: &[PathBuf]| {
        lines(&all[0], |lines| {
            let before = chain::read(&lines[0]).unwrap();
            let forged = Entry { actor: "eve".into(), ..entry(2).1 };
            lines[1] = chain::write(2, UnixMillis(2), &forged, &before.hash).0.trim_end().to_owned();
        });
    };
    check(forged, Some(("tampered", 3)));
}

#[test]
fn a_killed_process_leaves_half_a_line_and_the_chain_goes_on() {
    let folder = folder();
    let mut store = Store::open(&folder.0, KEEP).unwrap();
    store.append(&[entry(1), entry(2)]).unwrap();
    store.sync().unwrap();
    store.append(&[entry(3)]).unwrap();
    drop(store);
    let path = &files(&folder.0).unwrap()[0];
    let mut bytes = fs::read(path).unwrap();
    bytes.extend_from_slice(b"{\"seq\":4,\"at\"");
    fs::write(path, bytes).unwrap();
    let mut store = Store::open(&folder.0, KEEP).unwrap();
    assert_eq!(store.end().seq, 3);
    store.append(&[entry(4)]).unwrap();
    store.sync().unwrap();
    let report = verify(&folder.0).unwrap();
    assert_eq!((report.entries, report.broken), (4, None));
}

/// A disk with room for so many bytes, that takes what fits of what does not.
struct Small(File);

static ROOM: AtomicU64 = AtomicU64::new(0);

impl Disk for Small {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = usize::try_from(ROOM.load(Ordering::Relaxed)).unwrap();
        let fits = bytes.len().min(room);
        self.0.append(&bytes[..fits])?;
        ROOM.fetch_sub(fits as u64, Ordering::Relaxed);
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.cut(length)
    }
}

#[test]
fn a_full_disk_loses_entries_and_never_the_chain() {
    let folder = folder();
    let mut store = Store::open_with(&folder.0, 1 << 20, |path| Ok(Box::new(Small(append(path))))).unwrap();
    ROOM.store(700, Ordering::Relaxed);
    let taken = (1..=9).filter(|number| store.append(&[entry(*number)]).is_ok()).count();
    assert!((1..9).contains(&taken), "{taken}");
    ROOM.store(10_000, Ordering::Relaxed);
    store.append(&[entry(10)]).unwrap();
    store.sync().unwrap();
    let report = verify(&folder.0).unwrap();
    assert_eq!((report.entries, report.broken), (taken as u64 + 1, None));
}

/// Nine lines in three files.
fn nine() -> (Folder, Store) {
    let folder = folder();
    let mut store = Store::open_with(&folder.0, 600, |path| Ok(Box::new(append(path)))).unwrap();
    (1..=9).for_each(|number| store.append(&[entry(number)]).unwrap());
    store.sync().unwrap();
    (folder, store)
}

/// Room for all of it but a byte.
fn too_little(folder: &Path) -> AuditSettings {
    let bytes = |path: &PathBuf| fs::metadata(path).unwrap().len();
    AuditSettings { max_bytes: files(folder).unwrap().iter().map(bytes).sum::<u64>() - 1, keep: None }
}

/// What goes of nine lines in three files at 100, and what is found after some damage.
fn check_let_go(
    settings: impl Fn(&Path) -> AuditSettings,
    gone: u64,
    damage: impl Fn(&Path),
    expected: Option<(&str, u64)>,
) {
    let (folder, mut store) = nine();
    assert_eq!(store.let_go(UnixMillis(100), settings(&folder.0)).unwrap(), gone);
    let first = files(&folder.0).unwrap().first().and_then(|path| first_seq(path));
    assert_eq!(first, Some(gone + 1));
    store.append(&[entry(10)]).unwrap();
    store.sync().unwrap();
    drop(store);
    damage(&folder.0);
    let report = verify(&folder.0).unwrap();
    let found = report.broken.as_ref().map(|broken| (broken.kind, broken.seq));
    assert_eq!((report.let_go, found), (gone, expected), "{report:?}");
    // It goes on behind what is left.
    let mut store = Store::open_with(&folder.0, 600, |path| Ok(Box::new(append(path)))).unwrap();
    store.append(&[entry(11)]).unwrap();
    store.sync().unwrap();
    if expected.is_none() {
        assert_eq!(store.end().seq, report.let_go + report.entries + 1);
        let again = verify(&folder.0).unwrap();
        assert_eq!((again.let_go, again.broken), (gone, None));
    }
}

#[test]
fn the_oldest_files_go_and_the_rest_proves_itself() {
    check_let_go(|_| KEEP, 0, |_| {}, None);
    check_let_go(too_little, 3, |_| {}, None);
    check_let_go(|_| AuditSettings { max_bytes: 0, keep: None }, 6, |_| {}, None);
    // Lines are as old as their number; a file goes when the next one began too long ago.
    for (keep_ms, gone) in [(97, 0), (95, 3), (90, 6)] {
        let settings = AuditSettings { keep: Some(Duration::from_millis(keep_ms)), ..KEEP };
        check_let_go(|_| settings, gone, |_| {}, None);
    }
}

#[test]
fn who_takes_more_away_is_found_out() {
    let take = |folder: &Path| fs::remove_file(&files(folder).unwrap()[0]).unwrap();
    check_let_go(too_little, 3, take, Some(("missing", 4)));
    let (folder, store) = nine();
    let all = files(&folder.0).unwrap();
    let next = chain::read(fs::read_to_string(&all[1]).unwrap().lines().next().unwrap()).unwrap();
    fs::remove_file(&all[0]).unwrap();
    let let_go = Some(Place { seq: next.seq - 1, hash: next.prev });
    let head = Head { end: store.end().clone(), let_go };
    fs::write(folder.0.join("head.json"), serde_json::to_string(&head).unwrap()).unwrap();
    let report = verify(&folder.0).unwrap();
    assert_eq!(report.broken.map(|broken| (broken.kind, broken.seq)), Some(("missing", 3)));
}

#[test]
fn a_kill_between_saying_and_taking_away_harms_nothing() {
    let (folder, mut store) = nine();
    let first = files(&folder.0).unwrap()[0].clone();
    let bytes = fs::read(&first).unwrap();
    store.let_go(UnixMillis(100), too_little(&folder.0)).unwrap();
    fs::write(&first, bytes).unwrap();
    drop(store);
    let report = verify(&folder.0).unwrap();
    assert_eq!((report.let_go, report.broken), (3, None));
    drop(Store::open(&folder.0, KEEP).unwrap());
    assert!(!first.exists());
}
