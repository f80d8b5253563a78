//! The globe: scene, camera, picking and labels as pure code, and the painter that draws them with WebGL.
//!
//! Knows no protocol, no engine, no DOM event and no clock: the caller turns events into calls of [`Camera`],
//! fills a [`Scene`], and asks for a frame.
//!
//! ```text
//! camera.resize(viewport);             // on resize, and once at the start
//! scene.set_aircraft(instances);       // on a data tick; each continued with `continue_from`
//! camera.step(dt_ms);                  // in the animation frame
//! if painter.needs_frame(&scene, &camera, now) { painter.paint(&scene, &camera, now); }
//! let labels = labels::place(&candidates, &mut shown, viewport);   // HTML over the canvas
//! ```
//!
//! Distances are metres, angles degrees, screen points CSS pixels from the canvas's top left corner. There are
//! two clocks ([`Now`]): stream time moves aircraft, wall time eases corrections; in a replay they differ.

pub mod airports;
pub mod camera;
pub mod colour;
pub mod detail;
pub mod earth;
pub mod labels;
pub mod motion;
pub mod order;
pub mod painter;
pub mod pick;
pub mod ramp;
pub mod ride;
pub mod rings;
pub mod scene;
pub mod shore;
pub mod sun;
pub mod tiles;
pub mod vector;

pub use camera::{Camera, Key, Pose, ScreenPoint, Viewport};
pub use earth::{Earth, EarthError};
pub use motion::{Drawn, Now, drawn};
pub use painter::{GlobePainter, PainterError};
pub use ride::{Ride, Seat};
pub use scene::{AircraftInstance, Line, LinePoint, Palette, Scene};
