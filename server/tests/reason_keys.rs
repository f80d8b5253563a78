//! A key that anybody would recognise goes through the program, and is found nowhere in what the program says.

mod common;

use common::settings;
use inflight_server::commands::dev::realtime::{Manner, start};
use inflight_server::metrics::Metrics;
use inflight_server::reason::Reasoner;
use std::process::Command;

const KEY: &str = "sk-recognisable-0123456789";

/// All that the program says with these settings, at the finest level of the log, must hold `expected` and no key.
async fn check(words: &[&str], environment: &[(&str, &str)], expected: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).args(words);
    command.env("OPENAI_API_KEY", KEY).env("LOG_LEVEL", "trace").envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.contains(expected), "{said}");
    // A part of it is as bad as the whole.
    assert!(!said.contains("recognisable"), "{said}");
}

#[tokio::test]
async fn a_key_is_in_no_log_and_no_error() {
    let ask = ["dev", "ask", "hello there"];
    let good = start(0, Manner { key: Some(KEY.to_owned()), ..Manner::default() }).await.unwrap();
    let bad = start(0, Manner { key: Some("another".to_owned()), ..Manner::default() }).await.unwrap();
    let realtime = |url: &str| [("REASONER", "realtime".to_owned()), ("OPENAI_REALTIME_URL", url.to_owned())];
    for (stand_in, expected) in [(&good, "echo: hello there"), (&bad, "refused (invalid_api_key)")] {
        let environment = realtime(&stand_in.url());
        check(&ask, &environment.each_ref().map(|(name, value)| (*name, value.as_str())), expected).await;
    }
    // The same over HTTP, where nobody speaks it: a socket that speaks WebSocket alone and one that is closed.
    for (url, expected) in [
        (format!("http://{}/v1", good.address), "broken_off"),
        ("http://127.0.0.1:1/v1".to_owned(), "connection"),
    ] {
        check(&ask, &[("OPENAI_BASE_URL", &url), ("MAX_RETRIES", "0")], expected).await;
    }
    check(&["check-config"], &[], "OPENAI_API_KEY").await;
    check(&["check-config", "--json"], &[("REASONER", "nonsense")], "expected local, chat or realtime").await;
    let seal = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff-recognisable";
    check(&["check-config"], &[("ENCRYPTION_KEY", seal)], "expected 64 hex digits").await;
}

#[tokio::test]
async fn a_key_is_in_no_debug_text_and_no_metric() {
    for kind in ["chat", "realtime"] {
        let settings = settings(&[("OPENAI_API_KEY", KEY), ("REASONER", kind)]);
        let mut said = format!("{settings:?}");
        let metrics = Metrics::new(&settings.topics);
        let reasoner = Reasoner::new(settings.reason, metrics.clone()).unwrap();
        said.push_str(&format!("{reasoner:?} {:?} {}", reasoner.row(), metrics.render()));
        assert!(said.contains(kind) && !said.contains("recognisable"), "{said}");
    }
}
