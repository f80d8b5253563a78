//! What every effect must pass before it is intended, and again when a person has edited it.

use crate::effect::Effect;
use crate::spec::AgentAction;
use serde_json::{Map, Value};

/// What a guardrail looks at.
#[derive(Clone, Copy, Debug)]
pub struct Guarded<'a> {
    /// The row's id, the hook, the action's target.
    pub target: &'a str,
    /// The fields.
    pub payload: &'a Map<String, Value>,
    /// The run's state before the node.
    pub state: &'a Value,
}

/// A check by code. It blocks: nothing goes out that trips it.
#[derive(Clone, Copy, Debug)]
pub struct Guardrail {
    /// Its name, told when it trips.
    pub name: &'static str,
    /// Says what is wrong.
    pub check: fn(&Guarded<'_>) -> Result<(), String>,
}

/// Which guardrail tripped, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tripped {
    /// The guardrail's name.
    pub name: &'static str,
    /// What is wrong.
    pub message: String,
}

/// Holds an effect to all guardrails.
///
/// # Errors
/// The first that trips.
pub fn check_effect(guardrails: &[Guardrail], effect: &Effect, state: &Value) -> Result<(), Tripped> {
    check(guardrails, &Guarded { target: &effect.target, payload: &effect.payload, state })
}

/// Holds an action with this payload to all guardrails.
///
/// # Errors
/// The first that trips.
pub fn check_action(
    guardrails: &[Guardrail],
    action: &AgentAction,
    payload: &Map<String, Value>,
    state: &Value,
) -> Result<(), Tripped> {
    check(guardrails, &Guarded { target: &action.target, payload, state })
}

fn check(guardrails: &[Guardrail], guarded: &Guarded<'_>) -> Result<(), Tripped> {
    for guardrail in guardrails {
        if let Err(message) = (guardrail.check)(guarded) {
            return Err(Tripped { name: guardrail.name, message });
        }
    }
    Ok(())
}
