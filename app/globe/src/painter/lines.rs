//! Trails, runways, rings: the lines of a scene, and the live end of a trail.

use crate::motion::drawn_point;
use crate::painter::PainterError;
use crate::ramp;
use crate::scene::{Line, LinePoint, Palette, Rgb, Scene};
use crate::shore::Leg;
use crate::vector::Vec3;
use three_d::{Context, InstanceBuffer, Program};

use super::frame::{Frame, over};
use super::outlines::Legs;

/// Legs of lines that lie on the ground or follow a great circle are at most this long.
const LONGEST_M: f64 = 60_000.0;

/// Half the width of the drop line from the selected aircraft to the ground.
const DROP_PX: f32 = 0.5;

/// From nearer than this an aircraft is sat in, not looked at.
const SEAT_M: f64 = 50.0;

pub(super) struct Lines {
    program: Program,
    fixed: Batch,
    live: Batch,
}

struct Batch {
    legs: Legs,
    from_colour: InstanceBuffer<[f32; 4]>,
    to_colour: InstanceBuffer<[f32; 4]>,
    half_widths: InstanceBuffer<f32>,
}

/// Pieces on their way to the GPU.
#[derive(Default)]
struct Pieces {
    legs: Vec<Leg>,
    from_colour: Vec<[f32; 4]>,
    to_colour: Vec<[f32; 4]>,
    half_widths: Vec<f32>,
}

impl Lines {
    pub(super) fn new(context: &Context) -> Result<Self, PainterError> {
        let vertex = [
            include_str!(concat!(env!("OUT_DIR"), "/common.glsl")),
            include_str!(concat!(env!("OUT_DIR"), "/ribbon.glsl")),
            include_str!(concat!(env!("OUT_DIR"), "/line.vert")),
        ];
        Ok(Self {
            program: super::program(context, &vertex, include_str!(concat!(env!("OUT_DIR"), "/line.frag")))?,
            fixed: Batch::new(context),
            live: Batch::new(context),
        })
    }

    /// Uploads the lines.
    pub(super) fn fill(&mut self, scene: &Scene) {
        let mut pieces = Pieces::default();
        scene
            .ground()
            .iter()
            .chain(scene.lines())
            .chain(scene.trail())
            .for_each(|line| pieces.add(line, scene.palette()));
        self.fixed.fill(&pieces);
    }

    pub(super) fn draw(&mut self, frame: &Frame, scene: &Scene) {
        let live = live_pieces(frame, scene);
        if !live.legs.is_empty() {
            self.live.fill(&live);
        }
        frame.send(&self.program);
        self.fixed.draw(&self.program, frame);
        if !live.legs.is_empty() {
            self.live.draw(&self.program, frame);
        }
    }
}

impl Batch {
    fn new(context: &Context) -> Self {
        Self {
            legs: Legs::new(context),
            from_colour: InstanceBuffer::new(context),
            to_colour: InstanceBuffer::new(context),
            half_widths: InstanceBuffer::new(context),
        }
    }

    fn fill(&mut self, pieces: &Pieces) {
        self.legs.fill(pieces.legs.iter());
        self.from_colour.fill(&pieces.from_colour);
        self.to_colour.fill(&pieces.to_colour);
        self.half_widths.fill(&pieces.half_widths);
    }

    fn draw(&self, program: &Program, frame: &Frame) {
        if self.legs.count() == 0 {
            return;
        }
        self.legs.send(program);
        program.use_instance_attribute("from_colour", &self.from_colour);
        program.use_instance_attribute("to_colour", &self.to_colour);
        program.use_instance_attribute("half_widths", &self.half_widths);
        program.draw_arrays_instanced(over(), frame.viewport(), 6, self.legs.count());
    }
}

impl Pieces {
    fn add(&mut self, line: &Line, palette: &Palette) {
        let last = line.points.len().saturating_sub(1).max(1) as f32;
        for (nth, pair) in line.points.windows(2).enumerate() {
            let colour = |point: &LinePoint, nth: usize| {
                let rgb = line.colour.unwrap_or_else(|| ramp::colour(&palette.ramp, point.altitude_m));
                let fade = line.fade_from + (1.0 - line.fade_from) * nth as f32 / last;
                with_alpha(rgb, line.opacity * fade)
            };
            let (from, to) = (colour(&pair[0], nth), colour(&pair[1], nth + 1));
            let parts = (pair[0].position.distance_m(pair[1].position) / LONGEST_M).ceil().max(1.0);
            let ends = [pair[0], pair[1]].map(|point| Vec3::at(point.position, 0.0).unit());
            let at = |part: f64| {
                let altitude_m = pair[0].altitude_m + (pair[1].altitude_m - pair[0].altitude_m) * part;
                let up = (ends[0] + (ends[1] - ends[0]) * part).unit();
                up * (inflight_domain::geo::EARTH_RADIUS_M + altitude_m)
            };
            for step in 0..parts as usize {
                let (start, end) = (step as f64 / parts, (step + 1) as f64 / parts);
                let tint = |part: f64| [0, 1, 2, 3].map(|c| from[c] + (to[c] - from[c]) * part as f32);
                self.push(at(start), at(end), tint(start), tint(end), line.width_px / 2.0);
            }
        }
    }

    fn push(&mut self, from: Vec3, to: Vec3, from_colour: [f32; 4], to_colour: [f32; 4], half_px: f32) {
        self.legs.push(Leg::between(from, to));
        self.from_colour.push(from_colour);
        self.to_colour.push(to_colour);
        self.half_widths.push(half_px);
    }
}

/// What moves with the selected aircraft: the end of its trail, and a line down to the ground.
fn live_pieces(frame: &Frame, scene: &Scene) -> Pieces {
    let mut pieces = Pieces::default();
    scene.rings().iter().for_each(|line| pieces.add(line, scene.palette()));
    let Some(instance) = scene.selected().and_then(|index| scene.aircraft().get(index)) else {
        return pieces;
    };
    let now = drawn_point(instance, frame.now);
    let palette = scene.palette();
    if let Some((trail, end)) = scene.trail().and_then(|trail| Some((trail, trail.points.last()?))) {
        let rgb = |altitude_m| trail.colour.unwrap_or_else(|| ramp::colour(&palette.ramp, altitude_m));
        let (from, to) = (rgb(end.altitude_m), rgb(now.altitude_m));
        let start = Vec3::at(end.position, end.altitude_m);
        pieces.push(
            start,
            now.point,
            with_alpha(from, trail.opacity),
            with_alpha(to, trail.opacity),
            trail.width_px / 2.0,
        );
    }
    let inside = (now.point - frame.projection.eye).length() < SEAT_M;
    if !inside && now.altitude_m > 30.0 && frame.camera.pose().tilt_deg > 5.0 {
        let ground = now.point.unit() * inflight_domain::geo::EARTH_RADIUS_M;
        pieces.push(
            ground,
            now.point,
            with_alpha(palette.accent, 0.0),
            with_alpha(palette.accent, 0.7),
            DROP_PX,
        );
    }
    pieces
}

fn with_alpha([red, green, blue]: Rgb, alpha: f32) -> [f32; 4] {
    [red, green, blue, alpha]
}
