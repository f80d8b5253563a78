//! Coast lines and borders: the compact files of `public/globe/`, decoded.
//!
//! A file is `IGE1`, the units per degree, then two lists (coasts, borders). A list is a count and its lines; a line
//! is a count and its points. A point is the zigzag difference of longitude and latitude from the point before; the
//! first point of a line differs from the first point of the line before. All numbers are LEB128 varints.
//! Coasts are closed rings whose first point is not repeated. Longitudes run on over the antimeridian.

use inflight_domain::Position;

/// First bytes of a file.
pub const MAGIC: [u8; 4] = *b"IGE1";

/// Most points that a file may hold; a guard against damaged files.
const MAX_POINTS: usize = 2_000_000;

/// A point as the files hold it; the longitude may lie beyond 180 degrees where a line crosses the antimeridian.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Node {
    /// Degrees to the east.
    pub lon_deg: f64,
    /// Degrees to the north.
    pub lat_deg: f64,
}

/// The outlines of the Earth at one level of detail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earth {
    /// Closed rings around land and around lakes in it; a place is on land if it is inside an odd number of them.
    pub coasts: Vec<Vec<Node>>,
    /// Open lines between countries.
    pub borders: Vec<Vec<Node>>,
}

/// Why bytes are no outlines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EarthError {
    /// The file does not begin with [`MAGIC`].
    #[error("expected the bytes IGE1 at the start of the globe's outlines")]
    Magic,
    /// The file ends within a number.
    #[error("the globe's outlines end at byte {at}, within a number")]
    Truncated {
        /// Where.
        at: usize,
    },
    /// A number that cannot be.
    #[error("the globe's outlines hold an impossible {what} before byte {at}")]
    Impossible {
        /// What was read.
        what: &'static str,
        /// Where.
        at: usize,
    },
}

impl Earth {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, EarthError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(EarthError::Magic)?;
        let mut reader = Reader { bytes: rest, at: 0, points: 0 };
        let units_per_degree = reader.number()?;
        if !(1..=10_000_000).contains(&units_per_degree) {
            return Err(reader.impossible("number of units per degree"));
        }
        let scale = 1.0 / units_per_degree as f64;
        Ok(Self { coasts: reader.lines(scale)?, borders: reader.lines(scale)? })
    }

    /// The file that [`Earth::decode`] reads, rounded to `units_per_degree`.
    #[must_use]
    pub fn encode(&self, units_per_degree: u32) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, u64::from(units_per_degree));
        let scale = f64::from(units_per_degree);
        for lines in [&self.coasts, &self.borders] {
            put(&mut bytes, lines.len() as u64);
            let mut start = (0, 0);
            for line in lines {
                put(&mut bytes, line.len() as u64);
                let mut last = start;
                for (nth, node) in line.iter().enumerate() {
                    let now = ((node.lon_deg * scale).round() as i64, (node.lat_deg * scale).round() as i64);
                    put(&mut bytes, zigzag(now.0 - last.0));
                    put(&mut bytes, zigzag(now.1 - last.1));
                    last = now;
                    if nth == 0 {
                        start = now;
                    }
                }
            }
        }
        bytes
    }

    /// Whether a place is on land.
    #[must_use]
    pub fn is_land(&self, place: Position) -> bool {
        let (lon, lat) = (place.longitude_deg(), place.latitude_deg());
        let inside = self.coasts.iter().map(|ring| {
            [-360.0, 0.0, 360.0]
                .into_iter()
                .filter(|shift| crossings(ring, lon + shift, lat) % 2 == 1)
                .count()
        });
        inside.sum::<usize>() % 2 == 1
    }
}

