//! What a check found: figures beside what was promised, as a table or as one JSON object.

use crate::exit::AppError;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The figures of one check.
#[derive(Debug)]
pub struct Report {
    check: &'static str,
    promise: &'static str,
    seed: u64,
    figures: Vec<Figure>,
}

#[derive(Debug)]
struct Figure {
    name: &'static str,
    value: f64,
    promised: Option<Promised>,
}

#[derive(Clone, Copy, Debug)]
enum Promised {
    AtMost(f64),
    AtLeast(f64),
    Exactly(f64),
}

impl Report {
    /// No figures yet; `promise` says what is held in one sentence.
    #[must_use]
    pub fn new(check: &'static str, promise: &'static str, seed: u64) -> Self {
        Self { check, promise, seed, figures: Vec::new() }
    }

    /// A figure that nothing is promised of.
    pub fn tell(&mut self, name: &'static str, value: f64) {
        self.put(name, value, None);
    }

    /// A figure that must not be above the limit.
    pub fn at_most(&mut self, name: &'static str, value: f64, limit: f64) {
        self.put(name, value, Some(Promised::AtMost(limit)));
    }

    /// A figure that must not be below the limit.
    pub fn at_least(&mut self, name: &'static str, value: f64, limit: f64) {
        self.put(name, value, Some(Promised::AtLeast(limit)));
    }

    /// A figure that must be this.
    pub fn exactly(&mut self, name: &'static str, value: f64, promised: f64) {
        self.put(name, value, Some(Promised::Exactly(promised)));
    }

    /// Prints the report.
    ///
    /// # Errors
    /// A promise was not kept.
    pub fn finish(&self, as_json: bool) -> Result<(), AppError> {
        if as_json {
            println!("{}", self.to_json());
        } else {
            print!("{}", self.table());
        }
        let missed: Vec<&str> =
            self.figures.iter().filter(|figure| !figure.is_kept()).map(|figure| figure.name).collect();
        if missed.is_empty() {
            return Ok(());
        }
        Err(AppError::Other(format!("check {}: not as promised: {}", self.check, missed.join(", "))))
    }

    fn put(&mut self, name: &'static str, value: f64, promised: Option<Promised>) {
        self.figures.push(Figure { name, value, promised });
    }

    fn to_json(&self) -> Value {
        let figures: Map<String, Value> =
            self.figures.iter().map(|figure| (figure.name.to_owned(), figure.to_json())).collect();
        json!({
            "check": self.check,
            "promise": self.promise,
            "seed": self.seed,
            "passed": self.figures.iter().all(Figure::is_kept),
            "figures": figures,
            "machine_load": machine_load(),
            // Times and memory are those of an optimised build only if this is false.
            "debug_build": cfg!(debug_assertions),
        })
    }

    fn table(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.check, self.promise);
        for figure in &self.figures {
            let Figure { name, value, .. } = figure;
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{name:34}{:>14}  {}", short(*value), figure.verdict());
        }
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        let _ = writeln!(text, "\nseed {}, {build} build, machine load {:.1}", self.seed, machine_load());
        text
    }
}

impl Figure {
    fn is_kept(&self) -> bool {
        match self.promised {
            None => true,
            Some(Promised::AtMost(limit)) => self.value <= limit,
            Some(Promised::AtLeast(limit)) => self.value >= limit,
            Some(Promised::Exactly(promised)) => self.value == promised,
        }
    }

    fn verdict(&self) -> String {
        let promised = match self.promised {
            None => return String::new(),
            Some(Promised::AtMost(limit)) => format!("at most {}", short(limit)),
            Some(Promised::AtLeast(limit)) => format!("at least {}", short(limit)),
            Some(Promised::Exactly(promised)) => format!("exactly {}", short(promised)),
        };
        format!("{promised}{}", if self.is_kept() { "" } else { "  MISSED" })
    }

    fn to_json(&self) -> Value {
        let mut object = Map::from_iter([("value".to_owned(), json!(rounded(self.value)))]);
        if let Some(promised) = self.promised {
            let (word, limit) = match promised {
                Promised::AtMost(limit) => ("at_most", limit),
                Promised::AtLeast(limit) => ("at_least", limit),
                Promised::Exactly(promised) => ("exactly", promised),
            };
            object.insert(word.to_owned(), json!(rounded(limit)));
            object.insert("passed".to_owned(), json!(self.is_kept()));
        }
        Value::Object(object)
    }
}

/// The value that this share of all values does not exceed; 0 of none.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(place).copied().unwrap_or_default()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn short(value: f64) -> String {
    format!("{}", rounded(value))
}

/// Processes that wanted a core in the last minute; 0 where the system does not tell.
fn machine_load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_named_and_fails() {
        let mut report = Report::new("x", "y", 1);
        report.tell("told", 9.0);
        report.at_most("most", 2.0, 2.0);
        report.at_least("least", 2.0, 2.0);
        report.exactly("exact", 0.0, 0.0);
        assert_eq!(report.to_json()["passed"], true);
        assert!(report.finish(false).is_ok());
        report.at_most("above", 2.1, 2.0);
        report.exactly("other", 1.0, 0.0);
        assert_eq!(
            report.to_json()["figures"]["above"],
            json!({"value": 2.1, "at_most": 2.0, "passed": false})
        );
        assert!(
            report.table().contains("above                                        2.1  at most 2  MISSED")
        );
        let error = report.finish(true).unwrap_err();
        assert_eq!((error.code(), error.to_string().ends_with("promised: above, other")), (1, true));
    }

    #[test]
    fn quantiles_are_values() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.99), 3.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
