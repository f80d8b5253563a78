//! Asking a person: what is asked, which fields may be changed, and what was decided.

use crate::rules::Numbers;
use crate::schema::{self, Misfit};
use crate::spec::AgentAction;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Who may decide. An admin may decide everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing.
    Viewer,
    /// Loads, negotiations, cases, resources.
    #[default]
    Coordinator,
    /// Signals, proposals, markets.
    Trader,
    /// Everything.
    Admin,
}

impl Role {
    /// Whether somebody with this role may decide what asks for `wanted`.
    #[must_use]
    pub fn may(self, wanted: Self) -> bool {
        self == Self::Admin || self == wanted
    }
}

/// What happens to an item that nobody decides in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// It is rejected.
    #[default]
    Reject,
    /// It goes to an admin, once, for as long again; then it is rejected.
    Escalate,
}

/// What a field of a form takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words.
    #[default]
    Text,
    /// A number between `min` and `max`.
    Number,
    /// One of `choices`.
    Choice,
    /// Yes or no.
    Boolean,
    /// RFC 3339.
    Time,
}

/// A field of the payload that who decides may change. Fields that are not named here may not change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Editable {
    /// The payload's field.
    pub name: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// What people read.
    pub label: String,
    /// For [`FieldKind::Choice`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<String>>,
    /// For [`FieldKind::Number`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// For [`FieldKind::Number`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// What an agent wants to do, for the policy and perhaps a person to judge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// A line for the queue.
    pub title: String,
    /// Why the agent wants it.
    pub why: String,
    /// What it wants to do.
    pub action: AgentAction,
    /// The place of what it is about, where that is not the input's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What may be changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editable: Vec<Editable>,
    /// JSON schema of the payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// 0 to 1.
    pub confidence: f64,
    /// Money, if it costs any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// 0 to 1, if there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
    /// Other numbers that the policy may look at.
    #[serde(default, skip_serializing_if = "Numbers::is_empty")]
    pub numbers: Numbers,
    /// Milliseconds until it expires; never if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<i64>,
    /// What then.
    #[serde(default)]
    pub on_expiry: OnExpiry,
}

impl ApprovalRequest {
    /// Without numbers that are none, which JSON cannot record: no confidence is the least, and an amount or
    /// a risk that is no number is not known.
    #[must_use]
    pub fn sound(mut self) -> Self {
        if !self.confidence.is_finite() {
            self.confidence = 0.0;
        }
        self.amount = self.amount.filter(|amount| amount.is_finite());
        self.risk = self.risk.filter(|risk| risk.is_finite());
        self.numbers.retain(|_, number| number.is_finite());
        self
    }

    /// Whether a payload may take the place of the proposed one: only editable fields differ, each is of its
    /// kind, and the whole fits the schema.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, payload: &Map<String, Value>) -> Result<(), Misfit> {
        let before = &self.action.payload;
        let changed = |name: &String| before.get(name) != payload.get(name);
        for name in before.keys().chain(payload.keys()).filter(|name| changed(name)) {
            if !self.editable.iter().any(|field| field.name == *name) {
                return Err(Misfit::new(name, "a field that may be changed"));
            }
        }
        for field in &self.editable {
            if let Some(value) = payload.get(&field.name) {
                field.check(value)?;
            }
        }
        match &self.schema {
            Some(schema) => schema::check(schema, &Value::Object(payload.clone())),
            None => Ok(()),
        }
    }
}

impl Editable {
    fn check(&self, value: &Value) -> Result<(), Misfit> {
        let within = |number: f64| {
            self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
        };
        let chosen = |text: &str| self.choices.as_ref().is_none_or(|all| all.iter().any(|one| one == text));
        let (fits, expected) = match self.kind {
            FieldKind::Text => (value.is_string(), "text"),
            FieldKind::Number => (value.as_f64().is_some_and(within), "a number within its bounds"),
            FieldKind::Choice => (value.as_str().is_some_and(chosen), "one of the choices"),
            FieldKind::Boolean => (value.is_boolean(), "true or false"),
            FieldKind::Time => {
                (value.as_str().and_then(UnixMillis::parse_rfc3339).is_some(), "a time as RFC 3339")
            }
        };
        if fits { Ok(()) } else { Err(Misfit::new(&self.name, expected)) }
    }
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Do it, with this payload if one is given.
    Approve {
        /// The edited payload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// Do it not.
    Reject,
}

/// A person's decision on an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The item.
    pub approval: String,
    /// Who decides.
    pub by: String,
    /// In which role.
    pub role: Role,
    /// What.
    pub decision: DecisionKind,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Milliseconds in which it may be taken back.
    #[serde(default)]
    pub undo_ms: i64,
}

/// What became of a request, for the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is to be done, with this payload.
    Approved {
        /// A person, or `policy:` and the rule.
        by: String,
        /// As proposed or as edited.
        payload: Map<String, Value>,
        /// Whether it was edited.
        edited: bool,
    },
    /// It is not to be done.
    Rejected {
        /// A person, `policy:` and the rule, or `clock` when nobody decided in time.
        by: String,
        /// Why, if told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It is not to be done any more: what it was about went on without it.
    Withdrawn {
        /// Who made it go on, a person or an agent.
        by: String,
        /// Why: [`crate::withdrawal::CLOSED`] or [`crate::withdrawal::SUPERSEDED`].
        reason: String,
    },
}

impl Verdict {
    /// Whose it is.
    #[must_use]
    pub fn by(&self) -> &str {
        let (Self::Approved { by, .. } | Self::Rejected { by, .. } | Self::Withdrawn { by, .. }) = self;
        by
    }
}
