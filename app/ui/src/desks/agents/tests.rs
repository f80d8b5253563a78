//! Every view as HTML: whole, safe, and with a name for each field.

use crate::desks::agents::{REGIONS, bar};
use crate::state::agents::doing::{Act, Refusal, Then};
use crate::state::agents::office::Office;
use crate::state::agents::parse::parse;
use crate::state::agents::place::{Place, Section};
use crate::state::agents::room::Kind;
use crate::state::agents::talk::{Outgoing, Way};
use crate::text::Locale;
use inflight_wire::Datum;

const EVIL: &str = "<script>alert('x')</script>\\\"'><img src=x>";

fn snapshot() -> Datum {
    let text = r#"{
        "offset": 1, "older": {"runs": 4, "messages": 10},
        "businesses": [{"businessId": "b", "name": "EVIL", "locations": [{"locationId": "l", "name": "EVIL"}]}, {"businessId": "c", "name": "C"}],
        "agents": [{"name": "assistant"}, {"name": "digest"}],
        "reasoner": {"kind": "chat", "model": "EVIL", "status": "degraded", "reason": "EVIL", "breaker": "open", "since_ms": 1},
        "runs": [
            {"id": "r", "title": "EVIL", "agent": "assistant", "version": 1, "status": "review", "node": "EVIL", "started_ms": 5, "changed_ms": 900,
             "budget": {"tokens": 90, "tokens_max": 100, "cost_microusd": 12, "cost_max_microusd": 100, "steps": 2, "steps_max": 9, "time_ms": 9, "time_max_ms": 9}},
            {"id": "f", "agent": "digest", "status": "failed", "error": "EVIL", "started_ms": 4}
        ],
        "reviews": [
            {"id": "v", "run": "r", "title": "EVIL", "why": "EVIL", "policy": "EVIL", "status": "open", "confidence": 0.4, "amount": 12.5, "expires_ms": 90000, "created_ms": 2,
             "action": {"type": "resource_action", "target": "EVIL", "payload": {"price": 10, "note": "EVIL", "when": {"a": [1]}}},
             "editable": [{"name": "price", "type": "number", "min": 1, "max": 20}, {"name": "note", "type": "text", "label": "EVIL"}]},
            {"id": "w", "title": "Two", "status": "approved", "by": "EVIL", "decided_ms": 5, "undo_until_ms": 9000, "diff": [{"field": "EVIL", "from": 1, "to": "EVIL"}]}
        ],
        "cases": [{"id": "k", "kind": "diversion", "title": "EVIL", "status": "proposed", "severity": "critical", "aircraft": "4ca1b2", "callsign": "EVIL", "run": "r",
                   "opened_ms": 1, "changed_ms": 2, "proposal": {"do": "EVIL"}, "notes": [{"at_ms": 1, "by": "EVIL", "text": "EVIL"}]}],
        "schedules": [{"id": "s", "name": "EVIL", "cron": "0 6 * * *", "time_zone": "UTC", "agent": "digest", "input": {"text": "EVIL"}, "status": "active", "missed": "once",
                       "next_ms": [60000000, 70000000], "last_ms": 5, "last_run": "r", "last_status": "failed"}],
        "models": [{"decisionCode": "D", "version": 2, "messageTemplate": "EVIL {x}", "parameters": [{"name": "x", "type": "text", "required": true, "description": "EVIL"}], "usageCount": 3}],
        "resources": [{"id": "g", "type": "gate", "name": "EVIL", "status": "EVIL", "attributes": {"a": "EVIL"}, "version": 3, "changed_ms": 5}, {"id": "h", "type": "crew", "name": "H", "status": "free"}],
        "messages": [
            {"id": "m", "at_ms": 10, "from": "user", "by": "EVIL", "text": "EVIL", "sensitive": true},
            {"id": "n", "at_ms": 11, "from": "agent", "text": "EVIL", "run": "r", "review": "v", "error": "EVIL",
             "steps": [{"name": "EVIL", "status": "done", "detail": "EVIL", "took_ms": 12}],
             "citations": [{"kind": "aircraft", "id": "EVIL", "title": "EVIL"}, {"kind": "case", "id": "k", "title": ""}]}
        ],
        "replies": [{"id": "p", "run": "r2", "text": "EVIL"}]
    }"#;
    parse(&text.replace("EVIL", EVIL)).unwrap()
}

