//! Values between the page and the agents. The browser reads and writes JSON: a reader of ours would be 10 KB more.

use inflight_agents::canonical;
use js_sys::{Array, JSON, Object};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};

/// What the page said, which is JSON text.
pub fn from_page(said: &JsValue) -> Value {
    let text = said.as_string().unwrap_or_default();
    JSON::parse(&text).map_or(Value::Null, |parsed| value(&parsed))
}

/// For the page, as plain objects.
pub fn to_page(value: &Value) -> JsValue {
    JSON::parse(&canonical::text(value)).unwrap_or(JsValue::NULL)
}

fn value(own: &JsValue) -> Value {
    if let Some(text) = own.as_string() {
        return Value::String(text);
    }
    if let Some(truth) = own.as_bool() {
        return Value::Bool(truth);
    }
    if let Some(number) = own.as_f64() {
        let whole = number as i64;
        return if whole as f64 == number { whole.into() } else { number.into() };
    }
    if let Some(list) = own.dyn_ref::<Array>() {
        return Value::Array(list.iter().map(|own| value(&own)).collect());
    }
    let Some(object) = own.dyn_ref::<Object>() else { return Value::Null };
    let member = |entry: JsValue| {
        let entry: Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, value(&entry.get(1))))
    };
    Value::Object(Object::entries(object).iter().filter_map(member).collect::<Map<_, _>>())
}
