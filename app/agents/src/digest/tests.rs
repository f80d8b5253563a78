//! What the digest counts and says.

use crate::digest::Digest;
use crate::rehearsal::{BEGAN, Stage};
use crate::replay::replay;
use crate::spec::{AgentInput, InputSource, InputType};
use crate::start::Start;
use crate::store::Table;
use crate::typed::Typed;
use serde_json::json;

fn start() -> Start {
    let input = AgentInput {
        id: "in-1".to_owned(),
        source: InputSource::Cron,
        kind: InputType::ScheduledTask,
        business_id: "carpat-air".to_owned(),
        timestamp: BEGAN,
        ..AgentInput::default()
    };
    Start::new("run-1", "digest", input, json!({}), 7)
}

fn check(language: &str, with_sources: bool, expected: &str) {
    let agent = Typed(Digest::new().unwrap());
    let mut stage = Stage::default();
    stage.put(
        Table::Businesses,
        "carpat-air",
        json!({"name": "Carpat Air", "type": "airline", "settings": {"locale": language}}),
    );
    for (id, status, severity) in
        [("a", "open", "critical"), ("b", "proposed", "notice"), ("c", "closed", "critical")]
    {
        stage.put(Table::Cases, id, json!({"title": id, "status": status, "severity": severity}));
    }
    if with_sources {
        stage.embedded.set_list(
            "sources",
            vec![json!({"id": "opensky", "state": "live"}), json!({"id": "pi", "state": "down"})],
        );
    }
    let (_, events) = stage.run(&agent, start());
    let told = stage.documents(Table::Messages);
    let text = told[0].fields["text"].as_str().unwrap();
    assert!(text.contains(expected), "{text}");
    assert_eq!(told[0].fields["citations"].as_array().unwrap().len(), 2);
    assert!(replay(&agent, &events).is_ok());
}

#[test]
fn counts_are_told_in_the_language_of_the_business() {
    check(
        "en",
        true,
        "2 open cases (1 critical), 0 decisions wait for a person, 0 decisions made in the last 24 h. Sources: opensky live and pi down.",
    );
    check(
        "ro",
        true,
        "2 cazuri deschise (1 critice), 0 decizii așteaptă un om, 0 decizii luate în ultimele 24 h. Surse: opensky live și pi down.",
    );
}

#[test]
fn what_was_not_counted_is_said() {
    check("en", false, "Sources: not known. Not counted, because nobody answered: sources.");
}