fn office(address: &str, role: &str) -> Office {
    let mut office = Office::at(Place::of(address));
    office.me = parse(&format!("{{\"roles\":[\"{role}\"],\"signed_in\":true,\"user\":\"ana\"}}")).ok();
    office.now_ms = 6000;
    office.answered(Then::Snapshot("b".to_owned()), Ok(snapshot()));
    office.last = vec!["w".to_owned()];
    if office.place.section == Section::Business {
        let own = r#"{"business":{"id":"b","name":"EVIL","type":"EVIL","settings":{"timeZone":"UTC","fleet":["EVIL"],"confidenceMin":0.5},
            "locations":[{"locationId":"EVIL","name":"EVIL","type":"EVIL"}],
            "permissions":{"users":{"EVIL":{"roles":["viewer","EVIL"],"locations":["EVIL"]}}}}}"#;
        let own = parse(&own.replace("EVIL", EVIL)).map_err(|_| Refusal::default());
        office.answered(Then::Business("b".to_owned()), own);
    }
    office.outgoing = ["sending", "late", "refused"].map(outgoing).into();
    if office.is_searching() {
        let found = r#"{"decisions":[{"id":"decision-r","decisionCode":"EVIL","context":"EVIL","reasoning":"EVIL","outcome":"EVIL","confidence":0.5}]}"#;
        office.soon();
        let asked = office.search.asked.clone();
        let found = parse(&found.replace("EVIL", EVIL)).map_err(|_| Refusal::default());
        office.answered(Then::Found(asked), found);
    }
    if office.place.section == Section::Runs {
        office.watch.id = "r".to_owned();
        let run = r#"{"run":{"id":"r","status":"review","node":"two","title":"EVIL"},"graph":{"start":"one","nodes":[{"name":"one","edges":["two"]},{"name":"two","edges":["one"]}]},
            "states":[{"seq":2,"node":"one","patch":{"a":"EVIL"}}],"events":[{"seq":1,"at":1,"kind":{"asked":{"question":"EVIL"}}},{"seq":2,"at":1,"kind":{"left":{}}}],
            "effects":[{"key":"e","effect":{"target":"EVIL"},"outcome":{"conflicted":{"version":5,"by":"EVIL"}}},{"key":"f","effect":{},"outcome":{"done":{}}}],"reviews":[{"id":"v","title":"EVIL","status":"open"}]}"#;
        office.answered(
            Then::Run("r".to_owned()),
            parse(&run.replace("EVIL", EVIL)).map_err(|_| Refusal::default()),
        );
        office.answered(Then::State("r".to_owned(), 2), Ok(Datum::Text(EVIL.to_owned())));
        let divergence =
            r#"{"ok":false,"divergence":{"seq":2,"node":"EVIL","expected":{"a":1},"got":{"a":"EVIL"}}}"#;
        office.answered(
            Then::Verified("r".to_owned()),
            parse(&divergence.replace("EVIL", EVIL)).map_err(|_| Refusal::default()),
        );
        office.act(Act { act: "fork", ..Act::default() });
    }
    office
}

/// A message of one's own, as far as it got.
fn outgoing(id: &str) -> Outgoing {
    let way = match id {
        "late" => Way::Unconfirmed,
        "refused" => Way::Refused(Refusal { message: EVIL.to_owned(), ..Refusal::default() }),
        _ => Way::Sending,
    };
    Outgoing { id: id.to_owned(), words: EVIL.to_owned(), way, ..Outgoing::default() }
}

const ADDRESSES: [&str; 17] = [
    "/agents?business=b",
    "/agents/reviews?business=b",
    "/agents/reviews?business=b&id=v",
    "/agents/reviews?business=b&id=w&show=decided",
    "/agents/runs?business=b",
    "/agents/runs/r?business=b",
    "/agents/runs?business=b&show=decisions&code=D",
    "/agents/cases?business=b&id=k",
    "/agents/schedules?business=b&id=s",
    "/agents/schedules?business=b&id=new",
    "/agents/models?business=b&id=D&version=1",
    "/agents/models?business=b&id=new",
    "/agents/resources?business=b&id=g",
    "/agents/resources?business=b&id=new",
    "/agents/resources?business=b&id=gone",
    "/agents/business?business=b",
    "/agents/business?business=b&id=new",
];

/// All regions of a desk, checked.
fn check(office: &Office, locale: Locale) -> String {
    let html: String = REGIONS.iter().map(|(_, region)| region(office, locale)).collect();
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    let mut open = Vec::new();
    for part in html.split('<').skip(1) {
        let (inside, _) = part.split_once('>').unwrap_or_else(|| panic!("<{part}"));
        let name = inside.split_whitespace().next().unwrap_or_default().trim_end_matches('/');
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
        } else if !matches!(name, "input" | "wbr") {
            open.push(name);
        }
        assert!(!inside.contains("aria-label=\"\""), "nameless: <{inside}");
    }
    assert_eq!(open, Vec::<&str>::new());
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is there twice: {ids:?}");
    html
}

