//! What a client wants that is not the same for all: entries it may see, who is in its rooms, aircraft where it looks.

use core::fmt;
use inflight_domain::{Entry, TopicKind, TopicName};
use inflight_engine::tiles::Tiles;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether somebody may see an entry; asked for each entry, in this one place.
pub type MaySee = Arc<dyn Fn(&Entry) -> bool + Send + Sync>;

/// A set of event topics, and who asks. Clones are cheap.
#[derive(Clone, Default)]
pub struct Interest {
    topics: Arc<BTreeSet<TopicName>>,
    /// Every topic of these kinds beside.
    kinds: Arc<[TopicKind]>,
    may_see: Option<MaySee>,
    /// Wants to know who is in its rooms.
    pub presence: bool,
    /// Wants the aircraft on these tiles.
    pub area: Option<Tiles>,
}

impl Interest {
    /// These topics, for somebody who may see all of them.
    #[must_use]
    pub fn of(topics: impl IntoIterator<Item = TopicName>) -> Self {
        Self { topics: Arc::new(topics.into_iter().collect()), ..Self::default() }
    }

    /// All topics of these kinds, whatever rooms there will be, for somebody who may see all of them.
    #[must_use]
    pub fn of_kinds(kinds: &[TopicKind]) -> Self {
        Self { kinds: kinds.into(), ..Self::default() }
    }

    /// The same topics for somebody who may see only some entries.
    #[must_use]
    pub fn seen_by(self, may_see: MaySee) -> Self {
        Self { may_see: Some(may_see), ..self }
    }

    /// Whether no event topic is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// The rooms among the topics.
    pub fn rooms(&self) -> impl Iterator<Item = &TopicName> {
        self.topics.iter().filter(|topic| topic.kind().is_room())
    }

    /// Whether this client is told who is in a room: if it is there itself.
    #[must_use]
    pub fn looks_into(&self, room: &TopicName) -> bool {
        self.presence && self.topics.contains(room)
    }

    /// The topics.
    #[must_use]
    pub fn topics(&self) -> &BTreeSet<TopicName> {
        &self.topics
    }

    /// Whether an entry goes to this client.
    #[must_use]
    pub fn wants(&self, entry: &Entry) -> bool {
        let is_asked = self.topics.contains(&entry.topic) || self.kinds.contains(&entry.topic.kind());
        is_asked && self.may_see.as_ref().is_none_or(|may_see| may_see(entry))
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.topics.iter()).finish()
    }
}
