//! Trails in the picture: of the aircraft in the inspector, of those that are selected, of all.

use crate::stage::Stage;
use crate::state::board::Board;
use crate::state::trail::TrailPoint;
use inflight_domain::{Icao24, Position};
use inflight_globe::{Line, LinePoint, Now};

/// Trails that are drawn at most beside the one of the inspector.
const TRAILS: usize = 600;

/// How strong a trail is drawn, and where nobody saw the aircraft.
const SEEN_OPACITY: f32 = 0.9;
const GAP_OPACITY: f32 = 0.3;

impl Stage {
    /// The trail of the aircraft in the inspector, up to where it is drawn now, which the painter leads on; and those
    /// of the others that are to have one.
    pub(super) fn set_trails(&mut self, board: &Board, now: Now) {
        let selected = self.focus.selected;
        let mut lines = selected.map(|icao24| self.trail_of(icao24, board, now)).unwrap_or_default();
        self.scene.set_trail(lines.pop());
        let others = self.traced(board).into_iter().filter(|icao24| Some(*icao24) != selected);
        lines.extend(others.flat_map(|icao24| self.trail_of(icao24, board, now)));
        self.scene.set_lines(lines);
    }

    /// Who has a trail: the selected ones, all, or those too that have left.
    fn traced(&self, board: &Board) -> Vec<Icao24> {
        let gone = board.trails.addresses().filter(|icao24| board.mirror.flight(*icao24).is_none());
        let gone = gone.filter(|_| self.layers.keep_trails);
        let here = board.shown().map(|row| row.aircraft.icao24).filter(|_| self.layers.all_trails);
        let picked = self.picks.iter().copied().filter(|_| !self.layers.all_trails);
        picked.chain(here).chain(gone).take(TRAILS).collect()
    }

    /// The trail in pieces: where nobody saw the aircraft the line says no more than that it got across.
    fn trail_of(&self, icao24: Icao24, board: &Board, now: Now) -> Vec<Line> {
        let place = |point: &TrailPoint| LinePoint {
            position: Position::from_e7(point.latitude_e7, point.longitude_e7),
            altitude_m: f64::from(point.altitude_cm) / 100.0,
        };
        let (mut lines, mut points, mut before) = (Vec::new(), Vec::new(), None::<&TrailPoint>);
        for point in board.trails.of(icao24).filter(|point| (point.at_ms as f64) < now.stream_ms) {
            if let Some(last) = before.filter(|last| last.is_before_gap(point)) {
                lines.push((core::mem::take(&mut points), SEEN_OPACITY));
                lines.push((vec![place(last), place(point)], GAP_OPACITY));
            }
            points.push(place(point));
            before = Some(point);
        }
        let here = self.drawn(icao24, now);
        points.extend(here.map(|at| LinePoint { position: at.position, altitude_m: at.altitude_m }));
        lines.push((points, SEEN_OPACITY));
        let fade_from = if lines.len() == 1 { 0.15 } else { 1.0 };
        let line = |(points, opacity)| Line { points, colour: None, width_px: 2.5, opacity, fade_from };
        lines.into_iter().filter(|(points, _)| points.len() > 1).map(line).collect()
    }
}
