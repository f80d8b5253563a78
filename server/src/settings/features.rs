//! Parts of the server that can be switched off while it runs.

use crate::settings::read::Reader;
use inflight_domain::system::FeatureRow;

/// Names of what can be switched, in their order, with what a request must look like to need it.
pub const FEATURES: [&str; 7] = ["agents", "flights_feed", "history", "metrics", "plain", "publish", "sse"];

/// Which of them are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features([bool; FEATURES.len()]);

impl Default for Features {
    fn default() -> Self {
        Self([true; FEATURES.len()])
    }
}

impl Features {
    /// Reads a list such as `-sse,-publish`: everything is on that is not switched off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut features = Self::default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            let place = FEATURES.iter().position(|known| *known == name)?;
            features.0[place] = on;
        }
        Some(features)
    }

    /// Whether this one is on; what is no feature cannot be off.
    #[must_use]
    pub fn is_on(self, name: &str) -> bool {
        FEATURES.iter().position(|known| *known == name).is_none_or(|place| self.0[place])
    }

    /// As the `system` topic tells them.
    #[must_use]
    pub fn rows(self) -> Vec<FeatureRow> {
        FEATURES.iter().zip(self.0).map(|(name, on)| FeatureRow { name: (*name).to_owned(), on }).collect()
    }
}

/// Reads what is switched off.
pub fn read_features(reader: &mut Reader<'_>) -> Option<Features> {
    let expected = || format!("names of {} after a minus", FEATURES.join(", "));
    reader.checked("FEATURES", Features::parse, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[&str]>) {
        let off = Features::parse(text)
            .map(|features| FEATURES.into_iter().filter(|name| !features.is_on(name)).collect::<Vec<_>>());
        assert_eq!(off.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn what_is_not_switched_off_is_on() {
        check("", Some(&[]));
        check("-sse", Some(&["sse"]));
        check(" -publish , -sse,", Some(&["publish", "sse"]));
        check("sse", Some(&[]));
        check("-sse,sse", Some(&[]));
        check("-weather", None);
        check("--sse", None);
    }
}
