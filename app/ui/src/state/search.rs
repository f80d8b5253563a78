//! Finding aircraft by callsign or address.

use inflight_domain::{Aircraft, Icao24};
use inflight_globe::order::rising;

/// Results that are listed at most.
pub const LISTED: usize = 8;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The best results, best first.
    pub listed: Vec<Icao24>,
    /// How many there are in all.
    pub total: usize,
}

/// Aircraft whose callsign or address holds the text: exact ones first, then beginnings, then the rest.
#[must_use]
pub fn search<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, text: &str) -> Found {
    let wanted = text.trim().to_ascii_uppercase();
    if wanted.is_empty() {
        return Found::default();
    }
    let hits: Vec<(u8, String, Icao24)> = aircraft
        .filter_map(|aircraft| {
            let callsign = aircraft.callsign().map(|callsign| callsign.as_str().to_ascii_uppercase());
            let hex = format!("{:06X}", aircraft.icao24.get());
            let by_callsign = callsign.as_deref().and_then(|callsign| rank(callsign, &wanted));
            let by_hex = rank(&hex, &wanted);
            let rank = by_callsign.into_iter().chain(by_hex).min()?;
            Some((rank, callsign.unwrap_or(hex), aircraft.icao24))
        })
        .collect();
    let total = hits.len();
    // Seven letters and a rank are the number that is sorted by.
    let key = |(rank, name, _): &(u8, String, Icao24)| {
        let letters = name.bytes().chain(core::iter::repeat(0)).take(7);
        letters.fold(u64::from(*rank), |key, letter| key << 8 | u64::from(letter))
    };
    let order = rising(hits.iter().map(key)).into_iter().take(LISTED);
    Found { listed: order.map(|place| hits[place as usize].2).collect(), total }
}

fn rank(name: &str, wanted: &str) -> Option<u8> {
    let place = name.find(wanted)?;
    Some(match (place, name.len() == wanted.len()) {
        (0, true) => 0,
        (0, false) => 1,
        _ => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;

    #[test]
    fn callsigns_and_addresses_are_found() {
        let rows = [
            aircraft("a13f1c", Some("UAL123"), 0.0, 0.0).build(),
            aircraft("a13f1d", Some("UAL12"), 0.0, 0.0).build(),
            aircraft("12ddd0", Some("DAL7"), 0.0, 0.0).build(),
            aircraft("4b1815", None, 0.0, 0.0).build(),
        ];
        let check = |text: &str, expected: &[&str]| {
            let found = search(rows.iter(), text);
            assert_eq!(found.listed.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(found.total, expected.len());
        };
        check("", &[]);
        check("ual12", &["a13f1d", "a13f1c"]);
        check(" A13 ", &["a13f1d", "a13f1c"]);
        check("12", &["12ddd0", "a13f1d", "a13f1c"]);
        check("4b1815", &["4b1815"]);
        check("xyz", &[]);
    }

    #[test]
    fn long_lists_are_cut() {
        let rows: Vec<Aircraft> = (0..40)
            .map(|n| aircraft(&format!("{:06x}", 0xa0_0000 + n), Some("AAL1"), 0.0, 0.0).build())
            .collect();
        let found = search(rows.iter(), "aal");
        assert_eq!((found.listed.len(), found.total), (LISTED, 40));
    }
}
