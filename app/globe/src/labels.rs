//! Which labels to show: by importance, never on each other, and staying where they are from frame to frame.

use crate::camera::Viewport;
use crate::order;

/// Distance of a label from the aircraft's centre in CSS pixels.
const GAP_PX: f64 = 14.0;

/// Space that is kept free around a label.
const AIR_PX: f64 = 3.0;

/// How much more important a label is that was already there; keeps two equal ones from taking turns.
const STAY: f64 = 0.5;

/// A label that could be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The caller's index, usually that of the aircraft in the scene.
    pub index: usize,
    /// What names the same aircraft in the next frame, usually its address.
    pub key: u32,
    /// Where the aircraft is drawn.
    pub x: f64,
    /// Where the aircraft is drawn.
    pub y: f64,
    /// Size of the label.
    pub width_px: f64,
    /// Size of the label.
    pub height_px: f64,
    /// More important labels are placed first. One that was shown gets half a point more.
    pub importance: f64,
    /// Shown whatever it covers: the selected aircraft and emergencies.
    pub always: bool,
}

/// A label and where its top left corner goes, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// The candidate's index.
    pub index: usize,
    /// The candidate's key.
    pub key: u32,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
}

/// What was shown in the last frame, and on which side of its aircraft.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    sides: Vec<(u32, usize)>,
}

#[derive(Clone, Copy)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Chooses and places at most `limit` labels (those that are always shown come on top of the limit).
#[must_use]
pub fn place(candidates: &[Candidate], shown: &mut Shown, viewport: Viewport, limit: usize) -> Vec<Placed> {
    let rank = |one: &Candidate| {
        let stays = if shown.side(one.key).is_some() { STAY } else { 0.0 };
        one.importance + stays + if one.always { 1e9 } else { 0.0 }
    };
    let places = order::rising(candidates.iter().map(|one| order::key(-rank(one))));
    let mut taken: Vec<Rect> = Vec::new();
    let mut placed = Vec::new();
    let mut sides = Vec::new();
    for one in places.into_iter().map(|place| &candidates[place as usize]) {
        if !one.always && placed.len() >= limit {
            break;
        }
        let free = |side: &usize| {
            let rect = rect(one, *side);
            inside(&rect, viewport) && !taken.iter().any(|other| overlap(&rect, other))
        };
        let preferred = shown.side(one.key).into_iter().chain(0..4);
        let found =
            preferred.clone().find(free).or_else(|| if one.always { preferred.clone().next() } else { None });
        let Some(side) = found else { continue };
        let rect = rect(one, side);
        taken.push(rect);
        sides.push((one.key, side));
        placed.push(Placed { index: one.index, key: one.key, x: rect.x, y: rect.y });
    }
    sides.sort_unstable();
    shown.sides = sides;
    placed
}

impl Shown {
    fn side(&self, key: u32) -> Option<usize> {
        let place = self.sides.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.sides[place].1)
    }
}

/// The label on a side of its aircraft: right, left, below, above.
fn rect(one: &Candidate, side: usize) -> Rect {
    let (width, height) = (one.width_px, one.height_px);
    let (x, y) = match side {
        0 => (one.x + GAP_PX, one.y - height / 2.0),
        1 => (one.x - GAP_PX - width, one.y - height / 2.0),
        2 => (one.x - width / 2.0, one.y + GAP_PX),
        _ => (one.x - width / 2.0, one.y - GAP_PX - height),
    };
    Rect { x, y, width, height }
}

fn inside(rect: &Rect, viewport: Viewport) -> bool {
    rect.x >= 0.0
        && rect.y >= 0.0
        && rect.x + rect.width <= viewport.width_px
        && rect.y + rect.height <= viewport.height_px
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.width + AIR_PX
        && b.x < a.x + a.width + AIR_PX
        && a.y < b.y + b.height + AIR_PX
        && b.y < a.y + a.height + AIR_PX
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn viewport() -> Viewport {
        Viewport::new(800.0, 600.0, 1.0)
    }

    fn candidate(key: u32, x: f64, y: f64, importance: f64) -> Candidate {
        Candidate {
            index: key as usize,
            key,
            x,
            y,
            width_px: 60.0,
            height_px: 16.0,
            importance,
            always: false,
        }
    }

    proptest! {
        #[test]
        fn never_overlap(points in prop::collection::vec((0.0..800.0_f64, 0.0..600.0_f64, 0.0..5.0_f64), 0..120)) {
            let candidates: Vec<_> = points.iter().enumerate().map(|(key, (x, y, importance))| candidate(key as u32, *x, *y, *importance)).collect();
            let mut shown = Shown::default();
            for _ in 0..2 {
                let placed = place(&candidates, &mut shown, viewport(), 40);
                prop_assert!(placed.len() <= 40);
                for (nth, a) in placed.iter().enumerate() {
                    for b in &placed[..nth] {
                        let apart = (a.x - b.x).abs() >= 60.0 || (a.y - b.y).abs() >= 16.0;
                        prop_assert!(apart, "{a:?} {b:?}");
                    }
                }
            }
        }

        #[test]
        fn still_picture_has_still_labels(points in prop::collection::vec((0.0..800.0_f64, 0.0..600.0_f64, 0.0..5.0_f64), 0..80)) {
            let candidates: Vec<_> = points.iter().enumerate().map(|(key, (x, y, importance))| candidate(key as u32, *x, *y, *importance)).collect();
            let mut shown = Shown::default();
            let mut last = place(&candidates, &mut shown, viewport(), 30);
            // What was shown gains importance once; from the second frame on nothing may change.
            for _ in 0..3 {
                last.sort_by_key(|one| one.key);
                let mut next = place(&candidates, &mut shown, viewport(), 30);
                next.sort_by_key(|one| one.key);
                let kept = last.iter().all(|one| next.contains(one));
                prop_assert!(kept, "{last:?} {next:?}");
                last = next;
            }
        }
    }

    #[test]
    fn the_important_one_wins_and_the_rival_waits() {
        let mut shown = Shown::default();
        let crowd: Vec<_> = (0..8).map(|key| candidate(key, 400.0, 300.0, f64::from(key))).collect();
        let placed = place(&crowd, &mut shown, viewport(), 99);
        assert_eq!(placed.iter().map(|one| one.key).collect::<Vec<_>>(), [7, 6, 5, 4]);
        let nearly: Vec<_> = crowd
            .iter()
            .map(|one| Candidate { importance: if one.key == 3 { 4.3 } else { one.importance }, ..*one })
            .collect();
        let next = place(&nearly, &mut shown, viewport(), 99);
        assert!(next.iter().all(|one| one.key != 3), "a small lead does not push a shown label away");
    }

    #[test]
    fn always_means_always() {
        let mut shown = Shown::default();
        let forced = |key| Candidate { always: true, ..candidate(key, 2.0, 2.0, 0.0) };
        assert_eq!(place(&[forced(1), forced(2)], &mut shown, viewport(), 0).len(), 2);
    }
}
