//! The local reasoner: rules over named numbers and sentences with gaps. Deterministic, and it says which rule decided and why.

use crate::budget::Usage;
use crate::question::{Answer, AskFailure, LocalRule, ModelQuestion};
use crate::rules;
use crate::schema;
use serde_json::{Map, Value};

/// What the local reasoner calls itself in answers.
pub const NAME: &str = "local";

/// Answers by the question's own rules: the first that holds.
///
/// # Errors
/// No rule holds, or the rule's answer does not fit the schema.
pub fn answer(question: &ModelQuestion) -> Result<Answer, AskFailure> {
    let rules = question.rules.iter().map(|rule| (rule.name.as_str(), &rule.when[..]));
    let Some((index, why)) = rules::first(rules, &question.numbers) else {
        return Err(failure("refused", "no local rule holds"));
    };
    let rule = &question.rules[index];
    let reasoning = fill(&rule.says, question);
    let (text, value) = match &question.schema {
        None => (reasoning, None),
        Some(schema) => {
            let value = Value::Object(reasoned(rule, reasoning));
            schema::check(schema, &value).map_err(|misfit| failure("invalid", &misfit.to_string()))?;
            (value.to_string(), Some(value))
        }
    };
    let (usage, by) = (Usage::default(), NAME.to_owned());
    Ok(Answer { text, value, usage, by, why: Some(why), ..Answer::default() })
}

/// A text with `{name}` replaced by the number or the word of that name; what is not known stays as it is.
#[must_use]
pub fn fill(text: &str, question: &ModelQuestion) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| Some((value_of(name, question)?, after)));
        match known {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn value_of(name: &str, question: &ModelQuestion) -> Option<String> {
    let number = question.numbers.get(name).map(|number| {
        let hundredths = (number * 100.0).round() / 100.0;
        rules::number_text(hundredths)
    });
    number.or_else(|| question.words.get(name).cloned())
}

fn reasoned(rule: &LocalRule, reasoning: String) -> Map<String, Value> {
    let mut fields = rule.then.clone();
    if !reasoning.is_empty() {
        fields.insert("reasoning".to_owned(), Value::String(reasoning));
    }
    fields
}

fn failure(kind: &str, message: &str) -> AskFailure {
    AskFailure::new(kind, message)
}
