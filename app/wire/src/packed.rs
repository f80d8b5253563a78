//! Aircraft rows as packed bytes: slot, mask, then a code for each named column.
//!
//! One coder serves differences and absolute values: an absolute row is the difference against a row of zeros.
//! A column of a source that sends on a grid (altitudes of 25 ft, positions of 1e-4 degree) is coded in steps
//! of that grid, which costs a byte less, and loses nothing: off the grid it is coded raw.

use crate::varint::{read, unzigzag, write, zigzag};
use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};
use inflight_domain::{Aircraft, Field, Icao24, MotionState, ShortText, Slot, UnixMillis};

/// Mask bit: codes stand for values, not for differences.
pub const ABSOLUTE: u64 = 1 << FIELD_COUNT;

/// Mask bit: the row is new; three bytes of address follow the mask.
pub const IDENTITY: u64 = ABSOLUTE << 1;

/// Mask bit: the motion state follows the columns.
pub const MOTION: u64 = ABSOLUTE << 2;

const KNOWN_BITS: u64 = (MOTION << 1) - 1;
const CODE_UNKNOWN: u64 = 3;

/// What one row of a segment says.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedRow {
    /// Which row.
    pub slot: Slot,
    /// The address, if the row is new.
    pub identity: Option<Icao24>,
    /// Whether the codes are values rather than differences.
    pub absolute: bool,
    /// The motion state, in absolute rows.
    pub motion: Option<MotionState>,
    codes: [Option<Code>; FIELD_COUNT],
}

/// Why packed bytes are no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// The bytes end inside a row.
    #[error("packed rows end in the middle of a row")]
    CutOff,
    /// A mask, slot or address that this version does not know.
    #[error("packed row has an unknown mask, slot or address")]
    Illegal,
    /// A column's value is outside its range.
    #[error("packed row puts {0:?} out of its range")]
    OutOfRange(Field),
    /// A difference for a row that is not there.
    #[error("packed row changes slot {0:?}, which is not known")]
    UnknownSlot(Slot),
}

/// Writes rows in rising order of slots.
#[derive(Debug, Default)]
pub struct Packer {
    bytes: Vec<u8>,
    next_slot: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Code {
    Unknown,
    Grid(i64),
    Raw(i64),
    Text(ShortText),
}

/// The size of a column's usual step in thousandths of its unit, where it has one.
fn grid_thousandths(field: Field) -> Option<i64> {
    match field {
        Field::Latitude | Field::Longitude => Some(100_000),
        Field::TimePosition | Field::LastContact => Some(1_000_000),
        Field::Altitude | Field::GeoAltitude => Some(762_000),
        Field::VerticalRate => Some(32_512),
        _ => None,
    }
}

impl Packer {
    /// Adds the columns in which `new` differs from `old`, as differences; nothing if there are none.
    pub fn difference(&mut self, slot: Slot, old: &Aircraft, new: &Aircraft) {
        let fields = |field: &Field| old.columns()[field.index()] != new.columns()[field.index()];
        let mask = mask_of(Field::ALL.into_iter().filter(fields));
        if mask != 0 {
            self.begin(slot, mask);
            self.columns(mask, old.columns(), new);
        }
    }

    /// Adds the named columns as values, with the motion state.
    pub fn absolute(
        &mut self,
        slot: Slot,
        fields: impl Iterator<Item = Field>,
        row: &Aircraft,
        motion: &MotionState,
    ) {
        let mask = mask_of(fields) | ABSOLUTE | MOTION;
        self.begin(slot, mask);
        self.columns(mask, &[0; FIELD_COUNT], row);
        self.motion(row, motion);
    }

