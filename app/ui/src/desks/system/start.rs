//! What the browser brings in: address, keys, and where one has scrolled.

use crate::browser::{element, now_ms, prefers_reduced_motion};
use crate::desks::system::System;
use crate::desks::system::client::SystemClient;
use crate::link::Ways;
use crate::screen::{Panel, set_if_changed};
use crate::state::keys::{Binding, fixed, letters};
use crate::state::system::choices::{Choices, Section};
use crate::text::Text;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use std::cell::Cell;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollBehavior, ScrollToOptions};

/// The keys of this desk.
pub const BINDINGS: &[Binding] = &[
    letters(&["1", "…", "9"], Text::KeySection, &["1"]),
    letters(&["R"], Text::KeyRefresh, &["r"]),
    letters(&["G"], Text::KeySources, &["g"]),
    letters(&["?"], Text::KeyKeys, &["?"]),
    fixed(&["←", "→"], Text::KeyChart, None),
    fixed(&["Esc"], Text::KeyEscape, None),
];

/// So long after going to a section the scrolling that it causes does not choose another one.
const GOING_MS: f64 = 700.0;

/// What is left above a section that was gone to, in CSS pixels.
const MARGIN_PX: f64 = 16.0;

thread_local! {
    static WENT_MS: Cell<f64> = const { Cell::new(f64::MIN) };
}

/// Brings in what only the browser knows.
pub fn start(system: System, ways: Option<Ways>) {
    let mut choices = Choices::parse(&crate::browser::query());
    let hash = window().location().hash().unwrap_or_default();
    if let Some(section) = hash.strip_prefix("#section-").and_then(Section::parse) {
        choices.section = section;
    }
    system.screen.restore(choices.theme, choices.locale);
    let section = choices.section;
    system.choices.set(choices);
    if section != Section::Summary {
        bring(system, section);
    }
    let keys = window_event_listener(leptos::ev::keydown, move |event| key_pressed(system, &event));
    on_cleanup(move || keys.remove());
    if let Some(ways) = ways {
        let owner = Owner::current().unwrap_or_default();
        let begin = move || owner.with(|| system.set_client(SystemClient::start(system, ways.link)));
        set_timeout(begin, Duration::ZERO);
    }
}

/// What the address asked for is gone to again when the sections above it have been filled.
fn bring(system: System, section: Section) {
    WENT_MS.set(now_ms());
    let filled = RwSignal::new(0_u8);
    Effect::new(move |_| {
        let has_rows = system.client().is_some_and(|client| client.with_table(|table| table.has_data));
        if has_rows && filled.get_untracked() < 3 {
            filled.update_untracked(|times| *times += 1);
            request_animation_frame(move || go(system, section));
        }
    });
}

/// Goes to a section, and says so in the address.
pub fn go(system: System, section: Section) {
    WENT_MS.set(now_ms());
    system.choices.update(|choices| choices.section = section);
    let place = element(&format!("section-{}", section.name()));
    let Some((body, place)) = element("system").zip(place) else { return };
    // The body alone: bringing an element into view would move whatever is around it too.
    let from = place.get_bounding_client_rect().top() - body.get_bounding_client_rect().top();
    let options = ScrollToOptions::new();
    options.set_top(f64::from(body.scroll_top()) + from - MARGIN_PX);
    options.set_behavior(if prefers_reduced_motion() {
        ScrollBehavior::Instant
    } else {
        ScrollBehavior::Smooth
    });
    body.scroll_to_with_scroll_to_options(&options);
}

/// A press of something in the cards that leads to a section.
pub fn pressed(system: System, event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href^='#section-']").ok().flatten());
    let name = link.and_then(|link| link.get_attribute("href"));
    let name = name.as_deref().and_then(|href| href.strip_prefix("#section-"));
    if let Some(section) = name.and_then(Section::parse) {
        event.prevent_default();
        go(system, section);
    }
}

/// Goes to a section and takes the focus there, as a press of a key does.
fn go_with_focus(system: System, section: Section) {
    go(system, section);
    let found = element(&format!("section-{}", section.name()));
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = found.focus_with_options(&options);
    }
}

/// The section that one has scrolled to is the one in front.
pub fn look_where(system: System) {
    if now_ms() - WENT_MS.get() < GOING_MS {
        return;
    }
    let Some(body) = element("system") else { return };
    let (top, height) = (body.get_bounding_client_rect().top(), f64::from(body.client_height()));
    let is_end = body.scroll_top() + body.client_height() >= body.scroll_height() - 2;
    let is_above = |section: &Section| {
        let place = element(&format!("section-{}", section.name()));
        place.is_some_and(|place| place.get_bounding_client_rect().top() - top < height * 0.3)
    };
    let last = Section::ALL[Section::ALL.len() - 1];
    let seen = if is_end { Some(last) } else { Section::ALL.into_iter().rfind(is_above) };
    let seen = seen.unwrap_or_default();
    if system.choices.read_untracked().section != seen {
        system.choices.update(|choices| choices.section = seen);
    }
}

fn key_pressed(system: System, event: &KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let screen = system.screen;
    let key = event.key();
    if key == "Escape" {
        if screen.panel.get_untracked().is_some() {
            screen.panel.set(None);
            event.prevent_default();
        } else {
            set_if_changed(system.moment, None);
        }
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let in_text = target.is_some_and(|element| element.matches("input, textarea, select").unwrap_or(false));
    if in_text || !screen.settings.get_untracked().letter_keys {
        return;
    }
    match &*key {
        "?" => screen.toggle_panel(Panel::Keys),
        "g" => screen.toggle_panel(Panel::Sources),
        "r" => system.client_now().iter().for_each(|client| client.refresh()),
        digit => {
            let place = digit.parse::<usize>().ok().and_then(|digit| digit.checked_sub(1));
            match place.and_then(|place| Section::ALL.get(place)) {
                Some(section) => go_with_focus(system, *section),
                None => return,
            }
        }
    }
    event.prevent_default();
}
