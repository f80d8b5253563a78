//! The stand-in of the Realtime API against OpenAI's own client, where that is installed (`pip install openai websockets`),
//! and our client against a provider that never says hello.

mod common;

use common::settings;
use inflight_agents::ModelQuestion;
use inflight_agents::question::LocalRule;
use inflight_server::commands::dev::realtime::{Manner, start};
use inflight_server::metrics::Metrics;
use inflight_server::reason::Reasoner;
use std::process::Command;

#[tokio::test]
async fn the_official_client_is_content() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let is_there = Command::new(&python).args(["-c", "import openai, websockets"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        println!("not checked: {python} has no openai and websockets (see PYTHON)");
        return;
    }
    let stand_in = start(0, Manner::default()).await.unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend/e2e/clients/realtime.py");
    let mut client = Command::new(python);
    client.args([script, &stand_in.url()]);
    let output = tokio::task::spawn_blocking(move || client.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stand_in.seen().asked, 8);
}

#[tokio::test]
async fn what_never_left_costs_nothing() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v1", silent.local_addr().unwrap());
    let settings = settings(&[("OPENAI_BASE_URL", &url), ("OPENAI_API_KEY", "sk-0"), ("OPENAI_MODEL", "m")]);
    let reasoner = Reasoner::new(settings.reason, Metrics::new(&settings.topics)).unwrap();
    let rule = LocalRule { name: "always".to_owned(), says: "Wait.".to_owned(), ..LocalRule::default() };
    let (rules, timeout_ms, max_tokens) = (vec![rule], 200, 40);
    let asked = ModelQuestion { rules, timeout_ms, max_tokens, degrade: true, ..ModelQuestion::default() };
    let given = reasoner.answer(&asked, None, &mut |_| {}).await.unwrap();
    assert_eq!((given.by.as_str(), given.usage.tokens()), ("local", 0), "{given:?}");
}
