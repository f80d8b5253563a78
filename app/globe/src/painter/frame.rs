//! What every program needs to know of a picture, and how it is sent.

use crate::camera::{Camera, Projection};
use crate::motion::{EASE_LONGEST_S, EASE_S, EASE_SLOWEST_MPS, HORIZON_S, LEAD_BACK_S, Now};
use crate::scene::{Rgb, Scene};
use crate::vector::Vec3;
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::motion::{ACCELERATION_LASTS_S, TURN_LASTS_S};
use three_d::{
    Blend, BlendEquationType, BlendMultiplierType, DepthTest, Mat4, Program, RenderStates, Viewport,
    WriteMask,
};

/// Flags of an aircraft in the shaders.
pub(super) const GHOST: u8 = 1;
pub(super) const EMERGENCY: u8 = 2;
pub(super) const SELECTED: u8 = 4;
pub(super) const HOVERED: u8 = 8;
pub(super) const ON_GROUND: u8 = 16;

/// Wingspan and length of a usual airliner, from below which distance aircraft grow.
const AIRLINER_M: f64 = 50.0;

/// A picture about to be drawn.
pub(super) struct Frame {
    pub(super) camera: Camera,
    pub(super) projection: Projection,
    pub(super) now: Now,
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    pub(super) pixel_ratio: f64,
    pub(super) sun: Option<Vec3>,
}

impl Frame {
    pub(super) fn new(scene: &Scene, camera: &Camera, now: Now, max_pixel_ratio: f64) -> Self {
        let viewport = camera.viewport();
        let pixel_ratio = viewport.pixel_ratio.min(max_pixel_ratio);
        Self {
            camera: camera.clone(),
            projection: camera.projection(),
            now,
            width_px: (viewport.width_px * pixel_ratio).round().max(1.0) as u32,
            height_px: (viewport.height_px * pixel_ratio).round().max(1.0) as u32,
            pixel_ratio,
            sun: scene.sun().map(Vec3::up_at),
        }
    }

    pub(super) fn viewport(&self) -> Viewport {
        Viewport::new_at_origo(self.width_px, self.height_px)
    }

    /// Focal length in device pixels.
    pub(super) fn focal_px(&self) -> f64 {
        self.projection.focal_px() * self.pixel_ratio
    }

    /// `|eye|^2 - 1` in Earth radii, from the height, so that it keeps its digits near the ground.
    pub(super) fn outside(&self) -> f64 {
        let height = self.projection.eye_altitude_m() / EARTH_RADIUS_M;
        height * (2.0 + height)
    }

    /// Sends what `common.glsl` declares, as far as the program uses it.
    pub(super) fn send(&self, program: &Program) {
        let columns = self.projection.clip_from_eye().map(|column| column.map(|value| value as f32));
        let [a, b, c, d] = columns.map(three_d::Vec4::from);
        let (high, low) = self.projection.eye.split();
        program.use_uniform_if_required("clip_from_eye", Mat4::from_cols(a, b, c, d));
        program.use_uniform_if_required("eye_high", three_d::Vec3::from(high));
        program.use_uniform_if_required("eye_low", three_d::Vec3::from(low));
        program.use_uniform_if_required("eye", vec3(self.projection.eye * (1.0 / EARTH_RADIUS_M)));
        program.use_uniform_if_required("outside", self.outside() as f32);
        let half_px = three_d::vec2(self.width_px as f32 / 2.0, self.height_px as f32 / 2.0);
        program.use_uniform_if_required("half_px", half_px);
        program.use_uniform_if_required("pixel_ratio", self.pixel_ratio as f32);
    }
}

/// The numbers that Rust and the shaders share.
pub(super) fn constants() -> String {
    let floats = [
        ("EARTH_M", EARTH_RADIUS_M),
        ("HORIZON_S", HORIZON_S),
        ("LEAD_BACK_S", LEAD_BACK_S),
        ("TURN_LASTS_S", TURN_LASTS_S),
        ("ACCELERATION_LASTS_S", ACCELERATION_LASTS_S),
        ("EASE_S", EASE_S),
        ("EASE_LONGEST_S", EASE_LONGEST_S),
        ("EASE_SLOWEST_MPS", EASE_SLOWEST_MPS),
        ("AIRLINER_M", AIRLINER_M),
    ];
    let flags = [
        ("GHOST", GHOST),
        ("EMERGENCY", EMERGENCY),
        ("SELECTED", SELECTED),
        ("HOVERED", HOVERED),
        ("ON_GROUND", ON_GROUND),
    ];
    let floats = floats.iter().map(|(name, value)| format!("#define {name} {value:?}\n"));
    floats.chain(flags.iter().map(|(name, value)| format!("#define {name} {value}u\n"))).collect()
}

/// Painting over what is there.
pub(super) fn over() -> RenderStates {
    RenderStates { blend: Blend::TRANSPARENCY, ..opaque() }
}

/// Replacing what is there.
pub(super) fn opaque() -> RenderStates {
    RenderStates { write_mask: WriteMask::COLOR, depth_test: DepthTest::Always, ..RenderStates::default() }
}

/// Turning each pixel into its opposite, so that it counts whether it was painted an odd number of times.
pub(super) fn toggle() -> RenderStates {
    let blend = Blend::Enabled {
        source_rgb_multiplier: BlendMultiplierType::OneMinusDstColor,
        source_alpha_multiplier: BlendMultiplierType::One,
        destination_rgb_multiplier: BlendMultiplierType::Zero,
        destination_alpha_multiplier: BlendMultiplierType::Zero,
        rgb_equation: BlendEquationType::Add,
        alpha_equation: BlendEquationType::Add,
    };
    RenderStates { blend, ..opaque() }
}

pub(super) fn vec3(vector: Vec3) -> three_d::Vec3 {
    vector.to_f32().into()
}

pub(super) fn rgb(colour: Rgb) -> three_d::Vec3 {
    colour.into()
}
