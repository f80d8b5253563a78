//! The sieve: which rows are shown, judged once per change of a row.

use crate::state::filter::{Compile, Filter, Matcher, Part, WORDS, matcher, word};
use inflight_domain::{Aircraft, Icao24};
use inflight_wire::Mirror;
use rustc_hash::FxHashMap;

/// What the person types, what of it is in force, and what is wrong with the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterForm {
    /// As typed.
    pub draft: Filter,
    /// In force: a pattern that cannot be read leaves the last good one there.
    pub applied: Filter,
    /// What is wrong with each pattern, none where nothing is.
    pub errors: [Option<String>; WORDS.len()],
}

/// Holds rows against the filter and the isolated selection.
#[derive(Default)]
pub struct Sieve {
    filter: Filter,
    tests: Vec<(usize, Matcher)>,
    only: Option<Vec<Icao24>>,
    /// Twice the revision that was judged, and one more if it passed: a map type that the page has already.
    verdicts: FxHashMap<Icao24, usize>,
    shown: usize,
}

impl FilterForm {
    /// Takes in what is typed now.
    pub fn set(&mut self, draft: Filter, compile: Compile) {
        let mut applied = draft.clone();
        for (index, error) in self.errors.iter_mut().enumerate() {
            *error = matcher(index, &draft.patterns[index], compile).err();
            if error.is_some() {
                applied.patterns[index].clone_from(&self.applied.patterns[index]);
            }
        }
        (self.draft, self.applied) = (draft, applied);
    }
}

impl Sieve {
    /// Takes another filter and, to isolate them, the only aircraft to be shown.
    pub fn set(&mut self, filter: Filter, only: Option<Vec<Icao24>>, compile: Compile) {
        let patterns = filter.parts().into_iter().filter_map(|part| match part {
            Part::Word(index) => Some((index, matcher(index, &filter.patterns[index], compile).ok()?)),
            _ => None,
        });
        self.tests = patterns.collect();
        (self.filter, self.only) = (filter, only);
        self.verdicts.clear();
    }

    /// Whether everything is shown.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.only.is_none() && self.filter == Filter::default()
    }

    /// Judges the rows that have changed.
    pub fn sift(&mut self, mirror: &Mirror) {
        self.shown = mirror.flight_count();
        if self.is_open() {
            return;
        }
        let mut verdicts = core::mem::take(&mut self.verdicts);
        self.shown = 0;
        for row in mirror.flights() {
            let (icao24, judged) = (row.aircraft.icao24, (row.revision as usize) << 1);
            let old = verdicts.get(&icao24).copied().filter(|verdict| verdict & !1 == judged);
            let verdict = old.unwrap_or_else(|| {
                let verdict = judged | usize::from(self.judge(&row.aircraft));
                verdicts.insert(icao24, verdict);
                verdict
            });
            self.shown += verdict & 1;
        }
        if verdicts.len() > mirror.flight_count() {
            verdicts.retain(|icao24, _| mirror.flight(*icao24).is_some());
        }
        self.verdicts = verdicts;
    }

    /// Whether an aircraft was shown at the last sifting.
    #[must_use]
    pub fn shows(&self, icao24: Icao24) -> bool {
        self.is_open() || self.verdicts.get(&icao24).is_some_and(|verdict| verdict & 1 == 1)
    }

    /// How many were.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown
    }

    fn judge(&self, aircraft: &Aircraft) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&aircraft.icao24))
            && self.filter.lets_through(aircraft)
            && self.tests.iter().all(|(index, test)| test(&word(*index, aircraft)))
    }
}

impl core::fmt::Debug for Sieve {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Sieve")
    }
}

#[cfg(test)]
mod tests;
