//! Emergency: the transponder says 7500, 7600 or 7700, and goes on saying so.

use crate::disruption::step::{Finding, Verdict};
use inflight_domain::{Aircraft, Evidence, Measure, Severity, Squawk, UnixMillis};

/// A code must stand this long: one garbled message is put right by the next.
const CONFIRM_MS: i64 = 15_000;

/// Messages that must have come meanwhile.
const CONFIRM_CONTACTS: u32 = 2;

/// Another code must stand this long before the emergency counts as over.
const OVER_MS: i64 = 15_000;

/// The code so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    code: Option<(Squawk, UnixMillis)>,
    contacts: u32,
    open: bool,
    other_since: Option<UnixMillis>,
    place: Option<inflight_domain::Position>,
}

impl State {
    /// Shown each row whose last contact is new.
    pub(super) fn watch(&mut self, aircraft: &Aircraft) -> Verdict {
        let at = aircraft.last_contact();
        let calling = aircraft.squawk().filter(|code| code.is_emergency());
        let Some(code) = calling else { return self.silent(at, aircraft.squawk().is_some()) };
        self.other_since = None;
        if self.code.is_none_or(|(known, _)| known != code) {
            let before = core::mem::take(self);
            self.code = Some((code, at));
            self.place = Some(aircraft.position());
            if before.open {
                return Verdict::Over;
            }
        }
        self.contacts += 1;
        let since = self.code.map_or(at, |(_, since)| since);
        // Codes are tried out at the stand.
        if at.since(since) < CONFIRM_MS
            || self.contacts <= CONFIRM_CONTACTS
            || (aircraft.on_ground() && !self.open)
        {
            return Verdict::Same;
        }
        self.open = true;
        let evidence = Evidence::default()
            .with(Measure::Squawk, decimal(code))
            .with(Measure::Observations, f64::from(self.contacts.min(10)));
        Verdict::Holds(Finding {
            began: since,
            place: self.place.unwrap_or_else(|| aircraft.position()),
            severity: Severity::Alarm,
            confidence_pct: 80.0 + f64::from(self.contacts.min(10)) * 1.9,
            airport: None,
            evidence,
        })
    }

    /// No emergency code: a garbled message in an emergency does not end it.
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
