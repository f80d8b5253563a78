//! Server-Sent Events as a socket: the frames of the JSON form, each an event with its place as `id`.

use crate::hub::pulse::Body;
use crate::ws::close::End;
use crate::ws::comeback;
use crate::ws::transport::{Incoming, Outgoing, PATIENCE, Transport};
use bytes::Bytes;
use core::convert::Infallible;
use futures_util::Stream;
use inflight_wire::{ClientFrame, CloseCode, Format};
use serde::Deserialize;
use std::fmt::Write as _;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tungstenite::Utf8Bytes;

/// The server's end. A client of it cannot speak, so that its only message is known from the start.
pub struct EventStream {
    wish: Option<Body>,
    events: Option<mpsc::Sender<Event>>,
    breathed: bool,
}

/// One event; the frame in the middle is shared with everybody who gets it.
type Event = [Bytes; 3];

/// The part of a frame's header that an event tells.
#[derive(Deserialize)]
struct Place {
    #[serde(rename = "type")]
    name: String,
    epoch: Option<u64>,
    cut: Option<u64>,
    part: Option<u32>,
    parts: Option<u32>,
    retry_ms: Option<u64>,
}

/// What the system buffers beyond this one event is its affair; here nothing queues.
const WAITING: usize = 1;

/// What ends an event.
const END: Bytes = Bytes::from_static(b"\n\n");

/// A line that nobody reads. Once the system has taken it, it has taken all that was sent before.
const COMMENT: Bytes = Bytes::from_static(b":");

/// A socket for a client that wishes `frame` if it is to speak at all, and the body of the answer that it reads.
pub fn open(
    frame: Option<&ClientFrame>,
) -> (EventStream, impl Stream<Item = Result<Bytes, Infallible>> + use<>) {
    let (sender, receiver) = mpsc::channel::<Event>(WAITING);
    let wish = frame.map(|frame| Body::new(Format::Json.into(), Format::Json.encode(frame)));
    let pieces = (receiver, Event::default().into_iter());
    let body = futures_util::stream::unfold(pieces, async |(mut events, mut pieces)| {
        loop {
            match pieces.next() {
                Some(piece) if piece.is_empty() => {}
                Some(piece) => return Some((Ok(piece), (events, pieces))),
                None => pieces = events.recv().await?.into_iter(),
            }
        }
    });
    (EventStream { wish, events: Some(sender), breathed: false }, body)
}

impl Transport for EventStream {
    async fn receive(&mut self) -> Incoming {
        if let Some(wish) = self.wish.take() {
            return Incoming::Message(wish);
        }
        if core::mem::take(&mut self.breathed) {
            return Incoming::Pong;
        }
        if let Some(events) = &self.events {
            events.closed().await;
        }
        Incoming::End(End::Gone)
    }

    async fn send(&mut self, out: Outgoing) -> Result<(), End> {
        if matches!(out, Outgoing::Close(..)) {
            self.events = None;
            return Ok(());
        }
        let Some(events) = &self.events else { return Err(End::Gone) };
        let place = timeout(PATIENCE, events.reserve()).await.map_err(|_| End::Close(CloseCode::Slow))?;
        let place = place.map_err(|_| End::Gone)?;
        match out {
            Outgoing::Message(Body::Text(text)) => place.send(event(&text)),
            Outgoing::Ping => {
                place.send([Bytes::new(), COMMENT, END]);
                self.breathed = true;
            }
            // Only the JSON form is asked for here, and the close went above.
            Outgoing::Message(Body::Binary(_)) | Outgoing::Close(..) => return Err(End::Protocol),
        }
        Ok(())
    }
}

