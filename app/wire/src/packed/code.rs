//! One column as one number: unknown, a step on the column's grid, or a raw step.

use crate::packed::PackedError;
use crate::varint::{read, unzigzag, write, zigzag};
use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};
use inflight_domain::{Field, ShortText};

/// What a row says of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Code {
    /// The value is not known.
    Unknown,
    /// Steps of the column's grid, or of its unit where it has none.
    Grid(i64),
    /// Steps of the column's unit.
    Raw(i64),
    /// A text.
    Text(ShortText),
}

impl Code {
    /// Takes a column's code off the front of `bytes`.
    ///
    /// # Errors
    /// When the bytes end early or are no text.
    pub fn read(field: Field, bytes: &mut &[u8]) -> Result<Self, PackedError> {
        if field.is_text() {
            return read_text(field, bytes);
        }
        let Some(code) = read(bytes).ok_or(PackedError::CutOff)?.checked_sub(1) else {
            return Ok(Self::Unknown);
        };
        Ok(match grid_thousandths(field) {
            None => Self::Grid(unzigzag(code)),
            Some(_) if code & 1 == 0 => Self::Grid(unzigzag(code >> 1)),
            Some(_) => Self::Raw(unzigzag(code >> 1)),
        })
    }

    /// The value that lies this step from `base`; none beyond what a number holds.
    #[must_use]
    pub fn resolve(self, field: Field, base: i64) -> Option<i64> {
        match self {
            Self::Unknown => Some(UNKNOWN),
            Self::Text(text) => Some(text.to_number()),
            Self::Raw(step) => base.checked_add(step),
            Self::Grid(step) => match grid_thousandths(field) {
                None => base.checked_add(step),
                Some(grid) => {
                    let steps = round_div(base.checked_mul(1000)?, grid).checked_add(step)?;
                    Some(round_div(steps.checked_mul(grid)?, 1000))
                }
            },
        }
    }
}

/// Appends the code that leads from `base` to `value`; a text is written as it is.
pub fn write_code(bytes: &mut Vec<u8>, field: Field, base: i64, value: i64) {
    if field.is_text() {
        let text = ShortText::from_number(value);
        let text = text.as_ref().map_or("", ShortText::as_str);
        bytes.push(text.len() as u8);
        return bytes.extend_from_slice(text.as_bytes());
    }
    let code = match (grid_thousandths(field), step_from(field, base, value)) {
        _ if value == UNKNOWN => 0,
        (None, _) => 1 + zigzag(value - base),
        (Some(_), Some(step)) => 1 + (zigzag(step) << 1),
        (Some(_), None) => 2 + (zigzag(value - base) << 1),
    };
    write(bytes, code);
}

/// The steps of the grid from `base` to a value that stands on it.
#[must_use]
pub fn step_from(field: Field, base: i64, value: i64) -> Option<i64> {
    let grid = grid_thousandths(field)?;
    Some(grid_step(field, value)? - round_div(base * 1000, grid))
}

/// The value of a column, 0 where it is unknown.
#[must_use]
pub fn base_of(columns: &[i64; FIELD_COUNT], field: Field) -> i64 {
    let value = columns[field.index()];
    if value == UNKNOWN { 0 } else { value }
}

/// Division with halves away from zero.
#[must_use]
pub fn round_div(value: i64, divisor: i64) -> i64 {
    let half = divisor / 2;
    if value >= 0 { (value + half) / divisor } else { -((-value + half) / divisor) }
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

/// The step of the grid that a value stands on, if it stands on one.
fn grid_step(field: Field, value: i64) -> Option<i64> {
    let grid = grid_thousandths(field)?;
    let step = round_div(value.checked_mul(1000)?, grid);
    (round_div(step * grid, 1000) == value).then_some(step)
}

fn read_text(field: Field, bytes: &mut &[u8]) -> Result<Code, PackedError> {
    let (length, rest) = bytes.split_first().ok_or(PackedError::CutOff)?;
    let text = rest.get(..usize::from(*length)).ok_or(PackedError::CutOff)?;
    *bytes = &rest[usize::from(*length)..];
    if text.is_empty() {
        return Ok(Code::Unknown);
    }
    let text = core::str::from_utf8(text).ok().and_then(ShortText::parse);
    text.map(Code::Text).ok_or(PackedError::OutOfRange(field))
}
