//! What can go wrong between us and OpenSky, and under which names it is counted and shown.

use core::time::Duration;

/// A request to OpenSky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// A token from the token endpoint.
    Token,
    /// All states in the box.
    States,
}

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A status that is not 200.
    Status {
        /// The status.
        code: u16,
        /// How long the answer told to wait.
        retry_after: Option<Duration>,
    },
    /// No complete answer in time.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// The body is not what it should be; the word says how.
    Body(&'static str),
}

impl Failure {
    /// The stable code that the source's row shows: `http_503`, `token_timeout`, `connection`.
    #[must_use]
    pub fn code(&self, request: Request) -> String {
        let prefix = match request {
            Request::Token => "token_",
            Request::States => "",
        };
        match self {
            Self::Status { code, .. } => format!("{prefix}http_{code}"),
            Self::Timeout => format!("{prefix}timeout"),
            Self::Connection => format!("{prefix}connection"),
            Self::Body(problem) => format!("{prefix}{problem}"),
        }
    }

    /// Label `status` of `producer_polls_total`, in the words of specification 003.
    #[must_use]
    pub fn poll_status(&self) -> &'static str {
        match self {
            Self::Status { code: 429, .. } => "rate_limited",
            Self::Status { code: 401 | 403, .. } => "auth_failed",
            Self::Timeout => "timeout",
            Self::Connection => "connection_error",
            Self::Status { .. } | Self::Body(_) => "error",
        }
    }

    /// Label `error_type` of `producer_api_errors_total`, in the words of specification 003.
    #[must_use]
    pub fn error_type(&self) -> String {
        match self {
            Self::Status { code: 429, .. } => "rate_limited".to_owned(),
            Self::Status { code: 401 | 403, .. } => "auth_failed".to_owned(),
            Self::Status { code, .. } => format!("http_{code}"),
            Self::Timeout => "timeout".to_owned(),
            Self::Connection => "connection".to_owned(),
            Self::Body(problem) => (*problem).to_owned(),
        }
    }

    /// How long the answer told to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
