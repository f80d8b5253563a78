//! Outlines made ready for painting: legs as split positions, and land as triangles of a plane around a place.
//!
//! Land is not shipped as a mask or as triangles. The rings are mapped to a stereographic plane, clipped to its
//! square, and every ring becomes a fan; where an odd number of triangles lies on each other there is land. So land
//! is as sharp as its coast at every height.

use crate::detail::Cell;
use crate::earth::{Earth, Node, closed, legs};
use crate::vector::{Frame, Vec3};
use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;

/// Longest leg of a drawn line; longer ones are divided, so that they follow the sphere.
const LONGEST_LEG_DEG: f64 = 1.0;

/// Longest edge of filled land for the near view, so that edges fit where cells cut them.
const LONGEST_NEAR_EDGE_DEG: f64 = 0.25;

/// How often an edge near the antipode may be halved.
const HALVINGS: u32 = 12;

/// A square around a place in the stereographic projection, in Earth radii.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// East, north and up in its middle.
    pub frame: Frame,
    /// Half the side of the square, in Earth radii.
    pub half: f64,
}

/// Outlines at one level of detail.
#[derive(Clone, Debug, Default)]
pub struct Shore {
    /// What the rings were made of. Land is where an odd number of these says land.
    layers: Vec<Earth>,
    rings: Vec<Ring>,
    coasts: Vec<Leg>,
    borders: Vec<Leg>,
    longest_edge_deg: f64,
}

/// A piece of a line between two points of the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// Start in metres, as two numbers each (see [`Vec3::split`]).
    pub from: ([f32; 3], [f32; 3]),
    /// End in metres, as two numbers each.
    pub to: ([f32; 3], [f32; 3]),
    middle: Vec3,
    /// The cell that it lies in, if it is of the ground.
    cell: Option<Cell>,
}

#[derive(Clone, Debug)]
struct Ring {
    nodes: Vec<Vec3>,
    middle: Vec3,
    /// Angle from the middle to the farthest node.
    reach_rad: f64,
}

impl Plane {
    /// The square of which all points within `half_rad` of the middle are inside.
    #[must_use]
    pub fn around(up: Vec3, half_rad: f64) -> Self {
        Self { frame: Frame::at_up(up), half: 2.0 * (half_rad / 2.0).tan() }
    }

    /// Where a unit vector lies; the square reaches from -1 to 1.
    #[must_use]
    pub fn map(&self, unit: Vec3) -> [f64; 2] {
        let scale = 2.0 / (1.0 + unit.dot(self.frame.up)).max(1e-12) / self.half;
        [unit.dot(self.frame.east) * scale, unit.dot(self.frame.north) * scale]
    }

    /// Angle from the middle to a corner of the square.
    fn corner_rad(&self) -> f64 {
        2.0 * (self.half * std::f64::consts::SQRT_2 / 2.0).atan()
    }
}

impl Shore {
    /// Prepares outlines for the far view.
    #[must_use]
    pub fn far(earth: Earth) -> Self {
        Self::new(earth, LONGEST_LEG_DEG)
    }

    /// Prepares outlines for the near view, to which details can be added.
    #[must_use]
    pub fn near(earth: Earth) -> Self {
        Self::new(earth, LONGEST_NEAR_EDGE_DEG)
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rings.is_empty() && self.borders.is_empty()
    }

    /// Puts finer outlines in the place of a cell.
    pub fn add_detail(&mut self, cell: Cell, detail: Earth) {
        let Some(base) = self.layers.first() else { return };
        // Adding the same land once more takes it away; then comes the finer.
        let coarse = cell.cut(base);
        let outside = |leg: &Leg| leg.cell != Some(cell);
        self.coasts.retain(outside);
        self.borders.retain(outside);
        let coasts = legs(&detail.coasts, true, LONGEST_LEG_DEG);
        self.coasts.extend(coasts.into_iter().filter(|(from, to)| !cell.is_edge(*from, *to)).map(Leg::new));
        self.borders.extend(legs(&detail.borders, false, LONGEST_LEG_DEG).into_iter().map(Leg::new));
        for layer in [coarse, detail] {
            self.rings.extend(layer.coasts.iter().map(|ring| Ring::new(ring, self.longest_edge_deg)));
            self.layers.push(layer);
        }
    }

