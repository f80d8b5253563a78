//! Implausible jump: positions that no aircraft can fly between, more than once; jamming and spoofing look so.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// Jumps are counted together within this time.
const TOGETHER_MS: i64 = 600_000;

/// A single wrong position is a garbled message.
const JUMPS: u32 = 2;

/// How much faster than reported the aircraft would have had to be.
const FASTER: f64 = 2.2;

/// And at least by this much, metres per second.
const MARGIN_MPS: f64 = 120.0;

/// And over at least this distance.
const SHORTEST_M: f64 = 4_000.0;

/// When nothing more is told of it.
const QUIET_MS: i64 = 300_000;

/// One position out of reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jump {
    /// When it was told.
    pub at: UnixMillis,
    /// Where the aircraft is known to have been.
    pub from: Position,
    /// Where it is said to be.
    pub to: Position,
    /// Time between the two, seconds.
    pub seconds: f64,
}

/// The jumps so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    first: Option<Jump>,
    last_at: UnixMillis,
    count: u32,
    open: bool,
}

impl State {
    /// Shown each step; says whether it is a jump, so that the other detectors start anew.
    pub(super) fn jump_of(step: &Step<'_>) -> Option<Jump> {
        let reported_mps = step.before.speed_mps.into_iter().chain(step.now.speed_mps).fold(0.0, f64::max);
        let implied_mps = step.distance_m / (step.seconds + 1.0);
        let airborne = !step.before.on_ground && !step.now.on_ground;
        let is_one = airborne
            && reported_mps > 0.0
            && step.distance_m >= SHORTEST_M
            && implied_mps > FASTER * reported_mps
            && implied_mps > reported_mps + MARGIN_MPS;
        is_one.then_some(Jump {
            at: step.now.at,
            from: step.before.position,
            to: step.now.position,
            seconds: step.seconds,
        })
    }

    pub(super) fn take(&mut self, jump: Jump, reported_mps: Option<f64>) -> Verdict {
        if self.count > 0 && jump.at.since(self.last_at) > TOGETHER_MS {
            *self = Self { open: self.open, ..Self::default() };
        }
        let first = *self.first.get_or_insert(jump);
        self.last_at = jump.at;
        self.count += 1;
        if self.count < JUMPS {
            return Verdict::Same;
        }
        self.open = true;
        let distance_m = first.from.distance_m(first.to);
        let mut evidence = Evidence::default()
            .with(Measure::JumpM, distance_m)
            .with(Measure::JumpIntervalS, first.seconds)
            .with(Measure::ImpliedSpeedMps, distance_m / first.seconds.max(1.0))
            .with(Measure::Observations, f64::from(self.count));
        if let Some(reported_mps) = reported_mps {
            evidence = evidence.with(Measure::ReportedSpeedMps, reported_mps);
        }
        Verdict::Holds(Finding {
            began: first.at,
            place: first.from,
            severity: Severity::Attention,
            confidence_pct: 60.0 + 10.0 * f64::from(self.count.min(5) - JUMPS),
            airport: None,
            evidence,
        })
    }

    pub(super) fn rest(&mut self, now: UnixMillis) -> Verdict {
        if self.open && now.since(self.last_at) > QUIET_MS {
            *self = Self::default();
            return Verdict::Over;
        }
        Verdict::Same
    }
}
