//! Which aircraft bear their name in the picture, and on which side of them it stands.

use crate::stage::instances::Instances;
use crate::state::board::Board;
use crate::state::follow::Focus;
use crate::text::{Locale, Units, altitude, speed};
use inflight_domain::{Aircraft, Field, Icao24};
use inflight_globe::labels::{Candidate, Shown, place};
use inflight_globe::{Camera, Now, Scene, ScreenPoint, Viewport, drawn, pick};

/// Height of a label in CSS pixels.
const HEIGHT_PX: f64 = 18.0;

/// Width of a letter, a little too wide rather than too narrow, in CSS pixels.
const LETTER_PX: f64 = 8.0;

/// Air at both ends of a label in CSS pixels.
const ENDS_PX: f64 = 8.0;

/// Picture that one label is given, in square CSS pixels.
const AREA_PX: f64 = 26_000.0;

/// Labels at most, for the sake of the eye and of slow machines.
const MOST: usize = 48;

/// So many times more aircraft are considered than labels are wanted: some will not find room.
const CHOICE: usize = 4;

/// Of ten thousand only a few hundred can win: no more than so many are looked for in the picture.
const LOOKED_FOR: usize = 1000;

/// Climb or descent from which an aircraft does not count as level, in metres per second.
const LEVEL_MPS: f64 = 1.3;

/// Importance that outweighs everything else.
const ALWAYS: f64 = 100.0;

/// What labels say, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wording {
    /// Nothing, the name, numbers too, or all; who is selected or in need always bears a name.
    pub level: u8,
    /// In which language.
    pub locale: Locale,
    /// In which units.
    pub units: Units,
}

/// What a frame shows.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The rows.
    pub board: &'a Board,
    /// What is drawn.
    pub scene: &'a Scene,
    /// From where.
    pub camera: &'a Camera,
    /// Who is who in the scene.
    pub instances: &'a Instances,
    /// Who is selected.
    pub focus: Focus,
    /// Whether somebody rides with the selected aircraft, and so knows its name.
    pub inside: bool,
    /// All that are selected.
    pub picks: &'a [Icao24],
    /// What labels say.
    pub wording: Wording,
    /// When.
    pub now: Now,
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Whose.
    pub icao24: Icao24,
    /// Callsign, or address where there is none.
    pub text: String,
    /// Class in the style sheet.
    pub class: &'static str,
    /// From the aircraft to the label's left edge in CSS pixels.
    pub right_px: f64,
    /// From the aircraft to the label's top edge in CSS pixels.
    pub down_px: f64,
}

impl Default for Wording {
    fn default() -> Self {
        Self { level: 1, locale: Locale::En, units: Units::Aviation }
    }
}

/// Chooses who bears a name; letters are `scale` times their usual size.
#[must_use]
pub fn choose(look: Look<'_>, shown: &mut Shown, scale: f64) -> Vec<Name> {
    let viewport = look.camera.viewport();
    let limit = ((viewport.width_px * viewport.height_px / AREA_PX) as usize).clamp(6, MOST);
    let considered = limit * CHOICE;
    let mut promising: Vec<(f64, usize)> = pick::near(look.scene, look.camera, 0.0)
        .filter_map(|index| Some((importance(look, index)?, index)))
        .collect();
    first(&mut promising, LOOKED_FOR);
    let indices = promising.iter().map(|(_, index)| *index);
    let seen = pick::seen(look.scene, look.camera, look.now, 0.0, indices);
    let worth = |(place, seen): (usize, &pick::Visible)| {
        Some((importance(look, seen.index)? - 0.4 * off_middle(viewport, seen.point), place))
    };
    let mut ranked: Vec<(f64, usize)> = seen.iter().enumerate().filter_map(worth).collect();
    first(&mut ranked, considered);
    let mut candidates = Vec::with_capacity(ranked.len());
    let mut points = Vec::with_capacity(ranked.len());
    for (importance, place) in ranked {
        let seen = seen[place];
        let Some((icao24, text)) = name_of(look, seen.index, importance) else { continue };
        candidates.push(Candidate {
            index: points.len(),
            key: icao24.get(),
            x: seen.point.x,
            y: seen.point.y,
            width_px: (widest(&text) as f64 * LETTER_PX + ENDS_PX) * scale,
            height_px: text.lines().count() as f64 * HEIGHT_PX * scale,
            importance,
            always: importance >= ALWAYS / 2.0,
        });
        points.push((icao24, text, seen));
    }
    let named = place(&candidates, shown, viewport, limit).into_iter().map(|placed| {
        let (icao24, text, seen) = &points[placed.index];
        Name {
            icao24: *icao24,
            text: text.clone(),
            class: class(look, *icao24, seen.index),
            right_px: placed.x - seen.point.x,
            down_px: placed.y - seen.point.y,
        }
    });
    named.collect()
}

