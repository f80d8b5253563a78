//! Why a model gave no answer, under names that are counted and shown; keys never are.

use crate::settings::Secret;
use core::time::Duration;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The provider will not answer this, however often it is asked: key, model, request.
    #[error("refused ({code}): {message}")]
    Refused {
        /// Stable name, the provider's own where it gives one.
        code: String,
        /// What it said, without secrets.
        message: String,
    },
    /// Too much was asked of it.
    #[error("rate limited")]
    Limited {
        /// How long it told to wait.
        retry_after: Option<Duration>,
    },
    /// It could not be reached, broke off, or failed inside.
    #[error("not available ({0})")]
    Unavailable(String),
    /// No whole answer in time.
    #[error("no answer before the deadline")]
    Deadline,
    /// The answer ended early: too many tokens, or a filter.
    #[error("the answer was cut short ({0})")]
    Incomplete(String),
    /// The answer does not match its schema, and did not when asked once more.
    #[error("the answer does not match its schema: {0}")]
    Invalid(String),
}

/// A message is shown up to this length.
const MESSAGE_CHARS: usize = 300;

impl Failure {
    /// Stable name: `invalid_api_key`, `rate_limited`, `http_503`, `deadline`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } | Self::Unavailable(code) => code,
            Self::Limited { .. } => "rate_limited",
            Self::Deadline => "deadline",
            Self::Incomplete(_) => "incomplete",
            Self::Invalid(_) => "invalid_answer",
        }
    }

    /// Whether asking again may help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Limited { .. } | Self::Unavailable(_))
    }

    /// Whether it speaks against the provider rather than against the question.
    #[must_use]
    pub fn is_providers(&self) -> bool {
        match self {
            Self::Limited { .. } | Self::Unavailable(_) | Self::Deadline => true,
            Self::Refused { code, .. } => is_about_access(code),
            Self::Incomplete(_) | Self::Invalid(_) => false,
        }
    }

    /// What a status of HTTP means, with the body of the answer, which is JSON where the provider says more.
    #[must_use]
    pub fn of_status(status: u16, retry_after: Option<Duration>, body: &[u8], key: Option<&Secret>) -> Self {
        let said = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        // Ollama and llama.cpp say {"error":"text"} at times.
        let error = &said["error"];
        let code = error["code"].as_str().map_or_else(|| format!("http_{status}"), str::to_owned);
        let message = error["message"].as_str().or(error.as_str()).unwrap_or_default();
        match status {
            429 if code == "insufficient_quota" => Self::Refused { code, message: masked(message, key) },
            429 => Self::Limited { retry_after },
            408 | 409 | 425 | 500.. => Self::Unavailable(format!("http_{status}")),
            _ => Self::Refused { code, message: masked(message, key) },
        }
    }

    /// What an error inside an event or a stream means.
    #[must_use]
    pub fn of_error(kind: &str, code: &str, message: &str, key: Option<&Secret>) -> Self {
        let name = if code.is_empty() { kind } else { code };
        match (kind, code) {
            (_, "rate_limit_exceeded" | "rate_limit") => Self::Limited { retry_after: None },
            ("server_error" | "overloaded_error", _) | (_, "server_error" | "session_expired") => {
                Self::Unavailable(name.to_owned())
            }
            _ => Self::Refused { code: name.to_owned(), message: masked(message, key) },
        }
    }
}

/// A code that says that we may not come in, or not in this form; every question would fail.
#[must_use]
pub fn is_about_access(code: &str) -> bool {
    matches!(
        code,
        "invalid_api_key"
            | "beta_api_shape_disabled"
            | "insufficient_quota"
            | "model_not_found"
            | "account_deactivated"
            | "http_401"
            | "http_403"
            | "http_404"
            | "closed_3000"
            | "closed_4000"
    )
}

/// A provider's words without the key, nor anything that looks like one, and not too many of them.
#[must_use]
pub fn masked(message: &str, key: Option<&Secret>) -> String {
    let message = match key.map(Secret::reveal).filter(|key| !key.is_empty()) {
        Some(key) => message.replace(key, "********"),
        None => message.to_owned(),
    };
    let words = message.split_inclusive(char::is_whitespace);
    let discreet: String = words.map(|word| if is_like_a_key(word) { "******** " } else { word }).collect();
    discreet.trim().chars().filter(|letter| !letter.is_control()).take(MESSAGE_CHARS).collect()
}

/// `sk-...`, but no `risk-...`.
fn is_like_a_key(word: &str) -> bool {
    word.match_indices("sk-").any(|(place, _)| !word[..place].ends_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, expected: &str, passing: bool) {
        let key = Secret::new("my-key-123".to_owned());
        let failure = Failure::of_status(status, None, body.as_bytes(), Some(&key));
        assert_eq!((failure.to_string().as_str(), failure.is_passing()), (expected, passing), "{body}");
    }

    #[test]
    fn statuses_have_names() {
        let wrong = r#"{"error":{"code":"invalid_api_key","message":"Incorrect API key provided: sk-ab**cd. Or my-key-123."}}"#;
        let expected = "refused (invalid_api_key): Incorrect API key provided: ******** Or ********.";
        check(401, wrong, expected, false);
        check(400, r#"{"error":"no such template"}"#, "refused (http_400): no such template", false);
        check(
            400,
            r#"{"error":"a risk-free (sk-12) one"}"#,
            "refused (http_400): a risk-free ******** one",
            false,
        );
        check(404, "<html>", "refused (http_404): ", false);
        check(429, "", "rate limited", true);
        let quota = r#"{"error":{"code":"insufficient_quota","message":"Pay."}}"#;
        check(429, quota, "refused (insufficient_quota): Pay.", false);
        check(503, r#"{"error":{"code":"x","message":"y"}}"#, "not available (http_503)", true);
    }

    #[test]
    fn only_some_failures_speak_against_the_provider() {
        let refused = |code: &str| Failure::Refused { code: code.to_owned(), message: String::new() };
        assert!(refused("invalid_api_key").is_providers() && !refused("invalid_value").is_providers());
        assert!(Failure::Deadline.is_providers() && !Failure::Invalid(String::new()).is_providers());
        let limited = Failure::of_error("invalid_request_error", "rate_limit_exceeded", "", None);
        assert_eq!(limited, Failure::Limited { retry_after: None });
        assert_eq!(Failure::of_error("server_error", "", "", None).code(), "server_error");
    }
}
