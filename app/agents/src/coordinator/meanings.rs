//! The rules that decide what a message asks for, over counts of what its words say.

use crate::coordinator::understand::Intent;
use crate::question::LocalRule;
use crate::rules::{Compare, Condition};
use serde_json::{Map, Value};

/// The rules that decide what is meant, the first that holds.
#[must_use]
pub fn rules() -> Vec<LocalRule> {
    let rule = |name: &str, needs: &[(&str, f64)], never: &[&str], intent: Intent, confidence: f64| {
        let needs = needs.iter().map(|(number, least)| Condition::new(number, Compare::AtLeast, *least));
        let never = never.iter().map(|number| Condition::new(number, Compare::AtMost, 0.0));
        let shown: Vec<String> = needs
            .clone()
            .chain(never.clone())
            .map(|condition| format!("{0} {{{0}}}", condition.number))
            .collect();
        LocalRule {
            name: name.to_owned(),
            when: needs.chain(never).collect(),
            then: answer(intent, confidence),
            says: format!("rule \"{name}\": {}", shown.join(", ")),
        }
    };
    let one = 1.0;
    vec![
        rule("says what not to do", &[("negation", one), ("verbs", one)], &["show"], Intent::Unclear, 0.3),
        rule("asks how it works", &[("help", one)], &["target"], Intent::Help, 0.95),
        rule("two verbs at once", &[("verbs", 2.0)], &[], Intent::Unclear, 0.4),
        rule(
            "pauses a schedule",
            &[("pause", one), ("schedule", one)],
            &["asks"],
            Intent::PauseSchedule,
            0.95,
        ),
        rule(
            "resumes a schedule",
            &[("resume", one), ("schedule", one)],
            &["asks"],
            Intent::ResumeSchedule,
            0.95,
        ),
        rule("runs a schedule", &[("run", one), ("schedule", one)], &["asks"], Intent::RunSchedule, 0.95),
        rule(
            "changes a resource",
            &[("change", one), ("value", one), ("named", one)],
            &["show"],
            Intent::ChangeResource,
            0.92,
        ),
        rule("changes, but what or to what", &[("change", one)], &["show"], Intent::Unclear, 0.4),
        rule("stops or starts, but what", &[("verbs", one)], &["show"], Intent::Unclear, 0.4),
        rule("asks what waits", &[("review", one)], &["decision"], Intent::ShowReviews, 0.9),
        rule("asks about decisions", &[("decision", one)], &[], Intent::FindDecisions, 0.9),
        rule("asks about schedules", &[("schedule", one)], &[], Intent::ListSchedules, 0.95),
        rule("asks about cases", &[("case", one)], &[], Intent::ShowCases, 0.95),
        rule("asks about disruptions", &[("disruption", one)], &[], Intent::ShowCases, 0.85),
        rule("asks about resources", &[("resource", one)], &[], Intent::ShowResources, 0.95),
        rule("names a kind and a state", &[("kind", one), ("state", one)], &[], Intent::ShowResources, 0.9),
        rule("names a kind", &[("kind", one)], &[], Intent::ShowResources, 0.85),
        rule(
            "asks for something by name",
            &[("show", one), ("target", one)],
            &[],
            Intent::ShowResources,
            0.7,
        ),
        rule("asks for a state", &[("show", one), ("state", one)], &[], Intent::ShowResources, 0.75),
        rule("greets", &[("greeting", one)], &["identifier"], Intent::Greet, 0.9),
        rule("names something", &[("identifier", one)], &[], Intent::ShowResources, 0.6),
        rule("nothing is known", &[], &[], Intent::Unclear, 0.2),
    ]
}

fn answer(intent: Intent, confidence: f64) -> Map<String, Value> {
    let mut then = Map::new();
    then.insert("intent".to_owned(), serde_json::to_value(intent).unwrap_or_default());
    then.insert("confidence".to_owned(), confidence.into());
    then
}
