//! Looking through past decisions: by words, code and outcome, and what was found.

use crate::state::agents::doing::{Act, Do, Refusal, Then, get};
use crate::state::agents::office::{Office, address};
use crate::state::agents::place::Section;
use crate::state::percent::encode;
use inflight_wire::Datum;

/// The kind of rows among runs that are past decisions.
pub const DECISIONS: &str = "decisions";

/// How the identifier of a decision begins; that of its run follows.
pub const BEGINS: &str = "decision-";

/// Decisions that are asked for at once.
const MOST: &str = "50";

/// What was looked for last.
#[derive(Debug, Default)]
pub struct Search {
    /// What was found, the nearest first; the newest where no words were given.
    pub found: Option<Result<Vec<Datum>, Refusal>>,
    /// The address that asked for it.
    pub(crate) asked: String,
}

impl Office {
    /// Whether past decisions are in front.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.place.section == Section::Runs && self.place.show == DECISIONS
    }

    /// Whether the search is narrowed in any way.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        !(self.place.find.is_empty() && self.place.code.is_empty() && self.place.outcome.is_empty())
    }

    /// Only decisions of one code or outcome.
    pub(crate) fn narrow(&mut self, act: Act<'_>) -> Vec<Do> {
        let part = if act.act == "code" { &mut self.place.code } else { &mut self.place.outcome };
        act.value.clone_into(part);
        let mut doing = vec![Do::Go(Box::new(self.place.clone()), true)];
        doing.extend(self.ask_decisions());
        doing
    }

    /// Asks for the decisions in front, unless that was done.
    pub(crate) fn ask_decisions(&mut self) -> Vec<Do> {
        if !self.is_searching() {
            // Whoever comes back looks anew.
            self.search = Search::default();
            return Vec::new();
        }
        let place = &self.place;
        let mut wanted = [&address(&["decisions"]), "?limit=", MOST].concat();
        for (name, value) in [
            ("business", &place.business),
            ("q", &place.find),
            ("code", &place.code),
            ("outcome", &place.outcome),
            ("location", &place.location),
        ] {
            if !value.is_empty() {
                wanted = [&wanted, "&", name, "=", &encode(value)].concat();
            }
        }
        if place.business.is_empty() || wanted == self.search.asked {
            return Vec::new();
        }
        self.search.asked.clone_from(&wanted);
        vec![get(wanted.clone(), Then::Found(wanted))]
    }

    /// Decisions came; those of an older question are of no use.
    pub(crate) fn found(&mut self, asked: String, answer: Result<Datum, Refusal>) -> Vec<Do> {
        if asked == self.search.asked {
            self.search.found = Some(answer.map(|answer| answer.get("decisions").list().to_vec()));
        }
        Vec::new()
    }
}

/// The run that a decision came of.
#[must_use]
pub fn run_of(decision: &Datum) -> Option<&str> {
    decision.text("id").strip_prefix(BEGINS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;

    fn asked(doing: &[Do]) -> Vec<&str> {
        let address = |doing: &&Do| matches!(doing, Do::Ask(_));
        doing
            .iter()
            .filter(address)
            .map(|doing| if let Do::Ask(request) = doing { request.address.as_str() } else { "" })
            .collect()
    }

    fn act<'a>(act: &'a str, value: &'a str) -> Act<'a> {
        Act { act, value, ..Act::default() }
    }

    #[test]
    fn words_code_and_outcome_are_asked_for_once_and_stand_in_the_address() {
        let mut office = Office::at(Place::of("/agents/runs?business=b"));
        let doing = office.go(Place::of("/agents/runs?business=b&show=decisions"));
        assert_eq!(asked(&doing), ["/api/v1/agents/decisions?limit=50&business=b"]);
        office.act(act("find", "two gates"));
        let doing = office.soon();
        assert_eq!(asked(&doing), ["/api/v1/agents/decisions?limit=50&business=b&q=two%20gates"]);
        assert!(office.soon().is_empty(), "it is asked already");
        let doing = office.act(act("outcome", "rejected"));
        let last = asked(&doing)[0].to_owned();
        assert!(last.ends_with("&outcome=rejected"));
        assert_eq!(
            office.place.address(),
            "/agents/runs?business=b&show=decisions&find=two%20gates&outcome=rejected"
        );
        let answer = || parse(r#"{"decisions":[{"id":"decision-run-1"}]}"#).map_err(|_| Refusal::default());
        office.found("older".to_owned(), answer());
        assert!(office.search.found.is_none());
        office.found(last, answer());
        let found = office.search.found.as_ref().unwrap().as_ref().unwrap();
        assert_eq!(run_of(&found[0]), Some("run-1"));
        office.go(office.place.to(Section::Cases, None));
        assert!(office.search.found.is_none() && office.place.outcome.is_empty());
    }
}
