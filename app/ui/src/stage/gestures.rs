//! Fingers and mouse to movements of the camera, and to taps.

use inflight_globe::{Camera, ScreenPoint};
use std::collections::BTreeMap;

/// Movement up to which a press is a tap, in CSS pixels.
const TAP_PX: f64 = 6.0;

/// Time up to which a press is a tap, in milliseconds.
const TAP_MS: f64 = 600.0;

/// Time from which a tap of a finger is a long one, in milliseconds.
const LONG_MS: f64 = 450.0;

/// Pointers that are down on the picture.
#[derive(Clone, Debug, Default)]
pub struct Pointers {
    down: BTreeMap<i32, ScreenPoint>,
    mode: Mode,
    tap: Option<Tap>,
    /// Whether drags look around instead of moving the globe.
    pub rides: bool,
    looked: Looked,
}

/// How far who rides looked around since the last time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Looked {
    /// The pointer's way to the right in CSS pixels.
    pub right_px: f64,
    /// The pointer's way down in CSS pixels.
    pub down_px: f64,
    /// Distance that is wanted relative to the last one.
    pub zoom: f64,
}

impl Default for Looked {
    fn default() -> Self {
        Self { right_px: 0.0, down_px: 0.0, zoom: 1.0 }
    }
}

/// A tap that ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Where.
    pub point: ScreenPoint,
    /// By a finger rather than a mouse.
    pub touch: bool,
    /// A finger that stayed.
    pub long: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Mode {
    #[default]
    None,
    Grab,
    Turn,
    Pinch,
    Look,
}

#[derive(Clone, Copy, Debug)]
struct Tap {
    at: ScreenPoint,
    since_ms: f64,
    touch: bool,
}

impl Pointers {
    /// Whether any pointer is down.
    #[must_use]
    pub fn is_down(&self) -> bool {
        !self.down.is_empty()
    }

    /// A pointer goes down; `turns` with the right button or Ctrl held.
    pub fn press(
        &mut self,
        camera: &mut Camera,
        id: i32,
        at: ScreenPoint,
        turns: bool,
        touch: bool,
        now_ms: f64,
    ) {
        self.down.insert(id, at);
        if self.rides {
            self.tap = (self.down.len() == 1).then_some(Tap { at, since_ms: now_ms, touch });
            self.mode = Mode::Look;
            return;
        }
        match self.down.len() {
            1 => {
                self.tap = Some(Tap { at, since_ms: now_ms, touch });
                self.mode = if turns { Mode::Turn } else { Mode::Grab };
                if !turns {
                    camera.grab(at);
                }
            }
            2 => {
                self.tap = None;
                self.mode = Mode::Pinch;
                if let Some(fingers) = self.two() {
                    camera.pinch_start(fingers);
                }
            }
            _ => self.tap = None,
        }
    }

    /// A pointer moves; whether the person moves the globe by it.
    pub fn drag(&mut self, camera: &mut Camera, id: i32, at: ScreenPoint) -> bool {
        let Some(last) = self.down.insert(id, at) else {
            self.down.remove(&id);
            return false;
        };
        if self.tap.is_some_and(|tap| tap.at.distance_px(at) > TAP_PX) {
            self.tap = None;
        }
        match self.mode {
            Mode::Grab if self.tap.is_none() => camera.drag(at),
            Mode::Turn => camera.turn(at.x - last.x, at.y - last.y),
            Mode::Pinch => {
                if let Some(fingers) = self.two() {
                    camera.pinch_move(fingers);
                }
            }
            Mode::Look => {
                self.look(id, last, at);
                return false;
            }
            Mode::Grab | Mode::None => return false,
        }
        true
    }

    /// A pointer goes up; the tap, if it was one.
    pub fn release(&mut self, camera: &mut Camera, id: i32, now_ms: f64) -> Option<Hit> {
        self.down.remove(&id)?;
        match self.mode {
            Mode::Grab => camera.release(),
            Mode::Pinch => camera.pinch_end(),
            Mode::Turn | Mode::Look | Mode::None => {}
        }
        // A finger that stays after a pinch goes on dragging from where it is.
        self.mode = if self.rides { Mode::Look } else { Mode::None };
        if !self.rides
            && self.down.len() == 1
            && let Some(at) = self.down.values().next().copied()
        {
            self.mode = Mode::Grab;
            camera.grab(at);
        }
        let tap = self.tap.take()?;
        let held_ms = now_ms - tap.since_ms;
        let long = tap.touch && held_ms >= LONG_MS;
        (long || held_ms <= TAP_MS).then_some(Hit { point: tap.at, touch: tap.touch, long })
    }

