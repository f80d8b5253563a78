//! Rules over named numbers that say which one fired and with which numbers: what policies and the local reasoner decide by.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Named numbers that are known of a case. What is not known is left out.
pub type Numbers = BTreeMap<String, f64>;

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// More than.
    Above,
    /// As much or more.
    AtLeast,
    /// Less than.
    Below,
    /// As much or less.
    AtMost,
    /// Exactly.
    Equal,
    /// Not known.
    Unknown,
}

/// One condition on one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The number's name.
    pub number: String,
    /// How it is compared.
    pub is: Compare,
    /// With what; of no meaning for [`Compare::Unknown`].
    #[serde(default)]
    pub than: f64,
}

impl Condition {
    /// A condition on a number.
    #[must_use]
    pub fn new(number: &str, is: Compare, than: f64) -> Self {
        Self { number: number.to_owned(), is, than }
    }

    /// Whether it holds. A number that is not known, or is none, holds nothing but [`Compare::Unknown`].
    #[must_use]
    pub fn holds(&self, numbers: &Numbers) -> bool {
        let known = numbers.get(&self.number).copied().filter(|number| !number.is_nan());
        let Some(number) = known else { return self.is == Compare::Unknown };
        match self.is {
            Compare::Above => number > self.than,
            Compare::AtLeast => number >= self.than,
            Compare::Below => number < self.than,
            Compare::AtMost => number <= self.than,
            Compare::Equal => number == self.than,
            Compare::Unknown => false,
        }
    }
}

/// Which rule decided, and on what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule's name.
    pub rule: String,
    /// Its conditions with the numbers that met them; none for the rule of last resort.
    pub because: Vec<Reason>,
}

/// One condition that held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The condition.
    #[serde(flatten)]
    pub condition: Condition,
    /// The number that met it; none where it was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<f64>,
}

/// The first of these rules, each a name and its conditions, of which all conditions hold.
pub fn first<'a>(
    rules: impl IntoIterator<Item = (&'a str, &'a [Condition])>,
    numbers: &Numbers,
) -> Option<(usize, Explanation)> {
    rules.into_iter().enumerate().find_map(|(index, (name, conditions))| {
        conditions
            .iter()
            .all(|condition| condition.holds(numbers))
            .then(|| (index, Explanation { rule: name.to_owned(), because: because(conditions, numbers) }))
    })
}

/// A number as people read it, whole ones without a point: `4.1`, `95`.
#[must_use]
pub fn number_text(number: f64) -> String {
    // The library that writes JSON has the shortest digits already; those of the language would come on top in a browser.
    let text = serde_json::Number::from_f64(number).map(|number| number.to_string()).unwrap_or_default();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn because(conditions: &[Condition], numbers: &Numbers) -> Vec<Reason> {
    let was =
        |condition: &Condition| numbers.get(&condition.number).copied().filter(|number| !number.is_nan());
    conditions.iter().map(|condition| Reason { was: was(condition), condition: condition.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare() {
        let numbers = Numbers::from([("a".to_owned(), 2.0), ("none".to_owned(), f64::NAN)]);
        for (number, is, than, holds) in [
            ("a", Compare::Above, 2.0, false),
            ("a", Compare::AtLeast, 2.0, true),
            ("a", Compare::Below, 2.5, true),
            ("a", Compare::AtMost, 1.5, false),
            ("a", Compare::Equal, 2.0, true),
            ("a", Compare::Unknown, 0.0, false),
            ("b", Compare::Unknown, 0.0, true),
            ("b", Compare::Below, 9.0, false),
            ("none", Compare::Unknown, 0.0, true),
        ] {
            assert_eq!(Condition::new(number, is, than).holds(&numbers), holds, "{number} {is:?} {than}");
        }
    }

    #[test]
    fn the_first_rule_that_holds_says_why() {
        let low = [Condition::new("confidence", Compare::Below, 0.5)];
        let rules = [("low confidence", &low[..]), ("otherwise", &[])];
        let sure = Numbers::from([("confidence".to_owned(), 0.9)]);
        assert_eq!(first(rules, &sure).unwrap().0, 1);
        let unsure = Numbers::from([("confidence".to_owned(), 0.25)]);
        let (index, why) = first(rules, &unsure).unwrap();
        assert_eq!((index, why.rule.as_str(), why.because[0].was), (0, "low confidence", Some(0.25)));
    }
}
