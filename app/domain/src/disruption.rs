//! Rows of the `disruptions` topic: what went otherwise than planned, where, since when, and how one can tell.

use crate::geo::Position;
use crate::ids::{Callsign, Icao24};
use crate::time::UnixMillis;
use core::fmt;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

/// What kind of disruption it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DisruptionKind {
    /// Transponder code 7500, 7600 or 7700, or what the aircraft itself says.
    Emergency,
    /// Away from the airport that it was coming down to.
    Diversion,
    /// Back to where it took off.
    ReturnToOrigin,
    /// Not heard any more where others are.
    SignalLost,
    /// Positions that no aircraft can fly between.
    ImplausibleJump,
    /// An approach that was broken off.
    GoAround,
    /// Turn after turn in one place.
    Holding,
    /// A descent that stopped for long.
    LevelOff,
}

/// How much it matters to an operations desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// The plan no longer holds.
    Attention,
    /// Somebody may be in danger.
    Alarm,
}

/// A number of the evidence; the unit is in the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Measure {
    /// Full turns in one direction.
    TurnsFlown,
    /// Half of the extent of what was flown, metres.
    RadiusM,
    /// How long it lasts or lasted, seconds.
    DurationS,
    /// How long it usually lasts at most, seconds.
    ExpectedDurationS,
    /// Altitude, metres.
    AltitudeM,
    /// Lowest altitude, metres.
    LowestAltitudeM,
    /// Highest altitude, metres.
    HighestAltitudeM,
    /// Lowest height above the airport, metres.
    LowestHeightM,
    /// Climb since the lowest point, metres.
    ClimbM,
    /// Descent before it, metres.
    DescentM,
    /// Distance to the airport, metres.
    AirportDistanceM,
    /// Shortest distance to the airport, metres.
    AirportClosestM,
    /// Longest distance to the airport, metres.
    AirportFarthestM,
    /// Bearing to the airport, degrees.
    AirportBearingDeg,
    /// Track over ground, degrees.
    TrackDeg,
    /// Time without any message, seconds.
    SilenceS,
    /// Usual time between messages, seconds.
    ExpectedSilenceS,
    /// Aircraft nearby that are heard.
    NeighboursHeard,
    /// Distance between two positions, metres.
    JumpM,
    /// Time between them, seconds.
    JumpIntervalS,
    /// Speed that this would take, metres per second.
    ImpliedSpeedMps,
    /// Speed that the aircraft reports, metres per second.
    ReportedSpeedMps,
    /// Observations that say so.
    Observations,
    /// Transponder code, its four octal digits read as a decimal number.
    Squawk,
    /// What the aircraft itself says of an emergency, by the numbers of `Aircraft::emergency`.
    EmergencyState,
}

/// What a finding rests on: each measure at most once, in the order in which they were told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence(Vec<(Measure, f64)>);

/// ICAO code of an airport.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AirportCode([u8; 4]);

/// One row of the `disruptions` topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Disruption {
    /// What.
    pub kind: DisruptionKind,
    /// Who.
    pub icao24: Icao24,
    /// Callsign, where one is known.
    pub callsign: Option<Callsign>,
    /// Since when, in stream time; fixed once the row is there.
    pub began: UnixMillis,
    /// When it was last seen to be so.
    pub last_seen: UnixMillis,
    /// When it ended; none while it goes on.
    pub ended: Option<UnixMillis>,
    /// How much it matters.
    pub severity: Severity,
    /// How sure the finding is, 0 to 100.
    pub confidence_pct: u8,
    /// Where it began.
    pub place: Position,
    /// The airport that it is about: of the approach, the inferred destination, or the origin.
    pub airport: Option<AirportCode>,
    /// What the finding rests on.
    pub evidence: Evidence,
}

impl DisruptionKind {
    /// All kinds, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Diversion,
        Self::ReturnToOrigin,
        Self::SignalLost,
        Self::ImplausibleJump,
        Self::GoAround,
        Self::Holding,
        Self::LevelOff,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Diversion => "diversion",
            Self::ReturnToOrigin => "return_to_origin",
            Self::SignalLost => "signal_lost",
            Self::ImplausibleJump => "implausible_jump",
            Self::GoAround => "go_around",
            Self::Holding => "holding",
            Self::LevelOff => "level_off",
        }
    }
}

impl Severity {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Attention, Self::Alarm];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Attention => "attention",
            Self::Alarm => "alarm",
        }
    }
}

