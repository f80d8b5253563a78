//! From the text of a template to its pieces, each with its place.

use crate::locale::PluralForm;
use crate::template::{Problem, ProblemKind, TEMPLATE_BYTES_MAX, problem};
use core::iter::Peekable;
use core::str::Chars;
use serde::{Deserialize, Serialize};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// The number of the plural around it, `#`.
    Count,
    /// A value.
    Value {
        /// Of this parameter.
        name: String,
        /// Written like this.
        style: Style,
        /// Here.
        place: Place,
    },
    /// One of several texts, by a number.
    Plural {
        /// Of this parameter.
        name: String,
        /// The texts.
        branches: Vec<(PluralForm, Vec<Piece>)>,
        /// Here.
        place: Place,
    },
    /// One of several texts, by a choice.
    Select {
        /// Of this parameter.
        name: String,
        /// The texts.
        branches: Vec<(String, Vec<Piece>)>,
        /// Here.
        place: Place,
    },
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As its type is.
    Plain,
    /// Only the date of a time.
    Date,
    /// Only the time of day.
    Clock,
}

/// Where something stands, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The character in it.
    pub column: u32,
}

impl Piece {
    /// The parameter that it names, and where.
    #[must_use]
    pub fn name(&self) -> Option<(&str, Place)> {
        match self {
            Self::Value { name, place, .. }
            | Self::Plural { name, place, .. }
            | Self::Select { name, place, .. } => Some((name, *place)),
            Self::Text(_) | Self::Count => None,
        }
    }
}

const DEPTH_MAX: u32 = 3;

pub(super) fn parse(text: &str) -> Result<Vec<Piece>, Problem> {
    if text.len() > TEMPLATE_BYTES_MAX {
        let expected = format!("at most {TEMPLATE_BYTES_MAX} bytes");
        return Err(problem(ProblemKind::BadTemplate, "", None, &expected, &format!("{} bytes", text.len())));
    }
    let mut reader = Reader { rest: text.chars().peekable(), place: Place { line: 1, column: 1 } };
    let pieces = reader.pieces(0, false)?;
    Ok(pieces)
}

pub(super) fn is_name(text: &str) -> bool {
    let legal = |character: char| character.is_ascii_alphanumeric() || "_.".contains(character);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.len() <= 64 && text.chars().all(legal)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    place: Place,
}

impl Reader<'_> {
    /// Up to the end, or up to the brace that closes a branch.
    fn pieces(&mut self, depth: u32, counted: bool) -> Result<Vec<Piece>, Problem> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        loop {
            let place = self.place;
            match self.next() {
                None if depth == 0 => break,
                None => return Err(self.wrong("} at the end of the branch")),
                Some('}') if depth > 0 => break,
                Some('}') if self.take('}') => text.push('}'),
                Some('}') => return Err(at(place, "}} for a brace", "}")),
                Some('{') if self.take('{') => text.push('{'),
                Some('{') => {
                    flush(&mut text, &mut pieces);
                    pieces.push(self.placeholder(place, depth, counted)?);
                }
                Some('#') if counted => {
                    flush(&mut text, &mut pieces);
                    pieces.push(Piece::Count);
                }
                Some(character) => text.push(character),
            }
        }
        flush(&mut text, &mut pieces);
        Ok(pieces)
    }

    fn placeholder(&mut self, place: Place, depth: u32, counted: bool) -> Result<Piece, Problem> {
        let name = self.word()?;
        if !is_name(&name) {
            return Err(at(place, "a name of letters, digits, _ or . after {", &format!("{{{name}")));
        }
        if self.take('}') {
            return Ok(Piece::Value { name, style: Style::Plain, place });
        }
        self.need(',', "} or , after the name")?;
        self.blanks();
        let form_place = self.place;
        let form = self.word()?;
        let style = match form.as_str() {
            "date" => Style::Date,
            "time" => Style::Clock,
            "plural" | "select" if depth < DEPTH_MAX => {
                return self.branches(name, place, &form, depth, counted);
            }
            "plural" | "select" => {
                return Err(at(form_place, "at most three forms within each other", &form));
            }
            _ => return Err(at(form_place, "date, time, plural or select", &form)),
        };
        self.need('}', "} after the form")?;
        Ok(Piece::Value { name, style, place })
    }

    fn branches(
        &mut self,
        name: String,
        place: Place,
        form: &str,
        depth: u32,
        counted: bool,
    ) -> Result<Piece, Problem> {
        self.need(',', ", after the form")?;
        let plural = form == "plural";
        let mut branches: Vec<(String, Vec<Piece>)> = Vec::new();
        while !self.take('}') {
            self.blanks();
            let key_place = self.place;
            let key = self.word()?;
            let known = !plural || plural_form(&key).is_some();
            if key.is_empty() || !known || branches.iter().any(|(other, _)| *other == key) {
                let expected =
                    if plural { "one, few or other, each once, or }" } else { "a choice, each once, or }" };
                return Err(at(key_place, expected, &key));
            }
            self.need('{', "{ after the branch's name")?;
            let pieces = self.pieces(depth + 1, plural || counted)?;
            branches.push((key, pieces));
            self.blanks();
        }
        if !branches.iter().any(|(key, _)| key == "other") {
            return Err(at(place, "a branch other {...}", form));
        }
        if !plural {
            return Ok(Piece::Select { name, branches, place });
        }
        let formed = branches.into_iter().filter_map(|(key, pieces)| Some((plural_form(&key)?, pieces)));
        Ok(Piece::Plural { name, branches: formed.collect(), place })
    }

    /// Letters up to a blank, a brace or a comma; blanks around it are left out.
    fn word(&mut self) -> Result<String, Problem> {
        self.blanks();
        let mut word = String::new();
        while let Some(character) = self.rest.peek().copied() {
            if character.is_whitespace() || "{},".contains(character) {
                break;
            }
            word.push(character);
            self.next();
            if word.len() > 64 {
                return Err(self.wrong("a name of at most 64 letters"));
            }
        }
        self.blanks();
        Ok(word)
    }

    fn need(&mut self, character: char, expected: &str) -> Result<(), Problem> {
        if self.take(character) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    fn wrong(&mut self, expected: &str) -> Problem {
        let found = self.rest.peek().map_or_else(|| "the end".to_owned(), char::to_string);
        at(self.place, expected, &found)
    }

    fn blanks(&mut self) {
        while self.rest.peek().is_some_and(|character| character.is_whitespace()) {
            self.next();
        }
    }

    fn take(&mut self, character: char) -> bool {
        let is_there = self.rest.peek() == Some(&character);
        if is_there {
            self.next();
        }
        is_there
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        if character == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(character)
    }
}

fn plural_form(key: &str) -> Option<PluralForm> {
    match key {
        "one" => Some(PluralForm::One),
        "few" => Some(PluralForm::Few),
        "other" => Some(PluralForm::Other),
        _ => None,
    }
}

fn flush(text: &mut String, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(core::mem::take(text)));
    }
}

fn at(place: Place, expected: &str, found: &str) -> Problem {
    problem(ProblemKind::BadTemplate, "", Some(place), expected, found)
}
