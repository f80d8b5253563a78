//! What is asked of the server by itself, with how the asking went.

use inflight_wire::Datum;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Who looks at this.
    Me,
    /// The last hour.
    Past,
    /// Single connections.
    Connections,
    /// The newest entries of the audit trail.
    Audit,
}

/// Why an answer did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The server was not reached.
    Offline,
    /// It may not be seen by who looks.
    Forbidden,
    /// The server answered with this status.
    Failed(u16),
}

/// An answer and how the newest asking went.
#[derive(Clone, Debug, Default)]
pub struct Remote {
    /// The newest answer.
    pub data: Option<Datum>,
    /// What went wrong since.
    pub problem: Option<Problem>,
    /// Whether an answer is waited for.
    pub waiting: bool,
    asked_ms: Option<f64>,
}

impl Ask {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Me, Self::Past, Self::Connections, Self::Audit];

    /// Its address.
    #[must_use]
    pub fn address(self) -> &'static str {
        match self {
            Self::Me => "/api/v1/me",
            Self::Past => "/api/v1/system/history",
            Self::Connections => "/api/v1/connections",
            Self::Audit => "/api/v1/audit?limit=50",
        }
    }

    /// The row without which the server has no such thing; none where every server has it.
    #[must_use]
    pub fn teller(self) -> Option<&'static str> {
        match self {
            Self::Me => None,
            Self::Past | Self::Connections => Some("process"),
            Self::Audit => Some("dependency/audit"),
        }
    }

    /// How often it is asked for, in milliseconds.
    #[must_use]
    pub fn every_ms(self) -> f64 {
        match self {
            Self::Me => 60_000.0,
            Self::Past => 15_000.0,
            Self::Connections => 5000.0,
            Self::Audit => 10_000.0,
        }
    }

    /// Whether only who may observe gets it.
    #[must_use]
    pub fn is_for_observers(self) -> bool {
        matches!(self, Self::Connections | Self::Audit)
    }
}

impl Remote {
    /// Whether it is time to ask; from then on an answer is waited for.
    pub fn is_due(&mut self, every_ms: f64, now_ms: f64) -> bool {
        let due = !self.waiting && self.asked_ms.is_none_or(|asked_ms| now_ms - asked_ms >= every_ms);
        if due {
            self.waiting = true;
            self.asked_ms = Some(now_ms);
        }
        due
    }

    /// Asks as soon as it can be asked.
    pub fn hurry(&mut self) {
        self.asked_ms = None;
    }

    /// The answer came, or why not. What was known stays, unless it may not be seen any more.
    pub fn answer(&mut self, answer: Result<Datum, Problem>) {
        self.waiting = false;
        match answer {
            Ok(data) => {
                self.data = Some(data);
                self.problem = None;
            }
            Err(problem) => {
                self.problem = Some(problem);
                if problem == Problem::Forbidden {
                    self.data = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_stays_until_it_may_not_be_seen() {
        let mut remote = Remote::default();
        assert!(remote.is_due(5000.0, 0.0));
        assert!(!remote.is_due(5000.0, 9000.0), "it waits for an answer");
        remote.answer(Ok(Datum::Integer(1)));
        assert!(!remote.is_due(5000.0, 4000.0));
        assert!(remote.is_due(5000.0, 5000.0));
        remote.answer(Err(Problem::Failed(503)));
        assert_eq!(
            (remote.data.clone(), remote.problem),
            (Some(Datum::Integer(1)), Some(Problem::Failed(503)))
        );
        remote.hurry();
        assert!(remote.is_due(5000.0, 5001.0));
        remote.answer(Err(Problem::Forbidden));
        assert_eq!(remote.data, None);
    }
}
