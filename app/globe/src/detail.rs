//! The finest outlines, cut into cells of twenty degrees, of which only those in view are fetched.
//!
//! A cell's file has the form of [`crate::earth`]; its rings are cut off at the edges of the cell. A cell has a file
//! if the outlines for the near view have a coast in it.

use crate::camera::{Camera, ScreenPoint};
use crate::earth::{Earth, Node, closed};
use std::collections::BTreeSet;

/// Side of a cell in degrees.
pub const CELL_DEG: f64 = 20.0;

/// Edges along the sides of a cell have a node at each multiple of this, so that neighbours fit.
const EDGE_DEG: f64 = 0.25;

/// Below this size of a CSS pixel detail shows.
const WANTED_PX_M: f64 = 700.0;

const ROWS: u8 = 9;
const COLUMNS: u8 = 18;

/// A cell of the grid of twenty degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    row: u8,
    column: u8,
}

/// Which cells exist and were asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    left: BTreeSet<Cell>,
}

impl Asked {
    /// All cells that have a file, none asked for; from the outlines for the near view.
    #[must_use]
    pub fn new(earth: &Earth) -> Self {
        Self { left: Cell::with_coasts(earth) }
    }

    /// The cell in the picture, nearest to its middle, that was not asked for yet. It counts as asked for then.
    pub fn next(&mut self, camera: &Camera) -> Option<Cell> {
        if self.left.is_empty() || camera.metres_per_px() > WANTED_PX_M {
            return None;
        }
        let viewport = camera.viewport();
        let at = |x: f64, y: f64| {
            camera.ground_at(ScreenPoint::new(x * viewport.width_px, y * viewport.height_px))
        };
        let points = [
            (0.5, 0.5),
            (0.2, 0.5),
            (0.8, 0.5),
            (0.5, 0.2),
            (0.5, 0.8),
            (0.0, 0.0),
            (1.0, 0.0),
            (0.0, 1.0),
            (1.0, 1.0),
        ];
        let places = points.into_iter().filter_map(|(x, y)| at(x, y));
        let mut cells = places
            .map(|place| Cell::of(Node { lon_deg: place.longitude_deg(), lat_deg: place.latitude_deg() }));
        cells.find(|cell| self.left.remove(cell))
    }
}

impl Cell {
    /// The cell that a node lies in; its longitude may run beyond 180 degrees.
    #[must_use]
    pub fn of(node: Node) -> Self {
        let row = ((node.lat_deg + 90.0) / CELL_DEG).floor().clamp(0.0, f64::from(ROWS - 1));
        let column = ((node.lon_deg + 180.0) / CELL_DEG).floor().rem_euclid(f64::from(COLUMNS));
        Self { row: row as u8, column: column as u8 }
    }

    /// Western and southern edge.
    #[must_use]
    pub fn corner(self) -> Node {
        Node {
            lon_deg: f64::from(self.column) * CELL_DEG - 180.0,
            lat_deg: f64::from(self.row) * CELL_DEG - 90.0,
        }
    }

    /// Name of its file: the south-western corner, as in `n30w080.bin`.
    #[must_use]
    pub fn file_name(self) -> String {
        let Node { lon_deg, lat_deg } = self.corner();
        let (ns, ew) = (if lat_deg < 0.0 { 's' } else { 'n' }, if lon_deg < 0.0 { 'w' } else { 'e' });
        format!("{ns}{:02}{ew}{:03}.bin", lat_deg.abs(), lon_deg.abs())
    }

    /// Outlines cut off at the edges of the cell.
    #[must_use]
    pub fn cut(self, earth: &Earth) -> Earth {
        let mut cut = Earth::default();
        for turn in [-360.0, 0.0, 360.0] {
            let shifted = |line: &[Node]| -> Vec<Node> {
                line.iter().map(|node| Node { lon_deg: node.lon_deg + turn, ..*node }).collect()
            };
            cut.coasts.extend(earth.coasts.iter().filter_map(|ring| self.cut_ring(shifted(&closed(ring)))));
            cut.borders.extend(earth.borders.iter().flat_map(|line| self.cut_line(&shifted(line))));
        }
        cut
    }

