//! The orbit camera: where it looks, what a gesture does to it, and how it moves by itself.
//!
//! Gestures say what happened; [`Camera::step`] lets time pass. The same calls give the same camera.

mod flight;
mod gesture;
mod projection;
mod ride;

pub use projection::{Projection, ScreenPoint, Viewport};

use crate::vector::Vec3;
use flight::Flight;
use gesture::Hands;
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::math::{turn_deg, wrap};
use inflight_domain::{BoundingBox, Position};
use ride::Freedom;

/// Nearest distance from the target in metres.
pub const MIN_HEIGHT_M: f64 = 300.0;

/// Farthest distance from the target in metres.
pub const MAX_HEIGHT_M: f64 = 30_000_000.0;

/// Largest tilt, reached below [`FULL_TILT_HEIGHT_M`].
pub const MAX_TILT_DEG: f64 = 80.0;

/// Above this distance the largest tilt becomes smaller, so that the globe stays in the picture.
const FULL_TILT_HEIGHT_M: f64 = 600_000.0;

/// Largest tilt at [`MAX_HEIGHT_M`].
const FAR_TILT_DEG: f64 = 12.0;

/// Nearest the target may come to a pole; at the pole itself "north is up" has no meaning.
const MAX_LATITUDE_DEG: f64 = 88.0;

/// Part of the viewport that a fitted box or globe fills.
const FILL: f64 = 0.88;

/// Where the camera stands; what a link to a view restores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// The place in the middle of the picture.
    pub target: Position,
    /// Height of the target over the ground: that of an aircraft that is followed, otherwise zero.
    pub target_altitude_m: f64,
    /// Distance from the target in metres.
    pub height_m: f64,
    /// The direction that is up in the picture, clockwise from north.
    pub heading_deg: f64,
    /// Angle from looking straight down; 80 nearly sees the horizon.
    pub tilt_deg: f64,
    /// How far the picture leans to the right, as from an aircraft that banks; zero but on a ride.
    pub roll_deg: f64,
}

/// What a key does to the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Move the picture's middle to the left.
    Left,
    /// Move the picture's middle to the right.
    Right,
    /// Move the picture's middle up.
    Up,
    /// Move the picture's middle down.
    Down,
    /// Nearer.
    ZoomIn,
    /// Farther.
    ZoomOut,
    /// Turn the heading left.
    TurnLeft,
    /// Turn the heading right.
    TurnRight,
    /// Towards the horizon.
    TiltUp,
    /// Towards straight down.
    TiltDown,
    /// North up and straight down.
    North,
    /// The whole globe.
    Home,
}

/// A camera that circles a place on the globe.
#[derive(Clone, Debug)]
pub struct Camera {
    pose: Pose,
    viewport: Viewport,
    reduced_motion: bool,
    flight: Option<Flight>,
    hands: Hands,
    freedom: Freedom,
}

impl Pose {
    /// Straight down on a place of the ground, north up.
    #[must_use]
    pub fn above(target: Position, height_m: f64) -> Self {
        Self { target, target_altitude_m: 0.0, height_m, heading_deg: 0.0, tilt_deg: 0.0, roll_deg: 0.0 }
    }
}

impl Camera {
    /// A camera that sees the whole globe over the Atlantic.
    #[must_use]
    pub fn new(viewport: Viewport) -> Self {
        let target = Position::from_e7(300_000_000, -450_000_000);
        let mut camera = Self {
            pose: Pose::above(target, MAX_HEIGHT_M),
            viewport,
            reduced_motion: false,
            flight: None,
            hands: Hands::default(),
            freedom: Freedom::Orbit,
        };
        camera.pose.height_m = camera.globe_height_m();
        camera
    }

    /// Where the camera stands now.
    #[must_use]
    pub fn pose(&self) -> Pose {
        self.pose
    }

    /// Where the camera will stand when its animation has ended.
    #[must_use]
    pub fn destination(&self) -> Pose {
        self.flight.as_ref().map_or(self.pose, Flight::destination)
    }

    /// A camera that stands there already.
    #[must_use]
    pub fn arrived(&self) -> Self {
        Self { pose: self.destination(), flight: None, ..self.clone() }
    }

