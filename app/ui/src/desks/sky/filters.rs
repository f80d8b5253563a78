//! The filters: a panel to set them, and chips over the picture that say what is left out and bring it back.

use crate::desk::{Desk, Panel, use_desk, word};
use crate::desks::sky::actions::{act_on, filter, isolate};
use crate::live::{Live, changing, flag, hear, live, live_option, press, truth};
use crate::parts::{Icon, PanelFrame, Segmented, icon};
use crate::state::filter::{Filter, Place, WORDS};
use crate::state::keys::Action;
use crate::text::{Locale, Text, integer, parse_decimal};
use leptos::ev::Event;
use leptos::prelude::*;

const PLACES: &[(&str, Text)] =
    &[(Place::NAMES[0], Text::Anywhere), (Place::NAMES[1], Text::Airborne), (Place::NAMES[2], Text::Ground)];

/// `48 of 203`, or `203 aircraft` where all are shown.
pub fn shown_count(desk: Desk) -> Live {
    live(move || {
        let (locale, shown) = (desk.locale(), desk.shown.get());
        match desk.count.get() {
            Some(count) if shown < count => Text::ShownOf
                .of(locale)
                .replacen("{}", &integer(locale, shown as i64), 1)
                .replacen("{}", &integer(locale, count as i64), 1),
            Some(count) => crate::text::counted(locale, count as u64, crate::text::Noun::Aircraft),
            None => String::new(),
        }
    })
}

/// The panel.
#[component]
pub fn FiltersPanel() -> impl IntoView {
    let desk = use_desk();
    view! {
        <PanelFrame panel=Panel::Filters name="filters" title=Text::Filters>
            <div class="field-pair">
                {field(desk, Text::AltitudeFrom, "filter-low", "", low, set_low)}
                {field(desk, Text::AltitudeTo, "filter-high", "", high, set_high)}
            </div>
            <Segmented
                label=Text::Where
                name="place"
                options=PLACES
                chosen=Signal::derive(move || desk.form.read().draft.place.name())
                on_pick=move |name: &'static str| edit(desk, |draft| draft.place = Place::parse(name))
            />
            {(0..WORDS.len()).map(|index| pattern(desk, index)).collect_view()}
            <p class="hint">{word(Text::PatternHint)}</p>
            <div class="panel-foot">
                <span class="table-count" role="status">{shown_count(desk)}</span>
                <button type="button" class="button" on:click=press(move || _ = act_on(desk, Action::CopyLink))>
                    {icon(Icon::Link)}
                    {word(Text::CopyLink)}
                </button>
                <button type="button" class="button" on:click=press(move || filter(desk, Filter::default()))>
                    {word(Text::ClearFilters)}
                </button>
            </div>
        </PanelFrame>
    }
    .into_any()
}

/// What is filtered by and who is isolated, each with its way out.
#[component]
pub fn Chips() -> impl IntoView {
    let desk = use_desk();
    let isolated = move || desk.picks.read().isolated;
    let several = move || desk.picks.read().several;
    let filtered = move || desk.form.read().applied != Filter::default();
    let chips = move || {
        let settings = desk.settings.get();
        let applied = desk.form.read().applied.clone();
        let mut chips: Vec<AnyView> = Vec::new();
        for part in applied.parts() {
            let (rest, words) = (applied.without(part), applied.told(part, settings.locale, settings.units));
            chips.push(chip(settings.locale, words, move || filter(desk, rest.clone())));
        }
        if isolated() {
            chips.push(chip(settings.locale, Text::Isolated.of(settings.locale).to_owned(), move || {
                isolate(desk)
            }));
        }
        if several() {
            let words = Text::Several.of(settings.locale).to_owned();
            chips.push(chip(settings.locale, words, move || _ = act_on(desk, Action::Several)));
        }
        chips.into_any()
    };
    view! {
        <div class="chips" role="group" aria-label=word(Text::Filters) hidden=flag(move || !(isolated() || several() || filtered()))>
            <span class="chip-count" role="status">{shown_count(desk)}</span>
            {changing(chips)}
            <button
                type="button"
                class="chip chip-clear"
                hidden=flag(move || !filtered())
                on:click=press(move || filter(desk, Filter::default()))
            >
                {word(Text::ClearFilters)}
            </button>
        </div>
    }
    .into_any()
}

fn chip(locale: Locale, words: String, act: impl Fn() + 'static) -> AnyView {
    let label = Text::Remove.of(locale).replace("{}", &words);
    view! {
        <button type="button" class="chip" aria-label=label on:click=press(act)>
            {words}
            {icon(Icon::Close)}
        </button>
    }
    .into_any()
}

fn edit(desk: Desk, act: impl FnOnce(&mut Filter)) {
    let mut draft = desk.form.read_untracked().draft.clone();
    act(&mut draft);
    filter(desk, draft);
}

/// A field for an end of the altitude band, in the units of the screen.
fn field(
    desk: Desk,
    label: Text,
    id: &'static str,
    example: &'static str,
    read: fn(&Filter) -> Option<i64>,
    write: fn(&mut Filter, Option<i64>),
) -> AnyView {
    // Altitudes are kept in feet, as addresses have them.
    let feet_factor = move || desk.settings.read().units.altitude_factor() * 0.3048;
    let value = move || {
        let feet = read(&desk.form.read().draft);
        feet.map(|feet| ((feet as f64 * feet_factor()).round() as i64).to_string()).unwrap_or_default()
    };
    let input = move |event: Event| {
        let typed = parse_decimal(event_target_value(&event).trim(), 0);
        edit(desk, |draft| write(draft, typed.map(|value| (value as f64 / feet_factor()).round() as i64)));
    };
    let unit = live(move || desk.settings.read().units.altitude_unit());
    view! {
        <label class="field" for=id>
            <span>{word(label)}" "<span class="unit">{unit}</span></span>
            <input id=id type="text" inputmode="numeric" autocomplete="off" placeholder=example prop:value=live(value) on:input=hear(input) />
        </label>
    }
    .into_any()
}

/// A field for a pattern, with what is wrong with it.
fn pattern(desk: Desk, index: usize) -> AnyView {
    let bound = &WORDS[index];
    let wrong = move || -> Option<String> { desk.form.read().errors[index].clone() };
    let words = live(move || match wrong() {
        Some(words) => Text::BadPattern.of(desk.locale()).replace("{}", &words),
        None => String::new(),
    });
    let error_id = format!("{}-error", bound.name);
    view! {
        <div class="field">
            <label for=bound.name>{word(bound.label)}</label>
            <input
                id=bound.name
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=bound.example
                aria-invalid=truth(move || wrong().is_some())
                aria-describedby=live_option(move || wrong().map(|_| error_id.clone()))
                prop:value=live(move || desk.form.read().draft.patterns[index].clone())
                on:input=hear(move |event: Event| {
                    let typed = event_target_value(&event);
                    edit(desk, |draft| _ = draft.take(bound.name, &typed));
                })
            />
            <p class="field-error" id=format!("{}-error", bound.name) role="status">{words}</p>
        </div>
    }
    .into_any()
}

fn low(filter: &Filter) -> Option<i64> {
    filter.low_ft
}

fn high(filter: &Filter) -> Option<i64> {
    filter.high_ft
}

fn set_low(filter: &mut Filter, feet: Option<i64>) {
    filter.low_ft = feet;
}

fn set_high(filter: &mut Filter, feet: Option<i64>) {
    filter.high_ft = feet;
}
