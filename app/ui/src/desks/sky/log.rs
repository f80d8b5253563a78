//! The strip of the latest notices: the newest in a line, those before it on a press.

use crate::browser::element;
use crate::desk::Desk;
use crate::desks::sky::actions::do_said;
use crate::parts::markup::{escaped, markup};
use crate::text::clock;
use leptos::prelude::*;

/// Notices that are shown.
const SHOWN: usize = 20;

/// The strip.
#[component]
pub fn Log() -> impl IntoView {
    markup("log", log, do_said)
}

fn log(desk: Desk) -> String {
    desk.revision.track();
    let Some(client) = desk.client_now() else { return String::new() };
    let lines: Vec<String> = client.with_board(|board| {
        let told = board.mirror.told().iter().rev().take(SHOWN);
        told.map(|told| format!("{} · {}", clock(told.at), escaped(&told.text))).collect()
    });
    let Some((newest, before)) = lines.split_first() else { return String::new() };
    // What is open stays open when another one comes.
    let open = element("log").filter(|log| log.has_attribute("open")).map_or("", |_| " open");
    let before = before.iter().map(|line| format!("<li>{line}</li>")).collect::<String>();
    format!("<details id=\"log\"{open}><summary>{newest}</summary><ol>{before}</ol></details>")
}
