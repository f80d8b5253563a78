//! Which aircraft is meant: by a pointer, or by the keyboard.

use crate::camera::{Camera, ScreenPoint};
use crate::motion::{Now, drawn_point};
use crate::scene::Scene;

/// How far a mouse may miss, in CSS pixels.
pub const MOUSE_PX: f64 = 20.0;

/// How far a finger may miss, in CSS pixels.
pub const TOUCH_PX: f64 = 30.0;

/// An aircraft that is in the picture and not behind the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visible {
    /// Its index in the scene.
    pub index: usize,
    /// Where it is drawn.
    pub point: ScreenPoint,
}

/// All aircraft in the picture, or at most `margin_px` outside it, in the order of the scene.
#[must_use]
pub fn visible(scene: &Scene, camera: &Camera, now: Now, margin_px: f64) -> Vec<Visible> {
    let (projection, viewport) = (camera.projection(), camera.viewport());
    let of = |(index, instance)| {
        let point = projection.project(drawn_point(instance, now).point)?;
        viewport.contains(point, margin_px).then_some(Visible { index, point })
    };
    scene.aircraft().iter().enumerate().filter_map(of).collect()
}

/// The aircraft nearest to a point of the picture, if it is within `tolerance_px`. Of aircraft that lie on each
/// other the later one in the scene is meant, which is drawn above.
#[must_use]
pub fn nearest(
    scene: &Scene,
    camera: &Camera,
    now: Now,
    point: ScreenPoint,
    tolerance_px: f64,
) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for seen in visible(scene, camera, now, tolerance_px) {
        let distance_px = seen.point.distance_px(point);
        if distance_px <= tolerance_px && best.is_none_or(|(least, _)| distance_px <= least) {
            best = Some((distance_px, seen.index));
        }
    }
    best.map(|(_, index)| index)
}

/// The aircraft after the selected one (or before it) in reading order of the picture; wraps round at the ends.
#[must_use]
pub fn neighbour(scene: &Scene, camera: &Camera, now: Now, backwards: bool) -> Option<usize> {
    let mut seen = visible(scene, camera, now, 0.0);
    // Rows of this height are read from left to right.
    let row = |point: ScreenPoint| (point.y / 48.0).floor();
    seen.sort_by(|a, b| {
        row(a.point)
            .total_cmp(&row(b.point))
            .then(a.point.x.total_cmp(&b.point.x))
            .then(a.index.cmp(&b.index))
    });
    if backwards {
        seen.reverse();
    }
    let place = scene.selected().and_then(|selected| seen.iter().position(|one| one.index == selected));
    let next = place.map_or(0, |place| (place + 1) % seen.len());
    seen.get(next).map(|one| one.index)
}
