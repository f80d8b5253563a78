//! What the services of other systems keep: seen through them, and not changed here.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{missing, stored};
use crate::agents::clients::http::Marks;
use crate::agents::driver::answers::failure;
use crate::clock;
use crate::http::error::HttpError;
use axum::http::StatusCode;
use core::time::Duration;
use inflight_agents::ports::rows::resource_row;
use inflight_agents::ports::{Call, Reply, Service};
use inflight_agents::spec::ResourceQuery;
use inflight_domain::UnixMillis;
use serde_json::Value;
use tokio::time::timeout;

/// Rows of one answer.
const ROWS: usize = 1000;

/// The desk waits so long for them.
const WITHIN: Duration = Duration::from_secs(3);

/// The resources of a business as its service tells them, those that the caller may see.
///
/// # Errors
/// It does not answer in time.
pub(super) async fn resources(asking: &Asking, business: &str) -> Result<Vec<Value>, HttpError> {
    let query = ResourceQuery { limit: Some(ROWS), ..ResourceQuery::default() };
    let call = Call::QueryResources { business: business.to_owned(), query };
    let unavailable = |why: String| {
        let message = format!("the service of resources does not answer: {why}");
        HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", message)
    };
    let (agents, correlation) = (asking.agents.clone(), asking.correlation.clone());
    // In a task of its own: a service that is slow is known to be so although nobody waits for it any more.
    let asked = tokio::spawn(async move {
        let marks = Marks { key: None, correlation: Some(&correlation) };
        agents.services().call(&call, marks).await
    });
    let found = timeout(WITHIN, asked)
        .await
        .map(|done| done.unwrap_or_else(|_| Err(failure("unavailable", "a defect"))));
    let found = found.map_err(|_| unavailable(format!("not within {} s", WITHIN.as_secs())))?;
    match found.map_err(|failed| unavailable(failed.message))? {
        Reply::Resources(found) => {
            let rows: Vec<Value> = found.iter().take(ROWS).map(resource_row).collect();
            asking.agents.services().known().keep(business, clock::now(), rows.clone());
            Ok(visible(asking, business, rows))
        }
        _ => Err(missing("list of resources")),
    }
}

/// What the service told last, and when, where it does not answer now.
pub(super) fn known_resources(asking: &Asking, business: &str) -> Option<(UnixMillis, Vec<Value>)> {
    let (at, rows) = asking.agents.services().known().of(business)?;
    Some((at, visible(asking, business, rows)))
}

fn visible(asking: &Asking, business: &str, mut rows: Vec<Value>) -> Vec<Value> {
    rows.retain(|row| asking.sees(business, row["location"].as_str()));
    rows
}

/// Whether another system keeps this for a business.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn is_kept(asking: &Asking, service: Service, business: &str) -> Result<bool, HttpError> {
    let agents = &asking.agents;
    let found = agents.business(business).await.map_err(stored)?;
    // Which businesses there are is for the service of businesses to say.
    let of_nobody = || service == Service::BusinessInfo && agents.services().services().contains(&service);
    Ok(found.map_or_else(of_nobody, |business| agents.services_of(&business).contains(&service)))
}

/// What another system keeps is changed there.
///
/// # Errors
/// It is kept there, or the store cannot be read.
pub(super) async fn is_ours(asking: &Asking, service: Service, business: &str) -> Result<(), HttpError> {
    if !is_kept(asking, service, business).await? {
        return Ok(());
    }
    let message = format!("this is kept by the service {}: change it there", service.name());
    Err(HttpError::new(StatusCode::CONFLICT, "kept_elsewhere", message))
}
