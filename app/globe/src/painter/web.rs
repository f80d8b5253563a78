//! The painter in the browser: three-d over our own WebGL 2 canvas.
//!
//! There is no depth buffer: layers are drawn from back to front, and what the Earth hides is computed from the
//! sphere. All that lives on the GPU is in [`Kit`], which is thrown away and made anew when the context was lost.

mod aircraft;
mod aside;
mod flat;
mod frame;
mod lines;
mod outlines;
mod surface;

use crate::camera::Camera;
use crate::detail::{Asked, Cell};
use crate::earth::Earth;
use crate::motion::Now;
use crate::painter::PainterError;
use crate::painter::cadence::Painted;
use crate::scene::{Revisions, Scene};
use crate::shore::Shore;
use crate::tiles;
use frame::Frame;
use std::sync::Arc;
use three_d::{ClearState, Context, CoreError, Program, RenderTarget};
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, WebGl2RenderingContext, WebglDebugRendererInfo};

/// More device pixels per CSS pixel than this cost more than they show.
const MAX_PIXEL_RATIO: f64 = 2.0;

/// Without WebGL a picture of a camera that stands is drawn this often, because drawing it takes long.
const FLAT_REST_MS: f64 = 150.0;

/// Without WebGL the fine outlines are drawn from where a pixel is smaller than this.
const FLAT_FINE_PX_M: f64 = 2_500.0;

/// Drivers that draw on the processor, where each pixel is paid for in time that the page waits.
const SOFTWARE_DRIVERS: [&str; 4] = ["SwiftShader", "llvmpipe", "softpipe", "Microsoft Basic Render"];

/// Draws a scene on a canvas.
pub struct GlobePainter {
    canvas: HtmlCanvasElement,
    brush: Brush,
    coarse: Shore,
    fine: Option<Shore>,
    asked: Asked,
    painted: Option<Painted>,
}

/// What it draws with.
enum Brush {
    Gl(WebGl2RenderingContext, Box<Kit>),
    Flat(flat::Flat),
}

/// Everything that lives on the GPU.
struct Kit {
    context: Context,
    surface: surface::Surface,
    outlines: outlines::Outlines,
    lines: lines::Lines,
    aircraft: aircraft::Fleet,
    aside: Option<aside::Aside>,
    uploaded: Option<Revisions>,
}

impl GlobePainter {
    /// A painter on a canvas that has no other context, with the outlines for the far view or none yet.
    ///
    /// # Errors
    /// The browser has no WebGL 2, or the driver refuses a shader.
    pub fn new(canvas: HtmlCanvasElement, earth: Earth) -> Result<Self, PainterError> {
        let options = js_sys::Object::new();
        for (name, value) in [("alpha", false), ("antialias", false), ("depth", false), ("stencil", false)] {
            // Edges are made soft by the shaders themselves, which costs less than multisampling and looks better.
            let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
        }
        let _ = js_sys::Reflect::set(&options, &"powerPreference".into(), &"high-performance".into());
        let found = canvas.get_context_with_context_options("webgl2", &options).ok().flatten();
        let gl: WebGl2RenderingContext =
            found.and_then(|object| object.dyn_into().ok()).ok_or(PainterError::NoWebGl)?;
        let kit = Box::new(Kit::new(&gl)?);
        Ok(Self::with(canvas, Brush::Gl(gl, kit), earth))
    }

    /// A painter that does without WebGL, on a canvas that has no other context. Its camera must be flat.
    ///
    /// # Errors
    /// The canvas has another context.
    pub fn flat(canvas: HtmlCanvasElement) -> Result<Self, PainterError> {
        let brush = Brush::Flat(flat::Flat::new(&canvas)?);
        Ok(Self::with(canvas, brush, Earth::default()))
    }

    fn with(canvas: HtmlCanvasElement, brush: Brush, earth: Earth) -> Self {
        let (asked, coarse) = (Asked::default(), Shore::far(earth));
        Self { canvas, brush, coarse, fine: None, asked, painted: None }
    }

    /// Takes outlines: the first that are not empty, here or in [`GlobePainter::new`], are for the far view, later
    /// ones for the near view.
    pub fn set_earth(&mut self, earth: Earth) {
        if self.coarse.is_empty() {
            self.coarse = Shore::far(earth);
        } else {
            self.asked = Asked::new(&earth);
            self.fine = Some(Shore::near(earth));
        }
        self.forget_outlines();
    }

