//! One way to write JSON, so that a hash over it is the same whatever library or feature wrote it.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// JSON without white space, keys sorted by their bytes, numbers in their shortest form.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut text = String::with_capacity(256);
    write(value, &mut text);
    text
}

/// SHA-256 over these pieces, one after the other.
#[must_use]
pub fn hash(pieces: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().into()
}

/// Two lower-case digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The bytes that [`hex`] wrote; none if the text is no such.
#[must_use]
pub fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    let mut hash = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(hash)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(number, text),
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(name, text);
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
    }
}

/// By value and never by the digits that came in, which `arbitrary_precision` would keep.
fn write_number(number: &serde_json::Number, text: &mut String) {
    let plain = if number.is_i64() || number.is_u64() {
        Some(number.clone())
    } else {
        number.as_f64().and_then(serde_json::Number::from_f64)
    };
    text.push_str(&plain.unwrap_or_else(|| number.clone()).to_string());
}

fn write_string(string: &str, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' => {
                let code = letter as usize;
                text.push_str("\\u00");
                text.push(char::from(DIGITS[code >> 4]));
                text.push(char::from(DIGITS[code & 15]));
            }
            _ => text.push(letter),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_text_is_escaped() {
        let value = json!({"b": [1, -2.5, 1e300, u64::MAX], "a": {"z": null, "é": "\u{1}\"\n"}, "": true});
        let expected =
            r#"{"":true,"a":{"z":null,"é":"\u0001\"\n"},"b":[1,-2.5,1e+300,18446744073709551615]}"#;
        assert_eq!(text(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(&text(&value)).unwrap(), value);
    }

    #[test]
    fn hex_goes_both_ways() {
        let hash = hash(&[b"a", b"bc"]);
        assert_eq!(hex(&hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        for wrong in ["", "ba", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(unhex(wrong), None);
        }
    }
}
