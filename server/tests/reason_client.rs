//! The stand-in of the Realtime API against OpenAI's own client, where that is installed (`pip install openai websockets`).

use inflight_server::commands::dev::realtime::{Manner, start};
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
