//! A schedule as it is kept and shown, and the input that it makes.

use crate::agents::businesses::place;
use crate::agents::schedule::cron::CronError;
use crate::agents::schedule::plan::{Missed, Plan};
use crate::clock;
use inflight_agents::spec::{InputContent, InputSource, InputType};
use inflight_agents::{AgentInput, Document, Table};
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// For people.
    pub name: String,
    /// When, as a cron expression.
    pub cron: String,
    /// In which time zone.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Who deals with it.
    pub agent: String,
    /// The place that it is for; the whole business if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What the agent is given: `text` and `data` as in an input's content, or anything as data.
    #[serde(default)]
    pub input: Value,
    /// `active`, `paused` or `cancelled`.
    #[serde(default = "active")]
    pub status: String,
    /// What happens to moments that passed.
    #[serde(default)]
    pub missed: Missed,
    /// The next moments, in milliseconds since 1970.
    #[serde(default)]
    pub next_ms: Vec<i64>,
    /// The newest moment that led to a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ms: Option<i64>,
    /// Its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<String>,
    /// How that ended: the status of the run, `missed` where moments passed without one, `failed` where there was none
    /// for another reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<String>,
    /// For which reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_why: Option<String>,
    /// Somebody wants a run whatever the times are, since this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_ms: Option<i64>,
    /// Moments that passed without a run.
    #[serde(default)]
    pub missed_count: u64,
}

impl ScheduleRow {
    /// The schedule in a row of the store.
    ///
    /// # Errors
    /// It is none.
    pub fn read(document: &Document) -> Result<Self, serde_json::Error> {
        serde_json::from_value(Value::Object(document.fields.clone()))
    }

    /// When it is due.
    ///
    /// # Errors
    /// Expression or time zone are wrong.
    pub fn plan(&self) -> Result<Plan, CronError> {
        Plan::new(&self.cron, &self.time_zone, self.missed)
    }

    /// Reckons anew when it is due, from now on.
    ///
    /// # Errors
    /// Expression or time zone are wrong, or from now on the moment never comes.
    pub fn planned(self) -> Result<Self, CronError> {
        self.planned_from(clock::now().0)
    }

    /// Reckons anew when it is due, from this moment on, in milliseconds since 1970.
    ///
    /// # Errors
    /// Expression or time zone are wrong, or from then on the moment never comes.
    pub fn planned_from(mut self, now_ms: i64) -> Result<Self, CronError> {
        let plan = self.plan()?;
        let next_ms = plan.after(now_ms).ok_or_else(|| never(&self.cron))?;
        self.next_ms = plan.shown(Some(next_ms));
        Ok(self)
    }

    /// A new row of the store.
    #[must_use]
    pub fn new_document(&self, business: &str, id: &str) -> Document {
        let (table, business, id) = (Table::Schedules, business.to_owned(), id.to_owned());
        let fields = self.fields(Map::new());
        Document { table, business, id, version: 1, changed: clock::now(), fields }
    }

    /// The row of the store that follows `before`.
    #[must_use]
    pub fn written(&self, before: &Document) -> Document {
        let (version, changed) = (before.version + 1, clock::now());
        Document { version, changed, fields: self.fields(before.fields.clone()), ..before.clone() }
    }

    fn fields(&self, mut fields: Map<String, Value>) -> Map<String, Value> {
        for name in ["location", "last_ms", "last_run", "last_status", "last_why", "asked_ms"] {
            fields.remove(name);
        }
        if let Ok(Value::Object(own)) = serde_json::to_value(self) {
            fields.extend(own);
        }
        fields
    }

    /// The input for one moment, always with the same identifier.
    #[must_use]
    pub fn input_at(&self, document: &Document, moment_ms: i64, why: &str) -> AgentInput {
        let mut about = Map::new();
        about.insert("agent".to_owned(), json!(self.agent));
        about.insert("schedule".to_owned(), json!(document.id));
        about.insert("title".to_owned(), json!(self.name));
        about.insert("planned_ms".to_owned(), json!(moment_ms));
        let text = self.input.get("text").and_then(Value::as_str).map(str::to_owned);
        let data = match (self.input.get("data"), &self.input) {
            (Some(Value::Object(data)), _) => Some(data.clone()),
            (_, Value::Object(fields)) if text.is_none() => Some(fields.clone()),
            _ => None,
        };
        AgentInput {
            id: format!("cron-{}-{why}-{moment_ms}", document.id),
            source: InputSource::Cron,
            user_id: None,
            business_id: document.business.clone(),
            location_id: place(document).map(str::to_owned),
            kind: InputType::ScheduledTask,
            content: InputContent { text, data: data.or_else(|| Some(Map::new())), metadata: Some(about) },
            timestamp: UnixMillis(moment_ms),
            correlation_id: Some(format!("{}-{moment_ms}", document.id)),
        }
    }
}

/// The moment of an expression never comes.
pub(super) fn never(cron: &str) -> CronError {
    CronError { field: "cron", expected: "a moment that comes".to_owned(), found: format!("{cron:?}") }
}

fn utc() -> String {
    "UTC".to_owned()
}

fn active() -> String {
    "active".to_owned()
}
