//! What a collector that listens on a real socket gets.

use super::*;
use crate::settings::Secret;
use crate::telemetry::collect::collector;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing::{debug, error, info_span};
use tracing_subscriber::layer::SubscriberExt;

/// A request as it came: its head and its body.
type Came = (String, Value);

/// Answers each request with a status, and tells what came.
async fn listen(status: &'static str) -> (Url, mpsc::UnboundedReceiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                while let Ok(1..) = stream.read_buf(&mut bytes).await {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let Ok(body) = serde_json::from_str(body) else { continue };
                    sender.send((head.to_owned(), body)).unwrap();
                    bytes.clear();
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (Url::parse(&format!("http://{address}/otlp/")).unwrap(), receiver)
}

fn settings(endpoint: Url) -> ExportSettings {
    let headers = vec![("api-key".to_owned(), Secret::new("k1".to_owned()))];
    ExportSettings { endpoint, service: "tower".to_owned(), headers }
}

fn metrics() -> Metrics {
    Metrics::new(&["state".to_owned(), "updates".to_owned()])
}

fn attribute<'a>(of: &'a Value, key: &str) -> &'a Value {
    let all = of["attributes"].as_array().unwrap();
    all.iter().find(|one| one["key"] == key).map_or(&Value::Null, |one| &one["value"])
}

#[tokio::test]
async fn spans_and_logs_reach_the_collector_with_the_ids_that_join_them() {
    let (endpoint, mut came) = listen("200 OK").await;
    let metrics = metrics();
    let (layer, collected) = collector(100);
    let exporting = start(collected, &settings(endpoint), metrics.clone()).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let span =
            info_span!("request", id = "abc", path = "/x", traceparent, status = tracing::field::Empty);
        span.in_scope(|| {
            info_span!("frame", id = "abc/1").in_scope(|| error!(count = 3, "it broke"));
            debug!(target: "hyper::proto", "what others say stays here");
        });
        span.record("status", 200);
    });
    exporting.finish().await;
    let (head, traces) = came.recv().await.unwrap();
    assert!(head.starts_with("POST /otlp/v1/traces HTTP/1.1"), "{head}");
    assert!(head.contains("api-key: k1") && head.contains("content-type: application/json"), "{head}");
    let spans = traces["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let [frame, request] = spans.as_slice() else { panic!("{traces}") };
    assert_eq!(request["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(request["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(attribute(request, "inflight.correlation_id")["stringValue"], "abc");
    assert_eq!(attribute(request, "http.response.status_code")["intValue"], "200");
    assert_eq!((&frame["traceId"], &frame["parentSpanId"]), (&request["traceId"], &request["spanId"]));
    assert_eq!(frame["status"]["code"], 2);
    let (_, logs) = came.recv().await.unwrap();
    let logs = logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap();
    assert_eq!((logs.len(), &logs[0]["body"]["stringValue"]), (1, &"it broke".into()));
    assert_eq!((&logs[0]["spanId"], &logs[0]["severityText"]), (&frame["spanId"], &"ERROR".into()));
    assert_eq!(attribute(&logs[0], "count")["intValue"], "3");
    let text = metrics.render();
    assert!(text.contains("inflight_telemetry_exported_total{signal=\"spans\"} 2"), "{text}");
}

#[tokio::test]
async fn what_finds_no_place_or_no_taker_is_counted_and_nobody_waits() {
    let (endpoint, mut came) = listen("400 Bad Request").await;
    let metrics = metrics();
    let (layer, collected) = collector(3);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        (0..10).for_each(|number| error!(number, "much to say"));
    });
    start(collected, &settings(endpoint), metrics.clone()).unwrap().finish().await;
    let (_, logs) = came.recv().await.unwrap();
    let logs = &logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    assert_eq!(logs.as_array().unwrap().len(), 3);
    let text = metrics.render();
    for expected in ["{reason=\"behind\"} 7", "{reason=\"refused\"} 3"] {
        assert!(text.contains(&format!("inflight_telemetry_lost_total{expected}")), "{text}");
    }
}
