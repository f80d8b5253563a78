//! What was appended is there after every kind of end.

use super::*;
use crate::journal::Past;
use inflight_domain::{Draft, EventData, Json, RoomEvent, TopicName, UnixMillis};
use inflight_engine::{Engine, EventInput, World};
use proptest::prelude::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("inflight-journal-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        Self(path)
    }

    fn open(&self, max_bytes: u64) -> (Store, Recovered) {
        Store::open(&self.0, max_bytes).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.0.join("0000000001.log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn entries(texts: &[&str]) -> Vec<Logged> {
    let mut world = World::new(Engine::new(Epoch(7), 60_000), EventLog::default());
    let entry = |text: &&str| {
        let data = Json::Object(vec![("text".to_owned(), Json::Text((*text).to_owned()))]);
        let data = EventData::Room(RoomEvent { kind: "message.sent".to_owned(), data });
        let draft = Draft { topic: TopicName::parse("load/1").unwrap(), data, by: None };
        let out = world.take(EventInput::Publish { draft, at: UnixMillis(1_700_000_000_123) });
        Logged::clone(&out.append.unwrap())
    };
    texts.iter().map(entry).collect()
}

fn lines(entries: &[Logged]) -> Vec<u8> {
    let mut out = Vec::new();
    entries.iter().for_each(|logged| record::write_entry(logged, &mut out));
    out
}

fn read_back(recovered: &Recovered) -> Vec<Logged> {
    recovered.log.newest(usize::MAX, |_| true).iter().map(|logged| Logged::clone(logged)).collect()
}

#[test]
fn entries_and_epochs_come_back() {
    let folder = Folder::new("back");
    let written = entries(&["one\nline", "two \u{1f6eb}", ""]);
    let (mut store, recovered) = folder.open(1 << 20);
    assert!(recovered.log.is_empty() && recovered.epoch == Epoch(0));
    store.append(&lines(&written[..1])).unwrap();
    store.append(&lines(&written[1..])).unwrap();
    let mut epoch = Vec::new();
    record::write_epoch(Epoch(99), &mut epoch);
    store.append(&epoch).unwrap();
    assert!(Store::open(&folder.0, 1 << 20).is_err(), "one process at a time");
    drop(store);
    let (_store, recovered) = folder.open(1 << 20);
    assert_eq!(read_back(&recovered), written);
    assert_eq!((recovered.epoch, recovered.damage.len()), (Epoch(99), 0));
}

#[test]
fn a_poisoned_line_is_skipped_and_told() {
    let folder = Folder::new("poisoned");
    let written = entries(&["a", "b", "c"]);
    let (mut store, _) = folder.open(1 << 20);
    store.append(&lines(&written)).unwrap();
    drop(store);
    let mut bytes = fs::read(folder.file()).unwrap();
    let place = bytes.windows(3).position(|three| three == b"\"b\"").unwrap();
    bytes[place + 1] = b'x';
    bytes.extend(lines(&written[..1]));
    fs::write(folder.file(), bytes).unwrap();
    let (_store, recovered) = folder.open(1 << 20);
    assert_eq!(read_back(&recovered), [written[0].clone(), written[2].clone()]);
    let told: Vec<String> = recovered.damage.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["0000000001.log line 2: its checksum is another", "0000000001.log line 4: offset 1 comes again"]
    );
}

#[test]
fn the_oldest_files_go_and_what_went_is_told_as_lost() {
    let folder = Folder::new("prune");
    let written = entries(&["x".repeat(900).as_str(); 40]);
    let (mut store, _) = folder.open(16_000);
    written.iter().for_each(|logged| store.append(&lines(core::slice::from_ref(logged))).unwrap());
    drop(store);
    let bytes: u64 =
        fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes <= 16_000, "{bytes}");
    let (_store, recovered) = folder.open(16_000);
    let kept = read_back(&recovered);
    assert!(kept.len() > 5 && kept.len() < 20 && kept.last() == written.last());
    let start = Resume { epoch: Epoch(7), cut: Cut(0) };
    assert_eq!(recovered.log.since(start, |_| true).lost, kept[0].entry.offset - 1);
}

#[test]
fn what_is_no_longer_at_hand_is_read_from_the_files() {
    let folder = Folder::new("past");
    let written = entries(&["x".repeat(900).as_str(); 40]);
    let (mut store, _) = folder.open(16_000);
    written.iter().for_each(|logged| store.append(&lines(core::slice::from_ref(logged))).unwrap());
    let numbers =
        fs::read_dir(&folder.0).unwrap().filter(|file| file.as_ref().unwrap().path().extension().is_some());
    assert!(numbers.count() > 3, "entries lie in several files");
    // The next one is being written.
    let torn = lines(&written[..1]);
    let newest = fs::read_dir(&folder.0)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some())
        .max();
    OpenOptions::new().append(true).open(newest.unwrap()).unwrap().write_all(&torn[..50]).unwrap();
    let past = Past(folder.0.clone());
    let first = past.between(Resume::default(), u64::MAX, 99, |_| true).unwrap();
    let (gone, kept) = (first.gone, first.entries);
    assert!(gone > 20 && !first.has_more && kept == written[usize::try_from(gone).unwrap()..]);
    let check = |from: &Logged, up_to: u64, most: usize, expected: (&[Logged], bool)| {
        let found = past.between(from.position, up_to, most, |entry| entry.offset != 39).unwrap();
        assert_eq!((found.entries.as_slice(), found.has_more, found.gone), (expected.0, expected.1, 0));
    };
    check(&kept[0], u64::MAX, 2, (&kept[1..3], true));
    check(&kept[2], kept[4].entry.offset, 9, (&kept[3..5], false));
    check(&written[36], u64::MAX, 9, (&[written[37].clone(), written[39].clone()], false));
    check(&written[39], u64::MAX, 9, (&[], false));
    assert_eq!(Past(folder.0.join("nowhere")).between(Resume::default(), 9, 9, |_| true).unwrap().gone, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A process may be killed while it writes: a beginning of the lines is there.
    #[test]
    fn a_torn_tail_costs_only_itself(keep in 0.0..1.0_f64, junk in prop::collection::vec(1_u8..10, 0..40)) {
        let folder = Folder::new(&format!("torn-{keep}"));
        let written = entries(&["first", "second", "third", "fourth"]);
        let (mut store, _) = folder.open(1 << 20);
        store.append(&lines(&written)).unwrap();
        drop(store);
        let mut bytes = fs::read(folder.file()).unwrap();
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let whole = bytes.iter().filter(|byte| **byte == b'\n').count();
        bytes.extend(junk);
        fs::write(folder.file(), bytes).unwrap();
        let (mut store, recovered) = folder.open(1 << 20);
        prop_assert_eq!(read_back(&recovered), &written[..whole]);
        prop_assert_eq!(recovered.damage.len(), 0);
        store.append(&lines(&written[whole..])).unwrap();
        drop(store);
        let (_store, recovered) = folder.open(1 << 20);
        prop_assert_eq!(read_back(&recovered), written);
    }
}
