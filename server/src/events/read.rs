//! Rows of event topics from JSON: exactly their fields, each checked.

use crate::events::fields::{Fields, Mistake, tree};
use inflight_domain::event::{
    Alert, Confidences, Decision, Metrics, Notice, Outcome, Proposal, ROOM_EVENTS, Risk, Scores, Shortfall,
    Signal, ValueAtRisk,
};
use inflight_domain::{EventData, RoomEvent, TopicKind, TopicName, UnixMillis};
use serde_json::Value;

/// Reads `{"type":...,"data":{...}}` for a topic. The type may be absent where the topic says it; a time that is
/// absent is now.
///
/// # Errors
/// The first member that is wrong.
pub fn read(topic: &TopicName, body: Value, now: UnixMillis) -> Result<EventData, Mistake> {
    let mut body = Fields::of("body", body).map(Fields::at_top)?;
    let kind = body.any("type");
    let data = body.any("data");
    if topic.kind().is_room() {
        let name = kind.as_str().filter(|name| ROOM_EVENTS.contains(name));
        let name =
            name.ok_or_else(|| body.wrong("type", &format!("one of {}", ROOM_EVENTS.join(", ")), &kind))?;
        if !data.is_object() {
            return Err(body.wrong("data", "an object", &data));
        }
        let event = RoomEvent { kind: name.to_owned(), data: tree("data", data)? };
        body.end("type and data")?;
        return Ok(EventData::Room(event));
    }
    // Specification 002 calls notices system events.
    let names = [topic.as_str(), if topic.kind() == TopicKind::Notice { "system" } else { topic.as_str() }];
    if !kind.is_null() && !names.iter().any(|name| kind.as_str() == Some(*name)) {
        return Err(body.wrong("type", names[0], &kind));
    }
    body.end("type and data")?;
    row(topic.kind(), Fields::of("data", data)?, now)
}

fn row(kind: TopicKind, mut data: Fields, now: UnixMillis) -> Result<EventData, Mistake> {
    let (row, known) = match kind {
        TopicKind::Signal => (
            EventData::Signal(signal(&mut data, now)?),
            "id, source, content, scores, confidences, timestamp",
        ),
        TopicKind::Proposal => (
            EventData::Proposal(proposal(&mut data, now)?),
            "id, thesis, assets, size_pct, risk_score, expected_return, status, timestamp",
        ),
        TopicKind::Decision => (
            EventData::Decision(decision(&mut data, now)?),
            "id, proposal_id, action, confidence, size_adjustment, timestamp",
        ),
        TopicKind::Outcome => (
            EventData::Outcome(outcome(&mut data, now)?),
            "id, proposal_id, return_pct, sharpe_ratio, max_drawdown, win_rate, timestamp",
        ),
        TopicKind::Risk => (
            EventData::Risk(risk(&mut data, now)?),
            "risk_score, var, cvar, volatility, correlation, recommendations, timestamp",
        ),
        _ => (EventData::Notice(notice(&mut data, now)?), "health, metrics, alerts, timestamp"),
    };
    data.end(known)?;
    Ok(row)
}

fn signal(data: &mut Fields, now: UnixMillis) -> Result<Signal, Mistake> {
    let (id, source, content) = (data.text("id")?, data.text("source")?, data.text("content")?);
    let mut scores = data.object("scores")?;
    let judged = Scores {
        fused: scores.number("fused")?,
        sentiment: scores.number("sentiment")?,
        relevance: scores.number("relevance")?,
        novelty: scores.number("novelty")?,
        credibility: scores.number("credibility")?,
    };
    scores.end("fused, sentiment, relevance, novelty, credibility")?;
    let mut confidences = data.object("confidences")?;
    let sure = Confidences { fused: confidences.number("fused")? };
    confidences.end("fused")?;
    let timestamp = data.time("timestamp", now)?;
    Ok(Signal { id, source, content, scores: judged, confidences: sure, timestamp })
}

