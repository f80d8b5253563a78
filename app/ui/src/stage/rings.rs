//! Range rings in the picture, around an aircraft or a place, with their distances.

use crate::stage::Stage;
use crate::text::{Locale, Units, integer};
use inflight_domain::Position;
use inflight_globe::{Now, rings};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What the rings are around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Centre {
    /// The selected aircraft.
    Selected,
    /// A place.
    Place(Position),
}

/// The rings that are shown, and the elements that name them.
#[derive(Default)]
pub struct RangeRings {
    centre: Option<Centre>,
    words: (Locale, Units),
    labels: Vec<HtmlElement>,
}

impl Stage {
    /// Shows rings, or none.
    pub fn set_rings(&mut self, centre: Option<Centre>, words: (Locale, Units)) {
        (self.rings.centre, self.rings.words) = (centre, words);
    }

    /// Where the elements go that name the rings.
    pub fn set_ring_labels(&mut self, holder: &HtmlElement) {
        let create = |_| -> Option<HtmlElement> {
            let element: HtmlElement =
                holder.owner_document()?.create_element("span").ok()?.dyn_into().ok()?;
            holder.append_child(&element).ok()?;
            Some(element)
        };
        self.rings.labels = (0..rings::RINGS).filter_map(create).collect();
        self.rings.labels.iter().for_each(|label| label.set_class_name("ring-label"));
    }

    /// Brings the rings to where their centre is.
    pub(super) fn draw_rings(&mut self, now: Now) {
        let selected = || Some(self.drawn(self.focus.selected?, now)?.position);
        let centre = match self.rings.centre.filter(|_| !self.is_riding()) {
            Some(Centre::Selected) => selected(),
            Some(Centre::Place(place)) => Some(place),
            None => None,
        };
        let (locale, units) = self.rings.words;
        let (unit, unit_m) = units.distance_unit();
        let step = rings::spacing(&self.camera, unit_m);
        let radii: Vec<f64> = (1..=rings::RINGS).map(|nth| nth as f64 * step).collect();
        let colour = self.scene.palette().accent;
        let lines =
            centre.map(|at| radii.iter().map(|radius| rings::ring(at, radius * unit_m, colour)).collect());
        self.scene.set_rings(lines.unwrap_or_default());
        let up_deg = self.camera.pose().heading_deg;
        for (label, radius) in self.rings.labels.iter().zip(&radii) {
            let top = centre.map(|at| at.destination(up_deg, radius * unit_m));
            let point = top.and_then(|place| self.camera.project(place, 0.0));
            let Some(point) = point.filter(|point| self.camera.viewport().contains(*point, 0.0)) else {
                label.set_hidden(true);
                continue;
            };
            label.set_hidden(false);
            label.set_text_content(Some(&format!("{}\u{a0}{unit}", integer(locale, *radius as i64))));
            let moved = format!("translate({}px,{}px)translate(-50%,-50%)", point.x as i32, point.y as i32);
            let _ = label.style().set_property("transform", &moved);
        }
    }
}
