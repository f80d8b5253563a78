//! What becomes of bodies of entries: taken in or not, for whom, as what, and what is wrong with them.

use super::*;
use crate::controller::{EventKind, route};
use inflight_domain::event::{Confidences, Proposal, Scores, Signal};
use inflight_domain::{Json, RoomEvent, TopicName, UnixMillis, UserId};

const AT: UnixMillis = UnixMillis(1_795_300_000_000);

fn entry(topic: &str, data: EventData) -> Entry {
    let by = UserId::new("ana");
    Entry { offset: 57, topic: TopicName::parse(topic).unwrap(), at: AT, data, by }
}

fn signal(id: &str) -> EventData {
    let scores = Scores { fused: 0.85, sentiment: 0.8, relevance: 0.9, novelty: 0.7, credibility: 0.8 };
    EventData::Signal(Signal {
        id: id.to_owned(),
        source: "twitter".to_owned(),
        content: "Bitcoin adoption increasing".to_owned(),
        scores,
        confidences: Confidences { fused: 0.8 },
        timestamp: AT,
    })
}

fn proposal() -> EventData {
    EventData::Proposal(Proposal {
        id: "proposal_456".to_owned(),
        thesis: "Bitcoin adoption is increasing".to_owned(),
        assets: vec!["BTC".to_owned(), "ETH".to_owned()],
        size_pct: 0.05,
        risk_score: 0.6,
        expected_return: 0.08,
        status: "proposed".to_owned(),
        timestamp: AT,
    })
}

fn room(kind: &str, members: &[(&str, Json)]) -> EventData {
    let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    EventData::Room(RoomEvent { kind: kind.to_owned(), data: Json::Object(members) })
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

/// What the controller makes of an entry: kind, title and correlation of its input, or the fields that are wrong.
fn check(topic: &str, data: EventData, expected: Result<(EventKind, &str, &str), &[&str]>) {
    let entry = entry(topic, data);
    assert!(takes(&entry), "{topic}");
    let read = input("carpat", &entry, Epoch(9));
    let seen = read.as_ref().map(|input| (route(input), input.correlation_id.clone().unwrap_or_default()));
    let seen = seen.as_ref().map(|(route, correlation)| (route.kind, &*route.title, correlation.as_str()));
    let wrong: Vec<&str> =
        read.as_ref().err().into_iter().flatten().map(|error| error.field.as_str()).collect();
    assert_eq!(seen.map_err(|_| wrong.as_slice()), expected, "{topic}");
}

#[test]
fn bodies_are_classified() {
    use EventKind::{Code, Market};
    let tweet = "Signal from twitter: Bitcoin adoption increasing";
    check("signal", signal("signal_123"), Ok((Market, tweet, "signal_123")));
    check("signal", signal("a name with blanks"), Ok((Market, tweet, "hub-signal-9-57")));
    let thesis = "Proposal for BTC, ETH: Bitcoin adoption is increasing";
    check("proposal", proposal(), Ok((Market, thesis, "proposal_456")));
    let push = [("event", text("push")), ("repository", text("ops")), ("correlationId", text("c-1"))];
    check("business/carpat", room("code", &push), Ok((Code, "Code event: push", "c-1")));
    let flight = [("event", text("disruption")), ("correlation_id", text("c-2")), ("id", text("x"))];
    check("business/carpat", room("code", &flight), Ok((Code, "Code event: disruption", "c-2")));
    let prices = [("marketData", Json::Object(Vec::new())), ("id", text("m-7"))];
    check("business/carpat", room("market", &prices), Ok((Market, "Market event", "m-7")));
    check("business/carpat", room("market", &[]), Ok((Market, "Market event", "hub-business-9-57")));
    let wrong = [("correlationId", Json::Integer(5)), ("locationId", text("not a place"))];
    check("business/carpat", room("code", &wrong), Err(&["locationId", "correlationId"]));
    check("business/carpat", room("code", &[("correlationId", text(""))]), Err(&["correlationId"]));
}

#[test]
fn an_input_says_where_it_comes_from() {
    let of = |topic: &str, data| input("carpat", &entry(topic, data), Epoch(9)).unwrap();
    let news = of("signal", signal("signal_123"));
    assert_eq!((news.id.as_str(), news.user_id.as_deref(), news.timestamp), ("hub-signal-9-57", None, AT));
    let (data, about) = (news.content.data.unwrap(), news.content.metadata.unwrap());
    assert_eq!((&data["type"], &data["data"]["scores"]["fused"]), (&json!("signal"), &json!(0.85)));
    assert_eq!(
        (&about["topic"], &about["offset"], &about["by"]),
        (&json!("signal"), &json!(57), &json!("ana"))
    );
    assert_eq!(about.get("agent"), None, "what comes from outside chooses nobody");
    let code = of("business/carpat", room("code", &[("location_id", text("OTP")), ("agent", text("clerk"))]));
    assert_eq!((code.user_id.as_deref(), code.location_id.as_deref()), (Some("ana"), Some("OTP")));
    // The place by which it was let through, whatever else it names.
    let both = room("code", &[("locationId", text("CLJ")), ("location_id", text("OTP"))]);
    assert_eq!(of("business/carpat", both.clone()).location_id.as_deref(), both.location());
}

#[test]
fn what_agents_and_the_server_say_is_never_taken_in() {
    let takes_it = |topic: &str, data| takes(&entry(topic, data));
    assert!(!takes_it("business/carpat", room("agent.run", &[])));
    assert!(!takes_it("business/carpat", room("message.sent", &[])));
    assert!(!takes_it("load/L1", room("code", &[])), "of rooms only that of a business");
    assert!(!takes(&Entry { by: None, ..entry("signal", signal("s")) }), "the server's own");
    assert!(!takes(&Entry { by: None, ..entry("business/carpat", room("code", &[])) }));
}

#[test]
fn a_business_may_say_what_it_follows() {
    let check = |streams: Value, signals: bool, proposals: bool| {
        let row =
            json!({"businessId": "b", "name": "B", "type": "airline", "settings": {"streams": streams}});
        let business: BusinessInfo = serde_json::from_value(row).unwrap();
        let concerned = |topic: &str, data| concerns(&business, &entry(topic, data));
        let found = (concerned("signal", signal("s")), concerned("proposal", proposal()));
        assert_eq!(found, (signals, proposals), "{streams}");
    };
    check(Value::Null, true, true);
    check(json!([]), false, false);
    check(json!(["signal"]), true, false);
}
