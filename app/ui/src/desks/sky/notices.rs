//! What stands over the picture while there is none: loading, empty, without WebGL, graphics lost.

use crate::desk::{GlobeState, Panel, use_desk, word};
use crate::desks::sky::act_on;
use crate::live::{flag, live, press, truth};
use crate::parts::{Icon, badge, icon};
use crate::state::badge::Badge;
use crate::state::keys::Action;
use crate::text::Text;
use leptos::prelude::*;

/// The notices; one at most is seen.
#[component]
pub fn Notices() -> impl IntoView {
    let desk = use_desk();
    let loading = move || desk.count.get().is_none() && desk.globe.get() != GlobeState::Unsupported;
    let none_fits = move || {
        let choices = desk.choices.read();
        choices.shown == 0 && !choices.picks.isolated && desk.count.get().is_some_and(|count| count > 0)
    };
    // While there is nothing to see, the reason stands in the middle instead of only in the badge.
    let reason = move || {
        let text = desk.badge.with(|badge| match badge {
            Badge::Connecting => Text::Loading,
            badge => badge::why(badge),
        });
        text.of(desk.locale())
    };
    view! {
        <div class="veil" data-shown=truth(loading)>
            <div class="veil-globe" aria-hidden="true"></div>
            <p class="veil-words">{live(reason)}</p>
        </div>
        <div class="notice" hidden=flag(move || desk.count.get() != Some(0))>
            <p class="notice-title">{word(Text::Empty)}</p>
            <p>{word(Text::EmptyHint)}</p>
            <button type="button" class="button" on:click=press(move || desk.panel.set(Some(Panel::Sources)))>
                {word(Text::EmptyAction)}
            </button>
        </div>
        <div class="notice" hidden=flag(move || !none_fits())>
            <p class="notice-title">{word(Text::NoneFits)}</p>
            <button type="button" class="button" on:click=press(move || _ = act_on(desk, Action::ClearFilters))>
                {word(Text::ClearFilters)}
            </button>
        </div>
        <div class="notice" hidden=flag(move || desk.globe.get() != GlobeState::Unsupported)>
            {icon(Icon::Warning)}
            <p class="notice-title">{word(Text::NoWebGl)}</p>
            <p>{word(Text::NoWebGlHint)}</p>
        </div>
        <div class="notice" hidden=flag(move || desk.globe.get() != GlobeState::Lost)>
            {icon(Icon::Warning)}
            <p class="notice-title">{word(Text::GlobeLost)}</p>
            <p>{word(Text::GlobeLostHint)}</p>
        </div>
    }
}
