//! One JSON value of an entry, with errors that name the field; and text that holds bare NaN made readable.

use inflight_domain::DropReason;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Tokens that are no JSON, but that writers in other languages emit for numbers that are not finite.
const NOT_FINITE: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// Begins the text that stands in for a token of [`NOT_FINITE`]; no source sends this character.
const MARK: char = '\u{0}';

/// [`MARK`] as it is written in JSON.
const MARK_ESCAPED: &str = "\\u0000";

/// A JSON value, as far as an entry may hold one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell<'a> {
    /// `null`, or absent.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string, or the stand-in of a number that is not finite.
    Text(Cow<'a, str>),
    /// An array or an object.
    Nested,
}

/// Why a value cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Reason under which it is counted.
    pub(crate) reason: DropReason,
    /// Field, expectation, value.
    pub(crate) detail: String,
}

impl Fault {
    /// A fault of a named field.
    pub(crate) fn of(reason: DropReason, field: &str, problem: impl fmt::Display) -> Self {
        Self { reason, detail: format!("{field}: {problem}") }
    }
}

/// Reads a JSON object; the text is borrowed.
///
/// # Errors
/// `NotJson` with the place, or `WrongShape` with what was expected, if it is JSON of another shape.
pub(crate) fn read_object<'a, T: Deserialize<'a>>(text: &'a str, expected: &str) -> Result<T, Fault> {
    // serde would also take an array for a struct.
    let problem = match text.starts_with('{').then(|| serde_json::from_str(text)) {
        Some(Ok(object)) => return Ok(object),
        Some(Err(error)) => format!(": {error}"),
        None => String::new(),
    };
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Fault { reason: DropReason::WrongShape, detail: format!("expected {expected}{problem}") },
        Err(error) => Fault { reason: DropReason::NotJson, detail: format!("not JSON: {error}") },
    })
}

impl Cell<'_> {
    /// The number, none for null.
    pub(crate) fn number(&self, field: &str) -> Result<Option<f64>, Fault> {
        match self.finite(field)? {
            Self::Null => Ok(None),
            Self::Number(value) => Ok(Some(*value)),
            other => Err(other.unexpected(field, "a number or null")),
        }
    }

    /// The boolean, none for null.
    pub(crate) fn boolean(&self, field: &str) -> Result<Option<bool>, Fault> {
        match self.finite(field)? {
            Self::Null => Ok(None),
            Self::Bool(value) => Ok(Some(*value)),
            other => Err(other.unexpected(field, "true or false")),
        }
    }

    /// The text, none for null.
    pub(crate) fn text(&self, field: &str) -> Result<Option<&str>, Fault> {
        match self.finite(field)? {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            other => Err(other.unexpected(field, "a string or null")),
        }
    }

    /// The value itself, unless it stands for a number that is not finite.
    pub(crate) fn finite(&self, field: &str) -> Result<&Self, Fault> {
        match self {
            Self::Text(text) if text.starts_with(MARK) => {
                let token = text.trim_start_matches(MARK);
                Err(Fault::of(
                    DropReason::NotFinite,
                    field,
                    format_args!("expected a finite number, got {token}"),
                ))
            }
            _ => Ok(self),
        }
    }

    /// A fault that says what was expected instead.
    pub(crate) fn unexpected(&self, field: &str, expected: &str) -> Fault {
        Fault::of(DropReason::WrongType, field, format_args!("expected {expected}, got {self}"))
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "{:?}", text.chars().take(40).collect::<String>()),
            Self::Nested => f.write_str("an array or object"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

/// Reads text that may hold bare NaN or Infinity: these cost only the entry that they stand in.
pub(crate) fn tolerate_not_finite<T>(
    text: &str,
    read: impl Fn(&str) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let not_json = match read(text) {
        Err(fault) if fault.reason == DropReason::NotJson => fault,
        result => return result,
    };
    match mark_not_finite(text).map(|marked| read(&marked)) {
        Some(Err(fault)) if fault.reason == DropReason::NotJson => Err(not_json),
        Some(result) => result,
        None => Err(not_json),
    }
}

/// The text without byte order mark and surrounding blanks.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

/// Puts a marked string in the place of each bare NaN and Infinity; none if the text has none.
fn mark_not_finite(text: &str) -> Option<String> {
    let mut marked = String::with_capacity(text.len() + 64);
    let mut in_string = false;
    let mut escaped = false;
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            in_string = true;
        } else if let Some(token) =
            NOT_FINITE.into_iter().find(|token| text.as_bytes()[at..].starts_with(token.as_bytes()))
        {
            marked.push_str(&text[copied..at]);
            for part in ["\"", MARK_ESCAPED, token, "\""] {
                marked.push_str(part);
            }
            at += token.len();
            copied = at;
            continue;
        }
        at += 1;
    }
    marked.push_str(&text[copied..]);
    (copied > 0).then_some(marked)
}

/// The text as it was before [`mark_not_finite`].
pub(crate) fn unmark(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK_ESCAPED) {
        return Cow::Borrowed(text);
    }
    let restored = NOT_FINITE
        .iter()
        .fold(text.to_owned(), |text, token| text.replace(&format!("\"{MARK_ESCAPED}{token}\""), token));
    Cow::Owned(restored)
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Cell::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Cell::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Cell::Number(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_tokens_outside_strings_only() {
        for (text, expected) in [
            ("[1,2]", None),
            (r#"["NaN"]"#, None),
            (r#"["a\"NaN\\",NaN]"#, Some(r#"["a\"NaN\\","\u0000NaN"]"#)),
            ("[-Infinity,Infinity]", Some(r#"["\u0000-Infinity","\u0000Infinity"]"#)),
        ] {
            assert_eq!(mark_not_finite(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn unmarking_restores(text in r#"(NaN|Infinity|-Infinity|"[a-zN\\]*"|[\[\],0-9é]){0,12}"#) {
            if let Some(marked) = mark_not_finite(&text) {
                prop_assert_eq!(unmark(&marked), text);
            }
        }
    }
}
