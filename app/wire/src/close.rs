//! Why a server closes a socket, as WebSocket close codes.

/// Coded reason of a close; the 4000s are Inflight's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The server stops; come back after the `retry_ms` of the `bye` frame.
    GoingAway,
    /// The message is no valid frame of the subprotocol.
    BadMessage,
    /// The message is larger than the limit.
    TooLarge,
    /// The client took nothing for too long; connect again and resume.
    Slow,
    /// Too many messages.
    RateLimited,
    /// Nothing was heard from the client for too long.
    Silent,
    /// The client did not say who it is, or is signed out, or its key or token is no longer good.
    Unauthorised,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::TooLarge => 1009,
            Self::BadMessage => 4000,
            Self::Slow => 4008,
            Self::RateLimited => 4029,
            Self::Silent => 4009,
            Self::Unauthorised => 4401,
        }
    }

    /// The reason text on the wire; stable, so that it can be searched.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::TooLarge => "message_too_large",
            Self::BadMessage => "bad_message",
            Self::Slow => "slow_resume",
            Self::RateLimited => "rate_limited",
            Self::Silent => "silent",
            Self::Unauthorised => "unauthorised",
        }
    }
}
