//! The fingerprint of the rows, by which an old bundle learns that it must reload.

use inflight_domain::aircraft::fnv1a;

/// What the fingerprint is taken of: every packed column in order, and the shape of the named rows.
const DESCRIPTION: &str = "inflight.v1;short rows;flights:latitude,longitude,time_position,last_contact,altitude,\
geo_altitude,speed,track,vertical_rate,callsign,squawk,flags,position_source,category,\
feed,turn_rate,type_code,registration;\
motion:latitude,longitude,altitude,speed,track,vertical_rate,turn_rate,acceleration;\
system:source+number,drops,dead_letter,history,process,connections,topic,limits,alert,dependency;\
disruptions:kind,icao24,callsign,began,last_seen,ended,severity,confidence_pct,place,airport,evidence";

/// Sixteen hex digits that change whenever a row's shape does.
#[must_use]
pub fn schema_hash() -> String {
    format!("{:016x}", fnv1a(inflight_domain::aircraft::FNV_OFFSET, DESCRIPTION.bytes()))
}
