//! The area that the traffic lies in.

use inflight_domain::{BoundingBox, Position};
use inflight_globe::order;

/// A box around most of the positions: a twentieth at either side is left out, and small ones are widened.
#[must_use]
pub fn area_of(positions: &mut dyn Iterator<Item = Position>) -> Option<BoundingBox> {
    let (mut lats, mut lons): (Vec<f64>, Vec<f64>) =
        positions.map(|position| (position.latitude_deg(), position.longitude_deg())).unzip();
    for values in [&mut lats, &mut lons] {
        let order = order::rising(values.iter().map(|value| order::key(*value)));
        *values = order.into_iter().map(|place| values[place as usize]).collect();
    }
    let span = |values: &[f64], limit: f64| -> Option<(f64, f64)> {
        let skip = values.len() / 20;
        let (low, high) = (*values.get(skip)?, *values.get(values.len() - 1 - skip)?);
        let widen = (0.4 - (high - low)).max(0.0) / 2.0;
        Some(((low - widen).max(-limit), (high + widen).min(limit)))
    };
    let ((lat_min, lat_max), (lon_min, lon_max)) = (span(&lats, 85.0)?, span(&lons, 180.0)?);
    (lon_max - lon_min < 150.0).then_some(BoundingBox { lat_min, lat_max, lon_min, lon_max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_ignores_strays_and_never_collapses() {
        let place = |lat: f64, lon: f64| Position::new(lat, lon).unwrap();
        let many = (0..100).map(|n| place(40.0 + f64::from(n) / 100.0, -74.0));
        let area = area_of(&mut many.chain([place(-30.0, 10.0)])).unwrap();
        assert!(area.lat_min >= 40.0 && area.lat_max < 41.0);
        assert!((area.lon_max - area.lon_min - 0.4).abs() < 1e-9);
        assert_eq!(area_of(&mut core::iter::empty()), None);
        assert_eq!(area_of(&mut [place(0.0, -170.0), place(0.0, 170.0)].into_iter()), None);
    }
}
