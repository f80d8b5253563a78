//! What the server's plain messages ask of its hub.

/// Messages on their way.
pub mod pulse {
    use tungstenite::{Bytes, Utf8Bytes};

    /// As the server has it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Body {
        /// JSON.
        Text(Utf8Bytes),
        /// MessagePack.
        Binary(Bytes),
    }

    impl Body {
        /// Length in bytes.
        #[must_use]
        pub fn len(&self) -> usize {
            match self {
                Self::Text(text) => text.len(),
                Self::Binary(bytes) => bytes.len(),
            }
        }

        /// Whether there is nothing in it.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.len() == 0
        }
    }
}
