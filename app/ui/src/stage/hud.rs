//! The instruments of a ride: three tapes, vertical speed and attitude, as HTML that moves by a few style properties.

use crate::text::{Locale, Units, altitude, decimal, integer, speed, track, vertical_rate};
use inflight_globe::{AircraftInstance, Ride};
use web_sys::{Element, HtmlElement};

/// Marks of a tape.
const MARKS: i32 = 13;

/// A climb that fills the scale of vertical speed, in metres per second.
const FULL_CLIMB_MPS: f64 = 15.24;

/// Pitch of one unit of the attitude's picture: its ladder has ten degrees in twenty units.
const UNITS_PER_DEGREE: f64 = 2.0;

const BALL: &str = r#"<svg class="hud-ball" viewBox="-60 -60 120 120"><clipPath id="hud-round"><circle r="50"/></clipPath><g clip-path="url(#hud-round)"><g class="hud-roll"><path class="hud-sky" d="M-120-200h240V0h-240Z"/><path class="hud-ground" d="M-120 0h240v200h-240Z"/><path class="hud-lines" d="M-120 0h240M-12-20h24M-8-10h16M-8 10h16M-12 20h24M-16-40h32M-16 40h32"/></g></g><circle class="hud-rim" r="50"/><path class="hud-wings" d="M-30 0h18l5 6M30 0h-18l-5 6M-1 0h2"/><path class="hud-scale" d="M0-57v6M28.5-49.4l-3 5.2M-28.5-49.4l3 5.2M49.4-28.5l-5.2 3M-49.4-28.5l5.2 3"/><path class="hud-pointer" d="m0-50 4 8h-8Z"/></svg>"#;

/// The instruments in an element.
pub struct Hud {
    heading: Tape,
    speed: Tape,
    altitude: Tape,
    root: HtmlElement,
    climb: Element,
    roll: Option<Element>,
    pointer: Option<Element>,
    words: (Locale, Units),
}

/// A scale that moves behind its mark.
struct Tape {
    root: HtmlElement,
    value: Element,
    marks: Vec<Element>,
    base: i32,
    text: String,
}

impl Hud {
    /// Builds the instruments in an element.
    #[must_use]
    pub fn new(root: HtmlElement, words: (Locale, Units)) -> Option<Self> {
        let mut html = String::from(BALL);
        for name in ["heading", "speed", "altitude"] {
            html += &format!(r#"<div class="tape tape-{name}"><div class="tape-marks">"#);
            (0..MARKS).for_each(|mark| html += &format!(r#"<b style="--n:{}"></b>"#, mark - MARKS / 2));
            html += r#"</div><p class="tape-box"><span></span><small></small></p></div>"#;
        }
        html += r#"<div class="hud-climb"><i></i><p></p></div>"#;
        root.set_inner_html(&html);
        let find = |selector: &str| root.query_selector(selector).ok().flatten();
        let mut hud = Self {
            heading: Tape::new(&find(".tape-heading")?)?,
            speed: Tape::new(&find(".tape-speed")?)?,
            altitude: Tape::new(&find(".tape-altitude")?)?,
            climb: find(".hud-climb p")?,
            roll: find(".hud-roll"),
            pointer: find(".hud-pointer"),
            root: root.clone(),
            words,
        };
        hud.set_words(words.0, words.1);
        Some(hud)
    }

    /// Writes in other units or another language.
    pub fn set_words(&mut self, locale: Locale, units: Units) {
        self.words = (locale, units);
        self.speed.set_unit(units.speed_unit());
        self.altitude.set_unit(units.altitude_unit());
    }

    /// Shows how an aircraft flies.
    pub fn show(&mut self, ride: &Ride, instance: &AircraftInstance) {
        let (locale, units) = self.words;
        let metric = units == Units::Metric;
        let heading_deg = ride.at.track_deg;
        self.heading.show(heading_deg / 10.0, 1.0, &track(heading_deg), heading_mark);
        let (per_mps, knots) = if metric { (3.6, 50.0) } else { (3600.0 / 1852.0, 20.0) };
        let text = speed(locale, units, instance.speed_mps);
        let plain = |step: f64| move |mark: i32| integer(locale, i64::from(mark) * step as i64);
        self.speed.show(instance.speed_mps * per_mps / knots, -1.0, &text, plain(knots));
        let (per_m, step) = if metric { (1.0, 200.0) } else { (1.0 / 0.3048, 500.0) };
        let text = altitude(locale, units, ride.at.altitude_m);
        self.altitude.show(ride.at.altitude_m * per_m / step, -1.0, &text, plain(step));
        let climb_mps = if instance.on_ground { 0.0 } else { instance.vertical_rate_mps };
        put(&self.climb, &vertical_rate(locale, units, climb_mps));
        set(&self.root, "--climb", (climb_mps / FULL_CLIMB_MPS).clamp(-1.0, 1.0));
        let (bank_deg, pitch_deg) = (ride.attitude.bank_deg, ride.attitude.pitch_deg);
        let turn = format!("rotate({})", decimal((-bank_deg * 10.0).round() as i64, 1));
        if let (Some(roll), Some(pointer)) = (&self.roll, &self.pointer) {
            let down = format!(
                "{turn}translate(0 {})",
                decimal((pitch_deg * UNITS_PER_DEGREE * 10.0).round() as i64, 1)
            );
            let _ = roll.set_attribute("transform", &down);
            let _ = pointer.set_attribute("transform", &turn);
        }
    }
}

impl Tape {
    fn new(root: &Element) -> Option<Self> {
        use wasm_bindgen::JsCast;
        let marks = root.first_element_child()?.children();
        let marks = (0..marks.length()).filter_map(|nth| marks.item(nth)).collect();
        let value = root.query_selector("span").ok()??;
        Some(Self { root: root.clone().dyn_into().ok()?, value, marks, base: i32::MIN, text: String::new() })
    }

    fn set_unit(&mut self, unit: &str) {
        self.base = i32::MIN;
        if let Ok(Some(small)) = self.root.query_selector("small") {
            put(&small, unit);
        }
    }

    /// Moves to a value in steps of its marks; `rising` is 1 where higher marks come later.
    fn show(&mut self, value: f64, rising: f64, text: &str, mark: impl Fn(i32) -> String) {
        let base = value.floor() as i32;
        if base != self.base {
            self.base = base;
            for (nth, element) in self.marks.iter().enumerate() {
                put(element, &mark(base + (nth as i32 - MARKS / 2) * rising as i32));
            }
        }
        set(&self.root, "--part", (value - f64::from(base)) * -rising);
        if self.text != text {
            text.clone_into(&mut self.text);
            put(&self.value, text);
        }
    }
}

/// Tens of degrees, and letters at the four winds; between them a tick.
fn heading_mark(tens: i32) -> String {
    match tens.rem_euclid(36) {
        0 => "N".to_owned(),
        9 => "E".to_owned(),
        18 => "S".to_owned(),
        27 => "W".to_owned(),
        tens if tens % 3 == 0 => tens.to_string(),
        _ => "\u{b7}".to_owned(),
    }
}

fn put(element: &Element, text: &str) {
    element.set_text_content(Some(text));
}

fn set(element: &HtmlElement, name: &str, value: f64) {
    let _ = element.style().set_property(name, &decimal((value * 1e3).round() as i64, 3));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_tens_and_winds() {
        for (tens, expected) in [(0, "N"), (3, "3"), (36, "N"), (-9, "W"), (12, "12"), (13, "\u{b7}")] {
            assert_eq!(heading_mark(tens), expected);
        }
    }
}
