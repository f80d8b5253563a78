//! The reactive side of the Sky desk: coarse signals, none per aircraft. Data itself lives in the client.

use crate::client::Client;
pub use crate::screen::{Panel, Screen, set_if_changed, word};
use crate::stage::Centre;
use crate::state::badge::Badge;
use crate::state::choices::Choices;
use crate::state::follow::Focus;
use crate::state::past::Away;
use crate::state::settings::Settings;
use crate::state::table::Sort;
use crate::text::{Locale, Text};
use inflight_domain::Icao24;
use inflight_globe::Seat;
use leptos::prelude::*;
use std::rc::Rc;

/// Signals that parts of the desk share; a copy is the same desk.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What every desk has.
    pub screen: Screen,
    /// What the person chose for good.
    pub settings: RwSignal<Settings>,
    /// What is selected and followed.
    pub focus: RwSignal<Focus>,
    /// The seat that is taken with the selected aircraft, while there is one.
    pub seat: RwSignal<Option<Seat>>,
    /// What was chosen for now; changed by [`Desk::choose`].
    pub choices: RwSignal<Choices>,
    /// What the range rings are around, while there are any.
    pub rings: RwSignal<Option<Centre>>,
    /// What is under the pointer.
    pub hovered: RwSignal<Option<Hovered>>,
    /// Whether the table is open.
    pub table_open: RwSignal<bool>,
    /// Order of the table.
    pub sort: RwSignal<Sort>,
    /// The panel that is open.
    pub panel: RwSignal<Option<Panel>>,
    /// How far the sheet of a phone is drawn out.
    pub sheet: RwSignal<Sheet>,
    /// Rises at most once per frame, when rows changed.
    pub revision: RwSignal<u64>,
    /// Rises once a second, for ages.
    pub beat: RwSignal<u64>,
    /// What is shown instead of what the link brings.
    pub away: RwSignal<Away>,
    /// Whether a file is held over the page.
    pub dropping: RwSignal<bool>,
    /// What the badge says.
    pub badge: RwSignal<Badge>,
    /// How many aircraft there are; none before the first table.
    pub count: RwSignal<Option<usize>>,
    /// How the globe is.
    pub globe: RwSignal<GlobeState>,
    /// A short message on the screen.
    pub toast: RwSignal<Option<String>>,
    client: RwSignal<Option<StoredValue<Rc<Client>, LocalStorage>>>,
}

/// An aircraft under the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hovered {
    /// Which.
    pub icao24: Icao24,
    /// Where it is drawn, in pixels of the picture.
    pub x: f64,
    /// Where it is drawn, in pixels of the picture.
    pub y: f64,
}

/// How far the sheet of a phone is drawn out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    /// Name and the three numbers.
    #[default]
    Peek,
    /// Half of the picture.
    Half,
    /// All of it.
    Full,
}

/// How the globe is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GlobeState {
    /// Not yet there.
    #[default]
    Starting,
    /// Drawing.
    Running,
    /// This browser has no WebGL 2.
    Unsupported,
    /// Drawing without WebGL: a map.
    Flat,
    /// The graphics card was taken away.
    Lost,
}

impl Desk {
    /// A desk as the server renders it: nothing is known yet.
    #[must_use]
    pub fn new(screen: Screen) -> Self {
        Self {
            screen,
            settings: screen.settings,
            focus: RwSignal::new(Focus::default()),
            seat: RwSignal::new(None),
            choices: RwSignal::new(Choices::default()),
            rings: RwSignal::new(None),
            hovered: RwSignal::new(None),
            table_open: RwSignal::new(false),
            sort: RwSignal::new(Sort::default()),
            panel: screen.panel,
            sheet: RwSignal::new(Sheet::default()),
            revision: RwSignal::new(0),
            beat: screen.beat,
            away: RwSignal::new(Away::Here),
            dropping: RwSignal::new(false),
            badge: screen.badge,
            count: RwSignal::new(None),
            globe: RwSignal::new(GlobeState::default()),
            toast: screen.toast,
            client: RwSignal::new(None),
        }
    }

