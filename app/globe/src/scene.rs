//! What is on the globe: aircraft, trails and other lines, colours and the hour of the sun.

use crate::motion::{Now, ease_from_to};
use crate::vector::Vec3;
use inflight_domain::Position;

/// One aircraft as the painter needs it. Where it is drawn at a moment is told by [`crate::drawn`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AircraftInstance {
    /// Where it was at `at_ms`.
    pub position: Position,
    /// Altitude at `at_ms` in metres; also chooses the colour.
    pub altitude_m: f64,
    /// Stream time of the base state in milliseconds since 1970.
    pub at_ms: f64,
    /// Speed over ground in metres per second.
    pub speed_mps: f64,
    /// Direction of motion, clockwise from north.
    pub track_deg: f64,
    /// Climb in metres per second, down is negative.
    pub vertical_rate_mps: f64,
    /// Change of track in degrees per second, right is positive.
    pub turn_rate_dps: f64,
    /// Change of speed in metres per second squared.
    pub acceleration_mps2: f64,
    /// Correction that decays from `ease_from_ms` on: metres to the east.
    pub ease_east_m: f64,
    /// Correction: metres to the north.
    pub ease_north_m: f64,
    /// Correction: metres up.
    pub ease_up_m: f64,
    /// Wall time at which the correction began, in milliseconds.
    pub ease_from_ms: f64,
    /// Whether it stands or rolls on the ground: drawn grey.
    pub on_ground: bool,
    /// Whether its last report is too old to be trusted: drawn hollow and dimmed.
    pub ghost: bool,
    /// Whether it calls for help: drawn in the alarm colour, above the others.
    pub emergency: bool,
    /// Where a ghost may be, as an ellipse around where it is drawn: half axis along the track at `at_ms` and its
    /// growth per second, then across; metres. Zero where it is not drawn.
    pub doubt: [f32; 4],
    /// Whether the altitude is known; without it the colour is that of the ground.
    pub altitude_known: bool,
}

/// A colour as red, green, blue in [0, 1], coded as CSS codes it (sRGB).
pub type Rgb = [f32; 3];

/// The colours of the globe. The caller reads them from the style sheet's tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub space: Rgb,
    /// Water by day.
    pub ocean: Rgb,
    /// Land by day.
    pub land: Rgb,
    /// Coast lines.
    pub coast: Rgb,
    /// Borders between countries.
    pub border: Rgb,
    /// Lines of latitude and longitude.
    pub graticule: Rgb,
    /// The air at the limb.
    pub atmosphere: Rgb,
    /// The band between day and night.
    pub twilight: Rgb,
    /// Selection and focus.
    pub accent: Rgb,
    /// Emergencies.
    pub alarm: Rgb,
    /// Aircraft on the ground or of unknown altitude.
    pub ground: Rgb,
    /// The quiet outline that keeps an aircraft legible against land.
    pub outline: Rgb,
    /// Altitude colours in the order of [`crate::ramp::STOPS_M`].
    pub ramp: [Rgb; crate::ramp::STOP_COUNT],
    /// How strongly the night side is darkened, 0 to 1.
    pub night: f32,
    /// How bright the stars are, 0 (none, as in the light theme) to 1.
    pub stars: f32,
}

/// A point of a [`Line`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinePoint {
    /// Where.
    pub position: Position,
    /// Height in metres; zero lies on the ground.
    pub altitude_m: f64,
}

/// A line over the globe: a trail, a runway, a range ring, the edge of an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Points in order; long legs follow great circles.
    pub points: Vec<LinePoint>,
    /// One colour, or none to colour each point by its altitude.
    pub colour: Option<Rgb>,
    /// Width in CSS pixels.
    pub width_px: f32,
    /// Opacity from 0 to 1.
    pub opacity: f32,
    /// Opacity at the first point relative to the last, so that a trail fades towards its past.
    pub fade_from: f32,
}

/// What to draw. Every change goes through a method, so that the painter uploads only what changed.
#[derive(Clone, Debug)]
pub struct Scene {
    aircraft: Vec<AircraftInstance>,
    /// Base states as points in space, kept from tick to tick: they are what costs most of a look at all aircraft.
    places: Vec<Vec3>,
    lines: Vec<Line>,
    trail: Option<Line>,
    rings: Vec<Line>,
    ground: Vec<Line>,
    marked: Vec<usize>,
    palette: Palette,
    selected: Option<usize>,
    hovered: Option<usize>,
    sun: Option<Position>,
    revisions: Revisions,
}

/// Counters that the painter compares to see what it has to upload again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// Of the aircraft.
    pub aircraft: u64,
    /// Of the lines.
    pub lines: u64,
    /// Of palette and sun.
    pub look: u64,
    /// Of selection and hover.
    pub focus: u64,
}

impl AircraftInstance {
    /// An aircraft that stands still at a place.
    #[must_use]
    pub fn at(position: Position, altitude_m: f64, at_ms: f64) -> Self {
        Self {
            position,
            altitude_m,
            at_ms,
            speed_mps: 0.0,
            track_deg: 0.0,
            vertical_rate_mps: 0.0,
            turn_rate_dps: 0.0,
            acceleration_mps2: 0.0,
            ease_east_m: 0.0,
            ease_north_m: 0.0,
            ease_up_m: 0.0,
            ease_from_ms: 0.0,
            on_ground: false,
            ghost: false,
            emergency: false,
            doubt: [0.0; 4],
            altitude_known: true,
        }
    }

