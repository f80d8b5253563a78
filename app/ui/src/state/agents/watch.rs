//! Looking at one run: which step, what its state was, whether it replays, and another run made of it.

use crate::state::agents::doing::{Act, Do, Refusal, Then, get, send};
use crate::state::agents::form::map;
use crate::state::agents::office::{Office, address, refused};
use crate::state::agents::parse::{Mistake, parse};
use crate::state::agents::place::{Place, Section};
use crate::state::agents::run::Opened;
use crate::state::system::json::json;
use crate::text::Term;
use inflight_wire::Datum;

/// The run that is open.
#[derive(Debug, Default)]
pub struct Watch {
    /// Its id.
    pub id: String,
    /// What is known of it.
    pub opened: Option<Opened>,
    /// Why it is not known.
    pub refused: Option<Refusal>,
    /// States by the number of the event that they follow.
    pub states: Vec<(i64, Datum)>,
    /// What came of replaying it.
    pub verified: Option<Result<Datum, Refusal>>,
    /// It is being replayed.
    pub verifying: bool,
    /// The state that a fork begins with, as text.
    pub fork: Option<String>,
    /// Why there is no fork.
    pub fork_refused: Option<Refusal>,
    /// There is news of it.
    pub stale: bool,
}

impl Watch {
    /// The state after an event, if it is known.
    #[must_use]
    pub fn state(&self, seq: i64) -> Option<&Datum> {
        self.states.iter().find(|(own, _)| *own == seq).map(|(_, state)| state)
    }

    /// What is wrong with the state that a fork begins with.
    #[must_use]
    pub fn mistake(&self) -> Option<Mistake> {
        self.fork.as_ref().filter(|text| !text.is_empty()).and_then(|text| parse(text).err())
    }
}

impl Office {
    /// The number of steps of the open run, and the step in front.
    #[must_use]
    pub fn step(&self) -> (usize, usize) {
        let count = self.watch.opened.as_ref().map_or(0, |run| run.steps.len());
        (count, self.place.step.unwrap_or(count).min(count))
    }

