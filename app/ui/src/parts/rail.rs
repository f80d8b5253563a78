//! The rail: the desks that exist, and settings and keys at its end. On a phone it lies at the bottom.

use crate::app::Page;
use crate::link::Ways;
use crate::live::{press, styled, truth};
use crate::parts::icon::{Icon, icon};
use crate::screen::{Panel, use_screen, word};
use crate::text::Text;
use leptos::prelude::*;

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let (page, screen) = (use_context::<Page>(), use_screen());
    // Without a server there is nothing that the other desks could tell of, and the page may lie anywhere.
    let alone = use_context::<Ways>().is_some_and(|ways| ways.alone);
    let is_agents = matches!(page, Some(Page::Agents(_)));
    let is_system = page == Some(Page::System);
    view! {
        <nav class="rail" aria-label=word(Text::Desks)>
            <div class="rail-desks">
                <a class="rail-item" href=if alone { "./" } else { "/" } aria-current=(page == Some(Page::Sky)).then_some("page")>
                    {icon(Icon::Sky)}
                    <span class="rail-word">{word(Text::Sky)}</span>
                </a>
                {if alone { ().into_any() } else {
                    desk_link("/agents", Text::Agents, Icon::Agents, screen.waiting, Text::Waiting, is_agents)
                }}
                {if alone { ().into_any() } else {
                    desk_link("/system", Text::System, Icon::System, screen.alerts, Text::OpenAlerts, is_system)
                }}
            </div>
            <div class="rail-end">
                <PanelButton panel=Panel::Keys name="keys" text=Text::Keys picture=Icon::Keys />
                <PanelButton panel=Panel::Settings name="settings" text=Text::Settings picture=Icon::Settings />
            </div>
        </nav>
    }
}

/// The way to another desk, with how much there needs a person: what is counted, and the words for who cannot see it.
#[inline(never)]
fn desk_link(
    href: &'static str,
    name: Text,
    picture: Icon,
    counted: RwSignal<usize>,
    words: Text,
    here: bool,
) -> AnyView {
    let screen = use_screen();
    let count = move || match counted.get() {
        0 => String::new(),
        open => {
            let words = words.of(screen.locale()).replace("{}", &open.to_string());
            format!("<span aria-hidden=\"true\">{open}</span><span class=\"unseen\">{words}</span>")
        }
    };
    view! {
        <a class="rail-item" href=href aria-current=here.then_some("page")>
            {icon(picture)}
            <span class="rail-word">{word(name)}</span>
            <span class="rail-count" inner_html=styled(count)></span>
        </a>
    }
    .into_any()
}

/// A button of the rail that opens a panel.
#[component]
fn PanelButton(panel: Panel, name: &'static str, text: Text, picture: Icon) -> impl IntoView {
    let screen = use_screen();
    view! {
        <button
            type="button"
            class="rail-item"
            data-opens=name
            aria-expanded=truth(move || screen.panel.get() == Some(panel))
            on:click=press(move || screen.toggle_panel(panel))
        >
            {icon(picture)}
            <span class="rail-word">{word(text)}</span>
        </button>
    }
}
