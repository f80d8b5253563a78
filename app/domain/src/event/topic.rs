//! Names of event topics and rooms.

use core::fmt;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// The name of an event topic: `signal`, `load/L1`, `market/DFW-ATL/van`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName {
    text: Arc<str>,
    kind: TopicKind,
}

/// What kind of topic it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicKind {
    /// News that may matter to an investment.
    Signal,
    /// Investments that are proposed.
    Proposal,
    /// What was decided on them.
    Decision,
    /// What came of them.
    Outcome,
    /// Assessments of risk.
    Risk,
    /// Health and alerts.
    Notice,
    /// One load.
    Load,
    /// The search for partners of one load.
    Matching,
    /// One negotiation.
    Negotiation,
    /// One lane and kind of equipment.
    Market,
    /// One call.
    Voice,
    /// One business.
    Business,
}

/// A part of a room's name is at most this long.
const LONGEST_PART: usize = 64;

impl TopicKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Signal,
        Self::Proposal,
        Self::Decision,
        Self::Outcome,
        Self::Risk,
        Self::Notice,
        Self::Load,
        Self::Matching,
        Self::Negotiation,
        Self::Market,
        Self::Voice,
        Self::Business,
    ];

    /// The whole name, or its first part.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Proposal => "proposal",
            Self::Decision => "decision",
            Self::Outcome => "outcome",
            Self::Risk => "risk",
            Self::Notice => "notice",
            Self::Load => "load",
            Self::Matching => "matching",
            Self::Negotiation => "negotiation",
            Self::Market => "market",
            Self::Voice => "voice",
            Self::Business => "business",
        }
    }

    /// How many parts follow the first one.
    #[must_use]
    pub fn parts(self) -> usize {
        match self {
            Self::Signal | Self::Proposal | Self::Decision | Self::Outcome | Self::Risk | Self::Notice => 0,
            Self::Market => 2,
            Self::Load | Self::Matching | Self::Negotiation | Self::Voice | Self::Business => 1,
        }
    }

    /// Whether its topics are rooms, which have members.
    #[must_use]
    pub fn is_room(self) -> bool {
        self.parts() > 0
    }
}

impl TopicName {
    /// The names that may be asked for, for errors.
    pub const EXPECTED: &str = "signal, proposal, decision, outcome, risk, notice, load/ID, matching/ID, \
         negotiation/ID, market/LANE/EQUIPMENT, voice/ID or business/ID";

    /// Checks a name. Parts of a room's name are 1 to 64 letters, digits and `- _ . ~ : , +`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let first = parts.next()?;
        let kind = TopicKind::ALL.into_iter().find(|kind| kind.name() == first)?;
        let legal = |part: &str| {
            (1..=LONGEST_PART).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:,+".contains(&byte))
        };
        let (count, all_legal) = parts.fold((0, true), |(count, all), part| (count + 1, all && legal(part)));
        (all_legal && count == kind.parts()).then(|| Self { text: text.into(), kind })
    }

    /// The topic of a kind that has one only.
    #[must_use]
    pub fn of(kind: TopicKind) -> Option<Self> {
        (!kind.is_room()).then(|| Self { text: kind.name().into(), kind })
    }

    /// What kind of topic it is.
    #[must_use]
    pub fn kind(&self) -> TopicKind {
        self.kind
    }

    /// What follows the kind in the name of a room.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text.split_once('/').map(|(_, id)| id)
    }

    /// The business whose room it is.
    #[must_use]
    pub fn business(&self) -> Option<&str> {
        if self.kind == TopicKind::Business { self.id() } else { None }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for TopicName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(TopicKind, Option<&str>)>) {
        let topic = TopicName::parse(text);
        assert_eq!(topic.as_ref().map(|topic| (topic.kind(), topic.id())), expected, "{text}");
        assert!(topic.is_none_or(|topic| topic.as_str() == text));
    }

    #[test]
    fn names_are_checked() {
        check("signal", Some((TopicKind::Signal, None)));
        check("notice", Some((TopicKind::Notice, None)));
        check("load/L1", Some((TopicKind::Load, Some("L1"))));
        check("market/DFW-ATL/van", Some((TopicKind::Market, Some("DFW-ATL/van"))));
        for bad in
            ["", "system", "flights", "signal/x", "load", "load/", "load/a/b", "load/a b", "market/x", "/"]
        {
            check(bad, None);
        }
        check(&format!("load/{}", "x".repeat(64)), Some((TopicKind::Load, Some("x".repeat(64).as_str()))));
        check(&format!("load/{}", "x".repeat(65)), None);
    }
}
