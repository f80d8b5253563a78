//! Entries of event topics from MessagePack, as far as a screen shows them.

use crate::frame::Told;
use crate::read::{Map, ReadError};
use crate::unpack::Value;

/// The entry. What its data does not say is empty.
pub(super) fn read(map: Map<'_>) -> Result<Told, ReadError> {
    let data = map.map("data")?;
    // A notice tells its gravest alert; what is said in a room has a text of its own.
    let alert = match data.get("alerts") {
        Value::Array(alerts) => alerts.first().and_then(Map::of),
        _ => None,
    };
    let said = |map: Map<'_>, name| map.text(name).unwrap_or_default();
    let text = match alert {
        Some(alert) => said(alert, "message"),
        None => data.text("text").unwrap_or_else(|_| said(data, "health")),
    };
    Ok(Told {
        offset: map.unsigned("offset")?,
        topic: map.text("topic")?,
        at: map.time("at")?,
        kind: map.text("type")?,
        level: alert.map(|alert| said(alert, "level")).unwrap_or_default(),
        text,
    })
}