/// A frame as an event. A position is told once the client holds all of it: a snapshot's with its last part.
/// What brings lines of its own keeps them; JSON is one line.
fn event(frame: &Utf8Bytes) -> Event {
    if let Some((lines, data)) = frame.rsplit_once('\n') {
        return [format!("{lines}\ndata: ").into(), Bytes::copy_from_slice(data.as_bytes()), END];
    }
    let header = frame.get(1..).unwrap_or_default();
    let place = serde_json::Deserializer::from_str(header).into_iter::<Place>().next();
    let mut lines = String::new();
    if let Some(Ok(place)) = place {
        let is_whole = match place.name.as_str() {
            "tick" => true,
            "snapshot" => place.part.map(|part| part + 1) == place.parts,
            // Whatever else names a cut does not lead there: early entries come before all of a snapshot is held.
            _ => false,
        };
        if let (Some(epoch), Some(cut), true) = (place.epoch, place.cut, is_whole) {
            let _ = writeln!(lines, "id: {epoch}:{cut}");
        }
        let retry_ms = match place.name.as_str() {
            "hello" => Some(comeback::retry_ms()),
            _ => place.retry_ms,
        };
        if let Some(retry_ms) = retry_ms {
            let _ = writeln!(lines, "retry: {retry_ms}");
        }
        let _ = writeln!(lines, "event: {}", place.name);
    }
    lines.push_str("data: ");
    [lines.into(), frame.clone().into(), END]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::comeback::{SOONEST_MS, SPREAD_MS};
    use futures_util::StreamExt;

    fn check(frame: &str, expected: &str) {
        let [head, data, end] = event(&frame.into());
        assert_eq!(data, frame.as_bytes());
        assert_eq!(end, END);
        let head = String::from_utf8(head.to_vec()).unwrap();
        let lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("retry: ")).collect();
        assert_eq!(lines.join("|"), format!("{expected}data: "), "{frame}");
    }

    #[test]
    fn a_place_is_told_when_it_is_reached() {
        check(r#"[{"type":"tick","epoch":7,"base":1,"cut":2,"rate":1}]"#, "id: 7:2|event: tick|");
        check(r#"[{"type":"snapshot","epoch":7,"cut":2,"part":0,"parts":2},{}]"#, "event: snapshot|");
        check(r#"[{"type":"snapshot","epoch":7,"cut":2,"part":1,"parts":2}]"#, "id: 7:2|event: snapshot|");
        check(r#"[{"type":"early","epoch":7,"cut":9},{"topic":"events","entries":[]}]"#, "event: early|");
        check(r#"[{"type":"hello","epoch":7,"cut":9}]"#, "event: hello|");
        check(r#"[{"type":"bye","reason":"going_away","retry_ms":900}]"#, "event: bye|");
        check("no frame", "");
    }

    #[test]
    fn lines_of_its_own_are_kept() {
        let [head, data, _] = event(&"id: 7:2\nevent: ping\n{\"type\":\"ping\"}".into());
        assert_eq!(
            (&head[..], &data[..]),
            (&b"id: 7:2\nevent: ping\ndata: "[..], &b"{\"type\":\"ping\"}"[..])
        );
    }

    #[test]
    fn when_to_come_back_is_told_at_the_start_and_at_the_end() {
        let retry = |frame: &str| {
            let head = String::from_utf8(event(&frame.into())[0].to_vec()).unwrap();
            head.lines().find_map(|line| line.strip_prefix("retry: ")?.parse::<u64>().ok())
        };
        let first = retry(r#"[{"type":"hello"}]"#).unwrap();
        assert!((SOONEST_MS..SOONEST_MS + SPREAD_MS).contains(&first), "{first}");
        assert_eq!(retry(r#"[{"type":"bye","retry_ms":1234}]"#), Some(1234));
        assert_eq!(retry(r#"[{"type":"tick","epoch":1,"cut":1}]"#), None);
    }

    #[tokio::test]
    async fn it_answers_for_a_client_that_cannot_speak() {
        let (mut socket, body) = open(Some(&ClientFrame::Ping { id: 5 }));
        let mut body = Box::pin(body);
        let wish = Incoming::Message(Body::Text(r#"{"type":"ping","id":5}"#.into()));
        assert_eq!(socket.receive().await, wish);
        socket.send(Outgoing::Ping).await.unwrap();
        assert_eq!(socket.receive().await, Incoming::Pong);
        assert_eq!(body.next().await, Some(Ok(COMMENT)));
        assert_eq!(body.next().await, Some(Ok(END)));
        socket.send(Outgoing::Close(1001, "going_away")).await.unwrap();
        assert_eq!(socket.receive().await, Incoming::End(End::Gone));
        assert_eq!(body.next().await, None);
    }

    #[tokio::test]
    async fn who_breaks_off_between_the_parts_of_a_snapshot_has_no_place() {
        let (mut socket, body) = open(None);
        let said = tokio::spawn(async move {
            for frame in [
                r#"[{"type":"snapshot","epoch":7,"cut":2,"part":0,"parts":2}]"#,
                r#"[{"type":"early","epoch":7,"cut":9}]"#,
                r#"[{"type":"snapshot","epoch":7,"cut":2,"part":1,"parts":2}]"#,
                r#"[{"type":"tick","epoch":7,"base":2,"cut":9}]"#,
            ] {
                socket.send(Outgoing::Message(Body::Text(frame.into()))).await.unwrap();
            }
        });
        let pieces: Vec<_> = body.map(Result::unwrap).collect().await;
        said.await.unwrap();
        let text = String::from_utf8(pieces.concat()).unwrap();
        let ids: Vec<_> = text
            .split("\n\n")
            .map(|event| event.lines().find_map(|line| line.strip_prefix("id: ")))
            .collect();
        assert_eq!(ids, [None, None, Some("7:2"), Some("7:9"), None]);
    }

    #[tokio::test]
    async fn a_client_that_left_is_noticed() {
        let (mut socket, body) = open(Some(&ClientFrame::Ping { id: 5 }));
        drop(body);
        assert!(matches!(socket.receive().await, Incoming::Message(_)));
        assert_eq!(socket.receive().await, Incoming::End(End::Gone));
        assert_eq!(socket.send(Outgoing::Ping).await, Err(End::Gone));
    }
}
