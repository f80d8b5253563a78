//! The page: which desk, rail, panels, keys, and the start of the client in the browser.

use crate::browser::compile;
use crate::client::Client;
use crate::desk::{Desk, Panel, word};
use crate::desks::sky::{Sky, act_on};
use crate::link::Ways;
use crate::live::{live, live_option};
use crate::panels::{KeysPanel, SettingsPanel};
use crate::parts::{Announcer, Rail, Toast};
use crate::screen::Screen;
use crate::state::agents::place::Section;
use crate::state::follow::Focus;
use crate::state::keys::{BINDINGS, Pressed, action};
use crate::state::picks::Picks;
use crate::state::view::View;
use crate::text::{Text, set_country_names};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// What an address shows. Who renders the page puts it into the context; nothing in it needs a router in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The Sky desk.
    Sky,
    /// The System desk; it has a program of its own.
    System,
    /// A view of the Agents desk; it has a program of its own too.
    Agents(Section),
    /// Nothing has this address.
    Missing,
}

impl Page {
    /// Every page that has an address of its own; `{id}` stands for one part of it.
    pub const ALL: [(&'static str, Self); 11] = [
        ("/", Self::Sky),
        ("/system", Self::System),
        ("/agents", Self::Agents(Section::Chat)),
        ("/agents/reviews", Self::Agents(Section::Reviews)),
        ("/agents/runs", Self::Agents(Section::Runs)),
        ("/agents/runs/{id}", Self::Agents(Section::Runs)),
        ("/agents/cases", Self::Agents(Section::Cases)),
        ("/agents/schedules", Self::Agents(Section::Schedules)),
        ("/agents/models", Self::Agents(Section::Models)),
        ("/agents/resources", Self::Agents(Section::Resources)),
        ("/agents/business", Self::Agents(Section::Business)),
    ];

    /// What a path shows.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let fits = |own: &str| match own.split_once("{id}") {
            Some((before, _)) => {
                path.strip_prefix(before).is_some_and(|id| !id.is_empty() && !id.contains('/'))
            }
            None => own == path,
        };
        Self::ALL.iter().find(|(own, _)| fits(own)).map_or(Self::Missing, |(_, page)| *page)
    }
}

/// The page of every desk but System and Agents. Its link comes from the [`Ways`] in the context; without one nothing arrives.
#[component]
pub fn App() -> impl IntoView {
    let screen = Screen::new();
    provide_context(screen);
    let desk = Desk::new(screen);
    provide_context(desk);
    let ways = use_context::<Ways>();
    let page = use_context::<Page>().unwrap_or(Page::Missing);
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| {
        untrack(|| start(desk, ways));
        hydrated.set(true);
    });
    on_cleanup(move || {
        if let Some(client) = desk.client_now() {
            client.stop();
        }
    });
    let title = if page == Page::Sky { Text::SkyTitle } else { Text::NotFound };
    Effect::new(move |_| document().set_title(title.of(desk.locale())));
    let shown = match page {
        Page::Sky => view! { <Sky /> }.into_any(),
        _ => view! { <NotFound /> }.into_any(),
    };
    view! {
            <div
                class="app"
                id="app"
                data-hydrated=live_option(move || hydrated.get().then_some("true"))
                data-aircraft=live_option(move || desk.count.get().map(|count| count.to_string()))
                data-revision=live(move || desk.revision.get().to_string())
                data-cut=live_option(move || cut(desk))
                data-globe=live(move || globe_name(desk))
            >
                <a class="skip" href="#globe">{word(Text::SkipToContent)}</a>
                <Rail />
                <main class="desk">
                    {shown}
                </main>
                <SettingsPanel />
                <KeysPanel bindings=BINDINGS />
                <Toast />
                <Announcer />
            </div>
    }
    .into_any()
}

/// What stands where there is no page.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <section class="lost">
            <h1>{word(Text::NotFound)}</h1>
            <p>{word(Text::NotFoundHint)}</p>
            <a class="button" href="/">{word(Text::GoToSky)}</a>
        </section>
    }
}

/// Brings in what only the browser knows: address, storage, keys, link.
fn start(desk: Desk, ways: Option<Ways>) {
    set_country_names(crate::browser::country_namer);
    let view = View::parse(&crate::browser::query());
    desk.screen.restore(view.theme, view.locale);
    desk.seat.set(view.seat);
    desk.rings.set(view.rings);
    desk.focus.set(Focus { selected: view.picked.last().copied(), following: view.following });
    desk.choose(&mut |choices| {
        let all = view.picked.clone();
        choices.picks = Picks { several: all.len() > 1, all, isolated: view.isolated };
        choices.form.set(view.filter.clone(), compile);
    });
    if desk.choices.read_untracked().form.errors.iter().any(Option::is_some) {
        // What is wrong stands beside the field.
        desk.panel.set(Some(Panel::Filters));
    }
    desk.table_open.set(view.table_open);
    desk.sort.set(view.sort);
    let keys = window_event_listener(leptos::ev::keydown, move |event| key_pressed(desk, &event));
    on_cleanup(move || keys.remove());
    if let Some(ways) = ways {
        // In a task of its own, so that the browser can answer a press between waking the page and drawing the globe.
        let owner = Owner::current().unwrap_or_default();
        set_timeout(move || owner.with(|| desk.set_client(Client::start(desk, ways, view))), Duration::ZERO);
    }
}

fn key_pressed(desk: Desk, event: &KeyboardEvent) {
    // What has the focus has taken it.
    if event.default_prevented() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is =
        |selector: &str| target.as_ref().is_some_and(|element| element.matches(selector).unwrap_or(false));
    let key = event.key();
    let pressed = Pressed {
        key: &key,
        command: event.ctrl_key() || event.meta_key(),
        alt: event.alt_key(),
        in_text: is("input[type=text], textarea, select"),
        on_control: is("button, a, input, select, [role=option]"),
    };
    if let Some(action) = action(pressed, desk.settings.get_untracked().letter_keys)
        && act_on(desk, action)
    {
        event.prevent_default();
    }
}

fn cut(desk: Desk) -> Option<String> {
    desk.revision.track();
    let client = desk.client()?;
    client.with_board(|board| board.mirror.position().map(|(_, cut)| cut.0.to_string()))
}

fn globe_name(desk: Desk) -> &'static str {
    match desk.globe.get() {
        crate::desk::GlobeState::Starting => "starting",
        crate::desk::GlobeState::Running => "running",
        crate::desk::GlobeState::Flat => "flat",
        crate::desk::GlobeState::Unsupported => "unsupported",
        crate::desk::GlobeState::Lost => "lost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_their_desks() {
        for (path, page) in [
            ("/", Page::Sky),
            ("/system", Page::System),
            ("/agents/runs/r-1", Page::Agents(Section::Runs)),
            ("/agents/runs/", Page::Missing),
            ("/agents/runs/a/b", Page::Missing),
            ("/agents/moon", Page::Missing),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
