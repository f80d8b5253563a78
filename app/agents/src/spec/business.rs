//! Businesses, their places and who may act for them.

use crate::approval::Role;
use crate::budget::OnCrossing;
use crate::locale::Locale;
use crate::spec::Data;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusinessInfo {
    /// Its id.
    pub business_id: String,
    /// Its name.
    pub name: String,
    /// Its trade: `airline`, `freight`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// How agents work for it.
    #[serde(default)]
    pub settings: BusinessSettings,
    /// Its places.
    #[serde(default)]
    pub locations: Vec<LocationInfo>,
    /// Who may act for it; who signs in is judged by the server besides.
    #[serde(default)]
    pub permissions: BusinessPermissions,
    /// About it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Data>,
}

impl BusinessInfo {
    /// The language of messages where nobody asked.
    #[must_use]
    pub fn locale(&self) -> Option<Locale> {
        Locale::parse(self.settings.locale.as_deref()?)
    }
}

/// How agents work for a business.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BusinessSettings {
    /// Language of messages where nobody asked: `en` or `ro`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Time zone of its schedules, such as `Europe/Bucharest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Decisions below this confidence ask for a person, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_min: Option<f64>,
    /// Amount from which a person decides, in whole units of its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_max: Option<f64>,
    /// Aircraft that its watcher looks after, by address or beginning of the callsign; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fleet: Vec<String>,
    /// Event topics of everybody that its agents take in; left out means all of [`TOPICS`](crate::stream::TOPICS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<Vec<String>>,
    /// What one run may cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<RunBudget>,
    /// Everything else, which nothing here obeys.
    #[serde(flatten)]
    pub more: Data,
}

/// What one run of a business may cost; what is left out is as usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunBudget {
    /// Tokens read and written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_dollars: Option<f64>,
    /// Nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Seconds of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_seconds: Option<f64>,
    /// `stop`, `degrade` or `ask`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_crossing: Option<OnCrossing>,
}

/// A place of a business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationInfo {
    /// Its id.
    pub location_id: String,
    /// Its name.
    pub name: String,
    /// What it is: `airport`, `warehouse`, ...
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// About it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Data>,
}

/// Who may act for a business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessPermissions {
    /// By user; an empty list leaves it to the server's own keys and roles.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub users: BTreeMap<String, UserPermissions>,
}

/// What a user may do for a business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPermissions {
    /// `viewer`, `coordinator`, `trader`, `admin`; none means whatever the server lets them do.
    pub roles: Vec<String>,
    /// Places; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
}

impl BusinessInfo {
    /// A place of it.
    #[must_use]
    pub fn location(&self, id: &str) -> Option<&LocationInfo> {
        self.locations.iter().find(|location| location.location_id == id)
    }

    /// Whether a user may act in this role for it somewhere, as far as the business itself says.
    #[must_use]
    pub fn admits(&self, user: &str, wanted: Role) -> bool {
        let users = &self.permissions.users;
        users.is_empty() || users.get(user).is_some_and(|own| own.may_act(wanted))
    }

    /// Whether a user may act in this role for one of its places, or for all of it, as far as the business itself says.
    #[must_use]
    pub fn admits_at(&self, user: &str, location: Option<&str>, wanted: Role) -> bool {
        let covers = |own: &UserPermissions| {
            own.locations.is_empty() || location.is_some_and(|at| own.locations.iter().any(|one| one == at))
        };
        self.admits(user, wanted) && self.permissions.users.get(user).is_none_or(covers)
    }
}

impl UserPermissions {
    /// Viewers only look, and admins do what every other role does. Whoever is listed without a role is listed because
    /// they act.
    fn may_act(&self, wanted: Role) -> bool {
        let wanted = match wanted {
            Role::Trader => "trader",
            Role::Viewer | Role::Coordinator | Role::Admin => "coordinator",
        };
        self.roles.is_empty() || self.roles.iter().any(|role| role == wanted || role == "admin")
    }
}
