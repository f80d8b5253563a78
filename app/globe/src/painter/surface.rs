//! Space, air, water and land in one pass over the picture, and the squares of land that it looks up.

use crate::painter::PainterError;
use crate::scene::Scene;
use crate::shore::Shore;
use crate::tiles::{Made, Need, TILE_COUNT};
use inflight_domain::geo::EARTH_RADIUS_M;
use three_d::{
    ClearState, Context, CoreError, Interpolation, Mipmap, Program, Texture2D, VertexBuffer, Viewport,
    Wrapping,
};

use super::frame::{Frame, opaque, rgb, toggle, vec3};

/// How far the air over the limb is seen, in Earth radii; more than in nature, so that it shows.
const AIR_RADII: f64 = 0.026;

/// From close by the air reaches this angle over the horizon.
const WIDEST_HAZE_RAD: f64 = 0.11;

/// Height of an eye on a ride below which there is a sky, and above which there is space.
const LOW_SKY_M: (f64, f64) = (20_000.0, 90_000.0);

/// Spacings of the lines of latitude and longitude.
const GRATICULES_DEG: [f64; 10] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0];

/// Lines of latitude and longitude are at least this far apart.
const GRATICULE_PX: f64 = 130.0;

pub(super) struct Surface {
    context: Context,
    program: Program,
    filler: Program,
    corners: VertexBuffer<[f32; 2]>,
    tiles: Vec<Tile>,
    side_px: u32,
}

struct Tile {
    texture: Texture2D,
    made: Option<Made>,
}

impl Surface {
    pub(super) fn new(context: &Context) -> Result<Self, PainterError> {
        let vertex = include_str!(concat!(env!("OUT_DIR"), "/surface.vert"));
        let filler = super::program(
            context,
            &[include_str!(concat!(env!("OUT_DIR"), "/land.vert"))],
            include_str!(concat!(env!("OUT_DIR"), "/land.frag")),
        )?;
        Ok(Self {
            program: super::program(
                context,
                &[vertex],
                include_str!(concat!(env!("OUT_DIR"), "/surface.frag")),
            )?,
            filler,
            corners: VertexBuffer::new(context),
            tiles: Vec::new(),
            side_px: 0,
            context: context.clone(),
        })
    }

    /// Other outlines have come.
    pub(super) fn forget(&mut self) {
        self.tiles.iter_mut().for_each(|tile| tile.made = None);
    }