    /// Coast legs whose middle is within an angle of a place.
    pub fn coasts_near(&self, up: Vec3, within_rad: f64) -> impl Iterator<Item = &Leg> {
        near(&self.coasts, up, within_rad)
    }

    /// Nodes of the coast rings that reach to within an angle of a place, as unit vectors. Land is where an odd
    /// number of rings lies on each other.
    pub fn rings_near(&self, up: Vec3, within_rad: f64) -> impl Iterator<Item = &[Vec3]> {
        let near =
            move |ring: &&Ring| ring.middle.dot(up).clamp(-1.0, 1.0).acos() <= ring.reach_rad + within_rad;
        self.rings.iter().filter(near).map(|ring| ring.nodes.as_slice())
    }

    /// Border legs whose middle is within an angle of a place.
    pub fn borders_near(&self, up: Vec3, within_rad: f64) -> impl Iterator<Item = &Leg> {
        near(&self.borders, up, within_rad)
    }

    /// Triangles of the plane's square, three corners each. A point is on land if it lies in an odd number of them,
    /// or in an even number if the second value is true.
    #[must_use]
    pub fn land(&self, plane: &Plane) -> (Vec<[f32; 2]>, bool) {
        let mut corners = Vec::new();
        let (mut line, mut scratch) = (Vec::new(), Vec::new());
        for ring in &self.rings {
            if !ring.may_touch(plane) {
                continue;
            }
            line.clear();
            ring.map_to(plane, &mut line);
            clip(&mut line, &mut scratch);
            let Some((first, rest)) = line.split_first() else { continue };
            for pair in rest.windows(2) {
                corners.extend([*first, pair[0], pair[1]].map(|[x, y]| [x as f32, y as f32]));
            }
        }
        // In the plane a ring encloses the side that does not hold the antipode, be it land or water.
        (corners, self.is_land((-plane.frame.up).position()))
    }

    /// Whether a place is on land.
    #[must_use]
    pub fn is_land(&self, place: Position) -> bool {
        self.layers.iter().filter(|layer| layer.is_land(place)).count() % 2 == 1
    }

    fn new(earth: Earth, longest_edge_deg: f64) -> Self {
        let of = |lines, rings| legs(lines, rings, LONGEST_LEG_DEG).into_iter().map(Leg::new).collect();
        Self {
            rings: earth.coasts.iter().map(|ring| Ring::new(ring, longest_edge_deg)).collect(),
            coasts: of(&earth.coasts, true),
            borders: of(&earth.borders, false),
            layers: vec![earth],
            longest_edge_deg,
        }
    }
}

impl Leg {
    /// A leg between two points in metres.
    #[must_use]
    pub fn between(from: Vec3, to: Vec3) -> Self {
        Self { from: from.split(), to: to.split(), middle: (from + to).unit(), cell: None }
    }

    fn new((from, to): (Node, Node)) -> Self {
        let middle = Node {
            lon_deg: f64::midpoint(from.lon_deg, to.lon_deg),
            lat_deg: f64::midpoint(from.lat_deg, to.lat_deg),
        };
        let leg = Self::between(unit(from) * EARTH_RADIUS_M, unit(to) * EARTH_RADIUS_M);
        Self { cell: Some(Cell::of(middle)), ..leg }
    }
}

impl Ring {
    fn new(ring: &[Node], longest_edge_deg: f64) -> Self {
        let nodes: Vec<Vec3> = divided(&closed(ring), longest_edge_deg).into_iter().map(unit).collect();
        let sum = nodes.iter().fold(Vec3::default(), |sum, node| sum + *node);
        let middle = sum.unit();
        let reach = nodes.iter().map(|node| node.dot(middle)).fold(1.0, f64::min);
        Self { nodes, middle, reach_rad: reach.clamp(-1.0, 1.0).acos() }
    }

