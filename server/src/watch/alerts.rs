//! Alerts begin when something stays bad, and end when it stays good: what wavers does not ring each time.

use crate::watch::rules::{Finding, Verdict};
use inflight_domain::UnixMillis;
use inflight_domain::system::AlertRow;
use std::collections::{BTreeMap, BTreeSet};

/// Alerts that stand, and those that ended lately.
#[derive(Debug, Default)]
pub struct Alerts(BTreeMap<String, State>);

#[derive(Debug, Default)]
struct State {
    bad: u32,
    good: u32,
    row: Option<AlertRow>,
}

/// Good samples in a row after which it is over.
const GOOD: u32 = 3;

/// What ended is told for so long, in milliseconds.
const TOLD_MS: i64 = 30 * 60_000;

impl Alerts {
    /// Takes a sample's findings in; what began or ended with it, as it is now.
    pub fn step(&mut self, now: UnixMillis, findings: Vec<Finding>) -> Vec<AlertRow> {
        let mut changed = Vec::new();
        let found: BTreeSet<String> = findings.iter().map(|finding| finding.code.clone()).collect();
        for finding in findings {
            let state = self.0.entry(finding.code.clone()).or_default();
            changed.extend(state.step(now, finding));
        }
        // What nobody looks at any more, as a source that is gone, is over.
        for (_, state) in self.0.iter_mut().filter(|(code, _)| !found.contains(*code)) {
            changed.extend(state.end(now));
        }
        self.0.retain(|code, state| {
            let ended = state.row.as_ref().and_then(|row| row.ended);
            if ended.is_some_and(|ended| now.since(ended) > TOLD_MS) {
                state.row = None;
            }
            state.row.is_some() || found.contains(code)
        });
        changed
    }

    /// All that is told.
    pub fn rows(&self) -> impl Iterator<Item = &AlertRow> {
        self.0.values().filter_map(|state| state.row.as_ref())
    }

    /// Those that stand.
    pub fn standing(&self) -> impl Iterator<Item = &AlertRow> {
        self.rows().filter(|row| row.ended.is_none())
    }
}

impl State {
    fn step(&mut self, now: UnixMillis, finding: Finding) -> Option<AlertRow> {
        (self.bad, self.good) = match finding.verdict {
            Verdict::Bad => (self.bad + 1, 0),
            Verdict::Good => (0, self.good + 1),
            Verdict::Between => (0, 0),
        };
        if self.stands() {
            return if self.good >= GOOD { self.end(now) } else { None };
        }
        if self.bad < finding.hold.max(1) {
            return None;
        }
        let Finding { code, level, text, value, threshold, .. } = finding;
        self.row = Some(AlertRow { code, level, text, value, threshold, since: now, ended: None });
        self.row.clone()
    }

    fn stands(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.ended.is_none())
    }

    fn end(&mut self, now: UnixMillis) -> Option<AlertRow> {
        let row = self.row.as_mut().filter(|row| row.ended.is_none())?;
        row.ended = Some(now);
        Some(row.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::system::AlertLevel;

    /// Verdicts as letters, one a sample; where something began (`+`) or ended (`-`).
    fn check(hold: u32, verdicts: &str, expected: &str) {
        let mut alerts = Alerts::default();
        let step = |(index, letter): (usize, char)| {
            let verdict = match letter {
                'b' => Verdict::Bad,
                'g' => Verdict::Good,
                _ => Verdict::Between,
            };
            let finding = Finding {
                code: "x".into(),
                level: AlertLevel::Info,
                text: String::new(),
                value: None,
                threshold: None,
                verdict,
                hold,
            };
            let gone = letter == 'n';
            let changed =
                alerts.step(UnixMillis(index as i64 * 5000), if gone { vec![] } else { vec![finding] });
            match changed.first() {
                Some(row) if row.ended.is_some() => '-',
                Some(_) => '+',
                None => '.',
            }
        };
        let found: String = verdicts.chars().enumerate().map(step).collect();
        assert_eq!(found, expected, "{verdicts}");
    }

    #[test]
    fn what_wavers_does_not_ring() {
        check(3, "bbbbb", "..+..");
        check(3, "bbgbbgbb", "........");
        check(1, "bgbgbggggb", "+......-.+");
        check(1, "bmmmggmggg", "+........-");
        check(3, "bbmbbb", ".....+");
        check(1, "bbn", "+.-");
    }

    #[test]
    fn what_ended_is_told_for_half_an_hour() {
        let mut alerts = Alerts::default();
        let finding = |verdict| Finding {
            code: "x".into(),
            level: AlertLevel::Info,
            text: String::new(),
            value: Some(2.0),
            threshold: Some(1.0),
            verdict,
            hold: 1,
        };
        alerts.step(UnixMillis(0), vec![finding(Verdict::Bad)]);
        (1..=3).for_each(|s| drop(alerts.step(UnixMillis(s * 1000), vec![finding(Verdict::Good)])));
        assert_eq!((alerts.rows().count(), alerts.standing().count()), (1, 0));
        alerts.step(UnixMillis(3000 + TOLD_MS), vec![finding(Verdict::Good)]);
        assert_eq!(alerts.rows().count(), 1);
        alerts.step(UnixMillis(3001 + TOLD_MS), vec![finding(Verdict::Good)]);
        assert_eq!(alerts.rows().count(), 0);
    }
}
