//! A case as the watcher's program tells it.

use inflight_domain::Icao24;
use inflight_wire::Datum;

/// A case, with the run that made it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Its identifier.
    pub id: String,
    /// What happened, in a line.
    pub title: String,
    /// `notice`, `warning` or `critical`.
    pub severity: String,
    /// Whether the disruption has ended.
    pub is_over: bool,
    /// What to do.
    pub proposal: String,
    /// Which aircraft.
    pub icao24: Option<Icao24>,
    /// How sure the finding is, in percent.
    pub confidence_pct: Option<i64>,
    /// The rule that judged it.
    pub rule: String,
    /// The conditions that the rule held to.
    pub because: Vec<Told>,
    /// All numbers that were known: name and value.
    pub numbers: Vec<(String, f64)>,
    /// The proposal as it stands before the person; none where nobody is asked.
    pub review: Option<Review>,
    /// The rule of the policy that let the proposal pass by itself.
    pub passed_by: String,
    /// What was sent.
    pub sent: String,
    /// The run.
    pub run: String,
    /// What happened in it.
    pub steps: Vec<Step>,
}

/// A condition with the number that met it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The number's name.
    pub number: String,
    /// The number.
    pub was: Option<f64>,
    /// A sign such as `≥`.
    pub sign: &'static str,
    /// What it was held against.
    pub than: f64,
}

/// A proposal before a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    /// Its identifier.
    pub id: String,
    /// `open`, `approved`, `edited`, `rejected`, `expired` or `withdrawn`.
    pub status: String,
    /// What would be sent.
    pub text: String,
    /// The rule of the policy that asks.
    pub rule: String,
    /// Its conditions.
    pub because: Vec<Told>,
    /// When it lapses, milliseconds since 1970.
    pub expires_ms: Option<i64>,
    /// Until when a decision can be taken back.
    pub undo_until_ms: Option<i64>,
}

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its number.
    pub seq: i64,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub kind: String,
    /// About what, or by whom.
    pub about: String,
    /// The hash that chains it.
    pub hash: String,
}

impl Case {
    /// Reads a case.
    #[must_use]
    pub fn read(row: &Datum) -> Self {
        let own = |name: &str| row.text(name).to_owned();
        let why = row.get("why");
        let numbers = match why.get("numbers") {
            Datum::Map(all) => {
                all.iter().filter_map(|(name, value)| Some((name.clone(), value.number()?))).collect()
            }
            _ => Vec::new(),
        };
        let steps: Vec<Step> = row.get("steps").list().iter().map(Step::read).collect();
        let passed = steps.iter().find(|step| step.kind == "policy_decided");
        let review = row.get("review");
        Self {
            id: own("id"),
            title: own("title"),
            severity: own("severity"),
            is_over: row.text("status") == "closed",
            proposal: own("proposal"),
            icao24: Icao24::parse(row.text("aircraft")),
            confidence_pct: why.integer("confidence_pct"),
            rule: why.get("because").text("rule").to_owned(),
            because: Told::all(why.get("because")),
            numbers,
            review: (*review != Datum::Nil).then(|| Review::read(review)),
            passed_by: passed.map(|step| step.about.clone()).unwrap_or_default(),
            sent: own("told"),
            run: own("run"),
            steps,
        }
    }

    /// Whether its run has ended.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let last = self.steps.last().map(|step| step.kind.as_str());
        matches!(last, Some("finished" | "failed" | "cancelled"))
    }

    /// Whether a person is asked.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.status == "open")
    }
}

impl Review {
    fn read(row: &Datum) -> Self {
        let because = row.get("because");
        Self {
            id: row.text("id").to_owned(),
            status: row.text("status").to_owned(),
            text: row.get("action").get("payload").text("text").to_owned(),
            rule: because.text("rule").to_owned(),
            because: Told::all(because),
            expires_ms: row.integer("expires_ms"),
            undo_until_ms: row.integer("undo_until_ms"),
        }
    }

    /// For how long yet a decision can be taken back; none where it holds.
    #[must_use]
    pub fn undo_ms(&self, now_ms: i64) -> Option<i64> {
        let left_ms = self.undo_until_ms? - now_ms;
        (self.status != "open" && left_ms > 0).then_some(left_ms)
    }
}

impl Told {
    fn all(explanation: &Datum) -> Vec<Self> {
        let one = |reason: &Datum| Self {
            number: reason.text("number").to_owned(),
            was: reason.get("was").number(),
            sign: match reason.text("is") {
                "above" => ">",
                "at_least" => "≥",
                "below" => "<",
                "at_most" => "≤",
                "equal" => "=",
                _ => "?",
            },
            than: reason.get("than").number().unwrap_or(0.0),
        };
        explanation.get("because").list().iter().map(one).collect()
    }
}

impl Step {
    fn read(row: &Datum) -> Self {
        let about = [row.text("of"), row.text("by")].into_iter().find(|words| !words.is_empty());
        Self {
            seq: row.integer("seq").unwrap_or(0),
            at_ms: row.integer("at_ms").unwrap_or(0),
            kind: row.text("kind").to_owned(),
            about: about.unwrap_or_default().to_owned(),
            hash: row.text("hash").to_owned(),
        }
    }
}
