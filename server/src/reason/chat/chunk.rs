//! Pieces of a streamed completion, and the answer that they make. What is not known in them is passed over.

use crate::reason::failure::Failure;
use crate::reason::reply::{self, Reply};
use crate::settings::Secret;
use inflight_agents::question::ToolCall;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One piece, or a whole answer that was not streamed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chunk {
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    /// Something failed while it was written.
    pub error: Option<ErrorBody>,
}

/// What is there so far.
#[derive(Debug, Default)]
pub struct Answer {
    /// The stream said that nothing follows.
    pub done: bool,
    /// What it took so far, where that was told.
    pub tokens: reply::Tokens,
    text: String,
    refusal: String,
    calls: BTreeMap<u64, ToolCall>,
    model: String,
    finish: Option<String>,
}

/// What a provider says of its error.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ErrorBody {
    /// As OpenAI does.
    Full {
        /// What went wrong, for people.
        message: String,
        /// Its kind.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// Its name; a number with some servers.
        code: Option<serde_json::Value>,
    },
    /// Only words.
    Text(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    index: u64,
    /// `message` where the answer was not streamed.
    #[serde(alias = "message")]
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallDelta {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    prompt_tokens: u64,
    completion_tokens: u64,
}

impl ErrorBody {
    /// What it means.
    #[must_use]
    pub fn failure(&self, key: Option<&Secret>) -> Failure {
        match self {
            Self::Text(text) => Failure::of_error("server_error", "", text, key),
            Self::Full { message, kind, code } => {
                let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
                Failure::of_error(kind.as_deref().unwrap_or("server_error"), code, message, key)
            }
        }
    }
}

impl Answer {
    /// Takes a piece; the text in it, if there is any.
    pub fn take(&mut self, chunk: Chunk) -> Option<String> {
        if let Some(usage) = chunk.usage {
            // Some servers count with each piece; the last count is the whole one.
            self.tokens = reply::Tokens::told(usage.prompt_tokens, usage.completion_tokens);
        }
        if let Some(model) = chunk.model.filter(|model| !model.is_empty()) {
            self.model = model;
        }
        let choice = chunk.choices.unwrap_or_default().into_iter().find(|choice| choice.index == 0)?;
        self.finish = choice.finish_reason.or(self.finish.take());
        let delta = choice.delta?;
        self.refusal.push_str(delta.refusal.as_deref().unwrap_or_default());
        for (place, call) in (0..).zip(delta.tool_calls.unwrap_or_default()) {
            self.take_call(call.index.unwrap_or(place), call);
        }
        let text = delta.content.filter(|text| !text.is_empty())?;
        self.text.push_str(&text);
        Some(text)
    }

    fn take_call(&mut self, index: u64, delta: CallDelta) {
        let call = self.calls.entry(index).or_default();
        if let Some(id) = delta.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        let function = delta.function.unwrap_or_default();
        if let Some(name) = function.name.filter(|name| !name.is_empty()) {
            call.name = name;
        }
        call.arguments.push_str(function.arguments.as_deref().unwrap_or_default());
    }

    /// The answer, if it is whole.
    ///
    /// # Errors
    /// It broke off, was cut short, or is a refusal.
    pub fn whole(self) -> Result<Reply, Failure> {
        match self.finish.as_deref() {
            Some("length" | "content_filter") => {
                return Err(Failure::Incomplete(self.finish.unwrap_or_default()));
            }
            None if !self.done => return Err(Failure::Unavailable("broken_off".to_owned())),
            _ => {}
        }
        if !self.refusal.is_empty() && self.text.is_empty() {
            return Err(Failure::Incomplete("refusal".to_owned()));
        }
        let mut calls: Vec<ToolCall> =
            self.calls.into_values().filter(|call| !call.name.is_empty()).collect();
        for (place, call) in calls.iter_mut().enumerate() {
            if call.id.is_empty() {
                call.id = format!("call_{place}");
            }
        }
        Ok(Reply { text: self.text, calls, tokens: self.tokens, model: self.model })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Calls = &'static [(&'static str, &'static str, &'static str)];

    /// The text with the calls behind it, each as its id, name and arguments.
    fn check(chunks: &[&str], expected: Result<(&str, Calls), &str>) {
        let mut answer = Answer::default();
        for chunk in chunks {
            answer.take(serde_json::from_str(chunk).unwrap());
        }
        let expected = expected.map_err(str::to_owned).map(|(text, calls)| {
            let call = |(id, name, arguments): &(&str, &str, &str)| ToolCall {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                arguments: (*arguments).to_owned(),
            };
            (text.to_owned(), calls.iter().map(call).collect::<Vec<_>>())
        });
        let whole = answer.whole().map(|reply| (reply.text, reply.calls));
        assert_eq!(whole.map_err(|failure| failure.to_string()), expected, "{chunks:?}");
    }

    #[test]
    fn pieces_make_an_answer() {
        check(
            &[
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"obfuscation":"x"}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"Hold"}},{"index":1,"delta":{"content":"no"}}],"service_tier":"default"}"#,
                r#"{"choices":[{"index":0,"delta":{"content":" it."},"finish_reason":"stop","logprobs":null}]}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#,
            ],
            Ok(("Hold it.", &[])),
        );
        check(
            &[r#"{"choices":[{"index":0,"message":{"content":"whole"},"finish_reason":"stop"}]}"#],
            Ok(("whole", &[])),
        );
    }

    #[test]
    fn calls_come_by_their_index() {
        check(
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"find","arguments":""}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"hold","arguments":"{\"x\""}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1,"function":{"arguments":":1}"}}]}}]}"#,
                r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
            ],
            Ok(("", &[("a", "find", "{}"), ("b", "hold", "{\"x\":1}")])),
        );
        check(
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}"#,
            ],
            Ok(("", &[("call_0", "f", "{}")])),
        );
    }

    #[test]
    fn what_is_not_whole_is_no_answer() {
        let piece = r#"{"choices":[{"delta":{"content":"Ho"}}]}"#;
        check(&[piece], Err("not available (broken_off)"));
        check(
            &[piece, r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#],
            Err("the answer was cut short (length)"),
        );
        check(
            &[r#"{"choices":[{"delta":{"refusal":"I cannot."},"finish_reason":"stop"}]}"#],
            Err("the answer was cut short (refusal)"),
        );
    }
}
