//! Coasts and borders as lines of an even width.

use crate::painter::PainterError;
use crate::scene::{Palette, Rgb};
use crate::shore::{Leg, Shore};
use crate::tiles::{Made, Need};
use three_d::{Context, InstanceBuffer, Program};

use super::frame::{Frame, over, rgb};

/// Half the width of a coast line in CSS pixels.
const COAST_PX: f32 = 0.5;

/// Half the width of a border in CSS pixels.
const BORDER_PX: f32 = 0.42;

pub(super) struct Outlines {
    program: Program,
    coasts: Legs,
    borders: Legs,
    made: Option<Made>,
}

/// Ends of legs, as the program takes them.
pub(super) struct Legs {
    from_high: InstanceBuffer<[f32; 3]>,
    from_low: InstanceBuffer<[f32; 3]>,
    to_high: InstanceBuffer<[f32; 3]>,
    to_low: InstanceBuffer<[f32; 3]>,
    count: u32,
}

impl Outlines {
    pub(super) fn new(context: &Context) -> Result<Self, PainterError> {
        let vertex = [
            include_str!(concat!(env!("OUT_DIR"), "/common.glsl")),
            include_str!(concat!(env!("OUT_DIR"), "/ribbon.glsl")),
            include_str!(concat!(env!("OUT_DIR"), "/outline.vert")),
        ];
        Ok(Self {
            program: super::program(
                context,
                &vertex,
                include_str!(concat!(env!("OUT_DIR"), "/outline.frag")),
            )?,
            coasts: Legs::new(context),
            borders: Legs::new(context),
            made: None,
        })
    }

    /// Other outlines have come.
    pub(super) fn forget(&mut self) {
        self.made = None;
    }

    /// Uploads the legs on this side of the horizon, if those that are there do not serve.
    pub(super) fn prepare(&mut self, need: &Need, shore: &Shore) {
        if self.made.is_some_and(|made| made.serves(need)) {
            return;
        }
        let made = Made::new(*need);
        self.coasts.fill(shore.coasts_near(made.up(), made.reach_rad() + 0.02));
        self.borders.fill(shore.borders_near(made.up(), made.reach_rad() + 0.02));
        self.made = Some(made);
    }

    pub(super) fn draw(&self, frame: &Frame, palette: &Palette) {
        frame.send(&self.program);
        self.draw_legs(&self.borders, palette.border, BORDER_PX, frame);
        self.draw_legs(&self.coasts, palette.coast, COAST_PX, frame);
    }

    fn draw_legs(&self, legs: &Legs, colour: Rgb, half_px: f32, frame: &Frame) {
        if legs.count == 0 {
            return;
        }
        let program = &self.program;
        legs.send(program);
        program.use_uniform("colour", rgb(colour).extend(1.0));
        program.use_uniform("half_width", half_px * frame.pixel_ratio as f32);
        program.draw_arrays_instanced(over(), frame.viewport(), 6, legs.count);
    }
}

impl Legs {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            from_high: InstanceBuffer::new(context),
            from_low: InstanceBuffer::new(context),
            to_high: InstanceBuffer::new(context),
            to_low: InstanceBuffer::new(context),
            count: 0,
        }
    }

    pub(super) fn fill<'a>(&mut self, legs: impl Iterator<Item = &'a Leg>) {
        let (mut from_high, mut from_low, mut to_high, mut to_low) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for leg in legs {
            from_high.push(leg.from.0);
            from_low.push(leg.from.1);
            to_high.push(leg.to.0);
            to_low.push(leg.to.1);
        }
        self.count = from_high.len() as u32;
        self.from_high.fill(&from_high);
        self.from_low.fill(&from_low);
        self.to_high.fill(&to_high);
        self.to_low.fill(&to_low);
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn send(&self, program: &Program) {
        program.use_instance_attribute("from_high", &self.from_high);
        program.use_instance_attribute("from_low", &self.from_low);
        program.use_instance_attribute("to_high", &self.to_high);
        program.use_instance_attribute("to_low", &self.to_low);
    }
}
