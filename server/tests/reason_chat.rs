//! Chat Completions against a server of our own that answers by a script, and the port with a provider that fails.

mod common;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use common::{PATIENCE, settings};
use inflight_agents::breaker::{BreakerLimits, BreakerState};
use inflight_agents::question::{LocalRule, Message};
use inflight_agents::{Answer, AskFailure, ModelQuestion};
use inflight_server::metrics::Metrics;
use inflight_server::reason::chat::{Chat, ChatSettings};
use inflight_server::reason::failure::Failure;
use inflight_server::reason::reply::{Piece, Purse, Reply, Tokens};
use inflight_server::reason::status::{Health, Kind};
use inflight_server::reason::{Provider, Reasoner};
use inflight_server::settings::Secret;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What the server does with the next request.
#[derive(Clone, Debug)]
enum Act {
    /// Streams these pieces of text, then the end.
    Text(&'static [&'static str]),
    /// Streams these chunks as they are, and no end.
    Raw(&'static [&'static str]),
    /// One whole answer.
    Whole(&'static str),
    Status(u16, &'static str),
    RetryAfter(&'static str),
    Never,
}

#[derive(Default)]
struct Seen {
    script: Vec<Act>,
    bodies: Vec<Value>,
    keys: Vec<String>,
}

type Shared = Arc<Mutex<Seen>>;

const KEY: &str = "sk-recognisable-0123456789";

async fn complete(State(seen): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let act = {
        let mut seen = seen.lock().unwrap();
        seen.bodies.push(serde_json::from_str(&body).unwrap_or_default());
        seen.keys.push(
            headers.get("authorization").map(|key| key.to_str().unwrap().to_owned()).unwrap_or_default(),
        );
        if seen.script.is_empty() { Act::Status(503, "") } else { seen.script.remove(0) }
    };
    let stream = |chunks: Vec<String>| {
        let events = chunks.into_iter().map(|chunk| Ok::<_, std::io::Error>(format!("data: {chunk}\n\n")));
        let body = Body::from_stream(futures_util::stream::iter(events));
        ([("content-type", "text/event-stream; charset=utf-8")], body).into_response()
    };
    match act {
        Act::Text(pieces) => {
            let piece = |text: &&str| json!({"choices": [{"index": 0, "delta": {"content": text}}], "obfuscation": "x"});
            let mut chunks: Vec<String> = pieces.iter().map(|text| piece(text).to_string()).collect();
            chunks.push(
                json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "model": "m-1"})
                    .to_string(),
            );
            chunks.push(
                json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}).to_string(),
            );
            chunks.push("[DONE]".to_owned());
            stream(chunks)
        }
        Act::Raw(chunks) => stream(chunks.iter().map(|chunk| (*chunk).to_owned()).collect()),
        Act::Whole(text) => {
            let body =
                json!({"model": "m-1", "choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
            ([("content-type", "application/json")], body.to_string()).into_response()
        }
        Act::Status(code, body) => (StatusCode::from_u16(code).unwrap(), body).into_response(),
        Act::RetryAfter(text) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", text)]).into_response(),
        Act::Never => core::future::pending().await,
    }
}

async fn server(script: &[Act]) -> (String, Shared) {
    let seen = Shared::new(Mutex::new(Seen { script: script.to_vec(), ..Seen::default() }));
    let router = Router::new().route("/v1/chat/completions", post(complete));
    let router = router.route("/v1/models", get(complete)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, seen)
}

fn question(schema: Option<Value>) -> ModelQuestion {
    let messages = vec![Message::user("hold?")];
    ModelQuestion { purpose: "classify".to_owned(), messages, schema, ..ModelQuestion::default() }
}

fn form() -> Option<Value> {
    Some(json!({"type": "object", "required": ["code"], "properties": {"code": {"enum": ["HOLD"]}}}))
}

async fn ask(script: &[Act], question: &ModelQuestion) -> (Result<Reply, Failure>, String, Shared) {
    let (reply, heard, seen, _) = pay(script, question).await;
    (reply, heard, seen)
}

