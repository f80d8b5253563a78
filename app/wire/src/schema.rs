//! The fingerprint of the rows, by which an old bundle learns that it must reload.

use inflight_domain::aircraft::fnv1a;

/// What the fingerprint is taken of: every packed column in order, and the shape of the named rows.
const DESCRIPTION: &str = "inflight.v1;short rows;flights:latitude,longitude,time_position,last_contact,altitude,\
geo_altitude,speed,track,vertical_rate,callsign,squawk,flags,position_source,category,\
feed,turn_rate,type_code,registration;\
motion:latitude,longitude,altitude,speed,track,vertical_rate,turn_rate,acceleration;\
system:source+number,drops,dead_letter,history,process,connections,topic,limits,alert,dependency;\
disruptions:kind,icao24,callsign,began,last_seen,ended,severity,confidence_pct,place,airport,evidence;\
presence:room,user,since,connections;events:offset,topic,at,type,data,by";

/// Fingerprints of earlier versions whose packed rows are the same; what came since has names and can be read over.
pub const READABLE: [&str; 1] = ["f9f476af80c14f6d"];

/// Whether a client that was built for this version can read what is sent.
#[must_use]
pub fn is_readable(schema: &str) -> bool {
    schema == schema_hash() || READABLE.contains(&schema)
}

/// Sixteen hex digits that change whenever a row's shape does.
#[must_use]
pub fn schema_hash() -> String {
    format!("{:016x}", fnv1a(inflight_domain::aircraft::FNV_OFFSET, DESCRIPTION.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version before presence, events and what the server tells of itself.
    const BEFORE: &str = "inflight.v1;short rows;flights:latitude,longitude,time_position,last_contact,altitude,\
geo_altitude,speed,track,vertical_rate,callsign,squawk,flags,position_source,category,\
feed,turn_rate,type_code,registration;\
motion:latitude,longitude,altitude,speed,track,vertical_rate,turn_rate,acceleration;\
system:source+number,drops,dead_letter,history;\
disruptions:kind,icao24,callsign,began,last_seen,ended,severity,confidence_pct,place,airport,evidence";

    #[test]
    fn the_version_before_is_served_because_its_packed_rows_are_the_same() {
        let hash = format!("{:016x}", fnv1a(inflight_domain::aircraft::FNV_OFFSET, BEFORE.bytes()));
        assert!(is_readable(&hash) && is_readable(&schema_hash()) && !is_readable("0123456789abcdef"));
        let packed = |text: &'static str| text.split(";system:").next();
        assert_eq!(packed(BEFORE), packed(DESCRIPTION));
    }
}
