//! The canonical row of the `flights` topic: an aircraft as scaled integers, one per [`Field`].
//!
//! A row is an array rather than a struct of options, because versions, differences, hashes and the wire all
//! walk the same columns. What a column holds is read through the typed accessors.

use crate::envelope::{FlightPayload, PayloadPosition};
use crate::geo::Position;
use crate::ids::{Callsign, Icao24, ShortText, Squawk};
use crate::time::UnixMillis;

/// Number of columns in an aircraft row.
pub const FIELD_COUNT: usize = 18;

/// What a column holds when the source did not tell.
pub const UNKNOWN: i64 = i64::MIN;

/// Bit of [`Field::Flags`]: the aircraft is on the ground.
pub const FLAG_ON_GROUND: i64 = 1;

/// Bit of [`Field::Flags`]: special position identification.
pub const FLAG_SPI: i64 = 2;

/// Bits of [`Field::Flags`]: what the aircraft says of an emergency, see [`Aircraft::emergency`].
pub const FLAG_EMERGENCY_SHIFT: u32 = 2;

/// Bit of [`Field::Flags`]: the source's data base calls it military.
pub const FLAG_MILITARY: i64 = 32;

/// Highest number that [`Field::Feed`] takes; sources beyond it share it.
pub const FEED_MAX: u8 = 63;

/// The columns of an aircraft row, in the order of the wire and of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Field {
    /// Latitude in 1e-6 degree; always known.
    Latitude = 0,
    /// Longitude in 1e-6 degree; always known.
    Longitude = 1,
    /// When the position was received, in milliseconds since 1970.
    TimePosition = 2,
    /// When anything was last received, in milliseconds since 1970; always known.
    LastContact = 3,
    /// Barometric altitude in centimetres.
    Altitude = 4,
    /// Geometric altitude in centimetres.
    GeoAltitude = 5,
    /// Speed over ground in centimetres per second.
    Speed = 6,
    /// Track over ground in 1e-2 degree, in [0, 36000).
    Track = 7,
    /// Vertical rate in centimetres per second, climb positive.
    VerticalRate = 8,
    /// Callsign, eight padded ASCII bytes as a big-endian number.
    Callsign = 9,
    /// Transponder code as a number.
    Squawk = 10,
    /// [`FLAG_ON_GROUND`], [`FLAG_SPI`], emergency and [`FLAG_MILITARY`]; always known.
    Flags = 11,
    /// Origin of the position: 0 ADS-B, 1 ASTERIX, 2 MLAT, 3 FLARM, 4 TIS-B, 5 ADS-C, 6 ADS-R, 7 another.
    PositionSource = 12,
    /// Aircraft category, OpenSky's numbers 0 to 20.
    Category = 13,
    /// Which source said so: the `number` of its row in the `system` topic.
    Feed = 14,
    /// Turn rate in 1e-2 degree per second, right positive, where the source measures it.
    TurnRate = 15,
    /// ICAO type designator such as B738, coded as a callsign is.
    TypeCode = 16,
    /// Registration such as YR-BGG, coded as a callsign is.
    Registration = 17,
}

/// One aircraft as last observed, in canonical scaled integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aircraft {
    /// Who it is.
    pub icao24: Icao24,
    columns: [i64; FIELD_COUNT],
}

impl Field {
    /// All columns in order.
    pub const ALL: [Self; FIELD_COUNT] = [
        Self::Latitude,
        Self::Longitude,
        Self::TimePosition,
        Self::LastContact,
        Self::Altitude,
        Self::GeoAltitude,
        Self::Speed,
        Self::Track,
        Self::VerticalRate,
        Self::Callsign,
        Self::Squawk,
        Self::Flags,
        Self::PositionSource,
        Self::Category,
        Self::Feed,
        Self::TurnRate,
        Self::TypeCode,
        Self::Registration,
    ];

    /// Place of the column in the row.
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The lowest and highest legal value of the column.
    #[must_use]
    pub fn range(self) -> core::ops::RangeInclusive<i64> {
        match self {
            Self::Latitude => -90_000_000..=90_000_000,
            Self::Longitude => -180_000_000..=180_000_000,
            Self::TimePosition | Self::LastContact => 0..=4_102_444_800_000,
            Self::Altitude | Self::GeoAltitude => -200_000..=5_000_000,
            Self::Speed => 0..=120_000,
            Self::Track => 0..=35_999,
            Self::VerticalRate => -20_000..=20_000,
            Self::Callsign | Self::TypeCode | Self::Registration => 0..=i64::MAX,
            Self::Squawk => 0..=0o7777,
            Self::Flags | Self::Category | Self::Feed => 0..=63,
            Self::PositionSource => 0..=15,
            Self::TurnRate => -9_000..=9_000,
        }
    }

