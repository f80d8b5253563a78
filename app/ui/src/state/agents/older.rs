//! What was before the rows that a snapshot brings: asked for part by part.

use crate::state::agents::doing::{Act, Do, Refusal, Then, get};
use crate::state::agents::office::{Office, address, refused};
use crate::state::agents::room::Kind;
use crate::state::percent::encode;
use inflight_wire::Datum;

impl Office {
    /// Asks for runs or messages before those that are known.
    pub(crate) fn ask_older(&mut self, act: Act<'_>) -> Vec<Do> {
        let kind = if act.id == "runs" { Kind::Run } else { Kind::Message };
        let Some(before_ms) = self.room.older(kind) else { return Vec::new() };
        // Once: until the answer is there, nothing more is offered.
        self.room.set_older(kind, None);
        let query =
            ["?business=", &encode(&self.place.business), "&before=", &before_ms.to_string()].concat();
        vec![get([&address(&[act.id]), &query[..]].concat(), Then::Older(kind, before_ms))]
    }

    pub(crate) fn older_came(
        &mut self,
        kind: Kind,
        before_ms: i64,
        answer: Result<Datum, Refusal>,
    ) -> Vec<Do> {
        match answer {
            Ok(answer) => {
                let name = if kind == Kind::Run { "runs" } else { "messages" };
                for row in answer.get(name).list() {
                    // What is known is newer.
                    if self.room.row(kind, &kind.id(row)).is_none() {
                        self.room.put(kind, row.clone());
                    }
                }
                self.room.set_older(kind, answer.integer("older"));
                Vec::new()
            }
            Err(refusal) => {
                self.room.set_older(kind, Some(before_ms));
                vec![refused(&refusal)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;

    #[test]
    fn what_is_older_comes_part_by_part_until_there_is_no_more() {
        let mut office = Office::at(Place::of("/agents?business=b"));
        let messages =
            r#"{"offset":1,"older":{"messages":50},"messages":[{"id":"m2","at_ms":50,"text":"new"}]}"#;
        office.room.fill(&parse(messages).unwrap());
        let act = || Act { act: "older", id: "messages", ..Act::default() };
        let doing = office.act(act());
        let Some(Do::Ask(request)) = doing.first() else { panic!("{doing:?}") };
        assert_eq!(request.address, "/api/v1/agents/messages?business=b&before=50");
        assert!(office.act(act()).is_empty(), "once");
        office.answered(request.then.clone(), Err(Refusal::default()));
        assert_eq!(office.room.older(Kind::Message), Some(50), "it can be tried again");
        let answer =
            r#"{"older":null,"messages":[{"id":"m2","text":"old"},{"id":"m1","at_ms":9,"text":"first"}]}"#;
        office.answered(request.then.clone(), parse(answer).map_err(|_| Refusal::default()));
        let said: Vec<&str> = office.conversation().iter().map(|row| row.text("text")).collect();
        assert_eq!((said, office.room.older(Kind::Message)), (vec!["first", "new"], None));
    }
}
