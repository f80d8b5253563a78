//! How grave a disruption is and what to do about it: rules over the numbers of its evidence, the first that holds.

use crate::locale::Locale;
use crate::rules::{self, Compare, Condition, Explanation, Numbers};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was found out about a disruption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assessment {
    /// `notice`, `warning` or `critical`.
    pub severity: String,
    /// What to do, in words.
    pub proposal: String,
    /// Which rule said so, with its numbers.
    pub reasoning: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
}

/// A row of Sky's disruptions, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The row's key.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// The aircraft's address.
    pub icao24: String,
    /// Its callsign.
    pub callsign: Option<String>,
    /// Since when, seconds since 1970.
    pub began: f64,
    /// When it was last seen to be so, seconds since 1970.
    pub last_seen: f64,
    /// When it ended, seconds since 1970.
    pub ended: Option<f64>,
    /// `notice`, `attention` or `alarm`.
    pub severity: String,
    /// How sure the finding is, 0 to 100.
    pub confidence_pct: u8,
    /// The airport that it is about.
    pub airport: Option<String>,
    /// What the finding rests on.
    pub evidence: Numbers,
    /// Its end was never seen: nothing is heard of it any more.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub lost: bool,
}

struct Rule {
    kind: &'static str,
    name: &'static str,
    when: &'static [(&'static str, Compare, f64)],
    severity: &'static str,
    proposal: [&'static str; 2],
}

const WATCH: [&str; 2] = ["Keep watching; nothing to do yet.", "Se urmărește; deocamdată nimic de făcut."];
const HANDLING: [&str; 2] = [
    "Tell handling at {airport} that {aircraft} comes, and look for onward transport and seats for who is on board.",
    "Anunță handlingul de la {airport} că vine {aircraft} și caută transport și locuri mai departe pentru cei de la bord.",
];
const STAND: [&str; 2] = [
    "Keep stand and crew for {aircraft} ready at {airport} and move the departures that wait for it.",
    "Păstrează poziția și echipajul pentru {aircraft} la {airport} și mută plecările care depind de el.",
];
const LATE: [&str; 2] = [
    "Expect {aircraft} late at {airport}: tell connections and ground crews.",
    "{aircraft} va întârzia la {airport}: anunță legăturile și echipele de la sol.",
];
const EMERGENCY: [&str; 2] = [
    "Call the duty manager, open the emergency checklist for {aircraft}, and have {airport} ready.",
    "Sună managerul de serviciu, deschide lista de urgență pentru {aircraft} și pregătește {airport}.",
];
const UNLAWFUL: [&str; 2] = [
    "Call security and the authorities at once; say nothing about {aircraft} on open channels.",
    "Sună imediat securitatea și autoritățile; nimic despre {aircraft} pe canale deschise.",
];
const RADIO: [&str; 2] = [
    "Expect no radio from {aircraft}; ask the centre for its intentions and keep {airport} informed.",
    "Fără radio de la {aircraft}; cere centrului intențiile și ține la curent {airport}.",
];
const LOST: [&str; 2] = [
    "Ask the control centre when it last heard {aircraft}; begin the overdue procedure if it has not.",
    "Întreabă centrul de control când a auzit ultima dată {aircraft}; începe procedura de întârziere dacă nu a auzit.",
];

static RULES: [Rule; 15] = [
    Rule {
        kind: "emergency",
        name: "code 7500",
        when: &[("squawk", Compare::Equal, 7500.0)],
        severity: "critical",
        proposal: UNLAWFUL,
    },
    Rule {
        kind: "emergency",
        name: "code 7600",
        when: &[("squawk", Compare::Equal, 7600.0)],
        severity: "warning",
        proposal: RADIO,
    },
    Rule { kind: "emergency", name: "an emergency", when: &[], severity: "critical", proposal: EMERGENCY },
    Rule {
        kind: "diversion",
        name: "not sure that it diverts",
        when: &[("confidence_pct", Compare::Below, 60.0)],
        severity: "notice",
        proposal: WATCH,
    },
    Rule { kind: "diversion", name: "it diverts", when: &[], severity: "warning", proposal: HANDLING },
    Rule {
        kind: "return_to_origin",
        name: "not sure that it returns",
        when: &[("confidence_pct", Compare::Below, 60.0)],
        severity: "notice",
        proposal: WATCH,
    },
    Rule { kind: "return_to_origin", name: "it returns", when: &[], severity: "warning", proposal: STAND },
    Rule {
        kind: "signal_lost",
        name: "silent for ten minutes",
        when: &[("silence_s", Compare::AtLeast, 600.0)],
        severity: "critical",
        proposal: LOST,
    },
    Rule {
        kind: "signal_lost",
        name: "silent where others are heard",
        when: &[("neighbours_heard", Compare::AtLeast, 3.0)],
        severity: "warning",
        proposal: LOST,
    },
    Rule {
        kind: "holding",
        name: "holds for twenty minutes",
        when: &[("duration_s", Compare::AtLeast, 1200.0)],
        severity: "warning",
        proposal: LATE,
    },
    Rule {
        kind: "holding",
        name: "four turns and more",
        when: &[("turns_flown", Compare::AtLeast, 4.0)],
        severity: "warning",
        proposal: LATE,
    },
    Rule { kind: "holding", name: "it holds", when: &[], severity: "notice", proposal: LATE },
    Rule { kind: "go_around", name: "it goes around", when: &[], severity: "notice", proposal: LATE },
    Rule { kind: "level_off", name: "its descent stopped", when: &[], severity: "notice", proposal: WATCH },
    Rule { kind: "", name: "anything else", when: &[], severity: "notice", proposal: WATCH },
];

