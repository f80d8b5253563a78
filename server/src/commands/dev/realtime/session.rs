//! One session of the stand-in, in the order of events of the API.

use crate::clock;
use crate::commands::dev::realtime::answer::answer;
use crate::commands::dev::realtime::demands::{Refusal, as_error, check};
use crate::commands::dev::realtime::writer::{Said, Writer, put};
use crate::commands::dev::realtime::{Manner, Shared, note};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;

/// A session.
pub struct Session {
    socket: WebSocketStream<TcpStream>,
    manner: Manner,
    seen: Shared,
    state: Value,
    items: Vec<Value>,
    responses: BTreeMap<String, Active>,
    said: mpsc::UnboundedSender<Said>,
    hearing: mpsc::UnboundedReceiver<Said>,
    events: u64,
    ids: u64,
}

/// A response that is being written.
struct Active {
    cancel: CancellationToken,
    in_conversation: bool,
}

impl Session {
    /// A session on a socket.
    pub fn new(socket: WebSocketStream<TcpStream>, model: &str, manner: Manner, seen: Shared) -> Self {
        let lasts_s = i64::try_from(manner.lasts.as_secs()).unwrap_or(3600);
        let state = json!({
            "type": "realtime", "object": "realtime.session", "id": "sess_000001", "model": model,
            "output_modalities": ["audio"], "instructions": "", "tools": [], "tool_choice": "auto",
            "max_output_tokens": "inf", "tracing": null, "prompt": null, "truncation": "auto",
            "expires_at": clock::now().0 / 1000 + lasts_s, "include": null,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24000}, "transcription": null, "noise_reduction": null,
                    "turn_detection": {
                        "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
                        "idle_timeout_ms": null, "create_response": true, "interrupt_response": true
                    }
                },
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin", "speed": 1.0}
            }
        });
        let (said, hearing) = mpsc::unbounded_channel();
        let (items, responses) = (Vec::new(), BTreeMap::new());
        Self { socket, manner, seen, state, items, responses, said, hearing, events: 0, ids: 0 }
    }

    /// Serves until either side ends it.
    pub async fn run(mut self, refusal: Option<Refusal>) {
        if let Some(refusal) = refusal {
            let _ = self.send(as_error(&refusal, &Value::Null)).await;
            self.close(refusal.close.unwrap_or(1008)).await;
            return;
        }
        let ends_at = Instant::now() + self.manner.lasts;
        let mut going = self.send(json!({"type": "session.created", "session": self.state})).await;
        while going.is_some() {
            going = tokio::select! {
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.take(&text).await,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => None,
                    Some(Ok(_)) => Some(()),
                },
                Some(said) = self.hearing.recv() => self.pass_on(said).await,
                () = sleep_until(ends_at) => {
                    let over = Refusal::new("session_expired", "Your session hit its maximum duration.", None);
                    let _ = self.send(as_error(&over, &Value::Null)).await;
                    self.close(1001).await;
                    None
                }
            };
        }
        for response in self.responses.values() {
            response.cancel.cancel();
        }
    }

    async fn take(&mut self, text: &str) -> Option<()> {
        let Ok(event) = serde_json::from_str::<Value>(text) else {
            let message = "We could not parse the JSON body of your request.";
            return self.send(as_error(&Refusal::new("invalid_json", message, None), &Value::Null)).await;
        };
        let done = match check(&event) {
            Ok(()) => self.obey(&event).await,
            Err(refusal) => Err(refusal),
        };
        match done {
            Ok(()) => Some(()),
            Err(refusal) => self.send(as_error(&refusal, &event["event_id"])).await,
        }
    }

    /// What an event wants; what leaves with nobody there to hear it is noticed by who reads next.
    async fn obey(&mut self, event: &Value) -> Result<(), Refusal> {
        match event["type"].as_str().unwrap_or_default() {
            "session.update" => {
                merge(&mut self.state, &event["session"]);
                self.send(json!({"type": "session.updated", "session": self.state})).await;
            }
            "conversation.item.create" => {
                let mut item = event["item"].clone();
                let id = self.id("item");
                put(
                    &mut item,
                    [("id", id.into()), ("object", "realtime.item".into()), ("status", "completed".into())],
                );
                self.add(item).await;
            }
            "conversation.item.retrieve" => {
                let item = self.find(&event["item_id"]).map(|place| self.items[place].clone())?;
                self.send(json!({"type": "conversation.item.retrieved", "item": item})).await;
            }
            "conversation.item.delete" => {
                let place = self.find(&event["item_id"])?;
                self.items.remove(place);
                self.send(json!({"type": "conversation.item.deleted", "item_id": event["item_id"]})).await;
            }
            "response.create" => self.respond(&event["response"])?,
            "response.cancel" => self.cancel(event["response_id"].as_str())?,
            "input_audio_buffer.clear" => {
                self.send(json!({"type": "input_audio_buffer.cleared"})).await;
            }
            "input_audio_buffer.commit" => {
                let message = "Error committing input audio buffer: the buffer is empty.";
                return Err(Refusal::new("input_audio_buffer_commit_empty", message, None));
            }
            _ => {}
        }
        Ok(())
    }

    fn respond(&mut self, wanted: &Value) -> Result<(), Refusal> {
        let in_conversation = wanted["conversation"] != "none";
        let active = self
            .responses
            .iter()
            .find(|(_, active)| self.manner.one_at_a_time || (in_conversation && active.in_conversation));
        if let Some((id, _)) = active {
            let message = format!(
                "Conversation already has an active response in progress: {id}. Wait until the response is finished before creating a new one."
            );
            return Err(Refusal::new("conversation_already_has_active_response", message, None));
        }
        note(&self.seen, |seen| seen.asked += 1);
        let (id, item_id, call_id) = (self.id("resp"), self.id("item"), self.id("call"));
        let or_session = |name: &str| if wanted[name].is_null() { &self.state[name] } else { &wanted[name] };
        let input = wanted["input"].as_array();
        let tools = or_session("tools").as_array().cloned().unwrap_or_default();
        let answer = answer(input.unwrap_or(&self.items), &tools, or_session("tool_choice"));
        let response = json!({
            "object": "realtime.response", "id": id, "status": "in_progress", "status_details": null, "output": [],
            "conversation_id": in_conversation.then_some("conv_000001"),
            "output_modalities": or_session("output_modalities"), "max_output_tokens": "inf",
            "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}},
            "usage": null, "metadata": wanted["metadata"],
        });
        let cancel = CancellationToken::new();
        let writer = Writer {
            response,
            item_id,
            call_id,
            in_conversation,
            previous: self.items.last().map_or(Value::Null, |item| item["id"].clone()),
            word_pause: self.manner.word_pause,
            said: self.said.clone(),
            cancel: cancel.clone(),
        };
        self.responses.insert(id, Active { cancel, in_conversation });
        tokio::spawn(writer.write(answer));
        Ok(())
    }

    fn cancel(&mut self, id: Option<&str>) -> Result<(), Refusal> {
        let active = match id {
            Some(id) => self.responses.get(id),
            None => self.responses.values().find(|active| active.in_conversation),
        };
        let none = || {
            Refusal::new("response_cancel_not_active", "Cancellation failed: no active response found", None)
        };
        active.ok_or_else(none)?.cancel.cancel();
        note(&self.seen, |seen| seen.cancelled += 1);
        Ok(())
    }

    async fn pass_on(&mut self, said: Said) -> Option<()> {
        match said {
            Said::Event(event) => self.send(event).await,
            Said::Done { response, items } => {
                if let Some(active) = response["id"].as_str().and_then(|id| self.responses.remove(id)) {
                    self.items.extend(items.into_iter().filter(|_| active.in_conversation));
                }
                self.send(json!({"type": "response.done", "response": response})).await
            }
        }
    }

    async fn add(&mut self, item: Value) {
        let previous = self.items.last().map_or(Value::Null, |last| last["id"].clone());
        for kind in ["conversation.item.added", "conversation.item.done"] {
            self.send(json!({"type": kind, "previous_item_id": previous, "item": item})).await;
        }
        self.items.push(item);
    }

    fn find(&self, id: &Value) -> Result<usize, Refusal> {
        let place = self.items.iter().position(|item| item["id"] == *id);
        place.ok_or_else(|| {
            Refusal::new("invalid_value", format!("Item with item_id not found: {id}"), Some("item_id"))
        })
    }

    fn id(&mut self, kind: &str) -> String {
        self.ids += 1;
        format!("{kind}_{:06}", self.ids)
    }

    /// Nothing comes back when nobody is there any more.
    async fn send(&mut self, mut event: Value) -> Option<()> {
        self.events += 1;
        event["event_id"] = format!("event_{:06}", self.events).into();
        self.socket.send(Message::text(event.to_string())).await.ok()
    }

    async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        let _ = self.socket.close(Some(frame)).await;
        // The other side answers, or is gone.
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
