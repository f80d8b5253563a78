//! What is due: which of the moments that have come lead to a run, and which pass.

use crate::agents::schedule::cron::{Cron, CronError, zone};
use crate::agents::schedule::row::never;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What happens to moments that passed while nobody was there, or while the run before was still going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They pass.
    Skip,
    /// One run stands for all of them.
    #[default]
    Once,
    /// Each leads to a run, one after the other.
    All,
}

/// When a schedule is due.
#[derive(Clone, Debug)]
pub struct Plan {
    cron: Cron,
    zone: TimeZone,
    missed: Missed,
}

/// What to do now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The moment that leads to a run now, in milliseconds since 1970.
    pub run_ms: Option<i64>,
    /// The first moment that was not yet dealt with.
    pub next_ms: Option<i64>,
    /// Moments that passed without a run.
    pub passed: u64,
}

/// A moment this long ago was not missed: the machine was busy.
const LATE_MS: i64 = 60_000;

/// So far a clock that is put right goes back without more than that moments come later.
const AHEAD_MS: i64 = 86_400_000;

/// No more moments than these are caught up with; those before them pass.
const MOST_MISSED: usize = 100;

/// Of those that pass so many are counted at most: years of minutes take too long.
const MOST_COUNTED: usize = 10_000;

/// Moments that a row shows.
const SHOWN: usize = 5;

impl Plan {
    /// A plan from an expression and the name of a time zone.
    ///
    /// # Errors
    /// One of them is wrong, or the moment never comes.
    pub fn new(cron: &str, zone_name: &str, missed: Missed) -> Result<Self, CronError> {
        let plan = Self { cron: Cron::parse(cron)?, zone: zone(zone_name)?, missed };
        if plan.after(0).is_none() {
            return Err(never(cron));
        }
        Ok(plan)
    }

    /// The first moment after this one, in milliseconds since 1970.
    #[must_use]
    pub fn after(&self, after_ms: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(after_ms).ok()?;
        self.cron.next(after, &self.zone).map(Timestamp::as_millisecond)
    }

    /// The next moment as a row has it, if it can be right: one that is later than the next after a day from now was
    /// reckoned by a clock that was ahead.
    #[must_use]
    pub fn believed(&self, next_ms: Option<i64>, now_ms: i64) -> Option<i64> {
        let later_ms = now_ms.saturating_add(AHEAD_MS);
        next_ms.filter(|next_ms| {
            *next_ms <= later_ms || self.after(later_ms).is_none_or(|first_ms| *next_ms <= first_ms)
        })
    }

    /// The moments from this one on that a row shows.
    #[must_use]
    pub fn shown(&self, first_ms: Option<i64>) -> Vec<i64> {
        core::iter::successors(first_ms, |moment_ms| self.after(*moment_ms)).take(SHOWN).collect()
    }

    /// What is due now, where `next_ms` is the first moment that was not yet dealt with.
    #[must_use]
    pub fn due(&self, next_ms: i64, now_ms: i64) -> Due {
        if next_ms > now_ms {
            return Due { next_ms: Some(next_ms), ..Due::default() };
        }
        let (come, rest_ms) = self.come(next_ms, now_ms);
        let first_ms = come.first().copied().unwrap_or(now_ms);
        let earlier = core::iter::successors(Some(next_ms), |moment_ms| self.after(*moment_ms));
        let earlier = earlier.take_while(|moment_ms| *moment_ms < first_ms).take(MOST_COUNTED).count() as u64;
        let newest = come.last().copied().filter(|moment_ms| now_ms - moment_ms <= LATE_MS);
        let count = come.len() as u64;
        match self.missed {
            Missed::Skip => {
                let run_ms = newest;
                Due { run_ms, next_ms: rest_ms, passed: earlier + count - u64::from(run_ms.is_some()) }
            }
            Missed::Once => {
                let run_ms = come.last().copied();
                Due { run_ms, next_ms: rest_ms, passed: earlier + count - u64::from(run_ms.is_some()) }
            }
            Missed::All => {
                let run_ms = come.first().copied();
                Due { run_ms, next_ms: come.get(1).copied().or(rest_ms), passed: earlier }
            }
        }
    }

