//! The client of the Realtime API against the project's own stand-in, and against one that others wrote.

mod common;

use common::PATIENCE;
use inflight_agents::ModelQuestion;
use inflight_agents::question::{Message, Tool};
use inflight_server::commands::dev::realtime::{Manner, StandIn, start};
use inflight_server::reason::Provider;
use inflight_server::reason::failure::Failure;
use inflight_server::reason::realtime::{Realtime, RealtimeSettings};
use inflight_server::reason::reply::{Piece, Purse, Reply, Tokens};
use inflight_server::settings::Secret;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

const KEY: &str = "sk-recognisable-0123456789";

async fn stand_in(manner: Manner) -> (StandIn, Provider) {
    let stand_in = start(0, manner).await.unwrap();
    let provider = client(&stand_in.url());
    (stand_in, provider)
}

fn client(url: &str) -> Provider {
    let settings = RealtimeSettings {
        url: url.parse().unwrap(),
        key: Some(Secret::new(KEY.to_owned())),
        model: "gpt-realtime-2.1".to_owned(),
        retries_max: 3,
    };
    Provider::Realtime(Realtime::new(settings).unwrap())
}

fn question(text: &str) -> ModelQuestion {
    let messages = vec![Message::user(text)];
    ModelQuestion { purpose: "answer".to_owned(), messages, max_tokens: 200, ..ModelQuestion::default() }
}

fn find_tool() -> Tool {
    let parameters = json!({"type": "object", "properties": {}});
    Tool { name: "find".to_owned(), description: String::new(), parameters }
}

/// The answer and what was heard of it.
async fn ask(provider: &Provider, question: &ModelQuestion) -> (Result<Reply, Failure>, String) {
    let mut heard = String::new();
    let mut hear = |piece: Piece<'_>| match piece {
        Piece::Text(text) => heard.push_str(text),
        Piece::Restarted => heard.push('|'),
    };
    let deadline = Instant::now() + PATIENCE;
    let reply = provider.ask_strictly(question, deadline, &mut hear, &mut Purse::of(u64::MAX)).await;
    (reply.map(|(reply, _)| reply), heard)
}

async fn check(provider: &Provider, text: &str, expected: Result<&str, &str>) {
    let (reply, heard) = ask(provider, &question(text)).await;
    let answer = reply.map(|reply| reply.text).map_err(|failure| failure.to_string());
    assert_eq!(answer, expected.map(str::to_owned).map_err(str::to_owned));
    assert!(heard.ends_with(expected.unwrap_or_default()), "{heard}");
}

#[tokio::test]
async fn a_question_is_answered_in_pieces() {
    let (stand_in, provider) = stand_in(Manner { key: Some(KEY.to_owned()), ..Manner::default() }).await;
    let (reply, heard) = ask(&provider, &question("hold AAL12 or not")).await;
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), heard.as_str()), ("echo: hold AAL12 or not", "echo: hold AAL12 or not"));
    assert_eq!((reply.tokens.input, reply.tokens.output), (10, 5));
    assert_eq!(reply.model, "gpt-realtime-2.1");
    let seen = stand_in.seen();
    assert_eq!(seen.target, "/v1/realtime?model=gpt-realtime-2.1");
    assert!(seen.headers.contains(&("authorization".to_owned(), format!("Bearer {KEY}"))));
    assert!(seen.headers.iter().all(|(name, _)| name != "openai-beta" && name != "sec-websocket-protocol"));
}

#[tokio::test]
async fn many_questions_share_one_session() {
    for one_at_a_time in [false, true] {
        let (stand_in, provider) = stand_in(Manner { one_at_a_time, ..Manner::default() }).await;
        let asked = (0..20).map(|number| {
            let provider = provider.clone();
            tokio::spawn(async move {
                check(&provider, &format!("q {number}"), Ok(&format!("echo: q {number}"))).await;
            })
        });
        for asked in asked.collect::<Vec<_>>() {
            asked.await.unwrap();
        }
        assert_eq!((stand_in.seen().connections, stand_in.seen().asked), (1, 20));
    }
}

#[tokio::test]
async fn functions_are_called_and_told_of() {
    let (_stand_in, provider) = stand_in(Manner::default()).await;
    let mut question = ModelQuestion { tools: vec![find_tool()], ..question("BTC?") };
    let reply = ask(&provider, &question).await.0.unwrap();
    let call = reply.calls[0].clone();
    assert_eq!((call.name.as_str(), call.arguments.as_str()), ("find", r#"{"echo":"BTC?"}"#));
    let id = Some(call.id.clone());
    question.messages.push(Message { role: "assistant".to_owned(), calls: vec![call], ..Message::user("") });
    question.messages.push(Message { role: "tool".to_owned(), call_id: id, ..Message::user("{\"px\":1}") });
    assert_eq!(ask(&provider, &question).await.0.unwrap().text, "echo: {\"px\":1}");
}

#[tokio::test]
async fn an_answer_takes_the_form_that_was_asked_for() {
    let (_stand_in, provider) = stand_in(Manner::default()).await;
    let properties =
        json!({"code": {"enum": ["HOLD", "GO"]}, "confidence": {"type": "number", "minimum": 0.5}});
    let schema = json!({"type": "object", "required": ["code", "confidence"], "properties": properties});
    let (reply, heard) = ask(&provider, &ModelQuestion { schema: Some(schema), ..question("hold?") }).await;
    let reply = reply.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&reply.text).unwrap(),
        json!({"code": "HOLD", "confidence": 0.5})
    );
    assert_eq!((heard, reply.calls.len()), (reply.text, 0));
}

