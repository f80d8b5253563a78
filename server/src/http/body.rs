//! Bodies of requests, read within limits of size and time.

use crate::http::error::HttpError;
use axum::body::Body;
use axum::http::StatusCode;
use core::time::Duration;
use futures_util::StreamExt;
use tokio::time::timeout;

/// A small body that takes longer than this is meant to hold us up.
const WITHIN: Duration = Duration::from_secs(5);

/// Reads a body of at most so many bytes.
///
/// # Errors
/// It is larger, breaks off or does not come in time.
pub async fn read(body: Body, most: usize) -> Result<Vec<u8>, HttpError> {
    let reading = async {
        let (mut pieces, mut whole) = (body.into_data_stream(), Vec::new());
        while let Some(piece) = pieces.next().await {
            let piece = piece
                .map_err(|error| HttpError::new(StatusCode::BAD_REQUEST, "bad_body", error.to_string()))?;
            if whole.len() + piece.len() > most {
                let message = format!("expected a body of at most {most} bytes");
                return Err(HttpError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    };
    timeout(WITHIN, reading).await.unwrap_or_else(|_| {
        let message = format!("the body did not come within {} s", WITHIN.as_secs());
        Err(HttpError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message))
    })
}