    /// The next cell of detail that the camera could use and that was not yet named: fetch
    /// `globe-detail/{Cell::file_name}` and hand it to [`GlobePainter::add_detail`]. None while the camera is far,
    /// before the outlines for the near view are there, or when all is there. Each cell is named once.
    #[must_use]
    pub fn wanted(&mut self, camera: &Camera) -> Option<Cell> {
        self.asked.next(camera)
    }

    /// Puts a cell of detail into its place.
    pub fn add_detail(&mut self, cell: Cell, detail: Earth) {
        if let Some(fine) = &mut self.fine {
            fine.add_detail(cell, detail);
            self.forget_outlines();
        }
    }

    /// Draws a picture. Does nothing while the context is lost or the last picture is waited for.
    pub fn paint(&mut self, scene: &Scene, camera: &Camera, now: Now) {
        if self.lost() || self.is_waiting() {
            return;
        }
        let frame = Frame::new(scene, camera, now, self.max_pixel_ratio());
        let fine = self.fine.as_ref().unwrap_or(&self.coarse);
        match &mut self.brush {
            Brush::Gl(gl, kit) => {
                kit.prepare(&frame, scene, &self.coarse, fine);
                if kit.aside.is_some() {
                    kit.draw_aside(&frame, scene, gl);
                } else {
                    resize(&self.canvas, frame.width_px, frame.height_px);
                    kit.draw_on_canvas(&frame, scene);
                }
            }
            Brush::Flat(flat) => {
                resize(&self.canvas, frame.width_px, frame.height_px);
                let near = camera.metres_per_px() < FLAT_FINE_PX_M;
                flat.paint(&frame, scene, if near { fine } else { &self.coarse });
            }
        }
        let unchanged = self.painted.filter(|painted| painted.revisions() == scene.revisions());
        self.painted = Some(match unchanged {
            Some(painted) => painted.again(camera, now),
            None => Painted::of(scene, camera, now),
        });
    }

    /// Whether a picture drawn now would differ visibly from the last one.
    #[must_use]
    pub fn needs_frame(&self, scene: &Scene, camera: &Camera, now: Now) -> bool {
        let rests = matches!(self.brush, Brush::Flat(_)).then_some(FLAT_REST_MS).unwrap_or(0.0);
        self.painted
            .is_none_or(|painted| painted.outdated(scene, camera, now) && painted.rested(camera, now, rests))
    }

    /// Whether a picture was asked for that is not on the canvas yet; then [`GlobePainter::show`] is to be called
    /// with each frame of the browser.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.kit_aside().is_some_and(aside::Aside::is_waiting)
    }

    /// Puts the picture that is waited for on the canvas, if it is finished.
    pub fn show(&mut self) {
        if let Brush::Gl(gl, kit) = &mut self.brush
            && let Some(aside) = &mut kit.aside
        {
            aside.show(gl, &self.canvas);
        }
    }

    /// Whether the browser has taken the context away. It announces with `webglcontextrestored` that it can be
    /// rebuilt, if the handler of `webglcontextlost` called `preventDefault`.
    #[must_use]
    pub fn lost(&self) -> bool {
        matches!(&self.brush, Brush::Gl(gl, _) if gl.is_context_lost())
    }

    /// Builds everything anew after the context was restored.
    ///
    /// # Errors
    /// The context is still lost, or the driver refuses a shader.
    pub fn rebuild(&mut self) -> Result<(), PainterError> {
        let Brush::Gl(gl, kit) = &mut self.brush else { return Ok(()) };
        let dead = std::mem::replace(&mut **kit, Kit::new(gl)?);
        // Its objects died with the old context; deleting them would only fill the console with warnings.
        std::mem::forget(dead);
        self.painted = None;
        Ok(())
    }

    fn kit_aside(&self) -> Option<&aside::Aside> {
        let Brush::Gl(_, kit) = &self.brush else { return None };
        kit.aside.as_ref()
    }

    fn max_pixel_ratio(&self) -> f64 {
        if self.kit_aside().is_some() { 1.0 } else { MAX_PIXEL_RATIO }
    }

    fn forget_outlines(&mut self) {
        if let Brush::Gl(_, kit) = &mut self.brush {
            kit.forget_outlines();
        }
        self.painted = None;
    }
}

