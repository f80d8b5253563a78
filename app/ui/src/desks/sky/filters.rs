//! The filters: a panel to set them, and chips over the picture that say what is left out and bring it back.

use crate::browser::set_field;
use crate::desk::{Desk, Panel};
use crate::desks::sky::actions::{do_said, said};
use crate::live::{Live, live};
use crate::parts::markup::{button, escaped, markup};
use crate::parts::{Icon, PanelFrame};
use crate::state::filter::{Filter, Place, WORDS};
use crate::state::keys::Action;
use crate::text::{Noun, Text, counted, integer, parse_decimal};
use leptos::prelude::*;

const PLACES: [(Place, Text); 3] =
    [(Place::Anywhere, Text::Anywhere), (Place::Air, Text::Airborne), (Place::Ground, Text::OnGround)];

/// Names of the fields for the ends of the altitude band, as addresses have them.
const ENDS: [(&str, Text); 2] = [("filterAltMin", Text::AltitudeFrom), ("filterAltMax", Text::AltitudeTo)];

/// The panel.
#[component]
pub fn FiltersPanel() -> impl IntoView {
    view! {
        <PanelFrame panel=Panel::Filters name="filters" title=Text::Filters>
            {markup("filter-form", form, do_said)}
        </PanelFrame>
    }
}

/// What is filtered by and who is isolated, each with its way out.
#[component]
pub fn Chips() -> impl IntoView {
    markup("chips", chips, do_said)
}

/// `48 of 203`, or `203 aircraft` where all are shown.
pub fn shown_count(desk: Desk) -> Live {
    live(move || count(desk))
}

/// Takes over what is typed into a field, or which place was chosen.
pub fn typed(desk: Desk, name: &str, value: &str) {
    let mut draft = desk.choices.get_untracked().form.draft;
    if ENDS.iter().any(|(end, _)| *end == name) {
        // Altitudes are kept in feet, as addresses have them.
        let feet =
            parse_decimal(value.trim(), 0).map(|typed| (typed as f64 / feet_factor(desk)).round() as i64);
        draft.take(name, &feet.map(|feet| feet.to_string()).unwrap_or_default());
    } else {
        draft.take(name, value);
    }
    set(desk, draft);
}

/// Puts a filter in force and brings the fields in line with it.
pub fn set(desk: Desk, filter: Filter) {
    desk.choose(&mut |choices| choices.form.set(filter.clone(), crate::browser::compile));
    let form = desk.choices.get_untracked().form;
    for (name, _) in ENDS {
        set_field(name, &end(desk, &form.draft, name), "");
    }
    let locale = desk.settings.get_untracked().locale;
    for (index, word) in WORDS.iter().enumerate() {
        let wrong = form.errors[index].as_ref().map(|words| Text::BadPattern.of(locale).replace("{}", words));
        set_field(word.name, &form.draft.patterns[index], &wrong.unwrap_or_default());
    }
}

fn count(desk: Desk) -> String {
    let (locale, shown) = (desk.locale(), desk.choices.read().shown);
    match desk.count.get() {
        Some(count) if shown < count => {
            let [shown, count] = [shown, count].map(|number| integer(locale, number as i64));
            Text::ShownOf.of(locale).replacen("{}", &shown, 1).replacen("{}", &count, 1)
        }
        Some(count) => counted(locale, count as u64, Noun::Aircraft),
        None => String::new(),
    }
}

