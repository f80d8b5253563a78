//! What is said to who cannot see it, and short messages to who can.

use crate::live::{live, truth};
use crate::screen::use_screen;
use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays, and how much longer for each of its letters, in milliseconds.
const STAYS_MS: u64 = 3000;
const LETTER_MS: u64 = 50;

/// A region whose changes are read out politely.
#[component]
pub fn Announcer() -> impl IntoView {
    let screen = use_screen();
    view! { <p class="unseen" role="status" aria-live="polite">{live(move || screen.said.get())}</p> }
}

/// A short message that goes by itself.
#[component]
pub fn Toast() -> impl IntoView {
    let screen = use_screen();
    Effect::new(move |_| {
        let shown = screen.toast.get();
        if let Some(letters) = shown.as_ref().map(|words| words.len() as u64) {
            let go = move || {
                // A newer message has a timer of its own.
                if screen.toast.try_get_untracked() == Some(shown) {
                    screen.toast.set(None);
                }
            };
            set_timeout(go, Duration::from_millis(STAYS_MS + LETTER_MS * letters));
        }
    });
    view! {
        <div class="toast" role="status" data-open=truth(move || screen.toast.read().is_some())>
            {live(move || screen.toast.get().unwrap_or_default())}
        </div>
    }
}