    /// Goes to a pose at once and stops all motion.
    pub fn set_pose(&mut self, pose: Pose) {
        self.stop();
        self.pose = self.legal(pose);
    }

    /// Goes to a pose in 240 to 900 ms, depending on the way; at once with reduced motion.
    pub fn fly_to(&mut self, pose: Pose) {
        self.hands.rest();
        self.set_out(self.legal(pose));
    }

    /// Flies to the nearest pose that shows a whole box with north up.
    pub fn fit(&mut self, area: BoundingBox) {
        self.fly_to(self.fitted(area));
    }

    /// The pose that [`Camera::fit`] flies to.
    #[must_use]
    pub fn fitted(&self, area: BoundingBox) -> Pose {
        let flat = Pose::above(area.centre(), 0.0);
        let shows = |height_m: f64| {
            let pose = legal(Pose { height_m, ..flat });
            projection::edge_points(area).iter().all(|place| {
                let Some(point) = Projection::new(pose, self.viewport).project(Vec3::at(*place, 0.0)) else {
                    return false;
                };
                let (x, y) =
                    (point.x / self.viewport.width_px - 0.5, point.y / self.viewport.height_px - 0.5);
                x.abs() <= FILL / 2.0 && y.abs() <= FILL / 2.0
            })
        };
        let (mut near, mut far) = (MIN_HEIGHT_M.ln(), self.globe_height_m().ln());
        for _ in 0..24 {
            let middle = f64::midpoint(near, far);
            if shows(middle.exp()) {
                far = middle;
            } else {
                near = middle;
            }
        }
        legal(Pose { height_m: far.exp(), ..flat })
    }

    /// Keeps a moving thing in the middle; call it before each frame while following.
    pub fn follow(&mut self, target: Position, target_altitude_m: f64) {
        if let Some(flight) = &mut self.flight {
            let to = Pose { target, target_altitude_m, ..flight.destination() };
            flight.redirect(legal(to));
        } else {
            self.pose = self.legal(Pose { target, target_altitude_m, ..self.pose });
        }
    }

    /// A key was pressed or repeats.
    pub fn press(&mut self, key: Key) {
        let from = self.destination();
        let pan_m = from.height_m * 0.22;
        let pan = |side_deg: f64| from.target.destination(from.heading_deg + side_deg, pan_m);
        let pose = match key {
            Key::Left => Pose { target: pan(-90.0), ..from },
            Key::Right => Pose { target: pan(90.0), ..from },
            Key::Up => Pose { target: pan(0.0), ..from },
            Key::Down => Pose { target: pan(180.0), ..from },
            Key::ZoomIn => Pose { height_m: from.height_m / 1.6, ..from },
            Key::ZoomOut => Pose { height_m: from.height_m * 1.6, ..from },
            Key::TurnLeft => Pose { heading_deg: from.heading_deg - 15.0, ..from },
            Key::TurnRight => Pose { heading_deg: from.heading_deg + 15.0, ..from },
            Key::TiltUp => Pose { tilt_deg: from.tilt_deg + 10.0, ..from },
            Key::TiltDown => Pose { tilt_deg: from.tilt_deg - 10.0, ..from },
            Key::North => Pose { heading_deg: 0.0, tilt_deg: 0.0, ..from },
            Key::Home => Pose { height_m: self.globe_height_m(), heading_deg: 0.0, tilt_deg: 0.0, ..from },
        };
        let keeps_target = !matches!(key, Key::Left | Key::Right | Key::Up | Key::Down);
        self.fly_to(Pose {
            target_altitude_m: if keeps_target { from.target_altitude_m } else { 0.0 },
            ..pose
        });
    }

    /// Lets time pass: animation, inertia, smooth zoom. Tells whether the camera moved or may move next time.
    pub fn step(&mut self, dt_ms: f64) -> bool {
        let dt_ms = dt_ms.clamp(0.0, 100.0);
        let before = self.pose;
        if let Some(flight) = &mut self.flight {
            let (pose, ended) = (flight.step(dt_ms), flight.ended());
            self.pose = self.legal(pose);
            if ended {
                self.flight = None;
                self.land();
            }
        }
        self.step_hands(dt_ms);
        self.pose != before || self.is_moving()
    }