    /// The language, tracked.
    #[must_use]
    pub fn locale(self) -> Locale {
        self.settings.read().locale
    }

    /// The client, once there is one; tracked.
    #[must_use]
    pub fn client(self) -> Option<Rc<Client>> {
        self.client.get().and_then(|stored| stored.try_get_value())
    }

    /// The client without being told when it comes; for events, which come later than it.
    #[must_use]
    pub fn client_now(self) -> Option<Rc<Client>> {
        self.client.get_untracked().and_then(|stored| stored.try_get_value())
    }

    /// Puts the client in place; called once, in the browser.
    pub fn set_client(self, client: Rc<Client>) {
        self.client.set(Some(StoredValue::new_local(client)));
    }

    /// Says something to who cannot see it.
    pub fn say(self, text: Text, value: &str) {
        self.screen.say(text, value);
    }

    /// Selects an aircraft or nothing; while several are picked, it joins them.
    pub fn select(self, icao24: Option<Icao24>) {
        self.choose(&mut |choices| choices.picks.show(icao24));
        let next = self.focus.get_untracked().select(icao24);
        self.set_focus(next);
    }

    /// Changes what is chosen for now, and the picture with it.
    pub fn choose(self, act: &mut dyn FnMut(&mut Choices)) {
        let before = self.choices.get_untracked();
        let mut next = before.clone();
        act(&mut next);
        if next != before {
            self.choices.set(next);
            if let Some(client) = self.client_now() {
                client.choices_changed(&before);
            }
        }
    }

    /// Adds an aircraft to the selection, or takes it away.
    pub fn pick(self, icao24: Icao24) {
        self.choose(&mut |choices| choices.picks.toggle(icao24));
        let last = self.choices.read_untracked().picks.all.last().copied();
        self.set_focus(self.focus.get_untracked().select(last));
    }

    /// A press on an aircraft or on nothing; `adds` with a key held or for long.
    pub fn press(self, icao24: Option<Icao24>, adds: bool) {
        let adds = adds || self.choices.read_untracked().picks.several;
        match icao24 {
            Some(icao24) if adds => self.pick(icao24),
            // A press that misses does not undo a careful selection.
            None if adds => {}
            _ => self.select(icao24),
        }
    }

    /// Sets selection and following together.
    pub fn set_focus(self, next: Focus) {
        let before = self.focus.get_untracked();
        if before == next {
            return;
        }
        self.focus.set(next);
        if before.selected != next.selected {
            self.choose(&mut |choices| {
                if next.selected.is_none_or(|icao24| !choices.picks.all.contains(&icao24)) {
                    choices.picks.show(next.selected);
                }
            });
            match next.selected {
                Some(icao24) => {
                    let name =
                        self.client_now().map_or_else(|| icao24.to_string(), |client| client.name_of(icao24));
                    self.say(Text::SaidSelected, &name);
                }
                None => self.say(Text::SaidCleared, ""),
            }
        }
        if let Some(client) = self.client_now() {
            client.focus_changed(next);
        }
        if next.selected.is_none() {
            self.take_seat(None);
        }
    }

    /// Takes a seat with the selected aircraft, or leaves it.
    pub fn take_seat(self, seat: Option<Seat>) {
        let able =
            self.focus.get_untracked().selected.is_some() && self.globe.get_untracked() != GlobeState::Flat;
        let seat = seat.filter(|_| able);
        if self.seat.get_untracked() != seat {
            self.seat.set(seat);
            if let Some(client) = self.client_now() {
                client.with_stage(|stage, now| stage.take_seat(seat, now));
            }
        }
    }

    /// Opens a panel, or closes it if it is the open one.
    pub fn toggle_panel(self, panel: Panel) {
        self.screen.toggle_panel(panel);
    }
}

/// The desk of this page.
#[must_use]
pub fn use_desk() -> Desk {
    expect_context::<Desk>()
}
