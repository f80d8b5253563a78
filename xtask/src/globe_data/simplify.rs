//! Fewer points with the same look: Visvalingam and Whyatt's method by the area that a point contributes.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use inflight_globe::earth::Node;

/// Kilometres per degree of latitude.
const KM_PER_DEG: f64 = 111.195;

/// A line without the points whose triangle with their neighbours is smaller than `least_km2`. The ends stay, and at
/// least `keep` points.
pub fn simplified(line: &[Node], least_km2: f64, keep: usize) -> Vec<Node> {
    thinned(line, &|_| least_km2, keep)
}

/// The same where the least area depends on the place.
pub fn thinned(line: &[Node], least_km2: &dyn Fn(Node) -> f64, keep: usize) -> Vec<Node> {
    // As shares of the least area there.
    let share = |a: Node, b: Node, c: Node| area_km2(a, b, c) / least_km2(b);
    let count = line.len();
    if count <= keep.max(2) {
        return line.to_vec();
    }
    let mut before: Vec<usize> = (0..count).map(|nth| nth.wrapping_sub(1)).collect();
    let mut after: Vec<usize> = (1..=count).collect();
    let mut areas = vec![f64::INFINITY; count];
    let mut queue = BinaryHeap::new();
    for nth in 1..count - 1 {
        areas[nth] = share(line[nth - 1], line[nth], line[nth + 1]);
        queue.push(Small(areas[nth], nth));
    }
    let mut left = count;
    while let Some(Small(area, nth)) = queue.pop() {
        if areas[nth] != area {
            continue;
        }
        if area >= 1.0 || left <= keep {
            break;
        }
        left -= 1;
        areas[nth] = f64::NAN;
        let (a, b) = (before[nth], after[nth]);
        (after[a], before[b]) = (b, a);
        for neighbour in [a, b] {
            if neighbour > 0 && neighbour < count - 1 {
                // Never less than what was just removed, or a bay would go point by point.
                let own = share(line[before[neighbour]], line[neighbour], line[after[neighbour]]).max(area);
                areas[neighbour] = own;
                queue.push(Small(own, neighbour));
            }
        }
    }
    line.iter().zip(&areas).filter(|(_, area)| !area.is_nan()).map(|(node, _)| *node).collect()
}

/// The area of a ring in square kilometres, flat, for telling an islet from an island.
pub fn ring_area_km2(ring: &[Node]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let fan = ring.windows(2).map(|pair| signed_km2(*first, pair[0], pair[1]));
    fan.sum::<f64>().abs()
}

fn area_km2(a: Node, b: Node, c: Node) -> f64 {
    signed_km2(a, b, c).abs()
}

fn signed_km2(a: Node, b: Node, c: Node) -> f64 {
    let across = b.lat_deg.to_radians().cos();
    let x = |node: Node| (node.lon_deg - a.lon_deg) * across * KM_PER_DEG;
    let y = |node: Node| (node.lat_deg - a.lat_deg) * KM_PER_DEG;
    (x(b) * y(c) - x(c) * y(b)) / 2.0
}

/// The smallest comes first out of a heap.
struct Small(f64, usize);

impl Ord for Small {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Small {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Small {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Small {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_is_small_and_keeps_the_ends() {
        let node = |lon_deg, lat_deg| Node { lon_deg, lat_deg };
        let line = [node(0.0, 0.0), node(1.0, 0.001), node(2.0, 0.0), node(3.0, 1.0), node(4.0, 0.0)];
        let kept = simplified(&line, 100.0, 2);
        assert_eq!(kept, [line[0], line[2], line[3], line[4]]);
        assert_eq!(simplified(&line, 1e9, 2), [line[0], line[4]]);
        assert_eq!(simplified(&line, 1e9, 4).len(), 4);
    }
}
