//! MessagePack bytes to a tree of values that borrows from them.
//!
//! One small reader instead of a generic one for each type: it is what the browser carries.

/// Nesting beyond this is no frame.
const DEEPEST: u8 = 12;

/// A value; maps have text keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Nil,
    /// Truth.
    Bool(bool),
    /// A whole number; those beyond `i64` are not used by the protocol.
    Integer(i64),
    /// A fraction.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Values in order.
    Array(Vec<Value<'a>>),
    /// Named values in order.
    Map(Vec<(&'a str, Value<'a>)>),
}

/// Why bytes are no MessagePack value of the kinds used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// The bytes end too early.
    #[error("the message ends in the middle of a value")]
    CutOff,
    /// Something follows the value.
    #[error("something follows the message")]
    Trailing,
    /// A marker that the protocol does not use, or a number beyond 64 bits signed.
    #[error("marker {0:#04x} is not used by the protocol")]
    Marker(u8),
    /// Text that is not UTF-8, or a key that is not text.
    #[error("a text or key is not UTF-8 text")]
    Text,
    /// Too deep.
    #[error("nested too deep")]
    TooDeep,
}

/// Reads exactly one value.
///
/// # Errors
/// When the bytes are not one value of the kinds above.
pub fn unpack(bytes: &[u8]) -> Result<Value<'_>, UnpackError> {
    let mut rest = bytes;
    let value = read(&mut rest, 0)?;
    if rest.is_empty() { Ok(value) } else { Err(UnpackError::Trailing) }
}

fn read<'a>(rest: &mut &'a [u8], depth: u8) -> Result<Value<'a>, UnpackError> {
    if depth > DEEPEST {
        return Err(UnpackError::TooDeep);
    }
    let marker = take(rest, 1)?[0];
    Ok(match marker {
        0x00..=0x7f => Value::Integer(i64::from(marker)),
        0xe0..=0xff => Value::Integer(i64::from(marker as i8)),
        0x80..=0x8f => map(rest, u64::from(marker & 0x0f), depth)?,
        0x90..=0x9f => array(rest, u64::from(marker & 0x0f), depth)?,
        0xa0..=0xbf => Value::Text(text(rest, u64::from(marker & 0x1f))?),
        0xc0 => Value::Nil,
        0xc2 => Value::Bool(false),
        0xc3 => Value::Bool(true),
        0xc4..=0xc6 => {
            let length = number(rest, 1 << (marker - 0xc4))?;
            Value::Bytes(take(rest, length)?)
        }
        0xca => Value::Float(f64::from(f32::from_bits(number(rest, 4)? as u32))),
        0xcb => Value::Float(f64::from_bits(number(rest, 8)?)),
        0xcc..=0xcf => {
            let unsigned = number(rest, 1 << (marker - 0xcc))?;
            Value::Integer(i64::try_from(unsigned).map_err(|_| UnpackError::Marker(marker))?)
        }
        0xd0 => Value::Integer(i64::from(number(rest, 1)? as i8)),
        0xd1 => Value::Integer(i64::from(number(rest, 2)? as i16)),
        0xd2 => Value::Integer(i64::from(number(rest, 4)? as i32)),
        0xd3 => Value::Integer(number(rest, 8)? as i64),
        0xd9..=0xdb => {
            let length = number(rest, 1 << (marker - 0xd9))?;
            Value::Text(text(rest, length)?)
        }
        0xdc | 0xdd => {
            let length = number(rest, 2 << (marker - 0xdc))?;
            array(rest, length, depth)?
        }
        0xde | 0xdf => {
            let length = number(rest, 2 << (marker - 0xde))?;
            map(rest, length, depth)?
        }
        _ => return Err(UnpackError::Marker(marker)),
    })
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], UnpackError> {
    let length = usize::try_from(length).map_err(|_| UnpackError::CutOff)?;
    let (taken, after) = rest.split_at_checked(length).ok_or(UnpackError::CutOff)?;
    *rest = after;
    Ok(taken)
}

/// A big-endian number of so many bytes.
fn number(rest: &mut &[u8], bytes: u64) -> Result<u64, UnpackError> {
    Ok(take(rest, bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn text<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a str, UnpackError> {
    core::str::from_utf8(take(rest, length)?).map_err(|_| UnpackError::Text)
}

// The length is not trusted with memory: each value takes at least a byte, so growth is bounded by the input.
fn array<'a>(rest: &mut &'a [u8], length: u64, depth: u8) -> Result<Value<'a>, UnpackError> {
    let mut values = Vec::new();
    for _ in 0..length {
        values.push(read(rest, depth + 1)?);
    }
    Ok(Value::Array(values))
}

fn map<'a>(rest: &mut &'a [u8], length: u64, depth: u8) -> Result<Value<'a>, UnpackError> {
    let mut members = Vec::new();
    for _ in 0..length {
        let Value::Text(key) = read(rest, depth + 1)? else { return Err(UnpackError::Text) };
        members.push((key, read(rest, depth + 1)?));
    }
    Ok(Value::Map(members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], expected: Result<Value<'_>, UnpackError>) {
        assert_eq!(unpack(bytes), expected, "{bytes:02x?}");
    }

    #[test]
    fn reads_each_kind() {
        check(&[0xc0], Ok(Value::Nil));
        check(&[0xff], Ok(Value::Integer(-1)));
        check(&[0xd1, 0xff, 0x00], Ok(Value::Integer(-256)));
        check(&[0xcd, 0x01, 0x00], Ok(Value::Integer(256)));
        check(&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Ok(Value::Float(1.5)));
        check(&[0xd9, 2, b'h', b'i'], Ok(Value::Text("hi")));
        check(&[0xc4, 1, 7], Ok(Value::Bytes(&[7])));
        check(
            &[0x81, 0xa1, b'a', 0x91, 0xc3],
            Ok(Value::Map(vec![("a", Value::Array(vec![Value::Bool(true)]))])),
        );
        check(&[0xa2, b'h'], Err(UnpackError::CutOff));
        check(&[0xdd, 0xff, 0xff, 0xff, 0xff], Err(UnpackError::CutOff));
        check(&[0x81, 0x01, 0x01], Err(UnpackError::Text));
        check(&[0xc1], Err(UnpackError::Marker(0xc1)));
        check(&[0xc0, 0xc0], Err(UnpackError::Trailing));
        check(&[0x91; 40], Err(UnpackError::TooDeep));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }
}
