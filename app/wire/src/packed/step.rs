//! The short row of an aircraft that went on: a head of one byte, ages in one byte, and small differences.

use crate::packed::code::{Code, base_of, step_from, write_code};
use crate::packed::{PackedError, reckon};
use crate::varint::{read, write};
use inflight_domain::aircraft::FIELD_COUNT;
use inflight_domain::{Aircraft, Field};

/// Head bit: a mask follows, and codes as in [`crate::packed`].
pub const LONG: u8 = 1 << 7;

/// Head bit: slots were left out; how many follows.
pub const SKIP: u8 = 1 << 6;

/// Head bit: position and its time follow.
pub const MOVED: u8 = 1 << 5;

/// The columns that the lowest bits of a head name, in order.
const SMALL: [Field; 5] =
    [Field::Altitude, Field::GeoAltitude, Field::Speed, Field::Track, Field::VerticalRate];

/// An age that needs a number of its own.
const OLD: u8 = 15;

/// Two steps of at most this many are one byte, ...
const NEAR: i64 = 7;

/// ... of at most this many two bytes, the first of them from here on, ...
const WIDE: i64 = 44;
const TWO_BYTES: u8 = ((2 * NEAR + 1) * (2 * NEAR + 1)) as u8;

/// ... and others two codes after this number.
const FAR: i64 = (2 * WIDE + 1) * (2 * WIDE + 1);

/// The newest time among the rows of a segment, and the unit in which ages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    unit_ms: i64,
    newest: i64,
}

/// What a short row says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    contact: i64,
    position: Option<i64>,
    small: [Option<Code>; SMALL.len()],
    place: [Option<Code>; 2],
}

impl Clock {
    /// A clock for rows with these times; none without rows.
    #[must_use]
    pub fn of<'a>(rows: impl Iterator<Item = &'a Aircraft> + Clone) -> Option<Self> {
        let times = rows.flat_map(|row| [row.last_contact().0, row.position_time().0]);
        let newest = times.clone().max()?;
        let unit_ms = [1000, 100].into_iter().find(|unit| times.clone().all(|at| (newest - at) % unit == 0));
        Some(Self { unit_ms: unit_ms.unwrap_or(1), newest })
    }

    /// What stands before the rows; nothing of a clock where no row needs one.
    pub fn write(this: Option<Self>, bytes: &mut Vec<u8>) {
        write(bytes, this.map_or(0, |clock| clock.unit_ms as u64));
        if let Some(clock) = this {
            write(bytes, clock.newest as u64);
        }
    }

    /// Takes a clock off the front of `bytes`.
    ///
    /// # Errors
    /// When the bytes end early, or the times are no times.
    pub fn read(bytes: &mut &[u8]) -> Result<Option<Self>, PackedError> {
        let unit_ms = read(bytes).ok_or(PackedError::CutOff)?;
        if unit_ms == 0 {
            return Ok(None);
        }
        let newest = read(bytes).ok_or(PackedError::CutOff)? as i64;
        let legal = unit_ms <= 1000 && Field::LastContact.allows(newest);
        legal.then_some(Some(Self { unit_ms: unit_ms as i64, newest })).ok_or(PackedError::Illegal)
    }

    fn ages(self, row: &Aircraft) -> Option<(u64, u64)> {
        let contact = row.last_contact().0;
        let age = |from: i64, at: i64| {
            let age = from.checked_sub(at).filter(|age| *age >= 0 && age % self.unit_ms == 0)?;
            Some((age / self.unit_ms) as u64)
        };
        Some((age(self.newest, contact)?, age(contact, row.get(Field::TimePosition)?)?))
    }
}

impl Step {
    /// Appends the short row that leads from `old` to `new`, if there is one; `skip` slots are left out before it.
    pub fn write(bytes: &mut Vec<u8>, clock: Clock, skip: u64, old: &Aircraft, new: &Aircraft) -> bool {
        let (before, after) = (old.columns(), new.columns());
        let changed = |field: Field| before[field.index()] != after[field.index()];
        let rare = Field::ALL.into_iter().skip(Field::Callsign.index()).any(changed);
        let Some((age, lag)) = clock.ages(new).filter(|_| !rare && old.get(Field::TimePosition).is_some())
        else {
            return false;
        };
        let moved = [Field::Latitude, Field::Longitude, Field::TimePosition].into_iter().any(changed);
        let small = SMALL.iter().enumerate().filter(|(_, field)| changed(**field));
        let mut head = small.fold(0, |head, (place, _)| head | 1 << place);
        head |= if moved { MOVED } else { 0 } | if skip > 0 { SKIP } else { 0 };
        bytes.push(head);
        if skip > 0 {
            write(bytes, skip);
        }
        write_ages(bytes, age, if moved { lag } else { 0 });
        let target = |field: Field| (field, base(field, before, after), after[field.index()]);
        let [barometric, geometric] = [SMALL[0], SMALL[1]];
        let both = changed(barometric) && changed(geometric);
        if both {
            write_pair(bytes, target(barometric), target(geometric));
        }
        for field in SMALL.into_iter().skip(if both { 2 } else { 0 }).filter(|field| changed(*field)) {
            let (field, base, value) = target(field);
            write_code(bytes, field, base, value);
        }
        if moved {
            write_pair(bytes, target(Field::Latitude), target(Field::Longitude));
        }
        true
    }

