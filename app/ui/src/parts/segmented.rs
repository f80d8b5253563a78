//! A choice among a few, all of them in sight: radio buttons drawn as one bar.

use crate::live::{flag, hear};
use crate::screen::word;
use crate::text::Text;
use leptos::prelude::*;

/// A choice among a few.
#[component]
pub fn Segmented(
    /// What is chosen.
    label: Text,
    /// Name of the group, unique on the page.
    name: &'static str,
    /// Values and their words.
    options: &'static [(&'static str, Text)],
    /// The value that is chosen now.
    #[prop(into)]
    chosen: Signal<&'static str>,
    /// Called with the value that was picked.
    #[prop(into)]
    on_pick: Callback<&'static str>,
) -> impl IntoView {
    let choices = options
        .iter()
        .map(|(value, text)| {
            let value = *value;
            view! {
                <label class="segment">
                    <input
                        type="radio"
                        name=name
                        value=value
                        prop:checked=flag(move || chosen.get() == value)
                        on:change=hear(move |_| on_pick.run(value))
                    />
                    <span>{word(*text)}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="segmented">
            <legend>{word(label)}</legend>
            <div class="segments">{choices}</div>
        </fieldset>
    }
}
