//! `POST /api/v1/inputs`: an input of specification 004 from another system, by API key or signature, taken once.

use crate::agents::api::{Asking, missing, submitted};
use crate::agents::signature;
use crate::audit::Entry;
use crate::auth::Caller;
use crate::auth::caller::not_allowed;
use crate::clock;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::{App, body};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use inflight_agents::spec::{FieldError, InputSource, read_input};
use inflight_agents::{AgentInput, controller};
use serde_json::{Value, json};

/// Largest body in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// Takes an input; the same id again answers with the same run.
pub(super) async fn take(
    State(app): State<App>,
    caller: Option<Caller>,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, body) = request.into_parts();
    let body = body::read(body, BODY_BYTES).await?;
    let value: Value = serde_json::from_slice(&body)
        .map_err(|error| HttpError::bad_request("not_json", "body", format!("expected JSON: {error}")))?;
    let mut input = match read(value) {
        Ok(input) => input,
        Err(errors) => {
            app.metrics.agent_input("external_api", "invalid");
            return Ok(invalid(&errors));
        }
    };
    let correlation = correlation_id(&parts.headers).to_string();
    let actor = match signed(&app, &parts.headers, &body, &input)? {
        Some(actor) => actor,
        None => by_key(&app, caller, &mut input, &parts.headers).await?,
    };
    input.correlation_id.get_or_insert(correlation.clone());
    let agents = app.agents.as_ref().ok_or_else(unavailable)?;
    let route = controller::route(&input);
    let (id, target) = (input.id.clone(), format!("business/{}", input.business_id));
    let done = agents.submit(input).await.map_err(submitted);
    let result = done.as_ref().map_or_else(|error| error.body.code.to_owned(), |_| "done".to_owned());
    app.audit.note(Entry { actor, action: "agent_input", target, result, correlation_id: correlation });
    let begun = done?;
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
    Ok(input)
}

/// Every field that is wrong, the first of them in the usual place.
fn invalid(errors: &[FieldError]) -> Response {
    let first = errors.first();
    let error = json!({
        "code": "bad_value",
        "message": first.map(ToString::to_string),
        "field": first.map(|error| error.field.clone()),
        "fields": errors,
    });
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// Who signed, if there is a signature: whoever knows the secret of the business.
fn signed(
    app: &App,
    headers: &HeaderMap,
    body: &[u8],
    input: &AgentInput,
) -> Result<Option<String>, HttpError> {
    let Some(header) = headers.get(signature::HEADER) else { return Ok(None) };
    let agents = app.agents.as_ref().ok_or_else(unavailable)?;
    let webhooks = &agents.outside().settings.services.webhooks;
    let own = webhooks.iter().filter(|(business, _)| *business == input.business_id || business == "*");
    let secrets = own.map(|(_, secret)| secret.reveal().as_bytes());
    let header = header.to_str().unwrap_or_default();
    match signature::verify(header, body, secrets, clock::now().0.div_euclid(1000)) {
        Ok(()) => Ok(Some(format!("webhook:{}", input.business_id))),
        Err(cause) => {
            app.metrics.agent_input("external_api", "bad_signature");
            let message = format!("the header Inflight-Signature: {cause}");
            Err(HttpError::new(StatusCode::UNAUTHORIZED, "bad_signature", message))
        }
    }
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
    let asking = Asking::new(app, &who, headers)?;
    asking.may_coordinate(&input.business_id, input.location_id.as_deref()).await?;
    let user = who.user.as_str().to_owned();
    if input.user_id.as_deref().is_some_and(|named| named != user) && !who.may_administer() {
        return Err(not_allowed("speak for somebody else"));
    }
    input.user_id.get_or_insert(user.clone());
    Ok(user)
}

fn unavailable() -> HttpError {
    missing("agents on this server")
}
