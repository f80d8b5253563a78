//! Which topics a client wants.

use inflight_wire::{TOPIC_DISRUPTIONS, TOPIC_FLIGHTS, TOPIC_SYSTEM};

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topics {
    /// Aircraft.
    pub flights: bool,
    /// Sources, drops, dead letters.
    pub system: bool,
    /// What goes otherwise than planned.
    pub disruptions: bool,
}

impl Topics {
    /// Every topic.
    pub const ALL: Self = Self { flights: true, system: true, disruptions: true };

    /// The set of these names.
    ///
    /// # Errors
    /// The first name that is no topic.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut topics = Self::default();
        for name in names {
            match name {
                TOPIC_FLIGHTS => topics.flights = true,
                TOPIC_SYSTEM => topics.system = true,
                TOPIC_DISRUPTIONS => topics.disruptions = true,
                unknown => return Err(unknown),
            }
        }
        Ok(topics)
    }
}