impl Kit {
    fn new(gl: &WebGl2RenderingContext) -> Result<Self, PainterError> {
        if gl.is_context_lost() {
            return Err(PainterError::Lost);
        }
        #[expect(clippy::arc_with_non_send_sync, reason = "three-d asks for an Arc; a canvas has one thread")]
        let shared = Arc::new(three_d::context::Context::from_webgl2_context(gl.clone()));
        let context = Context::from_gl_context(shared).map_err(refused)?;
        let aside = if is_software(gl) { Some(aside::Aside::new(&context)?) } else { None };
        Ok(Self {
            aside,
            surface: surface::Surface::new(&context)?,
            outlines: outlines::Outlines::new(&context)?,
            lines: lines::Lines::new(&context)?,
            aircraft: aircraft::Fleet::new(&context)?,
            context,
            uploaded: None,
        })
    }

    fn forget_outlines(&mut self) {
        self.surface.forget();
        self.outlines.forget();
    }

    fn prepare(&mut self, frame: &Frame, scene: &Scene, coarse: &Shore, fine: &Shore) {
        let needs = tiles::needs(&frame.camera);
        let shore = |fine_wanted: bool| if fine_wanted { fine } else { coarse };
        self.surface.prepare(&needs, shore, frame);
        if let Some(horizon) = needs.last() {
            self.outlines.prepare(horizon, shore(horizon.fine));
        }
        self.upload(scene, frame);
    }

    fn draw_on_canvas(&mut self, frame: &Frame, scene: &Scene) {
        let target = RenderTarget::screen(&self.context, frame.width_px, frame.height_px);
        target.clear(background(scene));
        let _ = target.write::<CoreError>(|| self.draw(frame, scene));
    }

    fn draw_aside(&mut self, frame: &Frame, scene: &Scene, gl: &WebGl2RenderingContext) {
        let Some(mut aside) = self.aside.take() else { return };
        let target = aside.texture(frame.width_px, frame.height_px).as_color_target(None);
        target.clear(background(scene));
        let _ = target.write::<CoreError>(|| self.draw(frame, scene));
        aside.asked(gl);
        self.aside = Some(aside);
    }

    /// All layers, from back to front.
    fn draw(&mut self, frame: &Frame, scene: &Scene) -> Result<(), CoreError> {
        self.surface.draw(frame, scene);
        self.outlines.draw(frame, scene.palette());
        self.lines.draw(frame, scene);
        self.aircraft.draw(frame, scene.palette());
        Ok(())
    }

    /// Sends to the GPU what changed in the scene since the last picture.
    fn upload(&mut self, scene: &Scene, frame: &Frame) {
        let (now, last) = (scene.revisions(), self.uploaded);
        let aged = self.aircraft.aged(frame.now);
        let aircraft_changed = aged || last.is_none_or(|last| last.aircraft != now.aircraft);
        if aircraft_changed {
            self.aircraft.fill(scene, frame.now);
        }
        if aircraft_changed || last.is_none_or(|last| last.focus != now.focus) {
            self.aircraft.focus(scene);
        }
        if last.is_none_or(|last| last.lines != now.lines) {
            self.lines.fill(scene);
        }
        self.uploaded = Some(now);
    }
}

fn background(scene: &Scene) -> ClearState {
    let space = scene.palette().space;
    ClearState::color(space[0], space[1], space[2], 1.0)
}

fn resize(canvas: &HtmlCanvasElement, width_px: u32, height_px: u32) {
    if (canvas.width(), canvas.height()) != (width_px, height_px) {
        canvas.set_width(width_px);
        canvas.set_height(height_px);
    }
}

fn is_software(gl: &WebGl2RenderingContext) -> bool {
    // The name is behind an extension; a browser that hides it is taken to have a graphics card.
    let _ = gl.get_extension("WEBGL_debug_renderer_info");
    let name = gl.get_parameter(WebglDebugRendererInfo::UNMASKED_RENDERER_WEBGL).ok();
    let name = name.and_then(|name| name.as_string()).unwrap_or_default();
    SOFTWARE_DRIVERS.iter().any(|driver| name.contains(driver))
}

/// A program from its sources, with the constants and the shared functions before them.
fn program(context: &Context, vertex: &[&str], fragment: &str) -> Result<Program, PainterError> {
    let constants = frame::constants();
    let vertex: String = [constants.as_str()].iter().chain(vertex).copied().collect();
    Program::from_source(context, &vertex, &format!("{constants}{fragment}")).map_err(refused)
}

fn refused(error: CoreError) -> PainterError {
    PainterError::Refused(error.to_string())
}
