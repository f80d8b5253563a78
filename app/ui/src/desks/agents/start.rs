//! What the browser brings in: address, presses, what is typed, and keys.

use crate::browser::{copy_text, element, focus};
use crate::desks::agents::Agents;
use crate::desks::agents::client::AgentsClient;
use crate::link::Ways;
use crate::screen::Panel;
use crate::state::agents::doing::Act;
use crate::state::agents::office::{KEPT_HINT, Office};
use crate::state::agents::place::{Place, Section};
use crate::state::settings::Theme;
use crate::text::{Term, Text, set_zones};
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

/// The keys of this desk, as they are printed on the caps, with what they do.
pub const KEYS: &[(&[&str], Term)] = &[
    (&["1", "…", "8"], Term::KeyViews),
    (&["C"], Term::KeyWrite),
    (&["J", "K"], Term::KeyNext),
    (&["A"], Term::Approve),
    (&["R"], Term::Reject),
    (&["E"], Term::KeyEdit),
    (&["X"], Term::KeyMark),
    (&["Z"], Term::KeyUndo),
    (&["/"], Term::Find),
    (&["Esc"], Term::KeyEscape),
];

/// Brings in what only the browser knows.
pub fn start(agents: Agents, ways: Option<Ways>) {
    set_zones(crate::browser::zone_offset);
    let path = window().location().pathname().unwrap_or_default();
    let place = Place::parse(&path, &crate::browser::query());
    agents.screen.restore(Theme::parse(&place.theme), place.locale);
    let keys = window_event_listener(leptos::ev::keydown, move |event| key_pressed(agents, &event));
    on_cleanup(move || keys.remove());
    if let Some(ways) = ways {
        let owner = Owner::current().unwrap_or_default();
        let begin = move || {
            let hint_read = crate::browser::load(KEPT_HINT).is_some();
            let zone = crate::browser::own_zone().unwrap_or_default();
            let mut office = Office::at(place);
            (office.hint_read, office.zone) = (hint_read, zone);
            office.visit = ((crate::browser::random() * 1e15) as u64).to_string();
            owner.with(|| agents.set_client(AgentsClient::start(agents, ways.link, office)));
        };
        set_timeout(begin, Duration::ZERO);
    }
}

/// A press anywhere on the desk.
pub fn clicked(agents: Agents, event: &MouseEvent) {
    let Some(target) = target(event) else { return };
    let closest = |selector: &str| target.closest(selector).ok().flatten();
    let Some(client) = agents.client_now() else { return };
    if let Some(copied) = closest("button[data-copy]") {
        return copy(agents, &copied.get_attribute("data-copy").unwrap_or_default());
    }
    let is_plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if let Some(link) = closest("a[data-go]").filter(|_| is_plain) {
        event.prevent_default();
        let is_tab = link.class_list().contains("section-link");
        client.go(&link.get_attribute("href").unwrap_or_default(), link.has_attribute("data-replace"));
        // On a phone what was opened takes the place of the list.
        if is_tab {
            focus("#agents-main");
        }
        return;
    }
    if let Some(button) = closest("button[data-act]") {
        let read = |name: &str| button.get_attribute(name).unwrap_or_default();
        client.act(Act { act: &read("data-act"), id: &read("data-id"), name: &read("data-name"), value: "" });
    }
}

/// Something was typed, ticked or chosen.
pub fn typed(agents: Agents, event: &Event) {
    let (Some(target), Some(client)) = (target(event), agents.client_now()) else { return };
    let Some(act) = target.get_attribute("data-act") else { return };
    let value = if let Some(field) = target.dyn_ref::<HtmlInputElement>() {
        if field.type_() == "checkbox" { field.checked().to_string() } else { field.value() }
    } else if let Some(field) = target.dyn_ref::<HtmlTextAreaElement>() {
        field.value()
    } else if let Some(field) = target.dyn_ref::<HtmlSelectElement>() {
        field.value()
    } else {
        return;
    };
    let read = |name: &str| target.get_attribute(name).unwrap_or_default();
    client.act(Act { act: &act, id: &read("data-id"), name: &read("data-name"), value: &value });
}

/// Enter sends a message; with Ctrl it does what a form or a reason is there for.
pub fn key_in_field(agents: Agents, event: &KeyboardEvent) {
    if event.key() != "Enter" || event.is_composing() || event.shift_key() {
        return;
    }
    let (Some(target), Some(client)) = (target(event), agents.client_now()) else { return };
    let with_command = event.ctrl_key() || event.meta_key();
    let act = match (target.id().as_str(), with_command) {
        ("composer", _) => "send",
        ("reject-reason", true) => "reject-now",
        ("marked-reason", true) => "reject-marked-now",
        ("fork-state", true) => "fork-now",
        _ => return,
    };
    event.prevent_default();
    client.act(Act { act, ..Act::default() });
}

fn copy(agents: Agents, id: &str) {
    let text = element(id).and_then(|element| element.text_content()).unwrap_or_default();
    spawn_local(async move {
        let done = if copy_text(text).await { Text::Copied } else { Text::CopyFailed };
        agents.screen.toast.set(Some(done.of(agents.screen.settings.get_untracked().locale).to_owned()));
    });
}

fn target(event: &Event) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into::<Element>().ok())
}

fn key_pressed(agents: Agents, event: &KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let (screen, key) = (agents.screen, event.key());
    let Some(client) = agents.client_now() else { return };
    let is_in =
        |selector: &str| target(event).is_some_and(|element| element.matches(selector).unwrap_or(false));
    let in_text = is_in("input:not([type=checkbox]):not([type=range]), textarea, select");
    if key == "Escape" {
        if screen.panel.get_untracked().is_some() {
            screen.panel.set(None);
        } else if in_text {
            focus("#agents-main");
        } else {
            client.act(Act { act: "back", ..Act::default() });
        }
        event.prevent_default();
        return;
    }
    if in_text || !screen.settings.get_untracked().letter_keys {
        return;
    }
    let section =
        key.parse::<usize>().ok().and_then(|digit| digit.checked_sub(1)).and_then(|at| Section::ALL.get(at));
    let act = match (&*key, section) {
        (_, Some(section)) => {
            let place = client.with(|office| office.place.to(*section, None));
            client.go(&place.address(), false);
            focus("#agents-main");
            return event.prevent_default();
        }
        ("?", _) => {
            screen.toggle_panel(Panel::Keys);
            return event.prevent_default();
        }
        ("g", _) => {
            screen.toggle_panel(Panel::Sources);
            return event.prevent_default();
        }
        ("/", _) => {
            focus("#find");
            return event.prevent_default();
        }
        ("c", _) => {
            let place = client.with(|office| office.place.to(Section::Chat, None));
            client.go(&place.address(), false);
            request_animation_frame(|| focus("#composer"));
            return event.prevent_default();
        }
        ("j", _) => "next",
        ("k", _) => "previous",
        ("a", _) => "approve",
        ("r", _) => "reject",
        ("e", _) => "edit",
        ("x", _) => "mark-open",
        ("z", _) => "undo",
        _ => return,
    };
    client.act(Act { act, ..Act::default() });
    event.prevent_default();
}