#[tokio::test]
async fn what_is_broken_off_is_asked_again() {
    let manner = Manner { word_pause: Duration::from_millis(20), ..Manner::default() };
    let (stand_in, provider) = stand_in(manner).await;
    let (told, mut hearing) = tokio::sync::mpsc::unbounded_channel();
    let asking = tokio::spawn(async move {
        let mut heard = String::new();
        let mut hear = |piece: Piece<'_>| {
            heard.push_str(if let Piece::Text(text) = piece { text } else { "|" });
            let _ = told.send(());
        };
        let question = question("one two three four five");
        let deadline = Instant::now() + PATIENCE;
        let reply = provider.ask(&question, deadline, &mut hear, &mut Purse::of(u64::MAX)).await.unwrap();
        (reply.text, heard)
    });
    hearing.recv().await.unwrap();
    stand_in.hang_up();
    let (text, heard) = asking.await.unwrap();
    assert_eq!(text, "echo: one two three four five");
    assert!(heard.ends_with("|echo: one two three four five"), "{heard}");
    assert_eq!((stand_in.seen().connections, stand_in.seen().asked), (2, 2));
}

#[tokio::test]
async fn a_deadline_and_a_change_of_mind_cancel() {
    let manner = Manner { word_pause: Duration::from_secs(600), ..Manner::default() };
    let (stand_in, provider) = stand_in(manner).await;
    let soon = Instant::now() + Duration::from_secs(2);
    let (asked, mut purse) = (question("a b"), Purse::of(u64::MAX));
    let failure = provider.ask(&asked, soon, &mut |_| {}, &mut purse).await.unwrap_err();
    assert_eq!((failure, purse.spent), (Failure::Deadline, Tokens::reserved(&asked)));
    until(|| stand_in.seen().cancelled == 1).await;
    let (told, mut hearing) = tokio::sync::mpsc::unbounded_channel();
    let other = provider.clone();
    let asking = tokio::spawn(async move {
        let mut hear = |_: Piece<'_>| {
            let _ = told.send(());
        };
        other.ask(&question("a b"), Instant::now() + PATIENCE, &mut hear, &mut Purse::of(u64::MAX)).await
    });
    hearing.recv().await.unwrap();
    asking.abort();
    until(|| stand_in.seen().cancelled == 2).await;
    assert_eq!(stand_in.seen().connections, 1);
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why_without_the_key() {
    let (_stand_in, provider) =
        stand_in(Manner { key: Some("another".to_owned()), ..Manner::default() }).await;
    check(&provider, "?", Err("refused (invalid_api_key): Incorrect API key provided: ********.")).await;
    let refused = client("ws://127.0.0.1:1/v1/realtime");
    let soon = Instant::now() + Duration::from_millis(300);
    let failure = refused.ask(&question("?"), soon, &mut |_| {}, &mut Purse::of(u64::MAX)).await.unwrap_err();
    assert_eq!(failure, Failure::Deadline, "it is tried until then");
    let (stand_in, _) = stand_in(Manner::default()).await;
    let elsewhere = client(&format!("ws://{}/v1/nothing", stand_in.address));
    check(&elsewhere, "?", Err("refused (http_404): not found")).await;
}

/// Sessions end after six seconds and are renewed after three; nothing is lost, and no question waits for it.
#[tokio::test]
async fn sessions_are_renewed_under_way() {
    let lasts = Duration::from_secs(6);
    let (stand_in, provider) =
        stand_in(Manner { lasts, word_pause: Duration::from_millis(60), ..Manner::default() }).await;
    let mut number = 0;
    while stand_in.seen().connections < 3 {
        number += 1;
        check(&provider, &format!("a b c {number}"), Ok(&format!("echo: a b c {number}"))).await;
    }
    assert_eq!(stand_in.seen().asked, number, "each was asked once");
}

/// Written by others after the API's document, and checked with the official client. Not part of the project.
#[tokio::test]
async fn the_loopback_of_others_is_understood() {
    let Some((mut loopback, url)) = loopback() else { return };
    let provider = client(&url);
    // It knows no input out of the conversation: all that it can echo is nothing.
    let (reply, heard) = ask(&provider, &question("hello")).await;
    assert_eq!((reply.unwrap().text.as_str(), heard.as_str()), ("echo: ", "echo: "));
    let asked: Vec<_> = (0..5)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { ask(&provider, &question("at once")).await.0.unwrap().text })
        })
        .collect();
    for asked in asked {
        assert!(asked.await.unwrap().starts_with("echo: "));
    }
    let calling = ModelQuestion { tools: vec![find_tool()], ..question("call") };
    let call = ask(&provider, &calling).await.0.unwrap().calls.remove(0);
    assert_eq!(call.name, "find");
    assert!(call.arguments.starts_with("{\"echo\""), "{}", call.arguments);
    loopback.kill().unwrap();
    loopback.wait().unwrap();
}

fn loopback() -> Option<(Child, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/tools");
    let program = "import asyncio, sys; sys.path.insert(0, sys.argv[1]); import loopback_realtime as L\n\
        async def main():\n    s = await L.start(0); print(s.sockets[0].getsockname()[1], flush=True); await s.serve_forever()\n\
        asyncio.run(main())";
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.args(["-c", program, folder]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    if line.trim().is_empty() {
        println!(
            "not checked: {folder}/loopback_realtime.py or Python's websockets is not there (see PYTHON)"
        );
        child.wait().ok()?;
        return None;
    }
    Some((child, format!("ws://127.0.0.1:{}/v1/realtime", line.trim())))
}

async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}