#[test]
fn each_view_is_whole_and_safe_for_each_role_in_both_languages() {
    for address in ADDRESSES {
        for role in ["viewer", "coordinator", "admin"] {
            for locale in [Locale::En, Locale::Ro] {
                let html = check(&office(address, role), locale);
                assert!(html.len() > 400, "{address}");
            }
        }
    }
}

#[test]
fn each_view_has_a_shell_before_anything_is_known() {
    for section in Section::ALL {
        let shell = Office::at(Place { section, ..Place::default() });
        assert!(check(&shell, Locale::En).contains("skeleton"), "{section:?}");
    }
}

#[test]
fn a_view_says_why_there_is_nothing() {
    let mut office = Office::at(Place::of("/agents/cases?business=b"));
    office.answered(
        Then::Snapshot("b".to_owned()),
        Err(Refusal { status: 503, code: "busy".to_owned(), ..Refusal::default() }),
    );
    let html = check(&office, Locale::En);
    assert!(html.contains("(busy)") && html.contains("data-act=\"reload\""), "{html}");
}

#[test]
fn what_is_typed_stays_in_its_field() {
    let mut office = office("/agents/reviews?business=b&id=v", "coordinator");
    office.act(Act { act: "edit", ..Act::default() });
    office.act(Act { act: "type", id: "v", name: "price", value: "99" });
    let html = check(&office, Locale::En);
    assert!(
        html.contains("value=\"99\"")
            && html.contains("At most 20")
            && html.contains("aria-invalid=\"true\""),
        "{html}"
    );
    office.act(Act { act: "type", id: "v", name: "price", value: "12" });
    let html = check(&office, Locale::En);
    assert!(html.contains("<ins") && html.contains("Approve with edits"), "{html}");
}

#[test]
fn the_bar_tells_of_a_degraded_reasoner() {
    let office = office("/agents?business=b", "coordinator");
    let html = bar::bar(&office, Locale::En);
    assert!(html.contains("Degraded to local rules") && html.contains("left alone"), "{html}");
}