    /// Whether the camera will move in the next step, or is held by a pointer.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.flight.is_some() || self.hands.busy()
    }

    /// Ends animation and inertia where they are.
    pub fn stop(&mut self) {
        self.flight = None;
        self.hands = Hands::default();
        self.land();
    }

    /// The size of the picture.
    #[must_use]
    pub fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// The canvas has another size or pixel ratio.
    pub fn resize(&mut self, viewport: Viewport) {
        self.viewport = viewport;
    }

    /// With reduced motion animations jump to their end and nothing coasts.
    pub fn set_reduced_motion(&mut self, reduced_motion: bool) {
        self.reduced_motion = reduced_motion;
    }

    /// The camera as a projection, for many points of one frame.
    #[must_use]
    pub fn projection(&self) -> Projection {
        Projection::new(self.pose, self.viewport)
    }

    /// Where a place is in the picture; none if it is behind the Earth or the camera. May lie outside the viewport.
    #[must_use]
    pub fn project(&self, place: Position, altitude_m: f64) -> Option<ScreenPoint> {
        self.projection().project(Vec3::at(place, altitude_m))
    }

    /// The place on the ground under a point of the picture; none if that is space.
    #[must_use]
    pub fn ground_at(&self, point: ScreenPoint) -> Option<Position> {
        self.projection().ground(point).map(Vec3::position)
    }

    /// How many metres a CSS pixel spans in the middle of the picture.
    #[must_use]
    pub fn metres_per_px(&self) -> f64 {
        let projection = self.projection();
        // From a seat the ground that is looked at is farther away than the aircraft that is sat in.
        let seat_m = if self.is_free() { projection.eye_altitude_m().max(MIN_HEIGHT_M) } else { 0.0 };
        self.pose.height_m.max(seat_m) / projection.focal_px()
    }

    /// A box that holds all ground in the picture; the whole band of longitudes if it crosses the antimeridian.
    #[must_use]
    pub fn visible_box(&self) -> BoundingBox {
        self.projection().visible_box()
    }

    /// The distance at which the whole globe fills the picture.
    fn globe_height_m(&self) -> f64 {
        let focal_px = self.projection().focal_px();
        let half_px = self.viewport.width_px.min(self.viewport.height_px) / 2.0 * FILL;
        let centre_m = EARTH_RADIUS_M / (half_px / focal_px).atan().sin();
        (centre_m - EARTH_RADIUS_M).clamp(MIN_HEIGHT_M, MAX_HEIGHT_M)
    }
}

/// The largest tilt at a distance.
fn max_tilt_deg(height_m: f64) -> f64 {
    let part = (height_m / FULL_TILT_HEIGHT_M).ln() / (MAX_HEIGHT_M / FULL_TILT_HEIGHT_M).ln();
    MAX_TILT_DEG + (FAR_TILT_DEG - MAX_TILT_DEG) * part.clamp(0.0, 1.0)
}

/// The nearest pose that the camera may take.
fn legal(pose: Pose) -> Pose {
    let finite = |value: f64, otherwise: f64| if value.is_finite() { value } else { otherwise };
    let height_m = finite(pose.height_m, MAX_HEIGHT_M).clamp(MIN_HEIGHT_M, MAX_HEIGHT_M);
    let latitude_deg = pose.target.latitude_deg().clamp(-MAX_LATITUDE_DEG, MAX_LATITUDE_DEG);
    Pose {
        target: Position::new(latitude_deg, pose.target.longitude_deg()).unwrap_or(pose.target),
        target_altitude_m: finite(pose.target_altitude_m, 0.0).clamp(0.0, 50_000.0),
        height_m,
        heading_deg: wrap(finite(pose.heading_deg, 0.0), 360.0),
        tilt_deg: finite(pose.tilt_deg, 0.0).clamp(0.0, max_tilt_deg(height_m)),
        roll_deg: 0.0,
    }
}

/// The heading that is part of the way from one to another, the short way round.
fn turned(from_deg: f64, to_deg: f64, part: f64) -> f64 {
    from_deg + turn_deg(from_deg, to_deg) * part
}

#[cfg(test)]
mod tests;
