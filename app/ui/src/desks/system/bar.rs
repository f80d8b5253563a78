//! The bar of the desk, the way between its sections, and the panel behind the badge.

use crate::browser::each_element;
use crate::desks::system::{told, use_system};
use crate::live::{flag, hear, live, live_option, press};
use crate::parts::{ConnectionBadge, Icon, PanelFrame, Why, icon};
use crate::screen::{Panel, word};
use crate::state::system::choices::Section;
use crate::state::system::remote::Ask;
use crate::text::{Text, Word};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// The bar.
#[component]
pub fn Bar() -> impl IntoView {
    let system = use_system();
    let refresh = move || system.client_now().iter().for_each(|client| client.refresh());
    view! {
        <header class="bar">
            <h1 class="bar-title">{word(Text::System)}</h1>
            <div class="bar-end">
                <Person />
                <button type="button" class="tool" aria-label=told(Word::Refresh) title=told(Word::Refresh) on:click=press(refresh)>
                    {icon(Icon::Loop)}
                </button>
                <ConnectionBadge />
            </div>
        </header>
    }
}

/// Who looks at this, and the way out or in.
#[component]
fn Person() -> impl IntoView {
    let system = use_system();
    let user = Memo::new(move |_| {
        let client = system.client()?;
        let me = client.with_remote(Ask::Me, |remote| remote.data.clone())?;
        Some((me.text("user").to_owned(), me.is("signed_in")))
    });
    let words = move || match user.get() {
        Some((user, true)) => Word::SignedInAs.of(system.locale()).replace("{}", &user),
        Some(_) => Word::Anonymous.of(system.locale()).to_owned(),
        None => String::new(),
    };
    let signed_in = move || user.read().as_ref().is_some_and(|(_, signed_in)| *signed_in);
    view! {
        <div class="person" hidden=flag(move || user.read().is_none())>
            <span class="person-name">{live(words)}</span>
            <a class="tool tool-text" href="/sign-in?to=/system" hidden=flag(signed_in)>
                {told(Word::SignIn)}
            </a>
            <form method="post" action="/sign-out" hidden=flag(move || !signed_in())>
                <button type="submit" class="tool tool-text">{told(Word::SignOut)}</button>
            </form>
        </div>
    }
}

/// The sections, with the one in front marked.
#[component]
pub fn Sections() -> impl IntoView {
    let system = use_system();
    let item = |section: Section| {
        let go = move |event: MouseEvent| {
            event.prevent_default();
            super::go_to(system, section);
        };
        let here = move || (system.choices.read().section == section).then_some("true");
        view! {
            <li>
                <a
                    class="section-link"
                    href=format!("#section-{}", section.name())
                    aria-current=live_option(here)
                    on:click=hear(go)
                >
                    {told(section.title())}
                </a>
            </li>
        }
    };
    // Where the links lie in a row, the one in front is kept in sight.
    Effect::new(move |_| {
        system.choices.track();
        request_animation_frame(|| {
            each_element(".section-link[aria-current]", |link| {
                if let Ok(Some(row)) = link.closest(".sections") {
                    let (link, from) = (link.get_bounding_client_rect(), row.get_bounding_client_rect());
                    row.set_scroll_left(
                        row.scroll_left() + (link.left() - from.left() - link.width()) as i32,
                    );
                }
            });
        });
    });
    view! {
        <nav class="sections" aria-label=told(Word::Sections)>
            <ul>{Section::ALL.into_iter().map(item).collect_view()}</ul>
        </nav>
    }
}

/// Why the badge says what it says.
#[component]
pub fn ConnectionPanel() -> impl IntoView {
    let system = use_system();
    let outdated =
        Memo::new(move |_| system.client().is_some_and(|client| client.with_table(|table| table.outdated)));
    let retry = move || system.client_now().iter().for_each(|client| client.retry_now());
    view! {
        <PanelFrame panel=Panel::Sources name="sources" title=Text::ConnectionTitle>
            <Why outdated retry=press(retry) />
        </PanelFrame>
    }
}
