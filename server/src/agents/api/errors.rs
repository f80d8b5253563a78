//! What goes wrong with the agents, as answers.

use crate::agents::driver::DriveError;
use crate::agents::service::SubmitError;
use crate::http::error::HttpError;
use axum::http::StatusCode;
use inflight_agents::{Refused, StoreError, Verdict, withdrawal};

/// There is nothing, or nothing that this caller may see.
pub(super) fn missing(what: &str) -> HttpError {
    HttpError::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what}"))
}

/// The store's errors.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn stored(error: StoreError) -> HttpError {
    match &error {
        StoreError::Version { .. } | StoreError::Conflict { .. } | StoreError::Stale(_) => {
            HttpError::new(StatusCode::CONFLICT, "changed_meanwhile", error.to_string())
        }
        StoreError::InputTaken { .. } => HttpError::new(StatusCode::CONFLICT, "taken", error.to_string()),
        StoreError::Failed(_) => {
            HttpError::new(StatusCode::INSUFFICIENT_STORAGE, "store_failed", error.to_string())
        }
    }
}

/// What a run does not take.
pub(super) fn driven(error: DriveError) -> HttpError {
    let new = |status, code, message: String| HttpError::new(status, code, message);
    match error {
        DriveError::NoRun(id) => missing(&format!("run {id}")),
        DriveError::Store(error) => stored(error),
        DriveError::NoAgent(_) => new(StatusCode::CONFLICT, "no_agent", error.to_string()),
        DriveError::Broken(_) => new(StatusCode::INTERNAL_SERVER_ERROR, "broken_run", error.to_string()),
        DriveError::Defect => new(StatusCode::INTERNAL_SERVER_ERROR, "defect", error.to_string()),
        DriveError::Stopping => new(StatusCode::SERVICE_UNAVAILABLE, "going_away", error.to_string()),
        DriveError::Refused(refused) => refused_run(refused),
    }
}

/// Why an input is not taken.
pub(super) fn submitted(error: SubmitError) -> HttpError {
    match error {
        SubmitError::Off => {
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "switched_off", error.to_string())
        }
        SubmitError::NoBusiness(id) => missing(&format!("business {id}")),
        SubmitError::Service(_) => {
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", error.to_string())
        }
        SubmitError::Unfit(..) => HttpError::new(StatusCode::CONFLICT, "business_unfit", error.to_string()),
        SubmitError::NoAgent => HttpError::bad_request("no_agent", "agent", error.to_string()),
        SubmitError::Taken(_) => HttpError::new(StatusCode::CONFLICT, "taken", error.to_string()),
        SubmitError::Drive(error) => driven(error),
    }
}

fn refused_run(refused: Refused) -> HttpError {
    let message = refused.to_string();
    match refused {
        Refused::Decided(verdict) => {
            let (code, by) = match *verdict {
                Verdict::Approved { by, .. } => ("decided", format!("{by} approved it first")),
                Verdict::Rejected { by, .. } => ("decided", format!("{by} rejected it first")),
                Verdict::Withdrawn { by, reason } => ("withdrawn", withdrawn(&by, &reason)),
            };
            HttpError::new(StatusCode::CONFLICT, code, by)
        }
        Refused::NoApproval(id) => missing(&format!("review {id}")),
        Refused::Role(role) => HttpError::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            format!("this takes the role {role:?}").to_lowercase(),
        ),
        Refused::Payload(_) => HttpError {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..HttpError::bad_request("bad_value", "payload", message)
        },
        Refused::Guardrail { .. } => HttpError {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..HttpError::bad_request("guardrail", "payload", message)
        },
        Refused::NothingToUndo => HttpError::new(StatusCode::CONFLICT, "nothing_to_undo", message),
        Refused::Ended | Refused::NoQuestion(_) | Refused::NoEffect(_) | Refused::OtherAgent(_) => {
            HttpError::new(StatusCode::CONFLICT, "ended", message)
        }
    }
}

fn withdrawn(by: &str, reason: &str) -> String {
    if reason == withdrawal::SUPERSEDED {
        return format!("it was withdrawn: {by} found its case changed and looked at it anew");
    }
    format!("it was withdrawn: {by} closed its case")
}
