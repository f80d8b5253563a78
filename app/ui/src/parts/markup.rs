//! Places whose content is HTML made by plain functions, with one handler each for what is pressed or typed in them.
//!
//! A view of its own for each small list or row of buttons would cost the page kilobytes apiece.

use crate::browser::focus;
use crate::desk::{Desk, use_desk};
use crate::live::{hear, styled};
use crate::parts::icon::Icon;
use leptos::ev::{Event, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// Does what an element says in `data-act`; the value is that of a field.
pub type Act = fn(Desk, act: &str, value: &str);

/// A place with HTML in it that changes with what `read` reads.
pub fn markup(
    class: &'static str,
    read: impl Fn(Desk) -> String + Send + Sync + 'static,
    act: Act,
) -> AnyView {
    let desk = use_desk();
    place(class, styled(move || read(desk)), act)
}

fn place(class: &'static str, html: Signal<String>, act: Act) -> AnyView {
    let desk = use_desk();
    view! {
        <div
            class=class
            inner_html=html
            on:click=hear(move |event: MouseEvent| clicked(desk, &event, act))
            on:input=hear(move |event: Event| typed(desk, &event, act))
        ></div>
    }
    .into_any()
}

/// A button as HTML: its class and other attributes, what it does, its words and its icon.
pub fn button(attributes: &str, act: &str, words: &str, icon: Option<Icon>) -> String {
    let picture = icon.map(svg).unwrap_or_default();
    format!("<button type=\"button\" data-act=\"{act}\" {attributes}>{picture}{words}</button>")
}

/// An icon as HTML.
pub fn svg(icon: Icon) -> String {
    let path = icon.path();
    format!("<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><path d=\"{path}\"></path></svg>")
}

/// Text as it stands in HTML and in its attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn clicked(desk: Desk, event: &MouseEvent, act: Act) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let found = target.and_then(|target| target.closest("button[data-act]").ok().flatten());
    let Some(said) = found.and_then(|element| element.get_attribute("data-act")) else { return };
    act(desk, &said, "");
    // What was pressed may have been made anew; the focus stays with it.
    request_animation_frame(move || {
        if crate::browser::nothing_focused() {
            focus(&format!("[data-act=\"{said}\"]"));
        }
    });
}

fn typed(desk: Desk, event: &Event, act: Act) {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field
        && let Some(said) = field.get_attribute("data-act")
    {
        act(desk, &said, &field.value());
    }
}
