//! Message templates: text with typed parameters, checked before it is kept and rendered without ever failing.
//!
//! A small part of ICU's message format: `{name}`, `{at, date}`, `{at, time}`, `{count, plural, one {# case} few {...}
//! other {# cases}}`, `{kind, select, delay {...} other {...}}`; `{{` and `}}` are braces outside of branches.

mod parse;
mod value;

pub use parse::{Piece, Place, Style};

use crate::locale::{Locale, PluralForm};
use crate::spec::Parameter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use value::Typed;

/// Longest template in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 8 * 1024;
/// Longest text that is rendered, in bytes; the rest is cut.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// How values are written into the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// As text: characters that steer a terminal or turn the writing round are left out.
    #[default]
    Plain,
    /// As text of HTML.
    Html,
}

/// Problems that are told at once.
pub const PROBLEMS_MAX: usize = 50;

/// What is wrong with a template, its parameters or their values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem.
    pub problem: ProblemKind,
    /// The parameter, or empty where it is about the template.
    pub parameter: String,
    /// Where in the template.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
    /// What was expected.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The template cannot be read.
    BadTemplate,
    /// A placeholder that no parameter describes.
    UnknownPlaceholder,
    /// A placeholder whose form does not fit the parameter's type.
    WrongForm,
    /// A parameter that is described twice or badly.
    BadParameter,
    /// A parameter that the template does not use; it renders all the same.
    Unused,
    /// A required value is not there.
    Missing,
    /// A value is not of its type.
    WrongType,
}

/// What a preview shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The text; what is missing or wrong stands in it as `⟨name⟩`.
    pub text: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl ProblemKind {
    /// Whether it keeps a text from being sent.
    #[must_use]
    pub fn blocks(self) -> bool {
        self != Self::Unused
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What cannot be read, with its place.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        parse::parse(text).map(|pieces| Self { pieces })
    }

    /// What a template and its parameters say about each other.
    #[must_use]
    pub fn check(&self, parameters: &[Parameter]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut used = BTreeMap::new();
        walk(&self.pieces, &mut |piece| {
            let Some((name, place)) = piece.name() else { return };
            used.insert(name.to_owned(), place);
            if problems.len() >= PROBLEMS_MAX {
                return;
            }
            match parameters.iter().find(|parameter| parameter.name == name) {
                None => problems.push(unknown(name, place, parameters)),
                Some(parameter) => problems.extend(value::form_problem(piece, parameter, place)),
            }
        });
        for (index, parameter) in parameters.iter().enumerate() {
            let twice = parameters[..index].iter().any(|other| other.name == parameter.name);
            if twice || !parse::is_name(&parameter.name) {
                let expected = if twice { "each name once" } else { "a name of letters, digits, _ or ." };
                problems.push(problem(
                    ProblemKind::BadParameter,
                    &parameter.name,
                    None,
                    expected,
                    &parameter.name,
                ));
            } else if let Some(wrong) = value::choices_problem(parameter) {
                problems.push(wrong);
            } else if !used.contains_key(&parameter.name) {
                problems.push(problem(
                    ProblemKind::Unused,
                    &parameter.name,
                    None,
                    "a place in the template",
                    "none",
                ));
            }
        }
        problems
    }

    /// The text as far as it goes, and all that is wrong.
    #[must_use]
    pub fn preview(
        &self,
        parameters: &[Parameter],
        values: &Map<String, Value>,
        locale: Locale,
        escape: Escape,
    ) -> Preview {
        let mut problems = self.check(parameters);
        let mut typed = BTreeMap::new();
        for parameter in parameters {
            match value::read(parameter, values.get(&parameter.name)) {
                Ok(value) => {
                    typed.insert(parameter.name.as_str(), value);
                }
                Err(wrong) => problems.push(wrong),
            }
        }
        let mut text = String::new();
        let mut pen = Pen { typed: &typed, locale, escape, text: &mut text };
        pen.write(&self.pieces, None);
        Preview { text, problems }
    }

    /// The text, if nothing is wrong that keeps it from being sent.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn render(
        &self,
        parameters: &[Parameter],
        values: &Map<String, Value>,
        locale: Locale,
        escape: Escape,
    ) -> Result<String, Vec<Problem>> {
        let mut preview = self.preview(parameters, values, locale, escape);
        preview.problems.retain(|problem| problem.problem.blocks());
        if preview.problems.is_empty() { Ok(preview.text) } else { Err(preview.problems) }
    }
}

