//! The query string: what is shown, so that an address restores it.

use crate::stage::Centre;
use crate::state::filter::Filter;
use crate::state::percent::{decode, encode};
use crate::state::picks::Picks;
use crate::state::settings::Theme;
use crate::state::table::Sort;
use crate::text::{Locale, decimal, parse_decimal};
use inflight_domain::{Icao24, Position, UnixMillis};
use inflight_globe::Seat;

/// Seats by the name that they have in the address.
pub const SEATS: [(&str, Seat); 3] = [("cockpit", Seat::Cockpit), ("chase", Seat::Chase), ("top", Seat::Top)];

/// The name of a seat in the address.
#[must_use]
pub fn seat_name(seat: Seat) -> &'static str {
    SEATS[seat as usize].0
}

/// Where the camera is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraView {
    /// Latitude of the point that is looked at, in degrees.
    pub latitude_deg: f64,
    /// Its longitude in degrees.
    pub longitude_deg: f64,
    /// Distance from it in metres.
    pub height_m: f64,
    /// Direction of view, clockwise from north.
    pub heading_deg: f64,
    /// Angle from looking straight down.
    pub tilt_deg: f64,
}

/// All that the address restores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Camera, if the address says.
    pub camera: Option<CameraView>,
    /// Selected aircraft; the inspector shows the last one.
    pub picked: Vec<Icao24>,
    /// Whether they alone are shown.
    pub isolated: bool,
    /// Which aircraft are shown.
    pub filter: Filter,
    /// Whether the camera follows it.
    pub following: bool,
    /// The seat that is taken with the selected aircraft.
    pub seat: Option<Seat>,
    /// What the range rings are around.
    pub rings: Option<Centre>,
    /// Whether the table is open.
    pub table_open: bool,
    /// Order of the table.
    pub sort: Sort,
    /// Theme, if the address says.
    pub theme: Option<Theme>,
    /// Language, if the address says.
    pub locale: Option<Locale>,
    /// A still picture is wanted.
    pub still: bool,
    /// The moment of the past that is shown.
    pub past_at: Option<UnixMillis>,
    /// The moment of the still picture, in stream time.
    pub still_at: Option<UnixMillis>,
}

