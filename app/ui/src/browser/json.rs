//! Answers of the server that are JSON, read by the browser and kept as rows are.

use inflight_wire::Datum;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

/// What an address of this server answers, read as JSON; the status where it is no success, and none where there was
/// no answer.
///
/// # Errors
/// The status, or none.
pub async fn fetch_json(address: &str) -> Result<Datum, Option<u16>> {
    let window = web_sys::window().ok_or(None)?;
    let response = JsFuture::from(window.fetch_with_str(address)).await.map_err(|_| None)?;
    let response: Response = response.dyn_into().map_err(|_| None)?;
    let status = Some(response.status());
    if !response.ok() {
        return Err(status);
    }
    let json = JsFuture::from(response.json().map_err(|_| status)?).await.map_err(|_| status)?;
    Ok(datum(&json))
}

/// Asks the server to do something.
///
/// # Errors
/// The status, or none where there was no answer.
pub async fn post(address: &str) -> Result<(), Option<u16>> {
    let window = web_sys::window().ok_or(None)?;
    let how = RequestInit::new();
    how.set_method("POST");
    let answer = JsFuture::from(window.fetch_with_str_and_init(address, &how)).await.map_err(|_| None)?;
    let response: Response = answer.dyn_into().map_err(|_| None)?;
    if response.ok() { Ok(()) } else { Err(Some(response.status())) }
}

/// Asks the server for something with a body of JSON, or none; what it answers, or the status and body of its refusal.
///
/// # Errors
/// The status, none where there was no answer, and what the body says.
pub async fn request(method: &str, address: &str, body: Option<&str>) -> Result<Datum, (Option<u16>, Datum)> {
    let lost = || (None, Datum::Nil);
    let window = web_sys::window().ok_or_else(lost)?;
    let how = RequestInit::new();
    how.set_method(method);
    if let Some(body) = body {
        how.set_body(&JsValue::from_str(body));
        let headers = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&headers, &"content-type".into(), &"application/json".into());
        how.set_headers(&headers);
    }
    let answer = JsFuture::from(window.fetch_with_str_and_init(address, &how)).await.map_err(|_| lost())?;
    let response: Response = answer.dyn_into().map_err(|_| lost())?;
    // An answer without a body is none the worse.
    let body = match response.json() {
        Ok(reading) => JsFuture::from(reading).await.map(|json| datum(&json)).unwrap_or_default(),
        Err(_) => Datum::Nil,
    };
    if response.ok() { Ok(body) } else { Err((Some(response.status()), body)) }
}

/// A value of the browser as rows hold it.
#[must_use]
pub fn datum(value: &JsValue) -> Datum {
    if let Some(text) = value.as_string() {
        return Datum::Text(text);
    }
    if let Some(truth) = value.as_bool() {
        return Datum::Bool(truth);
    }
    if let Some(number) = value.as_f64() {
        let whole = number as i64;
        return if whole as f64 == number { Datum::Integer(whole) } else { Datum::Float(number) };
    }
    if let Some(list) = value.dyn_ref::<js_sys::Array>() {
        return Datum::List(list.iter().map(|value| datum(&value)).collect());
    }
    let Some(object) = value.dyn_ref::<js_sys::Object>() else { return Datum::Nil };
    let member = |entry: JsValue| {
        let entry: js_sys::Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, datum(&entry.get(1))))
    };
    Datum::Map(js_sys::Object::entries(object).iter().filter_map(member).collect())
}