/// A ring closed for filling in the plane of longitude and latitude. A ring around a pole ends a whole turn away from
/// its start; it is led over the pole.
#[must_use]
pub fn closed(ring: &[Node]) -> Vec<Node> {
    let mut nodes = ring.to_vec();
    let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied()) else { return nodes };
    // The way back from the last point to the first is at most half a turn, unless the ring goes round a pole.
    let turns = ((last.lon_deg - first.lon_deg) / 360.0).round();
    if turns != 0.0 {
        let pole_deg = if first.lat_deg < 0.0 { -90.0 } else { 90.0 };
        let end_deg = first.lon_deg + 360.0 * turns;
        nodes.push(Node { lon_deg: end_deg, ..first });
        nodes.push(Node { lon_deg: end_deg, lat_deg: pole_deg });
        nodes.push(Node { lat_deg: pole_deg, ..first });
    }
    nodes
}

/// The legs of all lines as pairs of places, none longer than `longest_deg`, so that they follow the sphere.
/// Legs along the antimeridian and the poles are cuts, not coasts, and left out.
#[must_use]
pub fn legs(lines: &[Vec<Node>], rings: bool, longest_deg: f64) -> Vec<(Node, Node)> {
    let mut legs = Vec::new();
    for line in lines {
        let closing = if rings && line.len() > 2 { line.last().zip(line.first()) } else { None };
        for (from, to) in line.windows(2).map(|pair| (&pair[0], &pair[1])).chain(closing) {
            let turn = ((to.lon_deg - from.lon_deg) / 360.0).round() * 360.0;
            let to = Node { lon_deg: to.lon_deg - turn, ..*to };
            if is_cut(*from, to) {
                continue;
            }
            let (lon, lat) = (to.lon_deg - from.lon_deg, to.lat_deg - from.lat_deg);
            let parts = (lon.abs().max(lat.abs()) / longest_deg).ceil().max(1.0);
            let at =
                |part: f64| Node { lon_deg: from.lon_deg + lon * part, lat_deg: from.lat_deg + lat * part };
            legs.extend(
                (0..parts as usize).map(|step| (at(step as f64 / parts), at((step + 1) as f64 / parts))),
            );
        }
    }
    legs
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    points: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Result<u64, EarthError> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let at = self.at + MAGIC.len();
            let byte = *self.bytes.get(self.at).ok_or(EarthError::Truncated { at })?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.impossible("number"))
    }

    fn signed(&mut self) -> Result<i64, EarthError> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn lines(&mut self, scale: f64) -> Result<Vec<Vec<Node>>, EarthError> {
        let count = self.count("number of lines")?;
        let mut start = (0, 0);
        (0..count).map(|_| self.line(scale, &mut start)).collect()
    }

    fn line(&mut self, scale: f64, start: &mut (i64, i64)) -> Result<Vec<Node>, EarthError> {
        let count = self.count("number of points")?;
        self.points += count;
        if self.points > MAX_POINTS {
            return Err(self.impossible("number of points"));
        }
        let (mut lon, mut lat) = *start;
        (0..count)
            .map(|nth| {
                lon = lon.saturating_add(self.signed()?);
                lat = lat.saturating_add(self.signed()?);
                if nth == 0 {
                    *start = (lon, lat);
                }
                let node = Node { lon_deg: lon as f64 * scale, lat_deg: lat as f64 * scale };
                let legal = node.lat_deg.abs() <= 90.0 && node.lon_deg.abs() <= 720.0;
                legal.then_some(node).ok_or_else(|| self.impossible("place"))
            })
            .collect()
    }

    /// A count of things that take at least a byte each.
    fn count(&mut self, what: &'static str) -> Result<usize, EarthError> {
        let count = self.number()?;
        let left = (self.bytes.len() - self.at) as u64;
        if count > left { Err(self.impossible(what)) } else { Ok(count as usize) }
    }

    fn impossible(&self, what: &'static str) -> EarthError {
        EarthError::Impossible { what, at: self.at + MAGIC.len() }
    }
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn is_cut(from: Node, to: Node) -> bool {
    let edge = |lon_deg: f64| ((lon_deg.abs() - 180.0) / 360.0).fract() == 0.0;
    let along_meridian = from.lon_deg == to.lon_deg && edge(from.lon_deg);
    let along_pole = from.lat_deg == to.lat_deg && from.lat_deg.abs() > 89.9;
    along_meridian || along_pole
}

