//! Spans and logs as OTLP writes them in JSON (opentelemetry-proto 1, the JSON encoding: numbers of 64 bits are texts,
//! ids are hexadecimal).

use serde_json::{Value as Tree, json};
use tracing::Level;

/// Ids of a trace and of a span in it.
pub type Within = (u128, u64);

/// Something that took a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// What it belongs to.
    pub trace: u128,
    /// Its own id.
    pub id: u64,
    /// The span around it.
    pub parent: Option<u64>,
    /// `request` or `frame`.
    pub name: &'static str,
    /// Nanoseconds since 1970.
    pub began_at: u64,
    /// The same.
    pub ended_at: u64,
    /// What is known of it.
    pub attributes: Vec<(&'static str, Value)>,
    /// Whether an error was logged within it.
    pub failed: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Nanoseconds since 1970.
    pub at: u64,
    /// How grave it is.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// What is known of it.
    pub attributes: Vec<(&'static str, Value)>,
    /// Where it happened.
    pub within: Option<Within>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Truth.
    Truth(bool),
}

impl Value {
    /// A whole number, or its digits where it is too large for one.
    #[must_use]
    pub fn of(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Integer)
    }

    fn tree(&self) -> Tree {
        match self {
            Self::Text(text) => json!({"stringValue": text}),
            Self::Integer(number) => json!({"intValue": number.to_string()}),
            Self::Float(number) if number.is_finite() => json!({"doubleValue": number}),
            Self::Float(number) => json!({"stringValue": number.to_string()}),
            Self::Truth(truth) => json!({"boolValue": truth}),
        }
    }
}

impl Span {
    /// A span that begins, in the trace of the one around it or in one of its own.
    #[must_use]
    pub fn begun(name: &'static str, parent: Option<Within>, began_at: u64) -> Self {
        let trace = parent.map_or_else(|| fastrand::u128(1..), |(trace, _)| trace);
        let parent = parent.map(|(_, id)| id);
        let id = fastrand::u64(1..);
        let (attributes, failed) = (Vec::new(), false);
        Self { trace, id, parent, name, began_at, ended_at: began_at, attributes, failed }
    }

    /// Takes its place in the caller's trace, which a `traceparent` names; reads over what is none.
    pub fn follow(&mut self, text: &str) {
        let mut parts = text.split('-');
        let (version, trace, id) = (parts.next(), parts.next(), parts.next());
        let trace = hex(trace, 32).and_then(|trace| u128::from_str_radix(trace, 16).ok());
        let id = hex(id, 16).and_then(|id| u64::from_str_radix(id, 16).ok());
        if let (Some(_), Some(trace @ 1..), Some(id @ 1..)) = (hex(version, 2), trace, id) {
            (self.trace, self.parent) = (trace, Some(id));
        }
    }

    fn tree(&self) -> Tree {
        // A server span is one that somebody else waits for.
        let kind = if self.name == "request" { 2 } else { 1 };
        let mut tree = json!({
            "traceId": format!("{:032x}", self.trace),
            "spanId": format!("{:016x}", self.id),
            "name": self.name,
            "kind": kind,
            "startTimeUnixNano": self.began_at.to_string(),
            "endTimeUnixNano": self.ended_at.to_string(),
            "attributes": attributes(&self.attributes),
            "status": if self.failed { json!({"code": 2}) } else { json!({}) },
        });
        if let Some(parent) = self.parent {
            tree["parentSpanId"] = format!("{parent:016x}").into();
        }
        tree
    }
}

impl Log {
    /// A log that says nothing yet.
    #[must_use]
    pub fn at(at: u64, level: Level) -> Self {
        Self { at, level, message: String::new(), attributes: Vec::new(), within: None }
    }

