//! Time zones as the browser knows them.

use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};

/// Clocks change at quarters of an hour; so long an answer holds, in milliseconds.
const HOLDS_MS: i64 = 900_000;

/// So many answers are kept.
const MOST: u32 = 20_000;

thread_local! {
    static KNOWN: RefCell<Vec<(String, Option<Zone>)>> = const { RefCell::new(Vec::new()) };
}

struct Zone {
    format: js_sys::Function,
    maker: JsValue,
    ahead_min: js_sys::Map,
}

/// By how many minutes clocks of a zone are ahead of UTC at a moment; none if the browser knows no such zone.
#[must_use]
pub fn zone_offset(zone: &str, unix_ms: i64) -> Option<i64> {
    KNOWN.with_borrow_mut(|known| {
        if !known.iter().any(|(own, _)| own == zone) {
            known.push((zone.to_owned(), Zone::new(zone)));
        }
        let zone = known.iter().find(|(own, _)| own == zone)?.1.as_ref()?;
        let quarter = unix_ms.div_euclid(HOLDS_MS);
        let key = JsValue::from_f64(quarter as f64);
        if let Some(ahead_min) = zone.ahead_min.get(&key).as_f64() {
            return Some(ahead_min as i64);
        }
        let date = js_sys::Date::new(&JsValue::from_f64((quarter * HOLDS_MS) as f64));
        let told = zone.format.call1(&zone.maker, &date).ok()?.as_string()?;
        let ahead_min = parse(&told)?;
        if zone.ahead_min.size() >= MOST {
            zone.ahead_min.clear();
        }
        zone.ahead_min.set(&key, &JsValue::from_f64(ahead_min as f64));
        Some(ahead_min)
    })
}

/// The name of the zone that the browser is set to.
#[must_use]
pub fn own_zone() -> Option<String> {
    let maker = Zone::maker(&JsValue::UNDEFINED)?;
    let options = get(&maker, "resolvedOptions")?.dyn_into::<js_sys::Function>().ok()?.call0(&maker).ok()?;
    get(&options, "timeZone")?.as_string()
}

impl Zone {
    fn new(name: &str) -> Option<Self> {
        let options = js_sys::Object::new();
        for (key, value) in [("timeZone", name), ("timeZoneName", "longOffset"), ("year", "numeric")] {
            js_sys::Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        let maker = Self::maker(&options)?;
        // `format` is a getter that gives a bound function.
        let format = get(&maker, "format")?.dyn_into::<js_sys::Function>().ok()?;
        Some(Self { format, maker, ahead_min: js_sys::Map::new() })
    }

    /// Throws where there is no such zone, which the browser alone knows; so it is built by reflection.
    fn maker(options: &JsValue) -> Option<JsValue> {
        let class =
            get(&get(&js_sys::global(), "Intl")?, "DateTimeFormat")?.dyn_into::<js_sys::Function>().ok()?;
        js_sys::Reflect::construct(&class, &js_sys::Array::of2(&"en-US".into(), options)).ok()
    }
}

fn get(of: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(of, &name.into()).ok()
}

/// Reads `2026, GMT+02:00`; `GMT` alone is UTC.
fn parse(told: &str) -> Option<i64> {
    let (_, offset) = told.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let sign = if offset.starts_with('+') { 1 } else { -1 };
    let digits = offset.trim_start_matches(['+', '-', '\u{2212}']);
    let mut parts = digits.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read() {
        for (told, expected) in [
            ("2026, GMT", Some(0)),
            ("2026, GMT+02:00", Some(120)),
            ("2026, GMT-03:30", Some(-210)),
            ("2026, GMT+5:45", Some(345)),
            ("2026", None),
        ] {
            assert_eq!(parse(told), expected, "{told}");
        }
    }
}
