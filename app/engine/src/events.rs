//! The log of event topics: entries that wait for the journal, and the newest that everybody may see.

use inflight_domain::{Cut, Draft, Entry, TopicKind, UnixMillis};
use inflight_wire::Resume;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many entries are kept at hand; older ones are in the journal only.
pub const KEPT_ENTRIES: usize = 10_000;

/// About how many bytes they may take.
pub const KEPT_BYTES: usize = 64 << 20;

/// Cuts that are left between now and the cut that waits for the journal, so that state goes on meanwhile: at five
/// cuts a second more than three hours.
pub const AHEAD: u64 = 1 << 16;

/// An entry, and the position from which on everybody has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// The entry.
    pub entry: Entry,
    /// Clients that are here or further have it.
    pub position: Resume,
}

/// What a client missed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Missed {
    /// The entries, oldest first.
    pub entries: Vec<Arc<Logged>>,
    /// The offset of the newest entry, of whatever topic, that it may have missed and is not given; 0 if there is none.
    pub lost: u64,
}

impl Missed {
    /// The oldest that weigh no more than so many bytes, one at least; whether there are more.
    #[must_use]
    pub fn oldest(&self, bytes: usize) -> (&[Arc<Logged>], bool) {
        let count = fitting(self.entries.iter(), bytes);
        (&self.entries[..count], count < self.entries.len())
    }

    /// Leaves the newest that weigh so many bytes, one at least; what goes is told as lost.
    pub fn keep_newest(&mut self, bytes: usize) {
        let count = fitting(self.entries.iter().rev(), bytes);
        let gone = self.entries.drain(..self.entries.len() - count).next_back();
        self.lost = gone.map_or(self.lost, |logged| logged.entry.offset);
    }
}

/// The log.
#[derive(Clone, Debug)]
pub struct EventLog {
    shown: VecDeque<Arc<Logged>>,
    waiting: VecDeque<Arc<Logged>>,
    next_offset: u64,
    bytes: usize,
    /// How many are at hand of each kind of topic.
    counts: [usize; TopicKind::ALL.len()],
    /// Offset and position of the newest entry that was let go.
    forgotten: Option<(u64, Resume)>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self::resumed(0)
    }
}

impl EventLog {
    /// An empty log that goes on after an offset.
    #[must_use]
    pub fn resumed(newest_offset: u64) -> Self {
        Self {
            shown: VecDeque::new(),
            waiting: VecDeque::new(),
            next_offset: newest_offset + 1,
            bytes: 0,
            counts: [0; TopicKind::ALL.len()],
            forgotten: None,
        }
    }

    /// Puts in what an earlier process journalled; in the order of offsets.
    pub fn restore(&mut self, logged: Logged) {
        self.next_offset = self.next_offset.max(logged.entry.offset + 1);
        self.show(Arc::new(logged));
    }

    /// Says that older entries exist which nobody can be given.
    pub fn forget_before(&mut self, offset: u64, position: Resume) {
        self.forgotten = Some((offset, position));
    }

    /// Numbers an entry and sets the cut from which on it will be seen; until then nobody sees it.
    pub(crate) fn propose(&mut self, draft: Draft, at: UnixMillis, here: Resume) -> Arc<Logged> {
        let before = self.waiting.back().map_or(here.cut, |newest| newest.position.cut);
        let position = Resume { epoch: here.epoch, cut: Cut(before.0 + AHEAD) };
        let entry =
            Entry { offset: self.next_offset, topic: draft.topic, at, data: draft.data, by: draft.by };
        self.next_offset += 1;
        let logged = Arc::new(Logged { entry, position });
        self.waiting.push_back(Arc::clone(&logged));
        logged
    }

    /// What waits up to an offset is seen from now on.
    pub(crate) fn confirm(&mut self, up_to: u64) -> Vec<Arc<Logged>> {
        let confirmed = self.take_waiting(up_to);
        confirmed.iter().for_each(|logged| self.show(Arc::clone(logged)));
        confirmed
    }

    /// What waits up to an offset never happened; its numbers are not used again.
    pub(crate) fn refuse(&mut self, up_to: u64) {
        drop(self.take_waiting(up_to));
    }

    /// The first cut that waits for the journal.
    #[must_use]
    pub fn waits_for(&self) -> Option<Cut> {
        self.waiting.front().map(|logged| logged.position.cut)
    }

    /// How many entries wait for the journal.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What came after a position, in any epoch.
    #[must_use]
    pub fn since(&self, from: Resume, wants: impl Fn(&Entry) -> bool) -> Missed {
        let first = self.shown.partition_point(|logged| !is_after(logged.position, from));
        let entries = self.shown.range(first..).filter(|logged| wants(&logged.entry)).cloned().collect();
        let lost = self.forgotten.filter(|(_, position)| is_after(*position, from));
        Missed { entries, lost: lost.map_or(0, |(offset, _)| offset) }
    }

    /// The newest entries, oldest of them first.
    #[must_use]
    pub fn newest(&self, count: usize, wants: impl Fn(&Entry) -> bool) -> Vec<Arc<Logged>> {
        let newest = self.shown.iter().rev().filter(|logged| wants(&logged.entry)).take(count);
        let mut entries: Vec<_> = newest.cloned().collect();
        entries.reverse();
        entries
    }

    /// The offset of the newest entry that is seen; 0 if there is none.
    #[must_use]
    pub fn newest_offset(&self) -> u64 {
        self.shown.back().map_or(0, |logged| logged.entry.offset)
    }