fn proposal(data: &mut Fields, now: UnixMillis) -> Result<Proposal, Mistake> {
    Ok(Proposal {
        id: data.text("id")?,
        thesis: data.text("thesis")?,
        assets: data.texts("assets")?,
        size_pct: data.number("size_pct")?,
        risk_score: data.number("risk_score")?,
        expected_return: data.number("expected_return")?,
        status: data.text("status")?,
        timestamp: data.time("timestamp", now)?,
    })
}

fn decision(data: &mut Fields, now: UnixMillis) -> Result<Decision, Mistake> {
    Ok(Decision {
        id: data.text("id")?,
        proposal_id: data.text("proposal_id")?,
        action: data.text("action")?,
        confidence: data.number("confidence")?,
        size_adjustment: data.number("size_adjustment")?,
        timestamp: data.time("timestamp", now)?,
    })
}

fn outcome(data: &mut Fields, now: UnixMillis) -> Result<Outcome, Mistake> {
    Ok(Outcome {
        id: data.text("id")?,
        proposal_id: data.text("proposal_id")?,
        return_pct: data.number("return_pct")?,
        sharpe_ratio: data.number("sharpe_ratio")?,
        max_drawdown: data.number("max_drawdown")?,
        win_rate: data.number("win_rate")?,
        timestamp: data.time("timestamp", now)?,
    })
}

fn risk(data: &mut Fields, now: UnixMillis) -> Result<Risk, Mistake> {
    let mut var = data.object("var")?;
    let at_risk = ValueAtRisk {
        historical: var.number("historical")?,
        parametric: var.number("parametric")?,
        monte_carlo: var.number("monte_carlo")?,
    };
    var.end("historical, parametric, monte_carlo")?;
    let mut cvar = data.object("cvar")?;
    let shortfall =
        Shortfall { historical: cvar.number("historical")?, monte_carlo: cvar.number("monte_carlo")? };
    cvar.end("historical, monte_carlo")?;
    Ok(Risk {
        risk_score: data.number("risk_score")?,
        var: at_risk,
        cvar: shortfall,
        volatility: data.number("volatility")?,
        correlation: data.number("correlation")?,
        recommendations: data.texts("recommendations")?,
        timestamp: data.time("timestamp", now)?,
    })
}

