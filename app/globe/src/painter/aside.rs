//! On drivers that draw on the processor: a picture is drawn aside and put on the canvas once it is finished.
//!
//! Such a browser reads the canvas back after each frame, and the page stands still until all that was asked for is
//! drawn. Drawn aside, only the copy is waited for.

use crate::painter::PainterError;
use three_d::{Context, Interpolation, Mipmap, Program, RenderTarget, Texture2D, Viewport, Wrapping};
use web_sys::{HtmlCanvasElement, WebGl2RenderingContext, WebGlSync};

use super::frame::opaque;

pub(super) struct Aside {
    context: Context,
    copier: Program,
    texture: Option<Texture2D>,
    finished: Option<WebGlSync>,
}

impl Aside {
    pub(super) fn new(context: &Context) -> Result<Self, PainterError> {
        let copier =
            super::program(context, &[include_str!("shader/copy.vert")], include_str!("shader/copy.frag"))?;
        Ok(Self { context: context.clone(), copier, texture: None, finished: None })
    }

    /// Where to draw a picture of this size.
    pub(super) fn texture(&mut self, width_px: u32, height_px: u32) -> &Texture2D {
        let fits = |texture: &Texture2D| (texture.width(), texture.height()) == (width_px, height_px);
        if !self.texture.as_ref().is_some_and(fits) {
            self.texture = None;
        }
        self.texture.get_or_insert_with(|| {
            Texture2D::new_empty::<[u8; 4]>(
                &self.context,
                width_px,
                height_px,
                Interpolation::Nearest,
                Interpolation::Nearest,
                None::<Mipmap>,
                Wrapping::ClampToEdge,
                Wrapping::ClampToEdge,
            )
        })
    }

    /// The picture is asked for: from now on it is waited for.
    pub(super) fn asked(&mut self, gl: &WebGl2RenderingContext) {
        self.finished = gl.fence_sync(WebGl2RenderingContext::SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
    }

    /// Whether a picture is being drawn.
    pub(super) fn is_waiting(&self) -> bool {
        self.finished.is_some()
    }

    /// Puts the picture on the canvas if it is finished.
    pub(super) fn show(&mut self, gl: &WebGl2RenderingContext, canvas: &HtmlCanvasElement) {
        let status = self.finished.as_ref().map(|sync| gl.client_wait_sync_with_u32(sync, 0, 0));
        if status.is_none_or(|status| status == WebGl2RenderingContext::TIMEOUT_EXPIRED) {
            return;
        }
        gl.delete_sync(self.finished.take().as_ref());
        let Some(texture) = &self.texture else { return };
        let (width, height) = (texture.width(), texture.height());
        super::resize(canvas, width, height);
        let _ = RenderTarget::screen(&self.context, width, height).write::<three_d::CoreError>(|| {
            self.copier.use_texture("drawn", texture);
            self.copier.draw_arrays(opaque(), Viewport::new_at_origo(width, height), 3);
            Ok(())
        });
    }
}
