//! The detectors measured: what they find on a recording, and how that compares with what truly happened.

use crate::disruption::Watch;
use crate::recording::Recording;
use crate::tracker::Tracker;
use inflight_domain::{Disruption, DisruptionKind, Icao24, UnixMillis};
use std::collections::BTreeMap;

/// A finding may begin or end this much outside of what is labelled.
const SLACK_MS: i64 = 180_000;

/// Something that truly happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Who.
    pub icao24: Icao24,
    /// What.
    pub kind: DisruptionKind,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub to: UnixMillis,
}

/// How one kind was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Rows that were found.
    pub found: usize,
    /// Of these, rows that fit a label.
    pub right: usize,
    /// Labels.
    pub labelled: usize,
    /// Of these, labels that were found.
    pub seen: usize,
}

impl Score {
    /// Adds what another recording gave.
    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.right += other.right;
        self.labelled += other.labelled;
        self.seen += other.seen;
    }

    /// Share of the rows that are right; none where nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.found)
    }

    /// Share of the labels that were found; none where nothing is labelled.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.seen, self.labelled)
    }
}

/// Every row that a recording gives, as it stood last, by its key.
#[must_use]
pub fn find(recording: &Recording) -> BTreeMap<String, Disruption> {
    let (mut tracker, mut watch) = (Tracker::default(), Watch::default());
    let mut rows = BTreeMap::new();
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        let now = poll.time;
        let accepted = tracker.accept(0, now, poll);
        rows.extend(watch.take(0, now, &accepted).into_iter().map(|row| (row.id(), row)));
    }
    rows
}

/// Compares rows with labels, kind by kind.
#[must_use]
pub fn score<'a>(
    rows: impl IntoIterator<Item = &'a Disruption> + Clone,
    labels: &[Label],
) -> BTreeMap<DisruptionKind, Score> {
    let fits = |row: &Disruption, label: &Label| {
        let ended = row.ended.unwrap_or(row.last_seen).max(row.last_seen);
        row.icao24 == label.icao24
            && row.kind == label.kind
            && row.began.0 <= label.to.0 + SLACK_MS
            && ended.0 >= label.from.0 - SLACK_MS
    };
    let of = |kind| {
        let found: Vec<&Disruption> = rows.clone().into_iter().filter(|row| row.kind == kind).collect();
        let labelled: Vec<&Label> = labels.iter().filter(|label| label.kind == kind).collect();
        let right = found.iter().filter(|row| labelled.iter().any(|label| fits(row, label))).count();
        let seen = labelled.iter().filter(|label| found.iter().any(|row| fits(row, label))).count();
        Score { found: found.len(), right, labelled: labelled.len(), seen }
    };
    DisruptionKind::ALL.into_iter().map(|kind| (kind, of(kind))).collect()
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