    /// Whether the column holds text, see [`ShortText::to_number`].
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Callsign | Self::TypeCode | Self::Registration)
    }

    /// Whether every row has a value in this column.
    #[must_use]
    pub fn always_known(self) -> bool {
        matches!(self, Self::Latitude | Self::Longitude | Self::LastContact | Self::Flags)
    }

    /// Whether the column may hold this value, [`UNKNOWN`] included where it is allowed.
    #[must_use]
    pub fn allows(self, value: i64) -> bool {
        if value == UNKNOWN { !self.always_known() } else { self.range().contains(&value) }
    }
}

impl Aircraft {
    /// A row from its columns; the first column that holds an illegal value comes back as the error.
    ///
    /// # Errors
    /// The field whose value is out of range or missing.
    pub fn from_columns(icao24: Icao24, columns: [i64; FIELD_COUNT]) -> Result<Self, Field> {
        match Field::ALL.into_iter().find(|field| !field.allows(columns[field.index()])) {
            Some(field) => Err(field),
            None => Ok(Self { icao24, columns }),
        }
    }

    /// The columns in the order of [`Field::ALL`].
    #[must_use]
    pub fn columns(&self) -> &[i64; FIELD_COUNT] {
        &self.columns
    }

    /// The value of a column, none if unknown.
    #[inline]
    #[must_use]
    pub fn get(&self, field: Field) -> Option<i64> {
        let value = self.columns[field.index()];
        (value != UNKNOWN).then_some(value)
    }

    /// Where the aircraft was when its position was received.
    #[must_use]
    pub fn position(&self) -> Position {
        let micro = |field: Field| self.columns[field.index()] as i32 * 10;
        Position::from_e7(micro(Field::Latitude), micro(Field::Longitude))
    }

    /// When the position was received; the time of last contact where the source does not tell.
    #[must_use]
    pub fn position_time(&self) -> UnixMillis {
        self.get(Field::TimePosition).map_or(self.last_contact(), UnixMillis)
    }

    /// When anything was last received.
    #[inline]
    #[must_use]
    pub fn last_contact(&self) -> UnixMillis {
        UnixMillis(self.columns[Field::LastContact.index()])
    }

    /// Barometric altitude in metres.
    #[must_use]
    pub fn altitude_m(&self) -> Option<f64> {
        self.get(Field::Altitude).map(hundredths)
    }

    /// Geometric altitude in metres.
    #[must_use]
    pub fn geo_altitude_m(&self) -> Option<f64> {
        self.get(Field::GeoAltitude).map(hundredths)
    }

    /// Speed over ground in metres per second.
    #[must_use]
    pub fn speed_mps(&self) -> Option<f64> {
        self.get(Field::Speed).map(hundredths)
    }

    /// Track over ground in degrees from north.
    #[must_use]
    pub fn track_deg(&self) -> Option<f64> {
        self.get(Field::Track).map(hundredths)
    }

    /// Vertical rate in metres per second, climb positive.
    #[must_use]
    pub fn vertical_rate_mps(&self) -> Option<f64> {
        self.get(Field::VerticalRate).map(hundredths)
    }

    /// Callsign.
    #[must_use]
    pub fn callsign(&self) -> Option<Callsign> {
        self.text(Field::Callsign)
    }

