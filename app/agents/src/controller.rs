//! The controller of specification 000: what an event is, and which agent deals with it.

use crate::locale::Locale;
use crate::spec::{AgentInput, BusinessInfo, InputContent, InputSource, InputType};
use crate::watcher::assess::Seen;
use crate::{coordinator, digest, recorder, watcher};
use inflight_domain::{Disruption, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody said something.
    Message,
    /// A schedule is due.
    Schedule,
    /// A flight goes otherwise than planned.
    Flight,
    /// Prices and orders.
    Market,
    /// Repositories, builds, defects.
    Code,
    /// None of these.
    Other,
}

/// Which agent deals with an event, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What it is.
    pub kind: EventKind,
    /// The agent's name.
    pub agent: &'static str,
    /// A line for people.
    pub title: String,
    /// By what it was recognised.
    pub why: String,
}

impl EventKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Schedule => "schedule",
            Self::Flight => "flight",
            Self::Market => "market",
            Self::Code => "code",
            Self::Other => "other",
        }
    }
}

/// Beginnings of event names and names of fields, and what they say.
const SIGNS: [(EventKind, &[&str], &[&str]); 3] = [
    (
        EventKind::Flight,
        &["flight", "disruption", "aircraft", "sky."],
        &["disruption", "icao24", "callsign", "flight"],
    ),
    (
        EventKind::Market,
        &["market", "quote", "trade", "signal", "price", "portfolio", "proposal"],
        &["marketData", "symbol", "portfolio", "tradeHistory"],
    ),
    (
        EventKind::Code,
        &["code", "push", "pull_request", "issue", "workflow", "check_", "build", "deployment", "commit"],
        &["repository", "commit", "pull_request", "stackTrace"],
    ),
];

/// Names under which an event says what it is.
const EVENT_NAMES: [&str; 4] = ["event", "type", "eventType", "action"];

/// Decides who deals with an input that names no agent; those that do are the registry's affair.
#[must_use]
pub fn route(input: &AgentInput) -> Route {
    let title = title(input);
    let of = |kind, agent, why: &str| Route { kind, agent, title: title.clone(), why: why.to_owned() };
    match input.kind {
        InputType::UserMessage => return of(EventKind::Message, coordinator::NAME, "it is a message"),
        InputType::ScheduledTask => return of(EventKind::Schedule, digest::NAME, "A schedule is due."),
        InputType::Webhook | InputType::ApiRequest => {}
    }
    let data = Value::Object(input.content.data.clone().unwrap_or_default());
    let (kind, why) = classify(&data);
    let says = input.content.text.as_ref().is_some_and(|text| !text.trim().is_empty());
    match kind {
        EventKind::Flight if Seen::of(&data).is_some() => of(kind, watcher::NAME, &why),
        EventKind::Other if says && input.kind == InputType::ApiRequest => {
            of(EventKind::Message, coordinator::NAME, "it asks in words")
        }
        kind => of(kind, recorder::NAME, &why),
    }
}

/// What data of an event are, and by what one can tell.
#[must_use]
pub fn classify(data: &Value) -> (EventKind, String) {
    for name in EVENT_NAMES {
        let Some(event) = data.get(name).and_then(Value::as_str) else { continue };
        let lower = event.to_ascii_lowercase();
        let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| lower.starts_with(beginning));
        if let Some((kind, ..)) = SIGNS.iter().find(|(_, beginnings, _)| begins(beginnings)) {
            return (*kind, format!("{name} is {lower:?}."));
        }
    }
    // Spec 000 puts what belongs to an event one level down.
    for (place, part) in [("", Some(data)), ("data.", data.get("data"))] {
        let has = |field: &&&'static str| part.is_some_and(|part| part.get(**field).is_some());
        let named = |fields: &[&'static str]| fields.iter().find(has).copied();
        if let Some((kind, field)) = SIGNS.iter().find_map(|(kind, _, fields)| Some((*kind, named(fields)?)))
        {
            return (kind, format!("It has {place}{field}."));
        }
    }
    (EventKind::Other, "Nothing in it is known.".to_owned())
}

/// Whether a disruption is for a business: all are, unless it names its fleet.
#[must_use]
pub fn concerns(business: &BusinessInfo, disruption: &Disruption) -> bool {
    let (address, callsign) = (disruption.icao24.to_string(), disruption.callsign.as_ref());
    let fleet = &business.settings.fleet;
    let own = |named: &String| {
        address == named.to_lowercase()
            || callsign.is_some_and(|callsign| callsign.as_str().starts_with(named.as_str()))
    };
    fleet.is_empty() || fleet.iter().any(own)
}

