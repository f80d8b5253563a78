//! What is to be done for a run.

use crate::budget::Reserve;
use crate::effect::{Effect, EffectKey};
use crate::question::Question;
use inflight_domain::UnixMillis;

/// Something that is to be done for a run once its events are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Ask, and come back with [`crate::RunInput::Answer`] or [`crate::RunInput::AnswerFailed`].
    Ask {
        /// The question's.
        id: String,
        /// The question.
        question: Question,
        /// Only the local reasoner may answer, and why.
        degraded: Option<String>,
        /// What it reserves.
        reserve: Reserve,
    },
    /// Deliver, and come back with [`crate::RunInput::EffectSettled`].
    Deliver {
        /// Its key.
        key: EffectKey,
        /// The effect.
        effect: Effect,
    },
    /// Ask a person, and come back with [`crate::RunInput::Decide`].
    Decide {
        /// The item's.
        id: String,
    },
    /// Come back with [`crate::RunInput::Tick`] at this time or later.
    Tick {
        /// When.
        at: UnixMillis,
    },
}