    /// The browser took a pointer away.
    pub fn cancel(&mut self, camera: &mut Camera, id: i32) {
        self.tap = None;
        let _ = self.release(camera, id, 0.0);
    }

    /// What was looked since the last time.
    pub fn take_look(&mut self) -> Looked {
        core::mem::take(&mut self.looked)
    }

    fn look(&mut self, id: i32, last: ScreenPoint, at: ScreenPoint) {
        if self.tap.is_some() {
            return;
        }
        if let Some(other) = self.down.iter().find(|(other, _)| **other != id).map(|(_, point)| *point) {
            self.looked.zoom *= last.distance_px(other).max(1.0) / at.distance_px(other).max(1.0);
        } else {
            self.looked.right_px += at.x - last.x;
            self.looked.down_px += at.y - last.y;
        }
    }

    fn two(&self) -> Option<[ScreenPoint; 2]> {
        let mut points = self.down.values().copied();
        Some([points.next()?, points.next()?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_globe::Viewport;

    fn at(x: f64, y: f64) -> ScreenPoint {
        ScreenPoint::new(x, y)
    }

    #[test]
    fn a_short_press_is_a_tap() {
        let (mut camera, mut pointers) = (Camera::new(Viewport::new(800.0, 600.0, 1.0)), Pointers::default());
        pointers.press(&mut camera, 1, at(400.0, 300.0), false, true, 0.0);
        assert!(!pointers.drag(&mut camera, 1, at(403.0, 300.0)));
        let hit = pointers.release(&mut camera, 1, 120.0);
        assert_eq!(hit, Some(Hit { point: at(400.0, 300.0), touch: true, long: false }));
        pointers.press(&mut camera, 1, at(400.0, 300.0), false, true, 0.0);
        let hit = pointers.release(&mut camera, 1, 900.0);
        assert_eq!(hit, Some(Hit { point: at(400.0, 300.0), touch: true, long: true }));
        pointers.press(&mut camera, 1, at(400.0, 300.0), false, false, 0.0);
        assert_eq!(pointers.release(&mut camera, 1, 900.0), None);
        assert!(!pointers.is_down());
    }

    #[test]
    fn a_drag_moves_the_globe_and_is_no_tap() {
        let (mut camera, mut pointers) = (Camera::new(Viewport::new(800.0, 600.0, 1.0)), Pointers::default());
        let before = camera.pose().target;
        pointers.press(&mut camera, 1, at(400.0, 300.0), false, false, 0.0);
        assert!(pointers.drag(&mut camera, 1, at(500.0, 300.0)));
        assert!(camera.pose().target.longitude_deg() < before.longitude_deg());
        assert_eq!(pointers.release(&mut camera, 1, 100.0), None);
    }

    #[test]
    fn on_a_ride_a_drag_looks_around() {
        let (mut camera, mut pointers) = (Camera::new(Viewport::new(800.0, 600.0, 1.0)), Pointers::default());
        let before = camera.pose();
        pointers.rides = true;
        pointers.press(&mut camera, 1, at(400.0, 300.0), false, true, 0.0);
        pointers.drag(&mut camera, 1, at(420.0, 300.0));
        assert!(!pointers.drag(&mut camera, 1, at(450.0, 290.0)));
        let looked = pointers.take_look();
        assert_eq!((looked.right_px, looked.down_px, looked.zoom), (50.0, -10.0, 1.0));
        pointers.press(&mut camera, 2, at(450.0, 390.0), false, true, 0.0);
        pointers.drag(&mut camera, 2, at(450.0, 340.0));
        assert_eq!(pointers.take_look(), Looked { zoom: 2.0, ..Looked::default() });
        pointers.release(&mut camera, 2, 900.0);
        pointers.release(&mut camera, 1, 900.0);
        assert_eq!((camera.pose(), pointers.is_down()), (before, false));
    }

    #[test]
    fn two_fingers_zoom() {
        let (mut camera, mut pointers) = (Camera::new(Viewport::new(800.0, 600.0, 1.0)), Pointers::default());
        let before_m = camera.pose().height_m;
        pointers.press(&mut camera, 1, at(350.0, 300.0), false, true, 0.0);
        pointers.press(&mut camera, 2, at(450.0, 300.0), false, true, 10.0);
        for step in 1..20 {
            let apart = f64::from(step) * 5.0;
            pointers.drag(&mut camera, 1, at(350.0 - apart, 300.0));
            pointers.drag(&mut camera, 2, at(450.0 + apart, 300.0));
        }
        assert!(camera.pose().height_m < before_m * 0.6);
        assert_eq!(pointers.release(&mut camera, 2, 300.0), None);
        assert!(pointers.is_down());
        pointers.cancel(&mut camera, 1);
        assert!(!pointers.is_down());
    }
}