    /// Makes the squares that are missing.
    pub(super) fn prepare<'a>(&mut self, needs: &[Need], shore: impl Fn(bool) -> &'a Shore, frame: &Frame) {
        let longest_px = frame.width_px.max(frame.height_px);
        let side_px = (longest_px * 5 / 4).next_power_of_two().clamp(1024, 2048);
        if side_px != self.side_px {
            self.side_px = side_px;
            self.tiles = (0..TILE_COUNT)
                .map(|_| Tile { texture: blank(&self.context, side_px), made: None })
                .collect();
        }
        for nth in 0..TILE_COUNT {
            // Squares that are not needed repeat the coarsest, so that the shader need not know.
            let Some(need) = needs.get(nth) else { continue };
            if self.tiles[nth].made.is_none_or(|made| !made.serves(need)) {
                let made = Made::new(*need);
                self.fill(nth, &made, shore(need.fine));
                self.tiles[nth].made = Some(made);
            }
        }
        self.tiles.iter_mut().skip(needs.len()).for_each(|tile| tile.made = None);
    }

    pub(super) fn draw(&self, frame: &Frame, scene: &Scene) {
        let program = &self.program;
        frame.send(program);
        self.send_view(frame);
        self.send_tiles(frame);
        let palette = scene.palette();
        for (name, colour) in [
            ("space_colour", palette.space),
            ("ocean_colour", palette.ocean),
            ("land_colour", palette.land),
            ("graticule_colour", palette.graticule),
            ("atmosphere_colour", palette.atmosphere),
            ("twilight_colour", palette.twilight),
        ] {
            program.use_uniform(name, rgb(colour));
        }
        program.use_uniform("night", palette.night);
        program.use_uniform("stars", palette.stars);
        let sun = frame.sun.map_or([0.0; 4], |sun| [sun.x as f32, sun.y as f32, sun.z as f32, 1.0]);
        program.use_uniform("sun", three_d::Vec4::from(sun));
        program.draw_arrays(opaque(), frame.viewport(), 3);
    }

    fn send_view(&self, frame: &Frame) {
        let (program, projection) = (&self.program, &frame.projection);
        let half = |pixels: u32| f64::from(pixels) / 2.0 / frame.focal_px();
        program.use_uniform("ray_forward", vec3(projection.forward));
        program.use_uniform("ray_right", vec3(projection.right * half(frame.width_px)));
        program.use_uniform("ray_up", vec3(projection.up * half(frame.height_px)));
        program.use_uniform("pixel_angle", (1.0 / frame.focal_px()) as f32);
        let outside = frame.outside();
        // The limb's angle from the nadir, by its tangent: its sine is too flat near the ground.
        program.use_uniform("limb_angle", (1.0 / outside.sqrt()).atan() as f32);
        let haze = (AIR_RADII / outside.sqrt()).atan().min(WIDEST_HAZE_RAD);
        program.use_uniform("haze_angle", haze as f32);
        let px_deg = (frame.camera.metres_per_px() / EARTH_RADIUS_M).to_degrees();
        let spacing = GRATICULES_DEG.into_iter().find(|step| step / px_deg >= GRATICULE_PX).unwrap_or(30.0);
        let rides = frame.camera.is_free();
        let (low, high) = LOW_SKY_M;
        let low = ((high - frame.projection.eye_altitude_m()) / (high - low)).clamp(0.0, 1.0);
        program.use_uniform("low", if rides { low as f32 } else { 0.0 });
        program.use_uniform("graticule_deg", spacing as f32);
        // From close by there is nothing that the lines could help to place.
        let strength = ((frame.camera.pose().height_m / 40_000.0).ln() / 1.5).clamp(0.0, 1.0) * 0.5;
        // Seen while moving, they tell how fast.
        let strength = if rides { low * 0.5 } else { strength };
        program.use_uniform("graticule_strength", strength as f32);
    }

    fn send_tiles(&self, frame: &Frame) {
        let program = &self.program;
        let coarsest = self.tiles.iter().rposition(|tile| tile.made.is_some()).unwrap_or(0);
        let eye = frame.projection.eye * (1.0 / EARTH_RADIUS_M);
        let (mut east, mut north, mut up, mut place) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for nth in 0..TILE_COUNT {
            let tile = &self.tiles[nth.min(coarsest)];
            program.use_texture(["land_0", "land_1", "land_2"][nth], &tile.texture);
            let Some(plane) = tile.made.map(|made| made.plane()) else { return };
            let offset = eye - plane.frame.up;
            east.push(vec3(plane.frame.east));
            north.push(vec3(plane.frame.north));
            up.push(vec3(plane.frame.up));
            place.push(three_d::vec4(
                offset.dot(plane.frame.east) as f32,
                offset.dot(plane.frame.north) as f32,
                plane.half as f32,
                self.side_px as f32,
            ));
        }
        program.use_uniform_array("land_east", &east);
        program.use_uniform_array("land_north", &north);
        program.use_uniform_array("land_up", &up);
        program.use_uniform_array("land_place", &place);
    }

    fn fill(&mut self, nth: usize, made: &Made, shore: &Shore) {
        let (corners, inverted) = shore.land(&made.plane());
        self.corners.fill(&corners);
        let base = if inverted { 1.0 } else { 0.0 };
        let target = self.tiles[nth].texture.as_color_target(None);
        target.clear(ClearState::color(base, base, base, 1.0));
        let _ = target.write::<CoreError>(|| {
            if !corners.is_empty() {
                self.filler.use_vertex_attribute("place", &self.corners);
                let viewport = Viewport::new_at_origo(self.side_px, self.side_px);
                self.filler.draw_arrays(toggle(), viewport, corners.len() as u32);
            }
            Ok(())
        });
    }
}

fn blank(context: &Context, side_px: u32) -> Texture2D {
    Texture2D::new_empty::<u8>(
        context,
        side_px,
        side_px,
        Interpolation::Linear,
        Interpolation::Linear,
        Some(Mipmap::default()),
        Wrapping::ClampToEdge,
        Wrapping::ClampToEdge,
    )
}
