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

use crate::auth::principal::{Principal, Reach, Role};
use inflight_domain::{TopicKind, TopicName};
use inflight_wire::TOPICS;
use inflight_wire::events::TOPIC_PRESENCE;

/// What a row belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Business of spec 004; none for what belongs to all.
    pub business: Option<&'a str>,
    /// Place within the business.
    pub location: Option<&'a str>,
}

impl Principal {
    /// Whether this topic may be subscribed to at all, whatever its name; its rows are asked one by one.
    #[must_use]
    pub fn may_subscribe(&self, topic: &str) -> bool {
        if TOPICS.contains(&topic) || topic == TOPIC_PRESENCE {
            return self.looks();
        }
        TopicName::parse(topic).is_some_and(|topic| self.may_read(&topic, Scope::default()))
    }

    /// Whether an event topic may be read, and of it an entry that belongs there.
    #[must_use]
    pub fn may_read(&self, topic: &TopicName, scope: Scope<'_>) -> bool {
        if self.roles.has(Role::Admin) {
            return true;
        }
        let allowed = match topic.kind() {
            TopicKind::Matching | TopicKind::Negotiation | TopicKind::Voice => {
                self.works() || (self.looks() && self.is_local())
            }
            TopicKind::Business => self.looks() && self.covers_business(topic.business()),
            _ => self.looks(),
        };
        allowed && self.covers(scope)
    }

    /// Whether entries may be published here. Who did not say who they are publishes nothing.
    #[must_use]
    pub fn may_publish(&self, topic: &TopicName) -> bool {
        self.may_publish_to(topic.kind(), topic.business())
    }

    /// The topics that may be published to, as `GET /api/v1/me` names them; `/*` stands for a part of a room's name.
    #[must_use]
    pub fn publishes(&self) -> Vec<String> {
        let kinds = TopicKind::ALL.into_iter().filter(|kind| self.may_publish_to(*kind, Some("*")));
        kinds.map(|kind| format!("{}{}", kind.name(), "/*".repeat(kind.parts()))).collect()
    }

    /// Whether an entry that belongs there may be published here.
    #[must_use]
    pub fn may_publish_row(&self, topic: &TopicName, scope: Scope<'_>) -> bool {
        self.may_publish(topic) && (self.roles.has(Role::Admin) || self.covers(scope))
    }

    /// Whether runs, reviews and messages of a business may be seen.
    #[must_use]
    pub fn may_see(&self, scope: Scope<'_>) -> bool {
        let covered = self.looks() && self.covers_business(scope.business) && self.covers(scope);
        scope.business.is_some() && (self.roles.has(Role::Admin) || covered)
    }

    /// Whether agents may be spoken to and their actions decided on, in a business that is a made-up `example` or not.
    ///
    /// Whoever may move the recording sits at this machine and looks at a made-up sky. They may try the agents of a
    /// made-up business as a coordinator would: what comes of it stays in this machine's own folder, because nothing of
    /// an example is ever sent elsewhere. Real businesses, and any server that others reach, take a name.
    #[must_use]
    pub fn may_coordinate(&self, scope: Scope<'_>, example: bool) -> bool {
        let named = !self.is_anonymous()
            && (self.roles.has(Role::Admin) || (self.roles.has(Role::Coordinator) && self.covers(scope)));
        named || (example && self.may_move && self.may_see(scope))
    }

    /// Whether actions may be decided on that ask for a trader.
    #[must_use]
    pub fn may_trade(&self, scope: Scope<'_>) -> bool {
        let trader = self.roles.has(Role::Admin) || (self.roles.has(Role::Trader) && self.covers(scope));
        !self.is_anonymous() && trader && self.may_see(scope)
    }

    /// Whether they act for some places of their businesses and not for others.
    #[must_use]
    pub fn is_bound_to_places(&self) -> bool {
        !self.roles.has(Role::Admin) && self.grants.locations != Reach::All
    }

    /// Whether the settings, keys and sessions of the server may be changed, and what agents go by.
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

    fn may_publish_to(&self, kind: TopicKind, business: Option<&str>) -> bool {
        if self.is_anonymous() {
            return false;
        }
        let (coordinator, trader) = (self.roles.has(Role::Coordinator), self.roles.has(Role::Trader));
        let allowed = match kind {
            TopicKind::Signal | TopicKind::Proposal | TopicKind::Risk | TopicKind::Market => trader,
            TopicKind::Decision | TopicKind::Outcome | TopicKind::Negotiation => coordinator || trader,
            TopicKind::Notice | TopicKind::Load | TopicKind::Matching | TopicKind::Voice => coordinator,
            TopicKind::Business => coordinator && self.covers_business(business),
        };
        allowed || self.roles.has(Role::Admin)
    }