    /// Takes what follows the head and the skip off the front of `bytes`.
    ///
    /// # Errors
    /// When the bytes end early or a time lies beyond all bounds.
    pub fn read(bytes: &mut &[u8], clock: Clock, head: u8) -> Result<Self, PackedError> {
        let (age, lag) = read_ages(bytes)?;
        let earlier = |from: i64, age: u64| {
            let by = i64::try_from(age).ok()?.checked_mul(clock.unit_ms)?;
            from.checked_sub(by)
        };
        let contact = earlier(clock.newest, age).ok_or(PackedError::OutOfRange(Field::LastContact))?;
        let position = earlier(contact, lag).ok_or(PackedError::OutOfRange(Field::TimePosition))?;
        let moved = head & MOVED != 0;
        let mut step =
            Self { contact, position: moved.then_some(position), small: [None; 5], place: [None; 2] };
        let both = head & 3 == 3;
        if both {
            let pair = read_pair(bytes, [SMALL[0], SMALL[1]])?;
            step.small[..2].copy_from_slice(&pair);
        }
        for (place, field) in SMALL.into_iter().enumerate().skip(if both { 2 } else { 0 }) {
            if head & 1 << place != 0 {
                step.small[place] = Some(Code::read(field, bytes)?);
            }
        }
        if moved {
            step.place = read_pair(bytes, [Field::Latitude, Field::Longitude])?;
        }
        Ok(step)
    }

    /// The columns after the step.
    ///
    /// # Errors
    /// The column that leaves what a number holds.
    pub fn apply(&self, before: &[i64; FIELD_COUNT]) -> Result<[i64; FIELD_COUNT], PackedError> {
        let mut after = *before;
        after[Field::LastContact.index()] = self.contact;
        if let Some(position) = self.position {
            after[Field::TimePosition.index()] = position;
        }
        for (field, code) in SMALL.into_iter().zip(self.small) {
            if let Some(code) = code {
                let value = code.resolve(field, base(field, before, &after));
                after[field.index()] = in_range(field, value)?;
            }
        }
        for (field, code) in [Field::Latitude, Field::Longitude].into_iter().zip(self.place) {
            if let Some(code) = code {
                let value = code.resolve(field, base(field, before, &after));
                after[field.index()] = in_range(field, value)?;
            }
        }
        Ok(after)
    }
}

/// Only legal values are reckoned with.
fn in_range(field: Field, value: Option<i64>) -> Result<i64, PackedError> {
    value.filter(|value| field.allows(*value)).ok_or(PackedError::OutOfRange(field))
}

fn base(field: Field, before: &[i64; FIELD_COUNT], after: &[i64; FIELD_COUNT]) -> i64 {
    match field {
        Field::Altitude => reckon::altitude(before, after),
        Field::GeoAltitude => reckon::geo_altitude(before, after),
        Field::Latitude => reckon::place(before, after).0,
        Field::Longitude => reckon::place(before, after).1,
        _ => base_of(before, field),
    }
}

/// Two columns whose steps are mostly small.
fn write_pair(bytes: &mut Vec<u8>, one: (Field, i64, i64), two: (Field, i64, i64)) {
    let steps = [one, two].map(|(field, base, value)| step_from(field, base, value));
    let within = |most: i64| {
        let [Some(one), Some(two)] = steps else { return None };
        (one.abs() <= most && two.abs() <= most).then(|| (one + most) * (2 * most + 1) + two + most)
    };
    if let Some(number) = within(NEAR) {
        return bytes.push(number as u8);
    }
    let wide = within(WIDE);
    let number = wide.unwrap_or(FAR);
    bytes.extend_from_slice(&[TWO_BYTES + (number >> 8) as u8, number as u8]);
    if wide.is_none() {
        [one, two].into_iter().for_each(|(field, base, value)| write_code(bytes, field, base, value));
    }
}

fn read_pair(bytes: &mut &[u8], fields: [Field; 2]) -> Result<[Option<Code>; 2], PackedError> {
    let first = take(bytes)?;
    let (number, most) = match first.checked_sub(TWO_BYTES) {
        None => (i64::from(first), NEAR),
        Some(high) => (i64::from(high) << 8 | i64::from(take(bytes)?), WIDE),
    };
    let count = 2 * most + 1;
    if number < count * count {
        return Ok([number / count - most, number % count - most].map(|step| Some(Code::Grid(step))));
    }
    if number != FAR {
        return Err(PackedError::Illegal);
    }
    Ok([Some(Code::read(fields[0], bytes)?), Some(Code::read(fields[1], bytes)?)])
}

fn take(bytes: &mut &[u8]) -> Result<u8, PackedError> {
    let (byte, rest) = bytes.split_first().ok_or(PackedError::CutOff)?;
    *bytes = rest;
    Ok(*byte)
}

/// Two ages in a byte: those of 15 and more follow it.
fn write_ages(bytes: &mut Vec<u8>, age: u64, lag: u64) {
    let nibble = |age: u64| u8::try_from(age).map_or(OLD, |age| age.min(OLD));
    bytes.push(nibble(age) | nibble(lag) << 4);
    for age in [age, lag] {
        if let Some(more) = age.checked_sub(u64::from(OLD)) {
            write(bytes, more);
        }
    }
}

fn read_ages(bytes: &mut &[u8]) -> Result<(u64, u64), PackedError> {
    let both = take(bytes)?;
    let mut whole = |nibble: u8| match nibble {
        OLD => {
            let more = read(bytes).ok_or(PackedError::CutOff)?;
            more.checked_add(u64::from(OLD)).ok_or(PackedError::Illegal)
        }
        young => Ok(u64::from(young)),
    };
    Ok((whole(both & 15)?, whole(both >> 4)?))
}
