//! The painter: WebGL in the browser, nothing elsewhere, so that the server can compile the same views.

pub mod cadence;

#[cfg_attr(target_arch = "wasm32", path = "painter/web.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "painter/null.rs")]
mod target;

pub use target::GlobePainter;

/// Why there is no picture. The message is for the log; the screen should offer the table instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PainterError {
    /// The browser has no WebGL 2, or it is switched off.
    #[error("this browser offers no WebGL 2 context")]
    NoWebGl,
    /// The browser has no canvas to draw on, or something else has taken it.
    #[error("this canvas offers no two-dimensional context")]
    NoCanvas,
    /// The context was lost; the painter can be rebuilt once the browser restores it.
    #[error("the WebGL context is lost")]
    Lost,
    /// The graphics driver refused something.
    #[error("the graphics driver refused: {0}")]
    Refused(String),
}
