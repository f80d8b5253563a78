//! What the desk begins with: all that there is of one business, and the place in its room from which on it goes on.

use crate::agents::api::asking::Asking;
use crate::agents::api::elsewhere;
use crate::agents::api::errors::{missing, stored};
use crate::agents::api::reading::{Wants, older};
use crate::agents::businesses;
use crate::agents::store::documents::newest;
use crate::auth::Principal;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::response::Response;
use inflight_agents::ports::Service;
use inflight_agents::ports::rows::row as shown;
use inflight_agents::rows::{ReviewRow, ReviewStatus};
use inflight_agents::store::{ReviewFilter, RunFilter};
use inflight_agents::{Agent, Document, Store, StoreError, Table};
use serde::Deserialize;
use serde_json::{Value, json};

/// Runs and decided reviews that the desk begins with.
const ROWS: usize = 200;

/// Reviews that wait for somebody.
const OPEN: usize = 1000;

/// Messages that it begins with.
pub(super) const MESSAGES: usize = 100;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: Option<String>,
}

/// `GET /api/v1/agents?business=`; the first business where none is named.
pub(super) async fn overview(asking: Asking, Wants(wanted): Wants<Wanted>) -> Result<Response, HttpError> {
    let agents = &asking.agents;
    // Before the store is read: what is told meanwhile comes again and changes nothing.
    let offset = agents.newest_offset();
    let first = match &wanted.business {
        Some(_) => None,
        None => asking.documents(Table::Businesses, None).await?.into_iter().next().map(|row| row.id),
    };
    let chosen = wanted.business.or(first);
    if let Some(named) = chosen.as_ref().filter(|named| asking.sees(named, None)) {
        asking.business(named).await?;
    }
    let visible = asking.documents(Table::Businesses, None).await?;
    let is_visible = |named: &&String| visible.iter().any(|business| business.id == **named);
    if let Some(named) = chosen.as_ref().filter(|named| !is_visible(named)) {
        return Err(missing(&format!("business {named}")));
    }
    let mut answer = match chosen.clone() {
        Some(business) => {
            let (store, id) = (agents.store().clone(), business.clone());
            let read = tokio::task::spawn_blocking(move || rows(&store, &id)).await;
            let read = read.unwrap_or_else(|_| Err(StoreError::Failed("a defect".to_owned())));
            let mut read = read.map_err(stored)?;
            only_visible(&mut read, |location| asking.sees(&business, location));
            read
        }
        None => {
            json!({"runs": [], "reviews": [], "cases": [], "schedules": [], "models": [], "resources": [], "messages": [], "older": {}})
        }
    };
    let chosen_row = visible.iter().find(|business| Some(&business.id) == chosen.as_ref());
    let services = chosen_row.map(|business| agents.services_of(business)).unwrap_or_default();
    let mut unreached = None;
    if let Some(business) = chosen.as_ref().filter(|_| services.contains(&Service::Resources)) {
        let (rows, missing) = resources_of(&asking, business).await;
        (answer["resources"], unreached) = (json!(rows), missing);
    }
    let state = |service: &Service| {
        let mut row = json!({"name": service.name(), "breaker": agents.services().breaker(*service)});
        if let (Service::Resources, Some(unreached)) = (service, &unreached) {
            row["unreached"] = unreached.clone();
        }
        row
    };
    answer["services"] = services.iter().map(state).collect();
    answer["offset"] = json!(offset);
    answer["business"] = json!(chosen);
    answer["businesses"] = visible.iter().map(|business| named(&asking.who, business)).collect();
    answer["spent"] = match &chosen {
        Some(business) => asking.agents.spent_today(business).await.map_err(stored)?,
        None => Value::Null,
    };
    answer["on"] = json!(agents.are_on());
    answer["reasoner"] = agents.reasoner();
    let registry = agents.driver().registry();
    let known = |agent: &std::sync::Arc<dyn Agent>| {
        let mut row = graph_of(&**agent);
        row["takes"] = json!(registry.takes(agent.graph().name()));
        row
    };
    answer["agents"] = registry.agents().map(known).collect();
    Ok(fresh(&answer))
}

/// What another system has of a business; where it cannot be reached, what it told last, and why it is that.
async fn resources_of(asking: &Asking, business: &str) -> (Vec<Value>, Option<Value>) {
    match elsewhere::resources(asking, business).await {
        Ok(rows) => (rows, None),
        Err(cause) => {
            let (at, rows) = elsewhere::known_resources(asking, business).unzip();
            let unreached = json!({"why": cause.body.message, "known_ms": at.map(|at| at.0)});
            (rows.unwrap_or_default(), Some(unreached))
        }
    }
}

/// A business with what the caller may do there.
fn named(who: &Principal, business: &Document) -> Value {
    let places = businesses::read(business).map(|info| info.locations).unwrap_or_default();
    let places = places.iter().map(|place| Some(place.location_id.as_str()));
    let may = |place| businesses::may_coordinate(who, &business.id, Some(business), place);
    json!({
        "businessId": business.id,
        "name": business.fields.get("name"),
        "type": business.fields.get("type"),
        "locations": business.fields.get("locations"),
        "example": businesses::is_example(business),
        "may": {"decide": core::iter::once(None).chain(places).any(may), "edit": who.may_administer()},
    })
}