    /// Whether a leg runs along an edge of the cell, where a ring was cut: that is no coast.
    #[must_use]
    pub fn is_edge(self, from: Node, to: Node) -> bool {
        let corner = self.corner();
        let on = |a: f64, b: f64, edge: f64| (a - edge).abs() < 1e-9 && (b - edge).abs() < 1e-9;
        [0.0, CELL_DEG].into_iter().any(|side| {
            on(from.lon_deg, to.lon_deg, corner.lon_deg + side)
                || on(from.lat_deg, to.lat_deg, corner.lat_deg + side)
        })
    }

    /// Cells that hold a coast.
    #[must_use]
    pub fn with_coasts(earth: &Earth) -> BTreeSet<Self> {
        earth.coasts.iter().flatten().map(|node| Self::of(*node)).collect()
    }

    /// A closed ring without what is outside (Sutherland and Hodgman), with nodes along the cell's edges.
    fn cut_ring(self, mut ring: Vec<Node>) -> Option<Vec<Node>> {
        for (along_lon, upper) in [(true, false), (true, true), (false, false), (false, true)] {
            let mut kept: Vec<Node> = Vec::with_capacity(ring.len());
            let mut last = *ring.last()?;
            for node in ring {
                let (before, after) =
                    (self.beyond(last, along_lon, upper), self.beyond(node, along_lon, upper));
                if (before > 0.0) != (after > 0.0) {
                    kept.push(self.on_side(last, node, before / (before - after), along_lon, upper));
                }
                if after <= 0.0 {
                    kept.push(node);
                }
                last = node;
            }
            kept.dedup();
            ring = kept;
        }
        (ring.len() > 2).then(|| self.with_edge_nodes(&ring))
    }

    /// The pieces of an open line that are inside.
    fn cut_line(self, line: &[Node]) -> Vec<Vec<Node>> {
        let mut pieces: Vec<Vec<Node>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let Some((from, to)) = self.cut_leg(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match pieces.last_mut() {
                Some(piece) if open && from == pair[0] => piece.push(to),
                _ => pieces.push(vec![from, to]),
            }
            open = to == pair[1];
        }
        pieces
    }

    fn cut_leg(self, mut from: Node, mut to: Node) -> Option<(Node, Node)> {
        for (along_lon, upper) in [(true, false), (true, true), (false, false), (false, true)] {
            let (before, after) = (self.beyond(from, along_lon, upper), self.beyond(to, along_lon, upper));
            if before > 0.0 && after > 0.0 {
                return None;
            }
            if before > 0.0 || after > 0.0 {
                let cut = self.on_side(from, to, before / (before - after), along_lon, upper);
                if before > 0.0 { from = cut } else { to = cut }
            }
        }
        (from != to).then_some((from, to))
    }

    /// How far a node lies outside a side of the cell; negative inside.
    fn beyond(self, node: Node, along_lon: bool, upper: bool) -> f64 {
        let corner = self.corner();
        let (value, low) =
            if along_lon { (node.lon_deg, corner.lon_deg) } else { (node.lat_deg, corner.lat_deg) };
        if upper { value - low - CELL_DEG } else { low - value }
    }

    fn on_side(self, from: Node, to: Node, part: f64, along_lon: bool, upper: bool) -> Node {
        let corner = self.corner();
        let side = if upper { CELL_DEG } else { 0.0 };
        if along_lon {
            Node {
                lon_deg: corner.lon_deg + side,
                lat_deg: from.lat_deg + (to.lat_deg - from.lat_deg) * part,
            }
        } else {
            Node {
                lon_deg: from.lon_deg + (to.lon_deg - from.lon_deg) * part,
                lat_deg: corner.lat_deg + side,
            }
        }
    }

