//! Businesses, their places and who may act for them.

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
    /// Everything else.
    #[serde(flatten)]
    pub more: Data,
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
    /// `viewer`, `coordinator`, `admin`.
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

    /// Whether a user may act for it at all, as far as the business itself says.
    #[must_use]
    pub fn admits(&self, user: &str) -> bool {
        self.permissions.users.is_empty() || self.permissions.users.contains_key(user)
    }
}
