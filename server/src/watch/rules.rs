//! What is worth an alert: each rule looks at a sample and finds it good, bad or in between.

use crate::metrics::tally::Counts;
use inflight_domain::SourceState;
use inflight_domain::system::{AlertLevel, DependencyRow, DependencyState};

/// What the rules look at.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Milliseconds below which 95 of 100 ticks of the sample stayed.
    pub tick_p95_ms: Option<f64>,
    /// Milliseconds between ticks.
    pub tick_ms: f64,
    /// Processor time in hundredths of all cores.
    pub cpu_pct: Option<f64>,
    /// Resident memory as a share of what there is.
    pub memory_share: Option<f64>,
    /// Free bytes where the data is kept.
    pub disk_free: Option<u64>,
    /// Open connections.
    pub open: u64,
    /// What was counted in the last minute.
    pub minute: Counts,
    /// Name, state and code of each source.
    pub sources: Vec<(String, SourceState, String)>,
    /// What the server needs besides.
    pub dependencies: Vec<DependencyRow>,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub code: String,
    /// How much it matters.
    pub level: AlertLevel,
    /// What is wrong.
    pub text: String,
    /// What was measured.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// Good, bad or in between.
    pub verdict: Verdict,
    /// Bad samples in a row before it is told.
    pub hold: u32,
}

/// How a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Good,
    /// Neither: what stands goes on, nothing begins.
    Between,
    /// It is as it should not be.
    Bad,
}

/// Share of the time between ticks that a tick may take.
const TICK_SHARE: f64 = 0.5;

/// Free bytes of the disk below which somebody should look, and must act.
const DISK_LOW: f64 = 500e6;
const DISK_FULL: f64 = 50e6;

/// Broken connections in a minute that are always too few to tell.
const BROKEN_LEAST: f64 = 10.0;

/// Messages and connections over a limit in a minute.
const LIMITED_MOST: f64 = 20.0;

/// All that the rules find.
#[must_use]
pub fn findings(figures: &Figures) -> Vec<Finding> {
    let mut found = measured(figures);
    found.extend(counted(figures));
    found.extend(figures.sources.iter().map(source));
    found.extend(figures.dependencies.iter().map(dependency));
    found
}

fn measured(figures: &Figures) -> Vec<Finding> {
    let budget_ms = figures.tick_ms * TICK_SHARE;
    let megabytes = |bytes: f64| format!("{:.0} MB are free on the disk", bytes / 1e6);
    let disk = figures.disk_free.map(|free| free as f64);
    vec![
        above("tick_slow", AlertLevel::Attention, figures.tick_p95_ms, budget_ms, 3, |ms| {
            format!("Ticks take {ms:.0} ms, more than {budget_ms:.0} ms")
        }),
        above("cpu_high", AlertLevel::Attention, figures.cpu_pct, 90.0, 12, |pct| {
            format!("The processor is busy for {pct:.0} %")
        }),
        above(
            "memory_high",
            AlertLevel::Attention,
            figures.memory_share.map(|share| share * 100.0),
            90.0,
            3,
            |pct| format!("{pct:.0} % of the memory are in use"),
        ),
        below("disk_low", AlertLevel::Attention, disk, DISK_LOW, megabytes),
        below("disk_full", AlertLevel::Alarm, disk, DISK_FULL, megabytes),
    ]
}

fn counted(figures: &Figures) -> Vec<Finding> {
    let minute = &figures.minute;
    let broken_most = (figures.open as f64 * 0.2).max(BROKEN_LEAST);
    let count = |count: u64| Some(count as f64);
    vec![
        above("disconnects", AlertLevel::Attention, count(minute.broken), broken_most, 1, |count| {
            format!("{count:.0} connections broke in a minute")
        }),
        above("rate_limiting", AlertLevel::Info, count(minute.rate_limited), LIMITED_MOST, 1, |count| {
            format!("{count:.0} messages in a minute were over a limit")
        }),
        above("digest_mismatch", AlertLevel::Attention, count(minute.mismatches), 1.0, 1, |count| {
            format!("The tables of {count:.0} clients were not the server's")
        }),
        above("history_dropping", AlertLevel::Attention, count(minute.history_dropped), 1.0, 1, |count| {
            format!("{count:.0} polls did not get into the history")
        }),
        above("agents_failing", AlertLevel::Attention, count(minute.agent_failures), 1.0, 1, |count| {
            format!("{count:.0} runs of agents failed in a minute")
        }),
        above("low_confidence", AlertLevel::Attention, count(minute.agent_doubts), 1.0, 1, |count| {
            format!("Agents were not sure of {count:.0} decisions in a minute")
        }),
        above("defect", AlertLevel::Alarm, count(minute.panics), 1.0, 1, |count| {
            format!("{count:.0} defects were survived; the log has them")
        }),
    ]
}