    /// Adds a whole new row: address, every known column and the motion state.
    pub fn full(&mut self, slot: Slot, row: &Aircraft, motion: &MotionState) {
        let known = Field::ALL.into_iter().filter(|field| row.get(*field).is_some());
        let mask = mask_of(known) | ABSOLUTE | MOTION | IDENTITY;
        self.begin(slot, mask);
        self.bytes.extend_from_slice(&row.icao24.get().to_be_bytes()[1..]);
        self.columns(mask, &[0; FIELD_COUNT], row);
        self.motion(row, motion);
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no row was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The packed rows.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn begin(&mut self, slot: Slot, mask: u64) {
        debug_assert!(slot.0 >= self.next_slot, "slots rise");
        write(&mut self.bytes, u64::from(slot.0.wrapping_sub(self.next_slot)));
        self.next_slot = slot.0 + 1;
        write(&mut self.bytes, mask);
    }

    fn columns(&mut self, mask: u64, old: &[i64; FIELD_COUNT], row: &Aircraft) {
        for field in Field::ALL.into_iter().filter(|field| mask & (1 << field.index()) != 0) {
            let index = field.index();
            if field.is_text() {
                let text = row.text(field);
                let text = text.as_ref().map_or("", ShortText::as_str);
                self.bytes.push(text.len() as u8);
                self.bytes.extend_from_slice(text.as_bytes());
            } else {
                let before = if old[index] == UNKNOWN { 0 } else { old[index] };
                write(&mut self.bytes, code_of(field, before, row.columns()[index]));
            }
        }
    }

    fn motion(&mut self, row: &Aircraft, motion: &MotionState) {
        write(&mut self.bytes, zigzag(motion.at.0 - row.position_time().0));
        for (number, base) in motion.numbers().into_iter().zip(motion_bases(row)) {
            write(&mut self.bytes, zigzag(i64::from(number) - base));
        }
        self.bytes.push(motion.samples);
    }
}

impl PackedRow {
    /// Takes the next row off the front of `bytes`; `next_slot` goes from row to row and starts at 0.
    ///
    /// # Errors
    /// When the bytes end early or name something unknown.
    pub fn read(bytes: &mut &[u8], next_slot: &mut u32) -> Result<Self, PackedError> {
        let skip = read(bytes).ok_or(PackedError::CutOff)?;
        let mask = read(bytes).ok_or(PackedError::CutOff)?;
        let number = u64::from(*next_slot).checked_add(skip).ok_or(PackedError::Illegal)?;
        let slot = u32::try_from(number).ok().filter(|slot| *slot < u32::MAX).ok_or(PackedError::Illegal)?;
        if mask & !KNOWN_BITS != 0 || (mask & (IDENTITY | MOTION) != 0 && mask & ABSOLUTE == 0) {
            return Err(PackedError::Illegal);
        }
        *next_slot = slot + 1;
        let identity = (mask & IDENTITY != 0).then(|| read_address(bytes)).transpose()?;
        let mut codes = [None; FIELD_COUNT];
        for field in Field::ALL.into_iter().filter(|field| mask & (1 << field.index()) != 0) {
            codes[field.index()] = Some(read_code(field, bytes)?);
        }
        let mut row =
            Self { slot: Slot(slot), identity, absolute: mask & ABSOLUTE != 0, motion: None, codes };
        if mask & MOTION != 0 {
            row.motion = Some(row.read_motion(bytes)?);
        }
        Ok(row)
    }

    /// The row after the change; `old` is the row before it, none for a new one.
    ///
    /// # Errors
    /// When the row is not known or a value leaves its column's range.
    pub fn apply(&self, old: Option<&Aircraft>) -> Result<Aircraft, PackedError> {
        let (icao24, before) = match (self.identity, old) {
            (Some(icao24), _) => (icao24, [UNKNOWN; FIELD_COUNT]),
            (None, Some(old)) => (old.icao24, *old.columns()),
            (None, None) => return Err(PackedError::UnknownSlot(self.slot)),
        };
        let mut after = before;
        for field in Field::ALL {
            let index = field.index();
            let base = if self.absolute || before[index] == UNKNOWN { 0 } else { before[index] };
            if let Some(code) = self.codes[index] {
                after[index] = resolve(field, base, code).ok_or(PackedError::OutOfRange(field))?;
            }
        }
        Aircraft::from_columns(icao24, after).map_err(PackedError::OutOfRange)
    }

    /// The motion state with its numbers made absolute against the row it came with.
    #[must_use]
    pub fn motion_of(&self, row: &Aircraft) -> Option<MotionState> {
        let relative = self.motion?;
        let mut numbers = relative.numbers();
        for (number, base) in numbers.iter_mut().zip(motion_bases(row)) {
            *number = (i64::from(*number) + base).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        }
        let at = UnixMillis(relative.at.0.saturating_add(row.position_time().0));
        Some(MotionState::from_numbers(at, numbers, relative.samples))
    }

