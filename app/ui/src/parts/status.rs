//! What is said to who cannot see it, and short messages to who can.

use crate::desk::use_desk;
use crate::live::{live, truth};
use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays, and how much longer for each of its letters, in milliseconds.
const STAYS_MS: u64 = 3000;
const LETTER_MS: u64 = 50;

/// A region whose changes are read out politely.
#[component]
pub fn Announcer() -> impl IntoView {
    let desk = use_desk();
    view! { <p class="unseen" role="status" aria-live="polite">{live(move || desk.said.get())}</p> }
}

/// A short message that goes by itself.
#[component]
pub fn Toast() -> impl IntoView {
    let desk = use_desk();
    Effect::new(move |_| {
        let shown = desk.toast.get();
        if let Some(letters) = shown.as_ref().map(|words| words.len() as u64) {
            let go = move || {
                // A newer message has a timer of its own.
                if desk.toast.try_get_untracked() == Some(shown) {
                    desk.toast.set(None);
                }
            };
            set_timeout(go, Duration::from_millis(STAYS_MS + LETTER_MS * letters));
        }
    });
    view! {
        <div class="toast" role="status" data-open=truth(move || desk.toast.read().is_some())>
            {live(move || desk.toast.get().unwrap_or_default())}
        </div>
    }
}
