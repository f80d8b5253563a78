//! Aircraft rows as packed bytes: slot, mask, then a code for each named column.
//!
//! One coder serves differences and absolute values: an absolute row is the difference against a row of zeros.
//! A column of a source that sends on a grid (altitudes of 25 ft, positions of 1e-4 degree) is coded in steps
//! of that grid, which costs a byte less, and loses nothing: off the grid it is coded raw. What most aircraft do
//! from poll to poll, go on, has a shorter row ([`step`]).

pub mod code;
pub mod reckon;
pub mod step;

use crate::varint::{read, unzigzag, write, zigzag};
use code::{Code, base_of, write_code};
use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};
use inflight_domain::{Aircraft, Field, Icao24, MotionState, Slot, UnixMillis};
use step::{Clock, LONG, SKIP, Step};

/// Mask bit: codes stand for values, not for differences.
pub const ABSOLUTE: u64 = 1 << FIELD_COUNT;

/// Mask bit: the row is new; three bytes of address follow the mask.
pub const IDENTITY: u64 = ABSOLUTE << 1;

/// Mask bit: the motion state follows the columns.
pub const MOTION: u64 = ABSOLUTE << 2;

const KNOWN_BITS: u64 = (MOTION << 1) - 1;

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
    step: Option<Step>,
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
    clock: Option<Clock>,
    next_slot: u32,
}

/// Takes the rows of a segment off its bytes, one after another.
#[derive(Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    clock: Option<Clock>,
    next_slot: u32,
}

impl Packer {
    /// A packer for rows that go on to these; without it, every difference is a long row.
    #[must_use]
    pub fn for_steps<'a>(to: impl Iterator<Item = &'a Aircraft> + Clone) -> Self {
        Self { clock: Clock::of(to), ..Self::default() }
    }

    /// Adds the columns in which `new` differs from `old`, as differences; nothing if there are none.
    pub fn difference(&mut self, slot: Slot, old: &Aircraft, new: &Aircraft) {
        let fields = |field: &Field| old.columns()[field.index()] != new.columns()[field.index()];
        let mask = mask_of(Field::ALL.into_iter().filter(fields));
        if mask == 0 {
            return;
        }
        let skip = u64::from(slot.0.wrapping_sub(self.next_slot));
        let short = self.clock.is_some_and(|clock| Step::write(&mut self.bytes, clock, skip, old, new));
        if short {
            self.next_slot = slot.0 + 1;
        } else {
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
        if self.bytes.is_empty() {
            return self.bytes;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() + 8);
        Clock::write(self.clock, &mut bytes);
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    fn begin(&mut self, slot: Slot, mask: u64) {
        debug_assert!(slot.0 >= self.next_slot, "slots rise");
        let skip = u64::from(slot.0.wrapping_sub(self.next_slot));
        self.next_slot = slot.0 + 1;
        self.bytes.push(if skip > 0 { LONG | SKIP } else { LONG });
        if skip > 0 {
            write(&mut self.bytes, skip);
        }
        write(&mut self.bytes, mask);
    }

    fn columns(&mut self, mask: u64, old: &[i64; FIELD_COUNT], row: &Aircraft) {
        for field in Field::ALL.into_iter().filter(|field| mask & (1 << field.index()) != 0) {
            write_code(&mut self.bytes, field, base_of(old, field), row.columns()[field.index()]);
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

impl<'a> Rows<'a> {
    /// The rows of a segment.
    ///
    /// # Errors
    /// When the bytes end early or begin with no clock.
    pub fn of(mut bytes: &'a [u8]) -> Result<Self, PackedError> {
        let clock = if bytes.is_empty() { None } else { Clock::read(&mut bytes)? };
        Ok(Self { bytes, clock, next_slot: 0 })
    }

    /// The next row, none at the end.
    ///
    /// # Errors
    /// When the bytes end early or name something unknown.
    pub fn take(&mut self) -> Result<Option<PackedRow>, PackedError> {
        let Some((head, rest)) = self.bytes.split_first() else { return Ok(None) };
        self.bytes = rest;
        let bytes = &mut self.bytes;
        let skip = if head & SKIP == 0 { 0 } else { read(bytes).ok_or(PackedError::CutOff)? };
        let number = u64::from(self.next_slot).checked_add(skip).ok_or(PackedError::Illegal)?;
        let slot = u32::try_from(number).ok().filter(|slot| *slot < u32::MAX).ok_or(PackedError::Illegal)?;
        self.next_slot = slot + 1;
        if head & LONG != 0 {
            return PackedRow::read(bytes, Slot(slot)).map(Some);
        }
        let clock = self.clock.ok_or(PackedError::Illegal)?;
        let step = Step::read(bytes, clock, *head)?;
        Ok(Some(PackedRow { step: Some(step), ..PackedRow::empty(Slot(slot)) }))
    }
}

impl PackedRow {
    fn empty(slot: Slot) -> Self {
        Self { slot, identity: None, absolute: false, motion: None, codes: [None; FIELD_COUNT], step: None }
    }

    /// Takes a long row off the front of `bytes`, from its mask on.
    fn read(bytes: &mut &[u8], slot: Slot) -> Result<Self, PackedError> {
        let mask = read(bytes).ok_or(PackedError::CutOff)?;
        if mask & !KNOWN_BITS != 0 || (mask & (IDENTITY | MOTION) != 0 && mask & ABSOLUTE == 0) {
            return Err(PackedError::Illegal);
        }
        let mut row = Self { absolute: mask & ABSOLUTE != 0, ..Self::empty(slot) };
        row.identity = (mask & IDENTITY != 0).then(|| read_address(bytes)).transpose()?;
        for field in Field::ALL.into_iter().filter(|field| mask & (1 << field.index()) != 0) {
            row.codes[field.index()] = Some(Code::read(field, bytes)?);
        }
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
        let mut after = match &self.step {
            Some(step) => step.apply(&before)?,
            None => before,
        };
        for field in Field::ALL {
            let base = if self.absolute { 0 } else { base_of(&before, field) };
            if let Some(code) = self.codes[field.index()] {
                after[field.index()] = code.resolve(field, base).ok_or(PackedError::OutOfRange(field))?;
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

fn read_address(bytes: &mut &[u8]) -> Result<Icao24, PackedError> {
    let address = bytes.get(..3).ok_or(PackedError::CutOff)?;
    let icao24 = Icao24::new(u32::from_be_bytes([0, address[0], address[1], address[2]]));
    *bytes = &bytes[3..];
    icao24.ok_or(PackedError::Illegal)
}

#[cfg(test)]
mod tests;
