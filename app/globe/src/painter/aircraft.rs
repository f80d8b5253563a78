//! The aircraft: one instance each, uploaded when the data changes, moved by the vertex shader in between.

use crate::motion::Now;
use crate::order;
use crate::painter::PainterError;
use crate::ramp;
use crate::scene::{AircraftInstance, Palette, Scene};
use crate::vector::Vec3;
use three_d::{Context, InstanceBuffer, Program};

use super::frame::{EMERGENCY, Frame, GHOST, HOVERED, ON_GROUND, SELECTED, over, rgb, vec3};

/// After this time the base of the clocks is moved, because floats lose milliseconds over hours.
const REBASE_MS: f64 = 600_000.0;

/// On a ride, aircraft farther than this are drawn smaller.
const RIDE_FULL_M: f64 = 25_000.0;

/// Length of a dart in CSS pixels by how many metres a pixel spans: small where the whole globe is small.
const DART_PX: [(f64, f64); 4] = [(30_000.0, 11.0), (8_000.0, 14.0), (300.0, 17.0), (40.0, 25.0)];

pub(super) struct Fleet {
    program: Program,
    all: Batch,
    /// The selected and the hovered aircraft once more, above the others and with their rings.
    focused: Batch,
    base: Option<Now>,
}

struct Batch {
    base_high: InstanceBuffer<[f32; 3]>,
    base_low: InstanceBuffer<[f32; 3]>,
    motion: InstanceBuffer<[f32; 4]>,
    course: InstanceBuffer<[f32; 4]>,
    ease: InstanceBuffer<[f32; 3]>,
    look: InstanceBuffer<[u8; 4]>,
    doubt: InstanceBuffer<[f32; 4]>,
    count: u32,
}

impl Fleet {
    pub(super) fn new(context: &Context) -> Result<Self, PainterError> {
        let vertex = [
            include_str!(concat!(env!("OUT_DIR"), "/common.glsl")),
            include_str!(concat!(env!("OUT_DIR"), "/aircraft.vert")),
        ];
        Ok(Self {
            program: super::program(
                context,
                &vertex,
                include_str!(concat!(env!("OUT_DIR"), "/aircraft.frag")),
            )?,
            all: Batch::new(context),
            focused: Batch::new(context),
            base: None,
        })
    }

    /// Whether the clocks have run away from their base.
    pub(super) fn aged(&self, now: Now) -> bool {
        let far = |base: Now| {
            (now.stream_ms - base.stream_ms).abs().max((now.wall_ms - base.wall_ms).abs()) > REBASE_MS
        };
        self.base.is_some_and(far)
    }

    /// Uploads all aircraft.
    pub(super) fn fill(&mut self, scene: &Scene, now: Now) {
        self.base = Some(now);
        let aircraft = scene.aircraft();
        // Layers lie further apart than any altitudes do.
        let height = |one: &AircraftInstance| f64::from(layer(one)) * 1e6 + one.altitude_m;
        let places = order::rising(aircraft.iter().map(|one| order::key(height(one))));
        let of = |place: &u32| (&aircraft[*place as usize], scene.places()[*place as usize], 0);
        self.all.fill(places.iter().map(of), now, scene.palette());
    }

    /// Uploads the aircraft that have the focus.
    pub(super) fn focus(&mut self, scene: &Scene) {
        let Some(base) = self.base else { return };
        let of = |index: Option<usize>, flag| {
            Some((scene.aircraft().get(index?)?, *scene.places().get(index?)?, flag))
        };
        let hovered = scene.hovered().filter(|index| scene.selected() != Some(*index));
        let marked = scene.marked().iter().filter_map(|index| of(Some(*index), SELECTED));
        let focused = marked.chain(of(hovered, HOVERED)).chain(of(scene.selected(), SELECTED));
        self.focused.fill(focused, base, scene.palette());
    }

    pub(super) fn draw(&self, frame: &Frame, palette: &Palette) {
        let Some(base) = self.base else { return };
        let program = &self.program;
        frame.send(program);
        let seconds = |now: f64, base: f64| ((now - base) / 1000.0) as f32;
        let now_s = three_d::vec2(
            seconds(frame.now.stream_ms, base.stream_ms),
            seconds(frame.now.wall_ms, base.wall_ms),
        );
        program.use_uniform("now_s", now_s);
        program.use_uniform("half_dart", (dart_px(frame) / 2.0 * frame.pixel_ratio) as f32);
        let full_m = if frame.camera.is_free() { RIDE_FULL_M } else { 1e9 };
        program.use_uniform("full_m", full_m as f32);
        program.use_uniform("focal_px", frame.focal_px() as f32);
        program.use_uniform("view_right", vec3(frame.projection.right));
        program.use_uniform("view_up", vec3(frame.projection.up));
        program.use_uniform("view_forward", vec3(frame.projection.forward));
        program.use_uniform("outline_colour", rgb(palette.outline));
        program.use_uniform("accent_colour", rgb(palette.accent));
        program.use_uniform("alarm_colour", rgb(palette.alarm));
        self.all.draw(program, frame);
        self.focused.draw(program, frame);
    }
}

