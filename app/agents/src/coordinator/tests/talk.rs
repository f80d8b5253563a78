//! Sentences of coordinators at work, in both languages, with and without diacritics, with slips: what comes of each.

use super::*;

/// A business as the server's example has it.
fn harbour() -> Stage {
    let stage = Stage::default();
    stage.put(
        Table::Businesses,
        "carpat-air",
        json!({"name": "Harbour Air", "type": "airline", "settings": {"locale": "en"}}),
    );
    for (id, kind, name, status, location, attributes) in [
        ("gate-b12", "gate", "Gate B12", "open", "EWR", json!({"terminal": "B"})),
        ("gate-b14", "gate", "Gate B14", "open", "EWR", json!({"terminal": "B"})),
        ("gate-b16", "gate", "Gate B16", "closed", "EWR", json!({"terminal": "B"})),
        ("crew-1", "crew", "Crew Ionescu", "available", "EWR", json!({"duty_until": "18:00"})),
        ("crew-2", "crew", "Crew Rivera", "on duty", "JFK", json!({"duty_until": "21:30"})),
        ("tug-7", "vehicle", "Tug 7", "available", "EWR", json!({"fuel": "80 %"})),
        ("tug-9", "vehicle", "Tug 9", "in repair", "EWR", json!({"fuel": "15 %"})),
        ("bus-2", "vehicle", "Bus 2", "available", "JFK", json!({"seats": "60"})),
        ("hotel-1", "hotel", "Harbour Inn", "40 rooms free", "EWR", json!({"rooms": "40"})),
    ] {
        let row = json!({"type": kind, "name": name, "status": status, "location": location, "attributes": attributes});
        stage.put(Table::Resources, id, row);
    }
    let digest =
        json!({"name": "Morning digest", "cron": "0 6 * * *", "status": "active", "agent": "digest"});
    stage.put(Table::Schedules, "morning-digest", digest);
    stage
}

/// What is said, and which rows it names as its sources.
fn check(message: &str, part: &str, citations: &[&str]) {
    let mut stage = harbour();
    stage.decision = DecisionKind::Reject;
    let output = say(&mut stage, message);
    let told = stage.documents(Table::Messages);
    let spoken: Vec<&str> = told.iter().filter_map(|row| row.fields["text"].as_str()).collect();
    assert!(
        spoken.iter().any(|text| text.contains(part)),
        "{message}: no {part:?} in {spoken:?} ({})",
        output.decision_code
    );
    let last = told.iter().find(|row| row.fields["text"] == text(&output)).expect("a message in the room");
    let cited = last.fields["citations"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str());
    assert_eq!(cited.collect::<Vec<_>>(), citations, "{message}: {spoken:?}");
}

#[test]
fn one_thing_is_found_by_its_kind_and_its_number() {
    for message in [
        "where is tug 9",
        "tug 9",
        "Tug9?",
        "what's the status of tug 9",
        "unde este tractorul 9",
        "unde e tractorul 9?",
        "tractor 9",
    ] {
        check(message, "Tug 9 – in repair – EWR", &["tug-9"]);
    }
    check("how much fuel has tug 9", "Tug 9 – in repair – EWR – fuel: 15 %", &["tug-9"]);
    check("cât combustibil are tractorul 9", "Tug 9 – in repair – EWR – fuel: 15 %", &["tug-9"]);
    check("bus 2", "Bus 2", &["bus-2"]);
    check("autobuzul 2", "Bus 2", &["bus-2"]);
    check("bus 9", "nothing", &[]);
    check("unde e echipajul Ionescu", "Crew Ionescu", &["crew-1"]);
    check("gaet b14", "Gate B14", &["gate-b14"]);
}

#[test]
fn several_things_are_found_by_kind_and_state() {
    check("which tugs are available?", "Tug 7", &["tug-7"]);
    check("ce tractoare sunt disponibile", "Tug 7", &["tug-7"]);
    check("what vehicles do we have", "3 resources", &["bus-2", "tug-7", "tug-9"]);
    check("who is on duty?", "Crew Rivera", &["crew-2"]);
    check("cine e de serviciu", "Crew Rivera", &["crew-2"]);
    check("until when is crew Rivera on duty", "duty until: 21:30", &["crew-2"]);
    check("is crew Rivera free", "Crew Rivera – on duty", &["crew-2"]);
    check("e liber echipajul Ionescu?", "Crew Ionescu – available", &["crew-1"]);
    check("do we have a free crew at EWR", "Crew Ionescu – available", &["crew-1"]);
    check("why was gate B16 closed", "1 resource", &["gate-b16"]);
    check("echipaje disponibile", "Se potrivește", &["crew-1"]);
    check("camere de hotel", "Harbour Inn", &["hotel-1"]);
    check("everything in JFK", "2 resources", &["bus-2", "crew-2"]);
    check("tot ce e la JFK", "2 resurse", &["bus-2", "crew-2"]);
    check("este liberă poarta B14?", "Gate B14 – open", &["gate-b14"]);
}

