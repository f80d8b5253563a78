//! From the globe to the picture and back, for one frame.

use crate::camera::Pose;
use crate::vector::{Frame, Vec3};
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::{BoundingBox, Position};

/// Angle of view over the geometric mean of width and height.
const FIELD_OF_VIEW_DEG: f64 = 42.0;

/// So far beyond the horizon of the ground what flies at 50 km is still seen, in metres.
const OVER_HORIZON_M: f64 = 820_000.0;

/// Size of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Width in CSS pixels.
    pub width_px: f64,
    /// Height in CSS pixels.
    pub height_px: f64,
    /// Device pixels per CSS pixel; the painter uses at most 2.
    pub pixel_ratio: f64,
}

/// A point of the picture in CSS pixels from its top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScreenPoint {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// A camera's eye, axes and focal length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// The eye in metres.
    pub eye: Vec3,
    /// Unit vector to the right of the picture.
    pub right: Vec3,
    /// Unit vector to the top of the picture.
    pub up: Vec3,
    /// Unit vector into the picture.
    pub forward: Vec3,
    focal_px: f64,
    width_px: f64,
    height_px: f64,
}

impl Viewport {
    /// A picture of this size; sizes below one pixel become one.
    #[must_use]
    pub fn new(width_px: f64, height_px: f64, pixel_ratio: f64) -> Self {
        Self { width_px: width_px.max(1.0), height_px: height_px.max(1.0), pixel_ratio: pixel_ratio.max(0.5) }
    }

    /// Whether a point lies in the picture or at most `margin_px` outside.
    #[must_use]
    pub fn contains(&self, point: ScreenPoint, margin_px: f64) -> bool {
        (-margin_px..=self.width_px + margin_px).contains(&point.x)
            && (-margin_px..=self.height_px + margin_px).contains(&point.y)
    }
}

impl ScreenPoint {
    /// A point from its coordinates.
    #[must_use]
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Distance to another point in pixels.
    #[must_use]
    pub fn distance_px(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point in the middle between two.
    #[must_use]
    pub fn midpoint(self, other: Self) -> Self {
        Self { x: f64::midpoint(self.x, other.x), y: f64::midpoint(self.y, other.y) }
    }
}

impl Projection {
    /// The projection of a pose.
    #[must_use]
    pub fn new(pose: Pose, viewport: Viewport) -> Self {
        let frame = Frame::at_up(Vec3::up_at(pose.target));
        let ahead = frame.heading(pose.heading_deg);
        let (sin, cos) = pose.tilt_deg.to_radians().sin_cos();
        let back = frame.up * cos - ahead * sin;
        let level = ahead.cross(frame.up);
        let (sin_roll, cos_roll) = pose.roll_deg.to_radians().sin_cos();
        let right = level * cos_roll - back.cross(level) * sin_roll;
        let mean_px = (viewport.width_px * viewport.height_px).sqrt();
        Self {
            eye: frame.up * (EARTH_RADIUS_M + pose.target_altitude_m) + back * pose.height_m,
            right,
            up: back.cross(right),
            forward: -back,
            focal_px: mean_px / 2.0 / (FIELD_OF_VIEW_DEG / 2.0).to_radians().tan(),
            width_px: viewport.width_px,
            height_px: viewport.height_px,
        }
    }

    /// Distance from the eye to the picture's plane in CSS pixels.
    #[must_use]
    pub fn focal_px(&self) -> f64 {
        self.focal_px
    }

    /// Height of the eye over the ground in metres.
    #[must_use]
    pub fn eye_altitude_m(&self) -> f64 {
        self.eye.length() - EARTH_RADIUS_M
    }

    /// Where a point is in the picture; none if it is behind the Earth or the camera.
    #[must_use]
    pub fn project(&self, point: Vec3) -> Option<ScreenPoint> {
        let offset = point - self.eye;
        let depth = offset.dot(self.forward);
        (depth > 0.0 && !self.hidden(point)).then(|| ScreenPoint {
            x: self.width_px / 2.0 + offset.dot(self.right) / depth * self.focal_px,
            y: self.height_px / 2.0 - offset.dot(self.up) / depth * self.focal_px,
        })
    }

    /// Whether anything within `reach_m` of a point, and no higher than aircraft fly, may be in the picture or at most
    /// `margin_px` outside; a few products, so that most of ten thousand are ruled out by it.
    #[must_use]
    pub fn may_show(&self, point: Vec3, reach_m: f64, margin_px: f64) -> bool {
        let beyond_m = EARTH_RADIUS_M - (reach_m + OVER_HORIZON_M) * self.eye.length() / EARTH_RADIUS_M;
        if self.eye.dot(point) < EARTH_RADIUS_M * beyond_m {
            return false;
        }
        let offset = point - self.eye;
        let depth = offset.dot(self.forward) + reach_m;
        let within = |aside: f64, size_px: f64| {
            (aside.abs() - reach_m) * self.focal_px <= depth * (size_px / 2.0 + margin_px)
        };
        depth > 0.0
            && within(offset.dot(self.right), self.width_px)
            && within(offset.dot(self.up), self.height_px)
    }

    /// Whether the Earth stands between the eye and a point.
    #[must_use]
    pub fn hidden(&self, point: Vec3) -> bool {
        let offset = point - self.eye;
        let along = -self.eye.dot(offset) / offset.dot(offset);
        if along >= 1.0 || along <= 0.0 {
            return false;
        }
        let nearest = self.eye + offset * along;
        nearest.length() < EARTH_RADIUS_M * (1.0 - 1e-9)
    }