/// Where an aircraft is in the picture now.
#[must_use]
pub fn point_of(look: Look<'_>, icao24: Icao24) -> Option<ScreenPoint> {
    let at = drawn(look.scene.aircraft().get(look.instances.index(icao24)?)?, look.now);
    look.camera.project(at.position, at.altitude_m)
}

/// Keeps the most important ones.
fn first(ranked: &mut Vec<(f64, usize)>, most: usize) {
    if most < ranked.len() {
        ranked.select_nth_unstable_by(most, |one, other| other.0.total_cmp(&one.0));
        ranked.truncate(most);
    }
}

/// How far a point is from the middle of the picture, in widths and heights.
fn off_middle(viewport: Viewport, point: ScreenPoint) -> f64 {
    (point.x / viewport.width_px - 0.5).hypot(point.y / viewport.height_px - 0.5)
}

/// Mostly a number of its own, so that names spread over the picture instead of crowding its middle; what flies
/// matters more than what is parked or guessed.
fn importance(look: Look<'_>, index: usize) -> Option<f64> {
    let (icao24, instance) = (look.instances.icao24(index)?, look.scene.aircraft().get(index)?);
    if look.inside && look.focus.selected == Some(icao24) {
        return None;
    }
    let chosen = look.picks.contains(&icao24) || look.scene.hovered() == Some(index);
    if chosen || instance.emergency {
        return Some(ALWAYS);
    }
    let parked = if instance.on_ground { 2.0 } else { 0.0 };
    let guessed = if instance.ghost { 1.0 } else { 0.0 };
    Some(own_number(icao24) - parked - guessed)
}

/// The words of a label; an address stands only where somebody asked for it.
fn name_of(look: Look<'_>, index: usize, importance: f64) -> Option<(Icao24, String)> {
    let icao24 = look.instances.icao24(index)?;
    let aircraft = &look.board.mirror.flight(icao24)?.aircraft;
    let asked = importance >= ALWAYS / 2.0;
    if look.wording.level == 0 && !asked {
        return None;
    }
    let mut text = match aircraft.callsign() {
        Some(callsign) => callsign.as_str().to_owned(),
        None if asked => icao24.to_string(),
        None => return None,
    };
    if look.wording.level > 1 {
        text.push_str(&numbers(look.wording, aircraft));
    }
    if look.wording.level > 2 {
        let kind = aircraft
            .text(Field::TypeCode)
            .map_or_else(|| icao24.to_string(), |kind| kind.as_str().to_owned());
        let squawk = aircraft.squawk().map_or_else(String::new, |squawk| format!(" {squawk}"));
        text.push_str(&format!("\n{kind}{squawk}"));
    }
    Some((icao24, text))
}

/// Altitude with its tendency, and speed, as a second line.
fn numbers(wording: Wording, aircraft: &Aircraft) -> String {
    let (locale, units) = (wording.locale, wording.units);
    let mut line = String::from("\n");
    if let Some(metres) = aircraft.altitude_m().filter(|_| !aircraft.on_ground()) {
        line.push_str(&altitude(locale, units, metres));
        line.push_str(match aircraft.vertical_rate_mps() {
            Some(rate) if rate > LEVEL_MPS => "\u{2191} ",
            Some(rate) if rate < -LEVEL_MPS => "\u{2193} ",
            _ => " ",
        });
    }
    if let Some(mps) = aircraft.speed_mps() {
        line.push_str(&speed(locale, units, mps));
    }
    line
}

