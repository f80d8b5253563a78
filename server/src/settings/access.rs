//! Settings of who may enter and how much they may do.

use crate::auth::Limits;
use crate::settings::Secret;
use crate::settings::read::Reader;
use crate::settings::urls::origin_of;
use core::time::Duration;

/// Who may enter.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    /// Everybody may look at the recording.
    pub public_demo: bool,
    /// Secrets of HS256 tokens, the newest first; none if no token is taken.
    pub jwt_secrets: Vec<Secret>,
    /// Audience that a token has to name.
    pub jwt_audience: Option<String>,
    /// `?apiKey=` is taken.
    pub key_in_url: bool,
}

/// Reads who may enter.
pub fn read_access(reader: &mut Reader<'_>) -> Option<AccessSettings> {
    let public_demo = reader.boolean("PUBLIC_DEMO");
    let key_in_url = reader.boolean("ALLOW_API_KEY_IN_URL");
    let text = reader.text("JWT_SECRET");
    let secrets = text.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    let jwt_secrets = secrets.map(|secret| Secret::new(secret.to_owned())).collect();
    let audience = reader.text("JWT_AUDIENCE");
    Some(AccessSettings {
        public_demo: public_demo?,
        jwt_secrets,
        jwt_audience: (!audience.is_empty()).then_some(audience),
        key_in_url: key_in_url?,
    })
}

/// Reads how much they may do.
pub fn read_limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let mut number = |name, most| reader.whole(name, 1..=most).and_then(|value| u32::try_from(value).ok());
    let messages_per_minute = number("MESSAGES_PER_MINUTE", 100_000);
    let message_burst = number("MESSAGE_BURST", 100_000);
    let connections_max = number("CONNECTIONS_MAX", 1_000_000);
    let connections_per_user = number("CONNECTIONS_PER_USER", 1_000_000);
    let sign_in_s = number("SIGN_IN_SECONDS", 60);
    Some(Limits {
        messages_per_minute: messages_per_minute?,
        message_burst: message_burst?,
        connections_max: connections_max?,
        connections_per_user: connections_per_user?,
        sign_in: Duration::from_secs(sign_in_s?.into()),
    })
}

/// Reads which pages may connect: ALLOWED_ORIGINS, and where CLIENT_URL stands.
pub fn read_origins(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let text = reader.text("ALLOWED_ORIGINS");
    let listed = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let mut origins: Vec<String> =
        listed.map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
    let client = reader.checked(
        "CLIENT_URL",
        |text| if text.is_empty() { Some(None) } else { origin_of(text).map(Some) },
        || "an http or https address".to_owned(),
    );
    origins.extend(client?);
    Some(origins)
}
