//! Writes one response of the stand-in, piece by piece, until it is whole or cancelled.

use crate::commands::dev::realtime::answer::Answer;
use core::time::Duration;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// What a response says while it is written.
pub enum Said {
    /// An event.
    Event(Value),
    /// It ended, with its items.
    Done {
        /// The response.
        response: Value,
        /// What the conversation is to remember.
        items: Vec<Value>,
    },
}

/// Writes one response.
pub struct Writer {
    /// As it begins.
    pub response: Value,
    /// Id of its item.
    pub item_id: String,
    /// Id of its call, if it calls.
    pub call_id: String,
    /// The conversation is told of its item.
    pub in_conversation: bool,
    /// Id of the item before it.
    pub previous: Value,
    /// Time between two pieces.
    pub word_pause: Duration,
    /// Who passes it on.
    pub said: mpsc::UnboundedSender<Said>,
    /// Ends it early.
    pub cancel: CancellationToken,
}

impl Writer {
    /// Writes it.
    pub async fn write(mut self, answer: Answer) {
        self.say(json!({"type": "response.created", "response": self.response}));
        let limit =
            |name: &str| json!({"name": name, "limit": 1000, "remaining": 999, "reset_seconds": 60.0});
        self.say(json!({"type": "rate_limits.updated", "rate_limits": [limit("requests"), limit("tokens")]}));
        let cancel = self.cancel.clone();
        let item = tokio::select! {
            item = self.item(&answer) => Some(item),
            () = cancel.cancelled() => None,
        };
        let (input, output) = (10, if item.is_some() { 5 } else { 0 });
        let details = json!({"text_tokens": input, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0});
        self.response["usage"] = json!({
            "total_tokens": input + output, "input_tokens": input, "output_tokens": output,
            "input_token_details": details, "output_token_details": {"text_tokens": output, "audio_tokens": 0},
        });
        match &item {
            Some(_) => self.response["status"] = "completed".into(),
            None => {
                self.response["status"] = "cancelled".into();
                self.response["status_details"] = json!({"type": "cancelled", "reason": "client_cancelled"});
            }
        }
        self.response["output"] = item.clone().into_iter().collect();
        // Nobody listens where the session has ended.
        let done = Said::Done { response: self.response, items: item.into_iter().collect() };
        drop(self.said.send(done));
    }

    async fn item(&self, answer: &Answer) -> Value {
        let mut item = match answer {
            Answer::Text(_) => json!({"type": "message", "role": "assistant", "content": []}),
            Answer::Call { name, .. } => {
                json!({"type": "function_call", "name": name, "call_id": self.call_id, "arguments": ""})
            }
        };
        let new = [("id", self.item_id.as_str()), ("object", "realtime.item"), ("status", "in_progress")];
        put(&mut item, new.map(|(name, value)| (name, value.into())));
        let response_id = &self.response["id"];
        let of = |kind: &str, item: &Value| json!({"type": kind, "response_id": response_id, "output_index": 0, "item": item});
        self.say(of("response.output_item.added", &item));
        self.say_in_conversation("conversation.item.added", &item);
        match answer {
            Answer::Text(text) => {
                let part = |kind: &str, text: &str| {
                    self.at(kind, json!({"content_index": 0, "part": {"type": "text", "text": text}}))
                };
                self.say(part("response.content_part.added", ""));
                for word in text.split_inclusive(' ') {
                    self.say(
                        self.at("response.output_text.delta", json!({"content_index": 0, "delta": word})),
                    );
                    sleep(self.word_pause).await;
                }
                self.say(self.at("response.output_text.done", json!({"content_index": 0, "text": text})));
                self.say(part("response.content_part.done", text));
                item["content"] = json!([{"type": "output_text", "text": text}]);
            }
            Answer::Call { name, arguments } => {
                let letters: Vec<char> = arguments.chars().collect();
                for piece in letters.chunks(7) {
                    let piece: String = piece.iter().collect();
                    let more = json!({"call_id": self.call_id, "delta": piece});
                    self.say(self.at("response.function_call_arguments.delta", more));
                    sleep(self.word_pause).await;
                }
                let more = json!({"call_id": self.call_id, "name": name, "arguments": arguments});
                self.say(self.at("response.function_call_arguments.done", more));
                item["arguments"] = arguments.as_str().into();
            }
        }
        item["status"] = "completed".into();
        self.say_in_conversation("conversation.item.done", &item);
        self.say(of("response.output_item.done", &item));
        item
    }

    fn at(&self, kind: &str, mut more: Value) -> Value {
        let place = [
            ("type", kind.into()),
            ("response_id", self.response["id"].clone()),
            ("item_id", self.item_id.as_str().into()),
            ("output_index", 0.into()),
        ];
        put(&mut more, place);
        more
    }

    fn say_in_conversation(&self, kind: &str, item: &Value) {
        if self.in_conversation {
            self.say(json!({"type": kind, "previous_item_id": self.previous, "item": item}));
        }
    }

    fn say(&self, event: Value) {
        drop(self.said.send(Said::Event(event)));
    }
}

/// Fills in what is not there.
pub fn put<const COUNT: usize>(value: &mut Value, fields: [(&str, Value); COUNT]) {
    for (name, field) in fields {
        if value[name].is_null() {
            value[name] = field;
        }
    }
}