/// A disruption as an input for a business. The same news always gives the same id, so that it is taken once.
#[must_use]
pub fn disruption_input(business: &str, disruption: &Disruption, now: UnixMillis) -> AgentInput {
    let row = serde_json::to_value(disruption).unwrap_or_default();
    let seen = Seen::of(&row).unwrap_or_default();
    seen_input(business, &seen, row, now)
}

/// The same for who has only the row of it.
#[must_use]
pub fn seen_input(business: &str, seen: &Seen, row: Value, now: UnixMillis) -> AgentInput {
    let id = seen.id.replace('/', "-");
    let stage = if seen.ended.is_some() { "ended" } else { &seen.severity };
    // It is new when this changes, not with every turn that is flown.
    let grade = watcher::assess::assess(seen, Locale::En).severity;
    AgentInput {
        id: format!("sky-{id}-{stage}-{grade}"),
        source: InputSource::ExternalApi,
        user_id: None,
        business_id: business.to_owned(),
        location_id: None,
        kind: InputType::Webhook,
        content: InputContent {
            text: None,
            data: json!({"event": "disruption", "disruption": row}).as_object().cloned(),
            metadata: json!({"agent": watcher::NAME, "title": seen.title(Locale::En)}).as_object().cloned(),
        },
        timestamp: now,
        correlation_id: Some(format!("sky-{id}")),
    }
}

fn title(input: &AgentInput) -> String {
    let text = |map: Option<&crate::spec::Data>, name: &str| Some(map?.get(name)?.as_str()?.to_owned());
    let named = text(input.content.metadata.as_ref(), "title").or_else(|| input.content.text.clone());
    let event = EVENT_NAMES.iter().find_map(|name| text(input.content.data.as_ref(), name));
    let title = named.or(event).unwrap_or_else(|| input.id.clone());
    title.lines().next().unwrap_or_default().chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::Stage;
    use crate::start::Start;
    use crate::store::Table;
    use crate::typed::Typed;

    fn check(kind: InputType, text: Option<&str>, data: Value, agent: &str, event: EventKind) {
        let input = AgentInput {
            id: "in-1".to_owned(),
            kind,
            content: InputContent {
                text: text.map(str::to_owned),
                data: data.as_object().cloned(),
                metadata: None,
            },
            ..AgentInput::default()
        };
        let route = route(&input);
        assert_eq!((route.agent, route.kind), (agent, event), "{data}: {}", route.why);
        assert!(!route.why.is_empty() && !route.title.is_empty());
    }

    #[test]
    fn events_find_their_agent() {
        use InputType::{ApiRequest, ScheduledTask, UserMessage, Webhook};
        let row = json!({"id": "a/holding/1", "kind": "holding"});
        check(UserMessage, Some("help"), json!({}), "coordinator", EventKind::Message);
        check(ScheduledTask, None, json!({}), "digest", EventKind::Schedule);
        check(ApiRequest, Some("which gates are free"), json!({}), "coordinator", EventKind::Message);
        check(Webhook, None, json!({"event": "disruption", "disruption": row}), "watcher", EventKind::Flight);
        check(Webhook, None, json!({"disruption": row}), "watcher", EventKind::Flight);
        check(Webhook, None, json!({"event": "flight.delayed"}), "recorder", EventKind::Flight);
        check(
            Webhook,
            None,
            json!({"type": "market", "data": {"marketData": {}}}),
            "recorder",
            EventKind::Market,
        );
        check(Webhook, None, json!({"data": {"marketData": {}}}), "recorder", EventKind::Market);
        check(Webhook, None, json!({"event": "pull_request", "repository": {}}), "recorder", EventKind::Code);
        check(ApiRequest, Some("x"), json!({"repository": {}}), "recorder", EventKind::Code);
        check(Webhook, Some("something"), json!({"weather": 1}), "recorder", EventKind::Other);
    }

    #[test]
    fn what_no_agent_deals_with_is_recorded_and_said() {
        let agent = Typed(recorder::Recorder::new().unwrap());
        let input = AgentInput {
            id: "in-1".to_owned(),
            business_id: "carpat-air".to_owned(),
            kind: InputType::Webhook,
            content: InputContent {
                data: json!({"type": "market", "data": {}}).as_object().cloned(),
                ..InputContent::default()
            },
            ..AgentInput::default()
        };
        let mut stage = Stage::default();
        let output = stage.decide(&agent, Start::new("run-1", "market", input, json!({}), 1));
        assert_eq!(
            (output.decision_code.as_str(), output.decision_type.as_str()),
            ("no-agent-yet", "market")
        );
        assert!(output.reasoning.contains("No agent deals with market events yet"), "{}", output.reasoning);
        assert_eq!(stage.documents(Table::Decisions).len(), 1);
    }
}
