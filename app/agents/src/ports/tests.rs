//! Both ways to reach the services speak of the same things.

use crate::memory::Memory;
use crate::ports::cache::Cache;
use crate::ports::embedded::{Embedded, Services};
use crate::ports::{Call, Port, Reply, failure, http, question, rows};
use crate::question::Question;
use crate::search::Filter;
use crate::spec::{DecisionModel, ResourceAction, ResourceQuery};
use crate::store::{Document, Store, Table};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

fn put(store: &Memory, table: Table, id: &str, fields: Value) {
    let fields = fields.as_object().cloned().unwrap();
    let business = "carpat-air".to_owned();
    store.put(&Document { table, business, id: id.to_owned(), version: 1, changed: NOW, fields }).unwrap();
}

fn store() -> Memory {
    let store = Memory::default();
    let info = json!({"name": "Carpat Air", "type": "airline", "locations": [{"locationId": "OTP", "name": "Otopeni"}], "permissions": {"users": {"ana": {"roles": ["coordinator"]}}}});
    put(&store, Table::Businesses, "carpat-air", info);
    put(
        &store,
        Table::Resources,
        "gate-b12",
        json!({"type": "gate", "name": "Gate B12", "status": "open", "location": "OTP", "attributes": {}}),
    );
    put(&store, Table::Resources, "truck-7", json!({"type": "truck", "name": "Truck 7", "status": "free"}));
    put(
        &store,
        Table::Cases,
        "case-1",
        json!({"kind": "holding", "title": "Holding", "status": "open", "opened_ms": 5}),
    );
    for version in 1..=2 {
        let model = json!({"decisionCode": "greet", "version": version, "messageTemplate": "v{x}", "parameters": [], "usageCount": 0, "createdAt_ms": 1, "updatedAt_ms": 2});
        put(&store, Table::Models, &format!("greet/{version}"), model);
    }
    store
}

fn call(store: &Memory, embedded: &mut Embedded, call: &Call) -> Result<Reply, String> {
    Services { store, embedded }.call(call, NOW).map_err(|failure| failure.kind)
}

fn ask(store: &Memory, question: &Question) -> Value {
    let mut embedded = Embedded::default();
    let mut services = Services { store, embedded: &mut embedded };
    let replies = question::calls(question).unwrap().iter().map(|call| services.call(call, NOW)).collect();
    question::answer(question, replies, &BTreeSet::new()).unwrap().value.unwrap()
}

#[test]
fn businesses_and_who_may_act_for_them() {
    let store = store();
    let about = |business: &str, user: &str, location: Option<&str>| {
        let question = Question::Business {
            business: business.to_owned(),
            location: location.map(str::to_owned),
            user: Some(user.to_owned()),
        };
        ask(&store, &question)
    };
    let own = about("carpat-air", "ana", Some("OTP"));
    assert_eq!(
        [&own["allowed"], &own["business"]["name"], &own["location"]["name"]],
        [&json!(true), &json!("Carpat Air"), &json!("Otopeni")]
    );
    assert_eq!(about("carpat-air", "bob", None)["allowed"], false);
    assert_eq!(about("nobody", "bob", None)["allowed"], true);
}

