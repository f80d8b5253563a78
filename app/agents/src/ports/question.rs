//! What a run asks as calls of the services, and their replies as its answer.

use crate::ports::rows::resource_row;
use crate::ports::{Call, Reply, Service, failure};
use crate::question::{Answer, AskFailure, Question};
use crate::search::Filter;
use crate::spec::{BusinessInfo, ResourceQuery};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The business in the answer to [`Question::Business`], if there is one.
#[must_use]
pub fn business_of(reply: Result<Answer, AskFailure>) -> Option<BusinessInfo> {
    let info = reply.ok()?.value?.get_mut("business").map(Value::take)?;
    serde_json::from_value(info).ok()
}

/// The calls that answer a question, in their order; none where it is a list of our own, or for a reasoner.
///
/// # Errors
/// A filter that cannot be read.
pub fn calls(question: &Question) -> Result<Vec<Call>, AskFailure> {
    Ok(match question {
        Question::Business { business, location, user } => {
            let business = || business.clone();
            let mut calls = vec![Call::GetBusinessInfo { business: business() }];
            calls.extend(
                location.clone().map(|location| Call::GetLocationInfo { business: business(), location }),
            );
            calls
                .extend(user.clone().map(|user| Call::ValidateBusinessAccess { business: business(), user }));
            calls
        }
        Question::Resource { business, kind, id: Some(id), .. } => {
            let (business, id) = (business.clone(), id.clone());
            let access = Call::ValidateResourceAccess { business: business.clone(), id: id.clone() };
            vec![Call::GetResource { business, kind: kind.clone(), id }, access]
        }
        Question::Resource { business, kind, id: None, filters, limit } => {
            let text = |name: &str| filters.get(name).cloned();
            let query = ResourceQuery {
                kind: kind.clone().or_else(|| text("type")),
                status: text("status"),
                location_id: text("locationId").or_else(|| text("location")),
                text: text("text"),
                limit: Some(usize::from(*limit)),
            };
            vec![Call::QueryResources { business: business.clone(), query }]
        }
        Question::Search { among, business, query, filters, limit } if among == "decisions" => {
            let filter = Filter { business_id: Some(business.clone()), ..filter(filters)? };
            vec![Call::SearchSimilarDecisions { query: query.clone(), filter, limit: usize::from(*limit) }]
        }
        Question::Search { among, business, filters, .. } if among == "models" => {
            let text = |name: &str| filters.get(name).cloned();
            let version =
                text("version").map(|version| version.parse().map_err(|_| bad("version", &version)));
            vec![Call::GetMessageModel {
                business: business.clone(),
                code: text("decisionCode").unwrap_or_default(),
                version: version.transpose()?,
                business_type: text("businessType"),
                location: text("locationContext"),
            }]
        }
        _ => Vec::new(),
    })
}

/// The answer out of what came back. Businesses that nobody knows may be acted for by whoever the server lets in.
///
/// # Errors
/// Something that is needed did not come back.
pub fn answer(
    question: &Question,
    replies: Vec<Result<Reply, AskFailure>>,
    by_http: &BTreeSet<Service>,
) -> Result<Answer, AskFailure> {
    let value = match question {
        Question::Business { business, .. } => business_value(business, replies, by_http)?,
        _ => {
            let mut rows = Vec::new();
            let mut allowed = true;
            for reply in replies {
                match reply {
                    Ok(Reply::Access(may)) => allowed &= may,
                    // What is not there has no access either.
                    Err(missing) if missing.kind == "not_found" && !rows.is_empty() => allowed = false,
                    reply => rows.extend(rows_of(reply?)),
                }
            }
            // Whoever may not use a resource is told that there is none.
            rows.retain(|_| allowed);
            json!({ "rows": rows })
        }
    };
    let http = calls(question)?.iter().any(|call| by_http.contains(&call.service()));
    let by = if http { "http" } else { "store" };
    Ok(Answer { text: value.to_string(), value: Some(value), by: by.to_owned(), ..Answer::default() })
}

fn business_value(
    business: &str,
    replies: Vec<Result<Reply, AskFailure>>,
    by_http: &BTreeSet<Service>,
) -> Result<Value, AskFailure> {
    let resources = if by_http.contains(&Service::Resources) { "http" } else { "store" };
    let mut value = json!({"allowed": true, "resources": resources});
    for reply in replies {
        match reply {
            Ok(Reply::Business(info)) => value["business"] = json!(info),
            Ok(Reply::Location(info)) => value["location"] = json!(info),
            Ok(Reply::Access(allowed)) => value["allowed"] = json!(allowed),
            Ok(_) => return Err(failure("invalid", format!("another reply than about {business}"))),
            Err(missing) if missing.kind == "not_found" && !by_http.contains(&Service::BusinessInfo) => {}
            Err(missing) if missing.kind == "not_found" => value["allowed"] = json!(false),
            Err(other) => return Err(other),
        }
    }
    Ok(value)
}

fn rows_of(reply: Reply) -> Vec<Value> {
    match reply {
        Reply::Resources(found) => found.iter().map(resource_row).collect(),
        Reply::Decisions(found) => found.into_iter().map(|decision| json!(decision)).collect(),
        Reply::Model(found) => found.into_iter().map(|model| json!(model)).collect(),
        _ => Vec::new(),
    }
}

fn filter(filters: &BTreeMap<String, String>) -> Result<Filter, AskFailure> {
    let text = |name: &str| filters.get(name).cloned();
    let time = |name: &str| {
        let read = |at: String| UnixMillis::parse_rfc3339(&at).ok_or_else(|| bad(name, &at));
        text(name).map(read).transpose()
    };
    Ok(Filter {
        business_id: None,
        business_type: text("businessType"),
        decision_code: text("decisionCode"),
        decision_type: text("decisionType"),
        outcome: text("outcome"),
        location_id: text("locationId"),
        from: time("from")?,
        to: time("to")?,
    })
}

fn bad(name: &str, found: &str) -> AskFailure {
    failure("invalid", format!("the filter {name} cannot be {found:?}"))
}
