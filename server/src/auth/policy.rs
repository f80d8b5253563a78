//! Who may read, publish and change what: pure functions of a principal, a topic and what a row belongs to.
//!
//! | role | reads | publishes |
//! |---|---|---|
//! | viewer | state, events, loads, markets | nothing |
//! | coordinator | the same, matching, negotiations, voice | loads, matching, negotiations, voice, its businesses, decisions, outcomes, notices |
//! | trader | the same as a coordinator | signals, proposals, decisions, outcomes, risk, markets, negotiations |
//! | admin | everything | everything |
//!
//! A row that belongs to a business is seen only by those whose grants cover it, and its location where it has one.

use crate::auth::principal::{Principal, Role};

/// What a row belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Business of spec 004; none for what belongs to all.
    pub business: Option<&'a str>,
    /// Place within the business.
    pub location: Option<&'a str>,
}

/// What a topic is, as far as permissions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    State,
    Signal,
    Proposal,
    Decision,
    Outcome,
    Risk,
    Notice,
    Load,
    Matching,
    Negotiation,
    Market,
    Voice,
    Business(&'a str),
    Unknown,
}

/// Topics that some role may publish to, as `GET /api/v1/me` names them; `/*` stands for a room's id.
pub const PUBLISHED: [&str; 12] = [
    "signal",
    "proposal",
    "decision",
    "outcome",
    "risk",
    "notice",
    "load/*",
    "matching/*",
    "negotiation/*",
    "market/*/*",
    "voice/*",
    "business/*",
];

impl Principal {
    /// Whether this topic may be subscribed to, and of it a row that belongs there.
    #[must_use]
    pub fn may_read(&self, topic: &str, scope: Scope<'_>) -> bool {
        if self.roles.has(Role::Admin) {
            return true;
        }
        let works = self.roles.has(Role::Coordinator) || self.roles.has(Role::Trader);
        let looks = works || self.roles.has(Role::Viewer);
        let allowed = match kind(topic) {
            Kind::State | Kind::Signal | Kind::Proposal | Kind::Decision | Kind::Outcome | Kind::Risk => {
                looks
            }
            Kind::Notice | Kind::Load | Kind::Market => looks,
            Kind::Matching | Kind::Negotiation | Kind::Voice => works || (looks && self.is_local()),
            Kind::Business(business) => looks && self.grants.businesses.covers(business),
            Kind::Unknown => false,
        };
        allowed && self.covers(scope)
    }

    /// Whether this topic may be subscribed to at all; its rows are asked one by one.
    #[must_use]
    pub fn may_subscribe(&self, topic: &str) -> bool {
        self.may_read(topic, Scope::default())
    }

    /// Whether entries may be published here. Who did not say who they are publishes nothing.
    #[must_use]
    pub fn may_publish(&self, topic: &str) -> bool {
        if self.is_anonymous() {
            return false;
        }
        if self.roles.has(Role::Admin) {
            return kind(topic) != Kind::State && kind(topic) != Kind::Unknown;
        }
        let (coordinator, trader) = (self.roles.has(Role::Coordinator), self.roles.has(Role::Trader));
        match kind(topic) {
            Kind::State | Kind::Unknown => false,
            Kind::Signal | Kind::Proposal | Kind::Risk | Kind::Market => trader,
            Kind::Decision | Kind::Outcome | Kind::Negotiation => coordinator || trader,
            Kind::Notice | Kind::Load | Kind::Matching | Kind::Voice => coordinator,
            Kind::Business(business) => coordinator && self.grants.businesses.covers(business),
        }
    }

    /// Whether an entry that belongs there may be published here.
    #[must_use]
    pub fn may_publish_row(&self, topic: &str, scope: Scope<'_>) -> bool {
        self.may_publish(topic) && (self.roles.has(Role::Admin) || self.covers(scope))
    }

    /// Whether the settings, keys and sessions of the server may be changed.
    #[must_use]
    pub fn may_administer(&self) -> bool {
        !self.is_anonymous() && self.roles.has(Role::Admin)
    }

    /// Whether the grants cover what a row belongs to. What belongs to nobody is for all.
    #[must_use]
    pub fn covers(&self, scope: Scope<'_>) -> bool {
        scope.business.is_none_or(|business| self.grants.businesses.covers(business))
            && scope.location.is_none_or(|location| self.grants.locations.covers(location))
    }

    /// Somebody without a name who sits at this machine sees all there is.
    fn is_local(&self) -> bool {
        self.is_anonymous() && self.may_observe
    }
}

fn kind(topic: &str) -> Kind<'_> {
    if let Some((family, id)) = topic.split_once('/') {
        let one = !id.is_empty() && !id.contains('/');
        let two = || id.split_once('/').is_some_and(|(lane, what)| !lane.is_empty() && !what.is_empty());
        return match family {
            "load" if one => Kind::Load,
            "matching" if one => Kind::Matching,
            "negotiation" if one => Kind::Negotiation,
            "voice" if one => Kind::Voice,
            "business" if one => Kind::Business(id),
            "market" if two() => Kind::Market,
            _ => Kind::Unknown,
        };
    }
    match topic {
        "flights" | "system" | "disruptions" | "presence" => Kind::State,
        "signal" => Kind::Signal,
        "proposal" => Kind::Proposal,
        "decision" => Kind::Decision,
        "outcome" => Kind::Outcome,
        "risk" => Kind::Risk,
        "notice" => Kind::Notice,
        _ => Kind::Unknown,
    }
}
