//! The panels that belong to the whole page: settings and keys.

use crate::link::Ways;
use crate::live::truth;
use crate::parts::{PanelFrame, Segmented};
use crate::screen::{Panel, use_screen, word};
use crate::state::keys::Binding;
use crate::state::settings::Theme;
use crate::text::{Locale, Text, Units};
use leptos::prelude::*;

const THEMES: &[(&str, Text)] =
    &[("system", Text::ThemeSystem), ("dark", Text::ThemeDark), ("light", Text::ThemeLight)];
const LOCALES: &[(&str, Text)] = &[("en", Text::English), ("ro", Text::Romanian)];
const UNITS: &[(&str, Text)] =
    &[("aviation", Text::UnitsAviation), ("metric", Text::UnitsMetric), ("imperial", Text::UnitsImperial)];
const CLOCKS: &[(&str, Text)] = &[("utc", Text::ClockUtc), ("local", Text::ClockLocal)];
const SWITCH: &[(&str, Text)] = &[("on", Text::On), ("off", Text::Off)];

/// Theme, language, units, keys.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let screen = use_screen();
    let settings = screen.settings;
    let alone = use_context::<Ways>().is_some_and(|ways| ways.alone);
    view! {
        <PanelFrame panel=Panel::Settings name="settings" title=Text::Settings>
            <Segmented
                label=Text::Theme
                name="theme"
                options=THEMES
                chosen=Signal::derive(move || settings.read().theme.name())
                on_pick=move |name: &'static str| {
                    screen.change(&mut |settings| settings.theme = Theme::parse(name).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::Language
                name="language"
                options=LOCALES
                chosen=Signal::derive(move || settings.read().locale.tag())
                on_pick=move |tag: &'static str| {
                    screen.change(&mut |settings| settings.locale = Locale::parse(tag).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::UnitsLabel
                name="units"
                options=UNITS
                chosen=Signal::derive(move || settings.read().units.name())
                on_pick=move |name: &'static str| {
                    screen.change(&mut |settings| settings.units = Units::parse(name).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::Clock
                name="clock"
                options=CLOCKS
                chosen=Signal::derive(move || if settings.read().local_time { "local" } else { "utc" })
                on_pick=move |zone: &'static str| screen.change(&mut |settings| settings.local_time = zone == "local")
            />
            <Segmented
                label=Text::LetterKeys
                name="letters"
                options=SWITCH
                chosen=Signal::derive(move || if settings.read().letter_keys { "on" } else { "off" })
                on_pick=move |state: &'static str| screen.change(&mut |settings| settings.letter_keys = state == "on")
            />
            <p class="hint">{word(Text::LetterKeysHint)}</p>
            {if alone { ().into_any() } else { account().into_any() }}
        </PanelFrame>
    }
}

/// The way to the page that says who one is.
fn account() -> impl IntoView {
    view! { <a class="button" href="/sign-in">{word(Text::Account)}</a> }
}

/// The keys of this desk.
#[component]
pub fn KeysPanel(
    /// Its keys.
    bindings: &'static [Binding],
) -> impl IntoView {
    let screen = use_screen();
    let line = move |binding: &'static Binding| {
        let caps = binding.caps.iter().map(|cap| view! { <kbd>{*cap}</kbd> }).collect_view();
        view! {
            <div class="key-line" data-off=truth(move || !binding.letters.is_empty() && !screen.settings.read().letter_keys)>
                <dt>{caps}</dt>
                <dd>{word(binding.does)}</dd>
            </div>
        }
    };
    view! {
        <PanelFrame panel=Panel::Keys name="keys" title=Text::Keys>
            <dl class="key-list">{bindings.iter().filter(|binding| !binding.caps.is_empty()).map(line).collect_view()}</dl>
        </PanelFrame>
    }
}
