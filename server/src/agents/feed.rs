//! What goes otherwise than planned in the sky, as inputs for the agents of each business that it concerns.

use crate::agents::driver::DriveError;
use crate::agents::service::{Agents, SubmitError};
use crate::clock;
use core::time::Duration;
use inflight_agents::AgentInput;
use inflight_agents::controller::{concerns, disruption_input};
use inflight_domain::Disruption;
use std::collections::BTreeSet;
use tokio::time::Instant;
use tracing::warn;

/// Businesses are looked at this often at least while something goes on: there may be new ones.
const LOOK: Duration = Duration::from_secs(15);

/// What was handed on already, so that no cut of the hub costs more than a comparison.
#[derive(Default)]
struct Seen {
    rows: Vec<Disruption>,
    /// What is new of them, whatever their numbers are now.
    news: BTreeSet<String>,
    /// When all of it was dealt with.
    at: Option<Instant>,
    /// Business and identifier of inputs that were taken, or that nobody takes.
    known: BTreeSet<(String, String)>,
}

impl Seen {
    /// Whether there may be something to hand on.
    fn is_due(&mut self, disruptions: &[Disruption], now: Instant) -> bool {
        if self.rows != disruptions {
            self.rows = disruptions.to_vec();
            let of = |row| disruption_input("", row, clock::now()).id;
            let news = disruptions.iter().map(of).collect();
            if self.news != news {
                (self.news, self.at) = (news, None);
            }
        }
        !disruptions.is_empty() && self.at.is_none_or(|at| now.duration_since(at) >= LOOK)
    }
}

/// Follows the disruptions until the hub ends.
pub async fn run(agents: Agents) {
    let mut status = agents.outside().hub.follow_status();
    let mut seen = Seen::default();
    loop {
        let disruptions = status.borrow_and_update().disruptions.clone();
        let now = Instant::now();
        if agents.are_on()
            && seen.is_due(&disruptions, now)
            && take(&agents, &disruptions, &mut seen.known).await
        {
            seen.at = Some(now);
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Hands on what is new; whether all of it was dealt with. What was handed on before a restart has the same identifier, and
/// is not taken twice.
async fn take(agents: &Agents, disruptions: &[Disruption], known: &mut BTreeSet<(String, String)>) -> bool {
    let businesses = match agents.houses().await {
        Ok(businesses) => businesses,
        Err(cause) => {
            warn!(%cause, "disruptions wait: businesses cannot be read");
            return false;
        }
    };
    let all = businesses.iter().flat_map(|business| {
        let concerned = disruptions.iter().filter(|disruption| concerns(business, disruption));
        concerned.map(|disruption| disruption_input(&business.business_id, disruption, clock::now()))
    });
    let all: Vec<AgentInput> = all.collect();
    let key = |input: &AgentInput| (input.business_id.clone(), input.id.clone());
    let now: BTreeSet<_> = all.iter().map(key).collect();
    known.retain(|key| now.contains(key));
    for input in all {
        let key = key(&input);
        if known.contains(&key) {
            continue;
        }
        match agents.submit(input).await {
            Ok(_) => {}
            Err(SubmitError::Off) => return false,
            Err(
                cause @ (SubmitError::Service(_)
                | SubmitError::Drive(DriveError::Store(_) | DriveError::Stopping)),
            ) => {
                warn!(input = key.1, %cause, "disruptions wait");
                return false;
            }
            // It alone is not taken, and would not be the next time; the others may be.
            Err(cause) => warn!(input = key.1, %cause, "a disruption was not taken"),
        }
        known.insert(key);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{DisruptionKind, Evidence, Icao24, Measure, Position, Severity, UnixMillis};

    fn holding(address: &str, turns: f64) -> Disruption {
        let evidence = Evidence::default().with(Measure::TurnsFlown, turns);
        Disruption {
            kind: DisruptionKind::Holding,
            icao24: Icao24::parse(address).unwrap(),
            callsign: None,
            began: UnixMillis(1000),
            last_seen: UnixMillis(1000 + (turns * 240_000.0) as i64),
            ended: None,
            severity: Severity::Notice,
            confidence_pct: 90,
            place: Position::new(44.5, 26.1).unwrap(),
            airport: None,
            evidence,
        }
    }

    #[test]
    fn only_news_and_time_lead_to_a_look() {
        let (mut seen, begun) = (Seen::default(), Instant::now());
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        assert!(!seen.is_due(&[], at(0)), "nothing goes on");
        let one = [holding("4b1801", 2.0)];
        assert!(seen.is_due(&one, at(1)));
        assert!(seen.is_due(&one, at(2)), "the disk refused");
        seen.at = Some(at(2));
        assert!(!seen.is_due(&one, at(3)), "it is known");
        assert!(!seen.is_due(&[holding("4b1801", 2.1)], at(4)), "the same with other numbers");
        assert!(seen.is_due(&[holding("4b1801", 2.1), holding("4b1802", 2.0)], at(5)), "another one");
        seen.at = Some(at(5));
        assert!(!seen.is_due(&seen.rows.clone(), at(19)));
        assert!(seen.is_due(&seen.rows.clone(), at(20)), "there may be a new business");
    }
}