#[test]
fn the_bar_tells_what_is_not_known_of_a_model() {
    let mut office = office("/agents/runs/r?business=b", "coordinator");
    let money = |office: &Office| check(office, Locale::En).contains(">Cost<");
    assert!(money(&office));
    let unpriced = r#"{"id":"r","status":"done","changed_ms":901,"budget":
        {"tokens":9,"tokens_max":10,"cost_microusd":0,"cost_max_microusd":100,"unpriced":true}}"#;
    office.room.put(Kind::Run, parse(unpriced).unwrap());
    assert!(check(&office, Locale::En).contains(">Tokens<") && !money(&office));
    office.room.reasoner =
        parse(r#"{"kind":"chat","model":"m","status":"unasked","unpriced":true}"#).unwrap();
    let html = bar::bar(&office, Locale::En);
    assert!(html.contains("data-tone=\"quiet\"") && html.contains("not asked yet"), "{html}");
    assert!(html.contains("REASONER_PRICES") && !html.contains("Spent today"), "{html}");
    office.room.spent =
        parse(r#"{"tokens":1200,"tokens_max":5000,"cost_microusd":250000,"cost_max_microusd":10000000}"#)
            .unwrap();
    let html = bar::bar(&office, Locale::En);
    assert!(html.contains("Spent today") && html.contains("1,200") && html.contains("$0.2500"), "{html}");
    office.room.reasoner = parse(r#"{"kind":"chat","model":"m","status":"ok"}"#).unwrap();
    let html = bar::bar(&office, Locale::En);
    assert!(html.contains("data-tone=\"good\"") && !html.contains("REASONER_PRICES"), "{html}");
}

#[test]
fn local_rules_without_a_key_are_no_trouble() {
    let mut office = office("/agents?business=b", "coordinator");
    office.room.reasoner = parse(r#"{"kind":"local","status":"off","reason":"no_key"}"#).unwrap();
    let html = bar::bar(&office, Locale::En);
    assert!(html.contains("data-tone=\"good\"") && html.contains("Local rules") && !html.contains("no_key"));
    office.room.is_off = true;
    assert!(bar::bar(&office, Locale::En).contains("No answers"));
}

#[test]
fn what_can_be_undone_counts_down() {
    let mut office = office("/agents/reviews?business=b", "coordinator");
    assert!(bar::undo(&office, Locale::En).contains("3 s left"));
    office.now_ms = 9000;
    assert_eq!(bar::undo(&office, Locale::En), "");
}

#[test]
fn a_message_that_nobody_confirmed_can_be_sent_again_or_given_up() {
    let html = check(&office("/agents?business=b", "coordinator"), Locale::En);
    for held in ["data-act=\"retry\" data-id=\"late\"", "data-act=\"drop\" data-id=\"late\"", "Not confirmed"]
    {
        assert!(html.contains(held), "{held}: {html}");
    }
    assert!(!html.contains("data-id=\"sending\""));
}

#[test]
fn what_rooms_are_not_told_is_explained_and_can_be_asked_for() {
    let mut office = office("/agents?business=b", "coordinator");
    let shown = |office: &Office| check(office, Locale::En).contains("data-act=\"reload\"");
    assert!(!shown(&office), "it is known");
    let told = r#"{"id":"k","at_ms":12,"from":"user","text":"•••","sensitive":true}"#;
    office.room.put(Kind::Message, parse(told).unwrap());
    assert!(shown(&office));
}

#[test]
fn an_effect_that_failed_is_told_where_the_run_ends() {
    let html = check(&office("/agents/runs/r?business=b", "coordinator"), Locale::En);
    assert_eq!(html.matches("Not everything was done").count(), 1, "{html}");
}

#[test]
fn a_decision_leads_to_its_run_and_the_filters_stay() {
    let html = check(&office("/agents/runs?business=b&show=decisions&code=D", "viewer"), Locale::En);
    assert!(html.contains("/agents/runs/r?business=b&amp;show=decisions&amp;code=D"), "{html}");
}

#[test]
fn only_who_may_say_what_agents_go_by_is_offered_another_state() {
    let editor = |role: &str| {
        check(&office("/agents/runs/r?business=b", role), Locale::En).contains("id=\"fork-state\"")
    };
    assert!(editor("admin") && !editor("coordinator"));
}

#[test]
fn whoever_speaks_for_several_places_is_asked_for_which() {
    let mut office = office("/agents?business=b", "coordinator");
    office.me = parse(r#"{"roles":["coordinator"],"locations":["l","k"]}"#).ok();
    office.composer = "hi".to_owned();
    assert!(check(&office, Locale::En).contains("composer-place"));
    office.act(Act { act: "location", value: "l", ..Act::default() });
    assert!(!check(&office, Locale::En).contains("composer-place"));
}

#[test]
fn where_there_is_no_business_an_admin_makes_one_and_others_are_told_whom_to_ask() {
    for (address, me, shows) in [
        ("/agents", r#"{"roles":["admin"],"signed_in":true,"user":"ana"}"#, "Make the first business"),
        (
            "/agents/business?id=new",
            r#"{"roles":["admin"],"signed_in":true,"user":"ana"}"#,
            "data-name=\"timeZone\"",
        ),
        (
            "/agents/cases",
            r#"{"roles":["viewer"],"signed_in":true,"user":"vera"}"#,
            "--name vera --role coordinator",
        ),
        ("/agents/business?id=new", r#"{"roles":["viewer"],"signed_in":false}"#, "/sign-in?to="),
    ] {
        let mut office = Office::at(Place::of(address));
        office.me = parse(me).ok();
        office.answered(
            Then::Snapshot(String::new()),
            parse(r#"{"businesses":[]}"#).map_err(|_| Refusal::default()),
        );
        for locale in [Locale::En, Locale::Ro] {
            let html = check(&office, locale);
            assert!(locale == Locale::Ro || html.contains(shows), "{address}: {html}");
        }
    }
}

#[test]
fn resources_that_cannot_be_reached_are_not_said_to_be_none() {
    let check = |rows: &str, unreached: &str, words: &str, others: &str| {
        let mut office = Office::at(Place::of("/agents/resources?business=b"));
        office.now_ms = 600_000;
        let text = format!(
            r#"{{"businesses":[{{"businessId":"b"}}],"resources":[{rows}],
                "services":[{{"name":"resources","breaker":"open","unreached":{unreached}}}]}}"#
        );
        office.answered(Then::Snapshot("b".to_owned()), parse(&text).map_err(|_| Refusal::default()));
        let html = crate::desks::agents::resources::view(&office, Locale::En);
        assert!(html.contains(words) && !html.contains(others), "{html}");
        assert_eq!(html.contains("data-act=\"reload\""), unreached != "null", "{html}");
    };
    let none = "No resource yet";
    check("", r#"{"why":"x","known_ms":null}"#, "cannot be reached", none);
    let known = r#"{"why":"x","known_ms":300000}"#;
    check(r#"{"id":"g","name":"Gate 9"}"#, known, "as they were 5", "cannot be reached");
    check("", "null", none, "cannot be reached");
}
