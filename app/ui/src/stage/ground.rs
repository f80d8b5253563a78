//! Airports in the picture: runways as lines, names where aircraft leave room.

use crate::stage::Stage;
use inflight_globe::Camera;
use inflight_globe::airports::Airports;
use inflight_globe::detail::Cell;
use inflight_globe::scene::Rgb;
use inflight_globe::vector::Vec3;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Names of airports at most.
const MOST: usize = 24;

/// Height of a name, and width of one of its letters, in CSS pixels.
const HEIGHT_PX: f64 = 18.0;
const LETTER_PX: f64 = 7.5;

/// From an airport's middle to its name, in CSS pixels.
const GAP_PX: f64 = 8.0;

/// Where a name may stand: by how much of its width it is moved to the left, and down in CSS pixels.
const PLACES: [(f64, f64); 4] = [(0.0, 0.0), (0.5, 26.0), (0.5, -26.0), (0.5, 46.0)];

/// Left, top, right and bottom of what is written, in CSS pixels.
pub type Taken = [f64; 4];

/// Airports and the elements that name them.
#[derive(Default)]
pub struct Ground {
    airports: Airports,
    names: Vec<HtmlElement>,
    near: bool,
    stale: bool,
    /// In which runways were drawn: another theme has another.
    colour: Rgb,
}

impl Stage {
    /// Where the names of airports go, beneath those of aircraft.
    pub fn set_ground(&mut self, holder: &HtmlElement) {
        let create = |_| -> Option<HtmlElement> {
            let element: HtmlElement =
                holder.owner_document()?.create_element("span").ok()?.dyn_into().ok()?;
            element.set_class_name("airport-name");
            element.set_hidden(true);
            holder.append_child(&element).ok()?;
            Some(element)
        };
        self.ground.names = (0..MOST).filter_map(create).collect();
    }

    /// The next cell of airports that the picture can use, once the camera rests.
    pub fn wanted_airports(&mut self) -> Option<Cell> {
        if self.camera.is_moving() || self.painter.is_none() {
            return None;
        }
        self.ground.airports.wanted(&self.camera)
    }

    /// Takes the airports of a cell.
    pub fn add_airports(&mut self, text: &str) {
        self.ground.airports.add(text);
        self.ground.stale = true;
    }

    /// Puts the runways into the scene, or takes them out, as the camera's height has it: before the picture is
    /// drawn, or a camera that rests would never show those that came last.
    pub(super) fn lay_runways(&mut self) {
        let near = self.ground.airports.are_shown(&self.camera);
        let colour = self.scene.palette().coast;
        if near != self.ground.near || self.ground.stale || colour != self.ground.colour {
            (self.ground.near, self.ground.stale, self.ground.colour) = (near, false, colour);
            let runways = self.ground.airports.runways(colour);
            self.scene.set_ground(if near { runways } else { Vec::new() });
        }
    }

    /// Writes the names of airports where nothing else is written.
    pub(super) fn name_airports(&mut self, taken: &[Taken]) {
        self.ground.write(&self.camera, taken);
    }
}

impl Ground {
    fn write(&mut self, camera: &Camera, taken: &[Taken]) {
        let near = self.near;
        let (projection, viewport) = (camera.projection(), camera.viewport());
        // Towards the horizon they would only crowd.
        let reach_m = camera.metres_per_px() * projection.focal_px() * 4.0 + 30_000.0;
        let mut taken = taken.to_vec();
        let mut written = 0;
        for (airport, text) in self.airports.shown(camera).filter(|_| near) {
            let at = Vec3::at(airport.position, 0.0);
            let Some(point) = projection.project(at).filter(|_| (at - projection.eye).length() < reach_m)
            else {
                continue;
            };
            let width_px = text.chars().count() as f64 * LETTER_PX;
            if !viewport.contains(point, 0.0) {
                continue;
            }
            let free = PLACES.into_iter().find_map(|(part, down_px)| {
                let (left, top) = (point.x + GAP_PX - width_px * part, point.y - HEIGHT_PX / 2.0 + down_px);
                let place = [left, top, left + width_px, top + HEIGHT_PX];
                let apart = |other: &Taken| {
                    place[0] > other[2] || place[2] < other[0] || place[1] > other[3] || place[3] < other[1]
                };
                taken.iter().all(apart).then_some(place)
            });
            let Some(place @ [left, top, ..]) = free else { continue };
            taken.push(place);
            let Some(element) = self.names.get(written) else { return };
            written += 1;
            if element.text_content().as_deref() != Some(&text) {
                element.set_text_content(Some(&text));
            }
            let moved = format!("translate({left:.1}px,{top:.1}px)");
            let _ = element.style().set_property("transform", &moved);
            element.set_hidden(false);
        }
        self.names.iter().skip(written).for_each(|element| element.set_hidden(true));
    }
}
