//! The review queue: what waits for a person, and what they decide. The first decision wins.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{driven, missing};
use crate::agents::api::reading::{MOST_IDS, Wants, maybe_object, maybe_text, members, wrong};
use crate::audit::Entry;
use crate::auth::{Principal, Role};
use crate::events::Fields;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use inflight_agents::approval;
use inflight_agents::rows::{ReviewRow, ReviewStatus};
use inflight_agents::store::ReviewFilter;
use inflight_agents::{Decision, DecisionKind, RunInput};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Items of one answer.
const ROWS: usize = 500;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
    status: Option<ReviewStatus>,
}

/// What somebody decided, as it came.
struct Wish {
    approves: bool,
    payload: Option<Map<String, Value>>,
    reason: Option<String>,
}

/// `GET /api/v1/agents/reviews?business=&status=`.
pub(super) async fn list(asking: Asking, Wants(wanted): Wants<Wanted>) -> Result<Response, HttpError> {
    asking.may_see_business(&wanted.business)?;
    let filter =
        ReviewFilter { business: Some(wanted.business), run: None, status: wanted.status, limit: ROWS };
    let mut reviews = asking.read(move |store| store.reviews(&filter)).await?;
    reviews.retain(|row| asking.sees(&row.business, row.location.as_deref()));
    Ok(fresh(&json!({"reviews": reviews})))
}

/// `POST /api/v1/agents/reviews/{id}` with `{"decision": "approve"|"reject", "payload"?, "reason"?}`.
pub(super) async fn decide(
    asking: Asking,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, HttpError> {
    let mut fields = members(body).await?;
    let approves = decision(&mut fields)?;
    let wish = Wish {
        approves,
        payload: maybe_object(&mut fields, "payload")?,
        reason: maybe_text(&mut fields, "reason")?,
    };
    fields.end("decision, payload and reason").map_err(wrong)?;
    let row = one(&asking, &id, &wish).await?;
    Ok(fresh(&json!({"review": row})))
}

/// `POST /api/v1/agents/reviews` with `{"ids": [...], "decision": ..., "reason"?}`: each by itself.
pub(super) async fn decide_all(asking: Asking, body: Body) -> Result<Response, HttpError> {
    let mut fields = members(body).await?;
    let ids = fields.texts("ids").map_err(wrong)?;
    if ids.is_empty() || ids.len() > MOST_IDS {
        let message = format!("expected 1 to {MOST_IDS} items, got {}", ids.len());
        return Err(HttpError::bad_request("bad_value", "ids", message));
    }
    let approves = decision(&mut fields)?;
    let wish = Wish { approves, payload: None, reason: maybe_text(&mut fields, "reason")? };
    fields.end("ids, decision and reason").map_err(wrong)?;
    let mut results = Vec::new();
    for id in ids {
        results.push(match one(&asking, &id, &wish).await {
            Ok(row) => json!({"id": id, "ok": true, "review": row}),
            Err(error) => json!({"id": id, "ok": false, "error": error.body}),
        });
    }
    Ok(fresh(&json!({"results": results})))
}

/// `POST /api/v1/agents/reviews/{id}/undo`, before what was decided holds.
pub(super) async fn undo(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let before = found(&asking, &id).await?;
    asking.may_decide(&before).await?;
    let (by, role) = (asking.who.user.as_str().to_owned(), role_for(&asking.who, before.role));
    let input = RunInput::Undo { approval: id.clone(), by, role };
    let entry = asking.entry("agent_review_undone", format!("review/{id}"));
    let done = handed(&asking, before.run, input, entry).await;
    asking.agents.outside().metrics.agent_review(if done.is_ok() { "undo" } else { "refused" });
    done?;
    Ok(fresh(&json!({"review": found(&asking, &id).await?})))
}

async fn one(asking: &Asking, id: &str, wish: &Wish) -> Result<ReviewRow, HttpError> {
    let before = found(asking, id).await?;
    asking.may_decide(&before).await?;
    let decision = if wish.approves {
        DecisionKind::Approve { payload: wish.payload.clone() }
    } else {
        DecisionKind::Reject
    };
    let input = RunInput::Decide(Decision {
        approval: id.to_owned(),
        by: asking.who.user.as_str().to_owned(),
        role: role_for(&asking.who, before.role),
        decision,
        reason: wish.reason.clone(),
        undo_ms: asking.agents.outside().settings.undo_ms,
    });
    let action = if wish.approves { "agent_review_approved" } else { "agent_review_rejected" };
    let entry = asking.entry(action, format!("review/{id}"));
    let done = handed(asking, before.run, input, entry).await;
    let word = if wish.approves { "approve" } else { "reject" };
    asking.agents.outside().metrics.agent_review(if done.is_ok() { word } else { "refused" });
    done?;
    found(asking, id).await
}

async fn handed(asking: &Asking, run: String, input: RunInput, entry: Entry) -> Result<(), HttpError> {
    let driver = asking.agents.driver().clone();
    asking.noted(async move { driver.input(&run, input).await.map(drop).map_err(driven) }, entry).await
}

/// The item, if the caller may see it.
async fn found(asking: &Asking, id: &str) -> Result<ReviewRow, HttpError> {
    let (what, named) = (format!("review {id}"), id.to_owned());
    let row = asking.read(move |store| store.review(&named)).await?;
    let row = row.ok_or_else(|| missing(&what))?;
    asking.may_see(&row.business, row.location.as_deref(), &what)?;
    Ok(row)
}

fn decision(fields: &mut Fields) -> Result<bool, HttpError> {
    let value = fields.any("decision");
    match value.as_str() {
        Some("approve") => Ok(true),
        Some("reject") => Ok(false),
        _ => Err(wrong(fields.wrong("decision", "approve or reject", &value))),
    }
}

/// In which of their roles somebody decides what asks for one. Whether they may act here at all was asked before.
fn role_for(who: &Principal, wanted: approval::Role) -> approval::Role {
    if !who.is_anonymous() && who.roles.has(Role::Admin) {
        return approval::Role::Admin;
    }
    if wanted == approval::Role::Trader && who.roles.has(Role::Trader) {
        return approval::Role::Trader;
    }
    approval::Role::Coordinator
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Grants, Roles, UserId, Via};

    fn check(roles: &[Role], wanted: approval::Role, may: bool) {
        let name = UserId::new("ana").unwrap();
        let who = Principal::known(name, Roles::of(roles.iter().copied()), Grants::all(), Via::Token);
        assert_eq!(role_for(&who, wanted).may(wanted), may, "{roles:?} {wanted:?}");
    }

    #[test]
    fn people_decide_in_the_role_that_is_asked_for_if_they_have_it() {
        use approval::Role::{Admin, Coordinator, Trader};
        for (roles, coordinates, trades, administers) in [
            (&[Role::Coordinator][..], true, false, false),
            (&[Role::Trader], false, true, false),
            (&[Role::Coordinator, Role::Trader], true, true, false),
            (&[Role::Admin], true, true, true),
        ] {
            check(roles, Trader, trades);
            check(roles, Admin, administers);
            if coordinates {
                check(roles, Coordinator, true);
            }
        }
    }
}
