//! Emergency: the transponder says 7500, 7600 or 7700, or the aircraft an emergency state, and goes on saying so.

use crate::disruption::step::{Finding, Verdict};
use inflight_domain::{Aircraft, Evidence, Measure, Severity, Squawk, UnixMillis};

/// A code must stand this long: one garbled message is put right by the next.
const CONFIRM_MS: i64 = 15_000;

/// Messages that must have come meanwhile.
const CONFIRM_CONTACTS: u32 = 2;

/// Something else must stand this long before the emergency counts as over.
const OVER_MS: i64 = 15_000;

/// The call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    since: Option<UnixMillis>,
    /// The code, where it calls by one.
    code: Option<Squawk>,
    contacts: u32,
    open: bool,
    other_since: Option<UnixMillis>,
    place: Option<inflight_domain::Position>,
}

impl State {
    /// Shown each row whose last contact is new.
    pub(super) fn watch(&mut self, aircraft: &Aircraft) -> Verdict {
        let at = aircraft.last_contact();
        let (code, said) = (aircraft.squawk().filter(|code| code.is_emergency()), aircraft.emergency());
        if code.is_none() && said == 0 {
            // Who called without a code is done when the state says so, whatever the code.
            return self.silent(at, aircraft.squawk().is_some() || self.code.is_none());
        }
        self.other_since = None;
        let another = code.zip(self.code).is_some_and(|(code, known)| code != known);
        if self.since.is_none() || another {
            let before = core::mem::take(self);
            (self.since, self.code) = (Some(at), code);
            self.place = Some(aircraft.position());
            if before.open {
                return Verdict::Over;
            }
        }
        self.code = code.or(self.code);
        self.contacts += 1;
        let since = self.since.unwrap_or(at);
        // Codes are tried out at the stand.
        if at.since(since) < CONFIRM_MS
            || self.contacts <= CONFIRM_CONTACTS
            || (aircraft.on_ground() && !self.open)
        {
            return Verdict::Same;
        }
        self.open = true;
        let mut evidence = Evidence::default();
        if let Some(code) = code {
            evidence = evidence.with(Measure::Squawk, decimal(code));
        }
        if said != 0 {
            evidence = evidence.with(Measure::EmergencyState, f64::from(said));
        }
        let evidence = evidence.with(Measure::Observations, f64::from(self.contacts.min(10)));
        Verdict::Holds(Finding {
            began: since,
            place: self.place.unwrap_or_else(|| aircraft.position()),
            severity: Severity::Alarm,
            confidence_pct: 80.0 + f64::from(self.contacts.min(10)) * 1.9,
            airport: None,
            evidence,
        })
    }

    /// No call: a garbled message in an emergency does not end it.
    fn silent(&mut self, at: UnixMillis, other: bool) -> Verdict {
        if !self.open {
            *self = Self::default();
            return Verdict::Same;
        }
        if !other {
            return Verdict::Same;
        }
        let since = *self.other_since.get_or_insert(at);
        if at.since(since) < OVER_MS {
            return Verdict::Same;
        }
        *self = Self::default();
        Verdict::Over
    }
}

/// 0o7700 becomes 7700.
fn decimal(code: Squawk) -> f64 {
    let code = code.get();
    f64::from((code >> 9) * 1000 + (code >> 6 & 7) * 100 + (code >> 3 & 7) * 10 + (code & 7))
}
