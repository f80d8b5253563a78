//! Who may let an action happen: decided by code from numbers, never by a model.

use crate::approval::{ApprovalRequest, Role};
use crate::rules::{self, Compare, Condition, Explanation, Numbers};
use serde::{Deserialize, Serialize};

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyOutcome {
    /// It happens without a person.
    Automatic,
    /// Somebody with this role is asked.
    Ask(Role),
    /// It does not happen.
    Refuse,
}

/// A rule: all conditions hold, and the action is of this kind if one is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyRule {
    /// Its name, told to who is asked.
    pub name: String,
    /// Only actions whose target begins with this.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Conditions on `amount`, `confidence`, `risk` and whatever numbers the request carries.
    pub when: Vec<Condition>,
    /// What follows.
    pub then: PolicyOutcome,
}

impl PolicyRule {
    /// A rule for every target.
    #[must_use]
    pub fn new(name: &str, when: Vec<Condition>, then: PolicyOutcome) -> Self {
        Self { name: name.to_owned(), target: String::new(), when, then }
    }
}

/// Rules in their order: the first that holds decides. If none does, a coordinator is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The rules.
    pub rules: Vec<PolicyRule>,
}

/// What a policy said of a request, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// What follows.
    pub outcome: PolicyOutcome,
    /// The rule, and the numbers that met it.
    pub why: Explanation,
}

impl Default for Policy {
    /// Confident, cheap and harmless: automatic. Otherwise a coordinator.
    fn default() -> Self {
        let when = vec![
            Condition::new("confidence", Compare::AtLeast, 0.8),
            Condition::new("amount", Compare::Unknown, 0.0),
            Condition::new("risk", Compare::Unknown, 0.0),
        ];
        Self {
            name: "default".to_owned(),
            rules: vec![PolicyRule::new("confident and harmless", when, PolicyOutcome::Automatic)],
        }
    }
}

impl Policy {
    /// Asks a person for everything.
    #[must_use]
    pub fn ask_always(role: Role) -> Self {
        let rule = PolicyRule::new("always ask", Vec::new(), PolicyOutcome::Ask(role));
        Self { name: "ask".to_owned(), rules: vec![rule] }
    }

    /// The same, but what would happen by itself is asked of a coordinator where one of these limits is met. What
    /// is refused, or asked of somebody else, stays so.
    #[must_use]
    pub fn within(self, limits: &[(&str, Condition)]) -> Self {
        let limited = |rule: PolicyRule| {
            let is_automatic = rule.then == PolicyOutcome::Automatic;
            let asks = limits.iter().filter(|_| is_automatic).map(|(name, limit)| PolicyRule {
                name: (*name).to_owned(),
                target: rule.target.clone(),
                when: core::iter::once(limit).chain(&rule.when).cloned().collect(),
                then: PolicyOutcome::Ask(Role::Coordinator),
            });
            let mut rules: Vec<PolicyRule> = asks.collect();
            rules.push(rule);
            rules
        };
        Self { name: self.name, rules: self.rules.into_iter().flat_map(limited).collect() }
    }

    /// What follows for this request. Arguments that do not fit their own schema are for a person to see,
    /// whatever rule would let them pass.
    #[must_use]
    pub fn rule(&self, request: &ApprovalRequest) -> Ruling {
        let numbers = numbers(request);
        let of_target: Vec<&PolicyRule> = self
            .rules
            .iter()
            .filter(|rule| request.action.target.starts_with(rule.target.as_str()))
            .collect();
        let found = rules::first(of_target.iter().map(|rule| (rule.name.as_str(), &rule.when[..])), &numbers);
        let (outcome, why) = match found {
            Some((index, why)) => (of_target[index].then, why),
            None => (PolicyOutcome::Ask(Role::Coordinator), named("no rule holds")),
        };
        if outcome == PolicyOutcome::Automatic && request.check(&request.action.payload).is_err() {
            let why = named("arguments do not parse");
            return Ruling { outcome: PolicyOutcome::Ask(Role::Coordinator), why };
        }
        Ruling { outcome, why }
    }
}

fn named(rule: &str) -> Explanation {
    Explanation { rule: rule.to_owned(), because: Vec::new() }
}

fn numbers(request: &ApprovalRequest) -> Numbers {
    let mut numbers = request.numbers.clone();
    let own = [("confidence", Some(request.confidence)), ("amount", request.amount), ("risk", request.risk)];
    numbers.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    numbers
}
