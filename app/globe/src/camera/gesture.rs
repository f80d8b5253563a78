//! What pointers, wheel and fingers do to the camera, and the inertia that they leave.

use crate::camera::{Camera, Pose, Projection, ScreenPoint, legal};
use crate::vector::Vec3;
use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::math::{turn_deg, wrap};

/// Time in which inertia falls to 1/e.
const COAST_MS: f64 = 280.0;

/// Time in which the wheel's zoom comes to within 1/e of its goal.
const ZOOM_MS: f64 = 70.0;

/// Time over which the pointer's speed is averaged.
const SPEED_MS: f64 = 50.0;

/// Below this speed of the picture coasting ends.
const SLOWEST_PX_PER_MS: f64 = 0.012;

/// Sight lines flatter than this do not hold the ground under the pointer: a pixel there spans hundreds of kilometres.
const GRAZING: f64 = 0.18;

/// Fingers must move this far before a pinch is told from a tilt.
const DECIDE_PX: f64 = 9.0;

/// Degrees of heading or tilt per pixel.
const TURN_DEG_PER_PX: f64 = 0.25;

/// What hands are doing, and what they left in motion.
#[derive(Clone, Debug, Default)]
pub(super) struct Hands {
    grab: Option<Grab>,
    pinch: Option<Pinch>,
    zoom: Option<Zoom>,
    /// Degrees of latitude and longitude per millisecond.
    speed: (f64, f64),
    /// Where the target was at the last step, while a pointer holds the globe.
    last: Option<Position>,
}

#[derive(Clone, Debug)]
struct Grab {
    anchor: Option<Vec3>,
    point: ScreenPoint,
}

#[derive(Clone, Debug)]
struct Pinch {
    start: [ScreenPoint; 2],
    last: [ScreenPoint; 2],
    anchor: Option<Vec3>,
    kind: PinchKind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum PinchKind {
    Undecided,
    Tilt,
    ZoomAndTurn,
}

#[derive(Clone, Debug)]
struct Zoom {
    anchor: Option<Vec3>,
    point: ScreenPoint,
    height_m: f64,
}

impl Hands {
    /// Forgets what is in motion.
    pub(super) fn rest(&mut self) {
        self.zoom = None;
        self.speed = (0.0, 0.0);
    }

    pub(super) fn busy(&self) -> bool {
        self.grab.is_some() || self.pinch.is_some() || self.zoom.is_some() || self.speed != (0.0, 0.0)
    }
}

impl Camera {
    /// A pointer takes hold of the globe.
    pub fn grab(&mut self, point: ScreenPoint) {
        self.end_flight();
        self.hands.rest();
        self.hands.grab = Some(Grab { anchor: self.anchor_at(point), point });
        self.hands.last = Some(self.pose.target);
    }

    /// The pointer that holds the globe moves; the ground that it took stays under it.
    pub fn drag(&mut self, point: ScreenPoint) {
        let Some(mut grab) = self.hands.grab.take() else { return };
        self.pose.target_altitude_m = 0.0;
        let held = grab.anchor.is_some_and(|anchor| self.hold(anchor, point));
        if !held {
            self.slide(point.x - grab.point.x, point.y - grab.point.y);
            grab.anchor = None;
        }
        grab.point = point;
        self.hands.grab = Some(grab);
    }

    /// The pointer lets go; the globe coasts, unless motion is reduced.
    pub fn release(&mut self) {
        self.hands.grab = None;
        self.hands.last = None;
        if self.reduced_motion || self.speed_px_per_ms() < 4.0 * SLOWEST_PX_PER_MS {
            self.hands.speed = (0.0, 0.0);
        }
    }

    /// Zooms smoothly by a factor (below 1 is nearer) and keeps the ground under a point of the picture.
    pub fn zoom_at(&mut self, point: ScreenPoint, factor: f64) {
        self.end_flight();
        self.hands.speed = (0.0, 0.0);
        let going = self.hands.zoom.take().filter(|zoom| zoom.point.distance_px(point) < 3.0);
        let (from_m, anchor) = match going {
            Some(zoom) => (zoom.height_m, zoom.anchor),
            None => (self.pose.height_m, self.zoom_anchor(point)),
        };
        let height_m = legal(Pose { height_m: from_m * factor, ..self.pose }).height_m;
        if self.reduced_motion {
            self.zoom_to(height_m, anchor, point);
        } else {
            self.hands.zoom = Some(Zoom { anchor, point, height_m });
        }
    }

    /// Turns and tilts by a movement of the pointer: with the right button, or with Ctrl.
    pub fn turn(&mut self, right_px: f64, down_px: f64) {
        self.end_flight();
        self.hands.rest();
        self.pose = self.legal(Pose {
            heading_deg: self.pose.heading_deg + right_px * TURN_DEG_PER_PX,
            tilt_deg: self.pose.tilt_deg - down_px * TURN_DEG_PER_PX,
            ..self.pose
        });
    }

