//! Words for what domain enums mean.

use crate::text::Text;
use inflight_domain::{DropReason, SourceState};

/// Why an entry was turned away.
#[must_use]
pub fn drop_reason(reason: DropReason) -> Text {
    match reason {
        DropReason::NotJson => Text::DropNotJson,
        DropReason::WrongShape => Text::DropWrongShape,
        DropReason::BadIcao24 => Text::DropBadIcao24,
        DropReason::MissingField => Text::DropMissingField,
        DropReason::MissingPosition => Text::DropMissingPosition,
        DropReason::WrongType => Text::DropWrongType,
        DropReason::OutOfRange => Text::DropOutOfRange,
        DropReason::NotFinite => Text::DropNotFinite,
        DropReason::TimeRegression => Text::DropTimeRegression,
        DropReason::Duplicate => Text::DropDuplicate,
        DropReason::ImplausibleJump => Text::DropImplausibleJump,
        DropReason::NonIcao => Text::DropNonIcao,
        DropReason::Superseded => Text::DropSuperseded,
    }
}

/// How a source is.
#[must_use]
pub fn source_state(state: SourceState) -> Text {
    match state {
        SourceState::Starting => Text::Connecting,
        SourceState::Live => Text::Live,
        SourceState::Replay => Text::Replay,
        SourceState::Degraded => Text::Degraded,
        SourceState::RateLimited => Text::RateLimited,
        SourceState::Unauthorised => Text::Unauthorised,
        SourceState::Idle => Text::Idle,
        SourceState::Stopped => Text::Stopped,
    }
}

/// Origin of a position, by OpenSky's number.
#[must_use]
pub fn position_source(number: Option<i64>) -> Text {
    match number {
        Some(0) => Text::SourceAdsb,
        Some(1) => Text::SourceAsterix,
        Some(2) => Text::SourceMlat,
        Some(3) => Text::SourceFlarm,
        Some(4) => Text::SourceTisb,
        Some(5) => Text::SourceAdsc,
        Some(6) => Text::SourceAdsr,
        Some(7) => Text::SourceOther,
        _ => Text::NotKnown,
    }
}
