//! Disruptions in words: what it is called, and what it rests on.

use crate::text::{Locale, Text, Units, age, altitude, emergency_state, fixed, integer, speed};
use inflight_domain::{Disruption, DisruptionKind, Measure};

/// What a kind is called.
#[must_use]
pub fn disruption_kind(kind: DisruptionKind) -> Text {
    words(kind).0
}

/// The evidence as one sentence, in the person's units.
#[must_use]
pub fn evidence(locale: Locale, units: Units, row: &Disruption) -> String {
    let (_, sentence, measures) = words(row.kind);
    if let Some(call) = row.evidence.get(Measure::EmergencyState).and_then(|said| emergency_state(said as u8))
    {
        let said = Text::EvidenceState.of(locale).replace("{}", call.of(locale));
        let code = row.evidence.get(Measure::Squawk).map(|code| (code as i64).to_string());
        return code
            .map_or(said.clone(), |code| [&sentence.of(locale).replace("{}", &code), ". ", &said].concat());
    }
    let airport = row.airport.as_ref().map_or("–", |code| code.as_str());
    let mut text = sentence.of(locale).replace("{@}", airport);
    for measure in measures {
        let value = row.evidence.get(*measure).unwrap_or(0.0);
        text = text.replacen("{}", &number(locale, units, *measure, value), 1);
    }
    text
}

/// Name, sentence, and the measures that fill its gaps in order.
fn words(kind: DisruptionKind) -> (Text, Text, &'static [Measure]) {
    use DisruptionKind as Kind;
    use Measure as M;
    match kind {
        Kind::Emergency => (Text::Emergency, Text::EvidenceEmergency, &[M::Squawk]),
        Kind::Diversion => {
            (Text::Diversion, Text::EvidenceDiversion, &[M::AirportClosestM, M::AirportDistanceM])
        }
        Kind::ReturnToOrigin => {
            (Text::ReturnToOrigin, Text::EvidenceReturn, &[M::AirportFarthestM, M::AirportDistanceM])
        }
        Kind::SignalLost => (Text::SignalLost, Text::EvidenceLost, &[M::SilenceS, M::NeighboursHeard]),
        Kind::ImplausibleJump => {
            (Text::ImplausibleJump, Text::EvidenceJump, &[M::JumpM, M::JumpIntervalS, M::ReportedSpeedMps])
        }
        Kind::GoAround => (Text::GoAround, Text::EvidenceGoAround, &[M::LowestHeightM, M::ClimbM]),
        Kind::Holding => {
            (Text::Holding, Text::EvidenceHolding, &[M::TurnsFlown, M::LowestAltitudeM, M::HighestAltitudeM])
        }
        Kind::LevelOff => {
            (Text::LevelOff, Text::EvidenceLevelOff, &[M::AltitudeM, M::DurationS, M::ExpectedDurationS])
        }
    }
}

fn number(locale: Locale, units: Units, measure: Measure, value: f64) -> String {
    match measure {
        Measure::TurnsFlown => fixed(locale, (value * 10.0) as i64, 1),
        Measure::SilenceS | Measure::JumpIntervalS | Measure::DurationS | Measure::ExpectedDurationS => {
            age(locale, value as i64 * 1000)
        }
        Measure::AirportClosestM | Measure::AirportDistanceM | Measure::AirportFarthestM | Measure::JumpM => {
            [&integer(locale, (value / 1000.0) as i64), "km"].join("\u{a0}")
        }
        Measure::ReportedSpeedMps => [&speed(locale, units, value), units.speed_unit()].join("\u{a0}"),
        Measure::NeighboursHeard => integer(locale, value as i64),
        Measure::Squawk => (value as i64).to_string(),
        _ => [&altitude(locale, units, value), units.altitude_unit()].join("\u{a0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::disruption;

    fn check(locale: Locale, row: &Disruption, expected: &str) {
        assert_eq!(evidence(locale, Units::Metric, row).replace('\u{a0}', " "), expected);
    }

    #[test]
    fn evidence_is_told_in_words() {
        let holding = disruption(
            DisruptionKind::Holding,
            &[
                (Measure::TurnsFlown, 2.1),
                (Measure::LowestAltitudeM, 2743.0),
                (Measure::HighestAltitudeM, 3048.0),
            ],
        );
        check(Locale::En, &holding, "2.1 turns between 2,743 m and 3,048 m");
        check(Locale::Ro, &holding, "2,1 ture între 2.743 m și 3.048 m");
        let diversion = disruption(
            DisruptionKind::Diversion,
            &[(Measure::AirportClosestM, 31_161.0), (Measure::AirportDistanceM, 51_403.0)],
        );
        check(
            Locale::En,
            &diversion,
            "Was coming down to KLGA, as inferred from its descent; came within 31 km, left to 51 km",
        );
    }

    #[test]
    fn an_emergency_says_how_it_is_known() {
        let row = |told: &[(Measure, f64)]| disruption(DisruptionKind::Emergency, told);
        let (code, state) = ((Measure::Squawk, 7700.0), (Measure::EmergencyState, 2.0));
        check(Locale::En, &row(&[code]), "Transponder code 7700");
        check(Locale::En, &row(&[state]), "The aircraft reports: medical emergency");
        check(Locale::Ro, &row(&[state]), "Aeronava raportează: urgență medicală");
        check(
            Locale::En,
            &row(&[code, state]),
            "Transponder code 7700. The aircraft reports: medical emergency",
        );
    }

    #[test]
    fn no_gap_stays_open() {
        for kind in DisruptionKind::ALL {
            for locale in [Locale::En, Locale::Ro] {
                let text = evidence(locale, Units::Aviation, &disruption(kind, &[]));
                assert!(!text.contains('{'), "{text}");
            }
        }
    }
}