    /// Whether the ring may matter inside the square: it reaches into it, or it may go round the antipode.
    fn may_touch(&self, plane: &Plane) -> bool {
        let away = self.middle.dot(plane.frame.up).clamp(-1.0, 1.0).acos();
        let rounds_antipode = std::f64::consts::PI - away <= self.reach_rad;
        away <= self.reach_rad + plane.corner_rad() || rounds_antipode
    }

    fn map_to(&self, plane: &Plane, line: &mut Vec<[f64; 2]>) {
        let Some(mut last) = self.nodes.last().copied() else { return };
        for node in &self.nodes {
            map_edge(plane, last, *node, HALVINGS, line);
            last = *node;
        }
    }
}

/// Adds the end of an edge, and points between where the edge passes close to the antipode, which a straight line in
/// the plane would cut off.
fn map_edge(plane: &Plane, from: Vec3, to: Vec3, halvings: u32, line: &mut Vec<[f64; 2]>) {
    let up = plane.frame.up;
    if halvings > 0 && from.dot(up).min(to.dot(up)) < -0.8 {
        let flat = |unit: Vec3| (unit - up * unit.dot(up)).unit();
        if flat(from).dot(flat(to)) < 0.85 {
            let middle = (from + to).unit();
            map_edge(plane, from, middle, halvings - 1, line);
            map_edge(plane, middle, to, halvings - 1, line);
            return;
        }
    }
    line.push(plane.map(to));
}

/// Cuts a closed line off at the four sides of the square from -1 to 1 (Sutherland and Hodgman).
fn clip(line: &mut Vec<[f64; 2]>, scratch: &mut Vec<[f64; 2]>) {
    for (axis, sign) in [(0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0)] {
        scratch.clear();
        let Some(mut last) = line.last().copied() else { return };
        let outside = |point: [f64; 2]| point[axis] * sign - 1.0;
        for &point in line.iter() {
            let (before, after) = (outside(last), outside(point));
            if (before > 0.0) != (after > 0.0) {
                let part = before / (before - after);
                let other = last[1 - axis] + (point[1 - axis] - last[1 - axis]) * part;
                scratch.push(if axis == 0 { [sign, other] } else { [other, sign] });
            }
            if after <= 0.0 {
                scratch.push(point);
            }
            last = point;
        }
        std::mem::swap(line, scratch);
    }
}

fn near(legs: &[Leg], up: Vec3, within_rad: f64) -> impl Iterator<Item = &Leg> {
    let least = within_rad.min(std::f64::consts::PI).cos();
    legs.iter().filter(move |leg| leg.middle.dot(up) >= least)
}

/// A closed line whose edges are at most so long.
fn divided(ring: &[Node], longest_deg: f64) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(ring.len());
    let Some(mut last) = ring.last().copied() else { return nodes };
    for node in ring {
        let (lon, lat) = (node.lon_deg - last.lon_deg, node.lat_deg - last.lat_deg);
        let parts = (lon.abs().max(lat.abs()) / longest_deg).ceil().max(1.0);
        let at = |part: f64| Node { lon_deg: last.lon_deg + lon * part, lat_deg: last.lat_deg + lat * part };
        nodes.extend((1..=parts as usize).map(|step| at(step as f64 / parts)));
        last = *node;
    }
    nodes
}

