//! The difference between two states, small enough to be recorded with each step.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One change of a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Where, as a JSON pointer; empty for the whole.
    pub at: String,
    /// What stands there now. Nothing stands there any more if none, and null is something.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// The changes that make `before` into `after`. Items of lists are compared place by place.
#[must_use]
pub fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(before, after, &mut String::new(), &mut changes);
    changes
}

/// Makes the changes.
///
/// # Errors
/// The place of the first that does not fit this state.
pub fn apply(state: &mut Value, changes: &[Change]) -> Result<(), String> {
    for change in changes {
        apply_one(state, change).ok_or_else(|| change.at.clone())?;
    }
    Ok(())
}

fn compare(before: &Value, after: &Value, at: &mut String, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for name in old.keys().filter(|name| !new.contains_key(*name)) {
                below(at, name, |at| changes.push(Change { at: at.clone(), to: None }));
            }
            for (name, value) in new {
                below(at, name, |at| match old.get(name) {
                    Some(old) => compare(old, value, at, changes),
                    None => changes.push(Change { at: at.clone(), to: Some(value.clone()) }),
                });
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                below(at, &index.to_string(), |at| compare(old, new, at, changes));
            }
            for (index, value) in new.iter().enumerate().skip(old.len()) {
                below(at, &index.to_string(), |at| {
                    changes.push(Change { at: at.clone(), to: Some(value.clone()) });
                });
            }
            for index in (new.len()..old.len()).rev() {
                below(at, &index.to_string(), |at| changes.push(Change { at: at.clone(), to: None }));
            }
        }
        _ => changes.push(Change { at: at.clone(), to: Some(after.clone()) }),
    }
}

fn below(at: &mut String, name: &str, with: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
    with(at);
    at.truncate(length);
}

fn apply_one(state: &mut Value, change: &Change) -> Option<()> {
    let Some((parent, name)) = change.at.rsplit_once('/') else {
        *state = change.to.clone()?;
        return Some(());
    };
    match state.pointer_mut(parent)? {
        Value::Object(fields) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            match &change.to {
                Some(value) => drop(fields.insert(name, value.clone())),
                None => drop(fields.remove(&name)?),
            }
        }
        Value::Array(items) => {
            let index: usize = name.parse().ok()?;
            match &change.to {
                Some(value) if index == items.len() => items.push(value.clone()),
                Some(value) => *items.get_mut(index)? = value.clone(),
                None => drop((index + 1 == items.len()).then(|| items.pop())?),
            }
        }
        _ => return None,
    }
    Some(())
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