    /// Two fingers are down.
    pub fn pinch_start(&mut self, fingers: [ScreenPoint; 2]) {
        self.end_flight();
        self.hands = Hands::default();
        let anchor = self.zoom_anchor(fingers[0].midpoint(fingers[1]));
        self.hands.pinch = Some(Pinch { start: fingers, last: fingers, anchor, kind: PinchKind::Undecided });
    }

    /// Two fingers move: side by side up or down they tilt, otherwise they zoom, turn and drag.
    pub fn pinch_move(&mut self, fingers: [ScreenPoint; 2]) {
        let Some(mut pinch) = self.hands.pinch.take() else { return };
        if pinch.kind == PinchKind::Undecided {
            pinch.kind = decide(pinch.start, fingers);
        }
        match pinch.kind {
            PinchKind::Undecided => {}
            PinchKind::Tilt => {
                let down_px = fingers[0].midpoint(fingers[1]).y - pinch.last[0].midpoint(pinch.last[1]).y;
                self.pose = self
                    .legal(Pose { tilt_deg: self.pose.tilt_deg - down_px * TURN_DEG_PER_PX, ..self.pose });
            }
            PinchKind::ZoomAndTurn => {
                let apart = |pair: [ScreenPoint; 2]| pair[0].distance_px(pair[1]).max(1.0);
                let angle = |pair: [ScreenPoint; 2]| {
                    (pair[1].y - pair[0].y).atan2(pair[1].x - pair[0].x).to_degrees()
                };
                let turned_deg = turn_deg(angle(pinch.last), angle(fingers));
                self.pose.heading_deg = wrap(self.pose.heading_deg - turned_deg, 360.0);
                let height_m = self.pose.height_m * apart(pinch.last) / apart(fingers);
                self.zoom_to(height_m, pinch.anchor, fingers[0].midpoint(fingers[1]));
            }
        }
        if pinch.kind != PinchKind::Undecided {
            pinch.last = fingers;
        }
        self.hands.pinch = Some(pinch);
    }

    /// A finger is lifted.
    pub fn pinch_end(&mut self) {
        self.hands.pinch = None;
    }

    /// Lets time pass for what hands left in motion.
    pub(super) fn step_hands(&mut self, dt_ms: f64) {
        if let Some(zoom) = self.hands.zoom.take() {
            let way = (zoom.height_m / self.pose.height_m).ln();
            if way.abs() < 2e-3 {
                self.zoom_to(zoom.height_m, zoom.anchor, zoom.point);
            } else {
                let part = 1.0 - (-dt_ms / ZOOM_MS).exp();
                self.zoom_to(self.pose.height_m * (way * part).exp(), zoom.anchor, zoom.point);
                self.hands.zoom = Some(zoom);
            }
        }
        if dt_ms <= 0.0 {
            return;
        }
        if let Some(last) = self.hands.last {
            let part = 1.0 - (-dt_ms / SPEED_MS).exp();
            let moved = (
                (self.pose.target.latitude_deg() - last.latitude_deg()) / dt_ms,
                turn_deg(last.longitude_deg(), self.pose.target.longitude_deg()) / dt_ms,
            );
            self.hands.speed.0 += (moved.0 - self.hands.speed.0) * part;
            self.hands.speed.1 += (moved.1 - self.hands.speed.1) * part;
            self.hands.last = Some(self.pose.target);
        } else if self.hands.speed != (0.0, 0.0) {
            self.coast(dt_ms);
        }
    }

    fn coast(&mut self, dt_ms: f64) {
        let fall = (-dt_ms / COAST_MS).exp();
        // The exact way under exponential decay, so that the frame rate does not change where the globe comes to rest.
        let way_ms = COAST_MS * (1.0 - fall);
        let (lat, lon) = self.hands.speed;
        self.move_target(lat * way_ms, lon * way_ms);
        self.hands.speed = (lat * fall, lon * fall);
        if self.speed_px_per_ms() < SLOWEST_PX_PER_MS {
            self.hands.speed = (0.0, 0.0);
        }
    }

    /// Speed of the picture's middle.
    fn speed_px_per_ms(&self) -> f64 {
        let (lat, lon) = self.hands.speed;
        let metres_per_deg = EARTH_RADIUS_M.to_radians();
        let east = lon * self.pose.target.latitude_deg().to_radians().cos();
        lat.hypot(east) * metres_per_deg / self.metres_per_px()
    }

    fn anchor_at(&self, point: ScreenPoint) -> Option<Vec3> {
        let projection = self.projection();
        projection.ground(point).filter(|ground| projection.steepness(*ground) > GRAZING)
    }

    /// What stays in place while zooming: nothing while something in the air is followed.
    fn zoom_anchor(&self, point: ScreenPoint) -> Option<Vec3> {
        if self.pose.target_altitude_m > 0.0 { None } else { self.anchor_at(point) }
    }