/// Checks, and previews with these values; a template that cannot be read gives an empty text.
#[must_use]
pub fn preview(text: &str, parameters: &[Parameter], values: &Map<String, Value>, locale: Locale) -> Preview {
    match Template::parse(text) {
        Ok(template) => {
            let mut preview = template.preview(parameters, values, locale, Escape::Plain);
            preview.problems.truncate(PROBLEMS_MAX);
            preview
        }
        Err(problem) => Preview { text: String::new(), problems: vec![problem] },
    }
}

struct Pen<'a> {
    typed: &'a BTreeMap<&'a str, Typed>,
    locale: Locale,
    escape: Escape,
    text: &'a mut String,
}

impl Pen<'_> {
    fn write(&mut self, pieces: &[Piece], count: Option<&str>) {
        for piece in pieces {
            if self.text.len() > TEXT_BYTES_MAX {
                return;
            }
            match piece {
                Piece::Text(text) => self.text.push_str(text),
                Piece::Count => self.text.push_str(&self.locale.number(count.unwrap_or("0"))),
                Piece::Value { name, style, .. } => match self.typed.get(name.as_str()) {
                    Some(value) => put(self.text, &value.show(*style, self.locale), self.escape),
                    None => self.gap(name),
                },
                Piece::Plural { name, branches, .. } => match self.typed.get(name.as_str()) {
                    Some(Typed::Number(number)) => {
                        let form = self.locale.plural(number);
                        self.write(plural_branch(branches, form), Some(number));
                    }
                    _ => self.gap(name),
                },
                Piece::Select { name, branches, .. } => match self.typed.get(name.as_str()) {
                    Some(Typed::Text(choice)) => {
                        let other = || branches.iter().find(|(key, _)| key == "other");
                        let branch = branches.iter().find(|(key, _)| key == choice).or_else(other);
                        self.write(branch.map_or(&[], |(_, pieces)| pieces.as_slice()), count);
                    }
                    _ => self.gap(name),
                },
            }
        }
    }

    fn gap(&mut self, name: &str) {
        self.text.push('\u{27e8}');
        self.text.push_str(name);
        self.text.push('\u{27e9}');
    }
}

fn plural_branch(branches: &[(PluralForm, Vec<Piece>)], form: PluralForm) -> &[Piece] {
    let find = |form| branches.iter().find(|(key, _)| *key == form);
    find(form).or_else(|| find(PluralForm::Other)).map_or(&[], |(_, pieces)| pieces.as_slice())
}

fn put(text: &mut String, value: &str, escape: Escape) {
    for character in value.chars() {
        let steers = character.is_control() && character != '\n';
        let turns =
            matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match (escape, character) {
            _ if steers || turns => {}
            (Escape::Html, '&') => text.push_str("&amp;"),
            (Escape::Html, '<') => text.push_str("&lt;"),
            (Escape::Html, '>') => text.push_str("&gt;"),
            (Escape::Html, '"') => text.push_str("&quot;"),
            (Escape::Html, '\'') => text.push_str("&#39;"),
            _ => text.push(character),
        }
    }
}

fn walk(pieces: &[Piece], look: &mut impl FnMut(&Piece)) {
    for piece in pieces {
        look(piece);
        match piece {
            Piece::Plural { branches, .. } => branches.iter().for_each(|(_, pieces)| walk(pieces, look)),
            Piece::Select { branches, .. } => branches.iter().for_each(|(_, pieces)| walk(pieces, look)),
            _ => {}
        }
    }
}

fn unknown(name: &str, place: Place, parameters: &[Parameter]) -> Problem {
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let expected =
        if names.is_empty() { "no placeholder".to_owned() } else { format!("one of {}", names.join(", ")) };
    problem(ProblemKind::UnknownPlaceholder, name, Some(place), &expected, &format!("{{{name}}}"))
}

fn problem(kind: ProblemKind, parameter: &str, place: Option<Place>, expected: &str, found: &str) -> Problem {
    Problem {
        problem: kind,
        parameter: parameter.to_owned(),
        place,
        expected: expected.to_owned(),
        found: found.chars().take(80).collect(),
    }
}

#[cfg(test)]
mod tests;
