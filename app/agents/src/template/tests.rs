//! What templates render, and what they say about what is wrong.

use crate::locale::Locale;
use crate::spec::{Parameter, ParameterType};
use crate::template::{Escape, ProblemKind, Template, preview};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn parameters() -> Vec<Parameter> {
    vec![
        Parameter::required("name", ParameterType::Text),
        Parameter::required("count", ParameterType::Number),
        Parameter::optional("cost", ParameterType::Money),
        Parameter::optional("at", ParameterType::Time),
        Parameter::optional("list", ParameterType::List),
        Parameter { required: false, ..Parameter::choice("kind", &["delay", "diversion"]) },
    ]
}

fn values(extra: Value) -> Map<String, Value> {
    let mut values = json!({"name": "RO381", "count": 2}).as_object().cloned().unwrap_or_default();
    values.extend(extra.as_object().cloned().unwrap_or_default());
    values
}

fn check(text: &str, extra: Value, expected: &str) {
    let locale = if text.starts_with("ro:") { Locale::Ro } else { Locale::En };
    let text = text.trim_start_matches("ro:");
    let shown = Template::parse(text).unwrap().render(&parameters(), &values(extra), locale, Escape::Plain);
    assert_eq!(shown.as_deref(), Ok(expected), "{text}");
}

#[test]
fn renders_each_type_in_both_languages() {
    check("Flight {name} {{ok}}", json!({}), "Flight RO381 {ok}");
    check("{cost}", json!({"cost": "12345.5 USD"}), "12,345.50 USD");
    check("ro:{cost}", json!({"cost": {"amount": 12345.5, "currency": "RON"}}), "12.345,50 RON");
    check("{at}", json!({"at": "2026-11-21T20:30:00Z"}), "21 Nov 2026, 20:30 UTC");
    check(
        "ro:{at, date} la {at, time}",
        json!({"at": "2026-11-21T20:30:00.5+02:00"}),
        "21 nov. 2026 la 20:30 (UTC+02:00)",
    );
    check(
        "{at, time}",
        json!({"at": {"at": "2026-11-21T20:30:00+02:00", "zone": "Europe/Bucharest"}}),
        "20:30 Europe/Bucharest",
    );
    check("{list}", json!({"list": ["a", 2, "c"]}), "a, 2 and c");
    check("ro:{list}", json!({"list": ["a", "b"]}), "a și b");
    check("{kind, select, delay {late by {count}} other {gone}}", json!({"kind": "delay"}), "late by 2");
    check("{kind, select, delay {late} other {gone}}", json!({"kind": "diversion"}), "gone");
    let plural = "ro:{count, plural, one {un caz} few {# cazuri} other {# de cazuri}}";
    for (count, expected) in
        [(1, "un caz"), (2, "2 cazuri"), (19, "19 cazuri"), (20, "20 de cazuri"), (101, "101 cazuri")]
    {
        check(plural, json!({"count": count}), expected);
    }
    check("{count, plural, one {# case of {name}} other {# cases of {name}}}", json!({}), "2 cases of RO381");
}

#[test]
fn values_are_never_read_as_templates() {
    check("{name}", json!({"name": "{count} {{x}} #"}), "{count} {{x}} #");
    check("{name}", json!({"name": "a\u{202e}b\u{1b}[31m"}), "ab[31m");
    let template = Template::parse("<b>{name}</b>").unwrap();
    let values = values(json!({"name": "<script>\"&'"}));
    let shown = template.render(&parameters(), &values, Locale::En, Escape::Html).unwrap();
    assert_eq!(shown, "<b>&lt;script&gt;&quot;&amp;&#39;</b>");
}