impl Seen {
    /// The disruption in an input's data, as `disruption` or as the data themselves.
    #[must_use]
    pub fn of(data: &Value) -> Option<Self> {
        let row = data.get("disruption").unwrap_or(data);
        let seen: Self = serde_json::from_value(row.clone()).ok()?;
        (!seen.id.is_empty() && !seen.kind.is_empty()).then_some(seen)
    }

    /// The callsign, else the address.
    #[must_use]
    pub fn aircraft(&self) -> &str {
        self.callsign.as_deref().unwrap_or(&self.icao24)
    }

    /// The id of its case: the same disruption always has the same.
    #[must_use]
    pub fn case(&self) -> String {
        format!("sky-{}", self.id.replace('/', "-"))
    }

    /// All numbers that rules look at.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        let mut numbers = self.evidence.clone();
        numbers.insert("confidence_pct".to_owned(), f64::from(self.confidence_pct));
        numbers.entry("duration_s".to_owned()).or_insert((self.last_seen - self.began).max(0.0));
        numbers
    }

    /// What it is, in a line.
    #[must_use]
    pub fn title(&self, locale: Locale) -> String {
        let what = match (self.kind.as_str(), locale) {
            ("emergency", Locale::En) => "declares an emergency",
            ("emergency", Locale::Ro) => "declară urgență",
            ("diversion", Locale::En) => "diverts",
            ("diversion", Locale::Ro) => "deviază",
            ("return_to_origin", Locale::En) => "returns to where it took off",
            ("return_to_origin", Locale::Ro) => "se întoarce de unde a decolat",
            ("signal_lost", Locale::En) => "is not heard any more",
            ("signal_lost", Locale::Ro) => "nu se mai aude",
            ("implausible_jump", Locale::En) => "jumps as no aircraft can",
            ("implausible_jump", Locale::Ro) => "sare cum nu poate nicio aeronavă",
            ("go_around", Locale::En) => "broke off its approach",
            ("go_around", Locale::Ro) => "a întrerupt apropierea",
            ("holding", Locale::En) => "flies a holding pattern",
            ("holding", Locale::Ro) => "zboară în așteptare",
            ("level_off", Locale::En) => "stopped its descent",
            ("level_off", Locale::Ro) => "și-a oprit coborârea",
            (kind, _) => kind,
        };
        let place = self.airport.as_deref().map(|airport| format!(" ({airport})")).unwrap_or_default();
        format!("{} {what}{place}", self.aircraft())
    }
}

/// Judges a disruption.
#[must_use]
pub fn assess(seen: &Seen, locale: Locale) -> Assessment {
    let Some((rule, why)) = found(seen) else { return Assessment::default() };
    let airport = seen.airport.clone().unwrap_or_else(|| locale.pick("the airport", "aeroport").to_owned());
    let proposal = locale.pick(rule.proposal[0], rule.proposal[1]);
    Assessment {
        severity: rule.severity.to_owned(),
        proposal: proposal.replace("{airport}", &airport).replace("{aircraft}", seen.aircraft()),
        reasoning: told(&why, &seen.numbers()),
        confidence: f64::from(seen.confidence_pct) / 100.0,
    }
}

/// The rule that judges a disruption, and the numbers that met it.
#[must_use]
pub fn judge(seen: &Seen) -> Option<Explanation> {
    found(seen).map(|(_, why)| why)
}

fn found(seen: &Seen) -> Option<(&'static Rule, Explanation)> {
    let own = || RULES.iter().filter(|rule| rule.kind.is_empty() || rule.kind == seen.kind);
    let conditions: Vec<Vec<Condition>> = own().map(conditions).collect();
    let named = own().zip(&conditions).map(|(rule, when)| (rule.name, when.as_slice()));
    let (index, why) = rules::first(named, &seen.numbers())?;
    Some((own().nth(index)?, why))
}

fn conditions(rule: &Rule) -> Vec<Condition> {
    rule.when.iter().map(|(number, is, than)| Condition::new(number, *is, *than)).collect()
}

/// The rule with the numbers that met it, then the other numbers.
fn told(why: &Explanation, numbers: &Numbers) -> String {
    let met: Vec<String> = why
        .because
        .iter()
        .map(|reason| {
            let is = match reason.condition.is {
                Compare::Above => ">",
                Compare::AtLeast => "\u{2265}",
                Compare::Below => "<",
                Compare::AtMost => "\u{2264}",
                Compare::Equal => "=",
                Compare::Unknown => "?",
            };
            let was = reason.was.map(|was| was.to_string()).unwrap_or_default();
            format!("{} {was} {is} {}", reason.condition.number, reason.condition.than)
        })
        .collect();
    let met = if met.is_empty() { String::new() } else { format!(" ({})", met.join(", ")) };
    let all: Vec<String> = numbers.iter().map(|(name, value)| format!("{name} {value}")).collect();
    format!("rule \"{}\"{met}; {}", why.rule, all.join(", "))
}
