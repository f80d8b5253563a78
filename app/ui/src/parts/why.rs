//! Why the badge says what it says, and what can be done at once.

use crate::live::{Handler, flag, live, press};
use crate::parts::badge;
use crate::screen::{use_screen, word};
use crate::state::badge::Badge;
use crate::text::Text;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// The badge's statement in a sentence, and what can be done at once.
#[component]
pub fn Why(
    /// Whether the server speaks of rows that this page does not know.
    outdated: Memo<bool>,
    /// Does not wait for the next attempt to connect.
    retry: Handler<MouseEvent>,
) -> impl IntoView {
    let screen = use_screen();
    let offline = Memo::new(move |_| screen.badge.with(|badge| matches!(badge, Badge::Offline { .. })));
    let reload = move || {
        let _ = window().location().reload();
    };
    view! {
        <div class="why" data-tone=live(move || screen.badge.with(badge::tone))>
            <p class="why-word">
                {live(move || {
                    let (word, rest) = screen.badge.with(|badge| badge::say(screen.locale(), badge));
                    if rest.is_empty() { word.to_owned() } else { format!("{word} · {rest}") }
                })}
            </p>
            <p>{live(move || screen.badge.with(badge::why).of(screen.locale()))}</p>
            <button type="button" class="button" hidden=flag(move || !offline.get()) on:click=retry>
                {word(Text::RetryNow)}
            </button>
            <p hidden=flag(move || !outdated.get())>{word(Text::NewVersion)}</p>
            <button type="button" class="button" hidden=flag(move || !outdated.get()) on:click=press(reload)>
                {word(Text::Reload)}
            </button>
        </div>
    }
}
