//! The painter without WebGL: the same globe, seen from straight above, drawn with the two-dimensional canvas.

use crate::camera::{Projection, ScreenPoint};
use crate::motion::drawn_point;
use crate::painter::PainterError;
use crate::ramp;
use crate::scene::{AircraftInstance, Line, Palette, Rgb, Scene};
use crate::shore::{Leg, Shore};
use crate::vector::Vec3;
use inflight_domain::geo::EARTH_RADIUS_M;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d as Canvas, CanvasWindingRule, HtmlCanvasElement};

use super::frame::Frame;

/// Aircraft are drawn by bands of this height, each with one colour: the canvas is slow to change colours.
const BAND_M: f64 = 1_000.0;

/// Number of bands, one for the ground and one for emergencies besides.
const BANDS: usize = 14;
const GROUND: usize = BANDS;
const ALARM: usize = BANDS + 1;

/// Length of half a dart in CSS pixels.
const HALF_DART_PX: f64 = 8.0;

/// Outlines are not drawn finer than this, in CSS pixels.
const FINEST_PX: f64 = 0.8;

/// A dart: to the right of its middle and ahead of it, in halves of its length.
const DART: [(f64, f64); 4] = [(0.0, 1.0), (0.66, -0.86), (0.0, -0.5), (-0.66, -0.86)];

pub(super) struct Flat {
    canvas: Canvas,
}

/// The half of the Earth that is seen, and where it is in the picture.
struct Disc<'a> {
    projection: &'a Projection,
    middle: (f64, f64),
    radius_px: f64,
    zenith: Vec3,
    /// Ground of which the vertical has less than this in common with the zenith is behind the limb.
    limb: f64,
}

impl Flat {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Result<Self, PainterError> {
        let context = canvas.get_context("2d").ok().flatten();
        let canvas = context.and_then(|context| context.dyn_into().ok()).ok_or(PainterError::NoCanvas)?;
        Ok(Self { canvas })
    }

    pub(super) fn paint(&self, frame: &Frame, scene: &Scene, shore: &Shore) {
        let (canvas, palette) = (&self.canvas, scene.palette());
        let (width, height) = (frame.camera.viewport().width_px, frame.camera.viewport().height_px);
        let _ = canvas.set_transform(frame.pixel_ratio, 0.0, 0.0, frame.pixel_ratio, 0.0, 0.0);
        self.fill_with(palette.space);
        canvas.fill_rect(0.0, 0.0, width, height);
        let disc = Disc::new(&frame.projection, (width / 2.0, height / 2.0));
        canvas.begin_path();
        let _ = canvas.arc(disc.middle.0, disc.middle.1, disc.radius_px, 0.0, std::f64::consts::TAU);
        self.fill_with(palette.ocean);
        canvas.fill();
        self.land(&disc, shore, palette);
        scene
            .ground()
            .iter()
            .chain(scene.lines())
            .chain(scene.trail())
            .chain(scene.rings())
            .for_each(|line| self.line(&disc, line, palette));
        self.aircraft(frame, scene);
    }

    fn land(&self, disc: &Disc<'_>, shore: &Shore, palette: &Palette) {
        let canvas = &self.canvas;
        canvas.begin_path();
        for ring in shore.rings_near(disc.zenith, disc.limb.acos()) {
            let mut last = (f64::MIN, f64::MIN);
            for node in ring {
                let (x, y) = disc.point(*node);
                if (x - last.0).abs() + (y - last.1).abs() < FINEST_PX {
                    continue;
                }
                if last.0 == f64::MIN {
                    canvas.move_to(x, y);
                } else {
                    canvas.line_to(x, y);
                }
                last = (x, y);
            }
            canvas.close_path();
        }
        self.fill_with(palette.land);
        canvas.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
        let within_rad = disc.limb.acos();
        self.legs(disc, shore.borders_near(disc.zenith, within_rad));
        self.stroke_with(palette.border, 0.8);
        self.legs(disc, shore.coasts_near(disc.zenith, within_rad));
        self.stroke_with(palette.coast, 1.0);
    }

