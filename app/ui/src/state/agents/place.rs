//! Where one is on the Agents desk: what an address says and what an address is made of.

use crate::state::percent::{decode, encode};
use crate::text::{Locale, Term};

/// A view of the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Talk with the assistant.
    #[default]
    Chat,
    /// What waits for a person.
    Reviews,
    /// Runs of agents.
    Runs,
    /// Cases.
    Cases,
    /// What runs by the clock.
    Schedules,
    /// Message models.
    Models,
    /// Resources of the business.
    Resources,
    /// The business itself.
    Business,
}

/// All that an address holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The view in front.
    pub section: Section,
    /// What is open in it; `new` is a form for what does not exist yet.
    pub id: Option<String>,
    /// The step of a run that is looked at, from 1; 0 is the beginning.
    pub step: Option<usize>,
    /// The version of a model that is looked at.
    pub version: Option<i64>,
    /// The business; none while the server chooses.
    pub business: String,
    /// The location within it; all where empty.
    pub location: String,
    /// What rows must hold.
    pub find: String,
    /// The one kind of rows that is shown; what needs somebody where empty.
    pub show: String,
    /// The one code of decisions that is shown; all where empty.
    pub code: String,
    /// The one outcome of decisions that is shown; all where empty.
    pub outcome: String,
    /// The theme, where the address says so.
    pub theme: String,
    /// The language, where the address says so.
    pub locale: Option<Locale>,
}

/// The name of what does not exist yet.
pub const NEW: &str = "new";

impl Section {
    /// All views in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::Chat,
        Self::Reviews,
        Self::Runs,
        Self::Cases,
        Self::Schedules,
        Self::Models,
        Self::Resources,
        Self::Business,
    ];

    /// Its address.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "/agents",
            Self::Reviews => "/agents/reviews",
            Self::Runs => "/agents/runs",
            Self::Cases => "/agents/cases",
            Self::Schedules => "/agents/schedules",
            Self::Models => "/agents/models",
            Self::Resources => "/agents/resources",
            Self::Business => "/agents/business",
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> Term {
        match self {
            Self::Chat => Term::Chat,
            Self::Reviews => Term::Reviews,
            Self::Runs => Term::Runs,
            Self::Cases => Term::Cases,
            Self::Schedules => Term::Schedules,
            Self::Models => Term::Models,
            Self::Resources => Term::Resources,
            Self::Business => Term::Business,
        }
    }
}

impl Place {
    /// Reads an address; what is not known changes nothing.
    #[must_use]
    pub fn parse(path: &str, query: &str) -> Self {
        let path = path.trim_end_matches('/');
        let is_at = |section: &&Section| {
            path == section.path()
                || path.strip_prefix(section.path()).is_some_and(|rest| rest.starts_with('/'))
        };
        let mut place = Self::default();
        // The chat's address is the beginning of all others.
        let section = Section::ALL.iter().rev().find(is_at).copied().unwrap_or_default();
        place.section = section;
        let rest = path.strip_prefix(section.path()).unwrap_or_default().trim_start_matches('/');
        if section == Section::Runs && !rest.is_empty() {
            place.id = Some(decode(rest));
        }
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match name {
                "id" if !value.is_empty() && section != Section::Runs => place.id = Some(value),
                "step" => place.step = value.parse().ok(),
                "version" => place.version = value.parse().ok(),
                "business" => place.business = value,
                "location" => place.location = value,
                "find" => place.find = value,
                "show" => place.show = value,
                "code" => place.code = value,
                "outcome" => place.outcome = value,
                "theme" => place.theme = value,
                "lang" => place.locale = Locale::parse(&value),
                _ => {}
            }
        }
        place
    }

    /// The address: path and query.
    #[must_use]
    pub fn address(&self) -> String {
        let mut address = self.section.path().to_owned();
        let is_run = self.section == Section::Runs;
        if let (true, Some(id)) = (is_run, &self.id) {
            address.push('/');
            address.push_str(&encode(id));
        }
        let mut sign = '?';
        let mut part = |name: &str, value: &str| {
            if !value.is_empty() {
                address.push(sign);
                address.push_str(name);
                address.push('=');
                address.push_str(&encode(value));
                sign = '&';
            }
        };
        part("business", &self.business);
        part("location", &self.location);
        part("id", if is_run { "" } else { self.id.as_deref().unwrap_or_default() });
        part("step", &self.step.map(|step| step.to_string()).unwrap_or_default());
        part("version", &self.version.map(|version| version.to_string()).unwrap_or_default());
        part("show", &self.show);
        part("find", &self.find);
        part("code", &self.code);
        part("outcome", &self.outcome);
        part("theme", &self.theme);
        part("lang", self.locale.map_or("", Locale::tag));
        address
    }

    /// The same business and location in another view, with one thing of it open.
    #[must_use]
    pub fn to(&self, section: Section, id: Option<&str>) -> Self {
        let mut to = Self { section, id: id.map(str::to_owned), step: None, version: None, ..self.clone() };
        if section != self.section {
            for filter in [&mut to.find, &mut to.show, &mut to.code, &mut to.outcome] {
                filter.clear();
            }
        }
        to
    }

    /// Reads an address as a link holds it.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self::parse(path, query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_restores_the_view() {
        for address in [
            "/agents",
            "/agents?business=b1&location=l1",
            "/agents/reviews?business=b1&id=r-1&show=decided",
            "/agents/runs",
            "/agents/runs/run-7?business=b1&step=3",
            "/agents/cases?id=c%2F1&lang=ro",
            "/agents/schedules?id=new",
            "/agents/models?id=DELAY&version=2&theme=dark",
            "/agents/resources?find=gate%20A",
            "/agents/business?business=b1",
            "/agents/runs?business=b1&show=decisions&find=delay&code=DELAY&outcome=done",
        ] {
            assert_eq!(Place::of(address).address(), address);
        }
        assert_eq!(Place::of("/agents/nowhere").section, Section::Chat);
        assert_eq!(Place::of("/agents/runs/").address(), "/agents/runs");
    }

    #[test]
    fn another_view_keeps_the_business_alone() {
        let place = Place::of("/agents/runs/r?business=b&step=2&find=x&theme=dark");
        assert_eq!(place.to(Section::Cases, Some("c")).address(), "/agents/cases?business=b&id=c&theme=dark");
        assert_eq!(place.to(Section::Runs, None).address(), "/agents/runs?business=b&find=x&theme=dark");
    }
}
