//! The coasts of the demo: as they are around New York, where its recording flies, and coarser far away.

use anyhow::{Context, Result};
use inflight_globe::Earth;
use inflight_globe::earth::Node;

use crate::globe_data::simplify::{ring_area_km2, thinned};

/// Where the recording flies.
const HOME: Node = Node { lon_deg: -74.0, lat_deg: 40.7 };

/// How one file of outlines becomes smaller.
pub struct Thinning {
    /// Nothing is left out so near.
    near_deg: f64,
    /// From there on, points that contribute less to a line are left out.
    far_km2: f64,
    /// And so are islands smaller than this.
    island_km2: f64,
    has_borders: bool,
    /// Steps of the file's grid in a degree.
    units_per_degree: u32,
}

/// What is seen for the moment until the outlines for the near view are there.
pub const SKETCH: Thinning = Thinning {
    near_deg: 0.0,
    far_km2: 12_000.0,
    island_km2: 30_000.0,
    has_borders: false,
    units_per_degree: 20,
};

/// The outlines for the near view.
pub const COASTS: Thinning =
    Thinning { near_deg: 8.0, far_km2: 2500.0, island_km2: 4000.0, has_borders: true, units_per_degree: 250 };

/// The finest ones, of the cell in which the recording flies.
pub const DETAIL: Thinning =
    Thinning { near_deg: 2.0, far_km2: 12.0, island_km2: 12.0, has_borders: true, units_per_degree: 500 };

impl Thinning {
    /// The outlines with fewer points far away.
    ///
    /// # Errors
    /// The bytes are no outlines.
    pub fn of(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut earth = Earth::decode(bytes).ok().context("expected outlines of the Earth")?;
        let is_near = |node: &Node| away_deg(*node) < self.near_deg;
        earth.coasts.retain(|ring| ring.iter().any(is_near) || ring_area_km2(ring) >= self.island_km2);
        if !self.has_borders {
            earth.borders.clear();
        }
        let least_km2 = |node: Node| if is_near(&node) { f64::MIN_POSITIVE } else { self.far_km2 };
        for line in earth.coasts.iter_mut().chain(&mut earth.borders) {
            *line = thinned(line, &least_km2, 5);
        }
        Ok(earth.encode(self.units_per_degree))
    }
}

/// On the flat map, which is near enough for a question of more or less detail.
fn away_deg(node: Node) -> f64 {
    let east_deg = (node.lon_deg - HOME.lon_deg) * HOME.lat_deg.to_radians().cos();
    east_deg.hypot(node.lat_deg - HOME.lat_deg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::root;

    fn check(file: &str, thinning: &Thinning, most_percent: usize) {
        let bytes = std::fs::read(root().join("public").join(file)).unwrap();
        let thin = thinning.of(&bytes).unwrap();
        let near = |bytes: &[u8]| {
            let nodes = Earth::decode(bytes).unwrap().coasts.into_iter().flatten();
            nodes.filter(|node| away_deg(*node) < thinning.near_deg).count()
        };
        // But for points that lie on the line between their neighbours.
        assert!(near(&thin) * 100 >= near(&bytes) * 99, "{file}");
        assert!(thin.len() * 100 < bytes.len() * most_percent, "{file}: {} of {}", thin.len(), bytes.len());
    }

    #[test]
    fn what_is_near_stays_and_the_rest_shrinks() {
        check("globe/earth-110m.bin", &SKETCH, 30);
        check("globe/earth-50m.bin", &COASTS, 50);
        check("globe-detail/n30w080.bin", &DETAIL, 75);
    }
}
