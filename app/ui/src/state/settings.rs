//! What the person chose for good: theme, language, units, keys.

use crate::text::{Locale, Units};

/// Which colours the page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// All choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Language.
    pub locale: Locale,
    /// Units.
    pub units: Units,
    /// Whether single letters are keys (WCAG 2.1.4 asks for a switch).
    pub letter_keys: bool,
    /// Whether times of day are local instead of UTC.
    pub local_time: bool,
    /// How much labels say: nothing, name, numbers, all.
    pub labels: u8,
}

/// Under which name the choices are kept in the browser.
pub const STORAGE_KEY: &str = "inflight.settings";

impl Theme {
    /// All themes.
    pub const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    /// The value of `data-theme` and of `theme` in the query string.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// The theme of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            locale: Locale::En,
            units: Units::Aviation,
            letter_keys: true,
            local_time: false,
            labels: 1,
        }
    }
}

impl Settings {
    /// Reads what [`Settings::text`] wrote; words that are not known change nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut settings = Self::default();
        for word in text.split(' ') {
            match word.split_once('=') {
                Some(("theme", name)) => settings.theme = Theme::parse(name).unwrap_or_default(),
                Some(("lang", tag)) => settings.locale = Locale::parse(tag).unwrap_or_default(),
                Some(("units", name)) => settings.units = Units::parse(name).unwrap_or_default(),
                Some(("letters", state)) => settings.letter_keys = state != "off",
                Some(("clock", zone)) => settings.local_time = zone == "local",
                Some(("labels", level)) => {
                    settings.labels = level.parse().map_or(1, |level: u8| level.min(3));
                }
                _ => {}
            }
        }
        settings
    }

    /// The choices as one line; the theme is first, because a script before the first paint looks for it.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "theme={} lang={} units={} letters={} clock={} labels={}",
            self.theme.name(),
            self.locale.tag(),
            self.units.name(),
            if self.letter_keys { "on" } else { "off" },
            if self.local_time { "local" } else { "utc" },
            self.labels,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_round_trip() {
        for theme in Theme::ALL {
            for locale in [Locale::En, Locale::Ro] {
                for units in Units::ALL {
                    let settings =
                        Settings { theme, locale, units, letter_keys: false, local_time: true, labels: 3 };
                    assert_eq!(Settings::parse(&settings.text()), settings);
                }
            }
        }
        assert_eq!(Settings::parse("theme=pink what lang=xx labels=x"), Settings::default());
    }
}
