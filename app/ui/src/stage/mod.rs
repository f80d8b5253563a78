//! The picture outside the reactive graph: camera, scene, painter and labels, and when the next frame is due.

mod area;
mod gestures;
mod ground;
mod hud;
mod instances;
mod labels;
mod naming;
mod palette;
mod ride;
mod rings;
mod trails;
mod travel;

pub use gestures::Pointers;
pub use hud::Hud;
pub use labels::LabelLayer;
pub use naming::Wording;
pub use palette::read_palette;
pub use rings::Centre;

use crate::browser::Next;
use crate::state::board::Board;
use crate::state::choices::Layers;
use crate::state::follow::Focus;
use crate::state::view::CameraView;
use inflight_domain::{Icao24, Position, UnixMillis};
use inflight_globe::{
    Camera, Drawn, GlobePainter, Now, Palette, Pose, Scene, ScreenPoint, Viewport, drawn, pick, sun,
};
use instances::Instances;
use naming::Look;

/// How often the sun is moved, in milliseconds of stream time.
const SUN_MS: f64 = 60_000.0;

/// Time between looks at whether something has visibly moved, in milliseconds.
const LOOK_MS: f64 = 50.0;

/// Time between two looks at what is under a mouse that rests, in milliseconds.
const HOVER_MS: f64 = 150.0;

/// With reduced motion aircraft are drawn anew this often, in milliseconds.
const REDUCED_MS: f64 = 1000.0;

/// Everything that makes the picture.
pub struct Stage {
    /// Where the picture is taken from.
    pub camera: Camera,
    /// Fingers and mouse.
    pub pointers: Pointers,
    scene: Scene,
    painter: Option<GlobePainter>,
    labels: Option<LabelLayer>,
    instances: Instances,
    focus: Focus,
    picks: Vec<Icao24>,
    layers: Layers,
    wording: Wording,
    last_frame_ms: f64,
    sun_at_ms: f64,
    placed: bool,
    still: bool,
    reduced_motion: bool,
    hover_at: Option<ScreenPoint>,
    hover_due_ms: f64,
    hovered: Option<usize>,
    riding: Option<ride::Riding>,
    hud: Option<Hud>,
    rings: rings::RangeRings,
    ground: ground::Ground,
}

impl Stage {
    /// A stage without a canvas.
    #[must_use]
    pub fn new(palette: Palette, still: bool, reduced_motion: bool) -> Self {
        let mut camera = Camera::new(Viewport::new(1.0, 1.0, 1.0));
        camera.set_reduced_motion(reduced_motion || still);
        Self {
            camera,
            pointers: Pointers::default(),
            scene: Scene::new(palette),
            painter: None,
            labels: None,
            instances: Instances::default(),
            focus: Focus::default(),
            picks: Vec::new(),
            layers: Layers::default(),
            wording: Wording::default(),
            last_frame_ms: 0.0,
            sun_at_ms: f64::MIN,
            placed: false,
            still,
            reduced_motion,
            hover_at: None,
            hover_due_ms: 0.0,
            hovered: None,
            riding: None,
            hud: None,
            rings: rings::RangeRings::default(),
            ground: ground::Ground::default(),
        }
    }

    /// The painter for a new canvas, or none when it is gone.
    pub fn set_painter(&mut self, painter: Option<GlobePainter>) {
        self.painter = painter;
    }

    /// The painter, to hand it outlines or build it anew.
    pub fn painter(&mut self) -> Option<&mut GlobePainter> {
        self.painter.as_mut()
    }

    /// The next cell of detail that the picture can use, once the camera rests.
    pub fn wanted(&mut self) -> Option<inflight_globe::detail::Cell> {
        if self.camera.is_moving() {
            return None;
        }
        self.painter.as_mut()?.wanted(&self.camera)
    }

    /// Where labels go.
    pub fn set_labels(&mut self, labels: Option<LabelLayer>) {
        self.labels = labels;
    }

    /// Colours of another theme; dimmed, the map steps back into the sea.
    pub fn set_palette(&mut self, mut palette: Palette) {
        if self.layers.dim {
            let ocean = palette.ocean;
            for colour in [&mut palette.land, &mut palette.coast, &mut palette.border, &mut palette.graticule]
            {
                *colour = core::array::from_fn(|channel| 0.35 * colour[channel] + 0.65 * ocean[channel]);
            }
        }
        self.scene.set_palette(palette);
    }

