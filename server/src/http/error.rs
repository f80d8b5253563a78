//! The one error at the edge: a status, a stable code, a message, perhaps the field that is wrong.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// An error as a client sees it: `{"error":{"code":...,"message":...,"field":...}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// The status.
    pub status: StatusCode,
    /// What it is about.
    pub body: ErrorBody,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// Stable word that can be searched.
    pub code: &'static str,
    /// What is wrong and what was expected.
    pub message: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
}

/// The code of an answer that is an error, for who counts them.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCode(pub &'static str);

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a ErrorBody,
}

impl HttpError {
    /// An error without a field.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, body: ErrorBody { code, message: message.into(), field: None } }
    }

    /// A request that cannot be served as it is.
    #[must_use]
    pub fn bad_request(
        code: &'static str,
        field: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let body = ErrorBody { code, message: message.into(), field: Some(field.into()) };
        Self { status: StatusCode::BAD_REQUEST, body }
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is nothing at {path}"))
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Envelope { error: &self.body })).into_response();
        response.extensions_mut().insert(ErrorCode(self.body.code));
        response
    }
}
