//! Members of a JSON object, taken one by one; a mistake names its place and what was expected.

use inflight_domain::{Json, UnixMillis};
use serde_json::{Map, Value};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}, got {found}")]
pub struct Mistake {
    /// Where, such as `data.scores.fused`.
    pub place: String,
    /// What belongs there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// An object whose members are taken out; none may be left over.
pub struct Fields {
    place: String,
    members: Map<String, Value>,
}

/// Free data may be nested this deep: clients read no deeper than twelve levels, frame and all.
const DEEPEST: usize = 6;

/// Texts in rows are at most this many bytes long.
const LONGEST_TEXT: usize = 16 * 1024;

impl Mistake {
    fn new(place: String, expected: impl Into<String>, value: &Value) -> Self {
        Self { place, expected: expected.into(), found: described(value) }
    }
}

impl Fields {
    /// The members of a value that stands at a place.
    ///
    /// # Errors
    /// It is no object.
    pub fn of(place: impl Into<String>, value: Value) -> Result<Self, Mistake> {
        let place = place.into();
        match value {
            Value::Object(members) => Ok(Self { place, members }),
            other => Err(Mistake::new(place, "an object", &other)),
        }
    }

    /// The same members, whose places are told by their names alone.
    #[must_use]
    pub fn at_top(self) -> Self {
        Self { place: String::new(), ..self }
    }

    /// A member of any kind; null where it is absent.
    #[must_use]
    pub fn any(&mut self, name: &str) -> Value {
        self.members.remove(name).unwrap_or_default()
    }

    /// A text that is not empty.
    ///
    /// # Errors
    /// Another value.
    pub fn text(&mut self, name: &str) -> Result<String, Mistake> {
        match self.any(name) {
            Value::String(text) if (1..=LONGEST_TEXT).contains(&text.len()) => Ok(text),
            other => Err(self.wrong(name, "a text of 1 to 16384 bytes", &other)),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// Another value.
    pub fn number(&mut self, name: &str) -> Result<f64, Mistake> {
        let value = self.any(name);
        value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| self.wrong(name, "a number", &value))
    }

    /// A time in RFC 3339; now where it is absent.
    ///
    /// # Errors
    /// Another value.
    pub fn time(&mut self, name: &str, now: UnixMillis) -> Result<UnixMillis, Mistake> {
        match self.any(name) {
            Value::Null => Ok(now),
            value => {
                let time = value.as_str().and_then(UnixMillis::parse_rfc3339);
                time.ok_or_else(|| self.wrong(name, "a time such as 2024-01-15T10:30:00Z", &value))
            }
        }
    }

    /// Texts.
    ///
    /// # Errors
    /// Another value.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, Mistake> {
        let one = |(place, value): (usize, Value)| match value {
            Value::String(text) if text.len() <= LONGEST_TEXT => Ok(text),
            other => Err(Mistake::new(format!("{}.{name}[{place}]", self.place), "a text", &other)),
        };
        match self.members.remove(name).unwrap_or_default() {
            Value::Array(values) => values.into_iter().enumerate().map(one).collect(),
            other => Err(self.wrong(name, "a list of texts", &other)),
        }
    }

    /// An object.
    ///
    /// # Errors
    /// Another value.
    pub fn object(&mut self, name: &str) -> Result<Self, Mistake> {
        let place = self.at(name);
        Self::of(place, self.any(name))
    }

    /// Objects.
    ///
    /// # Errors
    /// Another value.
    pub fn objects(&mut self, name: &str) -> Result<Vec<Self>, Mistake> {
        let here = self.at(name);
        match self.any(name) {
            Value::Array(values) => {
                let named = values.into_iter().enumerate();
                named.map(|(place, value)| Self::of(format!("{here}[{place}]"), value)).collect()
            }
            other => Err(self.wrong(name, "a list of objects", &other)),
        }
    }

    /// Nothing is left over.
    ///
    /// # Errors
    /// Something is; `known` says what may be there.
    pub fn end(self, known: &str) -> Result<(), Mistake> {
        match self.members.into_iter().next() {
            None => Ok(()),
            Some((name, value)) => {
                Err(Mistake::new(path(&self.place, &name), format!("only {known}"), &value))
            }
        }
    }

    /// A mistake at a member.
    #[must_use]
    pub fn wrong(&self, name: &str, expected: &str, value: &Value) -> Mistake {
        Mistake::new(self.at(name), expected, value)
    }

    fn at(&self, name: &str) -> String {
        path(&self.place, name)
    }
}

/// Free data as a tree.
///
/// # Errors
/// It is nested too deep.
pub fn tree(place: &str, value: Value) -> Result<Json, Mistake> {
    within(place, value, DEEPEST)
}

fn within(place: &str, value: Value, deeper: usize) -> Result<Json, Mistake> {
    if deeper == 0 && (value.is_array() || value.is_object()) {
        return Err(Mistake::new(place.to_owned(), format!("at most {DEEPEST} levels"), &value));
    }
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(truth),
        Value::Number(number) => {
            let float = || Json::Float(number.as_f64().unwrap_or_default());
            number.as_i64().map_or_else(float, Json::Integer)
        }
        Value::String(text) => Json::Text(text),
        Value::Array(values) => {
            let one = |(index, value)| within(&format!("{place}[{index}]"), value, deeper - 1);
            Json::Array(values.into_iter().enumerate().map(one).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let one = |(name, value): (String, Value)| {
                let value = within(&format!("{place}.{name}"), value, deeper - 1)?;
                Ok((name, value))
            };
            Json::Object(members.into_iter().map(one).collect::<Result<_, _>>()?)
        }
    })
}

/// A value as an error tells it: what it is, and a little of it where that is short.
fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.len() > 40 => format!("a text of {} bytes", text.len()),
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Object(members) => format!("an object of {} members", members.len()),
        short => short.to_string(),
    }
}

fn path(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}
