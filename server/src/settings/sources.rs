//! `SOURCES`: which live sources there are, what each is called, and where it is found.

use crate::settings::Target;
use inflight_domain::{BoundingBox, Position};
use inflight_sky::SourceKind;
use reqwest::Url;
use std::path::PathBuf;

/// What is expected, for messages.
pub const EXPECTED: &str =
    "opensky, readsb, adsbx or sbs, separated by commas, each with =TARGET where it is not the usual one";

/// Metres in a nautical mile.
const NAUTICAL_MILE_M: f64 = 1852.0;

/// The widest circle that services answer.
pub const RADIUS_MAX_NM: u32 = 250;

/// Around where a service is asked for aircraft.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// Latitude of the centre in degrees.
    pub latitude_deg: f64,
    /// Longitude of the centre in degrees.
    pub longitude_deg: f64,
    /// Radius in whole nautical miles.
    pub radius_nm: u32,
}

/// Kind, and target where one is named, of each item; else the item that is not understood.
///
/// # Errors
/// The first item whose kind is not known.
pub fn split(text: &str) -> Result<Vec<(SourceKind, Option<&str>)>, &str> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let (kind, target) = match item.split_once('=') {
                Some((kind, target)) => {
                    (kind.trim(), Some(target.trim()).filter(|target| !target.is_empty()))
                }
                None => (item, None),
            };
            SourceKind::parse(kind).map(|kind| (kind, target)).ok_or(item)
        })
        .collect()
}

/// An address or a file of a receiver; an address of its map is completed to its data.
#[must_use]
pub fn readsb_target(text: &str) -> Option<Target> {
    if !text.contains("://") {
        return (!text.is_empty()).then(|| Target::File(PathBuf::from(text)));
    }
    let mut url = web(text)?;
    if !url.path().ends_with(".json") {
        let path = format!("{}/data/aircraft.json", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Some(Target::Url(url))
}

/// A point query: `{lat}`, `{lon}` and `{nm}` are filled in, an address without them is completed.
#[must_use]
pub fn adsbx_target(text: &str, circle: Circle) -> Option<Target> {
    let mut template = text.trim_end_matches('/').to_owned();
    if !template.contains("{lat}") {
        let version = if template.ends_with("/v2") { "" } else { "/v2" };
        template.push_str(version);
        template.push_str("/point/{lat}/{lon}/{nm}");
    }
    let Circle { latitude_deg, longitude_deg, radius_nm } = circle;
    let filled = template
        .replace("{lat}", &format!("{latitude_deg:.4}"))
        .replace("{lon}", &format!("{longitude_deg:.4}"))
        .replace("{nm}", &radius_nm.to_string());
    web(&filled).map(Target::Url)
}

/// Host and port; the port is 30003 where none is told.
#[must_use]
pub fn sbs_target(text: &str) -> Option<Target> {
    let text = text.strip_prefix("tcp://").unwrap_or(text);
    let plain = !text.is_empty() && !text.contains(['/', ' ', '@']);
    // An IPv6 address has colons of its own and stands in brackets.
    let port = text.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    let legal =
        port.is_none_or(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0));
    (plain && legal).then(|| match port {
        Some(_) => Target::Address(text.to_owned()),
        None => Target::Address(format!("{text}:30003")),
    })
}

/// `LAT,LON,NM`.
#[must_use]
pub fn circle(text: &str) -> Option<Circle> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [latitude, longitude, radius] = parts[..] else { return None };
    let (latitude_deg, longitude_deg) = (latitude.parse().ok()?, longitude.parse().ok()?);
    Position::new(latitude_deg, longitude_deg)?;
    let radius_nm = radius.parse().ok().filter(|radius| (1..=RADIUS_MAX_NM).contains(radius))?;
    Some(Circle { latitude_deg, longitude_deg, radius_nm })
}

/// The circle around a box, as far as services answer.
#[must_use]
pub fn circle_around(bbox: &BoundingBox) -> Circle {
    let latitude_deg = f64::midpoint(bbox.lat_min, bbox.lat_max);
    let longitude_deg = f64::midpoint(bbox.lon_min, bbox.lon_max);
    let corner = |latitude| Position::new(latitude, bbox.lon_max);
    let reach_m = Position::new(latitude_deg, longitude_deg).map_or(0.0, |centre| {
        let corners = [corner(bbox.lat_min), corner(bbox.lat_max)];
        corners.into_iter().flatten().map(|corner| centre.distance_m(corner)).fold(0.0, f64::max)
    });
    let radius_nm = (reach_m / NAUTICAL_MILE_M).ceil().clamp(1.0, f64::from(RADIUS_MAX_NM)) as u32;
    Circle { latitude_deg, longitude_deg, radius_nm }
}

fn web(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    (plain && url.password().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: Option<Target>, expected: Option<&str>) {
        let text = target.map(|target| target.to_string());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn targets_are_completed() {
        check(readsb_target("http://pi"), Some("http://pi/data/aircraft.json"));
        check(readsb_target("http://pi/tar1090/"), Some("http://pi/tar1090/data/aircraft.json"));
        check(readsb_target("https://pi:8080/x.json?y=1"), Some("https://pi:8080/x.json?y=1"));
        check(readsb_target("/run/readsb/aircraft.json"), Some("/run/readsb/aircraft.json"));
        check(readsb_target("ftp://pi/x.json"), None);
        check(readsb_target("http://me:secret@pi/x.json"), None);
        for (text, expected) in [
            ("pi", Some("pi:30003")),
            ("pi:30005", Some("pi:30005")),
            ("tcp://10.0.0.2", Some("10.0.0.2:30003")),
            ("[::1]:30003", Some("[::1]:30003")),
            ("pi:port", None),
            (":30003", None),
            ("http://pi", None),
        ] {
            check(sbs_target(text), expected);
        }
        let circle = Circle { latitude_deg: 40.8, longitude_deg: -74.0, radius_nm: 34 };
        let expected = Some("http://a/v2/point/40.8000/-74.0000/34");
        check(adsbx_target("http://a", circle), expected);
        check(adsbx_target("http://a/v2/", circle), expected);
        let other = "http://a/api/v2/lat/{lat}/lon/{lon}/dist/{nm}";
        check(adsbx_target(other, circle), Some("http://a/api/v2/lat/40.8000/lon/-74.0000/dist/34"));
        check(adsbx_target("a", circle), None);
    }

    #[test]
    fn circles() {
        assert_eq!(
            circle_around(&BoundingBox::NEW_YORK),
            Circle { latitude_deg: 40.8, longitude_deg: -74.0, radius_nm: 34 }
        );
        assert_eq!(circle("40.8, -74, 34").map(|circle| circle.radius_nm), Some(34));
        for text in ["", "40,-74", "91,0,10", "40,-74,0", "40,-74,251", "40,-74,x"] {
            assert_eq!(circle(text), None, "{text}");
        }
    }
}
