//! What marks itself as sensitive: a member `sensitive` that is true, or that names what is.

use crate::event::EventKind;
use crate::question::Question;
use crate::spec::AgentInput;
use crate::store::Document;
use serde_json::{Map, Value};

/// Whether these fields mark anything among them.
#[must_use]
pub fn marked(fields: &Map<String, Value>) -> bool {
    match fields.get("sensitive") {
        Some(Value::Bool(is_marked)) => *is_marked,
        Some(Value::Array(names)) => !names.is_empty(),
        Some(Value::String(name)) => !name.is_empty(),
        _ => false,
    }
}

impl AgentInput {
    /// Whether its metadata mark anything of it; then nothing of what is made of it is stored in plain text.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.content.metadata.as_ref().is_some_and(marked)
    }
}

impl Document {
    /// Whether it marks any of its fields.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        marked(&self.fields)
    }
}

impl Question {
    /// Whether the agent marks it.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        matches!(self, Self::Model(question) if question.sensitive)
    }
}

impl EventKind {
    /// Whether with it begins what must not be stored in plain text.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        match self {
            Self::Started(started) => started.sensitive || started.input.is_sensitive(),
            Self::Asked { question, .. } => question.is_sensitive(),
            Self::Answered { answer, .. } => answer.sensitive,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(fields: Value, expected: bool) {
        assert_eq!(marked(fields.as_object().unwrap()), expected, "{fields}");
    }

    #[test]
    fn marks_are_read() {
        check(json!({"sensitive": ["passport"]}), true);
        check(json!({"sensitive": "passport"}), true);
        check(json!({"sensitive": true}), true);
        check(json!({"sensitive": false}), false);
        check(json!({"sensitive": []}), false);
        check(json!({"passport": "x"}), false);
    }
}
