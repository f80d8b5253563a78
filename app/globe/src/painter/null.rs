//! The painter where there is no canvas: it takes everything and draws nothing.

use crate::camera::Camera;
use crate::detail::Cell;
use crate::earth::Earth;
use crate::motion::Now;
use crate::painter::PainterError;
use crate::scene::Scene;

/// Draws nothing. Has the methods of the painter in the browser, where each is described.
#[derive(Debug)]
pub struct GlobePainter(());

impl GlobePainter {
    /// A painter without a canvas.
    ///
    /// # Errors
    /// None here.
    pub fn new<Canvas>(canvas: Canvas, earth: Earth) -> Result<Self, PainterError> {
        drop((canvas, earth));
        Ok(Self(()))
    }

    /// A painter without a canvas.
    ///
    /// # Errors
    /// None here.
    pub fn flat<Canvas>(canvas: Canvas) -> Result<Self, PainterError> {
        drop(canvas);
        Ok(Self(()))
    }

    /// Takes outlines.
    pub fn set_earth(&mut self, earth: Earth) {
        drop(earth);
    }

    /// Nothing.
    #[must_use]
    pub fn wanted(&mut self, camera: &Camera) -> Option<Cell> {
        let _ = camera;
        None
    }

    /// Takes a cell of detail.
    pub fn add_detail(&mut self, cell: Cell, detail: Earth) {
        drop((cell, detail));
    }

    /// Draws nothing.
    pub fn paint(&mut self, scene: &Scene, camera: &Camera, now: Now) {
        let _ = (scene, camera, now);
    }

    /// Never.
    #[must_use]
    pub fn needs_frame(&self, scene: &Scene, camera: &Camera, now: Now) -> bool {
        let _ = (scene, camera, now);
        false
    }

    /// Never.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        false
    }

    /// Nothing to show.
    pub fn show(&mut self) {}

    /// Never.
    #[must_use]
    pub fn lost(&self) -> bool {
        false
    }

    /// Nothing to build.
    ///
    /// # Errors
    /// None here.
    pub fn rebuild(&mut self) -> Result<(), PainterError> {
        Ok(())
    }
}
