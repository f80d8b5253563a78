//! Where each setting's value came from: flag, then environment, then `.env`, then default.

use crate::settings::dotenv::DotEnv;
use crate::settings::spec::{SPECS, Spec};
use core::fmt;
use std::collections::BTreeMap;

/// Everything that may hold settings, read once at the start.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Values from the command line by setting; with the flag as it was written.
    pub flags: BTreeMap<&'static str, (&'static str, String)>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The `.env` file, if there is one.
    pub dotenv: Option<DotEnv>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This flag.
    Flag(&'static str),
    /// The environment.
    Environment,
    /// This line of `.env`.
    DotEnv(usize),
    /// Nobody said anything.
    Default,
}

/// A setting with its value as text.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Which setting.
    pub spec: &'static Spec,
    /// The text; empty means not set.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// A value that is not acceptable: setting, value, origin, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the setting.
    pub setting: &'static str,
    /// The value, already masked if it is a secret.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
    /// What was expected instead.
    pub expected: String,
}

impl Inputs {
    /// The value of every setting. An empty value counts as not set, as in a copied `.env.example`.
    #[must_use]
    pub fn resolve(&self) -> Vec<Resolved> {
        SPECS.iter().map(|spec| self.resolve_one(spec)).collect()
    }

    /// Names in `.env` that are no setting, with their lines.
    #[must_use]
    pub fn unknown_in_dotenv(&self) -> Vec<(&str, usize)> {
        let entries = self.dotenv.iter().flat_map(|file| &file.entries);
        entries
            .filter(|(name, _)| SPECS.iter().all(|spec| spec.name != name.as_str()))
            .map(|(name, (_, line))| (name.as_str(), *line))
            .collect()
    }

    fn resolve_one(&self, spec: &'static Spec) -> Resolved {
        let flag = self.flags.get(spec.name).map(|(flag, value)| (value.clone(), Origin::Flag(flag)));
        let environment =
            || self.environment.get(spec.name).map(|value| (value.clone(), Origin::Environment));
        let dotenv = || {
            let (value, line) = self.dotenv.as_ref()?.entries.get(spec.name)?;
            Some((value.clone(), Origin::DotEnv(*line)))
        };
        let is_set = |found: &(String, Origin)| !found.0.trim().is_empty();
        let (value, origin) = flag
            .or_else(|| environment().filter(is_set))
            .or_else(|| dotenv().filter(is_set))
            .unwrap_or_else(|| (spec.default.to_owned(), Origin::Default));
        Resolved { spec, value: value.trim().to_owned(), origin }
    }
}

impl Resolved {
    /// The value as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        match (self.value.is_empty(), self.spec.secret) {
            (true, _) => "(not set)".to_owned(),
            (false, true) => "********".to_owned(),
            (false, false) => self.value.clone(),
        }
    }

    /// A complaint about the value.
    #[must_use]
    pub fn problem(&self, expected: impl Into<String>) -> Problem {
        Problem {
            setting: self.spec.name,
            value: self.shown(),
            origin: self.origin.clone(),
            expected: expected.into(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment => f.write_str("environment"),
            Self::DotEnv(line) => write!(f, ".env line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} (from {}): expected {}", self.setting, self.value, self.origin, self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn inputs(flag: Option<&str>, environment: Option<&str>, dotenv: Option<&str>) -> Inputs {
        let name = "BACKEND_PORT";
        Inputs {
            flags: flag.map(|value| (name, ("--port", value.to_owned()))).into_iter().collect(),
            environment: environment.map(|value| (name.to_owned(), value.to_owned())).into_iter().collect(),
            dotenv: dotenv
                .map(|value| DotEnv::parse(Path::new(".env"), &format!("\n{name}={value}")).unwrap()),
        }
    }

    #[test]
    fn nearer_sources_win() {
        for (flag, environment, dotenv, expected, origin) in [
            (Some("1"), Some("2"), Some("3"), "1", Origin::Flag("--port")),
            (None, Some("2"), Some("3"), "2", Origin::Environment),
            (None, None, Some("3"), "3", Origin::DotEnv(2)),
            (None, Some(""), Some("3"), "3", Origin::DotEnv(2)),
            (None, Some(" "), Some(""), "3000", Origin::Default),
            (None, None, None, "3000", Origin::Default),
        ] {
            let resolved = inputs(flag, environment, dotenv).resolve();
            let port = resolved.iter().find(|setting| setting.spec.name == "BACKEND_PORT").unwrap();
            assert_eq!((port.value.as_str(), &port.origin), (expected, &origin));
        }
    }

    #[test]
    fn secrets_are_masked() {
        let mut inputs = Inputs::default();
        inputs.environment.insert("OPENSKY_CLIENT_SECRET".into(), "hunter2".into());
        for setting in inputs.resolve() {
            let shown = format!("{} {}", setting.shown(), setting.problem("anything"));
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn unknown_names_are_listed() {
        let dotenv = DotEnv::parse(Path::new(".env"), "BACKEND_PROT=1\nBACKEND_PORT=2").unwrap();
        let inputs = Inputs { dotenv: Some(dotenv), ..Inputs::default() };
        assert_eq!(inputs.unknown_in_dotenv(), [("BACKEND_PROT", 1)]);
    }
}