    /// Another selection, other layers or other words on the labels.
    pub fn restyle(&mut self, picks: Vec<Icao24>, layers: Layers, wording: Wording) {
        (self.picks, self.layers, self.wording) = (picks, layers, wording);
        self.mark_focus();
        if let Some(labels) = &mut self.labels {
            labels.choose_anew();
        }
    }

    /// The aircraft in the picture.
    #[must_use]
    pub fn in_view(&self, now: Now) -> Vec<Icao24> {
        let seen = pick::visible(&self.scene, &self.camera, now, 0.0);
        seen.into_iter().filter_map(|one| self.instances.icao24(one.index)).collect()
    }

    /// Whether all that was painted is on the canvas.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.painter.as_ref().is_some_and(|painter| !painter.is_waiting())
    }

    /// Whether the picture on the canvas is of all that the scene has now.
    #[must_use]
    pub fn is_current(&self, now: Now) -> bool {
        let current = |painter: &GlobePainter| !painter.needs_frame(&self.scene, &self.camera, now);
        self.is_shown() && self.painter.as_ref().is_some_and(current)
    }

    /// Puts the camera where an address says.
    pub fn restore(&mut self, view: CameraView) {
        let Some(target) = Position::new(view.latitude_deg, view.longitude_deg) else { return };
        self.placed = true;
        self.camera.set_pose(Pose {
            target,
            target_altitude_m: 0.0,
            roll_deg: 0.0,
            height_m: view.height_m,
            heading_deg: view.heading_deg,
            tilt_deg: view.tilt_deg,
        });
    }

    /// Where the camera is, for the address; none before it was placed.
    #[must_use]
    pub fn view(&self) -> Option<CameraView> {
        let pose = self.came_from().unwrap_or_else(|| self.camera.destination());
        self.placed.then(|| CameraView {
            latitude_deg: pose.target.latitude_deg(),
            longitude_deg: pose.target.longitude_deg(),
            height_m: pose.height_m,
            heading_deg: pose.heading_deg,
            tilt_deg: pose.tilt_deg,
        })
    }

    /// What comes is of another board: nothing continues from what was drawn. If it may be of elsewhere, the camera
    /// goes there.
    pub fn forget(&mut self, elsewhere: bool) {
        self.placed &= !elsewhere;
        self.instances = Instances::default();
        self.scene.set_aircraft(Vec::new());
    }

    /// Takes over the rows of the board; the first ones also place the camera.
    pub fn take(&mut self, board: &Board, now: Now) {
        if let Some(fresh) = self.instances.take(board, now, self.still) {
            self.scene.set_aircraft(fresh);
            self.mark_focus();
            self.hover_due_ms = f64::MIN;
        }
        if !self.placed && board.mirror.flight_count() > 0 {
            // Of all of it, for a filter may show none.
            let mut all = board.mirror.flights().map(|row| row.aircraft.position());
            if let Some(area) = area::area_of(&mut all) {
                // From the whole globe to where the traffic is; at once where motion is unwanted.
                self.camera.fit(area);
            }
            self.placed = true;
        }
        self.set_trails(board, now);
    }

    /// Selection or following changed.
    pub fn set_focus(&mut self, focus: Focus, board: &Board, now: Now) {
        self.focus = focus;
        self.mark_focus();
        self.change_aircraft(now);
        self.set_trails(board, now);
    }

    /// The aircraft at a point of the picture.
    #[must_use]
    pub fn pick(&self, point: ScreenPoint, touch: bool, now: Now) -> Option<Icao24> {
        let tolerance_px = if touch { pick::TOUCH_PX } else { pick::MOUSE_PX };
        let index = pick::nearest(&self.scene, &self.camera, now, point, tolerance_px)?;
        self.instances.icao24(index)
    }

    /// The next aircraft of the picture in reading order.
    #[must_use]
    pub fn neighbour(&self, backwards: bool, now: Now) -> Option<Icao24> {
        let index = pick::neighbour(&self.scene, &self.camera, now, backwards)?;
        self.instances.icao24(index)
    }

    /// The mouse rests or moves at a point without a button, or left the picture.
    pub fn hover(&mut self, at: Option<ScreenPoint>) {
        self.hover_at = at;
        self.hover_due_ms = f64::MIN;
    }

    /// The aircraft under the mouse and where it is drawn, as of the last frame.
    #[must_use]
    pub fn hovered(&self, now: Now) -> Option<(Icao24, ScreenPoint)> {
        let index = self.hovered?;
        let at = drawn(self.scene.aircraft().get(index)?, now);
        let point = self.camera.project(at.position, at.altitude_m)?;
        Some((self.instances.icao24(index)?, point))
    }

    /// Where an aircraft is drawn.
    #[must_use]
    pub fn drawn(&self, icao24: Icao24, now: Now) -> Option<Drawn> {
        let index = self.instances.index(icao24)?;
        self.scene.aircraft().get(index).map(|instance| drawn(instance, now))
    }

    /// Lets time pass, paints if that shows something new, and tells when to look again.
    pub fn frame(&mut self, board: &Board, now: Now) -> Next {
        let since_ms = now.wall_ms - self.last_frame_ms;
        self.last_frame_ms = now.wall_ms;
        if self.is_riding() {
            self.ride_on(since_ms, now);
        } else if self.focus.following
            && let Some(at) = self.focus.selected.and_then(|icao24| self.drawn(icao24, now))
        {
            self.camera.follow(at.position, at.altitude_m);
        }
        let moving = self.camera.step(since_ms);
        self.draw_rings(now);
        self.lay_runways();
        self.look_for_hovered(now);
        if (now.stream_ms - self.sun_at_ms).abs() > SUN_MS {
            self.sun_at_ms = now.stream_ms;
            self.scene.set_sun(Some(sun::subsolar(UnixMillis(now.stream_ms as i64))));
        }
        let Some(painter) = &mut self.painter else { return Next::Rest };
        if painter.lost() {
            return Next::Rest;
        }
        if painter.is_waiting() {
            painter.show();
            return Next::Frame;
        }
        if painter.needs_frame(&self.scene, &self.camera, now) {
            if let Some(painter) = &mut self.painter {
                painter.paint(&self.scene, &self.camera, now);
            }
            let inside = self.is_riding();
            if let Some(labels) = &mut self.labels {
                labels.draw(Look {
                    board,
                    scene: &self.scene,
                    camera: &self.camera,
                    instances: &self.instances,
                    focus: self.focus,
                    inside,
                    picks: &self.picks,
                    wording: self.wording,
                    now,
                });
            }
            let taken = self.labels.as_ref().map_or_else(Vec::new, |labels| labels.boxes.clone());
            self.name_airports(&taken);
            return match self.is_shown() && self.still {
                true => Next::Rest,
                false => self.next(moving, true),
            };
        }
        self.next(moving, false)
    }

    fn next(&self, moving: bool, painted: bool) -> Next {
        if !self.is_shown() {
            return Next::Frame;
        }
        match (moving, self.reduced_motion || self.still, painted) {
            (true, ..) => Next::Frame,
            (_, true, _) => Next::After(REDUCED_MS),
            (_, _, true) => Next::Frame,
            _ => Next::After(LOOK_MS),
        }
    }

    /// Finds what is under the mouse: at once when that moved, and now and then because aircraft do.
    fn look_for_hovered(&mut self, now: Now) {
        if now.wall_ms < self.hover_due_ms {
            return;
        }
        self.hover_due_ms = now.wall_ms + HOVER_MS;
        let at = self.hover_at.filter(|_| !self.pointers.is_down());
        self.hovered =
            at.and_then(|point| pick::nearest(&self.scene, &self.camera, now, point, pick::MOUSE_PX));
        self.scene.set_hovered(self.hovered);
    }

    fn mark_focus(&mut self) {
        let index = self.focus.selected.and_then(|icao24| self.instances.index(icao24));
        self.scene.set_selected(index);
        let others = self.picks.iter().filter(|icao24| Some(**icao24) != self.focus.selected);
        self.scene.set_marked(others.filter_map(|icao24| self.instances.index(*icao24)).collect());
    }
}
