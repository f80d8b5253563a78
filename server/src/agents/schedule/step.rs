//! What a schedule needs next: rest, a run, or to be planned anew.

use crate::agents::schedule::cron::CronError;
use crate::agents::schedule::plan::Due;
use crate::agents::schedule::row::ScheduleRow;

/// A moment at which a schedule runs, or might have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// One of its own.
    Due(Due),
    /// Somebody asked for it then, in milliseconds since 1970.
    Asked(i64),
}

/// What a schedule needs next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing, until somebody changes it.
    Rest,
    /// Nothing before this moment, in milliseconds since 1970.
    Until(i64),
    /// A run.
    Run(Moment),
    /// Moments passed without a run.
    Pass(Due),
    /// It was not known any more when it is due; now it is.
    Plan(Box<ScheduleRow>),
    /// It is due at no time.
    Never(CronError),
}

/// What a schedule needs now.
pub(super) fn next(row: &ScheduleRow, now_ms: i64) -> Step {
    if let Some(asked_ms) = row.asked_ms.filter(|_| row.status != "cancelled") {
        return Step::Run(Moment::Asked(asked_ms));
    }
    if row.status != "active" {
        return Step::Rest;
    }
    let plan = match row.plan() {
        Ok(plan) => plan,
        Err(cause) => return Step::Never(cause),
    };
    let Some(next_ms) = plan.believed(row.next_ms.first().copied(), now_ms) else {
        return row
            .clone()
            .planned_from(now_ms)
            .map_or_else(Step::Never, |planned| Step::Plan(Box::new(planned)));
    };
    let due = plan.due(next_ms, now_ms);
    match (due.run_ms, due.next_ms) {
        (Some(_), _) => Step::Run(Moment::Due(due)),
        (None, Some(same_ms)) if same_ms == next_ms => Step::Until(next_ms),
        (None, _) => Step::Pass(due),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::schedule::plan::Missed;

    const HOUR: i64 = 3_600_000;

    /// Hourly, at hour 10; the name of the step.
    fn check(change: impl Fn(&mut ScheduleRow), expected: &str) -> Step {
        let mut row = ScheduleRow {
            cron: "@hourly".to_owned(),
            time_zone: "UTC".to_owned(),
            status: "active".to_owned(),
            next_ms: vec![11 * HOUR],
            ..ScheduleRow::default()
        };
        change(&mut row);
        let step = next(&row, 10 * HOUR);
        let name = format!("{step:?}");
        assert_eq!(name.split(|sign: char| !sign.is_alphanumeric()).next(), Some(expected), "{name}");
        step
    }

    #[test]
    fn a_schedule_is_never_left_without_a_next_moment_in_silence() {
        check(|_| {}, "Until");
        check(|row| row.status = "paused".to_owned(), "Rest");
        check(|row| row.next_ms = vec![10 * HOUR], "Run");
        check(|row| (row.next_ms, row.missed) = (vec![2 * HOUR + 1], Missed::Skip), "Run");
        for next_ms in [Vec::new(), vec![10_000 * HOUR]] {
            let Step::Plan(row) = check(|row| row.next_ms.clone_from(&next_ms), "Plan") else { return };
            assert_eq!(row.next_ms[0], 11 * HOUR);
        }
        check(|row| row.cron = "0 0 30 2 *".to_owned(), "Never");
        check(|row| row.time_zone = "Europe/Atlantis".to_owned(), "Never");
        let far = ScheduleRow {
            cron: "@hourly".to_owned(),
            time_zone: "UTC".to_owned(),
            status: "active".to_owned(),
            ..ScheduleRow::default()
        };
        assert!(matches!(next(&far, i64::MAX), Step::Never(_)), "a clock beyond all years");
    }

    #[test]
    fn whoever_asks_for_a_run_gets_it_whatever_the_times_are() {
        let asked = |row: &mut ScheduleRow| row.asked_ms = Some(10 * HOUR);
        assert_eq!(check(asked, "Run"), Step::Run(Moment::Asked(10 * HOUR)));
        check(|row| (row.status, row.asked_ms) = ("paused".to_owned(), Some(1)), "Run");
        check(|row| (row.status, row.asked_ms) = ("cancelled".to_owned(), Some(1)), "Rest");
    }
}