fn notice(data: &mut Fields, now: UnixMillis) -> Result<Notice, Mistake> {
    let mut measured = data.object("metrics")?;
    let metrics = Metrics {
        cpu_usage: measured.number("cpu_usage")?,
        memory_usage: measured.number("memory_usage")?,
        response_time: measured.number("response_time")?,
    };
    measured.end("cpu_usage, memory_usage, response_time")?;
    let alerts = data.objects("alerts")?.into_iter().map(|mut alert| {
        let read = Alert {
            level: alert.text("level")?,
            message: alert.text("message")?,
            timestamp: alert.time("timestamp", now)?,
        };
        alert.end("level, message, timestamp")?;
        Ok(read)
    });
    let alerts = alerts.collect::<Result<_, _>>()?;
    Ok(Notice { health: data.text("health")?, metrics, alerts, timestamp: data.time("timestamp", now)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: UnixMillis = UnixMillis(1_705_314_600_000);

    /// What is accepted comes out as it came in; what is not names its place.
    fn check(topic: &str, body: Value, expected: &str) {
        let topic = TopicName::parse(topic).unwrap();
        match read(&topic, body.clone(), NOW) {
            Ok(data) => {
                assert_eq!(expected, "", "{body}");
                assert_eq!(serde_json::to_value(&data).unwrap(), body["data"], "{topic}");
            }
            Err(mistake) => assert_eq!(mistake.to_string(), expected, "{body}"),
        }
    }

    fn decision() -> Value {
        json!({"id": "d1", "proposal_id": "p1", "action": "approve", "confidence": 0.8, "size_adjustment": 1.0,
            "timestamp": "2024-01-15T10:30:00Z"})
    }

    #[test]
    fn the_rows_of_specification_002_pass_unchanged() {
        let at = "2024-01-15T10:30:00Z";
        check("decision", json!({"data": decision()}), "");
        check("decision", json!({"type": "decision", "data": decision()}), "");
        check(
            "signal",
            json!({"data": {"id": "s", "source": "twitter", "content": "x",
            "scores": {"fused": 0.85, "sentiment": 0.8, "relevance": 0.9, "novelty": 0.7, "credibility": 0.8},
            "confidences": {"fused": 0.8}, "timestamp": at}}),
            "",
        );
        check(
            "proposal",
            json!({"data": {"id": "p", "thesis": "t", "assets": ["BTC", "ETH"], "size_pct": 0.05,
            "risk_score": 0.6, "expected_return": 0.08, "status": "proposed", "timestamp": at}}),
            "",
        );
        check(
            "outcome",
            json!({"data": {"id": "o", "proposal_id": "p", "return_pct": 0.04, "sharpe_ratio": 1.2,
            "max_drawdown": 0.02, "win_rate": 1.0, "timestamp": at}}),
            "",
        );
        check(
            "risk",
            json!({"data": {"risk_score": 0.6,
            "var": {"historical": 0.08, "parametric": 0.09, "monte_carlo": 0.085},
            "cvar": {"historical": 0.12, "monte_carlo": 0.125}, "volatility": 0.2, "correlation": 0.65,
            "recommendations": ["Moderate risk"], "timestamp": at}}),
            "",
        );
        check(
            "notice",
            json!({"type": "system", "data": {"health": "healthy",
            "metrics": {"cpu_usage": 0.65, "memory_usage": 0.72, "response_time": 250.0},
            "alerts": [{"level": "warning", "message": "High CPU", "timestamp": at}], "timestamp": at}}),
            "",
        );
    }

    #[test]
    fn mistakes_name_their_place() {
        let with = |name: &str, value: Value| {
            let mut data = decision();
            data[name] = value;
            json!({"data": data})
        };
        check("decision", json!([]), "body: expected an object, got a list of 0");
        check("decision", json!({}), "data: expected an object, got nothing");
        check(
            "decision",
            with("confidence", json!("high")),
            "data.confidence: expected a number, got \"high\"",
        );
        check("decision", with("id", json!("")), "data.id: expected a text of 1 to 16384 bytes, got \"\"");
        check(
            "decision",
            with("timestamp", json!("soon")),
            "data.timestamp: expected a time such as 2024-01-15T10:30:00Z, got \"soon\"",
        );
        check(
            "decision",
            with("colour", json!(1)),
            "data.colour: expected only id, proposal_id, action, confidence, size_adjustment, timestamp, got 1",
        );
        check(
            "decision",
            json!({"type": "risk", "data": decision()}),
            "type: expected decision, got \"risk\"",
        );
        check(
            "notice",
            json!({"data": {"health": "x", "metrics": {"cpu_usage": 1, "memory_usage": 1,
            "response_time": 1}, "alerts": [{"level": 5}]}}),
            "data.alerts[0].level: expected a text of 1 to 16384 bytes, got 5",
        );
    }

    #[test]
    fn rooms_take_known_events_with_any_data() {
        check(
            "load/L1",
            json!({"type": "load.updated", "data": {"b": [1, -2.5, null, true], "a": {"c": "d"}}}),
            "",
        );
        check("load/L1", json!({"type": "message.sent", "data": 5}), "data: expected an object, got 5");
        let deep = json!({"a": {"a": {"a": {"a": {"a": {"a": {}}}}}}});
        check(
            "load/L1",
            json!({"type": "message.sent", "data": deep}),
            "data.a.a.a.a.a.a: expected at most 6 levels, got an object of 0 members",
        );
        let unknown = read(&TopicName::parse("load/L1").unwrap(), json!({"type": "shout", "data": {}}), NOW);
        assert!(unknown.unwrap_err().to_string().starts_with("type: expected one of load.created, "));
    }
}