    fn legs<'a>(&self, disc: &Disc<'_>, legs: impl Iterator<Item = &'a Leg>) {
        self.canvas.begin_path();
        for leg in legs {
            let [from, to] = [leg.from, leg.to].map(|(high, _)| {
                disc.point(Vec3::new(high[0].into(), high[1].into(), high[2].into()).unit())
            });
            self.canvas.move_to(from.0, from.1);
            self.canvas.line_to(to.0, to.1);
        }
    }

    fn line(&self, disc: &Disc<'_>, line: &Line, palette: &Palette) {
        self.canvas.set_global_alpha(line.opacity.into());
        for pair in line.points.windows(2) {
            let ends = [&pair[0], &pair[1]].map(|end| Vec3::at(end.position, end.altitude_m));
            let [Some(from), Some(to)] = ends.map(|end| disc.projection.project(end)) else { continue };
            self.canvas.begin_path();
            self.canvas.move_to(from.x, from.y);
            self.canvas.line_to(to.x, to.y);
            let colour = line.colour.unwrap_or_else(|| ramp::colour(&palette.ramp, pair[1].altitude_m));
            self.stroke_with(colour, line.width_px.into());
        }
        self.canvas.set_global_alpha(1.0);
    }

    fn aircraft(&self, frame: &Frame, scene: &Scene) {
        let (canvas, palette, projection) = (&self.canvas, scene.palette(), &frame.projection);
        let mut bands: Vec<Vec<[(f64, f64); 4]>> = vec![Vec::new(); BANDS + 2];
        let mut ghosts = Vec::new();
        for (index, one) in scene.aircraft().iter().enumerate() {
            let drawn = drawn_point(one, frame.now);
            let Some(at) = projection.project(drawn.point) else { continue };
            if !frame.camera.viewport().contains(at, HALF_DART_PX) {
                continue;
            }
            let ahead = (drawn.forward.dot(projection.right), -drawn.forward.dot(projection.up));
            let scale = HALF_DART_PX / ahead.0.hypot(ahead.1).max(1e-6);
            let (x, y) = (ahead.0 * scale, ahead.1 * scale);
            let dart = DART.map(|(right, on)| (at.x + x * on - y * right, at.y + y * on + x * right));
            let band = band(one);
            if one.ghost {
                self.doubt(frame, one, at, ahead, palette.ground);
                ghosts.push(dart);
            } else {
                bands[band].push(dart);
            }
            if scene.selected() == Some(index) || scene.marked().contains(&index) || one.emergency {
                canvas.begin_path();
                let _ = canvas.arc(at.x, at.y, HALF_DART_PX * 1.8, 0.0, std::f64::consts::TAU);
                self.stroke_with(if one.emergency { palette.alarm } else { palette.accent }, 2.0);
            }
        }
        for (band, darts) in bands.iter().enumerate().filter(|(_, darts)| !darts.is_empty()) {
            self.trace(darts);
            self.stroke_with(palette.outline, 2.0);
            self.fill_with(match band {
                ALARM => palette.alarm,
                GROUND => palette.ground,
                band => ramp::colour(&palette.ramp, (band as f64 + 0.5) * BAND_M),
            });
            canvas.fill();
        }
        self.trace(&ghosts);
        self.stroke_with(palette.ground, 1.2);
    }

    /// Where a ghost may be.
    fn doubt(&self, frame: &Frame, one: &AircraftInstance, at: ScreenPoint, ahead: (f64, f64), colour: Rgb) {
        let [along, along_rate, across, across_rate] = one.doubt.map(f64::from);
        let (age_s, px_m) = ((frame.now.stream_ms - one.at_ms) / 1000.0, frame.camera.metres_per_px());
        let (along_px, across_px) =
            ((along + along_rate * age_s) / px_m, (across + across_rate * age_s) / px_m);
        if across_px.min(along_px) > HALF_DART_PX && along_px < 240.0 {
            self.canvas.begin_path();
            let turn = ahead.1.atan2(ahead.0);
            let _ = self.canvas.ellipse(at.x, at.y, along_px, across_px, turn, 0.0, std::f64::consts::TAU);
            self.stroke_with(colour, 0.8);
        }
    }

    fn trace(&self, darts: &[[(f64, f64); 4]]) {
        self.canvas.begin_path();
        for [(x, y), rest @ ..] in darts {
            self.canvas.move_to(*x, *y);
            rest.iter().for_each(|(x, y)| self.canvas.line_to(*x, *y));
            self.canvas.close_path();
        }
    }

    fn fill_with(&self, colour: Rgb) {
        self.canvas.set_fill_style_str(&css(colour));
    }

    fn stroke_with(&self, colour: Rgb, width_px: f64) {
        self.canvas.set_stroke_style_str(&css(colour));
        self.canvas.set_line_width(width_px);
        self.canvas.stroke();
    }
}

impl<'a> Disc<'a> {
    fn new(projection: &'a Projection, middle: (f64, f64)) -> Self {
        let far_m = projection.eye.length();
        let limb = EARTH_RADIUS_M / far_m;
        let radius_px = projection.focal_px() * limb / (1.0 - limb * limb).sqrt();
        Self { projection, middle, radius_px, zenith: projection.eye.unit(), limb }
    }

    /// Where ground is in the picture; ground behind the limb is on it.
    fn point(&self, unit: Vec3) -> (f64, f64) {
        let Projection { eye, right, up, forward, .. } = *self.projection;
        let (x, y) = (unit.dot(right), -unit.dot(up));
        let scale = if unit.dot(self.zenith) >= self.limb {
            let depth_m = (unit * EARTH_RADIUS_M - eye).dot(forward);
            EARTH_RADIUS_M / depth_m * self.projection.focal_px()
        } else {
            self.radius_px / x.hypot(y).max(1e-9)
        };
        (self.middle.0 + x * scale, self.middle.1 + y * scale)
    }
}

fn band(one: &AircraftInstance) -> usize {
    match one {
        AircraftInstance { emergency: true, .. } => ALARM,
        AircraftInstance { on_ground: true, .. } | AircraftInstance { altitude_known: false, .. } => GROUND,
        _ => ((one.altitude_m / BAND_M).max(0.0) as usize).min(BANDS - 1),
    }
}

fn css(colour: Rgb) -> String {
    let [red, green, blue] = colour.map(|channel| (channel * 255.0).round() as u8);
    format!("rgb({red},{green},{blue})")
}
