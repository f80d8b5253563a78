//! `POST /api/v1/inputs`: an input of specification 004 from another system, by API key or signature, taken once.

use crate::agents::api::asking::{Asking, noted};
use crate::agents::api::errors::{missing, submitted};
use crate::agents::signature::{self, BadSignature};
use crate::audit::Entry;
use crate::auth::Caller;
use crate::auth::caller::not_allowed;
use crate::clock;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::{App, body};
use crate::settings::Secret;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use inflight_agents::spec::{FieldError, InputSource, NOT_OURS, is_ours, read_input};
use inflight_agents::{AgentInput, controller};
use serde_json::{Value, json};

/// Largest body in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// Fields that one answer names as wrong.
const ERRORS_MAX: usize = 20;

/// Takes an input; the same id again answers with the same run.
pub(super) async fn take(
    State(app): State<App>,
    caller: Option<Caller>,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, body) = request.into_parts();
    // Of who says to have signed nothing more is read than is needed to find out.
    let header = parts.headers.get(signature::HEADER).map(|header| header.to_str().unwrap_or_default());
    if let Some(header) = header
        && let Err(cause @ (BadSignature::Form | BadSignature::Time(_))) =
            signature::verify(header, &[], [], now_s())
    {
        return Err(bad_signature(&app, cause));
    }
    let body = body::read(body, BODY_BYTES).await?;
    let signed_for = header.map(|header| signed_for(&app, header, &body)).transpose()?;
    let value: Value = serde_json::from_slice(&body).map_err(|error| {
        app.metrics.agent_input("external_api", "invalid");
        HttpError::bad_request("not_json", "body", format!("expected JSON: {error}"))
    })?;
    let mut input = match read(value) {
        Ok(input) => input,
        Err(errors) => {
            app.metrics.agent_input("external_api", "invalid");
            return Ok(invalid(&errors));
        }
    };
    let correlation = correlation_id(&parts.headers).to_string();
    let actor = match signed_for {
        Some(businesses) => by_signature(&app, &businesses, &mut input)?,
        None => by_key(&app, caller, &mut input, &parts.headers).await?,
    };
    input.correlation_id.get_or_insert(correlation.clone());
    let agents = app.agents.clone().ok_or_else(unavailable)?;
    let route = controller::route(&input);
    let (id, target) = (input.id.clone(), format!("business/{}", input.business_id));
    let entry = Entry {
        actor,
        action: "agent_input",
        target,
        result: "done".to_owned(),
        correlation_id: correlation,
    };
    let taking = agents.clone();
    let work = async move { taking.submit(input).await.map_err(submitted) };
    let begun = noted(&agents, work, entry).await?;
    let status = if begun.repeated { StatusCode::OK } else { StatusCode::ACCEPTED };
    let told =
        json!({"id": id, "run": begun.run, "repeated": begun.repeated, "kind": route.kind, "why": route.why});
    Ok((status, Json(told)).into_response())
}

fn read(mut value: Value) -> Result<AgentInput, Vec<FieldError>> {
    if let Some(object) = value.as_object_mut() {
        object.entry("source").or_insert_with(|| "external_api".into());
    }
    let input = read_input(&value)?;
    if input.source != InputSource::ExternalApi {
        let (field, expected) =
            ("source".to_owned(), "external_api, as the others have ways of their own".to_owned());
        let found = value.get("source").map(Value::to_string).unwrap_or_default();
        return Err(vec![FieldError { field, expected, found }]);
    }
    if is_ours(&input.id) {
        let (field, expected) = ("id".to_owned(), NOT_OURS.to_owned());
        return Err(vec![FieldError { field, expected, found: input.id }]);
    }
    Ok(input)
}

/// Every field that is wrong, up to a number, the first of them in the usual place.
fn invalid(errors: &[FieldError]) -> Response {
    let errors = &errors[..errors.len().min(ERRORS_MAX)];
    let first = errors.first();
    let error = json!({
        "code": "bad_value",
        "message": first.map(ToString::to_string),
        "field": first.map(|error| error.field.clone()),
        "fields": errors,
    });
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// The businesses whose secret signed this body.
fn signed_for(app: &App, header: &str, body: &[u8]) -> Result<Vec<String>, HttpError> {
    let agents = app.agents.as_ref().ok_or_else(unavailable)?;
    let webhooks = &agents.outside().settings.services.webhooks;
    let is_good =
        |secret: &Secret| signature::verify(header, body, [secret.reveal().as_bytes()], now_s()).is_ok();
    let signed = webhooks.iter().filter(|(_, secret)| is_good(secret));
    let signed: Vec<String> = signed.map(|(business, _)| business.clone()).collect();
    if signed.is_empty() { Err(bad_signature(app, BadSignature::Wrong)) } else { Ok(signed) }
}

/// Who signed: whoever knows the secret of the business. Which of its people it was nobody can tell from that.
fn by_signature(app: &App, businesses: &[String], input: &mut AgentInput) -> Result<String, HttpError> {
    if !businesses.iter().any(|business| *business == input.business_id || business == "*") {
        return Err(bad_signature(app, BadSignature::Wrong));
    }
    input.user_id = None;
    Ok(format!("webhook:{}", input.business_id))
}

fn bad_signature(app: &App, cause: BadSignature) -> HttpError {
    app.metrics.agent_input("external_api", "bad_signature");
    let message = format!("the header Inflight-Signature: {cause}");
    HttpError::new(StatusCode::UNAUTHORIZED, "bad_signature", message)
}

fn now_s() -> i64 {
    clock::now().0.div_euclid(1000)
}

/// Who sent it with a key, and may act for the business. They speak for themselves only.
async fn by_key(
    app: &App,
    caller: Option<Caller>,
    input: &mut AgentInput,
    headers: &HeaderMap,
) -> Result<String, HttpError> {
    let Some(Caller(who)) = caller else {
        let message = "send an API key, or sign the body: Inflight-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of t.body>";
        return Err(HttpError::new(StatusCode::UNAUTHORIZED, "sign_in_first", message));
    };
    let asking = Asking::new(app, who, headers)?;
    asking.must_name_place(input.location_id.as_deref())?;
    asking.may_coordinate(&input.business_id, input.location_id.as_deref()).await?;
    let user = asking.who.user.as_str().to_owned();
    if input.user_id.as_deref().is_some_and(|named| named != user) && !asking.who.may_administer() {
        return Err(not_allowed("speak for somebody else"));
    }
    input.user_id.get_or_insert(user.clone());
    Ok(user)
}

fn unavailable() -> HttpError {
    missing("agents on this server")
}
