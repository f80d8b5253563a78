//! Address, storage, clipboard, focus and preferences of the page.

use crate::state::filter::Matcher;
use crate::text::Namer;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Response, Url};

/// The query string of the address.
#[must_use]
pub fn query() -> String {
    web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default()
}

/// Goes to the page that asks who one is, and comes back from there.
pub fn sign_in() {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return };
    let here = location.pathname().unwrap_or_default() + &query();
    let to = String::from(js_sys::encode_uri_component(&here));
    // Fails only for an address that is none.
    let _ = location.assign(&("/sign-in?to=".to_owned() + &to));
}

/// Puts another query string into the address without leaving the page or growing its history.
pub fn replace_query(query: &str) {
    let Some(window) = web_sys::window() else { return };
    let path = window.location().pathname().unwrap_or_default();
    if let Ok(history) = window.history() {
        let state = history.state().unwrap_or(JsValue::NULL);
        // Browsers refuse after about a hundred changes in half a minute; the next one then says it all.
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{query}")));
    }
}

/// Reads from the browser's storage; none where it is switched off.
#[must_use]
pub fn load(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Writes to the browser's storage, where there is one.
pub fn save(key: &str, text: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage()) {
        // Full or switched off: the choice then lasts as long as the page.
        let _ = storage.set_item(key, text);
    }
}

/// Sets an attribute of the document's root element, or takes it away.
pub fn set_root(name: &str, value: Option<&str>) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Sets an attribute of the document's body.
pub fn set_body(name: &str, value: &str) {
    if let Some(body) =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.body())
    {
        let _ = body.set_attribute(name, value);
    }
}

/// The bytes at an address relative to the page; none if they cannot be had.
pub async fn fetch_bytes(address: &str) -> Option<Vec<u8>> {
    let window = web_sys::window()?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Device pixels per CSS pixel.
#[must_use]
pub fn pixel_ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio())
}

/// Puts text on the clipboard; whether the browser allowed it.
pub async fn copy_text(text: String) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let navigator: JsValue = window.navigator().into();
    // Absent on pages that are not served securely.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
        Err(_) => false,
    }
}

/// Hands the person a file.
pub fn download(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let address = Blob::new_with_str_sequence_and_options(&parts, &options)
        .and_then(|blob| Url::create_object_url_with_blob(&blob));
    let anchor = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.create_element("a").ok())
        .and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok());
    if let (Ok(address), Some(anchor)) = (address, anchor) {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
        // The browser has taken the file by the time the click returns.
        let _ = Url::revoke_object_url(&address);
    }
}

/// Moves the focus to the first element that a selector finds.
pub fn focus(selector: &str) {
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector(selector).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = found {
        let _ = element.focus();
    }
}

/// Whether the page is in the background.
#[must_use]
pub fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// Whether the person asked the system for less motion.
#[must_use]
pub fn prefers_reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the page is as narrow as a phone; the style sheet asks the same.
#[must_use]
pub fn is_narrow() -> bool {
    matches("(max-width: 39.99em)")
}

/// Whether a panel and the inspector have room beside each other; the style sheet asks the same.
#[must_use]
pub fn is_wide() -> bool {
    matches("(min-width: 80em)")
}

/// How much larger than usual the person wants text.
#[must_use]
pub fn text_scale() -> f64 {
    let window = web_sys::window();
    let root =
        window.as_ref().and_then(|window| window.document()).and_then(|document| document.document_element());
    let size = window
        .zip(root)
        .and_then(|(window, root)| window.get_computed_style(&root).ok().flatten())
        .and_then(|style| style.get_property_value("font-size").ok());
    size.map_or(1.0, |text| (js_sys::Number::parse_float(&text) / 16.0).clamp(0.5, 4.0))
}

/// The language that the browser is set to.
#[must_use]
pub fn language() -> Option<String> {
    web_sys::window().and_then(|window| window.navigator().language())
}

/// Whether a media query holds.
fn matches(query: &str) -> bool {
    web_sys::window()
        .and_then(|window| window.match_media(query).ok().flatten())
        .is_some_and(|list| list.matches())
}

/// By how many minutes clocks here are ahead of UTC at a moment.
#[must_use]
pub fn minutes_ahead(unix_ms: i64) -> i64 {
    -js_sys::Date::new(&JsValue::from_f64(unix_ms as f64)).get_timezone_offset() as i64
}

/// The whole address of the page.
#[must_use]
pub fn address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// A regular expression of the browser that does not mind case, or what the browser says is wrong with it.
///
/// # Errors
/// The browser's words.
pub fn compile(pattern: &str) -> Result<Matcher, String> {
    let wrong = |error: JsValue| {
        let words = error.dyn_into::<js_sys::Error>().map(|error| String::from(error.message()));
        let words = words.unwrap_or_default();
        // Browsers repeat the pattern before what is wrong with it.
        words.rsplit(": ").next().unwrap_or_default().to_owned()
    };
    let maker = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into()).map_err(wrong)?;
    let arguments = js_sys::Array::of2(&pattern.into(), &"i".into());
    // Built by reflection, because the direct way throws where this one answers.
    let made =
        js_sys::Reflect::construct(maker.unchecked_ref::<js_sys::Function>(), &arguments).map_err(wrong)?;
    let expression: js_sys::RegExp = made.unchecked_into();
    Ok(Box::new(move |text| expression.test(text)))
}

/// Names countries in a language as the browser does; none where the browser cannot.
#[must_use]
pub fn country_namer(tag: &str) -> Option<Namer> {
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    let maker = get(&get(&js_sys::global(), "Intl")?, "DisplayNames")?.dyn_into::<js_sys::Function>().ok()?;
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
    let arguments = js_sys::Array::of2(&tag.into(), &options);
    let names = js_sys::Reflect::construct(&maker, &arguments).ok()?;
    let of = get(&names, "of")?.dyn_into::<js_sys::Function>().ok()?;
    // What it does not know it answers with the code.
    Some(Box::new(move |code| of.call1(&names, &code.into()).ok()?.as_string().filter(|name| name != code)))
}

/// Gives a field its value, unless it has it, and says below it what is wrong with that.
pub fn set_field(id: &str, value: &str, wrong: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if let Some(field) = document.get_element_by_id(id) {
        let _ = field.set_attribute("aria-invalid", if wrong.is_empty() { "false" } else { "true" });
        let field: web_sys::HtmlInputElement = field.unchecked_into();
        if field.value() != value {
            field.set_value(value);
        }
    }
    if let Some(said) = document.get_element_by_id(&format!("{id}-wrong")) {
        said.set_text_content(Some(wrong));
    }
}

/// Whether the focus is nowhere, as after its element was made anew.
#[must_use]
pub fn nothing_focused() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document
        .is_some_and(|document| document.active_element().is_none_or(|element| element.tag_name() == "BODY"))
}

/// The wall's clock in milliseconds since 1970, as this machine has it.
#[must_use]
pub fn wall_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// An element by its id.
#[must_use]
pub fn element(id: &str) -> Option<web_sys::Element> {
    web_sys::window()?.document()?.get_element_by_id(id)
}

/// Calls back with each element that a selector finds.
pub fn each_element(selector: &str, mut act: impl FnMut(&web_sys::Element)) {
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector_all(selector).ok());
    let Some(found) = found else { return };
    let elements = (0..found.length()).filter_map(|place| found.item(place)?.dyn_into().ok());
    elements.for_each(|element| act(&element));
}

/// The language of the document.
#[must_use]
pub fn root_language() -> Option<String> {
    web_sys::window()?.document()?.document_element()?.get_attribute("lang")
}
