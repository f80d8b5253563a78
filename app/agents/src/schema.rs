//! The part of JSON Schema that answers and payloads are held to: type, enum, const, required, properties, additionalProperties, items, bounds.

use serde_json::Value;
use std::fmt;

/// Where a value is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The way to it, with dots; empty for the whole.
    pub at: String,
    /// What was expected there.
    pub expected: String,
}

impl Misfit {
    /// At this field something else was expected.
    #[must_use]
    pub fn new(at: &str, expected: &str) -> Self {
        Self { at: at.to_owned(), expected: expected.to_owned() }
    }

    fn below(mut self, name: &str) -> Self {
        self.at = if self.at.is_empty() { name.to_owned() } else { [name, &self.at].join(".") };
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the value" } else { &self.at };
        f.write_str(at)?;
        f.write_str(": expected ")?;
        f.write_str(&self.expected)
    }
}

impl std::error::Error for Misfit {}

/// Holds a value to a schema. Words of a schema that are not known here are passed over.
///
/// # Errors
/// The first place that does not fit.
pub fn check(schema: &Value, value: &Value) -> Result<(), Misfit> {
    check_type(schema, value)?;
    let misfit = |expected: &str| Err(Misfit::new("", expected));
    if let Some(constant) = schema.get("const").filter(|constant| *constant != value) {
        return misfit(&constant.to_string());
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array)
        && !choices.contains(value)
    {
        return misfit(&["one of", &Value::Array(choices.clone()).to_string()].join(" "));
    }
    for (word, holds) in [("anyOf", true), ("oneOf", true)] {
        if let Some(ways) = schema.get(word).and_then(Value::as_array)
            && ways.iter().any(|way| check(way, value).is_ok()) != holds
        {
            return misfit("one of several forms");
        }
    }
    match value {
        Value::Object(_) => check_object(schema, value),
        Value::Array(items) => check_array(schema, items),
        Value::Number(_) | Value::String(_) => check_bounds(schema, value),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn check_type(schema: &Value, value: &Value) -> Result<(), Misfit> {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.trunc() == number),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => true,
    };
    match schema.get("type") {
        Some(Value::String(name)) if !is(name) => Err(Misfit::new("", name)),
        Some(Value::Array(names)) if !names.iter().filter_map(Value::as_str).any(is) => {
            Err(Misfit::new("", &Value::Array(names.clone()).to_string()))
        }
        _ => Ok(()),
    }
}

fn check_object(schema: &Value, value: &Value) -> Result<(), Misfit> {
    for name in words(schema, "required") {
        if value.get(name).is_none() {
            return Err(Misfit::new(name, "a value"));
        }
    }
    let properties = schema.get("properties");
    for (name, field) in value.as_object().into_iter().flatten() {
        let own = properties.and_then(|properties| properties.get(name));
        let rule = own.or_else(|| schema.get("additionalProperties"));
        match rule {
            Some(Value::Bool(false)) => return Err(Misfit::new(name, "no such field")),
            Some(rule) => check(rule, field).map_err(|misfit| misfit.below(name))?,
            None => {}
        }
    }
    Ok(())
}

fn check_array(schema: &Value, items: &[Value]) -> Result<(), Misfit> {
    let count = items.len() as f64;
    if number(schema, "minItems").is_some_and(|least| count < least) {
        return Err(Misfit::new("", "more items"));
    }
    if number(schema, "maxItems").is_some_and(|most| count > most) {
        return Err(Misfit::new("", "fewer items"));
    }
    let Some(rule) = schema.get("items") else { return Ok(()) };
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(rule, item).map_err(|misfit| misfit.below(&index.to_string())))
}

fn check_bounds(schema: &Value, value: &Value) -> Result<(), Misfit> {
    let (least, most, size) = match value {
        Value::String(text) => ("minLength", "maxLength", text.chars().count() as f64),
        _ => ("minimum", "maximum", value.as_f64().unwrap_or_default()),
    };
    for (word, holds) in [
        (least, number(schema, least).is_none_or(|bound| size >= bound)),
        (most, number(schema, most).is_none_or(|bound| size <= bound)),
    ] {
        if !holds {
            let bound = schema.get(word).map(Value::to_string).unwrap_or_default();
            return Err(Misfit::new("", &[word, &bound].join(" ")));
        }
    }
    Ok(())
}

fn number(schema: &Value, word: &str) -> Option<f64> {
    schema.get(word).and_then(Value::as_f64)
}

fn words<'a>(schema: &'a Value, word: &str) -> impl Iterator<Item = &'a str> {
    schema.get(word).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_held_to_schemas() {
        let schema = json!({
            "type": "object",
            "required": ["seats"],
            "additionalProperties": false,
            "properties": {
                "seats": {"type": "integer", "minimum": 1, "maximum": 9},
                "cabin": {"enum": ["economy", "business"]},
                "notes": {"type": ["array", "null"], "items": {"type": "string", "minLength": 2}, "maxItems": 2},
                "way": {"anyOf": [{"const": 1}, {"type": "string"}]}
            }
        });
        for (value, expected) in [
            (json!({"seats": 3, "cabin": "economy", "notes": ["ab"], "way": 1}), ""),
            (json!({"seats": 3.0, "notes": null, "way": "x"}), ""),
            (json!([]), "the value: expected object"),
            (json!({}), "seats: expected a value"),
            (json!({"seats": 2.5}), "seats: expected integer"),
            (json!({"seats": 10}), "seats: expected maximum 9"),
            (json!({"seats": 1, "cabin": "first"}), "cabin: expected one of [\"economy\",\"business\"]"),
            (json!({"seats": 1, "notes": ["ab", "c"]}), "notes.1: expected minLength 2"),
            (json!({"seats": 1, "notes": ["ab", "cd", "ef"]}), "notes: expected fewer items"),
            (json!({"seats": 1, "way": 2}), "way: expected one of several forms"),
            (json!({"seats": 1, "more": 2}), "more: expected no such field"),
        ] {
            let found = check(&schema, &value).err().map(|misfit| misfit.to_string());
            assert_eq!(found.unwrap_or_default(), expected, "{value}");
        }
    }
}
