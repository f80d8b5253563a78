//! The filter: altitude band, ground or air, and patterns over the words of an aircraft, as the address holds it.

use crate::text::{Locale, Text, Units, altitude, countries_named, parse_decimal};
use inflight_domain::aircraft::Field;
use inflight_domain::{Aircraft, country};

/// Metres of a foot.
const FOOT_M: f64 = 0.3048;

/// Patterns longer than this are not taken, so that an address cannot bring a page to its knees.
const LONGEST: usize = 120;

/// What an aircraft is called that the source's data base knows as military.
pub const MILITARY: &str = "military";

/// Where the pattern for [`MILITARY`] stands in [`WORDS`].
pub const FLAG_WORD: usize = WORDS.len() - 1;

/// A word of an aircraft that a pattern is held against.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Its name in the query string; those of tar1090 where it has one.
    pub name: &'static str,
    /// What it is called on the screen.
    pub label: Text,
    /// An example for the empty field.
    pub example: &'static str,
    of: fn(&Aircraft) -> String,
}

/// All words that can be filtered by.
pub const WORDS: [Word; 8] = [
    Word { name: "filterCallSign", label: Text::Callsign, example: "UAL, ^(UAL|DAL)", of: callsign },
    Word {
        name: "filterIcao",
        label: Text::Hex,
        example: "a13, ^4b",
        of: |aircraft| aircraft.icao24.to_string(),
    },
    Word { name: "filterType", label: Text::TypeOrCategory, example: "B738, ^A32, A7", of: kind },
    Word { name: "filterReg", label: Text::Registration, example: "YR-, ^N", of: registration },
    Word { name: "filterCountry", label: Text::Country, example: "RO, Romania", of: state },
    Word { name: "filterSources", label: Text::PositionSource, example: "adsb, mlat", of: source },
    Word { name: "filterSquawk", label: Text::Squawk, example: "7700, ^12", of: squawk },
    Word { name: "filterDbFlag", label: Text::DatabaseFlag, example: MILITARY, of: flags },
];

/// Where aircraft are that are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    #[default]
    Anywhere,
    /// In the air.
    Air,
    /// On the ground.
    Ground,
}

/// Which aircraft are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Lowest altitude in feet.
    pub low_ft: Option<i64>,
    /// Highest altitude in feet.
    pub high_ft: Option<i64>,
    /// In the air, on the ground, or both.
    pub place: Place,
    /// Patterns in the order of [`WORDS`], empty where there is none.
    pub patterns: [String; WORDS.len()],
}

/// A part of a filter that can be taken away by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Both ends of the altitude band.
    Altitude,
    /// Ground or air.
    Place,
    /// A pattern.
    Word(usize),
}

/// Says whether a text fits.
pub type Matcher = Box<dyn Fn(&str) -> bool>;

/// Makes a matcher of a regular expression, or says what is wrong with it.
pub type Compile = fn(&str) -> Result<Matcher, String>;

impl Place {
    /// The values of `filterGround` and of the form.
    pub const NAMES: [&str; 3] = ["", "0", "1"];

    /// The place of a value.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "0" => Self::Air,
            "1" => Self::Ground,
            _ => Self::Anywhere,
        }
    }

    /// The value.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Filter {
    /// Takes a pair of the query string; false if it belongs to something else.
    pub fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "filterAltMin" => self.low_ft = parse_decimal(value, 0),
            "filterAltMax" => self.high_ft = parse_decimal(value, 0),
            "filterGround" => self.place = Place::parse(value),
            _ => match WORDS.iter().position(|word| word.name == name) {
                Some(index) => self.patterns[index] = value.chars().take(LONGEST).collect(),
                None => return false,
            },
        }
        true
    }

    /// The pairs of the query string, values not yet coded.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut push = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        push("filterAltMin", self.low_ft.map(|feet| feet.to_string()));
        push("filterAltMax", self.high_ft.map(|feet| feet.to_string()));
        push("filterGround", (self.place != Place::Anywhere).then(|| self.place.name().to_owned()));
        for (word, pattern) in WORDS.iter().zip(&self.patterns) {
            push(word.name, (!pattern.is_empty()).then(|| pattern.clone()));
        }
        pairs
    }

    /// What is filtered by.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if self.low_ft.is_some() || self.high_ft.is_some() {
            parts.push(Part::Altitude);
        }
        if self.place != Place::Anywhere {
            parts.push(Part::Place);
        }
        parts.extend((0..WORDS.len()).filter(|index| !self.patterns[*index].is_empty()).map(Part::Word));
        parts
    }

    /// The filter without one of its parts.
    #[must_use]
    pub fn without(&self, part: Part) -> Self {
        let mut rest = self.clone();
        match part {
            Part::Altitude => (rest.low_ft, rest.high_ft) = (None, None),
            Part::Place => rest.place = Place::Anywhere,
            Part::Word(index) => rest.patterns[index].clear(),
        }
        rest
    }

    /// A part in words.
    #[must_use]
    pub fn told(&self, part: Part, locale: Locale, units: Units) -> String {
        match part {
            Part::Altitude => {
                let end = |feet: Option<i64>| feet.map(|feet| altitude(locale, units, feet as f64 * FOOT_M));
                let band = match (end(self.low_ft), end(self.high_ft)) {
                    (Some(low), Some(high)) => [low, high].join(" – "),
                    (Some(low), None) => ["≥ ", &low].concat(),
                    (_, high) => ["≤ ", &high.unwrap_or_default()].concat(),
                };
                [band.as_str(), units.altitude_unit()].join("\u{a0}")
            }
            Part::Place if self.place == Place::Air => Text::Airborne.of(locale).to_owned(),
            Part::Place => Text::OnGround.of(locale).to_owned(),
            Part::Word(index) => format!("{}: {}", WORDS[index].label.of(locale), self.patterns[index]),
        }
    }

    /// Whether altitude and place let an aircraft through; what stands on the ground is at 0 ft.
    #[must_use]
    pub fn lets_through(&self, aircraft: &Aircraft) -> bool {
        let on_ground = aircraft.on_ground();
        let place = match self.place {
            Place::Anywhere => true,
            Place::Air => !on_ground,
            Place::Ground => on_ground,
        };
        let altitude_ft =
            if on_ground { Some(0.0) } else { aircraft.altitude_m().map(|metres| metres / FOOT_M) };
        // A source's feet became centimetres on the way.
        let low = self.low_ft.is_none_or(|low| altitude_ft.is_some_and(|feet| feet >= low as f64 - 0.5));
        let high = self.high_ft.is_none_or(|high| altitude_ft.is_some_and(|feet| feet <= high as f64 + 0.5));
        place && low && high
    }
}

