//! What the assistant takes messages for.

use crate::coordinator::meanings;
use crate::coordinator::understand::{self, Intent};
use crate::local;
use crate::locale::Locale;
use crate::question::ModelQuestion;

fn intent(message: &str) -> Intent {
    let (slots, numbers, locale) = understand::read(message, None);
    let question = ModelQuestion {
        numbers,
        rules: meanings::rules(),
        schema: Some(understand::schema()),
        ..ModelQuestion::default()
    };
    understand::understood(&local::answer(&question).unwrap().value.unwrap(), slots, locale).intent
}

#[test]
fn messages_are_understood_in_both_languages() {
    for (expected, messages) in [
        (
            Intent::ShowResources,
            &[
                "Which gates are closed?",
                "show trucks",
                "find gate B12",
                "gate b12",
                "Ce porți sunt închise?",
                "arată-mi camioanele",
                "unde este poarta B12",
                "caută remorca 7",
                "how many free tugs are there",
                "list all resources",
                "listează resursele",
            ][..],
        ),
        (
            Intent::ChangeResource,
            &[
                "set gate B12 to maintenance",
                "close gate B12",
                "mark truck 12 as out of service",
                "Închide poarta B12",
                "pune poarta B12 pe mentenanță",
                "setează camionul 12 ca disponibil",
                "set driver of truck 12 to Ionescu",
                "schimbă șoferul la camionul 12 în Ionescu",
                "deschide poarta C3",
            ],
        ),
        (
            Intent::ListSchedules,
            &["list schedules", "what tasks are scheduled", "ce planificări avem", "arată programările"],
        ),
        (
            Intent::PauseSchedule,
            &[
                "pause the schedule Morning digest",
                "stop the hourly task",
                "oprește planificarea de dimineață",
                "suspendă sarcina orară",
            ],
        ),
        (Intent::ResumeSchedule, &["resume schedule Hourly check", "reia planificarea Hourly"]),
        (
            Intent::RunSchedule,
            &[
                "run the morning digest",
                "run digest now",
                "rulează rezumatul acum",
                "execută planificarea de dimineață",
            ],
        ),
        (
            Intent::ShowCases,
            &[
                "show open cases",
                "what disruptions are there",
                "any diversions today?",
                "ce cazuri sunt deschise",
                "arată perturbările",
                "deviate azi?",
            ],
        ),
        (
            Intent::FindDecisions,
            &[
                "decisions about fog",
                "what did we decide about strikes before",
                "decizii despre ceață",
                "caută decizii similare despre grevă",
            ],
        ),
        (Intent::ShowReviews, &["what is waiting for approval", "pending reviews", "ce așteaptă aprobare"]),
        (Intent::Help, &["help", "what can you do", "ajutor", "ce poți face"]),
        (Intent::Greet, &["hello", "Salut!", "thanks", "mulțumesc"]),
        (
            Intent::Unclear,
            &[
                "blah blah",
                "",
                "set it",
                "don't close gate B12",
                "nu închide poarta B12",
                "pause and run the morning digest",
                "stop",
                "oprește",
            ],
        ),
    ] {
        for message in messages {
            assert_eq!(intent(message), expected, "{message}: {:?}", understand::read(message, None));
        }
    }
}

#[test]
fn blanks_are_filled() {
    for (message, target, kind, field, value, status) in [
        ("set gate B12 to maintenance", "b12", Some("gate"), None, Some("maintenance"), Some("maintenance")),
        (
            "Pune poarta B-12 pe mentenanță.",
            "b-12",
            Some("gate"),
            None,
            Some("mentenanță"),
            Some("maintenance"),
        ),
        (
            "set driver of truck 12 to Ion Ionescu",
            "12",
            Some("truck"),
            Some("driver"),
            Some("Ion Ionescu"),
            None,
        ),
        (
            "schimbă șoferul la camionul 12 în Ionescu",
            "12",
            Some("truck"),
            Some("șoferul"),
            Some("Ionescu"),
            None,
        ),
        ("setează starea la poarta C3 pe închis", "c3", Some("gate"), None, Some("închis"), Some("closed")),
        ("close gate C3", "c3", Some("gate"), None, Some("closed"), Some("closed")),
        ("which gates are closed", "", Some("gate"), None, None, Some("closed")),
        (
            "mark truck 12 as out of service",
            "12",
            Some("truck"),
            None,
            Some("out of service"),
            Some("out_of_service"),
        ),
    ] {
        let slots = understand::read(message, None).0;
        let found = (
            slots.target.join(" "),
            slots.kind.as_deref().map(str::to_owned),
            slots.field,
            slots.value,
            slots.status,
        );
        let own = |text: Option<&str>| text.map(str::to_owned);
        assert_eq!(found, (target.to_owned(), own(kind), own(field), own(value), own(status)), "{message}");
    }
    for (message, locale) in [
        ("show gates", Locale::En),
        ("arată porțile", Locale::Ro),
        ("B12", Locale::Ro),
        ("set B12 to open", Locale::En),
    ] {
        assert_eq!(understand::read(message, Some(Locale::Ro)).2, locale, "{message}");
    }
}
