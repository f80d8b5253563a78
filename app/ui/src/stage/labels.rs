//! Labels as HTML over the canvas: placed by the globe, moved by transforms, faded by the style sheet.

use crate::browser::text_scale;
use crate::stage::instances::Instances;
use crate::state::board::Board;
use crate::state::follow::Focus;
use inflight_domain::Icao24;
use inflight_globe::labels::{Candidate, Shown, place};
use inflight_globe::{Camera, Now, Scene, pick};
use rustc_hash::FxHashMap;
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement};

/// Height of a label in CSS pixels.
const HEIGHT_PX: f64 = 18.0;

/// Width of a letter, a little too wide rather than too narrow, in CSS pixels.
const LETTER_PX: f64 = 8.0;

/// Air at both ends of a label in CSS pixels.
const ENDS_PX: f64 = 8.0;

/// Picture that one label is given, in square CSS pixels.
const AREA_PX: f64 = 26_000.0;

/// Labels at most, for the sake of the eye and of slow machines.
const MOST: usize = 48;

/// How long a label fades before it is taken away, in milliseconds.
const FADE_MS: f64 = 240.0;

/// The element over the canvas and the labels in it.
pub struct LabelLayer {
    document: Document,
    holder: HtmlElement,
    labels: FxHashMap<u32, Label>,
    leaving: Vec<(f64, HtmlElement)>,
    shown: Shown,
    scale: f64,
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
            scale: text_scale(),
        })
    }

    /// Puts the labels of a frame in place.
    pub fn draw(
        &mut self,
        board: &Board,
        scene: &Scene,
        camera: &Camera,
        instances: &Instances,
        focus: Focus,
        now: Now,
    ) {
        let viewport = camera.viewport();
        let middle = (viewport.width_px / 2.0, viewport.height_px / 2.0);
        let reach = middle.0.hypot(middle.1).max(1.0);
        let mut texts: FxHashMap<u32, (Icao24, String)> = FxHashMap::default();
        let mut candidates = Vec::new();
        for seen in pick::visible(scene, camera, now, 0.0) {
            let (Some(icao24), Some(instance)) =
                (instances.icao24(seen.index), scene.aircraft().get(seen.index))
            else {
                continue;
            };
            let Some(row) = board.mirror.flight(icao24) else { continue };
            let selected = focus.selected == Some(icao24);
            let always = selected || instance.emergency || scene.hovered() == Some(seen.index);
            let callsign = row.aircraft.callsign();
            if callsign.is_none() && !always {
                continue;
            }
            let text = callsign.map_or_else(|| icao24.to_string(), |callsign| callsign.as_str().to_owned());
            // Mostly a number of its own, so that names spread over the picture instead of crowding its middle;
            // what flies matters more than what is parked or guessed.
            let off = (seen.point.x - middle.0).hypot(seen.point.y - middle.1) / reach;
            let importance = own_number(icao24)
                - 0.3 * off
                - if instance.on_ground { 2.0 } else { 0.0 }
                - if instance.ghost { 1.0 } else { 0.0 };
            candidates.push(Candidate {
                index: seen.index,
                key: icao24.get(),
                x: seen.point.x,
                y: seen.point.y,
                width_px: (text.len() as f64 * LETTER_PX + ENDS_PX) * self.scale,
                height_px: HEIGHT_PX * self.scale,
                importance,
                always,
            });
            texts.insert(icao24.get(), (icao24, text));
        }
        let limit = ((viewport.width_px * viewport.height_px / AREA_PX) as usize).clamp(6, MOST);
        self.labels.values_mut().for_each(|label| label.seen = false);
        for placed in place(&candidates, &mut self.shown, viewport, limit) {
            let Some((icao24, text)) = texts.remove(&placed.key) else { continue };
            let emergency = scene.aircraft().get(placed.index).is_some_and(|instance| instance.emergency);
            let class = match (emergency, focus.selected == Some(icao24)) {
                (true, _) => "label is-alarm",
                (_, true) => "label is-selected",
                _ => "label",
            };
            self.show(icao24, text, class, placed.x, placed.y);
        }
        self.fade(now.wall_ms);
    }

    fn show(&mut self, icao24: Icao24, text: String, class: &'static str, x: f64, y: f64) {
        if !self.labels.contains_key(&icao24.get()) {
            let Some(element) = self.create(icao24) else { return };
            let label =
                Label { element, text: String::new(), class: "", x: i32::MIN, y: i32::MIN, seen: true };
            self.labels.insert(icao24.get(), label);
        }
        let Some(label) = self.labels.get_mut(&icao24.get()) else { return };
        label.seen = true;
        if label.text != text {
            label.element.set_text_content(Some(&text));
            label.text = text;
        }
        if label.class != class {
            label.element.set_class_name(class);
            label.class = class;
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

/// A number in [0, 1] that is always the same for an aircraft and looks random.
fn own_number(icao24: Icao24) -> f64 {
    f64::from(icao24.get().wrapping_mul(0x9e37_79b1) >> 16) / 65_535.0
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
