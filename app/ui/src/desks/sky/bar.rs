//! The bar of the desk: title, search, table toggle and badge.

use crate::desk::{Desk, Panel, use_desk, word};
use crate::desks::sky::actions::{do_said, said};
use crate::desks::sky::disruptions::DisruptionsButton;
use crate::desks::sky::search::SearchBox;
use crate::live::{press, truth};
use crate::parts::markup::{button, markup};
use crate::parts::{ConnectionBadge, Icon, icon};
use crate::state::keys::Action;
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
                <div class="bar-tools">
                    <DisruptionsButton />
                    {markup("openers", openers, do_said)}
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
                </div>
                <ConnectionBadge />
            </div>
        </header>
    }
}

fn openers(desk: Desk) -> String {
    let (locale, open) = (desk.locale(), desk.panel.get());
    let opener = |panel: Panel, name: &str, action: Action, text: Text, picture: Icon| {
        let (words, pressed) = (text.of(locale), open == Some(panel));
        let attributes = format!(
            "class=\"tool\" aria-label=\"{words}\" title=\"{words}\" data-opens=\"{name}\" aria-pressed=\"{pressed}\""
        );
        button(&attributes, &said(action), "", Some(picture))
    };
    opener(Panel::Statistics, "statistics", Action::Statistics, Text::Statistics, Icon::Bars)
        + &opener(Panel::Filters, "filters", Action::Filters, Text::Filters, Icon::Filter)
}