#[test]
fn resources_are_found_and_changed_once_for_a_version() {
    let (store, mut embedded) = (store(), Embedded::default());
    let mut found = |query: Value| {
        let query: ResourceQuery = serde_json::from_value(query).unwrap();
        match call(&store, &mut embedded, &Call::QueryResources { business: "carpat-air".into(), query }) {
            Ok(Reply::Resources(found)) => found.into_iter().map(|one| one.id).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(found(json!({"type": "gate"})), ["gate-b12"]);
    assert_eq!(found(json!({"text": "7"})), ["truck-7"]);
    assert_eq!(found(json!({"limit": 1})).len(), 1);
    let action: ResourceAction = serde_json::from_value(json!({"businessId": "carpat-air", "resourceId": "gate-b12", "action": "set_status", "parameters": {"status": "closed"}, "expectedVersion": 1})).unwrap();
    let act = || match call(&store, &mut Embedded::default(), &Call::ExecuteAction(action.clone())) {
        Ok(Reply::Action(result)) => result.success,
        other => panic!("{other:?}"),
    };
    assert_eq!([act(), act()], [true, false]);
    let document = store.document(Table::Resources, "carpat-air", "gate-b12").unwrap().unwrap();
    assert_eq!((document.version, &document.fields["status"]), (2, &json!("closed")));
}

#[test]
fn a_resource_that_may_not_be_used_is_not_there() {
    let (business, id) = ("carpat-air".to_owned(), "gate-b12".to_owned());
    let asked = Question::Resource { business, kind: None, id: Some(id), filters: BTreeMap::new(), limit: 1 };
    let store = store();
    let row = ask(&store, &asked)["rows"][0].clone();
    assert_eq!(row["id"], "gate-b12");
    let gate = rows::resource(&store.document(Table::Resources, "carpat-air", "gate-b12").unwrap().unwrap());
    let gate = || Ok(Reply::Resources(vec![gate.clone().unwrap()]));
    let unknown = || Err(failure("not_found", "no such way"));
    for (access, expected) in [(Ok(Reply::Access(true)), 1), (Ok(Reply::Access(false)), 0), (unknown(), 0)] {
        let answer = question::answer(&asked, vec![gate(), access], &BTreeSet::new()).unwrap();
        assert_eq!(answer.value.unwrap()["rows"].as_array().unwrap().len(), expected);
    }
}

#[test]
fn models_by_version_and_their_use() {
    let (store, mut embedded) = (store(), Embedded::default());
    let mut version = |wanted: Option<u32>| {
        let (business, code) = ("carpat-air".to_owned(), "greet".to_owned());
        let get =
            Call::GetMessageModel { business, code, version: wanted, business_type: None, location: None };
        match call(&store, &mut embedded, &get) {
            Ok(Reply::Model(model)) => model.map(|model| (model.version, model.usage_count)),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([version(None), version(Some(1)), version(Some(3))], [Some((2, 0)), Some((1, 0)), None]);
    let used = Call::UpdateModelUsage { business: "carpat-air".into(), code: "greet".into() };
    assert_eq!(call(&store, &mut Embedded::default(), &used), Ok(Reply::Done));
    assert_eq!(version(None), Some((2, 1)));
}

#[test]
fn a_model_for_the_trade_goes_before_one_for_all() {
    let model = |version: u32, trade: Option<&str>| {
        let built = crate::models::of_code("assistant-help").unwrap();
        crate::spec::MessageModel { version, business_type: trade.map(str::to_owned), ..built }
    };
    let models = [model(1, Some("airline")), model(3, None), model(4, Some("freight"))];
    let newest = |trade| rows::newest(&models, None, trade, None).map(|model| model.version);
    assert_eq!(
        [newest(Some("airline")), newest(Some("freight")), newest(Some("handling")), newest(None)],
        [Some(1), Some(4), Some(3), Some(3)]
    );
}

#[test]
fn decisions_are_found_as_soon_as_they_are_stored() {
    let (store, mut embedded) = (store(), Embedded::default());
    let decision: DecisionModel = serde_json::from_value(json!({
        "id": "d1", "businessId": "carpat-air", "decisionCode": "divert", "decisionType": "disruption", "context": "Fog at Bucharest",
        "reasoning": "", "confidence": 0.9, "outcome": "done", "businessType": "airline", "createdAt": "2026-11-21T20:30:00Z",
    }))
    .unwrap();
    let mut search = |query: &str| {
        let filter = Filter { business_id: Some("carpat-air".to_owned()), ..Filter::default() };
        match call(
            &store,
            &mut embedded,
            &Call::SearchSimilarDecisions { query: query.into(), filter, limit: 5 },
        ) {
            Ok(Reply::Decisions(found)) => found.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(search("ceata"), 0);
    assert_eq!(
        call(&store, &mut Embedded::default(), &Call::StoreDecision(Box::new(decision))),
        Ok(Reply::Done)
    );
    assert_eq!(search("ceata"), 1);
    store.remove(Table::Decisions, "carpat-air", "d1").unwrap();
    assert_eq!(search("ceata"), 0);
}

#[test]
fn lists_are_filtered_by_fields_and_words() {
    let (store, mut embedded) = (store(), Embedded::default());
    embedded.set_list("sources", vec![json!({"id": "opensky", "state": "live"})]);
    let services = Services { store: &store, embedded: &mut embedded };
    let count = |among: &str, query: &str, filters: &[(&str, &str)]| {
        let filters = filters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>();
        services
            .list(among, "carpat-air", query, &filters, 10)
            .map(|rows| rows.len())
            .map_err(|failure| failure.kind)
    };
    assert_eq!(count("cases", "", &[("status", "open")]), Ok(1));
    assert_eq!(count("cases", "hold", &[("status", "closed")]), Ok(0));
    assert_eq!(count("sources", "", &[]), Ok(1));
    assert_eq!(count("reviews", "", &[]), Ok(0));
    assert_eq!(count("secrets", "", &[]), Err("unavailable".to_owned()));
}

#[test]
fn what_goes_over_http_and_comes_back() {
    let call = |kind: Option<&str>, id: &str| Call::GetResource {
        business: "a/b".into(),
        kind: kind.map(str::to_owned),
        id: id.into(),
    };
    assert_eq!(
        http::request(&call(Some("gate"), "../x y")).path,
        "/businesses/a%2Fb/resources/gate/..%2Fx%20y"
    );
    assert_eq!(http::request(&call(None, "..")).path, "/businesses/a%2Fb/resources/%2E%2E");
    let model = Call::GetMessageModel {
        business: "b".into(),
        code: "c".into(),
        version: Some(2),
        business_type: Some("air&line".into()),
        location: None,
    };
    assert_eq!(http::request(&model).path, "/models/c?businessId=b&version=2&businessType=air%26line");
    for (status, body, expected) in [
        (404, "", Ok(Reply::Resources(Vec::new()))),
        (429, "", Err("unavailable")),
        (503, "", Err("unavailable")),
        (403, "", Err("refused")),
        (200, "nope", Err("invalid")),
    ] {
        let got = http::reply(&call(None, "x"), status, body.as_bytes()).map_err(|failure| failure.kind);
        assert_eq!(got, expected.map_err(str::to_owned), "{status}");
    }
    let access = Call::ValidateBusinessAccess { business: "b".into(), user: "u".into() };
    assert_eq!(http::reply(&access, 200, br#"{"allowed":false}"#), Ok(Reply::Access(false)));
}

#[test]
fn the_cache_forgets_by_age_and_by_number() {
    let mut cache = Cache::new(1000, 2);
    cache.put("a", 1, UnixMillis(0));
    cache.put("b", 2, UnixMillis(500));
    assert_eq!(
        [cache.get("a", UnixMillis(999)), cache.get("a", UnixMillis(1000)), cache.get("a", UnixMillis(-1))],
        [Some(1), None, None]
    );
    cache.put("c", 3, UnixMillis(600));
    assert_eq!(
        [cache.get("a", UnixMillis(600)), cache.get("b", UnixMillis(600)), cache.get("c", UnixMillis(600))],
        [None, Some(2), Some(3)]
    );
    cache.remove("b");
    assert_eq!(cache.get("b", UnixMillis(600)), None);
}