    fn zoom_to(&mut self, height_m: f64, anchor: Option<Vec3>, point: ScreenPoint) {
        self.pose = legal(Pose { height_m, ..self.pose });
        if let Some(anchor) = anchor {
            self.hold(anchor, point);
        }
    }

    /// Moves the target so that `anchor` comes to lie under `point`, without turning. False if it cannot.
    fn hold(&mut self, anchor: Vec3, point: ScreenPoint) -> bool {
        let mut pose = self.pose;
        for _ in 0..6 {
            let projection = Projection::new(pose, self.viewport);
            let Some(ground) = projection.ground(point) else { return false };
            if projection.steepness(ground) < GRAZING / 2.0 {
                return false;
            }
            let axis = ground.cross(anchor);
            let angle = axis.length().atan2(ground.dot(anchor));
            if angle < 1e-12 {
                break;
            }
            let target = Vec3::up_at(pose.target).rotated(axis.unit(), angle).position();
            pose = legal(Pose { target, ..pose });
        }
        // Near a pole a turn of the globe also turns the picture, and the way above gets there slowly if at all.
        for _ in 0..8 {
            let Some((across, down)) = self.miss(pose, anchor, point) else { return false };
            if across.hypot(down) < 0.01 {
                self.pose = pose;
                return true;
            }
            let Some(better) = self.nearer(pose, anchor, point, (across, down)) else { return false };
            pose = better;
        }
        false
    }

    /// Pixels from `point` to where `anchor` is drawn.
    fn miss(&self, pose: Pose, anchor: Vec3, point: ScreenPoint) -> Option<(f64, f64)> {
        let drawn = Projection::new(pose, self.viewport).project(anchor * EARTH_RADIUS_M)?;
        Some((drawn.x - point.x, drawn.y - point.y))
    }

    /// One step of Newton's method for [`Camera::hold`] over latitude and longitude of the target.
    fn nearer(&self, pose: Pose, anchor: Vec3, point: ScreenPoint, miss: (f64, f64)) -> Option<Pose> {
        let step_deg = (self.metres_per_px() / EARTH_RADIUS_M).to_degrees();
        let moved = |lat_deg: f64, lon_deg: f64| {
            let longitude_deg = wrap(pose.target.longitude_deg() + lon_deg + 180.0, 360.0) - 180.0;
            let target = Position::new(pose.target.latitude_deg() + lat_deg, longitude_deg)?;
            Some(legal(Pose { target, ..pose }))
        };
        let (by_lat, by_lon) = (
            self.miss(moved(step_deg, 0.0)?, anchor, point)?,
            self.miss(moved(0.0, step_deg)?, anchor, point)?,
        );
        let (a, c) = (by_lat.0 - miss.0, by_lat.1 - miss.1);
        let (b, d) = (by_lon.0 - miss.0, by_lon.1 - miss.1);
        let area = a * d - b * c;
        if area.abs() < 1e-9 {
            return None;
        }
        let (lat, lon) = ((b * miss.1 - d * miss.0) / area, (c * miss.0 - a * miss.1) / area);
        moved(lat * step_deg, lon * step_deg)
    }

    /// Moves the target by pixels of the picture's middle.
    fn slide(&mut self, right_px: f64, down_px: f64) {
        let metres_per_px = self.metres_per_px();
        let metres = right_px.hypot(down_px) * metres_per_px;
        let bearing_deg = self.pose.heading_deg + (-right_px).atan2(down_px).to_degrees();
        let target = self.pose.target.destination(bearing_deg, metres);
        self.pose = legal(Pose { target, ..self.pose });
    }

    fn move_target(&mut self, lat_deg: f64, lon_deg: f64) {
        let latitude_deg = (self.pose.target.latitude_deg() + lat_deg).clamp(-90.0, 90.0);
        let longitude_deg = wrap(self.pose.target.longitude_deg() + lon_deg + 180.0, 360.0) - 180.0;
        if let Some(target) = Position::new(latitude_deg, longitude_deg) {
            self.pose = legal(Pose { target, ..self.pose });
        }
    }
}

fn decide(start: [ScreenPoint; 2], now: [ScreenPoint; 2]) -> PinchKind {
    let moved = [0, 1].map(|finger| (now[finger].x - start[finger].x, now[finger].y - start[finger].y));
    let farthest_px = moved[0].0.hypot(moved[0].1).max(moved[1].0.hypot(moved[1].1));
    if farthest_px < DECIDE_PX {
        return PinchKind::Undecided;
    }
    let upright = |(x, y): (f64, f64)| y.abs() > 1.5 * x.abs() && y.abs() > DECIDE_PX / 3.0;
    let together = moved[0].1.signum() == moved[1].1.signum();
    if upright(moved[0]) && upright(moved[1]) && together { PinchKind::Tilt } else { PinchKind::ZoomAndTurn }
}
