//! Labels as HTML over the canvas: placed by the globe, moved by transforms, faded by the style sheet.

use crate::browser::text_scale;
use crate::stage::ground::Taken;
use crate::stage::naming::{Look, Name, choose, point_of};
use crate::state::follow::Focus;
use inflight_domain::Icao24;
use inflight_globe::labels::Shown;
use rustc_hash::FxHashMap;
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement};

/// Time between two choices of who bears a name, in milliseconds.
const CHOOSE_MS: f64 = 150.0;

/// How long a label fades before it is taken away, in milliseconds.
const FADE_MS: f64 = 240.0;

/// The element over the canvas and the labels in it.
pub struct LabelLayer {
    document: Document,
    holder: HtmlElement,
    labels: FxHashMap<u32, Label>,
    leaving: Vec<(f64, HtmlElement)>,
    shown: Shown,
    names: Vec<Name>,
    chosen_ms: f64,
    chosen_for: (Focus, Option<usize>),
    scale: f64,
    /// What the names of the last frame took of the picture.
    pub(super) boxes: Vec<Taken>,
}

struct Label {
    element: HtmlElement,
    text: String,
    class: &'static str,
    x: i32,
    y: i32,
    seen: bool,
}

impl LabelLayer {
    /// Labels in an element that lies over the canvas.
    #[must_use]
    pub fn new(holder: HtmlElement) -> Option<Self> {
        let document = holder.owner_document()?;
        Some(Self {
            document,
            holder,
            labels: FxHashMap::default(),
            leaving: Vec::new(),
            shown: Shown::default(),
            names: Vec::new(),
            chosen_ms: f64::MIN,
            chosen_for: (Focus::default(), None),
            scale: text_scale(),
            boxes: Vec::new(),
        })
    }

    /// Puts the labels of a frame in place. Who bears one is looked at anew a few times a second; in between the
    /// chosen ones move with their aircraft.
    pub fn draw(&mut self, look: Look<'_>) {
        let wall_ms = look.now.wall_ms;
        let since_ms = wall_ms - self.chosen_ms;
        // In a still picture no time passes, and each frame may be the last.
        let due = since_ms <= 0.0 || since_ms >= CHOOSE_MS;
        if due || self.chosen_for != (look.focus, look.scene.hovered()) {
            self.chosen_ms = wall_ms;
            self.chosen_for = (look.focus, look.scene.hovered());
            self.names = choose(look, &mut self.shown, self.scale);
        }
        self.labels.values_mut().for_each(|label| label.seen = false);
        let names = core::mem::take(&mut self.names);
        self.boxes.clear();
        for name in &names {
            if let Some(point) = point_of(look, name.icao24) {
                let (left, top) = (point.x + name.right_px, point.y + name.down_px);
                let letters = name.text.lines().map(str::len).max().unwrap_or(0) as f64;
                let lines = name.text.lines().count() as f64;
                // The aircraft itself is part of it.
                let (right, bottom) =
                    (left + (letters + 1.0) * 8.0 * self.scale, top + lines * 18.0 * self.scale);
                self.boxes.push([left.min(point.x), top, right.max(point.x), bottom]);
                self.show(name, left, top);
            }
        }
        self.names = names;
        self.fade(wall_ms);
    }

    /// Looks at the next frame who bears a name and what it says.
    pub fn choose_anew(&mut self) {
        self.chosen_ms = f64::MIN;
    }

    fn show(&mut self, name: &Name, x: f64, y: f64) {
        let key = name.icao24.get();
        if !self.labels.contains_key(&key) {
            let Some(element) = self.create(name.icao24) else { return };
            let label =
                Label { element, text: String::new(), class: "", x: i32::MIN, y: i32::MIN, seen: true };
            self.labels.insert(key, label);
        }
        let Some(label) = self.labels.get_mut(&key) else { return };
        label.seen = true;
        if label.text != name.text {
            label.element.set_text_content(Some(&name.text));
            label.text.clone_from(&name.text);
        }
        if label.class != name.class {
            label.element.set_class_name(name.class);
            label.class = name.class;
        }
        // Tenths of a pixel: whole ones make slow aircraft drag their names in steps.
        let (x, y) = ((x * 10.0).round() as i32, (y * 10.0).round() as i32);
        if (label.x, label.y) != (x, y) {
            (label.x, label.y) = (x, y);
            let moved = format!("translate({}px,{}px)", tenths(x), tenths(y));
            let _ = label.element.style().set_property("transform", &moved);
            let _ = label.element.set_attribute("data-x", &tenths(x));
            let _ = label.element.set_attribute("data-y", &tenths(y));
        }
    }

    fn create(&self, icao24: Icao24) -> Option<HtmlElement> {
        let element: HtmlElement = self.document.create_element("span").ok()?.dyn_into().ok()?;
        element.set_attribute("data-hex", &icao24.to_string()).ok()?;
        self.holder.append_child(&element).ok()?;
        Some(element)
    }

    /// Labels that are not shown any more fade, those that have faded go.
    fn fade(&mut self, wall_ms: f64) {
        let leaving = &mut self.leaving;
        self.labels.retain(|_, label| {
            if !label.seen {
                label.element.set_class_name("label is-leaving");
                leaving.push((wall_ms + FADE_MS, label.element.clone()));
            }
            label.seen
        });
        leaving.retain(|(until_ms, element)| {
            let stays = *until_ms > wall_ms;
            if !stays {
                element.remove();
            }
            stays
        });
    }
}

fn tenths(value: i32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{}", value.unsigned_abs() / 10, value.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_written_out() {
        for (value, expected) in [(0, "0.0"), (125, "12.5"), (-3, "-0.3"), (-120, "-12.0")] {
            assert_eq!(tenths(value), expected);
        }
    }
}
