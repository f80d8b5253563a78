//! What agents are told through the room of their business: by whoever may tell them so, and in a form that they take.

use crate::agents::api::asking::Asking;
use crate::auth::Principal;
use crate::clock;
use crate::http::App;
use crate::http::error::HttpError;
use axum::http::HeaderMap;
use inflight_agents::stream;
use inflight_domain::{Entry, Epoch, EventData, TopicName};

/// Whether somebody may tell the agents this, as `POST /api/v1/inputs` would let them. A room that is no business's is
/// one that no agent follows.
///
/// # Errors
/// They may not, it is not as it must be, or there are no agents.
pub async fn may_tell(
    app: &App,
    who: Principal,
    headers: &HeaderMap,
    (topic, data): (&TopicName, &EventData),
) -> Result<(), HttpError> {
    let Some(business) = topic.business() else { return Ok(()) };
    let asking = Asking::new(app, who, headers)?;
    asking.must_name_place(data.location())?;
    asking.may_coordinate(business, data.location()).await?;
    let by = Some(asking.who.user.clone());
    let entry = Entry { offset: 0, topic: topic.clone(), at: clock::now(), data: data.clone(), by };
    let wrong = stream::input(business, &entry, Epoch(0)).err().into_iter().flatten().next();
    wrong.map_or(Ok(()), |error| {
        let message = format!("expected {}, got {}", error.expected, error.found);
        Err(HttpError::bad_request("bad_value", format!("data.{}", error.field), message))
    })
}
