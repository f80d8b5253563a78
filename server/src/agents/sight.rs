//! Cases of which nothing is heard any more, such as after a restart that the end of a disruption fell into.

use crate::agents::businesses::place;
use crate::agents::service::{Agents, SubmitError};
use crate::clock;
use core::time::Duration;
use inflight_agents::spec::{InputContent, InputSource, InputType};
use inflight_agents::{AgentInput, Document, EventKind, Table, watcher};
use inflight_domain::{Disruption, UnixMillis};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// How often cases are looked at.
const EVERY: Duration = Duration::from_secs(60);

/// A disruption of which nothing was heard for so long is over, or nobody will know.
const SILENT_MS: i64 = 30 * 60 * 1000;

/// Since when nothing is heard of a case: business and case, milliseconds since 1970.
#[derive(Debug, Default)]
struct Sight(BTreeMap<(String, String), i64>);

/// Looks after open cases until the agents stop.
pub async fn run(agents: Agents) {
    let mut sight = Sight::default();
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let heard = heard(&agents.outside().hub.follow_status().borrow().disruptions);
        let cases = match agents.driver().with_store(|store| store.documents(Table::Cases, None)).await {
            Ok(cases) => cases,
            Err(cause) => {
                warn!(%cause, "cases cannot be read");
                continue;
            }
        };
        let now = clock::now();
        for case in sight.lost(&cases, &heard, now) {
            if !is_of_the_sky(&agents, case).await {
                continue;
            }
            match agents.submit(lost_input(case, now)).await {
                Ok(_) => {}
                Err(SubmitError::Off) => break,
                Err(cause) => warn!(case = case.id, %cause, "a case of which nothing is heard stays open"),
            }
        }
    }
}

/// Whether the newest news of a case came from the sky: of what other systems tell, they alone know the end.
async fn is_of_the_sky(agents: &Agents, case: &Document) -> bool {
    let Some(run) = case.fields.get("run").and_then(Value::as_str).map(str::to_owned) else { return false };
    let events = agents.driver().with_store(move |store| store.load(&run)).await.unwrap_or_default();
    matches!(
        events.first().map(|event| &event.kind),
        Some(EventKind::Started(started)) if started.input.id.starts_with("sky-")
    )
}

/// The cases of what goes on in the sky.
fn heard(disruptions: &[Disruption]) -> BTreeSet<String> {
    let going_on = disruptions.iter().filter(|disruption| disruption.ended.is_none());
    going_on.map(|disruption| format!("sky-{}", disruption.id().replace('/', "-"))).collect()
}

impl Sight {
    /// The open cases of which nothing was heard for too long.
    fn lost<'a>(
        &mut self,
        cases: &'a [Document],
        heard: &BTreeSet<String>,
        now: UnixMillis,
    ) -> Vec<&'a Document> {
        let is_silent = |case: &&Document| {
            let is = |name: &str, value: Value| case.fields.get(name) == Some(&value);
            let waits = !is("status", "closed".into()) && !is("stale", true.into());
            waits && case.id.starts_with("sky-") && !heard.contains(&case.id)
        };
        let silent: Vec<&Document> = cases.iter().filter(is_silent).collect();
        let key = |case: &Document| (case.business.clone(), case.id.clone());
        let mut since = BTreeMap::new();
        for case in &silent {
            let key = key(case);
            let from_ms = self.0.get(&key).copied().unwrap_or(now.0);
            since.insert(key, from_ms);
        }
        self.0 = since;
        silent.into_iter().filter(|case| now.0 - self.0[&key(case)] >= SILENT_MS).collect()
    }
}

/// What the watcher is told of it.
fn lost_input(case: &Document, now: UnixMillis) -> AgentInput {
    let field = |name: &str| case.fields.get(name).cloned().unwrap_or_default();
    let disruption = json!({
        "id": case.id.trim_start_matches("sky-"), "kind": field("kind"), "icao24": field("aircraft"),
        "callsign": field("callsign"), "airport": field("airport"), "ended": now.0 as f64 / 1000.0, "lost": true,
    });
    AgentInput {
        id: format!("{}-lost-{}", case.id, case.version),
        source: InputSource::ExternalApi,
        user_id: None,
        business_id: case.business.clone(),
        location_id: place(case).map(str::to_owned),
        kind: InputType::Webhook,
        content: InputContent {
            text: None,
            data: json!({"event": "disruption", "disruption": disruption}).as_object().cloned(),
            metadata: json!({"agent": watcher::NAME, "title": field("title")}).as_object().cloned(),
        },
        timestamp: now,
        correlation_id: Some(case.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_agents::watcher::assess::Seen;

    fn case(id: &str, fields: &Value) -> Document {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let (business, id) = ("b".to_owned(), id.to_owned());
        Document { table: Table::Cases, business, id, version: 3, changed: UnixMillis(0), fields }
    }

    #[test]
    fn a_case_is_lost_once_nothing_was_heard_of_it_for_half_an_hour_in_a_row() {
        let cases = [
            case("sky-a-holding-1", &json!({"status": "open"})),
            case("sky-b-holding-1", &json!({"status": "closed"})),
            case("sky-c-holding-1", &json!({"status": "open", "stale": true})),
            case("by-hand", &json!({"status": "open"})),
        ];
        let mut sight = Sight::default();
        let minutes = 60_000;
        let mut check = |at_min: i64, heard: &[&str], expected: &[&str]| {
            let heard = heard.iter().map(|id| (*id).to_owned()).collect();
            let lost = sight.lost(&cases, &heard, UnixMillis(at_min * minutes));
            assert_eq!(lost.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(), expected, "{at_min}");
        };
        check(0, &[], &[]);
        check(29, &[], &[]);
        check(29, &["sky-a-holding-1"], &[]);
        check(31, &[], &[]);
        check(60, &[], &[]);
        check(61, &[], &["sky-a-holding-1"]);
    }

    #[test]
    fn the_watcher_knows_the_case_by_what_it_is_told() {
        let fields = json!({"kind": "holding", "aircraft": "a", "callsign": null, "location": "OTP"});
        let case = case("sky-a-holding-1", &fields);
        let input = lost_input(&case, UnixMillis(5000));
        let seen = Seen::of(&Value::Object(input.content.data.unwrap())).unwrap();
        assert_eq!((seen.case(), seen.lost, seen.ended), (case.id, true, Some(5.0)));
        assert_eq!(
            (input.location_id.as_deref(), input.id.as_str()),
            (Some("OTP"), "sky-a-holding-1-lost-3")
        );
    }
}