impl Batch {
    fn new(context: &Context) -> Self {
        Self {
            base_high: InstanceBuffer::new(context),
            base_low: InstanceBuffer::new(context),
            motion: InstanceBuffer::new(context),
            course: InstanceBuffer::new(context),
            ease: InstanceBuffer::new(context),
            look: InstanceBuffer::new(context),
            doubt: InstanceBuffer::new(context),
            count: 0,
        }
    }

    fn fill<'a>(
        &mut self,
        aircraft: impl Iterator<Item = (&'a AircraftInstance, Vec3, u8)>,
        base: Now,
        palette: &Palette,
    ) {
        let room = aircraft.size_hint().0;
        let (mut high, mut low) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let (mut motion, mut course) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let (mut ease, mut look) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut doubt = Vec::with_capacity(room);
        for (one, place, focus) in aircraft {
            let (base_high, base_low) = place.split();
            high.push(base_high);
            low.push(base_low);
            let seconds = |at: f64, base: f64| ((at - base) / 1000.0) as f32;
            motion.push([
                one.speed_mps as f32,
                one.track_deg.to_radians() as f32,
                one.turn_rate_dps.to_radians() as f32,
                one.acceleration_mps2 as f32,
            ]);
            course.push([
                seconds(one.at_ms, base.stream_ms),
                seconds(one.ease_from_ms, base.wall_ms),
                one.vertical_rate_mps as f32,
                one.altitude_m as f32,
            ]);
            ease.push([one.ease_east_m as f32, one.ease_north_m as f32, one.ease_up_m as f32]);
            doubt.push(one.doubt);
            look.push(appearance(one, focus, palette));
        }
        self.count = high.len() as u32;
        self.base_high.fill(&high);
        self.base_low.fill(&low);
        self.motion.fill(&motion);
        self.course.fill(&course);
        self.ease.fill(&ease);
        self.look.fill(&look);
        self.doubt.fill(&doubt);
    }

    fn draw(&self, program: &Program, frame: &Frame) {
        if self.count == 0 {
            return;
        }
        program.use_instance_attribute("base_high", &self.base_high);
        program.use_instance_attribute("base_low", &self.base_low);
        program.use_instance_attribute("motion", &self.motion);
        program.use_instance_attribute("course", &self.course);
        program.use_instance_attribute("ease", &self.ease);
        program.use_instance_attribute("look", &self.look);
        program.use_instance_attribute("doubt", &self.doubt);
        program.draw_arrays_instanced(over(), frame.viewport(), 6, self.count);
    }
}

/// What is drawn later lies above.
fn layer(one: &AircraftInstance) -> u8 {
    match one {
        AircraftInstance { emergency: true, .. } => 3,
        AircraftInstance { ghost: true, .. } => 0,
        AircraftInstance { on_ground: true, .. } => 1,
        _ => 2,
    }
}

/// Colour and flags.
fn appearance(one: &AircraftInstance, focus: u8, palette: &Palette) -> [u8; 4] {
    let colour = if one.emergency {
        palette.alarm
    } else if one.on_ground || !one.altitude_known {
        palette.ground
    } else {
        ramp::colour(&palette.ramp, one.altitude_m)
    };
    let [red, green, blue] = colour.map(|channel| (channel * 255.0).round() as u8);
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let flags = flag(one.ghost, GHOST) | flag(one.emergency, EMERGENCY) | flag(one.on_ground, ON_GROUND);
    [red, green, blue, flags | focus]
}

fn dart_px(frame: &Frame) -> f64 {
    let span_m = frame.camera.metres_per_px();
    let between = |pair: &[(f64, f64)]| {
        let ((far_m, small_px), (near_m, large_px)) = (pair[0], pair[1]);
        let part = (span_m / far_m).ln() / (near_m / far_m).ln();
        (part <= 1.0).then(|| small_px + (large_px - small_px) * part.max(0.0))
    };
    DART_PX.windows(2).find_map(between).unwrap_or(DART_PX[3].1)
}
