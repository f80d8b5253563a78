//! The panels that belong to the whole page: settings and keys.

use crate::browser::{save, set_root};
use crate::desk::{Desk, Panel, use_desk, word};
use crate::live::truth;
use crate::parts::{PanelFrame, Segmented};
use crate::state::keys::{BINDINGS, Binding};
use crate::state::settings::{STORAGE_KEY, Settings, Theme};
use crate::text::{Locale, Text, Units, set_local_time};
use leptos::prelude::*;

const THEMES: &[(&str, Text)] =
    &[("system", Text::ThemeSystem), ("dark", Text::ThemeDark), ("light", Text::ThemeLight)];
const LOCALES: &[(&str, Text)] = &[("en", Text::English), ("ro", Text::Romanian)];
const UNITS: &[(&str, Text)] =
    &[("aviation", Text::UnitsAviation), ("metric", Text::UnitsMetric), ("imperial", Text::UnitsImperial)];
const CLOCKS: &[(&str, Text)] = &[("utc", Text::ClockUtc), ("local", Text::ClockLocal)];
const SWITCH: &[(&str, Text)] = &[("on", Text::On), ("off", Text::Off)];

/// Changes a choice, keeps it, and shows it.
pub fn change(desk: Desk, act: &mut dyn FnMut(&mut Settings)) {
    let mut settings = desk.settings.get_untracked();
    act(&mut settings);
    // First: what is drawn anew at the change reads the clock's zone.
    set_local_time(settings.local_time);
    desk.settings.set(settings);
    save(STORAGE_KEY, &settings.text());
    show(desk, settings);
}

/// Puts theme and language on the document.
pub fn show(desk: Desk, settings: Settings) {
    set_root("data-theme", (settings.theme != Theme::System).then(|| settings.theme.name()));
    set_root("lang", Some(settings.locale.tag()));
    set_local_time(settings.local_time);
    if let Some(client) = desk.client_now() {
        client.recolour();
        client.restyle();
    }
}

/// Theme, language, units, keys.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let desk = use_desk();
    let settings = desk.settings;
    view! {
        <PanelFrame panel=Panel::Settings name="settings" title=Text::Settings>
            <Segmented
                label=Text::Theme
                name="theme"
                options=THEMES
                chosen=Signal::derive(move || settings.read().theme.name())
                on_pick=move |name: &'static str| {
                    change(desk, &mut |settings| settings.theme = Theme::parse(name).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::Language
                name="language"
                options=LOCALES
                chosen=Signal::derive(move || settings.read().locale.tag())
                on_pick=move |tag: &'static str| {
                    change(desk, &mut |settings| settings.locale = Locale::parse(tag).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::UnitsLabel
                name="units"
                options=UNITS
                chosen=Signal::derive(move || settings.read().units.name())
                on_pick=move |name: &'static str| {
                    change(desk, &mut |settings| settings.units = Units::parse(name).unwrap_or_default());
                }
            />
            <Segmented
                label=Text::Clock
                name="clock"
                options=CLOCKS
                chosen=Signal::derive(move || if settings.read().local_time { "local" } else { "utc" })
                on_pick=move |zone: &'static str| change(desk, &mut |settings| settings.local_time = zone == "local")
            />
            <Segmented
                label=Text::LetterKeys
                name="letters"
                options=SWITCH
                chosen=Signal::derive(move || if settings.read().letter_keys { "on" } else { "off" })
                on_pick=move |state: &'static str| change(desk, &mut |settings| settings.letter_keys = state == "on")
            />
            <p class="hint">{word(Text::LetterKeysHint)}</p>
        </PanelFrame>
    }
}

/// The keys of this desk.
#[component]
pub fn KeysPanel() -> impl IntoView {
    let desk = use_desk();
    let line = move |binding: &'static Binding| {
        let caps = binding.caps.iter().map(|cap| view! { <kbd>{*cap}</kbd> }).collect_view();
        view! {
            <div class="key-line" data-off=truth(move || !binding.letters.is_empty() && !desk.settings.read().letter_keys)>
                <dt>{caps}</dt>
                <dd>{word(binding.does)}</dd>
            </div>
        }
    };
    view! {
        <PanelFrame panel=Panel::Keys name="keys" title=Text::Keys>
            <dl class="key-list">{BINDINGS.iter().filter(|binding| !binding.caps.is_empty()).map(line).collect_view()}</dl>
        </PanelFrame>
    }
}
