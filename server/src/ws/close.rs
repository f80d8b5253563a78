//! Why a connection ends: the codes of the protocol, those of WebSocket itself, and ends without a code.

use inflight_wire::CloseCode;

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// We close, for a reason of protocol inflight.v1.
    Close(CloseCode),
    /// We close with 1002: the bytes are no WebSocket.
    Protocol,
    /// We close with 1007: a text message is not UTF-8.
    NotUtf8,
    /// The client closed.
    ByClient,
    /// The connection broke.
    Gone,
}

impl End {
    /// Code and reason of the close frame; none where there is nobody left to tell.
    #[must_use]
    pub fn frame(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Close(code) => Some((code.number(), code.reason())),
            Self::Protocol => Some((1002, "protocol_error")),
            Self::NotUtf8 => Some((1007, "not_utf8")),
            Self::ByClient | Self::Gone => None,
        }
    }

    /// The word under which it is counted.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::ByClient => "by_client",
            Self::Gone => "gone",
            Self::Close(_) | Self::Protocol | Self::NotUtf8 => self.frame().map_or("", |(_, reason)| reason),
        }
    }
}