/// Leaves out rows of places that the caller may not see.
fn only_visible(answer: &mut Value, may_see: impl Fn(Option<&str>) -> bool) {
    let lists = answer.as_object_mut().into_iter().flat_map(|answer| answer.values_mut());
    for list in lists.filter_map(Value::as_array_mut) {
        list.retain(|row| may_see(row.get("location").and_then(Value::as_str)));
    }
}

/// An agent with its map.
pub(super) fn graph_of(agent: &dyn Agent) -> Value {
    let graph = agent.graph();
    let node = |node: &inflight_agents::NodeSpec| json!({"name": node.name, "edges": node.edges, "max_visits": node.max_visits, "may_end": node.may_end});
    let nodes: Vec<Value> = graph.nodes().iter().map(node).collect();
    json!({"name": graph.name(), "version": graph.version(), "graph": {"start": graph.start(), "nodes": nodes}})
}

fn rows(store: &crate::agents::store::SqliteStore, business: &str) -> Result<Value, StoreError> {
    let of = || Some(business.to_owned());
    let runs = store.runs(&RunFilter { business: of(), limit: ROWS, ..RunFilter::default() })?;
    let begun: Vec<i64> = runs.iter().map(|run| run.started_ms.0).collect();
    let reviews = reviews(store, business, [OPEN, ROWS])?;
    let newest_of = |table, limit| -> Result<Vec<Value>, StoreError> {
        let found = store.read_rows(|connection| newest(connection, table, business, None, limit))?;
        Ok(found.iter().map(shown).collect())
    };
    let mut messages = newest_of(Table::Messages, MESSAGES)?;
    let said: Vec<i64> = messages.iter().filter_map(|row| row["changed_ms"].as_i64()).collect();
    messages.reverse();
    Ok(json!({
        "runs": runs,
        "reviews": reviews,
        "cases": newest_of(Table::Cases, ROWS)?,
        "schedules": newest_of(Table::Schedules, ROWS)?,
        "models": newest_models(newest_of(Table::Models, 10 * ROWS)?),
        "resources": newest_of(Table::Resources, 5 * ROWS)?,
        "messages": messages,
        "older": {"runs": older(&begun, ROWS, None), "messages": older(&said, MESSAGES, None)},
    }))
}

/// What waits for somebody, however long it has, and what was decided of late; of both at most so many.
fn reviews(
    store: &dyn Store,
    business: &str,
    [open, newest]: [usize; 2],
) -> Result<Vec<ReviewRow>, StoreError> {
    let status = Some(ReviewStatus::Open);
    let of = |status, limit| ReviewFilter { business: Some(business.to_owned()), run: None, status, limit };
    let mut rows = store.reviews(&of(status, open))?;
    let decided = store.reviews(&of(None, newest))?;
    rows.extend(decided.into_iter().filter(|row| row.status != ReviewStatus::Open));
    Ok(rows)
}

/// Of each model its newest version.
fn newest_models(mut models: Vec<Value>) -> Vec<Value> {
    let code = |row: &Value| row["decisionCode"].as_str().unwrap_or_default().to_owned();
    models.sort_by_key(|row| (code(row), core::cmp::Reverse(row["version"].as_u64())));
    models.dedup_by_key(|row| code(row));
    models
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_agents::clerk::Clerk;
    use inflight_agents::conformance::{World, commit, start};
    use inflight_agents::memory::Memory;
    use inflight_agents::{Run, Typed, Want};
    use inflight_domain::UnixMillis;

    #[test]
    fn what_waits_longest_is_told_before_what_was_decided_last() {
        let (store, agent) = (Memory::default(), Typed(Clerk::new().unwrap()));
        for number in 0..6 {
            let mut world = World { now: UnixMillis(1000 * (number + 1)), ..World::default() };
            let begin = start(&format!("r{number}"), 200.0, 90.0);
            let (mut run, events) = Run::start(&agent, begin, world.now);
            commit(&store, &run, &events).unwrap();
            let decides = |want: &Want| matches!(want, Want::Decide { .. } | Want::Tick { .. });
            while let Some(want) = run.wants().into_iter().find(|want| !decides(want)) {
                let input = world.input(want);
                let events = run.advance(&agent, input, world.now).unwrap();
                commit(&store, &run, &events).unwrap();
            }
            if number > 0 {
                world.finish(&store, &agent, &mut run).unwrap();
            }
        }
        let business =
            store.runs(&RunFilter { limit: 1, ..RunFilter::default() }).unwrap()[0].business.clone();
        let found = reviews(&store, &business, [10, 2]).unwrap();
        let named: Vec<&str> = found.iter().map(|row| row.run.as_str()).collect();
        assert_eq!((named, found[0].status), (vec!["r0", "r5", "r4"], ReviewStatus::Open));
    }

    #[test]
    fn rows_of_places_are_for_those_who_may_see_there() {
        let row = |id: &str, location: Option<&str>| json!({"id": id, "location": location});
        let rows = json!([row("all", None), row("ours", Some("OTP")), row("theirs", Some("CLJ"))]);
        let mut answer = json!({"runs": rows, "cases": rows, "offset": 7});
        only_visible(&mut answer, |location| location.is_none_or(|location| location == "OTP"));
        let left = json!([row("all", None), row("ours", Some("OTP"))]);
        assert_eq!(answer, json!({"runs": left, "cases": left, "offset": 7}));
    }
}
