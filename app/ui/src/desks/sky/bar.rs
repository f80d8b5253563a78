//! The bar of the desk: title, search, table toggle and badge.

use crate::desk::{Panel, use_desk, word};
use crate::desks::sky::search::SearchBox;
use crate::live::{press, truth};
use crate::parts::{ConnectionBadge, Icon, icon};
use crate::text::Text;
use leptos::prelude::*;

/// The bar.
#[component]
pub fn Bar() -> impl IntoView {
    let desk = use_desk();
    view! {
        <header class="bar">
            <h1 class="bar-title">{word(Text::Sky)}</h1>
            <SearchBox />
            <div class="bar-end">
                <Opener panel=Panel::Statistics name="statistics" text=Text::Statistics picture=Icon::Bars />
                <Opener panel=Panel::Filters name="filters" text=Text::Filters picture=Icon::Filter />
                <button
                    type="button"
                    class="tool tool-worded"
                    aria-label=word(Text::Table)
                    aria-pressed=truth(move || desk.table_open.get())
                    on:click=press(move || desk.table_open.update(|open| *open = !*open))
                >
                    {icon(Icon::Table)}
                    <span class="tool-word">{word(Text::Table)}</span>
                </button>
                <ConnectionBadge />
            </div>
        </header>
    }
}

#[component]
fn Opener(panel: Panel, name: &'static str, text: Text, picture: Icon) -> impl IntoView {
    let desk = use_desk();
    view! {
        <button
            type="button"
            class="tool"
            aria-label=word(text)
            title=word(text)
            data-opens=name
            aria-pressed=truth(move || desk.panel.get() == Some(panel))
            on:click=press(move || desk.toggle_panel(panel))
        >
            {icon(picture)}
        </button>
    }
}
