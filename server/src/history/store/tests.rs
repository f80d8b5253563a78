//! The store against a plain list: cuts, limits, torn ends, restarts.

use super::*;
use inflight_sky::Poll;
use inflight_sky::history::write_line;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

const START_S: i64 = 1_700_000_000;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("inflight-history-{}-{number}", std::process::id())))
    }

    fn open(&self, age_s: i64, bytes: u64) -> Store {
        Store::open(&self.0, Limits { age_ms: age_s * 1000, bytes }).unwrap()
    }

    /// The file that grows.
    fn growing(&self) -> Option<PathBuf> {
        let mut files = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn at(second: i64) -> UnixMillis {
    UnixMillis((START_S + second) * 1000)
}

fn line(second: i64) -> String {
    write_line("test", at(second), &Poll { time: at(second), ..Poll::default() })
}

/// Seconds of all polls that are there.
fn seconds(store: &Store) -> Vec<i64> {
    let mut lines = Vec::new();
    for segment in store.segments() {
        let inside = segment.lines(&store.folder).unwrap();
        assert_eq!(inside.len() as u64, segment.raw_bytes);
        let size = fs::metadata(store.folder.join(segment.name())).unwrap().len();
        assert_eq!(size, segment.bytes, "{}", segment.name());
        let (_, span) = between(&inside, segment.from, segment.to);
        assert_eq!(span, Some((segment.from, segment.to)));
        lines.extend(inside);
    }
    let text = String::from_utf8(lines).unwrap();
    let second = |line: &str| time_of(line) / 1000 - START_S;
    text.lines().map(second).collect()
}

fn time_of(line: &str) -> i64 {
    inflight_sky::history::time_of_line(line.as_bytes()).unwrap().0
}

fn fill(store: &mut Store, seconds: impl IntoIterator<Item = i64>) {
    seconds.into_iter().for_each(|second| store.append(at(second), &line(second)).unwrap());
}

#[test]
fn a_restart_goes_on_where_the_process_ended() {
    let folder = Folder::new();
    let mut store = folder.open(3600, 1 << 20);
    fill(&mut store, (0..20).map(|index| index * 10));
    assert_eq!(store.segments().len(), 4);
    drop(store);
    let mut file = OpenOptions::new().append(true).open(folder.growing().unwrap()).unwrap();
    file.write_all(&line(200).as_bytes()[..20]).unwrap();
    fs::write(folder.0.join("1-2.jsonl.gz"), "torn").unwrap();
    fs::write(folder.0.join("3.jsonl.tmp"), "half").unwrap();
    let mut store = folder.open(3600, 1 << 20);
    let whole: Vec<i64> = (0..20).map(|index| index * 10).collect();
    assert_eq!(seconds(&store), whole);
    assert!(store.segments().iter().all(|segment| segment.sealed) && folder.growing().is_none());
    assert!(!folder.0.join("1-2.jsonl.gz").exists() && !folder.0.join("3.jsonl.tmp").exists());
    fill(&mut store, [210]);
    assert_eq!(seconds(&store), [&whole[..], &[210]].concat());
}

#[test]
fn a_folder_has_one_owner() {
    let folder = Folder::new();
    let store = folder.open(60, 1);
    let error = Store::open(&folder.0, Limits { age_ms: 1, bytes: 1 }).err().unwrap();
    assert!(error.to_string().contains("another process"), "{error}");
    drop(store);
    folder.open(60, 1);
}

#[test]
fn jitter_is_refused_and_a_restart_takes_the_place_of_what_was() {
    let folder = Folder::new();
    let mut store = folder.open(3600, 1 << 20);
    fill(&mut store, [0, 50, 100, 150, 200]);
    assert!(matches!(store.append(at(198), &line(198)), Err(Refused::Old)));
    store.restart();
    fill(&mut store, [60, 70]);
    assert_eq!(seconds(&store), [0, 50, 60, 70]);
    // A clock that was set far back is no jitter.
    fill(&mut store, [-10_000]);
    assert_eq!(seconds(&store), [-10_000]);
}

#[test]
fn age_and_size_are_kept() {
    let folder = Folder::new();
    let mut store = folder.open(300, 1 << 20);
    fill(&mut store, (0..100).map(|index| index * 10));
    let kept = seconds(&store);
    assert!((630..=690).contains(&kept[0]) && kept.last() == Some(&990), "{kept:?}");
    drop(store);
    let store = folder.open(300, 200);
    let total: u64 = store.segments().iter().map(|segment| segment.bytes).sum();
    assert!(total <= 200 && !store.segments().is_empty(), "{total}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), store.segments().len() + 1, "and the lock");
}

#[derive(Clone, Debug)]
enum Step {
    Poll(i64),
    Jump(i64),
    Reopen { torn: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1..40_i64).prop_map(Step::Poll),
        1 => (-500..500_i64).prop_map(Step::Jump),
        1 => (0..30_usize).prop_map(|torn| Step::Reopen { torn }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_kept_is_the_end_of_what_was_shown(steps in prop::collection::vec(step(), 1..80), age_s in 60..900_i64) {
        let folder = Folder::new();
        let mut store = folder.open(age_s, 1 << 20);
        let mut shown: Vec<i64> = Vec::new();
        let (mut now_s, mut latest_s) = (0, 0);
        for step in steps {
            match step {
                Step::Poll(after_s) => now_s += after_s,
                Step::Jump(by_s) => {
                    store.restart();
                    now_s += by_s;
                }
                Step::Reopen { torn } => {
                    drop(store);
                    if let Some(path) = folder.growing() {
                        let mut file = OpenOptions::new().append(true).open(path).unwrap();
                        file.write_all(&line(now_s + 1).as_bytes()[..torn]).unwrap();
                    }
                    store = folder.open(age_s, 1 << 20);
                    continue;
                }
            }
            latest_s = now_s.max(latest_s);
            shown.retain(|second| *second < now_s);
            shown.push(now_s);
            store.append(at(now_s), &line(now_s)).unwrap();
        }
        let kept = seconds(&store);
        prop_assert!(shown.ends_with(&kept), "{kept:?} of {shown:?}");
        let newest = shown.last().copied().unwrap_or_default();
        let expected = shown.iter().filter(|second| latest_s - **second <= age_s).count();
        prop_assert!(kept.len() >= expected, "{kept:?} of {shown:?} within {age_s} s");
        prop_assert!(kept.iter().all(|second| newest - second <= age_s + 100), "{kept:?} within {age_s} s");
    }
}
