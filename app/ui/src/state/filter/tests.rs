//! The filter: what it lets through, what it says of itself, and that the address holds all of it.

use super::*;
use crate::testing::aircraft;
use inflight_domain::aircraft::UNKNOWN;
use proptest::prelude::*;

/// Stands in for the browser's regular expressions: knows beginnings, and turns away an open bracket.
fn compile(pattern: &str) -> Result<Matcher, String> {
    if pattern.contains('(') {
        return Err("Unterminated group".to_owned());
    }
    let start = pattern.trim_start_matches('^').to_ascii_uppercase();
    Ok(Box::new(move |text| text.to_ascii_uppercase().starts_with(&start)))
}

#[test]
fn bands_and_places_let_through() {
    let high = aircraft("a13f1c", Some("UAL1"), 0.0, 0.0).build();
    let ground =
        aircraft("a13f1d", None, 0.0, 0.0).with(Field::Flags, 1).with(Field::Altitude, UNKNOWN).build();
    let unknown = aircraft("a13f1e", None, 0.0, 0.0).with(Field::Altitude, UNKNOWN).build();
    let check = |query: [(&str, &str); 2], expected: [bool; 3]| {
        let mut filter = Filter::default();
        query.iter().for_each(|(name, value)| _ = filter.take(name, value));
        assert_eq!([&high, &ground, &unknown].map(|row| filter.lets_through(row)), expected, "{query:?}");
    };
    check([("filterAltMin", "35000"), ("", "")], [true, false, false]);
    check([("filterAltMax", "35000"), ("", "")], [true, true, false]);
    check([("filterAltMin", "0"), ("filterAltMax", "34000")], [false, true, false]);
    check([("filterGround", "0"), ("", "")], [true, false, true]);
    check([("filterGround", "1"), ("filterAltMin", "x")], [false, true, false]);
}

#[test]
fn words_are_plain_or_patterns() {
    let row = aircraft("4a35c2", Some("ROT24"), 0.0, 0.0).with(Field::Category, 4).build();
    let check = |name: &str, pattern: &str, expected: Option<bool>| {
        let index = WORDS.iter().position(|word| word.name == name).unwrap();
        let found = matcher(index, pattern, compile).ok().map(|fits| fits(&word(index, &row)));
        assert_eq!(found, expected, "{name} {pattern}");
    };
    check("filterCallSign", "ot2", Some(true));
    check("filterCallSign", "ual, rot", Some(true));
    check("filterCallSign", "^rot", Some(true));
    check("filterCallSign", "^ot", Some(false));
    check("filterCallSign", "(rot", None);
    check("filterCountry", "ro", Some(true));
    check("filterCountry", "r", Some(true));
    check("filterCountry", "us,de", Some(false));
    crate::testing::name_countries();
    check("filterCountry", "de, românia", Some(true));
    check("filterCountry", "roma", Some(true));
    check("filterCountry", "oman", Some(false));
    check("filterCountry", "^r", Some(true));
    check("filterType", "A3", Some(true));
    check("filterDbFlag", MILITARY, Some(false));
    check("filterReg", "N", Some(false));
    check("filterSources", "adsb", Some(true));
    check("filterSources", "mlat", Some(false));
    check("filterSquawk", "1200", Some(true));
    check("filterIcao", "^4a", Some(true));
}

#[test]
fn parts_are_told_and_taken_away() {
    let mut filter = Filter { low_ft: Some(10_000), place: Place::Air, ..Filter::default() };
    assert!(filter.take("filterCallSign", "UAL") && !filter.take("lat", "1"));
    let told = |units| {
        filter.parts().into_iter().map(|part| filter.told(part, Locale::En, units)).collect::<Vec<_>>()
    };
    assert_eq!(told(Units::Aviation), ["≥ 10,000\u{a0}ft", "In the air", "Callsign: UAL"]);
    assert_eq!(told(Units::Metric)[0], "≥ 3,048\u{a0}m");
    let rest = filter.parts().into_iter().fold(filter.clone(), |rest, part| rest.without(part));
    assert_eq!(rest, Filter::default());
}

proptest! {
    #[test]
    fn filters_round_trip(low in prop::option::of(0..60_000_i64), high in prop::option::of(0..60_000_i64),
                          place in 0..3_usize, patterns in prop::array::uniform::<_, { WORDS.len() }>(".{0,30}")) {
        let filter = Filter { low_ft: low, high_ft: high, place: Place::parse(Place::NAMES[place]), patterns };
        let mut read = Filter::default();
        for (name, value) in filter.pairs() {
            prop_assert!(read.take(name, &value));
        }
        prop_assert_eq!(read, filter);
    }
}
