//! What search finds, keeps and forgets.

use crate::search::quality::{Labelled, report};
use crate::search::{Filter, Index};
use crate::spec::DecisionModel;
use inflight_domain::UnixMillis;
use proptest::prelude::*;
use serde_json::json;

fn decision(id: &str, context: &str, business: &str, at: i64) -> DecisionModel {
    let row = json!({
        "id": id, "businessId": business, "decisionCode": "delay-weather", "decisionType": "delay", "context": context,
        "reasoning": "Waited.", "confidence": 0.9, "outcome": "done", "businessType": "airline",
        "createdAt": UnixMillis(at).to_string(),
    });
    serde_json::from_value(row).unwrap()
}

fn index(rows: &[DecisionModel]) -> Index {
    let mut index = Index::default();
    rows.iter().for_each(|row| index.put(row));
    index
}

fn ids(index: &Index, query: &str, filter: &Filter) -> Vec<String> {
    index.search(query, filter, 10).into_iter().map(|hit| hit.id).collect()
}

#[test]
fn finds_words_in_both_languages_and_without_diacritics() {
    let index = index(&[
        decision("fog", "Zborul RO381 nu a aterizat din cauza ceții dense", "a", 1000),
        decision("strike", "Walkout of the security staff", "a", 2000),
        decision("gate", "Poarta B12 ocupată", "b", 3000),
    ]);
    for (query, expected) in [
        ("ceata", &["fog"][..]),
        ("CEAȚĂ densă", &["fog"]),
        ("grevă", &["strike"]),
        ("gate b12", &["gate"]),
        ("ro381", &["fog"]),
        ("unicorn", &[]),
        ("", &["gate", "strike", "fog"]),
    ] {
        assert_eq!(ids(&index, query, &Filter::default()), expected, "{query}");
    }
}

#[test]
fn filters_are_exact() {
    let index = index(&[decision("one", "fog", "a", 1000), decision("two", "fog", "b", 2000)]);
    let of = |business: &str| Filter { business_id: Some(business.to_owned()), ..Filter::default() };
    let from = Filter { from: Some(UnixMillis(1500)), ..Filter::default() };
    let to = Filter { to: Some(UnixMillis(2000)), ..Filter::default() };
    let code = Filter { decision_code: Some("delay".to_owned()), ..Filter::default() };
    for (filter, expected) in
        [(of("a"), &["one"][..]), (of("c"), &[]), (from, &["two"]), (to, &["one"]), (code, &[])]
    {
        assert_eq!(ids(&index, "fog", &filter), expected, "{filter:?}");
    }
}

#[test]
fn the_labelled_set_is_found_better_than_by_like() {
    let lines = |text: &'static str| text.lines().filter(|line| !line.is_empty());
    let decisions: Vec<DecisionModel> = lines(include_str!("../../../../fixtures/search/decisions.jsonl"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let queries: Vec<Labelled> = lines(include_str!("../../../../fixtures/search/queries.jsonl"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let report = report(&decisions, &queries);
    eprintln!("{}", serde_json::to_string_pretty(&report).unwrap());
    assert!(report.decisions >= 300 && report.queries >= 60);
    assert!(report.bm25.recall_at_5 > report.like_words.recall_at_5 + 0.2, "{report:?}");
    assert!(report.bm25.recall_at_5 >= report.bm25_plain.recall_at_5, "{report:?}");
}

proptest! {
    /// What was put, replaced and removed one by one is found as in an index that was made at once.
    #[test]
    fn grows_and_shrinks_like_one_made_anew(steps in prop::collection::vec((0_u8..12, any::<bool>(), "[a-e ]{0,12}"), 0..40)) {
        let mut grown = Index::default();
        let mut rows = std::collections::BTreeMap::new();
        for (id, remove, text) in steps {
            let id = id.to_string();
            if remove {
                grown.remove("a", &id);
                rows.remove(&id);
            } else {
                let row = decision(&id, &text, "a", 1000);
                grown.put(&row);
                rows.insert(id, row);
            }
        }
        let anew = index(&rows.into_values().collect::<Vec<_>>());
        prop_assert_eq!(grown.len(), anew.len());
        for query in ["b c", "d", "delay", ""] {
            prop_assert_eq!(grown.search(query, &Filter::default(), 20), anew.search(query, &Filter::default(), 20));
        }
    }
}