    fn tree(&self) -> Tree {
        let (number, name) = match self.level {
            Level::ERROR => (17, "ERROR"),
            Level::WARN => (13, "WARN"),
            Level::INFO => (9, "INFO"),
            Level::DEBUG => (5, "DEBUG"),
            Level::TRACE => (1, "TRACE"),
        };
        let mut tree = json!({
            "timeUnixNano": self.at.to_string(),
            "observedTimeUnixNano": self.at.to_string(),
            "severityNumber": number,
            "severityText": name,
            "body": {"stringValue": self.message},
            "attributes": attributes(&self.attributes),
        });
        if let Some((trace, id)) = self.within {
            tree["traceId"] = format!("{trace:032x}").into();
            tree["spanId"] = format!("{id:016x}").into();
        }
        tree
    }
}

/// So many hexadecimal digits.
fn hex(part: Option<&str>, length: usize) -> Option<&str> {
    part.filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The body of a request to `v1/traces`.
#[must_use]
pub fn traces(service: &str, spans: &[Span]) -> Tree {
    let spans: Vec<Tree> = spans.iter().map(Span::tree).collect();
    let scope = json!([{"scope": scope(), "spans": spans}]);
    json!({"resourceSpans": [{"resource": resource(service), "scopeSpans": scope}]})
}

/// The body of a request to `v1/logs`.
#[must_use]
pub fn logs(service: &str, logs: &[Log]) -> Tree {
    let records: Vec<Tree> = logs.iter().map(Log::tree).collect();
    let scope = json!([{"scope": scope(), "logRecords": records}]);
    json!({"resourceLogs": [{"resource": resource(service), "scopeLogs": scope}]})
}

fn resource(service: &str) -> Tree {
    let text = |text: &str| Value::Text(text.to_owned());
    let known = [
        ("service.name", text(service)),
        ("service.version", text(env!("CARGO_PKG_VERSION"))),
        ("process.pid", Value::Integer(std::process::id().into())),
    ];
    json!({"attributes": attributes(&known)})
}

fn scope() -> Tree {
    json!({"name": "inflight", "version": env!("CARGO_PKG_VERSION")})
}

/// Our names become those of the conventions where there are some.
fn attributes(attributes: &[(&'static str, Value)]) -> Vec<Tree> {
    let named = |name: &'static str| match name {
        "id" => "inflight.correlation_id",
        "method" => "http.request.method",
        "path" => "url.path",
        "status" => "http.response.status_code",
        name => name,
    };
    attributes.iter().map(|(name, value)| json!({"key": named(name), "value": value.tree()})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_may_name_its_trace() {
        let check = |text: &str, expected: Option<Within>| {
            let mut span = Span::begun("request", None, 5);
            span.follow(text);
            let own = span.parent.is_none();
            assert_eq!((!own).then_some((span.trace, span.parent.unwrap_or_default())), expected, "{text}");
        };
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        check(
            &format!("00-{trace}-00f067aa0ba902b7-01"),
            Some((0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 0x00f0_67aa_0ba9_02b7)),
        );
        for wrong in ["", "00", "00-0-0-01", "00-+bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01"] {
            check(wrong, None);
        }
        check(&format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None);
        check(&format!("00-{trace}-0000000000000000-01"), None);
    }

    #[test]
    fn spans_and_logs_have_the_form_of_the_protocol() {
        let mut span = Span::begun("request", Some((7, 8)), 5);
        span.attributes.push(("status", Value::Integer(200)));
        span.failed = true;
        let tree = &traces("here", &[span])["resourceSpans"][0];
        assert_eq!(tree["resource"]["attributes"][0]["value"]["stringValue"], "here");
        let told = &tree["scopeSpans"][0]["spans"][0];
        assert_eq!(told["traceId"], "00000000000000000000000000000007");
        assert_eq!((&told["parentSpanId"], &told["kind"]), (&json!("0000000000000008"), &json!(2)));
        assert_eq!((&told["startTimeUnixNano"], &told["status"]["code"]), (&json!("5"), &json!(2)));
        let status = json!([{"key": "http.response.status_code", "value": {"intValue": "200"}}]);
        assert_eq!(told["attributes"], status);
        let mut log = Log::at(6, Level::WARN);
        "slow".clone_into(&mut log.message);
        let tree = &logs("here", &[log])["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        assert_eq!((&tree["severityNumber"], &tree["body"]["stringValue"]), (&json!(13), &json!("slow")));
        assert!(tree.get("traceId").is_none());
    }
}