impl View {
    /// Reads a query string with or without its question mark; what cannot be read is as if absent.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut view = Self::default();
        let mut camera = [None; 5];
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "lat" => camera[0] = number(value, -90.0..=90.0),
                "lon" => camera[1] = number(value, -180.0..=180.0),
                "height" => camera[2] = number(value, 50.0..=1e8),
                "heading" => camera[3] = number(value, -360.0..=360.0),
                "tilt" => camera[4] = number(value, 0.0..=90.0),
                "icao" | "sel" => view.picked = Picks::parse(&decode(value)),
                "isolate" => view.isolated = value == "1",
                "follow" => view.following = value == "1",
                "view" => {
                    view.seat = SEATS.into_iter().find(|(name, _)| *name == value).map(|(_, seat)| seat);
                }
                "rings" => view.rings = rings(value),
                "table" => view.table_open = value == "1",
                "sort" => view.sort = Sort::parse(value).unwrap_or_default(),
                "theme" => view.theme = Theme::parse(value),
                "lang" => view.locale = Locale::parse(value),
                "still" => view.still = value == "1",
                "t" => {
                    view.past_at = UnixMillis::parse_rfc3339(&value.replace("%3A", ":"));
                    view.still_at = parse_decimal(value, 0).map(UnixMillis);
                }
                _ => _ = view.filter.take(name, &decode(value)),
            }
        }
        if let [Some(latitude_deg), Some(longitude_deg), Some(height_m), heading, tilt] = camera {
            let (heading_deg, tilt_deg) = (heading.unwrap_or(0.0), tilt.unwrap_or(0.0));
            view.camera = Some(CameraView { latitude_deg, longitude_deg, height_m, heading_deg, tilt_deg });
        }
        view.seat = view.seat.filter(|_| !view.picked.is_empty());
        view.following &= !view.picked.is_empty();
        view.isolated &= !view.picked.is_empty();
        view
    }

    /// The query string with its question mark, empty where nothing differs from the start.
    #[must_use]
    pub fn query(&self) -> String {
        let mut pairs: Vec<String> = Vec::new();
        if let Some(camera) = &self.camera {
            pairs.push(format!("lat={}", rounded(camera.latitude_deg, 4)));
            pairs.push(format!("lon={}", rounded(camera.longitude_deg, 4)));
            pairs.push(format!("height={}", rounded(camera.height_m, 0)));
            let angles = [("heading", camera.heading_deg), ("tilt", camera.tilt_deg)];
            let turned = angles.into_iter().filter(|(_, degrees)| degrees.abs() >= 0.05);
            pairs.extend(turned.map(|(name, degrees)| format!("{name}={}", rounded(degrees, 1))));
        }
        if !self.picked.is_empty() {
            pairs.push(format!("icao={}", Picks::text(&self.picked)));
        }
        let flags = [
            ("isolate", self.isolated),
            ("follow", self.following),
            ("table", self.table_open),
            ("still", self.still),
        ];
        pairs.extend(flags.into_iter().filter(|(_, on)| *on).map(|(name, _)| format!("{name}=1")));
        pairs.extend(self.seat.map(|seat| format!("view={}", seat_name(seat))));
        pairs.extend(self.rings.map(|centre| match centre {
            Centre::Selected => "rings=sel".to_owned(),
            Centre::Place(at) => {
                format!("rings={},{}", rounded(at.latitude_deg(), 4), rounded(at.longitude_deg(), 4))
            }
        }));
        if self.sort != Sort::default() {
            pairs.push(format!("sort={}", self.sort.text()));
        }
        let filter = self.filter.pairs().into_iter();
        pairs.extend(filter.map(|(name, value)| format!("{name}={}", encode(&value))));
        pairs.extend(self.theme.map(|theme| format!("theme={}", theme.name())));
        pairs.extend(self.locale.map(|locale| format!("lang={}", locale.tag())));
        pairs.extend(self.past_at.map(|at| format!("t={at}")));
        pairs.extend(self.still_at.map(|at| format!("t={}", at.0)));
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

fn rings(value: &str) -> Option<Centre> {
    if value == "sel" {
        return Some(Centre::Selected);
    }
    let (lat, lon) = value.split_once(',')?;
    Position::new(number(lat, -90.0..=90.0)?, number(lon, -180.0..=180.0)?).map(Centre::Place)
}

fn number(text: &str, range: core::ops::RangeInclusive<f64>) -> Option<f64> {
    parse_decimal(text, 6).map(|scaled| scaled as f64 / 1e6).filter(|value| range.contains(value))
}

fn rounded(value: f64, decimals: usize) -> String {
    let scale = [1.0, 10.0, 100.0, 1e3, 1e4][decimals.min(4)];
    decimal((value * scale).round() as i64, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_restores_the_view() {
        let text = "?lat=40.7128&lon=-74.006&height=250000&heading=12.5&tilt=30&icao=a13f1c,4b1815&isolate=1&follow=1&table=1&view=chase&rings=40.64,-73.78&sort=altitude-desc&filterAltMin=10000&filterCallSign=%5E%28UAL%7CDAL%29&theme=dark";
        let view = View::parse(text);
        assert_eq!(view.camera.map(|camera| camera.height_m), Some(250_000.0));
        assert_eq!(view.picked, Picks::parse("a13f1c,4b1815"));
        assert_eq!(view.filter.patterns[0], "^(UAL|DAL)");
        assert_eq!(view.query(), text);
        assert_eq!(View::parse("sel=a13f1c").query(), "?icao=a13f1c");
        assert_eq!(View::default().query(), "");
    }

    #[test]
    fn a_time_is_a_moment_of_the_past() {
        let text = "?t=2026-06-14T13:40:00Z";
        assert_eq!(View::parse(text).past_at, Some(UnixMillis(1_781_444_400_000)));
        assert_eq!(View::parse(text).query(), text);
        assert_eq!(View::parse("?t=2026-06-14T13%3A40%3A00Z").past_at, Some(UnixMillis(1_781_444_400_000)));
    }

    #[test]
    fn nonsense_is_as_if_absent() {
        for text in [
            "?lat=91&lon=0&height=1000",
            "?lat=a&lon=0&height=1000",
            "?sel=xyz",
            "?view=cockpit",
            "?follow=1",
            "&&=",
            "?t=x",
        ] {
            assert_eq!(View::parse(text), View::default(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn views_round_trip(lat in -900_000..900_000_i32, lon in -1_799_000..1_799_000_i32, height in 100..20_000_000_u32,
                            heading in 0..3600_i32, tilt in 0..800_i32, hex in prop::option::of(0..0xff_ffff_u32), pattern in ".{0,20}",
                            flags in any::<[bool; 3]>()) {
            let camera = CameraView {
                latitude_deg: f64::from(lat) / 1e4, longitude_deg: f64::from(lon) / 1e4, height_m: f64::from(height),
                heading_deg: f64::from(heading) / 10.0, tilt_deg: f64::from(tilt) / 10.0,
            };
            let picked: Vec<Icao24> = hex.and_then(Icao24::new).into_iter().collect();
            let mut filter = Filter::default();
            filter.take("filterCallSign", &pattern);
            let view = View {
                camera: Some(camera), following: flags[0] && !picked.is_empty(), picked, filter, table_open: flags[1],
                still: flags[2], still_at: flags[2].then_some(UnixMillis(1_679_015_330_000)), ..View::default()
            };
            prop_assert_eq!(View::parse(&view.query()), view);
        }

        #[test]
        fn any_text_can_be_read(text in ".{0,80}") {
            let view = View::parse(&text);
            prop_assert_eq!(View::parse(&view.query()).filter, view.filter);
        }
    }
}
