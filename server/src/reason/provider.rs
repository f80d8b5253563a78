//! One of the providers, held to the schema that was asked for.

use crate::reason::chat::Chat;
use crate::reason::failure::Failure;
use crate::reason::realtime::Realtime;
use crate::reason::reply::{Listener, Piece, Purse, Reply};
use inflight_agents::question::Message;
use inflight_agents::{ModelQuestion, schema};
use serde_json::Value;
use tokio::time::Instant;

/// How often an answer that does not match its schema is asked for anew.
pub const REPAIRS: u32 = 1;

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Over HTTP.
    Chat(Box<Chat>),
    /// Over a WebSocket.
    Realtime(Realtime),
}

impl Provider {
    /// Asks once. What is to be paid for it, answered or not, is taken from the purse.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn ask(
        &self,
        question: &ModelQuestion,
        deadline: Instant,
        listener: Listener<'_>,
        purse: &mut Purse,
    ) -> Result<Reply, Failure> {
        match self {
            Self::Chat(chat) => chat.ask(question, deadline, listener, purse).await,
            Self::Realtime(realtime) => realtime.ask(question, deadline, listener, purse).await,
        }
    }

    /// Asks, and once more with what is wrong where the answer does not match its schema, if the purse pays for that. The
    /// value comes with it.
    ///
    /// # Errors
    /// No whole answer came, or none that matches.
    pub async fn ask_strictly(
        &self,
        question: &ModelQuestion,
        deadline: Instant,
        listener: Listener<'_>,
        purse: &mut Purse,
    ) -> Result<(Reply, Option<Value>), Failure> {
        let first = self.ask(question, deadline, listener, purse).await?;
        let Some(schema) = question.schema.as_ref().filter(|_| first.calls.is_empty()) else {
            return Ok((first, None));
        };
        let problem = match read(schema, &first.text) {
            Ok(value) => return Ok((first, Some(value))),
            Err(problem) => problem,
        };
        let mut again = question.clone();
        again.messages.push(Message { role: "assistant".to_owned(), ..Message::user(&first.text) });
        again
            .messages
            .push(Message::user(&format!("That does not match the schema: {problem}. Answer again, whole.")));
        if !purse.pays(&again) {
            return Err(Failure::Invalid(problem));
        }
        listener(Piece::Restarted);
        let mut second = self.ask(&again, deadline, listener, purse).await?;
        second.tokens += first.tokens;
        second.calls.clear();
        let value = read(schema, &second.text).map_err(Failure::Invalid)?;
        Ok((second, Some(value)))
    }
}

/// The value in a text, if it matches.
fn read(schema: &Value, text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(unfenced(text))
        .map_err(|error| format!("expected JSON alone, found other text ({error})"))?;
    schema::check(schema, &value).map_err(|misfit| misfit.to_string())?;
    Ok(value)
}

/// Small models wrap JSON in a fence, whatever they are told.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inner.and_then(|inner| inner.strip_suffix("```")).unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: Result<Value, &str>) {
        let schema =
            json!({"type": "object", "required": ["code"], "properties": {"code": {"enum": ["HOLD"]}}});
        assert_eq!(read(&schema, text), expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn answers_are_held_to_their_schema() {
        let good = json!({"code": "HOLD"});
        check(r#"{"code":"HOLD"}"#, Ok(good.clone()));
        check("```json\n{\"code\":\"HOLD\"}\n```", Ok(good.clone()));
        check("```\n{\"code\":\"HOLD\"}```\n", Ok(good));
        check("{}", Err("code: expected a value"));
        check("HOLD", Err("expected JSON alone, found other text (expected value at line 1 column 1)"));
    }
}