    /// Unit vector from the eye through a point of the picture.
    #[must_use]
    pub fn ray(&self, point: ScreenPoint) -> Vec3 {
        let (x, y) = (point.x - self.width_px / 2.0, self.height_px / 2.0 - point.y);
        (self.forward * self.focal_px + self.right * x + self.up * y).unit()
    }

    /// The point of the ground under a point of the picture, as a unit vector from the Earth's centre.
    #[must_use]
    pub fn ground(&self, point: ScreenPoint) -> Option<Vec3> {
        let ray = self.ray(point);
        let towards = self.eye.dot(ray);
        let eye_m = self.eye.length();
        let outside = (eye_m - EARTH_RADIUS_M) * (eye_m + EARTH_RADIUS_M);
        let root = towards * towards - outside;
        // The form without cancellation: near the ground both terms of the other one are huge and equal.
        (root >= 0.0 && towards < 0.0).then(|| (self.eye + ray * (outside / (root.sqrt() - towards))).unit())
    }

    /// Cosine of the angle between the line of sight and the vertical at a point of the ground; small near the limb.
    #[must_use]
    pub fn steepness(&self, ground: Vec3) -> f64 {
        (self.eye - ground * EARTH_RADIUS_M).unit().dot(ground)
    }

    /// Columns of the matrix from metres relative to the eye to clip space. Depth is left out (z is 0): nothing here
    /// needs a depth buffer, because occlusion is computed from the sphere itself.
    #[must_use]
    pub fn clip_from_eye(&self) -> [[f64; 4]; 4] {
        let (sx, sy) = (2.0 * self.focal_px / self.width_px, 2.0 * self.focal_px / self.height_px);
        let column = |right: f64, up: f64, forward: f64| [right * sx, up * sy, 0.0, forward];
        [
            column(self.right.x, self.up.x, self.forward.x),
            column(self.right.y, self.up.y, self.forward.y),
            column(self.right.z, self.up.z, self.forward.z),
            [0.0; 4],
        ]
    }

    /// A box that holds all ground in the picture.
    #[must_use]
    pub fn visible_box(&self) -> BoundingBox {
        let centre = self.eye.unit().position();
        let poles = [90.0, -90.0].map(|latitude| self.shows(latitude));
        let mut area = BoundingBox { lat_min: 90.0, lat_max: -90.0, lon_min: 180.0, lon_max: -180.0 };
        let mut wraps = poles[0] || poles[1];
        let mut previous: Option<Position> = None;
        for place in self.rim() {
            area.lat_min = area.lat_min.min(place.latitude_deg());
            area.lat_max = area.lat_max.max(place.latitude_deg());
            area.lon_min = area.lon_min.min(place.longitude_deg());
            area.lon_max = area.lon_max.max(place.longitude_deg());
            wraps |=
                previous.is_some_and(|last| (last.longitude_deg() - place.longitude_deg()).abs() > 180.0);
            previous = Some(place);
        }
        if area.lat_min > area.lat_max {
            return BoundingBox {
                lat_min: centre.latitude_deg(),
                lat_max: centre.latitude_deg(),
                ..BoundingBox::WORLD
            };
        }
        if poles[0] {
            area.lat_max = 90.0;
        }
        if poles[1] {
            area.lat_min = -90.0;
        }
        if wraps {
            (area.lon_min, area.lon_max) = (-180.0, 180.0);
        }
        area
    }

    /// Whether a pole is in the picture.
    fn shows(&self, latitude_deg: f64) -> bool {
        let pole = Vec3::new(0.0, 0.0, EARTH_RADIUS_M * latitude_deg.signum());
        self.project(pole).is_some_and(|point| {
            (0.0..=self.width_px).contains(&point.x) && (0.0..=self.height_px).contains(&point.y)
        })
    }

    /// Ground along the edges of the picture in order; where an edge sees space, the nearest point of the limb.
    fn rim(&self) -> Vec<Position> {
        const STEPS: usize = 24;
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)];
        let mut places = Vec::with_capacity(4 * STEPS);
        for side in corners.windows(2) {
            for step in 0..STEPS {
                let part = step as f64 / STEPS as f64;
                let x = (side[0].0 + (side[1].0 - side[0].0) * part) * self.width_px;
                let y = (side[0].1 + (side[1].1 - side[0].1) * part) * self.height_px;
                let point = ScreenPoint { x, y };
                places.push(self.ground(point).unwrap_or_else(|| self.limb(point)).position());
            }
        }
        places
    }

    /// The point of the limb that is nearest to a line of sight into space.
    fn limb(&self, point: ScreenPoint) -> Vec3 {
        let ray = self.ray(point);
        let eye_m = self.eye.length();
        let zenith = self.eye * (1.0 / eye_m);
        let aside = (ray - zenith * ray.dot(zenith)).unit();
        let cos = (EARTH_RADIUS_M / eye_m).min(1.0);
        zenith * cos + aside * (1.0 - cos * cos).sqrt()
    }
}

/// Points along the edges of a box, corners included.
pub(super) fn edge_points(area: BoundingBox) -> Vec<Position> {
    const STEPS: usize = 8;
    let mut places = Vec::with_capacity(4 * (STEPS + 1));
    for step in 0..=STEPS {
        let part = step as f64 / STEPS as f64;
        let lat = area.lat_min + (area.lat_max - area.lat_min) * part;
        let lon = area.lon_min + (area.lon_max - area.lon_min) * part;
        let corners = [(lat, area.lon_min), (lat, area.lon_max), (area.lat_min, lon), (area.lat_max, lon)];
        places.extend(corners.iter().filter_map(|(lat, lon)| Position::new(*lat, *lon)));
    }
    places
}