    /// How many entries are at hand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many entries of a kind of topic are at hand.
    #[must_use]
    pub fn count(&self, kind: TopicKind) -> usize {
        self.counts[kind as usize]
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    fn take_waiting(&mut self, up_to: u64) -> Vec<Arc<Logged>> {
        let count = self.waiting.partition_point(|logged| logged.entry.offset <= up_to);
        self.waiting.drain(..count).collect()
    }

    fn show(&mut self, logged: Arc<Logged>) {
        self.bytes += logged.entry.data.weight();
        self.counts[logged.entry.topic.kind() as usize] += 1;
        self.shown.push_back(logged);
        while self.shown.len() > KEPT_ENTRIES || (self.bytes > KEPT_BYTES && self.shown.len() > 1) {
            let Some(oldest) = self.shown.pop_front() else { return };
            self.bytes -= oldest.entry.data.weight();
            self.counts[oldest.entry.topic.kind() as usize] -= 1;
            self.forgotten = Some((oldest.entry.offset, oldest.position));
        }
    }
}

/// How many from the first on weigh no more than these bytes together; one at least.
fn fitting<'a>(entries: impl Iterator<Item = &'a Arc<Logged>>, bytes: usize) -> usize {
    let mut sum = 0;
    let fits = |logged: &&Arc<Logged>| {
        sum += logged.entry.data.weight();
        sum <= bytes
    };
    let (least, all) = (entries.size_hint().0.min(1), entries.take_while(fits).count());
    all.max(least)
}

fn is_after(position: Resume, from: Resume) -> bool {
    (position.epoch, position.cut) > (from.epoch, from.cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{Epoch, EventData, Json, RoomEvent, TopicName};

    fn draft(topic: &str) -> Draft {
        let event = RoomEvent { kind: "message.sent".to_owned(), data: Json::Object(Vec::new()) };
        Draft { topic: TopicName::parse(topic).unwrap(), data: EventData::Room(event), by: None }
    }

    fn at(epoch: u64, cut: u64) -> Resume {
        Resume { epoch: Epoch(epoch), cut: Cut(cut) }
    }

    fn offsets(entries: &[Arc<Logged>]) -> Vec<u64> {
        entries.iter().map(|logged| logged.entry.offset).collect()
    }

    #[test]
    fn nothing_is_seen_before_it_is_durable_and_numbers_are_used_once() {
        let mut log = EventLog::default();
        let first = log.propose(draft("load/1"), UnixMillis(0), at(1, 5));
        let second = log.propose(draft("load/2"), UnixMillis(0), at(1, 6));
        assert_eq!((first.position, second.position), (at(1, 5 + AHEAD), at(1, 5 + 2 * AHEAD)));
        assert_eq!((log.len(), log.waits_for()), (0, Some(Cut(5 + AHEAD))));
        log.refuse(1);
        assert_eq!(offsets(&log.confirm(2)), [2]);
        assert_eq!(log.propose(draft("load/1"), UnixMillis(0), at(1, 9)).entry.offset, 3);
        assert_eq!(offsets(&log.since(at(1, 5), |_| true).entries), [2], "what waits is not told");
        assert_eq!(log.since(second.position, |_| true), Missed::default());
    }

    #[test]
    fn what_is_told_at_once_has_a_weight() {
        let mut log = EventLog::default();
        for offset in 1..=5 {
            log.propose(draft("load/1"), UnixMillis(0), at(1, offset));
            log.confirm(offset);
        }
        let all = log.since(at(1, 0), |_| true);
        let each = all.entries[0].entry.data.weight();
        let check = |bytes: usize, oldest: (&[u64], bool), newest: (&[u64], u64)| {
            let mut last = all.clone();
            let (first, more) = all.oldest(bytes);
            last.keep_newest(bytes);
            assert_eq!((offsets(first).as_slice(), more), oldest, "{bytes}");
            assert_eq!((offsets(&last.entries).as_slice(), last.lost), newest, "{bytes}");
        };
        check(2 * each, (&[1, 2], true), (&[4, 5], 3));
        check(0, (&[1], true), (&[5], 4));
        check(5 * each, (&[1, 2, 3, 4, 5], false), (&[1, 2, 3, 4, 5], 0));
        let mut none = Missed::default();
        assert_eq!(none.oldest(0), (&[][..], false));
        none.keep_newest(0);
        assert_eq!(none, Missed::default());
    }

    #[test]
    fn what_is_no_longer_at_hand_is_told_as_lost() {
        let mut log = EventLog::resumed(0);
        for offset in 1..=KEPT_ENTRIES as u64 + 2 {
            let entry = log.propose(draft("load/1"), UnixMillis(0), at(1, offset));
            log.confirm(entry.entry.offset);
        }
        let missed = log.since(at(1, 0), |_| true);
        assert_eq!((missed.entries.len(), missed.lost), (KEPT_ENTRIES, 2));
        assert_eq!((log.count(TopicKind::Load), log.count(TopicKind::Signal)), (KEPT_ENTRIES, 0));
        let second = at(1, 2 + AHEAD);
        assert_eq!(log.since(second, |_| true).lost, 0, "who has the forgotten ones lost nothing");
        assert_eq!(log.newest(2, |_| true).len(), 2);
        assert!(log.newest(2, |entry| entry.offset < 3).is_empty());
    }
}