fn unit(node: Node) -> Vec3 {
    let (sin_lat, cos_lat) = node.lat_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = node.lon_deg.to_radians().sin_cos();
    Vec3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn earth() -> Earth {
        Earth::decode(include_bytes!("../../../public/globe/earth-110m.bin")).unwrap()
    }

    /// Whether a point of the square lies in an odd number of triangles.
    fn odd(corners: &[[f32; 2]], [x, y]: [f64; 2]) -> bool {
        let inside = |triangle: &&[[f32; 2]]| {
            let side = |a: [f32; 2], b: [f32; 2]| {
                let (ax, ay, bx, by) = (f64::from(a[0]), f64::from(a[1]), f64::from(b[0]), f64::from(b[1]));
                (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            };
            // A triangle without area holds nothing: all its sides are zero.
            let sides = [(0, 1), (1, 2), (2, 0)].map(|(a, b)| side(triangle[a], triangle[b]));
            sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0)
        };
        corners.chunks_exact(3).filter(inside).count() % 2 == 1
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn triangles_agree_with_the_rings(
            lat in -85.0..85.0_f64, lon in -180.0..180.0_f64, half_deg in 0.5..95.0_f64,
            points in prop::collection::vec((-0.95..0.95_f64, -0.95..0.95_f64), 12),
        ) {
            let mut shore = Shore::near(earth());
            // A cell whose detail is another picture of the same land, and one that loses its land.
            let cells = [Cell::of(Node { lon_deg: -73.0, lat_deg: 41.0 }), Cell::of(Node { lon_deg: 10.0, lat_deg: 15.0 })];
            shore.add_detail(cells[0], cells[0].cut(&earth()));
            shore.add_detail(cells[1], Earth::default());
            let middle = Position::new(lat, lon).unwrap();
            let plane = Plane::around(Vec3::up_at(middle), half_deg.to_radians());
            let (corners, inverted) = shore.land(&plane);
            let mut wrong = 0;
            for (x, y) in points {
                // Off the middle and the diagonals, along which edges of triangles run.
                let (x, y) = (x + 0.000_137, y - 0.000_211);
                // Back from the plane to the sphere.
                let (px, py) = (x * plane.half / 2.0, y * plane.half / 2.0);
                let scale = 1.0 / (1.0 + px * px + py * py);
                let frame = plane.frame;
                let unit = (frame.east * (2.0 * px) + frame.north * (2.0 * py) + frame.up * (1.0 - px * px - py * py)) * scale;
                let expected = shore.is_land(unit.position());
                wrong += usize::from((odd(&corners, [x, y]) != inverted) != expected);
            }
            // A point may lie so near to a coast that a straight edge in the plane passes on its other side.
            prop_assert!(wrong <= 1, "{wrong} of 12 wrong");
        }
    }

    #[test]
    fn detail_takes_the_place_of_its_cell() {
        let mut shore = Shore::near(earth());
        let sahara = Position::new(15.0, 10.0).unwrap();
        let cell = Cell::of(Node { lon_deg: 10.0, lat_deg: 15.0 });
        assert!(shore.is_land(sahara));
        let before = shore.borders_near(Vec3::up_at(sahara), 0.1).count();
        shore.add_detail(cell, Earth::default());
        assert!(!shore.is_land(sahara) && shore.is_land(Position::new(35.0, 10.0).unwrap()));
        assert!(shore.borders_near(Vec3::up_at(sahara), 0.1).count() < before);
        let square =
            [(9.0, 14.0), (11.0, 14.0), (11.0, 16.0)].map(|(lon_deg, lat_deg)| Node { lon_deg, lat_deg });
        let mut other = Shore::near(earth());
        other.add_detail(cell, Earth { coasts: vec![square.to_vec()], borders: vec![] });
        assert!(
            other.is_land(Position::new(14.5, 10.5).unwrap())
                && !other.is_land(Position::new(18.0, 10.0).unwrap())
        );
    }

    #[test]
    fn legs_are_short_and_near() {
        let shore = Shore::far(earth());
        let london = Vec3::up_at(Position::new(51.5, 0.0).unwrap());
        let count = shore.coasts_near(london, 0.1).count();
        assert!((20..400).contains(&count), "{count}");
        for leg in shore.coasts_near(london, 4.0) {
            let length: f32 =
                (0..3).map(|axis| (leg.from.0[axis] - leg.to.0[axis]).powi(2)).sum::<f32>().sqrt();
            assert!(length < 160_000.0, "{length}");
        }
    }
}