impl Measure {
    /// All measures with their names on the wire.
    pub const ALL: [(Self, &'static str); 25] = [
        (Self::TurnsFlown, "turns_flown"),
        (Self::RadiusM, "radius_m"),
        (Self::DurationS, "duration_s"),
        (Self::ExpectedDurationS, "expected_duration_s"),
        (Self::AltitudeM, "altitude_m"),
        (Self::LowestAltitudeM, "lowest_altitude_m"),
        (Self::HighestAltitudeM, "highest_altitude_m"),
        (Self::LowestHeightM, "lowest_height_m"),
        (Self::ClimbM, "climb_m"),
        (Self::DescentM, "descent_m"),
        (Self::AirportDistanceM, "airport_distance_m"),
        (Self::AirportClosestM, "airport_closest_m"),
        (Self::AirportFarthestM, "airport_farthest_m"),
        (Self::AirportBearingDeg, "airport_bearing_deg"),
        (Self::TrackDeg, "track_deg"),
        (Self::SilenceS, "silence_s"),
        (Self::ExpectedSilenceS, "expected_silence_s"),
        (Self::NeighboursHeard, "neighbours_heard"),
        (Self::JumpM, "jump_m"),
        (Self::JumpIntervalS, "jump_interval_s"),
        (Self::ImpliedSpeedMps, "implied_speed_mps"),
        (Self::ReportedSpeedMps, "reported_speed_mps"),
        (Self::Observations, "observations"),
        (Self::Squawk, "squawk"),
        (Self::EmergencyState, "emergency_state"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Evidence {
    /// With one more number, rounded to a tenth (whole from 100 on): a row changes only when the news does.
    #[must_use]
    pub fn with(mut self, measure: Measure, value: f64) -> Self {
        let step = if value.abs() < 100.0 { 10.0 } else { 1.0 };
        self.put(measure, crate::math::scaled(value, step) as f64 / step);
        self
    }

    /// Puts a number in as it is; one that is there already is replaced.
    pub fn put(&mut self, measure: Measure, value: f64) {
        match self.0.iter_mut().find(|(known, _)| *known == measure) {
            Some((_, old)) => *old = value,
            None => self.0.push((measure, value)),
        }
    }

    /// A number, if it was told.
    #[must_use]
    pub fn get(&self, measure: Measure) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == measure).map(|(_, value)| *value)
    }

    /// All numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Measure, f64)> + '_ {
        self.0.iter().copied()
    }
}

impl AirportCode {
    /// Four capital letters or digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 4] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).then_some(Self(bytes))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for AirportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Disruption {
    /// The row's key: `a13f1c/holding/1679015040`. The same stream gives the same keys.
    #[must_use]
    pub fn id(&self) -> String {
        let seconds = self.began.0.div_euclid(1000);
        [&self.icao24.to_string(), self.kind.name(), &seconds.to_string()].join("/")
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (measure, value) in &self.0 {
            map.serialize_entry(measure.name(), value)?;
        }
        map.end()
    }
}

impl Serialize for Disruption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = [self.place.latitude_deg(), self.place.longitude_deg()];
        let mut row = serializer.serialize_struct("Disruption", 12)?;
        row.serialize_field("id", &self.id())?;
        row.serialize_field("kind", self.kind.name())?;
        row.serialize_field("icao24", &self.icao24.to_string())?;
        row.serialize_field("callsign", &self.callsign.as_ref().map(Callsign::as_str))?;
        row.serialize_field("began", &self.began)?;
        row.serialize_field("last_seen", &self.last_seen)?;
        row.serialize_field("ended", &self.ended)?;
        row.serialize_field("severity", self.severity.name())?;
        row.serialize_field("confidence_pct", &self.confidence_pct)?;
        row.serialize_field("place", &place)?;
        row.serialize_field("airport", &self.airport.as_ref().map(AirportCode::as_str))?;
        row.serialize_field("evidence", &self.evidence)?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_order_and_evidence_is_told_once() {
        for (place, (measure, _)) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, place);
        }
        let evidence = Evidence::default()
            .with(Measure::TurnsFlown, 1.26)
            .with(Measure::AltitudeM, 1234.6)
            .with(Measure::TurnsFlown, 2.0);
        let told: Vec<_> = evidence.iter().collect();
        assert_eq!(told, [(Measure::TurnsFlown, 2.0), (Measure::AltitudeM, 1235.0)]);
    }

    #[test]
    fn airport_codes() {
        for (text, legal) in
            [("KJFK", true), ("jfk", false), ("KJF", false), ("K1G4", true), ("KJFKX", false)]
        {
            assert_eq!(AirportCode::parse(text).is_some(), legal, "{text}");
        }
    }
}