    fn read_motion(&self, bytes: &mut &[u8]) -> Result<MotionState, PackedError> {
        let at = unzigzag(read(bytes).ok_or(PackedError::CutOff)?);
        let mut numbers = [0_i32; 8];
        for number in &mut numbers {
            let value = unzigzag(read(bytes).ok_or(PackedError::CutOff)?);
            *number = i32::try_from(value).map_err(|_| PackedError::Illegal)?;
        }
        let (samples, rest) = bytes.split_first().ok_or(PackedError::CutOff)?;
        *bytes = rest;
        Ok(MotionState::from_numbers(UnixMillis(at), numbers, *samples))
    }
}

/// What the motion numbers are written against: the columns of the same row, in the motion state's units.
fn motion_bases(row: &Aircraft) -> [i64; 8] {
    let known = |field: Field| row.get(field).unwrap_or(0);
    [
        known(Field::Latitude) * 10,
        known(Field::Longitude) * 10,
        known(Field::Altitude),
        known(Field::Speed),
        known(Field::Track),
        known(Field::VerticalRate),
        0,
        0,
    ]
}

fn mask_of(fields: impl Iterator<Item = Field>) -> u64 {
    fields.fold(0, |mask, field| mask | 1 << field.index())
}

/// The step of the grid that a value stands on, if it stands on one.
fn grid_step(field: Field, value: i64) -> Option<i64> {
    let grid = grid_thousandths(field)?;
    let step = round_div(value * 1000, grid);
    (round_div(step * grid, 1000) == value).then_some(step)
}

/// Division with halves away from zero.
fn round_div(value: i64, divisor: i64) -> i64 {
    let half = divisor / 2;
    if value >= 0 { (value + half) / divisor } else { -((-value + half) / divisor) }
}

fn code_of(field: Field, old: i64, new: i64) -> u64 {
    if new == UNKNOWN {
        return CODE_UNKNOWN;
    }
    match (grid_step(field, old), grid_step(field, new)) {
        (Some(from), Some(to)) => zigzag(to - from) << 1,
        _ => zigzag(new - old) << 2 | 1,
    }
}

fn read_code(field: Field, bytes: &mut &[u8]) -> Result<Code, PackedError> {
    if field.is_text() {
        let (length, rest) = bytes.split_first().ok_or(PackedError::CutOff)?;
        let text = rest.get(..usize::from(*length)).ok_or(PackedError::CutOff)?;
        *bytes = &rest[usize::from(*length)..];
        if text.is_empty() {
            return Ok(Code::Unknown);
        }
        let text = core::str::from_utf8(text).ok().and_then(ShortText::parse);
        return text.map(Code::Text).ok_or(PackedError::OutOfRange(field));
    }
    match read(bytes).ok_or(PackedError::CutOff)? {
        CODE_UNKNOWN => Ok(Code::Unknown),
        code if code & 1 == 0 => Ok(Code::Grid(unzigzag(code >> 1))),
        code if code & 3 == 1 => Ok(Code::Raw(unzigzag(code >> 2))),
        _ => Err(PackedError::Illegal),
    }
}

fn resolve(field: Field, old: i64, code: Code) -> Option<i64> {
    match code {
        Code::Unknown => Some(UNKNOWN),
        Code::Text(text) => Some(text.to_number()),
        Code::Raw(step) => old.checked_add(step),
        Code::Grid(step) => match grid_thousandths(field) {
            None => old.checked_add(step),
            Some(grid) => {
                let steps = round_div(old.checked_mul(1000)?, grid).checked_add(step)?;
                Some(round_div(steps.checked_mul(grid)?, 1000))
            }
        },
    }
}

fn read_address(bytes: &mut &[u8]) -> Result<Icao24, PackedError> {
    let address = bytes.get(..3).ok_or(PackedError::CutOff)?;
    let icao24 = Icao24::new(u32::from_be_bytes([0, address[0], address[1], address[2]]));
    *bytes = &bytes[3..];
    icao24.ok_or(PackedError::Illegal)
}

#[cfg(test)]
mod tests;