fn chips(desk: Desk) -> String {
    let (settings, choices) = (desk.settings.get(), desk.choices.get());
    let locale = settings.locale;
    let applied = &choices.form.applied;
    let mut chips = String::new();
    let mut chip = |act: &str, words: &str| {
        let words = escaped(words);
        let label = Text::Remove.of(locale).replace("{}", &words);
        let attributes = format!("class=\"chip\" aria-label=\"{label}\"");
        chips.push_str(&button(&attributes, act, &words, Some(Icon::Close)));
    };
    for (index, part) in applied.parts().into_iter().enumerate() {
        chip(&format!("less:{index}"), &applied.told(part, locale, settings.units));
    }
    if choices.picks.isolated {
        chip(&said(Action::Isolate), Text::Isolated.of(locale));
    }
    if choices.picks.several {
        chip(&said(Action::Several), Text::Several.of(locale));
    }
    if *applied != Filter::default() {
        let clear = Text::ClearFilters.of(locale);
        chips.push_str(&button("class=\"chip chip-clear\"", &said(Action::ClearFilters), clear, None));
    }
    if chips.is_empty() { chips } else { format!("<span class=\"chip-count\">{}</span>{chips}", count(desk)) }
}

/// The form with what is in it now; what is typed later is brought in line by [`set`].
fn form(desk: Desk) -> String {
    let settings = desk.settings.get();
    let form = desk.choices.get_untracked().form;
    let (locale, unit) = (settings.locale, settings.units.altitude_unit());
    let mut html = String::from("<div class=\"field-pair\">");
    for (name, label) in ENDS {
        let label = format!("{} <span class=\"unit\">{unit}</span>", label.of(locale));
        html.push_str(&field(name, &label, "", &end(desk, &form.draft, name), "inputmode=\"numeric\"", ""));
    }
    html.push_str(&format!(
        "</div><fieldset class=\"segmented\"><legend>{}</legend><div class=\"segments\">",
        Text::Where.of(locale)
    ));
    for (place, text) in PLACES {
        let (value, words) = (place.name(), text.of(locale));
        let checked = if form.draft.place == place { "checked" } else { "" };
        html.push_str(&format!("<label class=\"segment\"><input type=\"radio\" name=\"filterGround\" data-act=\"type:filterGround\" value=\"{value}\" {checked}><span>{words}</span></label>"));
    }
    html.push_str("</div></fieldset>");
    for (index, word) in WORDS.iter().enumerate() {
        let wrong = form.errors[index].as_ref().map(|words| Text::BadPattern.of(locale).replace("{}", words));
        let (pattern, wrong) = (&form.draft.patterns[index], wrong.unwrap_or_default());
        html.push_str(&field(word.name, word.label.of(locale), word.example, pattern, "", &wrong));
    }
    let clear = button("class=\"button\"", &said(Action::ClearFilters), Text::ClearFilters.of(locale), None);
    let link =
        button("class=\"button\"", &said(Action::CopyLink), Text::CopyLink.of(locale), Some(Icon::Link));
    html.push_str(&format!(
        "<p class=\"hint\">{}</p><div class=\"panel-foot\">{link}{clear}</div>",
        Text::PatternHint.of(locale)
    ));
    html
}

fn field(name: &str, label: &str, example: &str, value: &str, more: &str, wrong: &str) -> String {
    let (value, wrong) = (escaped(value), escaped(wrong));
    let invalid = if wrong.is_empty() { "false" } else { "true" };
    format!(
        "<div class=\"field\"><label for=\"{name}\">{label}</label>\
         <input id=\"{name}\" data-act=\"type:{name}\" type=\"text\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\" \
         placeholder=\"{example}\" value=\"{value}\" aria-describedby=\"{name}-wrong\" aria-invalid=\"{invalid}\" {more}>\
         <p id=\"{name}-wrong\" class=\"field-error\" role=\"status\">{wrong}</p></div>"
    )
}

/// An end of the altitude band in the units of the screen.
fn end(desk: Desk, filter: &Filter, name: &str) -> String {
    let feet = if name == ENDS[0].0 { filter.low_ft } else { filter.high_ft };
    feet.map(|feet| ((feet as f64 * feet_factor(desk)).round() as i64).to_string()).unwrap_or_default()
}

fn feet_factor(desk: Desk) -> f64 {
    desk.settings.get_untracked().units.altitude_factor() * 0.3048
}
