//! What the address of the System desk holds: the section, how single connections are ordered and filtered, which
//! entries of the audit trail are shown.

use crate::state::percent::{decode, encode};
use crate::state::settings::Theme;
use crate::text::{Locale, Word};

/// A section of the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// What needs a person, and the figures that matter.
    #[default]
    Summary,
    /// Sources.
    Sources,
    /// What was turned away.
    TurnedAway,
    /// Connections.
    Connections,
    /// Topics.
    Topics,
    /// Process.
    Process,
    /// Dependencies.
    Dependencies,
    /// Limits and features.
    Limits,
    /// The audit trail.
    Audit,
}

/// All that an address holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The section in front.
    pub section: Section,
    /// The column that single connections are ordered by, as the server names it; the first one if empty.
    pub sort: String,
    /// Largest first.
    pub falling: bool,
    /// What single connections must hold.
    pub find: String,
    /// The one action of the audit trail that is shown; all if empty.
    pub action: String,
    /// The theme, where the address says so.
    pub theme: Option<Theme>,
    /// The language, where the address says so.
    pub locale: Option<Locale>,
}

impl Section {
    /// All sections, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Summary,
        Self::Sources,
        Self::TurnedAway,
        Self::Connections,
        Self::Topics,
        Self::Process,
        Self::Dependencies,
        Self::Limits,
        Self::Audit,
    ];

    /// Its name in addresses and in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Sources => "sources",
            Self::TurnedAway => "turned-away",
            Self::Connections => "connections",
            Self::Topics => "topics",
            Self::Process => "process",
            Self::Dependencies => "dependencies",
            Self::Limits => "limits",
            Self::Audit => "audit",
        }
    }

    /// The section of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> Word {
        match self {
            Self::Summary => Word::Summary,
            Self::Sources => Word::Sources,
            Self::TurnedAway => Word::TurnedAway,
            Self::Connections => Word::Connections,
            Self::Topics => Word::Topics,
            Self::Process => Word::Process,
            Self::Dependencies => Word::Dependencies,
            Self::Limits => Word::Limits,
            Self::Audit => Word::Audit,
        }
    }
}

impl Choices {
    /// Reads the query of an address; what is not known changes nothing.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut choices = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match name {
                "section" => choices.section = Section::parse(&value).unwrap_or_default(),
                "sort" => {
                    choices.falling = value.starts_with('-');
                    value.trim_start_matches('-').clone_into(&mut choices.sort);
                }
                "find" => choices.find = value,
                "action" => choices.action = value,
                "theme" => choices.theme = Theme::parse(&value),
                "lang" => choices.locale = Locale::parse(&value),
                _ => {}
            }
        }
        choices
    }

    /// The query of the address, with its question mark; empty where nothing was chosen.
    #[must_use]
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |name: &str, value: &str| {
            if !value.is_empty() {
                parts.push(format!("{name}={}", encode(value)));
            }
        };
        part("section", if self.section == Section::Summary { "" } else { self.section.name() });
        let sign = if self.falling && !self.sort.is_empty() { "-" } else { "" };
        part("sort", &format!("{sign}{}", self.sort));
        part("find", &self.find);
        part("action", &self.action);
        part("theme", self.theme.map_or("", Theme::name));
        part("lang", self.locale.map_or("", Locale::tag));
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_restores_the_desk() {
        for query in
            ["", "?section=audit&action=sign_in", "?sort=-bytes_sent&find=a%20%26%20b", "?theme=dark&lang=ro"]
        {
            assert_eq!(Choices::parse(query).query(), query);
        }
        assert_eq!(Choices::parse("?section=moon&x&sort").query(), "");
        assert!(Section::ALL.iter().all(|section| Section::parse(section.name()) == Some(*section)));
    }
}
