//! Ages that go on by themselves: elements say since when, and once a second they are told how long ago that is.
//!
//! So the markup around them stays as it is, and with it the focus, what is selected and where one has scrolled.

use crate::browser::{each_element, now_ms, wall_ms};
use crate::desks::system::System;
use crate::text::{Locale, age, moment};
use inflight_domain::UnixMillis;
use leptos::prelude::*;

/// How long ago a moment of the wall's clock is.
pub fn since(at: UnixMillis) -> String {
    let ms = at.0;
    format!("<time data-since=\"{ms}\" title=\"{}\"></time>", moment(at))
}

/// How long ago a moment of stream time is.
pub fn stream_age(at: UnixMillis) -> String {
    let ms = at.0;
    format!("<time data-stream=\"{ms}\" title=\"{}\"></time>", moment(at))
}

/// Fills in the ages of markup that was made anew, before it is seen.
pub fn follow(system: System) {
    Effect::new(move |_| {
        if system.client().is_some() {
            system.screen.settings.track();
            request_animation_frame(move || tell_now(system));
        }
    });
}

/// Brings all ages up to date with both clocks.
pub fn tell_now(system: System) {
    if let Some(client) = system.client_now() {
        tell_ages(client.with_table(|table| table.stream_now(now_ms())));
    }
}

/// Brings all ages up to date.
fn tell_ages(stream_now: Option<UnixMillis>) {
    let locale = crate::browser::root_language().and_then(|tag| Locale::parse(&tag)).unwrap_or_default();
    for (name, now) in [("since", Some(UnixMillis(wall_ms()))), ("stream", stream_now)] {
        let Some(now) = now else { continue };
        each_element(&format!("time[data-{name}]"), |element| {
            let at = element.get_attribute(&format!("data-{name}")).and_then(|text| text.parse().ok());
            let words = at.map(|at| age(locale, now.since(UnixMillis(at))));
            if words != element.text_content() {
                element.set_text_content(words.as_deref());
            }
        });
    }
}
