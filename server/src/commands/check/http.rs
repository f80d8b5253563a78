//! Plain requests of the checks: one connection each, nothing kept, no proxy in between.

use crate::exit::AppError;
use core::time::Duration;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What came after the head.
    pub body: String,
}

/// An answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for a path; `headers` are whole lines.
///
/// # Errors
/// Nobody answers.
pub async fn get(address: SocketAddr, path: &str, headers: &str) -> Result<Answer, AppError> {
    ask(address, "GET", path, headers, "").await
}

/// Sends JSON to a path.
///
/// # Errors
/// Nobody answers.
pub async fn post(address: SocketAddr, path: &str, headers: &str, json: &str) -> Result<Answer, AppError> {
    let headers = format!("content-type: application/json\r\ncontent-length: {}\r\n{headers}", json.len());
    ask(address, "POST", path, &headers, json).await
}

async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Result<Answer, AppError> {
    // In HTTP/1.0 the answer comes in one piece and ends with the connection.
    let text = format!("{method} {path} HTTP/1.0\r\nhost: {address}\r\n{headers}\r\n{body}");
    let answer = timeout(PATIENCE, async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(text.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    });
    let failed = |problem: String| AppError::Other(format!("{method} {path}: {problem}"));
    let answer = answer.await.map_err(|_| failed("no answer in time".to_owned()))?;
    let answer = answer.map_err(|error| failed(error.to_string()))?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| failed("the answer has no status".to_owned()))?;
    Ok(Answer { status, body: body.to_owned() })
}
