//! Users of the server under test: tokens that are signed with a secret of the check's own.

use crate::clock;
use crate::commands::check::child::Served;
use crate::exit::AppError;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

/// The secret of one check, and what it signs.
#[derive(Clone, Debug)]
pub struct Accounts {
    secret: String,
}

/// How long a token holds, in seconds; longer than any check.
const HOLDS_S: i64 = 200_000;

impl Accounts {
    /// Lets a server that is not started yet know users by their tokens, and say as much as they like.
    #[must_use]
    pub fn of(server: &mut Served) -> Self {
        let secret: String = (0..48).map(|_| fastrand::alphanumeric()).collect();
        server.set("JWT_SECRET", secret.clone());
        for limit in ["MESSAGES_PER_MINUTE", "MESSAGE_BURST", "CONNECTIONS_PER_USER"] {
            server.set(limit, "100000");
        }
        Self { secret }
    }

    /// A header line by which this user is known, who may do everything.
    ///
    /// # Errors
    /// The token cannot be signed.
    pub fn bearer(&self, user: &str) -> Result<String, AppError> {
        // Where another part brings a provider too, the first one stays; it is the same.
        let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        let claims = json!({"sub": user, "exp": clock::now().0 / 1000 + HOLDS_S, "roles": ["admin"]});
        let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(self.secret.as_bytes()));
        let token = token.map_err(|error| AppError::Other(format!("cannot sign a token: {error}")))?;
        Ok(format!("authorization: Bearer {token}\r\n"))
    }
}