    fn with_edge_nodes(self, ring: &[Node]) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(ring.len());
        let Some(mut last) = ring.last().copied() else { return nodes };
        for &node in ring {
            if self.is_edge(last, node) {
                nodes.extend(grid_between(last, node));
            }
            nodes.push(node);
            last = node;
        }
        nodes
    }
}

/// The nodes of the edge grid strictly between two nodes of the same edge.
fn grid_between(from: Node, to: Node) -> Vec<Node> {
    let along_lon = (from.lat_deg - to.lat_deg).abs() < 1e-9;
    let (start, end) = if along_lon { (from.lon_deg, to.lon_deg) } else { (from.lat_deg, to.lat_deg) };
    let (low, high) =
        ((start.min(end) / EDGE_DEG).floor() as i64 + 1, (start.max(end) / EDGE_DEG).ceil() as i64);
    let mut steps: Vec<i64> = (low..high).collect();
    if start > end {
        steps.reverse();
    }
    let at = |step: i64| {
        let value = step as f64 * EDGE_DEG;
        if along_lon { Node { lon_deg: value, ..from } } else { Node { lat_deg: value, ..from } }
    };
    steps.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{Pose, Viewport};
    use inflight_domain::Position;
    use proptest::prelude::*;

    fn earth() -> Earth {
        Earth::decode(include_bytes!("../../../public/globe/earth-110m.bin")).unwrap()
    }

    fn node(lon_deg: f64, lat_deg: f64) -> Node {
        Node { lon_deg, lat_deg }
    }

    #[test]
    fn files_are_named_by_their_corner() {
        for (lon, lat, expected) in [
            (-73.8, 40.6, "n30w080.bin"),
            (26.1, 44.4, "n30e020.bin"),
            (0.0, 0.0, "s10e000.bin"),
            (190.0, -89.0, "s90w180.bin"),
            (-180.0, 90.0, "n70w180.bin"),
        ] {
            assert_eq!(Cell::of(node(lon, lat)).file_name(), expected, "{lon} {lat}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_cut_keeps_the_land(row in 0..9_u8, column in 0..18_u8, points in prop::collection::vec((0.01..19.99_f64, 0.01..19.99_f64), 20)) {
            let (earth, cell) = (earth(), Cell { row, column });
            let cut = cell.cut(&earth);
            for (x, y) in points {
                let place = Position::new((cell.corner().lat_deg + y).min(89.9), cell.corner().lon_deg + x).unwrap();
                prop_assert_eq!(cut.is_land(place), earth.is_land(place), "{:?}", place);
            }
            for line in cut.coasts.iter().chain(&cut.borders) {
                for node in line {
                    prop_assert!((0.0..=20.0).contains(&(node.lon_deg - cell.corner().lon_deg)), "{:?}", node);
                }
            }
        }
    }

    #[test]
    fn cells_in_the_picture_are_asked_for_once() {
        let mut asked = Asked::new(&earth());
        let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
        assert_eq!(asked.next(&camera), None, "from afar");
        let new_york = Position::new(40.7, -73.8).unwrap();
        camera.set_pose(Pose { target: new_york, height_m: 60_000.0, ..camera.pose() });
        assert_eq!(asked.next(&camera).map(Cell::file_name).as_deref(), Some("n30w080.bin"));
        assert_eq!(asked.next(&camera), None);
    }

    #[test]
    fn lines_are_cut_into_pieces() {
        let cell = Cell::of(node(10.0, 0.0));
        let line = vec![
            node(-5.0, 0.0),
            node(5.0, 0.0),
            node(5.0, 30.0),
            node(6.0, 30.0),
            node(6.0, 0.0),
            node(7.0, 1.0),
        ];
        let pieces = cell.cut_line(&line);
        let expected = vec![
            vec![node(0.0, 0.0), node(5.0, 0.0), node(5.0, 10.0)],
            vec![node(6.0, 10.0), node(6.0, 0.0), node(7.0, 1.0)],
        ];
        assert_eq!(pieces, expected);
    }
}