fn widest(text: &str) -> usize {
    text.lines().map(str::len).max().unwrap_or(0)
}

fn class(look: Look<'_>, icao24: Icao24, index: usize) -> &'static str {
    let emergency = look.scene.aircraft().get(index).is_some_and(|instance| instance.emergency);
    match (emergency, look.picks.contains(&icao24)) {
        (true, _) => "label is-alarm",
        (_, true) => "label is-selected",
        _ => "label",
    }
}

/// A number in [0, 1] that is always the same for an aircraft and looks random.
fn own_number(icao24: Icao24) -> f64 {
    f64::from(icao24.get().wrapping_mul(0x9e37_79b1) >> 16) / 65_535.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::stream_time::StreamTime;
    use crate::testing::{SEEN_MS, aircraft, snapshot};
    use inflight_domain::aircraft::UNKNOWN;
    use inflight_globe::{Palette, Viewport};

    /// Names of a picture of these aircraft, seen as a whole.
    fn names(rows: &[Aircraft], picks: &[Icao24], wording: Wording) -> Vec<Name> {
        let mut board = Board::new(StreamTime::default());
        board.take(&snapshot(1, 1, rows), 0.0);
        let now = Now { stream_ms: SEEN_MS as f64 + 1000.0, wall_ms: 0.0 };
        let (mut scene, mut instances) = (Scene::new(Palette::dark()), Instances::default());
        scene.set_aircraft(instances.take(&board, now, true).unwrap());
        let mut camera = Camera::new(Viewport::new(1200.0, 800.0, 1.0));
        camera.set_pose(camera.fitted(instances.area().unwrap()));
        let focus = Focus::default();
        let (scene, camera, board, instances) = (&scene, &camera, &board, &instances);
        let look = Look { board, scene, camera, instances, focus, picks, wording, inside: false, now };
        choose(look, &mut Shown::default(), 1.0)
    }

    #[test]
    fn many_aircraft_share_few_names() {
        let row = |n: u32| {
            let (lat, lon) = (40.0 + f64::from(n % 40) / 20.0, -75.0 + f64::from(n / 40) / 20.0);
            aircraft(&format!("{:06x}", 0xa0_0000 + n), Some("UAL1"), lat, lon).build()
        };
        let rows: Vec<Aircraft> = (0..1600).map(row).collect();
        let named = names(&rows, &[], Wording::default());
        assert!((20..=MOST).contains(&named.len()), "{}", named.len());
    }

    #[test]
    fn the_selected_one_and_emergencies_always_bear_a_name() {
        let rows = [
            aircraft("a00001", None, 40.0, -74.0)
                .with(Field::Flags, 1)
                .with(Field::Altitude, UNKNOWN)
                .build(),
            aircraft("a00002", Some("MAYDAY1"), 40.5, -74.5).with(Field::Squawk, 0o7700).build(),
            aircraft("a00003", None, 41.0, -73.5).build(),
        ];
        let picks = [rows[0].icao24];
        let named = names(&rows, &picks, Wording::default());
        let found: Vec<(&str, &str)> = named.iter().map(|name| (name.text.as_str(), name.class)).collect();
        assert!(found.contains(&("a00001", "label is-selected")), "{found:?}");
        assert!(found.contains(&("MAYDAY1", "label is-alarm")), "{found:?}");
        assert_eq!(found.len(), 2);
        assert_eq!(names(&rows, &picks, Wording { level: 0, ..Wording::default() }).len(), 2);
    }

    #[test]
    fn labels_say_more_on_demand() {
        let rows = [aircraft("a00001", Some("UAL1"), 40.0, -74.0).with(Field::VerticalRate, 500).build()];
        for (level, expected) in
            [(1, "UAL1"), (2, "UAL1\n35,000\u{2191} 450"), (3, "UAL1\n35,000\u{2191} 450\na00001 1200")]
        {
            let named = names(&rows, &[], Wording { level, ..Wording::default() });
            assert_eq!(named[0].text, expected);
        }
    }
}
