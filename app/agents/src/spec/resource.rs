//! Resources of a business (loads, gates, crews, vehicles, ...) and what is done with them.

use crate::spec::Data;
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Its id within the business.
    pub id: String,
    /// Of which business.
    pub business_id: String,
    /// At which place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// What it is: `gate`, `crew`, `vehicle`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its state in a word.
    pub status: String,
    /// Its other fields.
    #[serde(default)]
    pub attributes: Data,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was changed last.
    #[serde(with = "times::rfc3339")]
    pub updated_at: UnixMillis,
}

/// Something to be done with a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceAction {
    /// Of which business.
    pub business_id: String,
    /// With which resource.
    pub resource_id: String,
    /// What: `set_status`, `set_field`, or a word of the service's own.
    pub action: String,
    /// With what.
    #[serde(default)]
    pub parameters: Data,
    /// Only if the resource still has this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionResult {
    /// Whether it was done.
    pub success: bool,
    /// In words.
    #[serde(default)]
    pub message: String,
    /// The resource after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
}

/// Which resources are asked for; what is not named does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuery {
    /// Of this type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// At this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// With words that begin with all of these in id, name, type, state or fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl Resource {
    /// Whether it is one of those that are asked for.
    #[must_use]
    pub fn matches(&self, query: &ResourceQuery) -> bool {
        let same = |wanted: &Option<String>, own: &str| {
            wanted.as_deref().is_none_or(|wanted| crate::words::fold(wanted) == crate::words::fold(own))
        };
        let place = query.location_id.is_none() || query.location_id == self.location_id;
        same(&query.kind, &self.kind) && same(&query.status, &self.status) && place && self.says(query)
    }

    fn says(&self, query: &ResourceQuery) -> bool {
        let Some(text) = &query.text else { return true };
        let mut own = [&self.id, &self.name, &self.kind, &self.status].map(String::as_str).join(" ");
        for (name, value) in &self.attributes {
            own.push(' ');
            own.push_str(name);
            own.push(' ');
            match value {
                Value::String(text) => own.push_str(text),
                other => own.push_str(&other.to_string()),
            }
        }
        let own: Vec<String> = crate::words::tokens(&own).collect();
        crate::words::tokens(text).all(|word| own.iter().any(|other| other.starts_with(word.as_str())))
    }

    /// The resource after an action; the words that are not known here belong to a service of its own.
    ///
    /// # Errors
    /// What is wrong with the action.
    pub fn after(&self, action: &ResourceAction, now: UnixMillis) -> Result<Self, String> {
        if action.expected_version.is_some_and(|version| version != self.version) {
            return Err(format!("{} was changed meanwhile: it has version {}", self.id, self.version));
        }
        let text = |name: &str| action.parameters.get(name).and_then(Value::as_str);
        let mut next = Self { version: self.version + 1, updated_at: now, ..self.clone() };
        match action.action.as_str() {
            "set_status" => {
                let status = text("status").filter(|status| !status.is_empty());
                next.status = status.ok_or("expected parameters.status")?.to_owned();
            }
            "set_field" => {
                let field =
                    text("field").filter(|field| !field.is_empty()).ok_or("expected parameters.field")?;
                let value = action.parameters.get("value").ok_or("expected parameters.value")?;
                next.attributes.insert(field.to_owned(), value.clone());
            }
            other => return Err(format!("expected set_status or set_field, got {other}")),
        }
        Ok(next)
    }
}
