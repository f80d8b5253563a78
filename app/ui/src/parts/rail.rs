//! The rail: the desks that exist, and settings and keys at its end. On a phone it lies at the bottom.

use crate::app::Page;
use crate::desk::{Panel, use_desk, word};
use crate::live::{press, truth};
use crate::parts::icon::{Icon, icon};
use crate::text::Text;
use leptos::prelude::*;

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let here = (use_context::<Page>() == Some(Page::Sky)).then_some("page");
    view! {
        <nav class="rail" aria-label=word(Text::Desks)>
            <a class="rail-item" href="./" aria-current=here>
                {icon(Icon::Sky)}
                <span class="rail-word">{word(Text::Sky)}</span>
            </a>
            <div class="rail-end">
                <PanelButton panel=Panel::Keys name="keys" text=Text::Keys picture=Icon::Keys />
                <PanelButton panel=Panel::Settings name="settings" text=Text::Settings picture=Icon::Settings />
            </div>
        </nav>
    }
}

/// A button of the rail that opens a panel.
#[component]
fn PanelButton(panel: Panel, name: &'static str, text: Text, picture: Icon) -> impl IntoView {
    let desk = use_desk();
    view! {
        <button
            type="button"
            class="rail-item"
            data-opens=name
            aria-expanded=truth(move || desk.panel.get() == Some(panel))
            on:click=press(move || desk.toggle_panel(panel))
        >
            {icon(picture)}
            <span class="rail-word">{word(text)}</span>
        </button>
    }
}
