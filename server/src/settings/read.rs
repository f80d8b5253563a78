//! Turns the text of settings into values and notes what is wrong with them.

use crate::settings::origin::Origin;
use crate::settings::origin::{Problem, Resolved};
use crate::settings::sources::{self, adsbx_target, circle, circle_around, readsb_target, sbs_target};
use crate::settings::{Credentials, Mode, Secret, SourceSettings, Target, text_of};
use core::ops::RangeInclusive;
use core::str::FromStr;
use core::time::Duration;
use inflight_domain::BoundingBox;
use inflight_domain::geo::BoundingBoxError;
use inflight_sky::SourceKind;
use reqwest::Url;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Reads settings by name; `None` means that a problem was noted.
pub struct Reader<'a> {
    resolved: &'a [Resolved],
    /// What was wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads from these.
    #[must_use]
    pub fn new(resolved: &'a [Resolved]) -> Self {
        Self { resolved, problems: Vec::new() }
    }

    /// Text as it stands.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        text_of(self.resolved, name).to_owned()
    }

    /// A whole number in a range.
    pub fn whole(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        self.parse(name, |text| text.parse().ok().filter(|value| range.contains(value)), expected)
    }

    /// A number in a range.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let expected = || format!("a number from {} to {}", range.start(), range.end());
        self.parse(name, |text| text.parse().ok().filter(|value| range.contains(value)), expected)
    }

    /// Yes or no.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        };
        self.parse(name, parse, || "true or false".to_owned())
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let find = |text: &str| choices.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        let expected = || choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
        self.parse(name, |text| find(text).map(|(_, value)| *value), expected)
    }

    /// An address, completed by `complete`.
    pub fn url(&mut self, name: &'static str, complete: fn(&str) -> Option<Url>) -> Option<Url> {
        self.parse(name, complete, || "an http or https address without user, password or query".to_owned())
    }

    /// What `read` makes of the text.
    pub fn checked<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        expected: impl Fn() -> String,
    ) -> Option<T> {
        self.parse(name, read, expected)
    }

    /// A level or a filter directive.
    pub fn log_filter(&mut self, name: &'static str) -> Option<String> {
        let parse = |text: &str| {
            // A lone word that is no level would be taken for the name of a module.
            let text = if text.eq_ignore_ascii_case("warning") { "warn" } else { text };
            let level = LevelFilter::from_str(text).is_ok() || text.contains('=');
            EnvFilter::builder().parse(text).ok().filter(|_| level).map(|_| text.to_owned())
        };
        self.parse(name, parse, || {
            "error, warn, info, debug, trace or a filter like inflight_server=debug".to_owned()
        })
    }

    /// Client and secret; half a pair is a problem.
    pub fn credentials(&mut self) -> Option<Credentials> {
        let [client_id, secret] =
            ["OPENSKY_CLIENT_ID", "OPENSKY_CLIENT_SECRET"].map(|name| self.setting(name));
        match (client_id?, secret?) {
            (id, secret) if id.value.is_empty() && secret.value.is_empty() => None,
            (id, secret) if id.value.is_empty() || secret.value.is_empty() => {
                let missing = if id.value.is_empty() { id } else { secret };
                self.problems
                    .push(missing.problem("both OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET, or neither"));
                None
            }
            (id, secret) => Some(Credentials {
                client_id: id.value.clone(),
                client_secret: Secret::new(secret.value.clone()),
            }),
        }
    }

    /// The four edges.
    pub fn bounding_box(&mut self) -> Option<BoundingBox> {
        let mut edge = |name, limit: f64| self.number(name, -limit..=limit);
        let south = edge("BBOX_LAT_MIN", 90.0);
        let north = edge("BBOX_LAT_MAX", 90.0);
        let west = edge("BBOX_LON_MIN", 180.0);
        let east = edge("BBOX_LON_MAX", 180.0);
        match BoundingBox::new(south?, north?, west?, east?) {
            Ok(bbox) => Some(bbox),
            Err(BoundingBoxError::EdgeOutOfRange { edge, low, high, .. }) => {
                self.complain(edge, format!("a number from {low} to {high}"));
                None
            }
            Err(BoundingBoxError::Inverted { low_name, high_name, high, .. }) => {
                self.complain(low_name, format!("less than {high_name} ({high})"));
                None
            }
        }
    }

    /// Recording or live data.
    pub fn mode(&mut self) -> Option<Mode> {
        let said = self.choice("OPENSKY_MODE", &[("replay", Mode::Replay), ("live", Mode::Live)])?;
        Some(if sources_said(self.resolved) { Mode::Live } else { said })
    }

    /// The live sources; OpenSky where none are named.
    pub fn sources(&mut self, bbox: Option<&BoundingBox>) -> Option<Vec<SourceSettings>> {
        let number = |reader: &mut Self, name, range| reader.number(name, range).map(Duration::from_secs_f64);
        let readsb_every = number(self, "READSB_INTERVAL_SECONDS", 0.2..=60.0);
        let adsbx_every = number(self, "ADSBX_INTERVAL_SECONDS", 1.0..=3600.0);
        let round = match text_of(self.resolved, "ADSBX_CIRCLE") {
            "" => bbox.map(circle_around),
            _ => self.parse("ADSBX_CIRCLE", circle, || {
                format!("LAT,LON,NM with at most {} nautical miles", sources::RADIUS_MAX_NM)
            }),
        };
        let (readsb_every, adsbx_every, round) = (readsb_every?, adsbx_every?, round?);
        let text =
            Some(text_of(self.resolved, "SOURCES")).filter(|text| !text.is_empty()).unwrap_or("opensky");
        let items = match sources::split(text) {
            Ok(items) => items,
            Err(item) => {
                self.complain("SOURCES", format!("{}; found {item}", sources::EXPECTED));
                return None;
            }
        };
        let mut settings: Vec<SourceSettings> = Vec::new();
        for (kind, target) in items {
            let (target, interval) = match kind {
                SourceKind::OpenSky => (target.is_none().then_some(Target::OpenSky), Duration::ZERO),
                SourceKind::Readsb => (self.target("READSB_URL", target, readsb_target), readsb_every),
                SourceKind::Adsbx => {
                    (self.target("ADSBX_URL", target, |text| adsbx_target(text, round)), adsbx_every)
                }
                SourceKind::Sbs => (self.target("SBS_ADDRESS", target, sbs_target), Duration::from_secs(1)),
            };
            let Some(target) = target else {
                self.complain("SOURCES", format!("{} after {}=", target_expected(kind), kind.name()));
                return None;
            };
            let same = settings.iter().filter(|source| source.kind == kind).count();
            let name =
                if same == 0 { kind.name().to_owned() } else { format!("{}-{}", kind.name(), same + 1) };
            settings.push(SourceSettings { name, kind, target, interval, timeout: Duration::from_secs(10) });
        }
        Some(settings)
    }

    /// What an item names, else what the setting does.
    fn target(
        &self,
        name: &str,
        said: Option<&str>,
        read: impl Fn(&str) -> Option<Target>,
    ) -> Option<Target> {
        read(said.unwrap_or_else(|| text_of(self.resolved, name)))
    }

    fn parse<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        expected: impl Fn() -> String,
    ) -> Option<T> {
        let value = parse(text_of(self.resolved, name));
        if value.is_none() {
            self.complain(name, expected());
        }
        value
    }

    fn complain(&mut self, name: &str, expected: String) {
        if let Some(setting) = self.setting(name) {
            self.problems.push(setting.problem(expected));
        }
    }

    fn setting(&self, name: &str) -> Option<&'a Resolved> {
        self.resolved.iter().find(|setting| setting.spec.name == name)
    }
}

/// Whether naming sources says that live data is wanted: where nobody asked for a recording, at least not as near
/// as on the command line.
#[must_use]
pub fn sources_said(resolved: &[Resolved]) -> bool {
    let origin =
        |name: &str| resolved.iter().find(|setting| setting.spec.name == name).map(|found| &found.origin);
    let said = !text_of(resolved, "SOURCES").is_empty();
    let by_flag = matches!(origin("SOURCES"), Some(Origin::Flag(_)));
    match origin("OPENSKY_MODE") {
        Some(Origin::Flag(_)) => false,
        Some(Origin::Default) | None => said,
        Some(_) => by_flag,
    }
}

fn target_expected(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::OpenSky => "nothing (OPENSKY_API_URL says where it is)",
        SourceKind::Readsb => "an http address or a file",
        SourceKind::Adsbx => "an http address",
        SourceKind::Sbs => "HOST:PORT",
    }
}