/// As [`ask`], with what it cost.
async fn pay(script: &[Act], question: &ModelQuestion) -> (Result<Reply, Failure>, String, Shared, Tokens) {
    let (url, seen) = server(script).await;
    let settings = ChatSettings {
        base_url: url.parse().unwrap(),
        key: Some(Secret::new(KEY.to_owned())),
        model: "m".to_owned(),
        retries_max: 3,
        retry_delay: Duration::from_millis(2),
    };
    let mut heard = String::new();
    let mut hear = |piece: Piece<'_>| heard.push_str(if let Piece::Text(text) = piece { text } else { "|" });
    let patience =
        if question.timeout_ms == 0 { PATIENCE } else { Duration::from_millis(question.timeout_ms.into()) };
    let provider = Provider::Chat(Box::new(Chat::new(settings).unwrap()));
    let mut purse = Purse::of(u64::MAX);
    let reply = provider.ask_strictly(question, Instant::now() + patience, &mut hear, &mut purse).await;
    (reply.map(|(reply, _)| reply), heard, seen, purse.spent)
}

/// The answer or the failure, what was heard, and how often it was asked.
async fn check(
    script: &[Act],
    question: &ModelQuestion,
    expected: Result<&str, &str>,
    heard: &str,
    asked: usize,
) {
    let (reply, found, seen) = ask(script, question).await;
    let answer = reply.map(|reply| reply.text).map_err(|failure| failure.to_string());
    assert_eq!(answer, expected.map(str::to_owned).map_err(str::to_owned), "{script:?}");
    assert_eq!((found.as_str(), seen.lock().unwrap().bodies.len()), (heard, asked), "{script:?}");
}

#[tokio::test]
async fn an_answer_is_streamed() {
    check(&[Act::Whole("Hold")], &question(None), Ok("Hold"), "Hold", 1).await;
    let (reply, heard, seen) = ask(&[Act::Text(&["Ho", "ld", " ă"])], &question(None)).await;
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), heard.as_str(), reply.model.as_str()), ("Hold ă", "Hold ă", "m-1"));
    assert_eq!((reply.tokens.input, reply.tokens.output), (100, 10));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.keys, [format!("Bearer {KEY}")]);
    assert_eq!((&seen.bodies[0]["stream"], &seen.bodies[0]["model"]), (&json!(true), &json!("m")));
}