#[test]
fn a_change_is_proposed_however_it_is_written() {
    for message in [
        "închide poarta B12",
        "inchide poarta b12",
        "Închideți poarta B 12, vă rog",
        "poți să închizi poarta B12?",
        "vreau să închid poarta B12",
        "inchde poarta b12",
    ] {
        check(message, "Propun ca status la Gate B12 să treacă din open în closed", &["gate-b12"]);
    }
    for message in
        ["close gate B12", "clsoe gate b12", "can you close gate B-12 please", "set gate b12 to closed"]
    {
        check(message, "I propose to set status of Gate B12 from open to closed", &["gate-b12"]);
    }
    for message in ["open gate B16 please", "opne gate b16", "reopen gate b16"] {
        check(message, "I propose to set status of Gate B16 from closed to open", &["gate-b16"]);
    }
    check("deschide poarta b16", "Propun ca status la Gate B16 să treacă din closed în open", &["gate-b16"]);
    check("set tug 7 to in repair", "of Tug 7 from available to in repair", &["tug-7"]);
    check("pune tractorul 7 în reparație", "la Tug 7 să treacă din available în in repair", &["tug-7"]);
    check("mark tug 7 as out of service", "of Tug 7 from available to out_of_service", &["tug-7"]);
    check("set seats of bus 2 to 55", "seats of Bus 2 from 60 to 55", &["bus-2"]);
    for message in
        ["send bus 2 to repair", "trimite autobuzul 2 la reparat", "bus 2 is broken, mark it in repair"]
    {
        check(message, "Bus 2", &["bus-2"]);
    }
    check("send bus 2 to repair", "of Bus 2 from available to in repair", &["bus-2"]);
    check("trimite autobuzul 2 la reparat", "la Bus 2 să treacă din available în in repair", &["bus-2"]);
    check("do not close gate B12", "not sure", &[]);
    check("open gates", "2 resources", &["gate-b12", "gate-b14"]);
    check("is gate B14 open?", "Gate B14 – open", &["gate-b14"]);
    check("nu închide poarta B12", "Nu sunt sigur", &[]);
}

#[test]
fn schedules_answer_to_their_names_in_both_languages() {
    check("shcedules", "Morning digest", &["morning-digest"]);
    check("ce e programat azi", "Morning digest", &["morning-digest"]);
    check("ruleaza rezumatul de dimineata", "Morning digest", &["morning-digest"]);
    check("run the moring digest", "Morning digest", &["morning-digest"]);
    check("oprește digestul", "Propun ca status la Morning digest", &["morning-digest"]);
    for message in ["when does the digest run", "când rulează rezumatul", "is the morning digest paused?"] {
        check(message, "Morning digest – active", &["morning-digest"]);
    }
    for (message, part) in [("good morning", "Hello"), ("bună ziua", "Salut"), ("thanks a lot", "Hello")] {
        check(message, part, &[]);
    }
    check("avem deviari azi", "cazuri", &[]);
    check("ce am de aprobat", "decizii în așteptare", &[]);
}

/// Whether the room was told that something waits, and whether the run says that a person decided.
fn asked(stage: &mut Stage, message: &str, settings: &Value) -> (usize, bool) {
    let settings = serde_json::from_value(settings.clone()).unwrap();
    let policy = Some(crate::house::policy(crate::agent::Agent::policy(&agent()), &settings));
    let output = stage.decide(&agent(), Start { policy, ..start(message) });
    let told = stage.documents(Table::Messages);
    (told.len() - 1, output.requires_human_review)
}

#[test]
fn who_was_asked_is_told_and_said() {
    let sure = json!({"confidenceMin": 1.0});
    assert_eq!(asked(&mut stage(), "run the morning digest now", &json!({})), (0, false), "by itself");
    assert_eq!(asked(&mut stage(), "run the morning digest now", &sure), (1, true), "as this business wants");
    assert_eq!(asked(&mut stage(), "pause the morning digest", &json!({})), (1, true));
    let unsure = json!({"intent": "change_resource", "confidence": 0.2, "reasoning": "", "target": "gate B12", "value": "closed"});
    let mut stage = Stage { model: Some(unsure), ..stage() };
    let (_, was_reviewed) = asked(&mut stage, "close it", &json!({}));
    assert!(!was_reviewed, "the policy refuses what is not sure");
}