    /// The number of the event after which the state in front was.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.watch.opened.as_ref().map_or(0, |run| run.seq_after(self.step().1))
    }

    /// Opens a run, or goes to another step of it.
    pub(crate) fn look_at(&mut self, id: &str) -> Vec<Do> {
        if self.watch.id == id {
            return self.ask_state();
        }
        self.watch = Watch { id: id.to_owned(), ..Watch::default() };
        self.ask_run()
    }

    pub(crate) fn ask_run(&self) -> Vec<Do> {
        let id = &self.watch.id;
        if id.is_empty() || self.place.section != Section::Runs {
            return Vec::new();
        }
        vec![get(address(&["runs", id]), Then::Run(id.clone()))]
    }

    pub(crate) fn watch_act(&mut self, act: Act<'_>) -> Option<Vec<Do>> {
        let id = self.watch.id.clone();
        if self.place.section != Section::Runs || id.is_empty() {
            return None;
        }
        let (count, here) = self.step();
        Some(match act.act {
            "step" => self.go_to_step(act.value.parse().or_else(|_| act.id.parse()).ok()?, count),
            "next" => self.go_to_step((here + 1).min(count), count),
            "previous" => self.go_to_step(here.saturating_sub(1), count),
            "verify" => {
                self.watch.verifying = true;
                vec![send("POST", address(&["runs", &id, "verify"]), map(&[]), Then::Verified(id))]
            }
            "cancel-run" => vec![send("POST", address(&["runs", &id, "cancel"]), map(&[]), Then::Cancelled)],
            "export" => vec![get(address(&["runs", &id, "export"]), Then::Export(id))],
            "fork" => {
                // Only who may say what agents go by may begin with another state.
                let state = self.watch.state(self.seq()).filter(|_| self.may_edit()).map(json);
                self.watch.fork =
                    if self.watch.fork.is_some() { None } else { Some(state.unwrap_or_default()) };
                self.watch.fork_refused = None;
                if self.watch.fork.is_some() {
                    vec![Do::Focus("#fork :is(textarea, button)")]
                } else {
                    Vec::new()
                }
            }
            "fork-type" => {
                self.watch.fork = Some(act.value.to_owned());
                Vec::new()
            }
            "fork-now" => {
                let text = self.watch.fork.as_deref()?;
                let mut members = vec![("after", Datum::Integer(self.seq()))];
                // What was not changed the server knows itself.
                if self.may_edit() && self.watch.state(self.seq()).map(json).as_deref() != Some(text) {
                    let Ok(state) = parse(text) else { return Some(vec![Do::Focus("#fork textarea")]) };
                    members.push(("state", state));
                }
                vec![send("POST", address(&["runs", &id, "fork"]), map(&members), Then::Forked)]
            }
            _ => return None,
        })
    }

    pub(crate) fn watched(&mut self, then: Then, answer: Result<Datum, Refusal>) -> Vec<Do> {
        match (then, answer) {
            (Then::Run(id), Ok(answer)) if id == self.watch.id => {
                self.watch.opened = Some(Opened::read(&answer));
                self.watch.refused = None;
                self.ask_state()
            }
            (Then::Run(id), Err(refusal)) if id == self.watch.id => {
                self.watch.refused = Some(refusal);
                Vec::new()
            }
            (Then::State(id, seq), Ok(answer)) if id == self.watch.id => {
                let state = answer.get("state");
                let state = if *state == Datum::Nil { &answer } else { state };
                self.watch.states.push((seq, state.clone()));
                Vec::new()
            }
            (Then::Verified(id), answer) if id == self.watch.id => {
                (self.watch.verifying, self.watch.verified) = (false, Some(answer));
                Vec::new()
            }
            (Then::Forked, Ok(answer)) => {
                self.watch.fork = None;
                let run = match answer.get("run") {
                    Datum::Text(id) => id.clone(),
                    row => row.text("id").to_owned(),
                };
                let mut doing = vec![Do::Toast(Term::SaidForked, String::new())];
                doing.extend(self.go(self.place.to(Section::Runs, Some(&run))));
                doing
            }
            (Then::Forked, Err(refusal)) => {
                self.watch.fork_refused = Some(refusal);
                Vec::new()
            }
            (Then::Export(id), Ok(answer)) => {
                let name = format!("{id}.json");
                vec![Do::Download(name, json(&answer))]
            }
            (Then::Cancelled, Ok(_)) => {
                let mut doing = vec![Do::Toast(Term::SaidCancelled, String::new())];
                doing.extend(self.ask_run());
                doing
            }
            (Then::Export(_) | Then::Cancelled | Then::State(..), Err(refusal)) => vec![refused(&refusal)],
            _ => Vec::new(),
        }
    }

    fn go_to_step(&mut self, step: usize, count: usize) -> Vec<Do> {
        let step = step.min(count);
        let place = Place { step: (step < count).then_some(step), ..self.place.clone() };
        // Scrubbing is one visit, not hundreds.
        let mut doing = vec![Do::Go(Box::new(place.clone()), true)];
        doing.extend(self.came(place));
        doing
    }

    /// Asks for the state in front and the one before it, which tell what the step between them changed; for none of a
    /// run whose steps are withheld.
    fn ask_state(&self) -> Vec<Do> {
        let Some(run) = self.watch.opened.as_ref().filter(|run| !run.withheld) else { return Vec::new() };
        let (_, here) = self.step();
        let mut wanted = vec![run.seq_after(here)];
        if here > 0 {
            wanted.push(run.seq_after(here - 1));
        }
        wanted.retain(|seq| self.watch.state(*seq).is_none());
        let id = &self.watch.id;
        let ask = |seq: i64| {
            let address = format!("{}?after={seq}", address(&["runs", id, "state"]));
            get(address, Then::State(id.clone(), seq))
        };
        wanted.into_iter().map(ask).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act<'a>(act: &'a str, value: &'a str) -> Act<'a> {
        Act { act, value, ..Act::default() }
    }

    fn asked(doing: &[Do]) -> Vec<String> {
        let address = |doing: &Do| match doing {
            Do::Ask(request) => Some(request.address.clone()),
            _ => None,
        };
        doing.iter().filter_map(address).collect()
    }

    fn office() -> Office {
        let mut office = Office::at(Place::of("/agents/runs/x?business=b"));
        assert_eq!(asked(&office.look_at("x")), ["/api/v1/agents/runs/x"]);
        let answer =
            r#"{"run":{"id":"x","status":"done"},"states":[{"seq":3,"node":"a"},{"seq":7,"node":"b"}]}"#;
        let doing = office.answered(Then::Run("x".to_owned()), parse(answer).map_err(|_| Refusal::default()));
        assert_eq!(asked(&doing), ["7", "3"].map(|seq| format!("/api/v1/agents/runs/x/state?after={seq}")));
        office.answered(
            Then::State("x".to_owned(), 7),
            parse(r#"{"state":{"n":2}}"#).map_err(|_| Refusal::default()),
        );
        office
    }

    #[test]
    fn of_a_run_that_is_withheld_no_state_is_asked() {
        let mut office = Office::at(Place::of("/agents/runs/x?business=b"));
        office.look_at("x");
        let answer = parse(r#"{"run":{"id":"x"},"withheld":true}"#).map_err(|_| Refusal::default());
        assert!(asked(&office.answered(Then::Run("x".to_owned()), answer)).is_empty());
    }

    #[test]
    fn scrubbing_asks_for_each_state_once_and_the_address_follows() {
        let mut office = office();
        let asked_now = asked(&office.act(act("previous", "")));
        assert_eq!(asked_now, ["3", "1"].map(|seq| format!("/api/v1/agents/runs/x/state?after={seq}")));
        assert_eq!(office.place.address(), "/agents/runs/x?business=b&step=1");
        office.answered(Then::State("x".to_owned(), 3), Ok(Datum::Nil));
        office.answered(Then::State("x".to_owned(), 1), Ok(Datum::Nil));
        assert!(
            asked(&office.act(act("step", "0"))).is_empty()
                && asked(&office.act(act("step", "1"))).is_empty()
        );
        office.act(act("step", "99"));
        assert_eq!(office.place.address(), "/agents/runs/x?business=b", "the end is where a run is opened");
    }

    #[test]
    fn a_fork_begins_with_a_state_that_can_be_read_if_one_may_say_which() {
        let mut office = office();
        office.act(act("fork", ""));
        assert_eq!(office.watch.fork.as_deref(), Some(""), "a coordinator takes the state as it was");
        let Some(Do::Ask(request)) = office.act(act("fork-now", "")).pop() else { panic!("a request") };
        assert_eq!(request.body.as_ref().unwrap().get("state"), &Datum::Nil);
        office.act(act("fork", ""));
        office.me = parse(r#"{"roles":["admin"]}"#).ok();
        office.act(act("fork", ""));
        assert_eq!(office.watch.fork.as_deref(), Some("{\n  \"n\": 2\n}"));
        office.act(act("fork-type", "{n: 3}"));
        assert_eq!(office.watch.mistake().map(|mistake| mistake.column), Some(2));
        assert!(asked(&office.act(act("fork-now", ""))).is_empty());
        office.act(act("fork-type", "{\"n\": 3}"));
        assert_eq!(asked(&office.act(act("fork-now", ""))), ["/api/v1/agents/runs/x/fork"]);
        office.answered(Then::Forked, parse(r#"{"run":{"id":"y"}}"#).map_err(|_| Refusal::default()));
        assert_eq!((office.place.id.as_deref(), office.watch.id.as_str()), (Some("y"), "y"));
    }
}