    /// The newest moments that have come, and the first that has not.
    fn come(&self, next_ms: i64, now_ms: i64) -> (Vec<i64>, Option<i64>) {
        // Looks back further and further, so that years of minutes are not counted one by one.
        let mut back_ms = 3_600_000;
        loop {
            let first_ms = next_ms.max(now_ms - back_ms);
            let first = if first_ms == next_ms { Some(next_ms) } else { self.after(first_ms) };
            let mut come: Vec<i64> = core::iter::successors(first, |moment_ms| self.after(*moment_ms))
                .take_while(|moment_ms| *moment_ms <= now_ms)
                .collect();
            if come.len() >= MOST_MISSED || first_ms == next_ms {
                come.drain(..come.len().saturating_sub(MOST_MISSED));
                return (come, self.after(now_ms));
            }
            back_ms *= 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// Hourly; `next` and `now` in hours, what runs and what is next too.
    fn check(missed: Missed, next: i64, now: f64, run: Option<i64>, then: i64, passed: u64) {
        let plan = Plan::new("@hourly", "UTC", missed).unwrap();
        let now_ms = (now * HOUR as f64) as i64;
        let due = plan.due(next * HOUR, now_ms);
        let expected = Due { run_ms: run.map(|run| run * HOUR), next_ms: Some(then * HOUR), passed };
        assert_eq!(due, expected, "{missed:?} {next} {now}");
    }

    #[test]
    fn what_was_missed_follows_the_policy() {
        for missed in [Missed::Skip, Missed::Once, Missed::All] {
            check(missed, 5, 4.9, None, 5, 0);
            check(missed, 5, 5.0, Some(5), 6, 0);
            check(missed, 5, 5.01, Some(5), 6, 0);
        }
        check(Missed::Skip, 5, 8.5, None, 9, 4);
        check(Missed::Skip, 5, 8.001, Some(8), 9, 3);
        check(Missed::Once, 5, 8.5, Some(8), 9, 3);
        check(Missed::All, 5, 8.5, Some(5), 6, 0);
        check(Missed::All, 6, 8.5, Some(6), 7, 0);
        check(Missed::All, 8, 8.5, Some(8), 9, 0);
    }

    #[test]
    fn what_a_clock_ahead_reckoned_is_not_believed() {
        let check = |cron: &str, next: Option<i64>, now: i64, expected: bool| {
            let plan = Plan::new(cron, "UTC", Missed::Once).unwrap();
            let believed = plan.believed(next.map(|next| next * HOUR), now * HOUR);
            assert_eq!(believed, next.filter(|_| expected).map(|next| next * HOUR), "{cron} {next:?} {now}");
        };
        check("@hourly", None, 5, false);
        check("@hourly", Some(4), 5, true);
        check("@hourly", Some(6), 5, true);
        check("@hourly", Some(20), 5, true);
        check("@hourly", Some(31), 5, false);
        check("@hourly", Some(24 * 365 * 10), 5, false);
        check("@yearly", Some(24 * 365), 5, true);
        check("@yearly", Some(24 * 365 * 10), 5, false);
    }

    #[test]
    fn all_that_passed_is_counted() {
        // 250 hours are due: all but the newest, or all but the newest 100.
        for (missed, passed) in [(Missed::Skip, 249), (Missed::Once, 249), (Missed::All, 150)] {
            let plan = Plan::new("@hourly", "UTC", missed).unwrap();
            let due = plan.due(0, 249 * HOUR);
            assert_eq!(due.passed, passed, "{missed:?}");
            if missed == Missed::All {
                let next = plan.due(due.next_ms.unwrap(), 249 * HOUR);
                assert_eq!((due.run_ms, next.passed), (Some(150 * HOUR), 0));
            }
        }
    }

    #[test]
    fn a_long_absence_is_no_long_wait() {
        let plan = Plan::new("* * * * *", "Europe/Bucharest", Missed::Once).unwrap();
        let now_ms = 40 * 365 * 24 * HOUR;
        let due = plan.due(0, now_ms);
        assert_eq!((due.run_ms, due.next_ms), (Some(now_ms), Some(now_ms + 60_000)));
        let all = Plan::new("* * * * *", "UTC", Missed::All).unwrap().due(0, now_ms);
        assert_eq!(all.run_ms, Some(now_ms - 99 * 60_000));
        assert_eq!((all.passed, due.passed), (10_000, 10_000 + 99));
        assert_eq!(plan.shown(due.next_ms).len(), 5);
        assert!(Plan::new("0 0 30 2 *", "UTC", Missed::Once).is_err());
    }
}