/// A matcher of a pattern. Letters, digits and blanks are looked for as they stand, commas part alternatives;
/// anything else is a regular expression. Case does not count. Countries are named by code, or by three letters of
/// their name and more.
///
/// # Errors
/// What is wrong with the regular expression.
pub fn matcher(index: usize, pattern: &str, compile: Compile) -> Result<Matcher, String> {
    let whole = WORDS[index].label == Text::Country;
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b" ,-_".contains(&byte)
            || whole && (!byte.is_ascii() || byte == b'\'')
    };
    let plain = pattern.bytes().all(plain);
    if !plain {
        return compile(pattern);
    }
    let mut wanted: Vec<String> = pattern
        .split(',')
        .map(|text| text.trim().to_ascii_uppercase())
        .filter(|text| !text.is_empty())
        .collect();
    if whole {
        let names = wanted.iter().filter(|name| name.chars().count() > 2);
        let named: Vec<&str> = names.flat_map(|name| countries_named(name)).collect();
        wanted.extend(named.into_iter().map(ToOwned::to_owned));
    }
    Ok(Box::new(move |text| {
        let text = text.to_ascii_uppercase();
        wanted
            .iter()
            .any(|wanted| if whole && wanted.len() == 2 { text == *wanted } else { text.contains(wanted) })
    }))
}

/// The word of an aircraft that the pattern at this index is held against.
#[must_use]
pub fn word(index: usize, aircraft: &Aircraft) -> String {
    (WORDS[index].of)(aircraft)
}

fn callsign(aircraft: &Aircraft) -> String {
    aircraft.callsign().map(|callsign| callsign.as_str().to_owned()).unwrap_or_default()
}

fn squawk(aircraft: &Aircraft) -> String {
    aircraft.squawk().map(|squawk| squawk.to_string()).unwrap_or_default()
}

fn state(aircraft: &Aircraft) -> String {
    country(aircraft.icao24).unwrap_or_default().to_owned()
}

fn registration(aircraft: &Aircraft) -> String {
    aircraft.text(Field::Registration).map(|text| text.as_str().to_owned()).unwrap_or_default()
}

fn flags(aircraft: &Aircraft) -> String {
    if aircraft.military() { MILITARY.to_owned() } else { String::new() }
}

/// Type designator and category.
fn kind(aircraft: &Aircraft) -> String {
    let designator = aircraft.text(Field::TypeCode).map(|text| text.as_str().to_owned()).unwrap_or_default();
    format!("{designator} {}", category(aircraft)).trim().to_owned()
}

/// The category as it is coded on the air: A1 to A7, B1 to B7, C1 to C5.
fn category(aircraft: &Aircraft) -> String {
    let codes = "A1A2A3A4A5A6A7B1B2B3B4  B6B7C1C2C3C4C5";
    let place = aircraft.get(Field::Category).and_then(|number| usize::try_from(number - 2).ok());
    place.and_then(|place| codes.get(2 * place..2 * place + 2)).unwrap_or_default().trim().to_owned()
}

/// The origin of the position with and without its hyphen, as other programs write it.
fn source(aircraft: &Aircraft) -> String {
    let name = crate::text::position_source(aircraft.get(Field::PositionSource)).of(Locale::En);
    format!("{name} {}", name.replace('-', ""))
}

#[cfg(test)]
mod tests;