    fn covers_business(&self, business: Option<&str>) -> bool {
        business.is_some_and(|business| self.grants.businesses.covers(business))
    }

    fn works(&self) -> bool {
        self.roles.has(Role::Coordinator) || self.roles.has(Role::Trader)
    }

    fn looks(&self) -> bool {
        self.works() || self.roles.has(Role::Viewer) || self.roles.has(Role::Admin)
    }

    /// Somebody without a name who sits at this machine sees all there is.
    fn is_local(&self) -> bool {
        self.is_anonymous() && self.may_observe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::principal::{Grants, Roles, Via};
    use inflight_domain::UserId;
    use proptest::prelude::*;

    /// The same once more, as a table for people: who reads and who publishes, by the word before the first slash.
    /// V viewer, C coordinator, T trader, A admin; the reading of a business takes a grant as well.
    const TABLE: [(&str, &str, &str); 16] = [
        ("flights", "VCTA", ""),
        ("system", "VCTA", ""),
        ("disruptions", "VCTA", ""),
        ("presence", "VCTA", ""),
        ("signal", "VCTA", "TA"),
        ("proposal", "VCTA", "TA"),
        ("decision", "VCTA", "CTA"),
        ("outcome", "VCTA", "CTA"),
        ("risk", "VCTA", "TA"),
        ("notice", "VCTA", "CA"),
        ("load", "VCTA", "CA"),
        ("matching", "CTA", "CA"),
        ("negotiation", "CTA", "CTA"),
        ("market", "VCTA", "TA"),
        ("voice", "CTA", "CA"),
        ("business", "VCTA", "CA"),
    ];

    const NAMES: [&str; 3] = ["B1", "B2", "B3"];

    #[derive(Clone, Debug)]
    struct Row {
        topic: String,
        business: Option<&'static str>,
        location: Option<&'static str>,
    }

    /// The reference: whether a user reads (or publishes) a row, by the table alone.
    fn reference(letters: &str, businesses: &[&str], locations: &[&str], row: &Row, reading: bool) -> bool {
        let (family, room) = row.topic.split_once('/').unwrap_or((&row.topic, ""));
        let Some((_, readers, writers)) = TABLE.iter().find(|(name, ..)| *name == family) else {
            return false;
        };
        let who = if reading { readers } else { writers };
        if !letters.chars().any(|letter| who.contains(letter)) {
            return false;
        }
        if letters.contains('A') {
            return true;
        }
        let mut needed: Vec<&str> = row.business.into_iter().collect();
        if family == "business" {
            needed.push(room);
        }
        needed.iter().all(|name| businesses.contains(name))
            && row.location.is_none_or(|place| locations.is_empty() || locations.contains(&place))
    }

    fn user(letters: &str, businesses: &[&str], locations: &[&str]) -> Principal {
        let role = |letter| match letter {
            'V' => Role::Viewer,
            'C' => Role::Coordinator,
            'T' => Role::Trader,
            _ => Role::Admin,
        };
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let grants = Grants::of(&owned(businesses), &owned(locations));
        let name = UserId::new("ana").unwrap();
        Principal::known(name, Roles::of(letters.chars().map(role)), grants, Via::Token)
    }

    /// A table is read by whoever may subscribe to it and has what its row belongs to.
    fn reads(user: &Principal, topic: &str, scope: Scope<'_>) -> bool {
        match TopicName::parse(topic) {
            Some(name) => user.may_read(&name, scope),
            None => user.may_subscribe(topic) && (user.roles.has(Role::Admin) || user.covers(scope)),
        }
    }

    fn publishes(user: &Principal, topic: &str) -> bool {
        TopicName::parse(topic).is_some_and(|topic| user.may_publish(&topic))
    }

    fn topics() -> impl Strategy<Value = String> {
        let rooms = ["load", "matching", "negotiation", "voice", "business"];
        prop_oneof![
            prop::sample::select(&TABLE[..10]).prop_map(|(name, ..)| name.to_owned()),
            (prop::sample::select(rooms.to_vec()), prop::sample::select(NAMES.to_vec()))
                .prop_map(|(family, id)| format!("{family}/{id}")),
            Just("market/RO-DE/van".to_owned()),
        ]
    }

    fn rows() -> impl Strategy<Value = Row> {
        let name = || prop::option::of(prop::sample::select(NAMES.to_vec()));
        (topics(), name(), name()).prop_map(|(topic, business, location)| Row { topic, business, location })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        /// S8: a user, a filter of topics, rows: what gets through is what the table lets through, and no row more.
        #[test]
        fn nobody_sees_or_writes_what_the_table_does_not_say(
            letters in prop::sample::subsequence(vec!['V', 'C', 'T', 'A'], 0..=4),
            businesses in prop::sample::subsequence(NAMES.to_vec(), 0..=3),
            locations in prop::sample::subsequence(NAMES.to_vec(), 0..=3),
            filter in prop::collection::vec(topics(), 0..4),
            rows in prop::collection::vec(rows(), 1..12),
        ) {
            let letters: String = letters.into_iter().collect();
            let user = user(&letters, &businesses, &locations);
            let asked: Vec<&String> = filter.iter().filter(|topic| user.may_subscribe(topic)).collect();
            for row in &rows {
                let scope = Scope { business: row.business, location: row.location };
                let seen = asked.contains(&&row.topic) && reads(&user, &row.topic, scope);
                let allowed = reference(&letters, &businesses, &locations, row, true);
                prop_assert_eq!(seen, allowed && filter.contains(&row.topic), "{:?} {:?}", user, row);
                let name = TopicName::parse(&row.topic);
                let written = name.is_some_and(|name| user.may_publish_row(&name, scope));
                prop_assert_eq!(written, reference(&letters, &businesses, &locations, row, false), "{:?} {:?}", user, row);
            }
        }
    }

    #[test]
    fn who_has_no_name_publishes_nothing() {
        for local in [true, false] {
            let anonymous = Principal::anonymous(local, local);
            for (topic, ..) in TABLE {
                let topic = if TABLE[..10].iter().any(|(name, ..)| *name == topic) {
                    topic.to_owned()
                } else {
                    format!("{topic}/B1{}", if topic == "market" { "/van" } else { "" })
                };
                assert!(!publishes(&anonymous, &topic), "{topic}");
                let open =
                    local || !["matching/B1", "negotiation/B1", "voice/B1", "business/B1"].contains(&&*topic);
                assert_eq!(anonymous.may_subscribe(&topic), open, "{topic}");
                assert!(!Principal::nobody().may_subscribe(&topic), "{topic}");
            }
        }
    }

    #[test]
    fn only_a_named_coordinator_decides_except_in_an_example() {
        let scope = Scope { business: Some("B1"), location: None };
        for (who, real, example) in [
            (user("V", &["B1"], &[]), false, false),
            (user("C", &["B1"], &[]), true, true),
            (user("C", &["B2"], &[]), false, false),
            (user("T", &["B1"], &[]), false, false),
            (user("A", &[], &[]), true, true),
            (Principal::anonymous(true, true), false, true),
            (Principal::anonymous(true, false), false, false),
            (Principal::anonymous(false, false), false, false),
            (Principal::nobody(), false, false),
        ] {
            let told = (who.may_coordinate(scope, false), who.may_coordinate(scope, true));
            assert_eq!(told, (real, example), "{who:?}");
            let trades = who.roles.has(Role::Admin) || who.roles.has(Role::Trader);
            assert_eq!(who.may_trade(scope), trades, "{who:?}");
        }
        assert!(!user("T", &["B2"], &[]).may_trade(scope) && !user("C", &["B1"], &[]).may_trade(scope));
        assert!(!user("V", &["B2"], &[]).may_see(scope) && user("V", &["B1"], &[]).may_see(scope));
    }

    #[test]
    fn names_that_are_no_topic_open_nothing() {
        let admin = user("A", &NAMES, &[]);
        for topic in [
            "",
            "/",
            "load",
            "load/",
            "load/a/b",
            "market/a",
            "market//b",
            "business/",
            "weather",
            "flights/x",
        ] {
            assert!(!admin.may_subscribe(topic) && !publishes(&admin, topic), "{topic}");
        }
    }

    #[test]
    fn topics_to_publish_to_are_named() {
        let check = |letters: &str, businesses: &[&str], expected: &str| {
            assert_eq!(user(letters, businesses, &[]).publishes().join(" "), expected, "{letters}");
        };
        check("V", &[], "");
        check("T", &[], "signal proposal decision outcome risk negotiation/* market/*/*");
        check("C", &["B1"], "decision outcome notice load/* matching/* negotiation/* voice/*");
        let all = TABLE[4..].iter().map(|(name, ..)| *name);
        assert_eq!(user("A", &[], &[]).publishes().len(), all.count());
    }
}
