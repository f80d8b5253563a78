//! JSON that a person wrote, with where and why it is none. Without a JSON library, as the rest of the page.

use inflight_wire::Datum;

/// Values within values are at most this deep.
const DEEPEST: usize = 32;

/// Why a text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A value is expected: a text in quotes, a number, `true`, `false`, `null`, a list or an object.
    Value,
    /// A name in double quotes is expected.
    Name,
    /// A colon is expected.
    Colon,
    /// A comma or the end of the list or object is expected.
    Comma,
    /// The text in quotes does not end, or holds what must be escaped.
    Text,
    /// There is more after the value.
    End,
    /// Too many values within values.
    Deep,
}

/// What is wrong and where: line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What.
    pub wrong: Wrong,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Reads a value.
///
/// # Errors
/// What is wrong first, and where.
pub fn parse(text: &str) -> Result<Datum, Mistake> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).and_then(|value| {
        reader.blanks();
        if reader.at < text.len() { Err(Wrong::End) } else { Ok(value) }
    });
    value.map_err(|wrong| {
        let before = text.get(..reader.at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Mistake { wrong, line, column }
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn next(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.next(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(word);
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Datum, Wrong> {
        self.blanks();
        if depth > DEEPEST {
            return Err(Wrong::Deep);
        }
        match self.next() {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string(Wrong::Value).map(Datum::Text),
            b'-' | b'0'..=b'9' => self.number(),
            _ if self.takes("true") => Ok(Datum::Bool(true)),
            _ if self.takes("false") => Ok(Datum::Bool(false)),
            _ if self.takes("null") => Ok(Datum::Nil),
            _ => Err(Wrong::Value),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Datum, Wrong> {
        let mut members: Vec<(String, Datum)> = Vec::new();
        self.at += 1;
        self.blanks();
        if self.takes("}") {
            return Ok(Datum::Map(members));
        }
        loop {
            self.blanks();
            let name = self.string(Wrong::Name)?;
            self.blanks();
            if !self.takes(":") {
                return Err(Wrong::Colon);
            }
            let value = self.value(depth + 1)?;
            members.retain(|(own, _)| *own != name);
            members.push((name, value));
            if self.ends("}")? {
                return Ok(Datum::Map(members));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Datum, Wrong> {
        let mut values = Vec::new();
        self.at += 1;
        self.blanks();
        if self.takes("]") {
            return Ok(Datum::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.ends("]")? {
                return Ok(Datum::List(values));
            }
        }
    }

    /// Whether this is the end, or a comma stands before more.
    fn ends(&mut self, end: &str) -> Result<bool, Wrong> {
        self.blanks();
        if self.takes(end) {
            return Ok(true);
        }
        if self.takes(",") { Ok(false) } else { Err(Wrong::Comma) }
    }

    fn number(&mut self) -> Result<Datum, Wrong> {
        let length = self.text[self.at..]
            .find(|letter: char| !matches!(letter, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(self.text.len() - self.at);
        let digits = &self.text[self.at..self.at + length];
        let after_sign = digits.trim_start_matches('-');
        let is_padded = after_sign.len() > 1 && after_sign.starts_with('0') && !after_sign.starts_with("0.");
        if is_padded || digits.ends_with('.') {
            return Err(Wrong::Value);
        }
        let whole = digits.parse().map(Datum::Integer).ok();
        let value =
            whole.or_else(|| digits.parse().ok().filter(|number: &f64| number.is_finite()).map(Datum::Float));
        self.at += if value.is_some() { length } else { 0 };
        value.ok_or(Wrong::Value)
    }

    fn string(&mut self, or: Wrong) -> Result<String, Wrong> {
        if self.next() != b'"' {
            return Err(or);
        }
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(letter) = self.text[self.at..].chars().next() else {
                self.at = from;
                return Err(Wrong::Text);
            };
            match letter {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape()?),
                control if u32::from(control) < 0x20 => return Err(Wrong::Text),
                other => {
                    text.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let letter = self.text.as_bytes().get(self.at + 1).copied().unwrap_or(0);
        let found = match letter {
            b'"' | b'\\' | b'/' => letter as char,
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => return self.unicode(),
            _ => return Err(Wrong::Text),
        };
        self.at += 2;
        Ok(found)
    }

    fn unicode(&mut self) -> Result<char, Wrong> {
        let first = self.unit()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let second = self.unit()?;
            0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00) % 0x400
        } else {
            first
        };
        char::from_u32(code).ok_or(Wrong::Text)
    }

    fn unit(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.get(self.at..self.at + 6).and_then(|text| text.strip_prefix("\\u"));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(Wrong::Text)?;
        self.at += 6;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::system::json::json;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<&str, (Wrong, usize, usize)>) {
        let found = parse(text).map(|value| json(&value).split_whitespace().collect::<String>());
        let found = found.map_err(|mistake| (mistake.wrong, mistake.line, mistake.column));
        assert_eq!(found, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn json_is_read_or_told_where_it_is_none() {
        check(r#" {"a": [1, -2.5, true, null], "b": {}} "#, Ok(r#"{"a":[1,-2.5,true,null],"b":{}}"#));
        check(r#""ă\n\u0103\ud83d\ude00""#, Ok("\"ă\\nă😀\""));
        check("{\n  \"a\": 1,\n  b: 2\n}", Err((Wrong::Name, 3, 3)));
        check("{\"a\" 1}", Err((Wrong::Colon, 1, 6)));
        check("[1 2]", Err((Wrong::Comma, 1, 4)));
        check("[1,]", Err((Wrong::Value, 1, 4)));
        check("", Err((Wrong::Value, 1, 1)));
        check("\"open", Err((Wrong::Text, 1, 1)));
        check("1 1", Err((Wrong::End, 1, 3)));
        check("01", Err((Wrong::Value, 1, 1)));
        check(&"[".repeat(50), Err((Wrong::Deep, 1, 34)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[\\[\\]{}\",:0-9eE.\\\\u a-f\u{103}-]{0,40}") {
            if let Ok(value) = parse(&text) {
                prop_assert_eq!(parse(&json(&value)).map(|again| json(&again)), Ok(json(&value)));
            }
        }
    }
}