/// How often a ray to the north from a place crosses a ring.
fn crossings(ring: &[Node], lon: f64, lat: f64) -> usize {
    let nodes = closed(ring);
    let ends = nodes.iter().zip(nodes.iter().cycle().skip(1));
    ends.filter(|(a, b)| {
        (a.lon_deg > lon) != (b.lon_deg > lon)
            && a.lat_deg + (lon - a.lon_deg) / (b.lon_deg - a.lon_deg) * (b.lat_deg - a.lat_deg) > lat
    })
    .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn node(lon_deg: f64, lat_deg: f64) -> Node {
        Node { lon_deg, lat_deg }
    }

    fn square(west: f64, south: f64, size: f64) -> Vec<Node> {
        vec![
            node(west, south),
            node(west + size, south),
            node(west + size, south + size),
            node(west, south + size),
        ]
    }

    proptest! {
        #[test]
        fn files_round_trip(lines in prop::collection::vec(prop::collection::vec((-360_000..360_000_i32, -90_000..=90_000_i32), 0..30), 0..8)) {
            let nodes = |line: &Vec<(i32, i32)>| line.iter().map(|(lon, lat)| node(f64::from(*lon) / 1e3, f64::from(*lat) / 1e3)).collect::<Vec<_>>();
            let earth = Earth { coasts: lines.iter().map(nodes).collect(), borders: lines.iter().rev().map(nodes).collect() };
            let back = Earth::decode(&earth.encode(1000)).unwrap();
            for (a, b) in earth.coasts.iter().chain(&earth.borders).flatten().zip(back.coasts.iter().chain(&back.borders).flatten()) {
                prop_assert!((a.lon_deg - b.lon_deg).abs() < 1e-9 && (a.lat_deg - b.lat_deg).abs() < 1e-9);
            }
            prop_assert_eq!(earth.coasts.len(), back.coasts.len());
        }

        #[test]
        fn damaged_files_are_refused_not_fatal(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Earth::decode(&[&MAGIC[..], &bytes].concat());
        }
    }

    #[test]
    fn damage_is_named() {
        let whole = Earth { coasts: vec![square(0.0, 0.0, 10.0)], borders: vec![] }.encode(1000);
        assert_eq!(Earth::decode(b"PNG"), Err(EarthError::Magic));
        assert_eq!(
            Earth::decode(&whole[..whole.len() - 1]),
            Err(EarthError::Truncated { at: whole.len() - 1 })
        );
        let message = Earth::decode(b"IGE1\x01\x7f").unwrap_err().to_string();
        assert_eq!(message, "the globe's outlines hold an impossible number of lines before byte 6");
    }

    #[test]
    fn land_is_inside_an_odd_number_of_rings() {
        let cap = (0..36).map(|step| node(f64::from(step) * 10.0 - 180.0, -70.0)).collect();
        let earth =
            Earth { coasts: vec![square(170.0, 0.0, 20.0), square(175.0, 5.0, 5.0), cap], borders: vec![] };
        for ((lat, lon), expected) in [
            ((2.0, 172.0), true),
            ((2.0, -172.0), true),
            ((7.0, 177.0), false),
            ((2.0, 160.0), false),
            ((-80.0, 10.0), true),
            ((-80.0, -179.0), true),
            ((-60.0, 10.0), false),
        ] {
            assert_eq!(earth.is_land(Position::new(lat, lon).unwrap()), expected, "{lat} {lon}");
        }
    }

    #[test]
    fn long_legs_are_divided_and_cuts_left_out() {
        let line = vec![node(0.0, 0.0), node(2.5, 0.0)];
        assert_eq!(legs(&[line], false, 1.0).len(), 3);
        let cut = vec![node(180.0, 0.0), node(180.0, 5.0), node(179.0, 5.0)];
        assert_eq!(legs(&[cut], false, 1.0).len(), 1);
        let ring = square(0.0, 0.0, 1.0);
        assert_eq!(legs(&[ring], true, 1.0).len(), 4);
    }
}
