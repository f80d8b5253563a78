//! Values of parameters: read by type, shown by locale.

use crate::locale::Locale;
use crate::spec::{Parameter, ParameterType};
use crate::template::parse::{Piece, Place, Style};
use crate::template::{Problem, ProblemKind, problem};
use inflight_domain::UnixMillis;
use serde_json::Value;

/// Items of a list that are shown.
const ITEMS_MAX: usize = 50;

/// A value that fits its parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Typed {
    Text(String),
    Number(String),
    Money { amount: String, currency: String },
    Time { at: UnixMillis, ahead_min: i64, zone: Option<String> },
    List(Vec<String>),
    Nothing,
}

impl Typed {
    pub(super) fn show(&self, style: Style, locale: Locale) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => locale.number(number),
            Self::Money { amount, currency } => format!("{} {currency}", locale.number(amount)),
            Self::Time { at, ahead_min, zone } => {
                let (date, mut clock) = (locale.date(*at, *ahead_min), locale.clock(*at, *ahead_min));
                if let Some(zone) = zone {
                    clock = format!("{} {zone}", clock.get(..5).unwrap_or_default());
                }
                match style {
                    Style::Plain => format!("{date}, {clock}"),
                    Style::Date => date,
                    Style::Clock => clock,
                }
            }
            Self::List(items) if items.len() > ITEMS_MAX => {
                let more = locale.pick("more", "altele");
                let mut shown = items[..ITEMS_MAX].to_vec();
                shown.push(format!("{} {more}", items.len() - ITEMS_MAX));
                locale.list(&shown)
            }
            Self::List(items) => locale.list(items),
            Self::Nothing => String::new(),
        }
    }
}

/// The value of a parameter; one that is not required may be absent.
pub(super) fn read(parameter: &Parameter, value: Option<&Value>) -> Result<Typed, Problem> {
    let expected = expectation(parameter);
    let Some(value) = value.filter(|value| !value.is_null()) else {
        if !parameter.required {
            return Ok(Typed::Nothing);
        }
        return Err(problem(ProblemKind::Missing, &parameter.name, None, &expected, "nothing"));
    };
    let typed = match parameter.kind {
        ParameterType::Text => value.as_str().map(|text| Typed::Text(text.to_owned())),
        ParameterType::Number => number(value).map(Typed::Number),
        ParameterType::Money => money(value),
        ParameterType::Time => time(value),
        ParameterType::Choice => {
            let known = |text: &&str| parameter.choices.iter().any(|choice| choice == text);
            value.as_str().filter(known).map(|text| Typed::Text(text.to_owned()))
        }
        ParameterType::List => list(value),
    };
    let wrong = || problem(ProblemKind::WrongType, &parameter.name, None, &expected, &value.to_string());
    typed.ok_or_else(wrong)
}

pub(super) fn form_problem(piece: &Piece, parameter: &Parameter, place: Place) -> Option<Problem> {
    let (form, fits) = match piece {
        Piece::Plural { .. } => ("plural", parameter.kind == ParameterType::Number),
        Piece::Select { .. } => ("select", parameter.kind == ParameterType::Choice),
        Piece::Value { style: Style::Date | Style::Clock, .. } => {
            ("date or time", parameter.kind == ParameterType::Time)
        }
        _ => return None,
    };
    let expected = format!("a form that fits {}", parameter.kind.name());
    (!fits).then(|| problem(ProblemKind::WrongForm, &parameter.name, Some(place), &expected, form))
}

pub(super) fn choices_problem(parameter: &Parameter) -> Option<Problem> {
    let is_choice = parameter.kind == ParameterType::Choice;
    (is_choice == parameter.choices.is_empty()).then(|| {
        let (expected, found) = if is_choice {
            ("choices", "none")
        } else {
            ("choices only for a choice", parameter.kind.name())
        };
        problem(ProblemKind::BadParameter, &parameter.name, None, expected, found)
    })
}

fn expectation(parameter: &Parameter) -> String {
    match parameter.kind {
        ParameterType::Text => "a text".to_owned(),
        ParameterType::Number => "a number of at most 15 digits".to_owned(),
        ParameterType::Money => {
            "money as \"12.50 USD\" or {\"amount\": \"12.50\", \"currency\": \"USD\"}".to_owned()
        }
        ParameterType::Time => {
            "a time in RFC 3339, or {\"at\": ..., \"zone\": \"Europe/Bucharest\"}".to_owned()
        }
        ParameterType::Choice => format!("one of {}", parameter.choices.join(", ")),
        ParameterType::List => "a list of texts or numbers".to_owned(),
    }
}

fn number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => decimal(&number.to_string()),
        Value::String(text) => decimal(text.trim()),
        _ => None,
    }
}

/// A decimal number without leading zeros; none where it is none or too long to be exact.
fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = plain(whole) && plain(fraction) && whole.len() <= 15 && fraction.len() <= 15;
    fits.then_some(())?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn money(value: &Value) -> Option<Typed> {
    let (amount, currency) = match value {
        Value::String(text) => {
            let (amount, currency) = text.trim().split_once(' ')?;
            (decimal(amount)?, currency)
        }
        Value::Object(members) => (number(members.get("amount")?)?, members.get("currency")?.as_str()?),
        _ => return None,
    };
    let legal = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    legal.then_some(())?;
    let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, ""));
    let amount = format!("{whole}.{fraction:0<2}");
    Some(Typed::Money { amount, currency: currency.to_owned() })
}

fn time(value: &Value) -> Option<Typed> {
    let (text, zone) = match value {
        Value::String(text) => (text.as_str(), None),
        Value::Object(members) => {
            let zone = members.get("zone")?.as_str().filter(|zone| zone.len() <= 64)?;
            (members.get("at")?.as_str()?, Some(zone.to_owned()))
        }
        _ => return None,
    };
    let at = UnixMillis::parse_rfc3339(text)?;
    let local = text.get(..19).and_then(UnixMillis::parse_rfc3339)?;
    let ahead_min =
        (local.0 - at.0).div_euclid(60_000) + i64::from((local.0 - at.0).rem_euclid(60_000) > 59_000);
    Some(Typed::Time { at, ahead_min, zone })
}

fn list(value: &Value) -> Option<Typed> {
    let items = value.as_array()?.iter().map(|item| match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => decimal(&number.to_string()),
        _ => None,
    });
    items.collect::<Option<Vec<_>>>().map(Typed::List)
}
