//! Percent coding of values in the address.

/// A value as it stands in a query string; letters, digits and what is harmless there stay readable.
#[must_use]
pub fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.,~".contains(&byte) {
            text.push(byte as char);
        } else {
            text.push('%');
            text.extend([byte >> 4, byte & 15].map(|digit| b"0123456789ABCDEF"[digit as usize] as char));
        }
    }
    text
}

/// The value that a query string holds; what is not coded rightly stays as it is.
#[must_use]
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut value, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let coded = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                value.push(byte);
                at += 3;
            }
            None => {
                value.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn coded_values_are_read() {
        assert_eq!(decode("%5E(UAL%7CDAL)+x"), "^(UAL|DAL) x");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%ff"), "");
        assert_eq!(encode("^A-B, ș"), "%5EA-B,%20%C8%99");
    }

    proptest! {
        #[test]
        fn values_round_trip(value in ".{0,40}") {
            prop_assert_eq!(decode(&encode(&value)), value);
        }
    }
}