fn source((name, state, code): &(String, SourceState, String)) -> Finding {
    let (verdict, level) = match state {
        SourceState::Live | SourceState::Replay | SourceState::Idle => (Verdict::Good, AlertLevel::Attention),
        SourceState::Starting => (Verdict::Between, AlertLevel::Attention),
        SourceState::Degraded | SourceState::RateLimited => (Verdict::Bad, AlertLevel::Attention),
        SourceState::Unauthorised => (Verdict::Bad, AlertLevel::Alarm),
        // A recording that has ended is no fault.
        SourceState::Stopped if code.is_empty() => (Verdict::Good, AlertLevel::Attention),
        SourceState::Stopped => (Verdict::Bad, AlertLevel::Alarm),
    };
    let why = if code.is_empty() { String::new() } else { format!(" ({code})") };
    Finding {
        code: format!("source_degraded/{name}"),
        level,
        text: format!("The source {name} is {}{why}", state.name().replace('_', " ")),
        value: None,
        threshold: None,
        verdict,
        hold: 2,
    }
}

fn dependency(row: &DependencyRow) -> Finding {
    let level = if row.state == DependencyState::Down { AlertLevel::Alarm } else { AlertLevel::Attention };
    let verdict = if row.state == DependencyState::Up { Verdict::Good } else { Verdict::Bad };
    Finding {
        code: format!("{}_failed", row.name),
        level,
        text: format!("The {} is {} ({})", row.name, row.state.name(), row.code),
        value: None,
        threshold: None,
        verdict,
        hold: 1,
    }
}

/// Bad from the threshold on, good below four fifths of it.
fn above(
    code: &str,
    level: AlertLevel,
    value: Option<f64>,
    threshold: f64,
    hold: u32,
    text: impl Fn(f64) -> String,
) -> Finding {
    let verdict = match value {
        Some(value) if value >= threshold => Verdict::Bad,
        Some(value) if value >= threshold * 0.8 => Verdict::Between,
        _ => Verdict::Good,
    };
    finding(code, level, value, threshold, verdict, hold, text)
}

/// Bad below the threshold, good above five quarters of it.
fn below(
    code: &str,
    level: AlertLevel,
    value: Option<f64>,
    threshold: f64,
    text: impl Fn(f64) -> String,
) -> Finding {
    let verdict = match value {
        Some(value) if value < threshold => Verdict::Bad,
        Some(value) if value < threshold * 1.25 => Verdict::Between,
        _ => Verdict::Good,
    };
    finding(code, level, value, threshold, verdict, 2, text)
}

fn finding(
    code: &str,
    level: AlertLevel,
    value: Option<f64>,
    threshold: f64,
    verdict: Verdict,
    hold: u32,
    text: impl Fn(f64) -> String,
) -> Finding {
    let text = value.map(text).unwrap_or_default();
    Finding { code: code.to_owned(), level, text, value, threshold: Some(threshold), verdict, hold }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::UnixMillis;

    /// Codes of what is bad.
    fn check(figures: &Figures, expected: &[&str]) {
        let bad: Vec<String> = findings(figures)
            .into_iter()
            .filter(|found| found.verdict == Verdict::Bad)
            .map(|found| format!("{} {}", found.level.name(), found.code))
            .collect();
        assert_eq!(bad, expected, "{figures:?}");
    }

    #[test]
    fn rules_find_what_is_wrong() {
        let well = Figures { tick_ms: 200.0, disk_free: Some(1 << 40), ..Figures::default() };
        check(&well, &[]);
        check(&Figures { tick_p95_ms: Some(100.0), ..well.clone() }, &["attention tick_slow"]);
        check(&Figures { tick_p95_ms: Some(99.0), ..well.clone() }, &[]);
        check(&Figures { disk_free: Some(1), ..well.clone() }, &["attention disk_low", "alarm disk_full"]);
        check(&Figures { memory_share: Some(0.95), ..well.clone() }, &["attention memory_high"]);
        let minute = |minute| Figures { minute, open: 100, ..well.clone() };
        check(&minute(Counts { broken: 19, ..Counts::default() }), &[]);
        check(&minute(Counts { broken: 20, ..Counts::default() }), &["attention disconnects"]);
        check(&minute(Counts { mismatches: 1, ..Counts::default() }), &["attention digest_mismatch"]);
        check(&minute(Counts { rate_limited: 50, ..Counts::default() }), &["info rate_limiting"]);
        check(&minute(Counts { agent_failures: 1, ..Counts::default() }), &["attention agents_failing"]);
        check(&minute(Counts { agent_doubts: 2, ..Counts::default() }), &["attention low_confidence"]);
        check(&minute(Counts { history_dropped: 1, ..Counts::default() }), &["attention history_dropping"]);
        let source = |state, code: &str| Figures {
            sources: vec![("opensky".into(), state, code.into())],
            ..well.clone()
        };
        check(&source(SourceState::Idle, ""), &[]);
        check(&source(SourceState::Stopped, ""), &[]);
        check(&source(SourceState::Degraded, "http_503"), &["attention source_degraded/opensky"]);
        check(&source(SourceState::Unauthorised, "http_401"), &["alarm source_degraded/opensky"]);
        let row = DependencyRow {
            name: "audit".into(),
            state: DependencyState::Degraded,
            code: "disk_full".into(),
            since: UnixMillis(0),
        };
        check(&Figures { dependencies: vec![row], ..well }, &["attention audit_failed"]);
    }
}
