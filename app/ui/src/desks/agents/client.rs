//! The client of the Agents desk: joins what is known to the page, the link and the server.

use crate::browser::{
    Listener, download, each_element, element, focus, morph, now_ms, on_window, request, save, wall_ms,
};
use crate::desks::agents::{Agents, REGIONS};
use crate::link::{Link, LinkEvent, MakeLink};
use crate::screen::set_if_changed;
use crate::state::agents::doing::{Act, Do, Refusal, Request};
use crate::state::agents::office::Office;
use crate::state::agents::place::{Place, Section};
use crate::state::badge::LinkStatus;
use crate::state::settings::Theme;
use crate::state::system::json::json;
use crate::text::{Locale, Term};
use inflight_wire::{ClientFrame, Datum, decode_rows};
use leptos::leptos_dom::helpers::{
    IntervalHandle, TimeoutHandle, set_interval_with_handle, set_timeout_with_handle,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;
use wasm_bindgen::JsValue;
use web_sys::Element;

/// How often ages, countdowns and badge are brought up to date.
const BEAT: Duration = Duration::from_secs(1);

/// Typing is over when nothing was typed for so long.
const SOON: Duration = Duration::from_millis(350);

/// Within so many CSS pixels of its end a conversation is followed.
const NEAR_END_PX: i32 = 80;

/// Everything of a page that is not a signal.
pub struct AgentsClient {
    me: Weak<Self>,
    agents: Agents,
    office: RefCell<Office>,
    link: RefCell<Option<Rc<dyn Link>>>,
    drawn: RefCell<[String; REGIONS.len()]>,
    beat: Cell<Option<IntervalHandle>>,
    soon: Cell<Option<TimeoutHandle>>,
    listeners: RefCell<Vec<Listener>>,
    focus: Cell<Option<&'static str>>,
    stopped: Cell<bool>,
    section: Cell<Option<(Section, bool)>>,
}

impl AgentsClient {
    /// Starts the client: opens the link and asks for the rest.
    #[must_use]
    pub fn start(agents: Agents, make_link: MakeLink, mut office: Office) -> Rc<Self> {
        office.now_ms = wall_ms();
        let client = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            agents,
            office: RefCell::new(office),
            link: RefCell::new(None),
            drawn: RefCell::default(),
            beat: Cell::new(None),
            soon: Cell::new(None),
            listeners: RefCell::default(),
            focus: Cell::new(None),
            stopped: Cell::new(false),
            section: Cell::new(None),
        });
        let kept = crate::browser::load(crate::state::agents::office::KEPT_BUSINESS);
        let doing = client.office.borrow_mut().begin(kept);
        let weak = client.me.clone();
        let sink = move |event| weak.upgrade().iter().for_each(|client| client.on_link(&event));
        *client.link.borrow_mut() = Some(make_link(Rc::new(sink)));
        client.run(doing);
        let weak = client.me.clone();
        let beat = move || weak.upgrade().iter().for_each(|client| client.on_beat());
        client.beat.set(set_interval_with_handle(beat, BEAT).ok());
        let weak = client.me.clone();
        let back = move || weak.upgrade().iter().for_each(|client| client.came_back());
        client.listeners.borrow_mut().extend(on_window("popstate", back));
        client
    }

    /// Ends link and beat.
    pub fn stop(&self) {
        self.stopped.set(true);
        if let Some(link) = self.link.borrow_mut().take() {
            link.close();
        }
        if let Some(beat) = self.beat.take() {
            beat.clear();
        }
        self.listeners.borrow_mut().clear();
    }

    /// Reads what is known.
    pub fn with<R>(&self, read: impl FnOnce(&Office) -> R) -> R {
        read(&self.office.borrow())
    }

    /// Something was pressed or typed.
    pub fn act(&self, act: Act<'_>) {
        let doing = self.office.borrow_mut().act(act);
        self.run(doing);
    }

    /// A link to a place of the desk was pressed.
    pub fn go(&self, address: &str, replace: bool) {
        let place = Place::of(address);
        let doing = if replace {
            let mut doing = vec![Do::Go(Box::new(place.clone()), true)];
            doing.extend(self.office.borrow_mut().came(place));
            doing
        } else {
            self.office.borrow_mut().go(place)
        };
        self.run(doing);
    }

    /// Does not wait for the next attempt.
    pub fn retry_now(&self) {
        let link = self.link.borrow().clone();
        link.iter().for_each(|link| link.retry_now());
    }

    /// Brings the page to what is known now.
    pub fn draw(&self, locale: Locale) {
        let office = self.office.borrow();
        // With the first rows come counts, which make the links of the views wider.
        let section = Some((office.place.section, office.room.has_data));
        let is_other = self.section.replace(section) != section;
        let follows = is_other || element("chat-log").is_some_and(|log| is_at_end(&log));
        let drawn = self.drawn.borrow().clone();
        for (place, (id, region)) in REGIONS.into_iter().enumerate() {
            let html = region(&office, locale);
            if html != drawn[place] {
                element(id).iter().for_each(|element| morph(element, &html));
                self.drawn.borrow_mut()[place] = html;
            }
        }
        if let Some(log) = element("chat-log").filter(|_| follows) {
            log.set_scroll_top(log.scroll_height());
        }
        if let Some(selector) = self.focus.take() {
            focus(selector);
        }
        if is_other {
            show_link();
        }
        let waiting = office.waiting();
        let count = if waiting > 0 { format!("({waiting}) ") } else { String::new() };
        let view = office.place.section.title().of(locale);
        document().set_title(&format!("{count}{view} · {}", Term::AgentsTitle.of(locale)));
    }

    fn on_link(&self, event: &LinkEvent) {
        let status = match event {
            LinkEvent::Frame(bytes) => return self.on_frame(bytes),
            LinkEvent::Progress(_) => return,
            LinkEvent::Opened => LinkStatus::Open,
            LinkEvent::Lost { retry_at_ms } => LinkStatus::Waiting { retry_at_ms: *retry_at_ms },
            LinkEvent::Retrying => LinkStatus::Reconnecting,
        };
        self.office.borrow_mut().room.system.link = status;
        let doing = if status == LinkStatus::Open { self.office.borrow_mut().opened() } else { Vec::new() };
        self.show_badge();
        self.run(doing);
    }

    fn on_frame(&self, bytes: &[u8]) {
        let Ok(frame) = decode_rows(bytes) else { return };
        let news = self.office.borrow_mut().room.take(frame, now_ms());
        if let Some(frame) = &news.reaction.send {
            self.send(frame);
        }
        if let (Some(retry_ms), Some(link)) = (news.reaction.bye_retry_ms, self.link.borrow().as_ref()) {
            link.hold_off(retry_ms);
        }
        if news.reaction.changed || news.snapshot {
            let doing = self.office.borrow_mut().heard(&news);
            self.show_badge();
            self.run(doing);
        }
    }

    fn send(&self, frame: &ClientFrame) {
        if let Some(link) = self.link.borrow().as_ref() {
            link.send(frame);
        }
    }

    fn on_beat(&self) {
        self.agents.screen.beat.update(|beat| *beat += 1);
        self.show_badge();
        let doing = self.office.borrow_mut().beat(wall_ms());
        self.run(doing);
    }

    fn show_badge(&self) {
        let badge = self.office.borrow().room.badge(now_ms());
        self.agents.screen.show_badge(badge);
    }

    /// The browser's history led to another place.
    fn came_back(&self) {
        let path = window().location().pathname().unwrap_or_default();
        let doing = self.office.borrow_mut().came(Place::parse(&path, &crate::browser::query()));
        self.run(doing);
    }

    /// Does what the desk asks for, then draws.
    fn run(&self, doing: Vec<Do>) {
        for doing in doing {
            match doing {
                Do::Ask(request) => self.ask(*request),
                Do::Send(frame) => self.send(&frame),
                Do::Go(place, replace) => self.write_address(*place, replace),
                Do::Focus(selector) => self.focus.set(Some(selector)),
                Do::Toast(words, value) => self.toast(words, &value),
                Do::Download(name, text) => download(&name, "application/json", &text),
                Do::Keep(name, text) => save(name, &text),
                Do::Soon => self.wait_a_moment(),
            }
        }
        let waiting = self.office.borrow().waiting();
        set_if_changed(self.agents.screen.waiting, waiting);
        if !self.stopped.get() {
            self.agents.changed.update(|count| *count += 1);
        }
    }

    fn ask(&self, asked: Request) {
        let Some(client) = self.me.upgrade() else { return };
        spawn_local(async move {
            let body = asked.body.as_ref().filter(|body| **body != Datum::Nil).map(json);
            let answer = request(asked.method, &asked.address, body.as_deref()).await;
            let answer = answer.map_err(|(status, body)| Refusal::read(status, &body));
            if !client.stopped.get() {
                let doing = client.office.borrow_mut().answered(asked.then, answer);
                client.run(doing);
            }
        });
    }

    fn write_address(&self, mut place: Place, replace: bool) {
        let settings = self.agents.screen.settings.get_untracked();
        if !place.theme.is_empty() {
            place.theme = if settings.theme == Theme::System {
                String::new()
            } else {
                settings.theme.name().to_owned()
            };
        }
        place.locale = place.locale.map(|_| settings.locale);
        let Ok(history) = window().history() else { return };
        let address = place.address();
        // Browsers refuse after about a hundred changes in half a minute; the next one then says it all.
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(&address))
        };
        let mut office = self.office.borrow_mut();
        (office.place.theme, office.place.locale) = (place.theme, place.locale);
    }

    fn toast(&self, words: Term, value: &str) {
        let screen = self.agents.screen;
        let words = words.of(screen.settings.get_untracked().locale).replace("{}", value);
        screen.toast.set(Some(words));
    }

    fn wait_a_moment(&self) {
        if let Some(before) = self.soon.take() {
            before.clear();
        }
        let weak = self.me.clone();
        let soon = move || {
            if let Some(client) = weak.upgrade() {
                let doing = client.office.borrow_mut().soon();
                client.run(doing);
            }
        };
        self.soon.set(set_timeout_with_handle(soon, SOON).ok());
    }
}

/// Where the links of the views lie in a row, the one in front is brought into sight.
fn show_link() {
    each_element(".section-link[aria-current]", |link| {
        if let Ok(Some(row)) = link.closest(".sections") {
            let (link, from) = (link.get_bounding_client_rect(), row.get_bounding_client_rect());
            row.set_scroll_left(row.scroll_left() + (link.left() - from.left() - link.width()) as i32);
        }
    });
}

fn is_at_end(log: &Element) -> bool {
    log.scroll_top() + log.client_height() >= log.scroll_height() - NEAR_END_PX
}
