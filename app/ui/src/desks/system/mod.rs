//! The System desk: what the server says of itself. What needs a person stands first.

mod ages;
mod audit;
mod bar;
mod card;
mod charts;
mod client;
mod connections;
mod facts;
mod sources;
mod start;
mod summary;

use crate::desks::system::client::SystemClient;
use crate::live::{hear, live, live_option};
use crate::panels::{KeysPanel, SettingsPanel};
use crate::parts::{Announcer, Rail, Toast};
use crate::screen::{Screen, word};
use crate::state::system::choices::{Choices, Section};
use crate::text::{Locale, Text, Word};
use bar::{Bar, ConnectionPanel, Sections};
use inflight_domain::UnixMillis;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use start::BINDINGS;
use std::rc::Rc;

/// Signals that parts of the desk share; a copy is the same desk.
#[derive(Clone, Copy)]
pub struct System {
    /// What every desk has.
    pub screen: Screen,
    /// Rises when rows changed.
    pub rows: RwSignal<u64>,
    /// Rises when an answer came.
    pub fetched: RwSignal<u64>,
    /// What the address holds.
    pub choices: RwSignal<Choices>,
    /// How many of the single connections are shown at most.
    pub shown: RwSignal<usize>,
    /// The moment at which all charts are read.
    pub moment: RwSignal<Option<UnixMillis>>,
    client: RwSignal<Option<StoredValue<Rc<SystemClient>, LocalStorage>>>,
}

impl System {
    fn new(screen: Screen) -> Self {
        Self {
            screen,
            rows: RwSignal::new(0),
            fetched: RwSignal::new(0),
            choices: RwSignal::new(Choices::default()),
            shown: RwSignal::new(connections::PAGE),
            moment: RwSignal::new(None),
            client: RwSignal::new(None),
        }
    }

    /// The language, tracked.
    pub fn locale(self) -> Locale {
        self.screen.locale()
    }

    /// The client, once there is one; tracked, and with it all that it knows.
    pub fn client(self) -> Option<Rc<SystemClient>> {
        self.rows.track();
        self.fetched.track();
        self.client.get().and_then(|stored| stored.try_get_value())
    }

    /// Puts the client in place; called once, in the browser.
    pub fn set_client(self, client: Rc<SystemClient>) {
        self.client.set(Some(StoredValue::new_local(client)));
    }

    /// The client without being told of anything; for events, which come later than it.
    pub fn client_now(self) -> Option<Rc<SystemClient>> {
        self.client.get_untracked().and_then(|stored| stored.try_get_value())
    }
}

/// The desk of this page.
pub fn use_system() -> System {
    expect_context::<System>()
}

/// A word of this desk in the language of the page.
pub fn told(text: Word) -> crate::live::Live {
    let settings = use_system().screen.settings;
    live(move || text.of(settings.read().locale))
}

/// The whole page of the System desk. Its link comes from the [`crate::link::Ways`] in the context.
#[component]
pub fn SystemApp() -> impl IntoView {
    let screen = Screen::new();
    provide_context(screen);
    let system = System::new(screen);
    provide_context(system);
    let ways = use_context();
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| {
        untrack(|| start::start(system, ways));
        hydrated.set(true);
    });
    on_cleanup(move || {
        if let Some(client) = system.client_now() {
            client.stop();
        }
    });
    Effect::new(move |_| {
        let alerts = screen.alerts.get();
        let count = if alerts > 0 { format!("({alerts}) ") } else { String::new() };
        document().set_title(&format!("{count}{}", Text::SystemTitle.of(screen.locale())));
    });
    ages::follow(system);
    let has_rows = move || system.client()?.with_table(|table| table.has_data).then_some("true");
    view! {
        <div
            class="app"
            id="app"
            data-hydrated=live_option(move || hydrated.get().then_some("true"))
            data-rows=live_option(has_rows)
        >
            <a class="skip" href="#system">{word(Text::SkipToContent)}</a>
            <Rail />
            <main class="desk">
                <section class="system" aria-label=word(Text::System)>
                    <Bar />
                    <Sections />
                    <div class="system-body" id="system" tabindex="-1" on:scroll=hear(move |_| start::look_where(system))>
                        <div class="cards" on:click=hear(move |event: MouseEvent| start::pressed(system, &event))>
                            <summary::Summary />
                            <sources::Sources />
                            <sources::TurnedAway />
                            <connections::Connections />
                            <facts::Topics />
                            <charts::Process />
                            <facts::Dependencies />
                            <facts::Limits />
                            <audit::Audit />
                        </div>
                    </div>
                </section>
            </main>
            <ConnectionPanel />
            <SettingsPanel />
            <KeysPanel bindings=BINDINGS />
            <Toast />
            <Announcer />
        </div>
    }
    .into_any()
}

/// Goes to a section.
pub fn go_to(system: System, section: Section) {
    start::go(system, section);
}