#[test]
fn problems_name_the_parameter_and_the_place() {
    for (text, extra, kind, parameter, place) in [
        (
            "Dear {name},\nyour {laod} is late",
            json!({}),
            ProblemKind::UnknownPlaceholder,
            "laod",
            Some((2, 6)),
        ),
        ("{name", json!({}), ProblemKind::BadTemplate, "", Some((1, 6))),
        ("a } b", json!({}), ProblemKind::BadTemplate, "", Some((1, 3))),
        ("{count, plural, one {x}}", json!({}), ProblemKind::BadTemplate, "", Some((1, 1))),
        ("{count, plural, many {x} other {y}}", json!({}), ProblemKind::BadTemplate, "", Some((1, 17))),
        ("{name, upper}", json!({}), ProblemKind::BadTemplate, "", Some((1, 8))),
        ("{name, plural, other {x}}", json!({}), ProblemKind::WrongForm, "name", Some((1, 1))),
        ("{name}", json!({"count": null}), ProblemKind::Missing, "count", None),
        ("{name}", json!({"count": "two"}), ProblemKind::WrongType, "count", None),
        ("{name}", json!({"cost": "12 dollars"}), ProblemKind::WrongType, "cost", None),
        ("{name}", json!({"at": "tomorrow"}), ProblemKind::WrongType, "at", None),
        ("{name}", json!({"kind": "strike"}), ProblemKind::WrongType, "kind", None),
        ("{name}", json!({"list": [[1]]}), ProblemKind::WrongType, "list", None),
    ] {
        let seen = preview(text, &parameters(), &values(extra), Locale::En);
        let found = seen
            .problems
            .iter()
            .find(|problem| problem.problem == kind)
            .unwrap_or_else(|| panic!("{text}: {seen:?}"));
        assert_eq!(found.parameter, parameter, "{text}");
        assert_eq!(found.place.map(|place| (place.line, place.column)), place, "{text}");
        assert!(!found.expected.is_empty() && !found.found.is_empty());
    }
}

#[test]
fn a_preview_shows_gaps_and_unused_parameters_do_not_stop_a_text() {
    let seen = preview("{name}: {count} {cost} {nobody}", &parameters(), &Map::new(), Locale::En);
    assert_eq!(seen.text, "⟨name⟩: ⟨count⟩  ⟨nobody⟩");
    let twice =
        [Parameter::required("a", ParameterType::Text), Parameter::required("a", ParameterType::Choice)];
    let problems = Template::parse("{a}").unwrap().check(&twice);
    assert_eq!(
        problems.iter().map(|problem| problem.problem).collect::<Vec<_>>(),
        [ProblemKind::BadParameter]
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9T:+.Z-]{0,25}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("amount|currency|at|zone", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn rendering_never_fails_otherwise_than_by_saying_so(
        text in r"([a-z #{},]|\{name\}|\{count, plural, |other \{|\}\}|\{at, date\}|\{kind, select, ){0,20}",
        given in prop::collection::btree_map("name|count|cost|at|list|kind", any_value(), 0..6),
    ) {
        let given: Map<String, Value> = given.into_iter().collect();
        for locale in [Locale::En, Locale::Ro] {
            let seen = preview(&text, &parameters(), &given, locale);
            prop_assert!(seen.problems.iter().all(|problem| !problem.expected.is_empty()));
        }
    }

    #[test]
    fn an_unknown_placeholder_is_told_where_it_stands(before in "[a-z\n ]{0,30}", after in "[a-z ]{0,10}") {
        let text = format!("{before}{{ghost}}{after}");
        let seen = preview(&text, &parameters(), &Map::new(), Locale::En);
        let found = seen.problems.iter().find(|problem| problem.problem == ProblemKind::UnknownPlaceholder).unwrap();
        let lines: Vec<&str> = before.split('\n').collect();
        let place = found.place.unwrap();
        prop_assert_eq!((place.line as usize, place.column as usize), (lines.len(), lines[lines.len() - 1].len() + 1));
    }
}

#[test]
fn no_more_problems_are_told_than_somebody_reads() {
    let text = "{a} ".repeat(2000);
    let shown = preview(&text, &[], &Map::new(), Locale::En);
    assert_eq!(shown.problems.len(), crate::template::PROBLEMS_MAX);
    assert!(shown.problems.iter().all(|problem| problem.problem == ProblemKind::UnknownPlaceholder));
}