    /// Sets the correction so that the aircraft goes on from where `previous` is drawn now, without a jump.
    /// A correction of more than `EASE_LIMIT_M` is not eased: the aircraft is shown where it is.
    pub fn continue_from(&mut self, previous: &Self, now: Now) {
        ease_from_to(previous, self, now);
    }
}

impl Scene {
    /// An empty scene in these colours.
    #[must_use]
    pub fn new(palette: Palette) -> Self {
        Self {
            aircraft: Vec::new(),
            places: Vec::new(),
            lines: Vec::new(),
            trail: None,
            rings: Vec::new(),
            ground: Vec::new(),
            marked: Vec::new(),
            palette,
            selected: None,
            hovered: None,
            sun: None,
            revisions: Revisions::default(),
        }
    }

    /// The aircraft, in the order in which they were given; indices elsewhere mean this order.
    #[must_use]
    pub fn aircraft(&self) -> &[AircraftInstance] {
        &self.aircraft
    }

    /// Replaces all aircraft. Selection and hover are indices: set them again if the order changed.
    pub fn set_aircraft(&mut self, aircraft: Vec<AircraftInstance>) {
        let known = core::mem::take(&mut self.places);
        let before = self.aircraft.iter().zip(known).map(Some).chain(core::iter::repeat(None));
        let place = |(one, before): (&AircraftInstance, Option<(&AircraftInstance, Vec3)>)| match before {
            Some((old, place)) if (old.position, old.altitude_m) == (one.position, one.altitude_m) => place,
            _ => Vec3::at(one.position, one.altitude_m),
        };
        self.places = aircraft.iter().zip(before).map(place).collect();
        self.aircraft = aircraft;
        self.revisions.aircraft += 1;
    }

    /// Where the aircraft were at their base states, in their order.
    #[must_use]
    pub fn places(&self) -> &[Vec3] {
        &self.places
    }

    /// The lines, first drawn first, the trail excepted.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Replaces all lines but the trail: runways, rings, other tracks.
    pub fn set_lines(&mut self, lines: Vec<Line>) {
        if self.lines != lines {
            self.lines = lines;
            self.revisions.lines += 1;
        }
    }

    /// The trail of the selected aircraft.
    #[must_use]
    pub fn trail(&self) -> Option<&Line> {
        self.trail.as_ref()
    }

    /// Replaces the trail of the selected aircraft. The painter leads it on from its last point to where the
    /// aircraft is drawn.
    pub fn set_trail(&mut self, trail: Option<Line>) {
        if self.trail != trail {
            self.trail = trail;
            self.revisions.lines += 1;
        }
    }

    /// Lines that move from picture to picture: range rings.
    #[must_use]
    pub fn rings(&self) -> &[Line] {
        &self.rings
    }

    /// Replaces the range rings.
    pub fn set_rings(&mut self, rings: Vec<Line>) {
        if self.rings != rings {
            self.rings = rings;
            self.revisions.focus += 1;
        }
    }

    /// Lines that lie on the ground beneath all others: runways.
    #[must_use]
    pub fn ground(&self) -> &[Line] {
        &self.ground
    }

    /// Replaces the lines that lie on the ground.
    pub fn set_ground(&mut self, ground: Vec<Line>) {
        self.ground = ground;
        self.revisions.lines += 1;
    }

    /// Indices of aircraft that are selected besides the one of [`Scene::selected`].
    #[must_use]
    pub fn marked(&self) -> &[usize] {
        &self.marked
    }

    /// Marks aircraft as selected too: each gets a ring.
    pub fn set_marked(&mut self, indices: Vec<usize>) {
        if self.marked != indices {
            self.marked = indices;
            self.revisions.focus += 1;
        }
    }

    /// The colours.
    #[must_use]
    pub fn palette(&self) -> &Palette {
        &self.palette
    }

    /// Replaces the colours, as on a change of theme.
    pub fn set_palette(&mut self, palette: Palette) {
        if self.palette != palette {
            self.palette = palette;
            self.revisions.look += 1;
            self.revisions.aircraft += 1;
            self.revisions.lines += 1;
        }
    }

    /// Index of the selected aircraft.
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Selects an aircraft by index, or none.
    pub fn set_selected(&mut self, index: Option<usize>) {
        if self.selected != index {
            self.selected = index;
            self.revisions.focus += 1;
        }
    }

    /// Index of the aircraft under the pointer.
    #[must_use]
    pub fn hovered(&self) -> Option<usize> {
        self.hovered
    }

    /// Marks an aircraft as being under the pointer, or none.
    pub fn set_hovered(&mut self, index: Option<usize>) {
        if self.hovered != index {
            self.hovered = index;
            self.revisions.focus += 1;
        }
    }

    /// Where the sun stands in the zenith; none lights the whole globe evenly.
    #[must_use]
    pub fn sun(&self) -> Option<Position> {
        self.sun
    }

    /// Sets the sun, usually to [`crate::sun::subsolar`] of the stream time, once a minute.
    pub fn set_sun(&mut self, subsolar: Option<Position>) {
        if self.sun != subsolar {
            self.sun = subsolar;
            self.revisions.look += 1;
        }
    }

    /// What changed since when.
    #[must_use]
    pub fn revisions(&self) -> Revisions {
        self.revisions
    }
}