    /// The text of a column that holds one ([`Field::is_text`]): callsign, type, registration.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<ShortText> {
        self.get(field).and_then(ShortText::from_number)
    }

    /// Turn rate in degrees per second, right positive, where the source measures it.
    #[must_use]
    pub fn turn_rate_dps(&self) -> Option<f64> {
        self.get(Field::TurnRate).map(hundredths)
    }

    /// What the aircraft itself says of an emergency: 0 none, 1 general, 2 medical, 3 minimum fuel,
    /// 4 radio failure, 5 unlawful interference, 6 downed, 7 reserved.
    #[must_use]
    pub fn emergency(&self) -> u8 {
        (self.columns[Field::Flags.index()] >> FLAG_EMERGENCY_SHIFT & 7) as u8
    }

    /// Whether the source's data base calls it military.
    #[must_use]
    pub fn military(&self) -> bool {
        self.columns[Field::Flags.index()] & FLAG_MILITARY != 0
    }

    /// The same aircraft as said by the source with this number.
    #[must_use]
    pub fn said_by(mut self, feed: u8) -> Self {
        self.columns[Field::Feed.index()] = i64::from(feed.min(FEED_MAX));
        self
    }

    /// Transponder code.
    #[must_use]
    pub fn squawk(&self) -> Option<Squawk> {
        self.get(Field::Squawk).and_then(|code| u16::try_from(code).ok()).and_then(Squawk::from_number)
    }

    /// Whether it reports to be on the ground.
    #[inline]
    #[must_use]
    pub fn on_ground(&self) -> bool {
        self.columns[Field::Flags.index()] & FLAG_ON_GROUND != 0
    }

    /// Whether it sends special position identification.
    #[must_use]
    pub fn spi(&self) -> bool {
        self.columns[Field::Flags.index()] & FLAG_SPI != 0
    }

    /// The row as specification 003's payload.
    #[must_use]
    pub fn payload(&self) -> FlightPayload {
        let micro = |field: Field| self.columns[field.index()] as f64 / 1e6;
        FlightPayload {
            icao24: self.icao24.to_string(),
            callsign: self.callsign().map(|callsign| callsign.as_str().to_owned()),
            position: PayloadPosition { lat: micro(Field::Latitude), lon: micro(Field::Longitude) },
            altitude_m: self.altitude_m(),
            geo_altitude_m: self.geo_altitude_m(),
            velocity_mps: self.speed_mps(),
            heading_deg: self.track_deg(),
            vertical_rate_mps: self.vertical_rate_mps(),
            on_ground: self.on_ground(),
            squawk: self.squawk().map(|squawk| squawk.to_string()),
            spi: self.spi(),
            time_position_unix: self.get(Field::TimePosition).map(UnixMillis),
            last_contact_unix: self.last_contact(),
        }
    }

    /// Order-free digest of one row: FNV-1a (64 bit) over address and columns, then mixed so that sums of rows
    /// spread. The digest of a table is the wrapping sum over its rows. PROTOCOL.md gives it step by step.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let address = fnv1a(FNV_OFFSET, self.icao24.get().to_le_bytes());
        mix(self.columns.iter().fold(address, |hash, value| fnv1a_number(hash, *value)))
    }
}

/// Start value of FNV-1a, 64 bit.
pub const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// The prime to the power of the place.
const FNV_POWERS: [u64; 9] = {
    let mut powers = [1_u64; 9];
    let mut place = 1;
    while place < powers.len() {
        powers[place] = powers[place - 1].wrapping_mul(FNV_PRIME);
        place += 1;
    }
    powers
};

/// FNV-1a over bytes, continued from `hash`.
#[must_use]
pub fn fnv1a(hash: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

/// FNV-1a over the eight little-endian bytes of a number. A zero byte only multiplies, and most numbers end in some:
/// those are taken in one step.
fn fnv1a_number(hash: u64, value: i64) -> u64 {
    if value == UNKNOWN {
        return fnv1a(hash.wrapping_mul(FNV_POWERS[7]), [0x80]);
    }
    let zeros = (value.leading_zeros() / 8) as usize;
    fnv1a(hash, value.to_le_bytes().into_iter().take(8 - zeros)).wrapping_mul(FNV_POWERS[zeros])
}

/// The finaliser of splitmix64: every input bit reaches every output bit.
#[must_use]
pub fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn hundredths(value: i64) -> f64 {
    value as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_columns_are_named() {
        let icao24 = Icao24::parse("a13f1c").unwrap();
        let mut columns = [UNKNOWN; FIELD_COUNT];
        assert_eq!(Aircraft::from_columns(icao24, columns), Err(Field::Latitude));
        for field in Field::ALL {
            columns[field.index()] = *field.range().start();
        }
        assert!(Aircraft::from_columns(icao24, columns).is_ok());
        columns[Field::Track.index()] = 36_000;
        assert_eq!(Aircraft::from_columns(icao24, columns), Err(Field::Track));
    }

    #[test]
    fn columns_stand_in_order() {
        for (index, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field.index(), index);
        }
    }
}
