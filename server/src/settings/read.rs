//! Turns the text of settings into values and notes what is wrong with them.

use crate::settings::origin::{Problem, Resolved};
use crate::settings::{Credentials, Secret};
use core::ops::RangeInclusive;
use core::str::FromStr;
use inflight_domain::BoundingBox;
use inflight_domain::geo::BoundingBoxError;
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
        crate::settings::text_of(self.resolved, name).to_owned()
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

    /// A level or a filter directive.
    pub fn log_filter(&mut self, name: &'static str) -> Option<String> {
        let parse = |text: &str| {
            // A lone word that is no level would be taken for the name of a module.
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

    fn parse<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        expected: impl Fn() -> String,
    ) -> Option<T> {
        let value = parse(crate::settings::text_of(self.resolved, name));
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
