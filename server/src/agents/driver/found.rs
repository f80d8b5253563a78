//! What was looked up, before a run hears it and it is recorded: rows of its place alone, and whether any is kept sealed.

use crate::agents::businesses::place_of;
use crate::agents::driver::Driver;
use crate::agents::driver::answers::{Asked, failure};
use inflight_agents::sensitive::marked;
use inflight_agents::{Answer, AskFailure, Question};
use serde_json::Value;
use std::collections::BTreeSet;

/// A run of a place asks for so many times what it wants: rows of other places are not to use up its limit.
const WIDER: u16 = 8;

/// The question as it is asked for a run of a place, if that is another.
pub(super) fn wider(asked: &Asked) -> Option<Asked> {
    let (_, limit) = list_of(&asked.question)?;
    bound_to(asked)?;
    let mut wider = asked.clone();
    if let Question::Search { limit: own, .. } | Question::Resource { limit: own, .. } = &mut wider.question {
        *own = limit.saturating_mul(WIDER);
    }
    Some(wider)
}

impl Driver {
    /// What the run may hear of an answer, whoever gave it: a service elsewhere gives back what runs stored there.
    pub(super) async fn found(&self, asked: &Asked, mut answer: Answer) -> Result<Answer, AskFailure> {
        let Some((among, limit)) = list_of(&asked.question) else { return Ok(answer) };
        let Some(rows) = rows_mut(&mut answer) else { return Ok(answer) };
        let place = bound_to(asked);
        if let Some(place) = place {
            rows.retain(|row| place_of(row).is_none_or(|own| own == place));
            rows.truncate(limit.into());
        }
        let marks = rows.iter().any(marks_itself);
        let ids: BTreeSet<String> =
            rows.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect();
        if place.is_some() {
            answer.text = answer.value.as_ref().map(Value::to_string).unwrap_or_default();
        }
        let (among, business) = (among.to_owned(), asked.business.clone());
        let is_sealed = self.with_store(move |store| store.holds_sealed(&among, &business, &ids)).await;
        let is_sealed = is_sealed.map_err(|cause| failure("unavailable", cause.to_string()))?;
        answer.sensitive |= marks || is_sealed;
        Ok(answer)
    }
}

/// The place whose rows alone are heard. A row that is named is heard wherever it is: who changes a case must know that
/// it is there. People of other places than that row's see no more of such a run than its outline.
fn bound_to(asked: &Asked) -> Option<&str> {
    let names_one = match &asked.question {
        Question::Search { filters, .. } => filters.contains_key("id"),
        Question::Resource { id, .. } => id.is_some(),
        _ => false,
    };
    asked.location.as_deref().filter(|_| !names_one)
}

/// The list that a question is about, and how many of it are wanted.
fn list_of(question: &Question) -> Option<(&str, u16)> {
    match question {
        Question::Search { among, limit, .. } => Some((among, *limit)),
        Question::Resource { limit, .. } => Some(("resources", *limit)),
        Question::Model(_) | Question::Business { .. } | Question::Http { .. } => None,
    }
}

fn rows_mut(answer: &mut Answer) -> Option<&mut Vec<Value>> {
    answer.value.as_mut()?.get_mut("rows")?.as_array_mut()
}

/// Whether a row says itself that it is sensitive, or what is said about it does.
fn marks_itself(row: &Value) -> bool {
    [Some(row), row.get("metadata")].into_iter().flatten().filter_map(Value::as_object).any(marked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::driver::tests::driver_over;
    use crate::agents::registry::Registry;
    use inflight_agents::budget::Reserve;
    use inflight_agents::memory::Memory;
    use serde_json::json;

    async fn check(location: Option<&str>, id: Option<&str>, limit: u16, expected: (&[&str], bool)) {
        let question = Question::Resource {
            business: "b".to_owned(),
            kind: None,
            id: id.map(str::to_owned),
            filters: std::collections::BTreeMap::new(),
            limit,
        };
        let asked = Asked {
            run: "r1".to_owned(),
            business: "b".to_owned(),
            location: location.map(str::to_owned),
            correlation: None,
            example: false,
            id: "q1".to_owned(),
            question,
            degraded: None,
            reserve: Reserve::default(),
            sensitive: false,
        };
        let rows = json!({"rows": [
            {"id": "far", "location": "CLJ"}, {"id": "near", "location": "OTP"}, {"id": "spec", "locationId": "CLJ"},
            {"id": "all", "location": ""}, {"id": "told", "metadata": {"sensitive": true}},
        ]});
        let answer = Answer { text: rows.to_string(), value: Some(rows), ..Answer::default() };
        let found =
            driver_over(Memory::default(), Registry::of_checks()).found(&asked, answer).await.unwrap();
        let value = found.value.unwrap();
        let ids: Vec<&str> =
            value["rows"].as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
        assert_eq!((ids.as_slice(), found.sensitive), expected, "{location:?} {id:?} {limit}");
        assert_eq!(found.text, value.to_string());
    }

    #[tokio::test]
    async fn a_run_of_a_place_hears_of_that_place_and_of_none_unless_it_names_the_row() {
        let all = ["far", "near", "spec", "all", "told"];
        check(None, None, 1, (&all, true)).await;
        check(Some("OTP"), None, 9, (&["near", "all", "told"], true)).await;
        check(Some("OTP"), None, 2, (&["near", "all"], false)).await;
        check(Some("OTP"), Some("far"), 1, (&all, true)).await;
    }
}
