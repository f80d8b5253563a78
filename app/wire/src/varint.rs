//! LEB128 variable-length integers and zigzag coding of signed ones.

/// Appends an unsigned number, seven bits a byte, lowest first.
pub fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front of `bytes`; none if it is cut off or longer than 64 bits.
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if index == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(value);
        }
    }
    None
}

/// Maps 0, -1, 1, -2 ... to 0, 1, 2, 3 ...
#[must_use]
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
#[must_use]
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trips(value: u64, signed: i64) {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(read(&mut rest), Some(value));
            prop_assert!(rest.is_empty());
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while read(&mut rest).is_some() && !rest.is_empty() {}
        }
    }
}
