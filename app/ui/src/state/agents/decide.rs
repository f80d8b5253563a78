//! Deciding what agents proposed: one by one or several together, with edits, reasons, and a way back.

use crate::state::agents::doing::{Act, Do, Refusal, Then, send};
use crate::state::agents::form::{Edited, Typed, edited, map, text};
use crate::state::agents::office::{Office, address, refused};
use crate::state::agents::place::Section;
use crate::state::agents::queue::{Standing, after, decided, may_decide, standing, step, waiting};
use crate::state::agents::room::Kind;
use crate::text::{Term, lower};
use inflight_wire::Datum;

/// The field of the reason in a form.
pub const REASON: &str = "reason";
/// The form of the reason for several reviews.
pub const MARKED: &str = "marked";

impl Office {
    /// The reviews that are listed: those that wait, or those that are over.
    #[must_use]
    pub fn reviews(&self) -> Vec<&Datum> {
        let find = lower(&self.place.find);
        let rows = self.room.rows(Kind::Review);
        let rows = rows.filter(|row| find.is_empty() || lower(row.text("title")).contains(&find));
        if self.place.show == "decided" { decided(rows) } else { waiting(rows) }
    }

    /// How many wait for a person.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.room.rows(Kind::Review).filter(|row| row.text("status") == "open").count()
    }

    /// Whether who looks may decide this review.
    #[must_use]
    pub fn may_decide(&self, review: &Datum) -> bool {
        let mut roles = self.roles();
        if self.may("decide") == Some(true) {
            roles.push("coordinator".to_owned());
        }
        self.may("decide") != Some(false) && may_decide(review, &roles)
    }

    /// The payload of the open review as it was edited.
    #[must_use]
    pub fn edited(&self, review: &Datum) -> Edited {
        let empty = Typed::new();
        let typed = self.form(review.text("id")).map_or(&empty, |form| &form.typed);
        edited(review, if self.editing { typed } else { &empty })
    }

    /// The reviews that were decided here last and may still be undone.
    #[must_use]
    pub fn undoable(&self) -> Vec<(&Datum, i64)> {
        let row = |id: &String| self.room.row(Kind::Review, id);
        let left = |row| match standing(row, self.now_ms) {
            Standing::Undoable(left_ms) => Some((row, left_ms)),
            _ => None,
        };
        self.last.iter().filter_map(row).filter_map(left).collect()
    }

    pub(crate) fn decide(&mut self, act: Act<'_>) -> Option<Vec<Do>> {
        if self.place.section != Section::Reviews && !matches!(act.act, "undo" | "go-reviews") {
            return None;
        }
        let open = self.open_row(Kind::Review).cloned();
        let id = open.as_ref().map(|row| row.text("id").to_owned());
        let may = open.as_ref().is_some_and(|row| {
            row.text("status") == "open" && self.may_decide(row) && !self.deciding.contains(row.text("id"))
        });
        Some(match act.act {
            "next" => self.walk(1),
            "previous" => self.walk(-1),
            "edit" if may => {
                let has_fields = open.is_some_and(|row| !row.get("editable").list().is_empty());
                self.editing = has_fields && !self.editing;
                self.rejecting = false;
                if self.editing {
                    vec![Do::Focus("#detail .edit-form :is(input, select, textarea)")]
                } else {
                    Vec::new()
                }
            }
            "reject" if may => {
                self.rejecting = !self.rejecting;
                self.editing &= !self.rejecting;
                if self.rejecting { vec![Do::Focus("#reject-reason")] } else { Vec::new() }
            }
            "approve" if may => self.approve(&open?),
            "reject-now" if may => self.reject(&id?),
            "mark" => {
                self.mark(act.id, act.value == "true");
                Vec::new()
            }
            "mark-open" => {
                let id = id?;
                let is_marked = self.marked.contains(&id);
                self.mark(&id, !is_marked);
                Vec::new()
            }
            "mark-all" => {
                let all: Vec<String> = self.markable();
                self.marked = if self.marked.len() == all.len() {
                    all.into_iter().take(0).collect()
                } else {
                    all.into_iter().collect()
                };
                Vec::new()
            }
            "approve-marked" => self.decide_marked(true),
            "reject-marked" => {
                self.rejecting_marked = !self.rejecting_marked;
                if self.rejecting_marked { vec![Do::Focus("#marked-reason")] } else { Vec::new() }
            }
            "reject-marked-now" => self.decide_marked(false),
            "undo" => self.undo(act.id),
            _ => return None,
        })
    }

    /// The ids of what may be decided together: all that wait and that this person may decide.
    fn markable(&self) -> Vec<String> {
        let may = |row: &&&Datum| row.text("status") == "open" && self.may_decide(row);
        self.reviews().iter().filter(may).map(|row| row.text("id").to_owned()).collect()
    }

    fn mark(&mut self, id: &str, is_marked: bool) {
        if is_marked {
            self.marked.insert(id.to_owned())
        } else {
            self.marked.remove(id)
        };
    }

    fn walk(&mut self, by: i64) -> Vec<Do> {
        let ids: Vec<String> = self.reviews().iter().map(|row| row.text("id").to_owned()).collect();
        match step(&ids, self.place.id.as_deref(), by) {
            Some(id) if Some(&id) != self.place.id.as_ref() => {
                self.go(self.place.to(Section::Reviews, Some(&id)))
            }
            _ => Vec::new(),
        }
    }

    fn approve(&mut self, review: &Datum) -> Vec<Do> {
        let id = review.text("id").to_owned();
        let edited = self.edited(review);
        if !edited.faults.is_empty() {
            return vec![Do::Focus("#detail .edit-form [aria-invalid=true]")];
        }
        let mut body = vec![("decision", text("approve"))];
        if !edited.changes.is_empty() {
            body.push(("payload", edited.payload));
        }
        self.deciding.insert(id.clone());
        vec![send("POST", address(&["reviews", &id]), map(&body), Then::Decided(vec![id], true))]
    }

    fn reject(&mut self, id: &str) -> Vec<Do> {
        let reason = self.typed(id, REASON, "").trim().to_owned();
        if reason.is_empty() {
            self.undecided = Some((
                id.to_owned(),
                Refusal { code: "no_reason".to_owned(), field: REASON.to_owned(), ..Refusal::default() },
            ));
            return vec![Do::Focus("#reject-reason")];
        }
        self.deciding.insert(id.to_owned());
        let body = map(&[("decision", text("reject")), ("reason", text(&reason))]);
        vec![send("POST", address(&["reviews", id]), body, Then::Decided(vec![id.to_owned()], false))]
    }

    fn decide_marked(&mut self, approve: bool) -> Vec<Do> {
        let may = self.markable();
        let ids: Vec<String> = self.marked.iter().filter(|id| may.contains(id)).cloned().collect();
        let reason = self.typed(MARKED, REASON, "").trim().to_owned();
        if ids.is_empty() || (!approve && reason.is_empty()) {
            return vec![Do::Focus("#marked-reason")];
        }
        self.deciding.extend(ids.iter().cloned());
        let list = Datum::List(ids.iter().map(|id| text(id)).collect());
        let mut body = vec![("ids", list), ("decision", text(if approve { "approve" } else { "reject" }))];
        if !approve {
            body.push(("reason", text(&reason)));
        }
        vec![send("POST", address(&["reviews"]), map(&body), Then::Decided(ids, approve))]
    }

    /// The server took a decision, or did not. Of several some may have been decided by others.
    pub(crate) fn decided(
        &mut self,
        ids: &[String],
        approved: bool,
        answer: Result<Datum, Refusal>,
    ) -> Vec<Do> {
        self.deciding.retain(|id| !ids.contains(id));
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) if ids.len() == 1 => {
                self.undecided = Some((ids[0].clone(), refusal));
                return Vec::new();
            }
            Err(refusal) => return vec![refused(&refusal)],
        };
        let next =
            ids.first().filter(|id| ids.len() == 1 && self.place.id.as_ref() == Some(*id)).and_then(|id| {
                let all: Vec<String> = self.reviews().iter().map(|row| row.text("id").to_owned()).collect();
                after(&all, id)
            });
        let results = answer.get("results").list();
        for row in results.iter().map(|result| result.get("review")).chain([answer.get("review")]) {
            if ids.iter().any(|id| id == row.text("id")) {
                self.room.put(Kind::Review, row.clone());
            }
        }
        let failed: Vec<&Datum> = results.iter().filter(|result| !result.is("ok")).collect();
        let first = failed.first().map(|result| Refusal::read(None, result));
        self.last = ids.to_vec();
        ids.iter().for_each(|id| drop(self.forms.remove(&self.form_key(id))));
        self.forms.remove(&self.form_key(MARKED));
        self.marked.clear();
        (self.editing, self.rejecting, self.rejecting_marked, self.undecided) = (false, false, false, None);
        let words = if approved { Term::SaidApproved } else { Term::SaidRejected };
        let mut doing = vec![Do::Toast(words, (ids.len() - failed.len().min(ids.len())).to_string())];
        if let Some(first) = first {
            doing = vec![refused(&first)];
        }
        if self.place.section == Section::Reviews && self.place.show.is_empty() && ids.len() == 1 {
            doing.extend(self.go(self.place.to(Section::Reviews, next.as_deref())));
            doing.push(Do::Focus("#list [aria-current=true], #list"));
        }
        doing
    }

    fn undo(&mut self, id: &str) -> Vec<Do> {
        let ids: Vec<String> = self.undoable().iter().map(|(row, _)| row.text("id").to_owned()).collect();
        let ids: Vec<String> = if id.is_empty() { ids } else { vec![id.to_owned()] };
        let ask =
            |id: &String| send("POST", address(&["reviews", id, "undo"]), map(&[]), Then::Undone(id.clone()));
        ids.iter().map(ask).collect()
    }

    pub(crate) fn undone(&mut self, id: &str, answer: Result<Datum, Refusal>) -> Vec<Do> {
        match answer {
            Ok(answer) => {
                let row = answer.get("review");
                let row = if *row == Datum::Nil { &answer } else { row };
                if row.text("id") == id {
                    self.room.put(Kind::Review, row.clone());
                }
                self.last.retain(|own| own != id);
                vec![Do::Toast(Term::SaidUndone, String::new())]
            }
            Err(refusal) => vec![refused(&refusal)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::agents::place::Place;

    fn office() -> Office {
        let mut office = Office::at(Place::of("/agents/reviews?business=b&id=r1"));
        office.me = parse(r#"{"roles":["coordinator"]}"#).ok();
        let snapshot = r#"{"offset":1,"businesses":[{"businessId":"b"}],"reviews":[
            {"id":"r1","title":"One","status":"open","created_ms":1,"action":{"payload":{"price":10}},
             "editable":[{"name":"price","type":"number","min":1,"max":50}]},
            {"id":"r2","title":"Two","status":"open","created_ms":2},
            {"id":"r3","title":"Three","status":"open","created_ms":3,"role":"trader"}
        ]}"#;
        office.answered(Then::Snapshot("b".to_owned()), parse(snapshot).map_err(|_| Refusal::default()));
        office
    }

    fn act<'a>(act: &'a str, id: &'a str, value: &'a str) -> Act<'a> {
        Act { act, id, value, ..Act::default() }
    }

    fn body(doing: &[Do]) -> String {
        let Some(Do::Ask(request)) = doing.first() else { panic!("no request: {doing:?}") };
        let json = crate::state::system::json::json(request.body.as_ref().unwrap());
        format!("{} {}", request.address, json.split_whitespace().collect::<String>())
    }

    #[test]
    fn an_edit_travels_with_the_approval_and_a_fault_holds_it_back() {
        let mut office = office();
        assert_eq!(
            body(&office.act(act("approve", "", ""))),
            r#"/api/v1/agents/reviews/r1 {"decision":"approve"}"#
        );
        assert!(office.act(act("approve", "", "")).is_empty(), "it is on its way");
        office.deciding.clear();
        office.act(act("edit", "", ""));
        office.act(Act { act: "type", id: "r1", name: "price", value: "99" });
        assert!(matches!(office.act(act("approve", "", ""))[..], [Do::Focus(_)]));
        office.act(Act { act: "type", id: "r1", name: "price", value: "12" });
        assert_eq!(
            body(&office.act(act("approve", "", ""))),
            r#"/api/v1/agents/reviews/r1 {"decision":"approve","payload":{"price":12}}"#
        );
    }

    #[test]
    fn a_rejection_needs_a_reason_and_the_next_item_comes_up() {
        let mut office = office();
        office.act(act("reject", "", ""));
        assert!(matches!(office.act(act("reject-now", "", ""))[..], [Do::Focus(_)]));
        office.act(Act { act: "type", id: "r1", name: REASON, value: "too dear" });
        let sent = body(&office.act(act("reject-now", "", "")));
        assert_eq!(sent, r#"/api/v1/agents/reviews/r1 {"decision":"reject","reason":"toodear"}"#);
        let answer = parse(r#"{"review":{"id":"r1","status":"rejected","undo_until_ms":5000}}"#).unwrap();
        office.answered(Then::Decided(vec!["r1".to_owned()], false), Ok(answer));
        assert_eq!(office.place.id.as_deref(), Some("r2"));
        office.now_ms = 1000;
        assert_eq!(office.undoable()[0].1, 4000);
        assert!(body(&office.act(act("undo", "", ""))).starts_with("/api/v1/agents/reviews/r1/undo"));
        office.now_ms = 6000;
        assert!(office.undoable().is_empty() && office.act(act("undo", "", "")).is_empty());
    }

    #[test]
    fn several_are_decided_together_but_none_that_is_not_ones_own() {
        let mut office = office();
        office.act(act("mark-all", "", ""));
        assert_eq!(office.marked.iter().map(String::as_str).collect::<Vec<_>>(), ["r1", "r2"]);
        assert_eq!(
            body(&office.act(act("approve-marked", "", ""))),
            r#"/api/v1/agents/reviews {"ids":["r1","r2"],"decision":"approve"}"#
        );
    }

    #[test]
    fn somebody_else_may_have_been_first() {
        let mut office = office();
        let refusal = Refusal { status: 409, code: "already_decided".to_owned(), ..Refusal::default() };
        office.answered(Then::Decided(vec!["r1".to_owned()], true), Err(refusal));
        assert_eq!(
            office.undecided.as_ref().map(|(id, refusal)| (id.as_str(), refusal.status)),
            Some(("r1", 409))
        );
        assert_eq!(office.place.id.as_deref(), Some("r1"), "it stays in front, and says so");
    }

    #[test]
    fn keys_walk_the_queue() {
        let mut office = office();
        office.act(act("next", "", ""));
        assert_eq!(office.place.id.as_deref(), Some("r2"));
        office.act(act("previous", "", ""));
        assert_eq!(office.place.id.as_deref(), Some("r1"));
    }
}
