//! Names of topics that a client asks for, and who may see what of them.

use crate::auth::{Rights, Scope};
use crate::hub::interest::{Interest, MaySee};
use inflight_domain::{Entry, TopicName};
use inflight_engine::Topics;
use inflight_wire::events::TOPIC_PRESENCE;
use inflight_wire::{EVENT_TOPICS, TOPICS};
use std::sync::Arc;

/// What may be asked for, for errors.
pub const NAMES: &str = "flights, system, disruptions, presence, signal, proposal, decision, outcome, risk, notice, load/ID, \
     matching/ID, negotiation/ID, market/LANE/EQUIPMENT, voice/ID or business/ID";

/// Event topics that one connection may ask for; each entry is looked up among them.
const MOST: usize = 256;

/// What a hello lists: rooms are not among it.
#[must_use]
pub fn all() -> Vec<String> {
    let all = TOPICS.into_iter().chain([TOPIC_PRESENCE]).chain(EVENT_TOPICS);
    all.map(str::to_owned).collect()
}

/// State topics and the rest; the error is the first name that is none, or one too many.
///
/// # Errors
/// See above.
pub fn parse(names: &[String]) -> Result<(Topics, Interest), &str> {
    let is_state = |name: &&str| TOPICS.contains(name);
    let names = || names.iter().map(String::as_str);
    let topics = Topics::parse(names().filter(is_state))?;
    let events = || names().filter(|name| !is_state(name) && *name != TOPIC_PRESENCE);
    if let Some(name) = events().nth(MOST) {
        return Err(name);
    }
    let events = events().map(|name| TopicName::parse(name).ok_or(name));
    let mut interest = Interest::of(events.collect::<Result<Vec<_>, _>>()?);
    interest.presence = names().any(|name| name == TOPIC_PRESENCE);
    Ok((topics, interest))
}

/// Why a name was turned away.
#[must_use]
pub fn expected(name: &str) -> String {
    format!("topics: expected some of {NAMES}, {MOST} rooms at most, got {name:?}")
}

/// What an entry belongs to.
#[must_use]
pub fn scope(entry: &Entry) -> Scope<'_> {
    Scope { business: entry.business(), location: entry.location() }
}

/// Whether whoever holds a connection at the moment may see an entry.
#[must_use]
pub fn may_see(rights: Rights) -> MaySee {
    Arc::new(move |entry| rights.session().principal.may_read(&entry.topic, scope(entry)))
}