#[tokio::test]
async fn what_may_pass_is_asked_again() {
    let good = Act::Text(&["Hold"]);
    let down = Act::Status(503, "");
    check(&[down.clone(), down.clone(), down.clone(), good.clone()], &question(None), Ok("Hold"), "Hold", 4)
        .await;
    check(&[], &question(None), Err("not available (http_503)"), "", 4).await;
    check(&[Act::RetryAfter("0"), good.clone()], &question(None), Ok("Hold"), "Hold", 2).await;
    // A wait that is longer than there is time is not begun.
    let soon = ModelQuestion { timeout_ms: 5_000, ..question(None) };
    check(&[Act::RetryAfter("60"), good.clone()], &soon, Err("rate limited"), "", 1).await;
    let half = Act::Raw(&[r#"{"choices":[{"delta":{"content":"Ho"}}]}"#]);
    check(&[half, good.clone()], &question(None), Ok("Hold"), "Ho|Hold", 2).await;
    let inside = Act::Raw(&[r#"{"error":{"message":"overloaded","type":"server_error"}}"#]);
    check(&[inside, good.clone()], &question(None), Ok("Hold"), "Hold", 2).await;
    let strange = Act::Raw(&["<html>"]);
    check(&[strange, good], &question(None), Ok("Hold"), "Hold", 2).await;
}

#[tokio::test]
async fn what_will_not_pass_is_not() {
    let body = r#"{"error":{"code":"invalid_api_key","message":"Incorrect API key provided: sk-recognisable-0123456789"}}"#;
    let refused = "refused (invalid_api_key): Incorrect API key provided: ********";
    check(&[Act::Status(401, body)], &question(None), Err(refused), "", 1).await;
    let cut = Act::Raw(&[r#"{"choices":[{"delta":{"content":"Ho"},"finish_reason":"length"}]}"#, "[DONE]"]);
    check(&[cut], &question(None), Err("the answer was cut short (length)"), "Ho|", 1).await;
    let soon = ModelQuestion { timeout_ms: 200, ..question(None) };
    check(&[Act::Never], &soon, Err("no answer before the deadline"), "", 1).await;
}

#[tokio::test]
async fn an_answer_of_another_form_is_repaired_once() {
    let (bad, good) = (Act::Text(&["I would hold."]), Act::Text(&[r#"{"code":"HOLD"}"#]));
    let (reply, heard, seen) = ask(&[bad.clone(), good.clone()], &question(form())).await;
    let reply = reply.unwrap();
    assert_eq!(
        (reply.text.as_str(), heard.as_str()),
        (r#"{"code":"HOLD"}"#, r#"I would hold.|{"code":"HOLD"}"#)
    );
    assert_eq!(reply.tokens.input, 200, "both are paid");
    let again = seen.lock().unwrap().bodies[1]["messages"].clone();
    assert_eq!(again[1], json!({"role": "assistant", "content": "I would hold."}));
    assert!(
        again[2]["content"].as_str().unwrap().starts_with("That does not match the schema: expected JSON")
    );
    let wrong = Act::Text(&[r#"{"code":"GO"}"#]);
    let expected = "the answer does not match its schema: code: expected one of [\"HOLD\"]";
    check(&[bad, wrong, good.clone()], &question(form()), Err(expected), r#"I would hold.|{"code":"GO"}"#, 2)
        .await;
    // A server that knows no forms is asked in words.
    let unknown =
        Act::Status(400, r#"{"error":{"message":"Either \"json_schema\" or \"grammar\" can be specified"}}"#);
    let text = r#"{"code":"HOLD"}"#;
    check(&[unknown, good], &question(form()), Ok(text), text, 2).await;
}

#[tokio::test]
async fn what_was_sent_is_paid_whatever_comes_of_it() {
    const HALF: &str = r#"{"choices":[{"delta":{"content":"Ho"}}]}"#;
    // 40 tokens may be written; `hold?` is read as two, and the schema as 29.
    let question = |schema| ModelQuestion { max_tokens: 40, ..question(schema) };
    let wrong = Act::Text(&[r#"{"code":"GO"}"#]);
    let counted = Act::Raw(&[HALF, r#"{"usage":{"prompt_tokens":7,"completion_tokens":3}}"#]);
    let endless = Act::Raw(&[r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":1}}"#]);
    let soon = ModelQuestion { timeout_ms: 200, ..question(None) };
    for (script, question, expected) in [
        (vec![wrong.clone(), wrong], question(form()), (200, 20)),
        (vec![Act::Raw(&[HALF]), Act::Text(&["Hold"])], question(None), (102, 50)),
        (vec![counted, Act::Text(&["Hold"])], question(None), (107, 13)),
        (vec![Act::Whole("Hold it then")], question(None), (2, 4)),
        (vec![Act::Never], soon, (2, 40)),
        (vec![Act::Status(401, "")], question(None), (0, 0)),
        (vec![Act::Status(503, ""); 4], question(None), (0, 0)),
        (vec![endless, Act::Status(401, "")], question(None), (u64::from(u32::MAX), 1)),
    ] {
        let (_, _, _, spent) = pay(&script, &question).await;
        assert_eq!((spent.input, spent.output), expected, "{script:?}");
    }
}

#[tokio::test]
async fn answers_that_cannot_be_used_cost_the_run_and_the_day() {
    let wrong = Act::Text(&[r#"{"code":"GO"}"#]);
    let script = [wrong.clone(), wrong.clone(), wrong.clone(), wrong];
    let (reasoner, _) = port(&script, &[("REASONER_PRICES", "m=2/10")]).await;
    let hold = json!({"code": "HOLD"}).as_object().unwrap().clone();
    let rule = LocalRule { name: "always".to_owned(), then: hold, ..LocalRule::default() };
    let asked = ModelQuestion { rules: vec![rule], degrade: true, max_tokens: 40, ..question(form()) };
    let given = answer(&reasoner, &asked, None).await.0.unwrap();
    assert_eq!((given.by.as_str(), given.usage.tokens(), given.usage.cost_microusd), ("local", 220, 600));
    let failure = answer(&reasoner, &ModelQuestion { degrade: false, ..asked }, None).await.0.unwrap_err();
    assert_eq!((failure.kind.as_str(), failure.usage.cost_microusd), ("invalid", 600));
}

#[tokio::test]
async fn nothing_is_tried_again_beyond_what_was_set_aside() {
    const HALF: &str = r#"{"choices":[{"delta":{"content":"Ho"}}]}"#;
    let [hold, wrong] = [Act::Text(&[r#"{"code":"HOLD"}"#]), Act::Text(&[r#"{"code":"GO"}"#])];
    let half = Act::Raw(&[HALF]);
    // 60 tokens may be written; `hold?` is read as two, with the schema as 28. With a schema two answers are set aside for.
    for (script, schema, expected) in [
        (vec![half.clone(), Act::Text(&["Hold"])], None, 2 + 60),
        (vec![Act::Status(503, ""), half.clone(), Act::Text(&["Hold"])], None, 2 + 60),
        (vec![half.clone(), half.clone(), half, hold], form(), 3 * (28 + 60)),
        (vec![wrong.clone(), wrong.clone(), wrong], form(), 2 * 110),
    ] {
        let (reasoner, _) = port(&script, &[("MAX_RETRIES", "3")]).await;
        let mut asked = ModelQuestion { max_tokens: 60, schema, ..with_rule(true) };
        asked.rules[0].then = json!({"code": "HOLD"}).as_object().unwrap().clone();
        let given = answer(&reasoner, &asked, None).await.0.unwrap();
        assert_eq!((given.by.as_str(), given.usage.tokens()), ("local", expected), "{script:?}");
    }
}

/// A port to the server, with a breaker that opens at the second failure.
async fn port(script: &[Act], more: &[(&str, &str)]) -> (Reasoner, Metrics) {
    let (url, _) = server(script).await;
    let mut environment = vec![
        ("OPENAI_BASE_URL", url.as_str()),
        ("OPENAI_API_KEY", KEY),
        ("MAX_RETRIES", "0"),
        ("OPENAI_MODEL", "m"),
    ];
    environment.extend(more);
    let mut settings = settings(&environment);
    settings.reason.breaker = BreakerLimits { failures: 2, open_ms: 50, trials: 1 };
    let metrics = Metrics::new(&settings.topics);
    (Reasoner::new(settings.reason, metrics.clone()).unwrap(), metrics)
}

fn with_rule(degrade: bool) -> ModelQuestion {
    let rule = LocalRule { name: "always".to_owned(), says: "Wait.".to_owned(), ..LocalRule::default() };
    ModelQuestion { rules: vec![rule], degrade, ..question(None) }
}

async fn answer(
    reasoner: &Reasoner,
    question: &ModelQuestion,
    because: Option<&str>,
) -> (Result<Answer, AskFailure>, String) {
    let mut heard = String::new();
    let mut hear = |piece: Piece<'_>| heard.push_str(if let Piece::Text(text) = piece { text } else { "|" });
    let answer = reasoner.answer(question, because, &mut hear).await;
    (answer, heard)
}

#[tokio::test]
async fn an_answer_says_who_gave_it_and_what_it_cost() {
    let (reasoner, metrics) = port(&[Act::Text(&["Hold"])], &[("REASONER_PRICES", "m=2/10")]).await;
    let (given, heard) = answer(&reasoner, &with_rule(true), None).await;
    let given = given.unwrap();
    assert_eq!((given.text.as_str(), heard.as_str(), given.by.as_str()), ("Hold", "Hold", "chat:m-1"));
    assert_eq!((given.usage.cost_microusd, given.degraded), (300, None));
    let row = reasoner.row();
    assert_eq!((row.kind, row.model.as_deref(), row.status), (Kind::Chat, Some("m"), Health::Ok));
    // A budget that was crossed wants the rules.
    let (given, heard) = answer(&reasoner, &with_rule(true), Some("budget")).await;
    let given = given.unwrap();
    assert_eq!(
        (heard.as_str(), given.by.as_str(), given.degraded.as_deref()),
        ("Wait.", "local", Some("budget"))
    );
    assert!(metrics.render().contains(r#"inflight_reasoner_answers_total{by="chat",outcome="answered"} 1"#));
    assert!(metrics.render().contains(r#"inflight_reasoner_answers_total{by="local",outcome="degraded"} 1"#));
}

#[tokio::test]
async fn a_provider_that_is_down_is_stood_in_for_and_tried_again() {
    let (reasoner, _) = port(&[Act::Status(503, ""), Act::Status(503, ""), Act::Text(&["Hold"])], &[]).await;
    let mut changes = reasoner.changes();
    for _ in 0..2 {
        let (given, heard) = answer(&reasoner, &with_rule(true), None).await;
        let given = given.unwrap();
        assert_eq!((given.by.as_str(), heard.as_str()), ("local", "Wait."));
        assert_eq!(given.degraded.as_deref(), Some("not available (http_503)"));
    }
    assert!(changes.has_changed().unwrap());
    let row = changes.borrow_and_update().clone();
    assert_eq!((row.status, row.breaker), (Health::Degraded, BreakerState::Open));
    assert_eq!(row.reason.as_deref(), Some("not available (http_503)"));
    // It may have begun to let one through already where the machine is slow; then that one is answered.
    let (refused, _) = answer(&reasoner, &with_rule(false), None).await;
    if let Err(failure) = refused {
        assert_eq!((failure.kind.as_str(), failure.message.contains("http_503")), ("circuit_open", true));
    }
    let waiting = async {
        while answer(&reasoner, &with_rule(true), None).await.0.unwrap().by == "local" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    assert_eq!(reasoner.row().status, Health::Ok);
    assert_eq!(changes.borrow_and_update().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn without_a_key_rules_answer_and_say_so() {
    let settings = settings(&[]);
    let metrics = Metrics::new(&settings.topics);
    let reasoner = Reasoner::new(settings.reason, metrics).unwrap();
    let (given, _) = answer(&reasoner, &with_rule(false), None).await;
    let given = given.unwrap();
    assert_eq!(
        (given.by.as_str(), given.degraded, given.why.unwrap().rule.as_str()),
        ("local", None, "always")
    );
    let row = reasoner.row();
    assert_eq!((row.kind, row.status, row.reason.as_deref()), (Kind::Local, Health::Off, Some("no_key")));
    let failure = answer(&reasoner, &question(None), None).await.0.unwrap_err();
    assert_eq!((failure.kind.as_str(), failure.message.as_str()), ("refused", "no local rule holds"));
}

#[tokio::test]
async fn a_provider_is_well_once_something_was_heard_of_it() {
    let wrong = Act::Status(401, r#"{"error":{"code":"invalid_api_key","message":"No."}}"#);
    for (script, expected, reason) in [
        (Act::Whole("{}"), Health::Ok, None),
        (wrong, Health::Degraded, Some("refused (invalid_api_key): No.")),
        (Act::Status(503, ""), Health::Degraded, Some("not available (http_503)")),
        (Act::Status(404, ""), Health::Unasked, None),
    ] {
        let (reasoner, _) = port(&[script.clone(), Act::Text(&["Hold"])], &[]).await;
        assert_eq!(reasoner.row().status, Health::Unasked);
        reasoner.probe().await;
        let row = reasoner.row();
        assert_eq!((row.status, row.reason.as_deref()), (expected, reason), "{script:?}");
        let (given, _) = answer(&reasoner, &with_rule(true), None).await;
        assert_eq!((given.unwrap().by.as_str(), reasoner.row().status), ("chat:m-1", Health::Ok));
    }
}

#[tokio::test]
async fn a_price_that_nobody_told_is_not_nothing() {
    for (prices, expected) in [("", None), ("m=0/0", Some(0)), ("m=2/10", Some(2_000_000))] {
        let (reasoner, _) = port(&[], &[("REASONER_PRICES", prices)]).await;
        let price = reasoner.price().map(|price| price.input_microusd_per_mtok);
        assert_eq!((price, reasoner.row().unpriced), (expected, expected.is_none()), "{prices}");
    }
}
