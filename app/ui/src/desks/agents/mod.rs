//! The Agents desk: talking with agents, deciding what they propose, and seeing how each answer came about.
//!
//! Each region of the page is HTML that a plain function makes of what is known; it is brought to the page by
//! [`crate::browser::morph`], which leaves alone what did not change.

mod bar;
mod business;
mod cases;
mod chat;
mod client;
mod composer;
mod decisions;
mod graph;
pub mod html;
mod listed;
mod models;
mod people;
mod resources;
mod review_form;
mod reviews;
mod run;
mod run_state;
mod runs;
mod schedules;
mod split;
mod start;
mod states;
#[cfg(test)]
mod tests;

use crate::app::Page;
use crate::desks::agents::client::AgentsClient;
use crate::live::{hear, live, live_option, press};
use crate::panels::SettingsPanel;
use crate::parts::{Announcer, ConnectionBadge, PanelFrame, Rail, Toast, Why};
use crate::screen::{Panel, Screen};
use crate::state::agents::office::Office;
use crate::state::agents::place::{NEW, Place, Section};
use crate::text::{Locale, Term, Text};
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use std::rc::Rc;

/// Signals that parts of the desk share; a copy is the same desk.
#[derive(Clone, Copy)]
pub struct Agents {
    /// What every desk has.
    pub screen: Screen,
    /// Rises when something changed.
    pub changed: RwSignal<u64>,
    client: RwSignal<Option<StoredValue<Rc<AgentsClient>, LocalStorage>>>,
}

/// Makes a region's HTML.
type Region = fn(&Office, Locale) -> String;

/// The regions of the page by the ids of their elements.
const REGIONS: [(&str, Region); 4] =
    [("agents-bar", bar::bar), ("agents-nav", bar::nav), ("agents-main", main), ("agents-undo", bar::undo)];

impl Agents {
    /// The client without being told of anything; for events, which come later than it.
    pub fn client_now(self) -> Option<Rc<AgentsClient>> {
        self.client.get_untracked().and_then(|stored| stored.try_get_value())
    }

    /// Puts the client in place; called once, in the browser.
    pub fn set_client(self, client: Rc<AgentsClient>) {
        self.client.set(Some(StoredValue::new_local(client)));
    }
}

/// The view in front.
fn main(office: &Office, locale: Locale) -> String {
    let makes = office.place.section == Section::Business && office.business_form() == NEW;
    if office.has_no_business() && !(makes && office.may_make()) {
        return business::first(office, locale);
    }
    match office.place.section {
        Section::Chat => chat::view(office, locale),
        Section::Reviews => reviews::view(office, locale),
        Section::Runs => runs::view(office, locale),
        Section::Cases => cases::view(office, locale),
        Section::Schedules => schedules::view(office, locale),
        Section::Models => models::view(office, locale),
        Section::Resources => resources::view(office, locale),
        Section::Business => business::view(office, locale),
    }
}

/// The whole page of the Agents desk. Its link comes from the [`crate::link::Ways`] in the context.
#[component]
pub fn AgentsApp() -> impl IntoView {
    let screen = Screen::new();
    provide_context(screen);
    let agents = Agents { screen, changed: RwSignal::new(0), client: RwSignal::new(None) };
    provide_context(agents);
    let ways = use_context();
    let section = match use_context::<Page>() {
        Some(Page::Agents(section)) => section,
        _ => Section::default(),
    };
    // The same on both sides: what only the browser knows comes in later.
    let shell = Office::at(Place { section, ..Place::default() });
    let [bar, nav, main, undo] = REGIONS.map(|(_, region)| region(&shell, Locale::En));
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| {
        untrack(|| start::start(agents, ways));
        hydrated.set(true);
    });
    on_cleanup(move || {
        if let Some(client) = agents.client_now() {
            client.stop();
        }
    });
    Effect::new(move |_| {
        agents.changed.track();
        let locale = screen.locale();
        let client = agents.client.get().and_then(|stored| stored.try_get_value());
        client.iter().for_each(|client| client.draw(locale));
    });
    let has_rows = move || {
        agents.changed.track();
        agents.client.get()?.try_get_value()?.with(|office| office.room.has_data).then_some("true")
    };
    view! {
        <div
            class="app"
            id="app"
            data-hydrated=live_option(move || hydrated.get().then_some("true"))
            data-rows=live_option(has_rows)
            on:click=hear(move |event: MouseEvent| start::clicked(agents, &event))
            on:input=hear(move |event: Event| start::typed(agents, &event))
            on:keydown=hear(move |event: KeyboardEvent| start::key_in_field(agents, &event))
        >
            <a class="skip" href="#agents-main">{crate::screen::word(Text::SkipToContent)}</a>
            <Rail />
            <main class="desk">
                <section class="agents" aria-label=said(Term::Agents)>
                    <header class="bar">
                        <h1 class="bar-title">{said(Term::Agents)}</h1>
                        <div class="agents-bar" id="agents-bar" inner_html=bar></div>
                        <div class="bar-end"><ConnectionBadge /></div>
                    </header>
                    <nav class="sections" id="agents-nav" aria-label=said(Term::Views) inner_html=nav></nav>
                    <div class="agents-main" id="agents-main" tabindex="-1" inner_html=main></div>
                    <div class="agents-undo" id="agents-undo" role="status" inner_html=undo></div>
                </section>
            </main>
            <ConnectionPanel />
            <SettingsPanel />
            <Keys />
            <Toast />
            <Announcer />
        </div>
    }
    .into_any()
}

/// A word of this desk in the language of the page.
fn said(term: Term) -> crate::live::Live {
    let settings = expect_context::<Agents>().screen.settings;
    live(move || term.of(settings.read().locale))
}

/// Why the badge says what it says.
#[component]
fn ConnectionPanel() -> impl IntoView {
    let agents = expect_context::<Agents>();
    let outdated = Memo::new(move |_| {
        agents.changed.track();
        agents.client_now().is_some_and(|client| client.with(|office| office.room.system.outdated))
    });
    let retry = move || agents.client_now().iter().for_each(|client| client.retry_now());
    view! {
        <PanelFrame panel=Panel::Sources name="sources" title=Text::ConnectionTitle>
            <Why outdated retry=press(retry) />
        </PanelFrame>
    }
}

/// The keys of this desk.
#[component]
fn Keys() -> impl IntoView {
    let line = |(caps, does): &(&'static [&'static str], Term)| {
        let caps = caps.iter().map(|cap| view! { <kbd>{*cap}</kbd> }).collect_view();
        view! { <div class="key-line"><dt>{caps}</dt><dd>{said(*does)}</dd></div> }
    };
    view! {
        <PanelFrame panel=Panel::Keys name="keys" title=Text::Keys>
            <dl class="key-list">{start::KEYS.iter().map(line).collect_view()}</dl>
        </PanelFrame>
    }
}
